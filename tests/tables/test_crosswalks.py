"""Columns that hold codes of another scheme: what a descriptor may say, and what a cell becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode

from coopgraph.errors import DescriptorError
from coopgraph.namespaces import CODE, iri
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import parse_descriptor
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.reading import Row
from coopgraph.tables.records import Record
from tests.tables.conftest import ABOUT


def record(standard: Standard, cell: str, column: str = "activity", **spec: Any) -> Record:
    """The record of a row whose only column is ``Code``."""
    columns = {column: {"column": "Code", **spec}}
    tables = {"organisations": {"file": "o.csv", "columns": columns}}
    text = yaml.safe_dump({**ABOUT, "tables": tables})
    descriptor = parse_descriptor(text, Path("list"), standard)
    mapper = compile_table(descriptor, descriptor.main, standard, ["Code"], "o.csv")
    return mapper.record(Row(2, (cell,)))


def codes(found: Record, path: str = "coop:activity") -> list[str]:
    return [
        triple.object.value.removeprefix(CODE)
        for triple in found.triples
        if triple.predicate == iri(path) and isinstance(triple.object, NamedNode)
    ]


@pytest.mark.parametrize(
    ("cell", "spec", "expected"),
    [
        ("4711", {"crosswalk": "uk-sic-2007"}, ["47"]),
        ("UKSIC07-4711", {"crosswalk": "uk-sic-2007", "pattern": r"(\d+)$"}, ["47"]),
        ("47.11; 10.71", {"crosswalk": "nace-2", "split": ";"}, ["47", "10"]),
        ("445110", {"crosswalk": "naics-2022"}, ["47"]),
        ("Retail", {"crosswalk": "ica"}, ["47"]),
        # What “values” names goes first, and what neither knows is “otherwise”.
        ("221310", {"crosswalk": "naics-2022", "values": {"221310": "37"}}, ["37"]),
        ("none", {"crosswalk": "naics-2022", "values": {"None": None}}, []),
        ("2219", {"crosswalk": "naics-2022", "otherwise": "D"}, ["D"]),
        ("0000", {"crosswalk": "uk-sic-2007", "otherwise": "S"}, ["S"]),
        ("n/a", {"crosswalk": "uk-sic-2007", "blank": "n/a"}, []),
        ("", {"crosswalk": "uk-sic-2007"}, []),
    ],
)
def test_a_foreign_code_becomes_ours(
    standard: Standard, cell: str, spec: dict[str, Any], expected: list[str]
) -> None:
    found = record(standard, cell, **spec)
    assert found.findings == ()
    assert codes(found) == [f"activity/{notation}" for notation in expected]


def test_an_unknown_code_is_reported_with_its_scheme(standard: Standard) -> None:
    [finding] = record(standard, "3400", crosswalk="uk-sic-2007").findings
    assert (finding.column, finding.value) == ("Code", "3400")
    assert "“3400”" in finding.message
    assert "“uk-sic-2007” (UK SIC 2007 to ISIC Revision 4)" in finding.message


def test_a_code_that_covers_several_of_ours_is_reported_as_such(standard: Standard) -> None:
    [finding] = record(standard, "2219", crosswalk="naics-2022").findings
    assert "“naics-2022”" in finding.message
    assert "give a finer code" in finding.message


def test_one_crosswalk_may_lead_to_several_lists(standard: Standard) -> None:
    spec = {"crosswalk": "essglobal-structure"}
    assert codes(record(standard, "OS60", "kind", **spec), "coop:kind") == [
        "organisation-kind/cooperative"
    ]
    members = record(standard, "OS60", "membership_type", **spec)
    assert codes(members, "coop:membershipType") == ["membership-type/worker"]


@pytest.mark.parametrize(
    ("column", "crosswalk", "known"),
    [
        ("activity", "uk-sic-2003", "nace-2"),
        ("activity", "essglobal-bmt", "uk-sic-2007"),
        ("membership_type", "nace-2", "essglobal-bmt"),
        ("name", "nace-2", "none"),
    ],
)
def test_a_crosswalk_must_lead_to_the_codes_of_its_column(
    standard: Standard, column: str, crosswalk: str, known: str
) -> None:
    with pytest.raises(DescriptorError, match=known) as caught:
        record(standard, "1", column, crosswalk=crosswalk)
    assert caught.value.where == f"tables.organisations.columns.{column}.crosswalk"


@pytest.mark.parametrize("cell", ["62 Main Street", "31-33", "1950 employees", "62x"])
def test_what_only_begins_like_a_code_is_reported(standard: Standard, cell: str) -> None:
    found = record(standard, cell, crosswalk="uk-sic-2007")
    assert codes(found) == []
    [finding] = found.findings
    assert "uk-sic-2007" in finding.message


def test_a_value_that_means_nothing_takes_no_other_with_it(standard: Standard) -> None:
    spec = {"split": ";", "crosswalk": "uk-sic-2007", "values": {"none": None}}
    assert codes(record(standard, "10110;none", **spec)) == ["activity/10"]
    assert codes(record(standard, "none", **spec)) == []
