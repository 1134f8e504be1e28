"""ZIP codes beside states and towns: what does not fit, and what is offered."""

from __future__ import annotations

import pytest

from coopgraph.checking.zip_codes import place_of

HEAD = "id,name,kind,country,region,locality,postal_code"
KINDS = {"postal-code-elsewhere", "place-of-postal-code"}


def found(report) -> list[tuple[str, str, str, str]]:
    return [
        (group.kind, group.severity, group.column, place.mend)
        for group in report.groups
        for place in group.places
        if group.kind in KINDS
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("US,US-NH,Cambridge,02139", [("postal-code-elsewhere", "warning", "postal_code", "")]),
        (",US-KS,Dallas,75201-1234", [("postal-code-elsewhere", "warning", "postal_code", "")]),
        ("US,,Cambridge,02139", [("place-of-postal-code", "hint", "region", "US-MA")]),
        ("US,US-MA,,02139", [("place-of-postal-code", "hint", "locality", "Cambridge")]),
    ],
)
def test_what_a_zip_code_tells(row: str, expected: list[tuple[str, ...]], checked) -> None:
    assert found(checked(f"{HEAD}\n1,A,mutual,{row}\n")) == expected


@pytest.mark.parametrize(
    "row",
    [
        "US,US-MA,Somewhere,02139", "US,US-PR,San Juan,00901", "DE,,,10117", "US,,,00000",
        "US,US-NY,APO,09009", "US,,,", ",,,02139", "US,US-MA,Cambridge,2139",
    ],
)  # fmt: skip
def test_what_fits_or_is_not_known_is_left_alone(row: str, checked) -> None:
    assert found(checked(f"{HEAD}\n1,A,mutual,{row}\n")) == []


def test_both_states_are_named(checked) -> None:
    [group] = checked(f"{HEAD}\n1,A,mutual,US,US-NH,Cambridge,02139\n").groups
    assert "is that of Cambridge in US-MA, and the row says US-NH" in group.places[0].message


def test_no_mend_where_the_mapping_has_words_of_its_own(checked) -> None:
    mapping = """
key: Nr
columns: {name: Name, kind: {value: mutual}, country: {value: US}, postal_code: Zip,
  region: {column: State, values: {Mass: US-MA}}}
"""
    report = checked("Nr,Name,Zip,State\n1,A,02139,\n", mapping=mapping)
    assert found(report) == [("place-of-postal-code", "hint", "State", "")]


def test_nothing_is_asked_for_that_has_no_column(checked) -> None:
    assert found(checked("id,name,kind,country,postal_code\n1,A,mutual,US,02139\n")) == []


@pytest.mark.parametrize("code", ["02139x", "", "٠٢١٣٩", "99999"])
def test_what_is_no_zip_code_is_nowhere(code: str) -> None:
    assert place_of(code) is None
