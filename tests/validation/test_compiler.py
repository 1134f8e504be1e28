"""Shapes that are not compiled, and what the error says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Triple

from coopgraph.errors import ShapeError
from coopgraph.validation import compile_shapes

Turtle = Callable[[str], list[Triple]]

REFUSED = {
    "one sh:select": ":S sh:targetNode :x ; sh:sparql [ ] .",
    "one sh:select ": ":S sh:targetNode :x ; sh:sparql [ sh:select :q ] .",
    "sh:js": ":S a sh:NodeShape ; sh:js [ ] .",
    "sh:target": ":S a sh:NodeShape ; sh:target [ ] .",
    "sh:minCout": ":S sh:path :p ; sh:targetNode :x ; sh:minCout 1 .",
    "sh:expression": ":S a sh:NodeShape ; sh:expression [ ] .",
    "sh:rule": ":S a sh:NodeShape ; sh:rule [ ] .",
    "constraint component": ":S sh:targetNode :x ; :q 1 ."
    " :C a sh:ConstraintComponent ; sh:parameter [ sh:path :q ; sh:optional true ] .",
    "entailment": ":S sh:entailment <http://www.w3.org/ns/entailment/RDFS> .",
    "refers to itself": ":S sh:targetNode :x ; sh:property [ sh:path :p ; sh:node :S ] .",
    "not described": ":S sh:targetNode :x ; sh:node :T .",
    "without a path": ":S a sh:PropertyShape ; sh:minCount 1 .",
    "has no path": ":S sh:targetNode :x ; sh:property [ sh:minCount 1 ] .",
    "more than once": ":S sh:targetNode :x ; sh:path :p ; sh:maxCount 1, 2 .",
    "for property shapes": ":S sh:targetNode :x ; sh:minCount 1 .",
    "whole number": ":S sh:targetNode :x ; sh:path :p ; sh:minCount -1 .",
    "whole number ": ':S sh:targetNode :x ; sh:path :p ; sh:minCount "1" .',
    "node kind": ":S sh:targetNode :x ; sh:nodeKind sh:Iri .",
    "IRI for": ':S sh:targetNode :x ; sh:class "C" .',
    "text for": ":S sh:targetNode :x ; sh:pattern :p .",
    "RDF list": ":S sh:targetNode :x ; sh:in :p .",
    "regular expression": ':S sh:targetNode :x ; sh:pattern "(" .',
    "slightly other": r':S sh:targetNode :x ; sh:pattern "\\w" .',
    "Python": r':S sh:targetNode :x ; sh:pattern "\\p{L}" .',
    "compared": ":S sh:targetNode :x ; sh:minInclusive :p .",
    "severity": ':S sh:targetNode :x ; sh:severity "bad" .',
}


@pytest.mark.parametrize("reason", REFUSED)
def test_shape_is_refused_by_name(turtle: Turtle, reason: str) -> None:
    with pytest.raises(ShapeError, match=reason.strip()) as caught:
        compile_shapes(turtle(REFUSED[reason]))

    assert caught.value.shape in ("http://example.org/S", "http://example.org/T")


def test_fault_in_an_unnamed_part_names_the_shape_around_it(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetNode :x ; sh:or ( [ sh:property [ sh:path :p ; sh:js 1 ] ] ) .")

    with pytest.raises(ShapeError, match="a part of it uses sh:js") as caught:
        compile_shapes(shapes)

    assert caught.value.shape == "http://example.org/S"


def test_a_triple_given_twice_is_one(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetNode :x ; sh:path :p ; sh:maxCount 1 .")

    assert compile_shapes([*shapes, *shapes]).validate(turtle(":x :p 1 . :x :p 1 .")) == []


def test_texts_about_a_shape_are_no_constraints(turtle: Turtle) -> None:
    shapes = turtle(
        ':S sh:targetNode :x ; sh:path :p ; sh:name "P" ; sh:description "…" ; sh:order 1 ;'
        ' sh:group :G ; sh:defaultValue 1 ; rdfs:label "S" . :G a sh:PropertyGroup ; sh:order 1 .'
    )

    assert compile_shapes(shapes).validate(turtle(":x :q 1 .")) == []
