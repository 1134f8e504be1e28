"""Our validator against pySHACL on generated shapes and data: equal reports.

Shapes are put together from every constraint, nested in logical ones and in each other, over
paths of every form. Not generated are shapes on which pySHACL does other than SHACL has it:
lists of one member, flags that are written “1”; and queries that ask for paths of no steps from
nodes that the data do not hold, of which Oxigraph finds none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.namespaces import iri
from coopgraph.validation import Violation
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.reference import validate_reference

Turtle = Callable[[str], list[Triple]]

PATHS = [
    ":p",
    ":q",
    "[ sh:inversePath :p ]",
    "( :p :q )",
    "( :p [ sh:inversePath :q ] )",
    "[ sh:alternativePath ( :p :q ) ]",
    "[ sh:zeroOrMorePath :p ]",
    "[ sh:oneOrMorePath [ sh:inversePath :p ] ]",
    "[ sh:zeroOrOnePath :q ]",
]
OF_VALUES = [
    "sh:class :C",
    "sh:datatype xsd:integer",
    "sh:datatype xsd:string",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:BlankNodeOrLiteral",
    "sh:minLength 2",
    "sh:maxLength 1",
    'sh:pattern "^[a-b]"',
    'sh:pattern "A" ; sh:flags "i"',
    'sh:languageIn ( "en" "de" )',
    'sh:in ( 1 :x "a" )',
    "sh:equals :q",
    "sh:disjoint :q",
]
OF_PROPERTIES = [
    *OF_VALUES,
    "sh:minCount 1",
    "sh:minCount 2",
    "sh:maxCount 1",
    "sh:maxCount 0",
    "sh:hasValue 1",
    "sh:uniqueLang true",
    "sh:severity sh:Warning ; sh:minCount 1",
    "sh:deactivated true ; sh:minCount 3",
    'sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value '
    'FILTER (isIRI(?value) && ?value != $this) }" ]',
]
OF_NODES = [
    *OF_VALUES,
    "sh:closed true ; sh:ignoredProperties ( rdf:type )",
    "sh:sparql [ sh:select "
    '"SELECT $this ?path { $this ?path ?any FILTER NOT EXISTS { ?any ?path $this } }" ]',
    'sh:sparql [ sh:select "SELECT $this ?value { ?value ?p $this FILTER (?value != $this) }" ]',
]
TARGETS = [
    "sh:targetClass :C",
    "sh:targetClass :D",
    "sh:targetNode :x, :nowhere",
    "sh:targetSubjectsOf :p",
    "sh:targetObjectsOf :q",
]


def _nodes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What may stand at a node shape, given what may stand at a shape inside of it."""
    pair = st.tuples(inner, inner)
    logical = st.sampled_from(["and", "or", "xone"])
    return st.one_of(
        st.builds("sh:not [ {} ]".format, inner),
        st.builds("sh:node [ {} ]".format, inner),
        st.builds(lambda name, two: f"sh:{name} ( [ {two[0]} ] [ {two[1]} ] )", logical, pair),
        st.builds(
            "sh:property [ sh:path {} ; {} ; sh:node [ {} ] ]".format,
            st.sampled_from(PATHS),
            st.sampled_from(OF_PROPERTIES),
            inner,
        ),
        st.builds(
            "sh:property [ sh:path {} ; sh:qualifiedValueShape [ {} ] ; sh:{} 1 ]".format,
            st.sampled_from(PATHS),
            inner,
            st.sampled_from(["qualifiedMinCount", "qualifiedMaxCount"]),
        ),
    )


_PROPERTY = st.builds(
    "sh:property [ sh:path {} ; {} ]".format,
    st.sampled_from(PATHS),
    st.sampled_from(OF_PROPERTIES),
)
_SHAPE = st.recursive(st.sampled_from(OF_NODES) | _PROPERTY, _nodes, max_leaves=5)
_SHAPES = st.lists(st.tuples(st.sampled_from(TARGETS), _SHAPE), min_size=1, max_size=3)

_NAMES = [NamedNode(f"http://example.org/{name}") for name in "xyz"]
_NODES = [*_NAMES, BlankNode("b")]
_VALUES = [
    *_NODES,
    Literal(1),
    Literal(2),
    Literal("a"),
    Literal("Ab"),
    Literal("b", language="en"),
    Literal("c", language="en"),
    Literal("d", language="fr"),
]
_CLASSES = [NamedNode(f"http://example.org/{name}") for name in "CDE"]
_PREDICATES = [NamedNode(f"http://example.org/{name}") for name in "pq"]
_DATA = st.lists(
    st.one_of(
        st.builds(
            Triple, st.sampled_from(_NODES), st.just(iri("rdf:type")), st.sampled_from(_CLASSES)
        ),
        st.builds(
            Triple,
            st.sampled_from(_NODES),
            st.sampled_from(_PREDICATES),
            st.sampled_from(_VALUES),
        ),
    ),
    min_size=2,
    max_size=12,
    unique=True,
)


def _without_messages(found: list[Violation]) -> Counter[Violation]:
    return Counter(replace(violation, messages=()) for violation in found)


@settings(max_examples=150)
@given(shapes=_SHAPES, data=_DATA)
def test_reports_are_equal(
    turtle: Turtle, shapes: list[tuple[str, str]], data: list[Triple]
) -> None:
    text = " ".join(f":S{n} {target} ; {body} ." for n, (target, body) in enumerate(shapes))
    given_shapes = turtle(text)
    background = turtle(":D rdfs:subClassOf :C .")

    validator = compile_any(given_shapes, background)

    assert not validator.not_compiled
    ours = validator.validate(data)
    theirs = validate_reference([*data, *background], given_shapes)
    assert _without_messages(ours) == _without_messages(theirs)
