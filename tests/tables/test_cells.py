"""What one column of the standard takes from a row, and how it is mended."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.errors import InputError
from coopgraph.tables.cells import LEFT_OUT, clean, clean_row, picker, positions
from coopgraph.tables.descriptor import ColumnSpec
from coopgraph.tables.values import BadValue

HEADER = ("a", "b", "c")


def picked(spec: ColumnSpec, *cells: str) -> list[str]:
    return picker(spec, HEADER, "t.csv")([*cells, *[""] * (3 - len(cells))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a   b ", "a b"),
        ("a\u00a0\u2003b", "a b"),
        ("a\tb", "a b"),
        ("Central House \r\n  Hermes Road\r\n", "Central House\nHermes Road"),
        ("a\n\n\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("e\u0301", "é"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_cells_are_trimmed_and_normalised(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.lists(st.text() | st.sampled_from([" a", "a ", "a  b", "a\0", "\x1c", "ok"])))
def test_a_row_is_cleaned_cell_by_cell(cells: list[str]) -> None:
    assert clean_row(cells) == tuple(map(clean, cells))


def test_the_first_column_that_is_not_blank_is_used() -> None:
    spec = ColumnSpec(columns=("a", "b"))
    assert picked(spec, "x", "y") == ["x"]
    assert picked(spec, "", "y") == ["y"]
    assert picked(spec) == []


def test_a_default_is_read_where_all_columns_are_blank() -> None:
    spec = ColumnSpec(columns=("a",), default="x; y", split=";")
    assert picked(spec, "z") == ["z"]
    assert picked(spec) == ["x", "y"]


def test_cells_are_joined_and_blank_ones_passed_over() -> None:
    spec = ColumnSpec(columns=("b", "a"), join=", ", blank=frozenset({"n/a"}), default="none")
    assert picked(spec, "12", "Mill Lane") == ["Mill Lane, 12"]
    assert picked(spec, "N/A", "Mill Lane") == ["Mill Lane"]
    assert picked(spec, "12", "") == ["12"]
    assert picked(spec, "n/a", "") == ["none"]
    assert picked(ColumnSpec(columns=("a", "b"), join=" "), "", "") == []


def test_joined_cells_are_mended_as_one() -> None:
    spec = ColumnSpec(columns=("a", "b"), join=";", split=";", case="title")
    assert picked(spec, "MILL LANE", "NEW ROAD;OLD ROAD") == ["Mill Lane", "New Road", "Old Road"]


def test_a_constant_needs_no_cell() -> None:
    assert picked(ColumnSpec(constant="k")) == ["k"]


def test_blank_texts_count_as_none_whatever_their_case() -> None:
    spec = ColumnSpec(columns=("a",), blank=frozenset({"n/a", "none"}))
    assert picked(spec, "N/A") == picked(spec, "None") == []
    assert picked(spec, "nonesuch") == ["nonesuch"]


def test_a_pattern_gives_its_group_or_all_of_its_match() -> None:
    assert picked(ColumnSpec(columns=("a",), pattern=re.compile(r"\d\d")), "x4711") == ["47"]
    assert picked(ColumnSpec(columns=("a",), pattern=re.compile(r"x(\d)")), "x4711") == ["4"]
    assert picked(ColumnSpec(columns=("a",), pattern=re.compile(r"y")), "x4711") == []


def test_a_group_that_took_no_part_counts_as_blank() -> None:
    spec = ColumnSpec(columns=("a",), pattern=re.compile("(x)|y"), remove=re.compile("z"))
    assert picked(spec, "y") == []


def test_what_is_removed_leaves_no_stray_separators() -> None:
    spec = ColumnSpec(columns=("a",), remove=re.compile(r"PO Box \d+"))
    assert picked(spec, "12 High St, PO Box 9") == ["12 High St"]
    assert picked(spec, "PO Box 9;") == []


def test_a_cell_is_mended_before_it_is_split() -> None:
    spec = ColumnSpec(
        columns=("a",), remove=re.compile(r"\(.*?\)"), pattern=re.compile(r"list: (.*)"),
        case="title", split=";",
    )  # fmt: skip
    assert picked(spec, "list: NORTH (old); SOUTH ;; ") == ["North", "South"]


def test_values_translate_whatever_their_case() -> None:
    spec = ColumnSpec(columns=("a",), values={"live": "active", "dead": "closed"}, split=",")
    assert picked(spec, "LIVE,Dead") == ["active", "closed"]


def test_a_value_that_is_translated_to_nothing_leaves_out() -> None:
    spec = ColumnSpec(columns=("a",), values={"unknown": None})
    assert picked(spec, "Unknown") is LEFT_OUT


def test_other_values_become_the_value_for_others() -> None:
    assert picked(ColumnSpec(columns=("a",), values={}, otherwise="other"), "x") == ["other"]


def test_a_value_nobody_translated_is_bad() -> None:
    with pytest.raises(BadValue, match="“x”"):
        picked(ColumnSpec(columns=("a",), values={"y": "z"}), "x")


def test_control_characters_are_bad() -> None:
    with pytest.raises(BadValue, match=r"U\+0007"):
        picked(ColumnSpec(columns=("a",)), "x\x07")


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        positions(["nmae"], ["id", "name"], "t.csv")
    assert "“nmae”" in str(caught.value)
    assert "there is “name”" in str(caught.value)
    assert caught.value.source == "t.csv"
    with pytest.raises(InputError, match="it has id, name"):
        positions(["zzz"], ["id", "name"], "t.csv")
