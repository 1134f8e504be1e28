"""Points that are not where their organisation is.

In: a record. Out: warnings at the cells of the point: latitude and longitude exchanged, with the
mend where the point lies in its country only the other way round; points outside their country.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from coopgraph.checking.extents import is_within
from coopgraph.checking.whereabouts import country_of
from coopgraph.namespaces import iri
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.origins import Origins
from coopgraph.tables.records import Finding, Record

LATITUDE, LONGITUDE = iri("wgs:lat"), iri("wgs:long")


class _Point(NamedTuple):
    node: object
    latitude: Literal
    longitude: Literal


def of_coordinates(record: Record, mapper: Mapper) -> Iterator[Finding]:
    """What is wrong with where the points of a record lie."""
    country = country_of(record)
    for point in _points(record):
        latitude, longitude = float(point.latitude.value), float(point.longitude.value)
        is_exchangeable = abs(latitude) <= 180 and abs(longitude) <= 90
        if is_within(country, latitude, longitude):
            continue
        if is_exchangeable and is_within(country, longitude, latitude):
            yield from _exchanged(point, country, mapper.origins(record.cells))
        elif abs(latitude) > 90:
            if is_exchangeable:
                yield _looks_exchanged(point, mapper.origins(record.cells))
        elif abs(longitude) <= 180 and is_within(country, latitude, longitude) is False:
            yield from _outside(point, country, mapper.origins(record.cells))


def _points(record: Record) -> Iterator[_Point]:
    found: dict[object, dict[NamedNode, Literal]] = {}
    for triple in record.triples:
        if triple.predicate in (LATITUDE, LONGITUDE) and isinstance(triple.object, Literal):
            found.setdefault(triple.subject, {})[triple.predicate] = triple.object
    for node, values in found.items():
        if len(values) == 2:
            yield _Point(node, values[LATITUDE], values[LONGITUDE])


def _exchanged(point: _Point, country: str, origins: Origins) -> Iterator[Finding]:
    words = f"latitude and longitude are exchanged: the other way round the point lies in {country}"
    north, east = _columns(point, origins)
    cells = origins.cell(north), origins.cell(east)
    is_plain = north != east and all(map(_is_number, cells))
    mends = (cells[1], cells[0]) if is_plain else ("", "")
    for column, mend in dict(zip((north, east), mends, strict=True)).items():
        cell = origins.cell(column)
        yield Finding(words, column, cell, "warning", "coordinates-exchanged", mend)


def _looks_exchanged(point: _Point, origins: Origins) -> Finding:
    words = "latitude and longitude look exchanged: no latitude is above 90; look at a map"
    column = _columns(point, origins)[1]
    return Finding(words, column, origins.cell(column), "warning", "coordinates-exchanged")


def _outside(point: _Point, country: str, origins: Origins) -> Iterator[Finding]:
    place = f"{point.latitude.value}, {point.longitude.value}"
    words = f"the point {place} is not in the country {country}; correct the point, or the country"
    for column in dict.fromkeys(_columns(point, origins)):
        yield Finding(words, column, origins.cell(column), "warning", "outside-country")


def _columns(point: _Point, origins: Origins) -> tuple[str, str]:
    """The columns of latitude and longitude."""
    return (
        origins.column(point.node, LATITUDE.value, point.latitude),
        origins.column(point.node, LONGITUDE.value, point.longitude),
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
