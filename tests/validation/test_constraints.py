"""Each constraint component: a value that passes and one that fails, by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.validation import Violation, compile_shapes
from coopgraph.validation.vocabulary import component

Turtle = Callable[[str], list[Triple]]
FOCUS = NamedNode("http://example.org/x")
P = "http://example.org/p"


def check(turtle: Turtle, constraint: str, data: str) -> list[Violation]:
    """The violations of :x against a property shape of :p with the constraint."""
    shape = f":S a sh:NodeShape ; sh:targetNode :x ; sh:property [ sh:path :p ; {constraint} ] ."
    return compile_shapes(turtle(shape)).validate(turtle(data))


# (component, constraint, data that conform, data that do not, how many violations)
CASES = [
    ("Class", "sh:class :C", ":x :p :y . :y a :C .", ":x :p :y, :z, 1 . :y a :D .", 3),
    ("Class", "sh:class :C", ":x :p :y . :y a :D . :D rdfs:subClassOf :C .", ":x :p :C .", 1),
    ("Datatype", "sh:datatype xsd:string", ':x :p "a" .', ':x :p "a"@en, 1, :y, [] .', 4),
    ("Datatype", "sh:datatype rdf:langString", ':x :p "a"@en .', ':x :p "a" .', 1),
    ("Datatype", "sh:datatype xsd:integer", ":x :p 1 .", ':x :p "one"^^xsd:integer, 1.0 .', 2),
    ("Datatype", "sh:datatype xsd:byte", ':x :p "-128"^^xsd:byte .', ':x :p "128"^^xsd:byte .', 1),
    (
        "Datatype",
        "sh:datatype xsd:date",
        ':x :p "2024-02-29"^^xsd:date .',
        ':x :p "2023-02-29"^^xsd:date .',
        1,
    ),
    ("Datatype", "sh:datatype :own", ':x :p "any"^^:own .', ':x :p "any"^^:other .', 1),
    ("NodeKind", "sh:nodeKind sh:IRI", ":x :p :y .", ':x :p "a", [] .', 2),
    ("NodeKind", "sh:nodeKind sh:Literal", ':x :p "a" .', ":x :p :y, [] .", 2),
    ("NodeKind", "sh:nodeKind sh:BlankNode", ":x :p [] .", ':x :p :y, "a" .', 2),
    ("NodeKind", "sh:nodeKind sh:BlankNodeOrIRI", ":x :p :y, [] .", ':x :p "a" .', 1),
    ("NodeKind", "sh:nodeKind sh:BlankNodeOrLiteral", ':x :p "a", [] .', ":x :p :y .", 1),
    ("NodeKind", "sh:nodeKind sh:IRIOrLiteral", ':x :p "a", :y .', ":x :p [] .", 1),
    ("MinCount", "sh:minCount 2", ":x :p 1, 2 .", ":x :p 1, 1 .", 1),
    ("MinCount", "sh:minCount 1", ":x :p 1 .", "", 1),
    ("MaxCount", "sh:maxCount 1", ":x :p 1 . :x :p 1 .", ":x :p 1, 2 .", 1),
    ("MaxCount", "sh:maxCount 0", "", ":x :p 1 .", 1),
    ("MinExclusive", "sh:minExclusive 1", ":x :p 1.5, 2e0 .", ':x :p 1, "a", :y .', 3),
    ("MinInclusive", "sh:minInclusive 1", ":x :p 1, 1.0 .", ":x :p 0.99, [] .", 2),
    ("MaxExclusive", "sh:maxExclusive 1", ":x :p 0 .", ":x :p 1, 1.0, true .", 3),
    ("MaxInclusive", "sh:maxInclusive 1", ":x :p 1.00 .", ':x :p 1.01, "x"^^xsd:integer .', 2),
    ("MinLength", "sh:minLength 3", ':x :p "abc", 100, <a:b> .', ':x :p "ab"@en, [] .', 2),
    ("MaxLength", "sh:maxLength 3", ':x :p "abc", "ñañ" .', ':x :p "abcd", <a:bc>, [] .', 3),
    ("Pattern", 'sh:pattern "^b"', ':x :p "bc", <b:c> .', ':x :p "abc", [] .', 2),
    ("Pattern", 'sh:pattern "^b" ; sh:flags "i"', ':x :p "Bc" .', ':x :p "abc" .', 1),
    ("Pattern", 'sh:pattern "b$"', ':x :p "ab" .', r':x :p "ab\n" .', 1),
    ("LanguageIn", 'sh:languageIn ( "en" )', ':x :p "a"@en-GB, "b"@EN .', ':x :p "a"@fr, 1 .', 2),
    ("LanguageIn", 'sh:languageIn ( "*" )', ':x :p "a"@fr .', ':x :p "a" .', 1),
    ("LanguageIn", 'sh:languageIn ( "en" )', ':x :p "a"@en .', ':x :p "a"@enq .', 1),
    (
        "UniqueLang",
        "sh:uniqueLang true",
        ':x :p "a"@en, "b"@fr, "c", "d" .',
        ':x :p "a"@en, "b"@EN, "c"@fr, "d"@fr .',
        2,
    ),
    ("Equals", "sh:equals :q", ":x :p 1 ; :q 1 .", ":x :p 1, 2 ; :q 2, 3 .", 2),
    ("Equals", "sh:equals :q", "", ":x :q 1 .", 1),
    ("Disjoint", "sh:disjoint :q", ":x :p 1 ; :q 2 .", ":x :p 1, 2 ; :q 1, 2 .", 2),
    ("LessThan", "sh:lessThan :q", ":x :p 1 ; :q 2, 3 .", ':x :p 2 ; :q 2, "a", 3 .', 2),
    ("LessThanOrEquals", "sh:lessThanOrEquals :q", ":x :p 2 ; :q 2 .", ":x :p 3 ; :q 2 .", 1),
    ("Not", "sh:not [ sh:datatype xsd:string ]", ":x :p 1 .", ':x :p "a" .', 1),
    (
        "And",
        "sh:and ( [ sh:minInclusive 1 ] [ sh:maxInclusive 3 ] )",
        ":x :p 2 .",
        ":x :p 0, 4 .",
        2,
    ),
    (
        "Or",
        "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )",
        ':x :p "1844"^^xsd:gYear, "1844-12-21"^^xsd:date .',
        ':x :p "1844", "1844-13-01"^^xsd:date .',
        2,
    ),
    (
        "Xone",
        "sh:xone ( [ sh:minInclusive 1 ] [ sh:maxInclusive 3 ] )",
        ":x :p 0, 4 .",
        ':x :p 2, "a" .',
        2,
    ),
    (
        "Node",
        "sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ]",
        ":x :p :y . :y :q 1 .",
        ":x :p :y, 1 .",
        2,
    ),
    (
        "QualifiedMinCount",
        "sh:qualifiedValueShape [ sh:datatype xsd:string ] ; sh:qualifiedMinCount 2",
        ':x :p "a", "b", 1 .',
        ':x :p "a", 1 .',
        1,
    ),
    (
        "QualifiedMaxCount",
        "sh:qualifiedValueShape [ sh:datatype xsd:string ] ; sh:qualifiedMaxCount 1",
        ':x :p "a", 1, 2 .',
        ':x :p "a", "b" .',
        1,
    ),
    ("HasValue", "sh:hasValue 1", ":x :p 1, 2 .", ":x :p 2 .", 1),
    ("HasValue", "sh:hasValue 1", ":x :p 1 .", "", 1),
    ("In", 'sh:in ( 1 "a" :y )', ':x :p 1, "a", :y .', ':x :p 2, "a"@en, 1.0 .', 3),
]


@pytest.mark.parametrize(("name", "constraint", "passing", "failing", "count"), CASES)
def test_constraint_accepts_and_refuses(
    turtle: Turtle, name: str, constraint: str, passing: str, failing: str, count: int
) -> None:
    assert check(turtle, constraint, passing) == []

    violations = check(turtle, constraint, failing)

    assert [(v.focus, v.path, v.component) for v in violations] == [
        (FOCUS, P, component(name))
    ] * count


def test_property_reports_the_violations_of_the_value(turtle: Turtle) -> None:
    violations = check(turtle, "sh:property [ sh:path :q ; sh:minCount 1 ]", ":x :p :y .")

    assert [(v.focus, v.path, v.component) for v in violations] == [
        (NamedNode("http://example.org/y"), "http://example.org/q", component("MinCount"))
    ]


def test_closed_names_the_property_that_is_too_many(turtle: Turtle) -> None:
    shapes = compile_shapes(
        turtle(
            ":S sh:targetNode :x ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;"
            " sh:property [ sh:path :p ] ."
        )
    )

    violations = shapes.validate(turtle(":x a :C ; :p 1 ; :q 2, 3 ."))

    assert [(v.path, v.component) for v in violations] == [
        ("http://example.org/q", component("Closed"))
    ] * 2
    assert {v.value.value for v in violations if isinstance(v.value, Literal)} == {"2", "3"}


def test_flags_are_on_only_when_true(turtle: Turtle) -> None:
    assert check(turtle, 'sh:uniqueLang "1"^^xsd:boolean', ':x :p "a"@en, "b"@en .') == []
    assert check(turtle, "sh:uniqueLang false", ':x :p "a"@en, "b"@en .') == []
    closed = turtle(":S sh:targetNode :x ; sh:closed false .")
    assert compile_shapes(closed).validate(turtle(":x :p 1 .")) == []


def test_qualified_shapes_of_siblings_do_not_count_where_disjoint(turtle: Turtle) -> None:
    shapes = compile_shapes(
        turtle(
            """
            :Hand sh:targetNode :x ; sh:property :thumb, :finger .
            :thumb sh:path :digit ; sh:qualifiedValueShape [ sh:class :Thumb ] ;
                sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 .
            :finger sh:path :digit ; sh:qualifiedValueShape [ sh:class :Finger ] ;
                sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMaxCount 1 .
            """
        )
    )

    both = shapes.validate(turtle(":x :digit :a . :a a :Thumb, :Finger ."))
    each = shapes.validate(turtle(":x :digit :a, :b . :a a :Thumb . :b a :Finger ."))

    assert [v.component for v in both] == [component("QualifiedMinCount")]
    assert each == []


def test_node_shapes_constrain_the_focus_node_itself(turtle: Turtle) -> None:
    shapes = compile_shapes(
        turtle(
            ':S sh:targetNode :x, "a" ; sh:nodeKind sh:IRI ; sh:pattern "^http" ; sh:equals :p .'
        )
    )

    violations = shapes.validate(turtle(":x :p :x ."))

    assert Counter(v.component for v in violations) == Counter(
        map(component, ("NodeKind", "Pattern", "Equals"))
    )
    assert {(v.focus, v.path) for v in violations} == {(Literal("a"), None)}
