"""``sh:sparql``: what its violations carry, and when it is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import NotCompiled, ShapeError
from coopgraph.validation import Violation, compile_shapes
from coopgraph.validation.reference import validate_reference
from coopgraph.validation.vocabulary import component, sh

Turtle = Callable[[str], list[Triple]]
EX = "http://example.org/"
PREFIXES = f"""
:Prefixes owl:imports :More .
:More sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] ; owl:imports :Prefixes .
"""


def name(local: str) -> NamedNode:
    return NamedNode(EX + local)


def shapes(turtle: Turtle, text: str) -> list[Triple]:
    return turtle(PREFIXES + text)


def test_violation_carries_all_of_a_result(turtle: Turtle) -> None:
    given = shapes(
        turtle,
        """
        :S sh:targetNode :x ; sh:severity sh:Warning ; sh:sparql :Q ; sh:message "Not this." .
        :Q sh:prefixes :Prefixes ; sh:message "{?value} of {$path} is {?nothing}."@en ;
            sh:select "SELECT $this ?path ?value { $this ?path ?value FILTER (?path = ex:p) }" .
        """,
    )

    assert compile_shapes(given).validate(turtle(":x :p 7 ; :q 8 .")) == [
        Violation(
            focus=name("x"),
            path=f"{EX}p",
            value=Literal(7),
            component=component("SPARQL"),
            shape=name("S"),
            severity=sh("Warning"),
            messages=(Literal(f"7 of {EX}p is {{?nothing}}.", language="en"),),
            constraint=name("Q"),
        )
    ]


def test_a_message_of_the_query_goes_first_and_one_of_the_shape_last(turtle: Turtle) -> None:
    def message(said: str, query: str) -> list[str]:
        given = f':S sh:targetNode :x ; sh:message "Shape." ; sh:sparql [ sh:select "{query}" {said} ] .'
        [found] = compile_shapes(turtle(given)).validate([])
        return [text.value for text in found.messages]

    plain = "SELECT $this { }"
    assert message('; sh:message "Query."', "SELECT $this ('Own.' AS ?message) { }") == ["Own."]
    assert message('; sh:message "Query."', plain) == ["Query."]
    assert message("", plain) == ["Shape."]


def test_property_shapes_are_asked_without_values_too(turtle: Turtle) -> None:
    given = shapes(
        turtle,
        """
        :S sh:targetNode :x ; sh:property [ sh:path :p ; sh:sparql [ sh:prefixes :Prefixes ;
            sh:select "SELECT $this { FILTER NOT EXISTS { $this $PATH ?any } }" ] ] .
        """,
    )
    validator = compile_shapes(given)

    [found] = validator.validate(turtle(":x :q 1 ."))

    assert (found.path, found.value) == (f"{EX}p", None)
    assert validator.validate(turtle(":x :p 1 .")) == []


def test_a_constraint_that_is_off_is_not_asked(turtle: Turtle) -> None:
    given = (
        ':S sh:targetNode :x ; sh:sparql [ sh:deactivated true ; sh:select "SELECT $this {}" ] .'
    )
    assert compile_shapes(turtle(given)).validate([]) == []


def test_queries_see_the_background_and_one_record(turtle: Turtle) -> None:
    given = shapes(
        turtle,
        """
        :S sh:targetClass :C ; sh:sparql [ sh:prefixes :Prefixes ;
            sh:select "SELECT $this ?value { $this ex:p ?code . ?code ex:is ?value }" ] .
        """,
    )
    validator = compile_shapes(given, turtle(":code :is 1 ."))
    records = (
        ":x a :C ; :p :code .",
        ":x a :C . :code :is 2 .",
        ":x a :C ; :p :code . :code :is 2 .",
    )

    found = [[v.value for v in validator.validate(turtle(record))] for record in records]

    assert [sorted(values, key=str) for values in found] == [
        [Literal(1)],
        [],
        [Literal(1), Literal(2)],
    ]


def test_verdicts_of_queries_on_the_background_are_not_kept(turtle: Turtle) -> None:
    given = shapes(
        turtle,
        """
        :S sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :Once ] .
        :Once a sh:NodeShape ; sh:sparql [ sh:prefixes :Prefixes ;
            sh:select "SELECT $this { ?a ex:p $this . ?b ex:p $this FILTER (?a != ?b) }" ] .
        """,
    )
    validator = compile_shapes(given, turtle(":code :is 1 ."))
    once, twice = turtle(":x a :C ; :p :code ."), turtle(":x a :C ; :p :code . :y :p :code .")

    assert [len(validator.validate(data)) for data in (once, twice, once)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("query", "error", "reason"),
    [
        ("SELECT $this { SERVICE <http://a.example/> { ?a ?b ?c } }", ShapeError, "SERVICE"),
        ("SELECT $this { GRAPH ?g { $this ?p ?o } }", ShapeError, "GRAPH"),
        ("SELECT ?value { $this ?p ?value }", NotCompiled, "does not select"),
    ],
)
def test_what_is_not_asked_names_the_shape(
    turtle: Turtle, query: str, error: type[ShapeError], reason: str
) -> None:
    with pytest.raises(error, match=reason) as caught:
        compile_shapes(turtle(f':S sh:targetNode :x ; sh:sparql [ sh:select "{query}" ] .'))
    assert caught.value.shape == f"{EX}S"


def test_a_prefix_is_declared_with_its_namespace(turtle: Turtle) -> None:
    given = """
    :S sh:targetNode :x ; sh:sparql [ sh:prefixes :P ; sh:select "SELECT $this {}" ] .
    :P sh:declare [ sh:prefix "ex" ] .
    """
    with pytest.raises(ShapeError, match="sh:namespace"):
        compile_shapes(turtle(given))


QUERIES = [
    "SELECT $this ?value { $this ex:p ?value FILTER (isLiteral(?value)) }",
    "SELECT $this { FILTER NOT EXISTS { $this ex:q ?any } }",
    "SELECT $this (ex:p AS ?path) ?value { $this ex:p/ex:q ?value }",
    "SELECT $this ?value { ?value ex:p $this FILTER (?value != $this) }",
    "SELECT DISTINCT $this { $this ex:p ?a, ?b FILTER (?a != ?b) }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_report_is_that_of_pyshacl(turtle: Turtle, query: str) -> None:
    given = shapes(
        turtle,
        f':S sh:targetSubjectsOf :p ; sh:sparql [ sh:prefixes :Prefixes, :More ; sh:select "{query}" ] .',
    )
    data = turtle(':x :p 1, :y, "a" . :y :p :x ; :q 2, 3 . _:z :p :y, _:z .')

    ours = compile_shapes(given).validate(data)
    theirs = validate_reference(data, given)

    def places(found: list[Violation]) -> list[str]:
        return sorted(str((v.focus, v.path, v.component, v.value, v.constraint)) for v in found)

    assert ours
    assert places(ours) == places(theirs)
