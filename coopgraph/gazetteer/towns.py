"""The gazetteer: towns that are the only ones of their name in a country, or in a state of the
United States. ``deploy/gazetteer.py`` makes it of GeoNames (CC BY 4.0); it is read at the first
question.
"""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from coopgraph.gazetteer.names import plain_name

_BY_STATE = {"US"}  # countries whose towns are known by their subdivision


class TownPoint(NamedTuple):
    """The middle of a town in WGS 84, in thousandths of a degree."""

    latitude: int
    longitude: int


def town_point(town: str, country: str, region: str = "") -> TownPoint | None:
    """Where a town is; None where it is not known, or may be one of several.

    >>> town_point("KÖLN", "DE"), town_point("Cambridge", "US", "US-MA")
    (TownPoint(latitude=50933, longitude=6950), TownPoint(latitude=42375, longitude=-71106))
    >>> town_point("Springfield", "US"), town_point("Newport", "GB")
    (None, None)
    """
    found = _towns().get(region if country in _BY_STATE else country, {}).get(plain_name(town))
    return TownPoint(*found) if found else None


@lru_cache(1)
def digest() -> str:
    """What changes with any byte of the gazetteer."""
    return sha256(_content()).hexdigest()[:16]


@lru_cache(1)
def _towns() -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = json.loads(zlib.decompress(_content()))
    return found


def _content() -> bytes:
    return files("coopgraph.gazetteer").joinpath("data", "towns.json.zlib").read_bytes()
