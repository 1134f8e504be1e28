"""Shapes that are not compiled are checked by pySHACL, alone, and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from pyoxigraph import BlankNode, NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.validation import compile_shapes
from coopgraph.validation import fallback as module
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.reference import validate_reference
from coopgraph.validation.vocabulary import component

Turtle = Callable[[str], list[Triple]]
EX = "http://example.org/"

COMPONENT = """
:Longer a sh:ConstraintComponent ; sh:parameter [ sh:path :longerThan ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:message "Longer than {$longerThan}, please." ;
        sh:ask "ASK { FILTER (strlen(str($value)) > $longerThan) }" ] .
:Long sh:targetClass :C ; sh:property [ sh:path :p ; :longerThan 3 ] .
"""
PLAIN = ":Plain sh:targetClass :C ; sh:property [ sh:path :p ; sh:maxCount 1 ] ."


def name(local: str) -> NamedNode:
    return NamedNode(EX + local)


def test_only_the_shape_that_is_not_compiled_is_left(
    turtle: Turtle, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watched(*arguments: object, **options: bool) -> object:
        seen.append({t.subject for t in arguments[1] if t.predicate in module.TARGETS})  # type: ignore[attr-defined]
        return validate_reference(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "validate_reference", watched)
    validator = compile_any(turtle(COMPONENT + PLAIN))

    found = validator.validate(turtle(':x a :C ; :p "ab", "abcd" . :y a :D ; :p "a", "b" .'))

    assert [(v.component, v.focus, v.path) for v in found] == [
        (component("MaxCount"), name("x"), f"{EX}p"),
        (name("Longer"), name("x"), f"{EX}p"),
    ]
    assert found[1].message == "Longer than 3, please."
    assert dict(validator.not_compiled) == {
        name("Long"): "a part of it uses the constraint component <http://example.org/Longer>"
    }
    assert seen == [{name("Long")}]


def test_nothing_is_left_of_shapes_that_are_compiled(turtle: Turtle) -> None:
    validator = compile_any(turtle(PLAIN))
    assert not validator.not_compiled
    assert len(validator.validate(turtle(":x a :C ; :p 1, 2 ."))) == 1


UNKNOWN = {
    "sh:target": """
        :S a sh:NodeShape ; sh:nodeKind sh:BlankNode ; sh:target [ a sh:SPARQLTarget ;
            sh:select "SELECT ?this { ?this <http://example.org/p> ?any }" ] .""",
    "sh:expression": """
        :S sh:targetNode :x ; sh:expression [ sh:path :flag ] .""",
    "refers to itself": """
        :S sh:targetNode :x ; sh:property [ sh:path :p ; sh:node :S ; sh:maxCount 1 ] .""",
    "slightly other": r"""
        :S sh:targetNode :x ; sh:property [ sh:path :p ; sh:pattern "^\\w+$" ] .""",
    "with $currentShape": """
        :S sh:targetNode :x ; sh:sparql [ sh:select
            "SELECT $this { $this ?p ?o FILTER (bound($currentShape)) }" ] .""",
    "does not select": """
        :S sh:targetNode :x ; sh:sparql [ sh:select "SELECT ?value { $this ?p ?value }" ] .""",
}


@pytest.mark.parametrize("reason", UNKNOWN)
def test_each_is_checked_as_pyshacl_does(turtle: Turtle, reason: str) -> None:
    shapes = turtle(UNKNOWN[reason])
    data = turtle(':x :p :y, "a b", "c" ; :flag false . :y :p :x .')

    validator = compile_any(shapes)

    assert all(reason in told for told in validator.not_compiled.values())
    assert list(validator.not_compiled) == [name("S")]
    found = validator.validate(data)
    assert found
    assert Counter(found) == Counter(validate_reference(data, shapes, advanced=True))
    assert found == validator.validate(data)


def test_focus_nodes_are_those_of_the_data(turtle: Turtle) -> None:
    validator = compile_any(
        turtle(COMPONENT + ":Long a rdfs:Class, sh:NodeShape ."),
        turtle(':E rdfs:subClassOf :C . :behind a :C ; :p "a" .'),
    )

    found = validator.validate(turtle(':x a :E ; :p "b" . _:z a :Long ; :p "c" .'))

    assert len(found) == 2
    assert {v.focus for v in found} == {name("x"), BlankNode("z")}


def test_shapes_without_a_target_are_left_to_nobody(turtle: Turtle) -> None:
    shapes = turtle(COMPONENT.replace("sh:targetClass :C ;", ""))
    assert not compile_any(shapes).not_compiled


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (":S sh:targetNode :x ; sh:js [ ] .", "sh:js"),
        (":S sh:targetNode :x ; sh:rule [ ] .", "sh:rule"),
        (":S sh:targetNode :x ; sh:path :p ; sh:minCout 1 .", "sh:minCout"),
        (COMPONENT.replace("ASK {", "ASK { SERVICE <http://a.example/> { ?a ?b ?c }"), "SERVICE"),
        (COMPONENT.replace("ASK {", "ASK FROM <file:///etc/passwd> {"), "FROM"),
    ],
)
def test_what_nobody_should_check_is_refused(turtle: Turtle, text: str, reason: str) -> None:
    with pytest.raises(ShapeError, match=reason):
        compile_any(turtle(text))


def test_what_pyshacl_cannot_do_is_said(turtle: Turtle) -> None:
    shapes = turtle(
        ':S sh:targetNode :x ; sh:sparql [ sh:select "SELECT $this { $this nowhere:p ?o }" ] .'
    )
    with pytest.raises(ShapeError, match="pySHACL cannot check"):
        compile_any(shapes).validate(turtle(":x :p 1 ."))


def test_the_fast_path_alone_leaves_nothing_to_others(turtle: Turtle) -> None:
    with pytest.raises(ShapeError, match="constraint component"):
        compile_shapes(turtle(COMPONENT))
