"""pySHACL behind the same interface."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from pyoxigraph import Triple

from coopgraph.errors import ShapeError
from coopgraph.validation import compile_shapes
from coopgraph.validation.reference import validate_reference

Turtle = Callable[[str], list[Triple]]


def test_violations_are_those_of_the_fast_path(turtle: Turtle) -> None:
    shapes = turtle(
        ":S sh:targetNode :x ; sh:property [ sh:path ( :p [ sh:inversePath :q ] ) ; sh:in ( ) ;"
        ' sh:severity sh:Info ; sh:message "One."@en, "Two."@fr ], [ sh:path :p ; sh:maxCount 0 ] .'
    )
    data = turtle(":x :p :y . :z :q :y .")

    violations = validate_reference(data, shapes)

    assert len(violations) == 2
    assert set(violations) == set(compile_shapes(shapes).validate(data))


def test_reasons_of_a_nested_shape_are_not_reported_twice(turtle: Turtle) -> None:
    shapes = turtle(
        ":S sh:targetNode :x ; sh:property [ sh:path :p ; sh:node :T ] ."
        ":T a sh:NodeShape ; sh:property [ sh:path :q ; sh:minCount 1 ] ."
    )

    assert len(validate_reference(turtle(":x :p :y ."), shapes)) == 1


def test_imports_are_not_fetched(turtle: Turtle, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    imports = turtle("<http://example.org/> a owl:Ontology ; owl:imports <http://example.org/o> .")

    assert validate_reference(imports, imports) == []


def test_ill_formed_shapes_are_refused(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetNode :x ; sh:property [ sh:path :p ; sh:minCount :many ] .")

    with pytest.raises(ShapeError):
        validate_reference(turtle(":x :p 1 ."), shapes)
