"""The validator: what a violation carries, partial nodes, and what is kept between records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.validation import Violation, compile_shapes
from coopgraph.validation.vocabulary import component, sh

Turtle = Callable[[str], list[Triple]]
EX = "http://example.org/"
X = NamedNode(f"{EX}x")


def test_violation_carries_all_of_a_result(turtle: Turtle) -> None:
    shapes = turtle(
        ":S sh:targetNode :x ; sh:property :Sp . :Sp sh:path :p ; sh:datatype xsd:string ;"
        ' sh:severity sh:Warning ; sh:message "Text, please."@en, "Du texte."@fr .'
    )

    assert compile_shapes(shapes).validate(turtle(":x :p 1 .")) == [
        Violation(
            focus=X,
            path=f"{EX}p",
            value=Literal(1),
            component=component("Datatype"),
            shape=NamedNode(f"{EX}Sp"),
            severity=sh("Warning"),
            messages=(Literal("Text, please.", language="en"), Literal("Du texte.", language="fr")),
        )
    ]


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ('sh:message "Du texte."@fr, "Text, please."@en ;', "Text, please."),
        ('sh:message "Du texte."@fr, "Un texto."@es ;', "Du texte."),
        ("", ""),
    ],
    ids=["English wherever it stands", "the first without English", "none"],
)
def test_message_of_a_violation_is_the_english_one(
    turtle: Turtle, messages: str, told: str
) -> None:
    shapes = turtle(
        f":S sh:targetNode :x ; sh:property [ sh:path :p ; {messages} sh:minCount 1 ] ."
    )

    [violation] = compile_shapes(shapes).validate([])

    assert violation.message == told


def test_order_of_violations_is_that_of_the_data(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:in ( ) ] .")
    data = turtle(":b a :C ; :p 2, 1 . :a a :C ; :p 3 .")

    values = [v.value for v in compile_shapes(shapes).validate(data)]

    assert values == [Literal(2), Literal(1), Literal(3)]


PARTIAL_SHAPES = """
:S sh:targetClass :C ;
    sh:property [ sh:path :name ; sh:minCount 1 ] ;
    sh:property [ sh:path :age ; sh:maxCount 1 ] ;
    sh:property [ sh:path :part ; sh:node :Part ;
        sh:qualifiedValueShape :Part ; sh:qualifiedMinCount 2 ] .
:Part sh:property [ sh:path :name ; sh:minCount 1 ] .
"""


def test_partial_node_is_excused_from_minimum_counts_only(turtle: Turtle) -> None:
    validator = compile_shapes(turtle(PARTIAL_SHAPES))
    data = turtle(":x a :C ; :age 1, 2 ; :part :y .")

    whole = validator.validate(data)
    partial = validator.validate(data, partial=frozenset({X}))

    assert sorted(v.component.value.rpartition("#")[2] for v in whole) == [
        "MaxCountConstraintComponent",
        "MinCountConstraintComponent",
        "NodeConstraintComponent",
        "QualifiedMinCountConstraintComponent",
    ]
    assert [v.component for v in partial] == [component("MaxCount"), component("Node")]


def test_partial_node_is_judged_as_it_stands_under_negation(turtle: Turtle) -> None:
    validator = compile_shapes(
        turtle(
            ":S sh:targetNode :x ; sh:not [ sh:property [ sh:path :p ; sh:minCount 1 ] ] ;"
            " sh:xone ( [ sh:property [ sh:path :q ; sh:minCount 1 ] ]"
            " [ sh:property [ sh:path :r ; sh:minCount 1 ] ] ) ."
        )
    )

    def components(data: str) -> list[NamedNode]:
        violations = validator.validate(turtle(data), partial=frozenset({X}))
        return [violation.component for violation in violations]

    assert components(":x :q 1 .") == []
    assert components(":x :s 1 .") == []
    assert components(":x :p 1 ; :q 1 .") == [component("Not")]
    assert components(":x :q 1 ; :r 1 .") == [component("Xone")]


def test_a_shape_can_be_applied_whatever_its_targets(turtle: Turtle) -> None:
    validator = compile_shapes(turtle(PARTIAL_SHAPES))
    part = NamedNode(f"{EX}Part")

    assert len(validator.validate_node(turtle(":x :age 1 ."), X, part)) == 1
    assert validator.validate_node(turtle(":x :age 1 ."), X, part, partial=True) == []


def test_a_shape_that_does_not_exist_cannot_be_applied(turtle: Turtle) -> None:
    with pytest.raises(ShapeError, match="no such shape"):
        compile_shapes(turtle(PARTIAL_SHAPES)).validate_node([], X, NamedNode(f"{EX}T"))


CODE_SHAPES = """
:S sh:targetClass :C ; sh:property [ sh:path :code ; sh:node :Code ] .
:Code sh:property [ sh:path skos:inScheme ; sh:hasValue :scheme ] .
"""
CODES = ":one skos:inScheme :scheme . :other skos:inScheme :elsewhere ; skos:related :one ."


def test_codes_are_known_from_the_background(turtle: Turtle) -> None:
    validator = compile_shapes(turtle(CODE_SHAPES), turtle(CODES))

    for _ in range(2):
        assert validator.validate(turtle(":x a :C ; :code :one .")) == []
        assert len(validator.validate(turtle(":x a :C ; :code :other, :nowhere, 1 ."))) == 3


def test_what_a_record_says_about_a_code_holds_for_that_record_alone(turtle: Turtle) -> None:
    validator = compile_shapes(turtle(CODE_SHAPES), turtle(CODES))
    plain = turtle(":x a :C ; :code :other .")
    saying = turtle(":x a :C ; :code :other . :other skos:inScheme :scheme .")

    assert [len(validator.validate(data)) for data in (plain, saying, plain)] == [1, 0, 1]


def test_verdicts_through_inverse_paths_are_not_kept(turtle: Turtle) -> None:
    validator = compile_shapes(
        turtle(
            ":S sh:targetClass :C ; sh:property [ sh:path :code ; sh:node :Used ] ."
            ":Used sh:property [ sh:path [ sh:inversePath :code ] ; sh:maxCount 1 ] ."
        ),
        turtle(CODES),
    )
    once = turtle(":x a :C ; :code :one .")
    twice = turtle(":x a :C ; :code :one . :y :code :one .")

    assert [len(validator.validate(data)) for data in (once, twice, once)] == [0, 1, 0]


def test_instances_of_a_class_may_come_from_background_and_record(turtle: Turtle) -> None:
    validator = compile_shapes(
        turtle(":S sh:targetNode :x ; sh:property [ sh:path :p ; sh:class :C ] ."),
        turtle(":a a :D . :D rdfs:subClassOf :C ."),
    )

    violations = validator.validate(turtle(":x :p :a, :b, :c, :d . :b a :D . :c a :E ."))

    assert [v.value for v in violations] == [NamedNode(f"{EX}c"), NamedNode(f"{EX}d")]
