"""Make the base map that maps of answers lie on, from two published atlases.

In: the TopoJSON files of ``world-atlas`` (Natural Earth, 1:50m) and ``us-atlas`` (US Census
Bureau). Out: one TopoJSON document of five objects: land, borders between countries, borders
between US states, and the names of both, each at its place. Borders are written once, not once
for each neighbour. Polygons are cut where they cross the antimeridian, as RFC 7946, section 3.1.9,
wants it. Specification: https://github.com/topojson/topojson-specification.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import cos, radians
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Line = Sequence[Point]
# Square degrees, at the equator: what bends less than this, or is smaller, is left out.
LEAST_BEND = 0.002
LEAST_ISLAND = 0.01
_STEPS = 100  # to a degree: about a kilometre
_SCAN_LINES = 24
_WORLD = 360.0


@dataclass(frozen=True)
class Topology:
    """A TopoJSON file: shared arcs, already simplified, and the shapes made of them."""

    arcs: Sequence[Line]
    objects: dict[str, Any]

    def lines(self, numbers: Iterable[int]) -> list[Point]:
        """Arcs joined to one line; ``~n`` is arc n backwards."""
        points: list[Point] = []
        for number in numbers:
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            points.extend(arc if not points else arc[1:])
        return points

    def rings(self, shape: dict[str, Any]) -> Iterator[list[Point]]:
        """Every ring of a shape, holes among them."""
        for polygon in _polygons(shape):
            for ring in polygon:
                yield self.lines(ring)

    def borders(self, name: str) -> list[Line]:
        """The arcs that two shapes of an object share."""
        users = Counter(
            arc
            for shape in self.objects[name]["geometries"]
            for arc in {n if n >= 0 else ~n for p in _polygons(shape) for ring in p for n in ring}
        )
        return [self.arcs[arc] for arc, count in sorted(users.items()) if count > 1]


def read_topology(path: Path, least_bend: float = LEAST_BEND) -> Topology:
    """A TopoJSON file with its arcs decoded and simplified."""
    document = json.loads(path.read_text(encoding="utf-8"))
    scale, offset = document["transform"]["scale"], document["transform"]["translate"]
    arcs = []
    for deltas in document["arcs"]:
        x = y = 0
        points = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + offset[0], y * scale[1] + offset[1]))
        arcs.append(simplified(unrolled(points), least_bend))
    return Topology(arcs, document["objects"])


def _polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    """The polygons of a shape, each as rings, each as numbers of arcs."""
    if shape["type"] == "GeometryCollection":
        return [polygon for part in shape["geometries"] for polygon in _polygons(part)]
    arcs = shape.get("arcs", [])
    return [arcs] if shape["type"] == "Polygon" else list(arcs)


def unrolled(points: Line) -> list[Point]:
    """The line without jumps: longitudes may leave ±180 but never leap across the world.

    >>> unrolled([(179.0, 0.0), (-179.0, 1.0)])
    [(179.0, 0.0), (181.0, 1.0)]
    """
    found: list[Point] = []
    for lon, lat in points:
        last = found[-1][0] if found else lon
        found.append((lon + _WORLD * round((last - lon) / _WORLD), lat))
    return found


def simplified(points: Line, least: float) -> list[Point]:
    """The line without the points whose triangle with their neighbours is smaller than ``least``
    square degrees (Visvalingam and Whyatt, 1993), its ends kept.
    """
    before, after = list(range(-1, len(points) - 1)), list(range(1, len(points) + 1))
    inner = range(1, len(points) - 1)
    area = {at: _area((points[at - 1], points[at], points[at + 1])) for at in inner}
    queue = [(size, at) for at, size in area.items()]
    heapify(queue)
    gone = set()
    while queue:
        size, at = heappop(queue)
        if size >= least:
            break
        if at in gone or area[at] != size:
            continue
        gone.add(at)
        left, right = before[at], after[at]
        after[left], before[right] = right, left
        for near in (left, right):
            if 0 < near < len(points) - 1:
                triangle = (points[before[near]], points[near], points[after[near]])
                area[near] = max(size, _area(triangle))
                heappush(queue, (area[near], near))
    return [point for at, point in enumerate(points) if at not in gone]


def _area(ring: Line) -> float:
    """Square degrees inside a ring, as they are at the equator."""
    total = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    middle = sum(lat for _, lat in ring) / len(ring)
    return abs(total) / 2 * max(cos(radians(middle)), 0.01)


def cut(ring: Line) -> list[list[Point]]:
    """A ring as rings that stay within ±180; one around a pole is closed along it."""
    whole = unrolled(ring)
    if abs(whole[-1][0] - whole[0][0]) > _WORLD / 2:
        pole = -90.0 if sum(lat for _, lat in whole) < 0 else 90.0
        whole = [*whole, (whole[-1][0], pole), (whole[0][0], pole)]
    parts = []
    for turn in (-1, 0, 1):
        moved = [(lon + turn * _WORLD, lat) for lon, lat in whole]
        part = _side(_side(moved, lambda lon: lon <= 180.0, 180.0), lambda lon: lon >= -180, -180.0)
        if len({lon for lon, _ in part}) > 1:  # more than a touch of the edge
            parts.append(part)
    return parts


def _side(ring: Line, keeps: Callable[[float], bool], edge: float) -> list[Point]:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman, 1974)."""
    found: list[Point] = []
    for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if keeps(a[0]):
            found.append(a)
        if keeps(a[0]) != keeps(b[0]):
            share = (edge - a[0]) / (b[0] - a[0])
            found.append((edge, a[1] + share * (b[1] - a[1])))
    return found


def name_place(rings: Iterable[Line]) -> tuple[Point, float]:
    """Where a name stands best in a shape, and how many degrees of longitude it may fill: the
    middle of the widest stretch of land in the largest ring, away from its ends.
    """
    ring = max(rings, key=_area)
    whole = unrolled(ring)
    low, high = min(lat for _, lat in whole), max(lat for _, lat in whole)
    best = ((whole[0][0], whole[0][1]), 0.0, -1.0)
    for step in range(1, _SCAN_LINES):
        share = step / _SCAN_LINES
        lat = low + (high - low) * share
        crossings = sorted(_crossings(whole, lat))
        for west, east in zip(crossings[::2], crossings[1::2], strict=False):
            worth = (east - west) * cos(radians(lat)) * (share * (1 - share)) ** 0.5
            if worth > best[2]:
                best = (((west + east) / 2, lat), east - west, worth)
    (lon, lat), width, _ = best
    return ((lon + 180) % _WORLD - 180, lat), width


def _crossings(ring: Line, lat: float) -> Iterator[float]:
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (a[1] > lat) != (b[1] > lat):
            yield a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0])


# What is written ------------------------------------------------------------------------------


def outlines(countries: Topology, states: Topology) -> dict[str, Any]:
    """The base map as TopoJSON in hundredths of a degree."""
    arcs: list[list[list[int]]] = []
    land = [
        [[_arc(arcs, [*part, part[0]])]]
        for ring in countries.rings(countries.objects["land"])
        for part in cut(ring)
        if _area(part) >= LEAST_ISLAND
    ]
    return {
        "type": "Topology",
        "transform": {"scale": [1 / _STEPS, 1 / _STEPS], "translate": [0, 0]},
        "objects": {
            "land": {"type": "MultiPolygon", "arcs": land},
            "countries": _lines(arcs, countries.borders("countries")),
            "states": _lines(arcs, states.borders("states")),
            "countryNames": _names(countries, "countries"),
            "stateNames": _names(states, "states"),
        },
        "arcs": arcs,
    }


def _lines(arcs: list[list[list[int]]], lines: Iterable[Line]) -> dict[str, Any]:
    return {"type": "MultiLineString", "arcs": [[_arc(arcs, _within(line))] for line in lines]}


def _within(line: Line) -> Line:
    """A line moved to within ±180; no border on land crosses the antimeridian."""
    turn = round(sum(lon for lon, _ in line) / len(line) / _WORLD) * _WORLD
    return [(lon - turn, lat) for lon, lat in line]


def _names(topology: Topology, name: str) -> dict[str, Any]:
    """Points with a name, and the width in degrees that it may fill."""
    return {
        "type": "GeometryCollection",
        "geometries": [
            {
                "type": "Point",
                "coordinates": [_step(lon), _step(lat)],
                "properties": {"name": shape["properties"]["name"], "width": round(width, 1)},
            }
            for shape in topology.objects[name]["geometries"]
            if (rings := list(topology.rings(shape)))
            for (lon, lat), width in [name_place(rings)]
        ],
    }


def _arc(arcs: list[list[list[int]]], line: Line) -> int:
    """Put a line among the arcs, each point as its step from the one before; its number."""
    points = [(_step(lon), _step(lat)) for lon, lat in line]
    kept = [b for a, b in zip([None, *points], points, strict=False) if a != b]
    before = [(0, 0), *kept]
    arcs.append([[x - u, y - v] for (u, v), (x, y) in zip(before, kept, strict=False)])
    return len(arcs) - 1


def _step(degrees: float) -> int:
    return round(degrees * _STEPS)
