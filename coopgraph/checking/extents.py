"""Whether a point lies in a country, or near enough to it not to ask.

In: a country and a point in WGS 84. Out: yes, no, or that nothing is known of the country. What is
known is ``places/extents.json``, which ``deploy/extents.py`` makes of Natural Earth: the cells of a
grid that a country or its territories touch, widened by some 20 km. It is read at the first
question.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class _Extents(NamedTuple):
    """``steps`` to a degree. Of a country: its first row from the south pole on, and its rows, each
    as the lengths of what is out and what is in by turns from 180° west on.
    """

    steps: int
    countries: dict[str, tuple[int, list[list[int]]]]


def is_within(country: str, latitude: float, longitude: float) -> bool | None:
    """Whether a point is in a country (ISO 3166-1) or near it; None where nothing is known.

    >>> is_within("DE", 52.5, 13.4), is_within("DE", 13.4, 52.5), is_within("XX", 0, 0)
    (True, False, None)
    """
    known = _extents()
    if country not in known.countries:
        return None
    first, rows = known.countries[country]
    row = int((latitude + 90) * known.steps) - first
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= row < len(rows)):
        return False
    column = int((longitude + 180) * known.steps)
    end, is_in = 0, False
    for length in rows[row]:
        end += length
        if column < end:
            return is_in
        is_in = not is_in
    return False


@lru_cache(1)
def _extents() -> _Extents:
    text = files("coopgraph.checking").joinpath("places", "extents.json").read_bytes()
    return _Extents(**json.loads(text))
