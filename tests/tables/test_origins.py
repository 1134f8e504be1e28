"""Where a record's triples come from: the column of a property of a node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import parse_descriptor
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.origins import Origins
from coopgraph.tables.reading import Row
from coopgraph.tables.records import OPEN_SELF, Record
from tests.tables.conftest import ABOUT

Mapped = Callable[..., tuple[Record, Origins]]


@pytest.fixture
def mapped(standard: Standard) -> Mapped:
    """``mapped(row, *tables)`` → its record in the last of the tables, and its origins."""

    def map_row(row: dict[str, str], *tables: dict[str, Any]) -> tuple[Record, Origins]:
        names = {f"table-{n}": {"file": "o.csv", **table} for n, table in enumerate(tables)}
        text = yaml.safe_dump({**ABOUT, "tables": names}, sort_keys=False)
        descriptor = parse_descriptor(text, Path("list"), standard)
        mapper = compile_table(descriptor, descriptor.tables[-1], standard, list(row), "o.csv")
        record = mapper.record(Row(2, tuple(row.values())))
        return record, mapper.origins(record.cells)

    return map_row


def node(record: Record, path: str) -> NamedNode:
    [found] = [t.object for t in record.triples if t.predicate == iri(path)]
    assert isinstance(found, NamedNode)
    return found


def test_a_property_fed_by_several_columns_is_found_by_its_value(mapped: Mapped) -> None:
    columns = {"alternate_name": "A", "alternate_name_2": "B", "name": "N"}
    record, origins = mapped({"N": "n", "A": "a", "B": "b"}, {"columns": columns})
    path = iri("skos:altLabel")
    found = {t.object.value: t.object for t in record.triples if t.predicate == path}
    assert origins.column(OPEN_SELF, path.value, found["b"]) == "B"
    assert origins.column(OPEN_SELF, path.value, found["a"]) == "A"
    assert origins.column(OPEN_SELF, path.value) == "A"


def test_the_first_column_that_is_not_blank_feeds(mapped: Mapped) -> None:
    columns = {"name": {"column": ["Trading as", "Registered"]}}
    row = {"Trading as": "", "Registered": "R"}
    _, origins = mapped(row, {"columns": columns})
    assert origins.column(OPEN_SELF, iri("skos:prefLabel").value) == "Registered"


def test_inner_nodes_have_columns_of_their_own(mapped: Mapped) -> None:
    row = {"name": "n", "registration_scheme": "GB-COH", "registration_number": "1",
           "registration_scheme_2": "GB-CHC", "registration_number_2": "2"}  # fmt: skip
    record, origins = mapped(row, {})
    path = iri("skos:notation")
    places = {
        t.object.value: origins.column(t.subject, path.value, t.object)
        for t in record.triples
        if t.predicate == path
    }
    assert places == {"1": "registration_number", "2": "registration_number_2"}


def test_what_is_missing_is_told_at_its_own_column_or_at_what_stands_beside(mapped: Mapped) -> None:
    longitude = iri("wgs:long").value
    record, origins = mapped({"name": "n", "latitude": "1", "longitude": ""}, {})
    assert origins.column(node(record, "geo:hasGeometry"), longitude) == "longitude"
    record, origins = mapped({"name": "n", "latitude": "1"}, {})
    assert origins.column(node(record, "geo:hasGeometry"), longitude) == "latitude"
    assert origins.column(OPEN_SELF, iri("coop:kind").value) == ""


def test_each_item_of_each_has_its_own_columns(mapped: Mapped) -> None:
    items = [{"measure": {"value": "members"}, "value": "Members"},
             {"measure": {"value": "employees"}, "value": "Staff"}]  # fmt: skip
    child = {
        "entity": "Observation",
        "key": ["o", "y"],
        "parent": "o",
        "columns": {"year": "y"},
        "each": items,
    }
    row = {"o": "1", "y": "2020", "Members": "5", "Staff": "7"}
    record, origins = mapped(row, {"key": "id"}, child)
    path = iri("qb:measureType").value
    values = [t for t in record.triples if t.object.value in ("5", "7")]
    assert {
        t.object.value: origins.column(t.subject, t.predicate.value, t.object) for t in values
    } == {"5": "Members", "7": "Staff"}
    assert {origins.column(t.subject, path) for t in values} == {"Members", "Staff"}


def test_an_inner_node_as_a_value_is_where_it_is_written(mapped: Mapped) -> None:
    record, origins = mapped(
        {"id": "1", "name": "n", "street": "", "locality": "Leeds"}, {"key": "id"}
    )
    address = node(record, "locn:address")
    assert origins.column(OPEN_SELF, iri("locn:address").value, address) == "locality"
