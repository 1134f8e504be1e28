"""Organisations and their towns: which get a point, and what the point looks like."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pyoxigraph import RdfFormat, Triple, parse

from coopgraph.gazetteer import Places
from coopgraph.namespaces import CODE, iri
from coopgraph.rdf import sorted_lines
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import parse_descriptor
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.reading import Row
from coopgraph.tables.records import OPEN_SELF
from coopgraph.validation import Validator

PRECISION = iri("coop:precision")


def triples_of(standard: Standard, **row: str) -> list[Triple]:
    """What a row of the template says."""
    table = {"file": "o.csv", "key": "id"}
    about = {"title": "A", "description": "B", "publisher": {"name": "C"}, "licence": "CC0-1.0"}
    text = yaml.safe_dump({**about, "tables": {"organisations": table}})
    descriptor = parse_descriptor(text, Path("list"), standard)
    row = {"id": "1", "name": "A", "kind": "mutual", **row}
    mapper = compile_table(descriptor, descriptor.main, standard, list(row), "o.csv")
    return list(mapper.record(Row(2, tuple(row.values()))).triples)


def placed(standard: Standard, *said: list[Triple]) -> list[str]:
    """The point that some rows together lead to."""
    return Places(standard).points(OPEN_SELF, [line for row in said for line in sorted_lines(row)])


@pytest.mark.parametrize(
    "row",
    [
        {"country": "DE", "locality": "Köln"},
        {"region": "DE-NW", "locality": "Köln"},
        {"country": "US", "region": "US-MA", "locality": "Cambridge"},
    ],
)
def test_a_town_becomes_a_point_that_says_it_is_approximate(
    standard: Standard, validator: Validator, row: dict[str, str]
) -> None:
    said = triples_of(standard, **row)
    lines = placed(standard, said)
    [precision] = [line for line in lines if str(PRECISION) in line]
    assert precision.endswith(f" <{CODE}precision/locality> .")
    point = parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES)
    assert validator.validate([*said, *(quad.triple for quad in point)]) == []


def test_the_point_is_what_a_source_would_say(standard: Standard) -> None:
    said = triples_of(standard, country="DE", locality="Köln")
    lines = placed(standard, said)
    point = {"latitude": "50.933", "longitude": "6.95", "precision": "locality"}
    own = triples_of(standard, country="DE", locality="Köln", **point)
    assert sorted({*sorted_lines(said), *lines}) == sorted_lines(own)


@pytest.mark.parametrize(
    "row",
    [
        {"country": "DE", "locality": "Köln", "latitude": "50.9", "longitude": "6.9"},
        {"country": "US", "locality": "Springfield"},
        {"country": "DE"},
        {"locality": "Köln"},
        {"country": "DE", "locality": "Nirgendwo"},
    ],
)
def test_who_gets_no_point(standard: Standard, row: dict[str, str]) -> None:
    assert placed(standard, triples_of(standard, **row)) == []


def test_sources_that_disagree_about_the_town_place_nothing(standard: Standard) -> None:
    one = triples_of(standard, country="DE", locality="Köln")
    other = triples_of(standard, country="DE", locality="Berlin")
    assert placed(standard, one, other) == []
    abroad = triples_of(standard, country="AT", locality="Köln")
    assert placed(standard, one, abroad) == []
