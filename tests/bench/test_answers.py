"""What counts as the same answer when servers are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType

import pytest

XSD = "http://www.w3.org/2001/XMLSchema#"
Term = dict[str, str]


@pytest.fixture(scope="module")
def answers(bench_module: Callable[[str], ModuleType]) -> ModuleType:
    return bench_module("answers")


def table(*rows: dict[str, Term]) -> bytes:
    return json.dumps({"head": {}, "results": {"bindings": rows}}).encode()


def literal(value: str, datatype: str) -> Term:
    return {"type": "literal", "value": value, "datatype": XSD + datatype}


X: Term = {"type": "uri", "value": "http://a.example/x"}
Y: Term = {"type": "uri", "value": "http://a.example/y"}
ONE: Term = {"type": "bnode", "value": "b1"}
TWO: Term = {"type": "bnode", "value": "b2"}

SAME_TABLES = {
    "another order": (table({"a": X}, {"a": Y}), table({"a": Y}, {"a": X})),
    "another order of columns": (table({"a": X, "b": Y}), table({"b": Y, "a": X})),
    "other labels of blank nodes": (
        table({"a": ONE, "b": X}, {"a": TWO, "b": Y}),
        table({"a": TWO, "b": X}, {"a": ONE, "b": Y}),
    ),
    "a number written otherwise": (
        table({"a": literal("4.50", "decimal")}),
        table({"a": literal("4.5", "decimal")}),
    ),
    "the last digit of a double": (
        table({"a": literal("8036.985265409162", "double")}),
        table({"a": literal("8036.985265409171", "double")}),
    ),
    "a string with and without its datatype": (
        table({"a": literal("x", "string")}),
        table({"a": {"type": "literal", "value": "x"}}),
    ),
    "the older word for a literal": (
        table({"a": literal("2001", "gYear")}),
        table({"a": literal("2001", "gYear") | {"type": "typed-literal"}}),
    ),
}
OTHER_TABLES = {
    "a row less": (table({"a": X}), table({"a": X}, {"a": Y})),
    "a row twice": (table({"a": X}), table({"a": X}, {"a": X})),
    "another column": (table({"a": X}), table({"b": X})),
    "nothing bound": (table({"a": X}), table({})),
    "a blank node for two": (
        table({"a": ONE, "b": X}, {"a": ONE, "b": Y}),
        table({"a": ONE, "b": X}, {"a": TWO, "b": Y}),
    ),
    "a text that looks like an IRI": (
        table({"a": X}),
        table({"a": {"type": "literal", "value": X["value"]}}),
    ),
    "another language": (
        table({"a": {"type": "literal", "value": "x", "xml:lang": "en"}}),
        table({"a": {"type": "literal", "value": "x"}}),
    ),
    "another number": (
        table({"a": literal("4", "integer")}),
        table({"a": literal("5", "integer")}),
    ),
    "yes and no": (b'{"head":{},"boolean":true}', b'{"head":{},"boolean":false}'),
}
SAME_GRAPHS = {
    "a triple twice": (b"<a:s> <a:p> <a:o> .\n" * 2, b"<a:s> <a:p> <a:o> .\n"),
    "other labels of blank nodes": (
        b"<a:s> <a:p> _:x .\n_:x <a:p> _:y .\n",
        b"_:x <a:p> _:z .\n<a:s> <a:p> _:x .\n",
    ),
}
OTHER_GRAPHS = {
    "a triple more": (b"<a:s> <a:p> <a:o> .\n", b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> .\n"),
    "a blank node elsewhere": (
        b"<a:s> <a:p> _:x .\n_:x <a:p> <a:o> .\n",
        b"<a:s> <a:p> _:x .\n_:y <a:p> <a:o> .\n",
    ),
}


@pytest.mark.parametrize("bodies", SAME_TABLES.values(), ids=SAME_TABLES)
def test_tables_are_the_same_but_for(bodies: tuple[bytes, bytes], answers: ModuleType) -> None:
    ours, theirs = map(answers.table, bodies)
    assert answers.difference(ours, theirs) == ""


@pytest.mark.parametrize("bodies", OTHER_TABLES.values(), ids=OTHER_TABLES)
def test_tables_differ_by(bodies: tuple[bytes, bytes], answers: ModuleType) -> None:
    ours, theirs = map(answers.table, bodies)
    assert answers.difference(ours, theirs)


@pytest.mark.parametrize("bodies", SAME_GRAPHS.values(), ids=SAME_GRAPHS)
def test_graphs_are_the_same_but_for(bodies: tuple[bytes, bytes], answers: ModuleType) -> None:
    ours, theirs = map(answers.graph, bodies)
    assert answers.difference(ours, theirs) == ""


@pytest.mark.parametrize("bodies", OTHER_GRAPHS.values(), ids=OTHER_GRAPHS)
def test_graphs_differ_by(bodies: tuple[bytes, bytes], answers: ModuleType) -> None:
    ours, theirs = map(answers.graph, bodies)
    assert answers.difference(ours, theirs)
