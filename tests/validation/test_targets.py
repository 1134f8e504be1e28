"""Target declarations: which nodes of the data a shape is applied to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.rdf import Term
from coopgraph.validation import compile_shapes

Turtle = Callable[[str], list[Triple]]
EX = "http://example.org/"
DATA = ":x a :C ; :p :y . :y a :D ; :q 1 . :z a :E, :C . :E rdfs:subClassOf :C ."


def names(*local: str) -> list[Term]:
    return [NamedNode(EX + name) for name in local]


TARGETS: dict[str, list[Term]] = {
    "sh:targetClass :C": names("x", "z"),
    "sh:targetClass :E": names("z"),
    "sh:targetClass :Nothing": [],
    "sh:targetNode :y, 7": [*names("y"), Literal(7)],
    "sh:targetSubjectsOf :p": names("x"),
    "sh:targetObjectsOf :p": names("y"),
    "sh:targetObjectsOf :q": [Literal(1)],
    "sh:targetClass :C, :E ; sh:targetNode :x ; sh:targetSubjectsOf :p": names("x", "z"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_target_selects_each_focus_node_once(turtle: Turtle, target: str) -> None:
    validator = compile_shapes(turtle(f":S a sh:NodeShape ; {target} ; sh:in ( ) ."))

    violations = validator.validate(turtle(DATA))

    assert sorted(str(v.focus) for v in violations) == sorted(str(t) for t in TARGETS[target])


def test_shape_that_is_a_class_targets_its_instances(turtle: Turtle) -> None:
    shapes = turtle(
        ":C a sh:NodeShape, owl:Class ; sh:in ( ) . owl:Class rdfs:subClassOf rdfs:Class ."
        ":D a sh:NodeShape ; sh:in ( ) ."
    )

    violations = compile_shapes(shapes).validate(turtle(":x a :C . :y a :D ."))

    assert [v.focus for v in violations] == names("x")


def test_class_hierarchy_of_the_background_counts(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetClass :C ; sh:in ( ) .")
    validator = compile_shapes(shapes, turtle(":D rdfs:subClassOf :C . :E rdfs:subClassOf :D ."))

    violations = validator.validate(turtle(":x a :E . :y a :F . :F rdfs:subClassOf :D ."))

    assert [v.focus for v in violations] == names("x", "y")


def test_nodes_of_the_background_are_not_targets(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetClass :C ; sh:targetObjectsOf :p ; sh:in ( ) .")
    validator = compile_shapes(shapes, turtle(":b a :C ; :p :b ."))

    assert validator.validate(turtle(":x :q :b .")) == []


def test_deactivated_shape_finds_nothing(turtle: Turtle) -> None:
    shapes = turtle(
        ":S sh:targetNode :x ; sh:in ( ) ; sh:deactivated true ."
        ":T sh:targetNode :x ; sh:node :S ; sh:property [ sh:path :p ; sh:minCount 1 ;"
        " sh:deactivated true ] ."
    )

    assert compile_shapes(shapes).validate(turtle(":x :q 1 .")) == []
