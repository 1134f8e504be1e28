"""The exception tree: drawn in its docstring, with an exit code for each leaf."""

from __future__ import annotations

import re

import pytest

from coopgraph import errors
from coopgraph.errors import (
    CoopgraphError,
    DescriptorError,
    InputError,
    QueryRefused,
    ShapeError,
    TooManyRemovals,
    UnknownThing,
)

TREE = re.compile(r"^    [│├└─ ]*(\w+)(?:.*\(exit (\d))?", re.MULTILINE)
CLASSES = {
    name: item
    for name, item in vars(errors).items()
    if isinstance(item, type) and issubclass(item, CoopgraphError)
}


def drawn() -> dict[str, str]:
    return {name: code for name, code in TREE.findall(errors.__doc__ or "") if name in CLASSES}


def test_every_error_is_drawn_in_the_tree() -> None:
    assert len(CLASSES) > 10
    assert set(drawn()) == set(CLASSES)


def test_the_tree_gives_the_exit_codes() -> None:
    given = {name: int(code) for name, code in drawn().items() if code}
    assert len(given) > 7
    assert given == {name: CLASSES[name].exit_code for name in given}


def test_no_error_is_of_two_minds() -> None:
    assert {item.exit_code for item in CLASSES.values()} == {1, 2, 3}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InputError("is empty.", source="a.csv"), "a.csv: is empty."),
        (InputError("is bad.", source="a.csv", row=3), "a.csv, row 3: is bad."),
        (
            InputError("is bad.", source="a.csv", row=3, column="name"),
            "a.csv, row 3, column “name”: is bad.",
        ),
        (DescriptorError("no.", source="x/dataset.yaml"), "x/dataset.yaml: no."),
        (
            DescriptorError("no.", source="x/dataset.yaml", where="tables.a"),
            "x/dataset.yaml, at tables.a: no.",
        ),
        (QueryRefused("no.", line=4), "line 4: no."),
        (QueryRefused("no."), "no."),
        (ShapeError("no.", shape="a"), "a: no."),
    ],
)
def test_an_error_says_where(error: CoopgraphError, text: str) -> None:
    assert str(error) == text


def test_errors_carry_data_and_not_only_text() -> None:
    removals = TooManyRemovals(dataset="ncua", gone=1200, held=4374)
    assert (removals.dataset, removals.gone, removals.held) == ("ncua", 1200, 4374)
    assert "1,200 of 4,374" in str(removals)
    assert "--allow-removals" in str(removals)
    assert UnknownThing("No.", suggestion="x").suggestion == "x"
    bad = InputError("no.", source="a.csv", row=2, column="b")
    assert (bad.source, bad.row, bad.column) == ("a.csv", 2, "b")
