"""Make the extents of countries by which a check tells whether a point lies in its country.

In: the TopoJSON file of ``world-atlas`` (Natural Earth, 1:10m). Out: for each country, the cells of
a grid of a tenth of a degree that it touches or that are within two cells of it, as runs along
each row. A country's extent holds those of its territories, and theirs hold its own; what several
claim is in the extent of each, for whose it is is not for a check to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, cos, floor, radians

import pycountry
from outlines import Line, Topology, cut

STEPS = 10  # to a degree
TOLERANCE = 2  # cells
_COLUMNS, _ROWS = 360 * STEPS, 180 * STEPS
_FULL = (1 << _COLUMNS) - 1
_SCAN_LINES = 4  # along each row
_LEFT_OUT = {"AQ"}

# Shapes without a code, and whose extents they are in.
_CLAIMED = {
    "Kosovo": "XK RS",
    "N. Cyprus": "CY",
    "Somaliland": "SO",
    "Siachen Glacier": "IN PK",
}
# Countries and the territories that registers give them, and countries that claim the same.
_TOGETHER = (
    "US PR GU VI AS MP UM", "GB IM JE GG GI", "FR GF GP MQ RE YT PF NC PM WF BL MF TF",
    "NL AW CW SX BQ", "DK FO GL", "NO SJ BV", "FI AX", "AU CX CC NF HM", "NZ CK NU TK",
    "CN HK MO", "CN TW", "MA EH", "IL PS", "RU UA", "RS XK",
)  # fmt: skip

Rows = dict[int, int]  # row from the south pole on → its cells, a bit each from 180° west on


def extents(countries: Topology) -> dict[str, object]:
    """The document: ``steps`` to a degree, and for each code its first row and its rows, each as
    the lengths of what is out and what is in by turns.
    """
    own = {code: widened(rows) for code, rows in _cells(countries).items()}
    found = {}
    for code, rows in sorted(own.items()):
        near = {other for group in _TOGETHER if code in group.split() for other in group.split()}
        # The territories of a country have nothing to do with each other.
        heads = {group.split()[0] for group in _TOGETHER if code in group.split()}
        whole = dict(rows)
        for other in sorted(near if code in heads else near & heads):
            _add(whole, own.get(other, {}))
        found[code] = _written(whole)
    return {"steps": STEPS, "countries": found}


def dumped(document: Mapping[str, object]) -> str:
    """The document as text."""
    return json.dumps(document, separators=(",", ":")) + "\n"


def _cells(countries: Topology) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for shape in countries.objects["countries"]["geometries"]:
        cells = rasterised(list(countries.rings(shape)))
        for code in _codes(shape):
            _add(found.setdefault(code, {}), cells)
    return found


def _codes(shape: Mapping[str, object]) -> Iterator[str]:
    properties = shape["properties"]
    assert isinstance(properties, dict)
    known = pycountry.countries.get(numeric=str(shape.get("id")).zfill(3))
    codes = [known.alpha_2] if known else _CLAIMED.get(properties["name"], "").split()
    yield from (code for code in codes if code not in _LEFT_OUT)


def rasterised(rings: Iterable[Line]) -> Rows:
    """The cells that rings enclose or that have a corner of one."""
    found: Rows = {}
    crossings: dict[int, list[float]] = {}
    for ring in rings:
        for lon, lat in ring:
            _add(found, {_row(lat): 1 << _column((lon + 180) % 360 - 180)})
        for part in cut(ring):
            for a, b in zip(part, [*part[1:], part[0]], strict=True):
                _cross(a, b, crossings)
    for line, places in crossings.items():
        places.sort()
        for west, east in zip(places[::2], places[1::2], strict=True):
            first, last = _column(west), _column(east)
            _add(found, {line // _SCAN_LINES: ((1 << (last - first + 1)) - 1) << first})
    return found


def _cross(a: tuple[float, float], b: tuple[float, float], found: dict[int, list[float]]) -> None:
    """Note where an edge crosses the scan lines, which lie between the edges of cells."""
    (_, low), (_, high) = sorted((a, b), key=lambda point: point[1])
    if low == high:
        return
    first = ceil((low + 90) * STEPS * _SCAN_LINES - 0.5)
    last = ceil((high + 90) * STEPS * _SCAN_LINES - 0.5)
    for line in range(first, last):
        lat = (line + 0.5) / (STEPS * _SCAN_LINES) - 90
        found.setdefault(line, []).append(a[0] + (b[0] - a[0]) * (lat - a[1]) / (b[1] - a[1]))


def widened(rows: Rows) -> Rows:
    """The cells and those within ``TOLERANCE`` of them, as far to the side as to the north."""
    found: Rows = {}
    for row, cells in rows.items():
        lat = (row + 0.5) / STEPS - 90
        side = round(TOLERANCE / max(cos(radians(lat)), 0.05))
        wide = cells
        for shift in range(1, side + 1):
            wide |= _turned(cells, shift) | _turned(cells, -shift)
        for near in range(row - TOLERANCE, row + TOLERANCE + 1):
            if 0 <= near < _ROWS:
                found[near] = found.get(near, 0) | wide
    return found


def _turned(cells: int, shift: int) -> int:
    """A row turned around the world."""
    shift %= _COLUMNS
    return (cells << shift | cells >> (_COLUMNS - shift)) & _FULL


def _add(rows: Rows, more: Rows) -> None:
    for row, cells in more.items():
        rows[row] = rows.get(row, 0) | cells


def _row(lat: float) -> int:
    return min(floor((lat + 90) * STEPS), _ROWS - 1)


def _column(lon: float) -> int:
    return min(max(floor((lon + 180) * STEPS), 0), _COLUMNS - 1)


def _written(rows: Rows) -> list[object]:
    first, last = min(rows), max(rows)
    return [first, [_runs(rows.get(row, 0)) for row in range(first, last + 1)]]


def _runs(cells: int) -> list[int]:
    """How many cells are out, in, out … from the west on.

    >>> _runs(0b0110011)
    [0, 2, 2, 2]
    """
    found, is_in = [], False
    while cells:
        rest = cells if not is_in else ~cells
        length = (rest & -rest).bit_length() - 1
        found.append(length)
        cells >>= length
        is_in = not is_in
    return found
