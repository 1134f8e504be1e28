"""Checked records: what is wrong stands at the very cell."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "id,name,kind,country,postal_code,locality,latitude,longitude,registration_scheme,registration_number,registration_scheme_2,registration_number_2,member_of"


def findings(report: Any) -> list[tuple[str, str, int, str]]:
    """Severity, column, row and value of everything that was listed."""
    return sorted(
        (group.severity, group.column, place.row, place.value)
        for group in report.groups
        for place in group.places
    )


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("1,A,mutual,US,62521=4021", "postal_code", "62521=4021"),
        ("1,A,mutual,US,,,91", "latitude", "91"),
        ("1,A,mutual,US,,,9,", "longitude", ""),
        ("1,A,mutual,US,,,,,GB-COH," + "1" * 61, "registration_number", "1" * 61),
        ("1,A,mutual,US,,,,,GB-COH,1,GB-CHC," + "2" * 61, "registration_number_2", "2" * 61),
        ("1,A,mutual,US,,,,,GB-COH,1,,2", "registration_scheme_2", ""),
        ("1,,mutual,US", "name", ""),
        ("1,A,mutual,US,,,,,,,,,9", "member_of", "9"),
    ],
)
def test_a_broken_shape_is_told_at_its_cell(row: str, column: str, value: str, checked) -> None:
    report = checked(f"{HEAD}\n{row}\n")
    assert ("error", column, 2, value) in findings(report)
    assert {place for _, place, *_ in findings(report)} <= {column, "longitude"}


def test_the_column_is_the_sources_own(checked) -> None:
    mapping = """
key: Nr
columns:
  name: {column: [Trading as, Registered as]}
  kind: {value: mutual}
  postal_code: PLZ
  alternate_name: Short
  alternate_name_2: Long
"""
    long = "x" * 301
    report = checked(
        f"Nr,Trading as,Registered as,PLZ,Short,Long\n1,,{long},?,a,{long}\n", mapping=mapping
    )
    assert findings(report) == [
        ("error", "Long", 2, long[:300]),
        ("error", "PLZ", 2, "?"),
        ("error", "Registered as", 2, long[:300]),
    ]


def test_every_fault_of_a_row_is_told_at_once(checked) -> None:
    report = checked("id,name,kind,founded\n1,,mutual,soon\n")
    assert [column for _, column, *_ in findings(report)] == ["founded", "name"]


def test_a_value_that_is_none_is_not_told_to_be_missing_as_well(checked) -> None:
    report = checked("id,name,kind\n1,A,pony\n")
    assert findings(report) == [("error", "kind", 2, "pony")]


def test_a_row_with_cells_too_many_is_told_that_alone(checked) -> None:
    report = checked("id,name,kind\n1,,pony,,stray\n")
    assert [group.kind for group in report.groups] == ["surplus-cells", "code"]


def test_the_row_is_the_one_that_a_spreadsheet_shows(checked) -> None:
    report = checked('My list\n\nid,name,kind\n1,"A\nB",mutual\n\n2,,mutual\n')
    assert findings(report) == [("error", "name", 6, "")]


def test_keys_used_twice_and_references_within_the_file(checked) -> None:
    rows = "1,A,mutual,2\n2,B,mutual,3\n3,,mutual,\n4,D,mutual,us-directory/x\n4,E,mutual,\n5,F,mutual,\n5,F,mutual,"
    report = checked(f"id,name,kind,member_of\n{rows}\n")
    assert {(group.kind, group.rows) for group in report.groups} == {
        ("name.minCount", 1), ("reference-unpublished", 2), ("key-repeated", 1),
    }  # fmt: skip
    counts = report.files[0].counts
    assert (counts.read, counts.published, counts.duplicate, counts.quarantined) == (7, 2, 1, 4)


def test_children_without_their_organisation(checked, write_dataset) -> None:
    descriptor = """
title: A list
description: For one test.
publisher: {name: Nobody}
licence: unstated
tables:
  organisations: {file: o.csv, key: id}
  shops: {file: s.csv, entity: Site, key: shop, parent: owner}
  figures: {file: f.csv, entity: Site, key: shop, parent: owner}
"""
    files = {"o.csv": "id,name,kind\n1,A,mutual\n", "s.csv": "shop,owner,site_name\ns,1,S\nt,9,T\n"}
    report = checked(write_dataset("made-up", descriptor, files))
    [group] = report.groups
    assert (group.table, group.column, group.kind) == ("shops", "owner", "no-organisation")
    assert report.total("read") == 3
    assert any("“figures” was not checked" in note for note in report.notes)
