"""Near-duplicates: what looks like one organisation, and what does not."""

from __future__ import annotations

import pytest

from coopgraph.checking.likeness import plain_name

HEAD = "id,name,kind,country,region,postal_code,locality,registration_scheme,registration_number\n"
FIRST = "1,The Bakers' Co-operative Ltd,mutual,GB,,LS1 4AP,Leeds,GB-COH,01234567\n"


def near(checked, *rows: str) -> list[int]:
    report = checked(HEAD + FIRST + "".join(f"{row}\n" for row in rows))
    assert report.conforms()
    found = [group for group in report.groups if group.kind == "near-duplicate"]
    return [row for group in found for row in group.first_rows]


@pytest.mark.parametrize(
    "row",
    [
        "2,BAKERS COOPERATIVE LIMITED,mutual,GB,,,leeds,,",
        "2,Bakers’ Coop,mutual,GB,,LS14AP,,,",
        "2,Bakkers Co-operative,mutual,GB,,LS1 4AP,,,",
        "2,Something else,mutual,GB,,,Hull,GB-COH,01234567",
    ],
)
def test_what_looks_like_an_earlier_row_is_told(row: str, checked) -> None:
    assert near(checked, "9,Weavers,mutual,GB,,LS1 4AP,Leeds,GB-COH,07654321", row) == [4]


@pytest.mark.parametrize(
    "row",
    [
        "2,The Bakers' Co-operative Ltd,mutual,GB,,,Hull,,",
        "2,The Bakers' Co-operative Ltd,mutual,US,US-MA,,Leeds,,",
        "2,The Bakers' Co-operative Ltd,mutual,GB,,,,,",
        "2,The Bankers of Leeds,mutual,GB,,LS1 4AP,Leeds,,",
        "2,The Bakers' Co-operative 2 Ltd,mutual,GB,,LS1 4AP,Leeds,,",
        "2,Something else,mutual,GB,,,Leeds,GB-MPR,01234567",
    ],
)
def test_others_are_not(row: str, checked) -> None:
    assert near(checked, row) == []


def test_the_message_names_the_earlier_row_and_why(checked) -> None:
    report = checked(HEAD + FIRST + "2,Bakers Coop,mutual,GB,,,Leeds,,\n")
    [group] = [group for group in report.groups if group.kind == "near-duplicate"]
    assert (group.severity, group.column, group.places[0].value) == (
        "warning",
        "name",
        "Bakers Coop",
    )
    assert "looks like row 2, whose name and place are the same: “Leeds”" in group.places[0].message


def test_a_name_of_nothing_but_forms_keeps_its_words() -> None:
    assert plain_name("S.A. & Co.") != ""
    assert plain_name("") == ""
