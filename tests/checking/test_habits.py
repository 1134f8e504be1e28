"""What spreadsheets do to values: what is noticed, and what is offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.checking.habits import _MISREAD
from coopgraph.checking.postal_codes import lost_zero

HEAD = "id,name,kind,country,region,postal_code,street,telephone,homepage,registration_scheme,registration_number,latitude,longitude"


@pytest.mark.parametrize(
    ("row", "kind", "severity", "column", "mend"),
    [
        ("1,A,mutual,US,,2139", "postal-code-zero", "warning", "postal_code", "02139"),
        ("1,A,mutual,,US-MA,2139-0001", "postal-code-zero", "warning", "postal_code", "02139-0001"),
        ("1,A,mutual,US,,601", "postal-code-short", "warning", "postal_code", ""),
        ("1,A,mutual,US,,,12.0", "number-tail", "warning", "street", "12"),
        ("1.0,A,mutual,US", "number-tail", "warning", "id", "1"),
        ("1,A,mutual,US,,,,,,GB-COH,7.01E+06", "exponent", "warning", "registration_number", ""),
        ("1,CafÃ©,mutual,US", "misread-letters", "warning", "name", "Café"),
        ("1,Itâ€™s,mutual,US", "misread-letters", "warning", "name", "It’s"),
        (
            "1,A,mutual,US,,,,,a.example",
            "address-without-scheme",
            "hint",
            "homepage",
            "http://a.example",
        ),
        ("1, A,mutual,US", "spaces", "hint", "name", "A"),
    ],
)
def test_what_is_noticed(
    row: str, kind: str, severity: str, column: str, mend: str, checked
) -> None:
    report = checked(f"{HEAD}\n{row}\n")
    [group] = [group for group in report.groups if group.kind == kind]
    assert (group.severity, group.column, group.places[0].mend) == (severity, column, mend)


@pytest.mark.parametrize(
    "row",
    [
        "1,A,mutual,US,US-MA,02139,12 Main St,+1 413 555 0100,https://a.example",
        "1,A,mutual,CH,,8000", "1,A,mutual,GB,,LS1 4AP", "1,A,mutual,,,2139",
        "1,Île-de-France Ça,mutual,US", "1,A,mutual,US,,,Version 2.1", "1,A,mutual,AU,,2000,,,,,,-33.9,151.2",
    ],
)  # fmt: skip
def test_what_is_sound_is_left_alone(row: str, checked) -> None:
    assert checked(f"{HEAD}\n{row}\n").groups == ()


def test_a_line_break_within_a_cell_is_no_space(checked) -> None:
    report = checked(f'{HEAD}\n1,A,mutual,US,,,"Mill\nLane 4"\n')
    assert report.groups == ()


def test_a_postal_code_that_a_mapping_takes_from_a_longer_text_gets_no_mend(checked) -> None:
    mapping = """
key: Nr
columns: {name: Name, kind: {value: mutual}, country: {value: US},
  postal_code: {column: Town, pattern: '\\d+'}}
"""
    [group] = checked("Nr,Name,Town\n1,A,Boston 2139\n", mapping=mapping).groups
    assert (group.kind, group.column, group.mendable) == ("postal-code-zero", "Town", 0)


@given(st.integers(0, 99_999))
def test_a_code_that_was_taken_for_a_number_is_mended_or_told(number: int) -> None:
    code = f"{number:05}"
    found = lost_zero(str(number), "DE")
    assert lost_zero(code, "DE") is None
    if code[0] != "0":
        assert found is None
    elif code[1] != "0":
        assert found == code
    else:
        assert found == ""


@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x17F), min_size=1))
def test_letters_read_in_the_wrong_encoding_are_noticed_and_mended(text: str) -> None:
    try:
        misread = text.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return
    if text.encode("utf-8")[0] in (0xC2, 0xC3):
        assert _MISREAD.search(misread)
    assert misread.encode("cp1252").decode("utf-8") == text
