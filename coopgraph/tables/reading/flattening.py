"""An object of JSON → the texts of its columns.

Objects within are flattened (``address.city``), lists of texts joined (``a;b``), objects in lists
numbered (``shops.1.city``). A feature of GeoJSON (RFC 7946) gives its properties and its point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coopgraph.errors import InputError

SEPARATOR = ";"
_DEEPEST = 64
_COORDINATES = ("latitude", "longitude")
_WGS84 = re.compile(r"CRS:?84$|EPSG:+4326$|OGC:[\d.]*:CRS84$")

Value = Any  # of JSON: text, Mapping, list, bool, None, Number


class Number(str):
    """A number as it is written."""


@dataclass(slots=True)
class Seen:
    """What was seen in all the rows."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    joined: list[tuple[int, str]] = field(default_factory=list)  # values with a semicolon in them
    shapes: list[tuple[int, str]] = field(default_factory=list)  # geometries that are no point


def object_columns(
    item: Mapping[str, Value], number: int, source: str, seen: Seen
) -> dict[str, str]:
    """The columns of an object and their texts. Raises InputError where two are called alike."""
    cells: dict[str, str] = {}

    def put(name: str, text: str) -> None:
        if name in cells:
            raise InputError(
                "two values of this name are in the object, one of them within another; rename "
                "one.",
                source=source,
                row=number,
                column=name,
            )
        cells[name] = text

    def flatten(name: str, value: Value, depth: int) -> None:
        if depth > _DEEPEST:
            raise InputError("it is nested too deeply.", source=source, row=number)
        if isinstance(value, dict):
            for key, inner in value.items():
                flatten(f"{name}.{key}" if name else key, inner, depth + 1)
        elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            for place_, part in enumerate(value, start=1):
                flatten(f"{name}.{place_}", part, depth + 1)
        elif isinstance(value, list):
            parts = [_text(part) for part in value]
            if any(SEPARATOR in part for part in parts):
                seen.joined.append((number, name))
            put(name, SEPARATOR.join(part for part in parts if part))
        else:
            put(name, _text(value))

    flatten("", item, 0)
    return cells


def feature_columns(
    item: Mapping[str, Value], number: int, source: str, seen: Seen
) -> dict[str, str]:
    """The columns of a feature of GeoJSON: its properties, its id, and where its point is."""
    cells = object_columns(item.get("properties") or {}, number, source, seen)
    if "id" in item and "id" not in cells:
        cells["id"] = _text(item["id"])
    for name, text in _point(item.get("geometry"), number, seen).items():
        cells[f"geometry.{name}" if name in cells else name] = text
    return cells


def _point(geometry: Value, number: int, seen: Seen) -> dict[str, str]:
    """The latitude and longitude of a point; nothing, and a word in ``seen``, for what is none."""
    if geometry is None:
        return {}
    kind = geometry.get("type") if isinstance(geometry, dict) else "value"
    found = geometry.get("coordinates") if kind == "Point" else None
    if isinstance(found, list) and len(found) in (2, 3):
        longitude, latitude = found[:2]
        if isinstance(longitude, Number) and isinstance(latitude, Number):
            return dict(zip(_COORDINATES, (latitude, longitude), strict=True))
    if found is None or found:  # an empty point says that there is none
        seen.shapes.append((number, str(kind)))
    return {}


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def check_reference_system(value: Mapping[str, Value], source: str) -> None:
    """Coordinates are those of WGS 84 (RFC 7946); older files may name another system."""
    system = value.get("crs")
    name = system.get("properties") if isinstance(system, dict) else None
    text = str(name.get("name", "")) if isinstance(name, dict) else ""
    if text and not _WGS84.search(text):
        raise InputError(
            f"its coordinates are in “{text}”; export it in WGS 84 (EPSG:4326).", source=source
        )
