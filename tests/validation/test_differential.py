"""Our validator against pySHACL, on generated records: equal reports.

Literals on which rdflib and XML Schema part ways are not generated: lexical forms with white
space, and comparisons across kinds, where rdflib has an order and SPARQL has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term, read_turtle
from coopgraph.validation import Validator, compile_shapes
from coopgraph.validation.reference import validate_reference

ROOT = Path(__file__).parents[2]
Turtle = Callable[[str], list[Triple]]
Record = list[Triple]

_SETTINGS = settings(
    max_examples=25,
    deadline=None,
    # The fixtures are only read.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _literal(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=iri(datatype))


LITERALS = [
    Literal("Bakery", language="en"),
    Literal("The bakery", language="en"),
    Literal("Boulangerie", language="fr-CH"),
    Literal(""),
    Literal("x" * 301),
    Literal("LS1 4AB"),
    Literal("!!!"),
    Literal("+44 1234 567890"),
    Literal("GBP"),
    _literal("1844", "xsd:gYear"),
    _literal("1844-12", "xsd:gYearMonth"),
    _literal("1844-12-21", "xsd:date"),
    _literal("1844-13-21", "xsd:date"),
    _literal("53.8", "xsd:decimal"),
    _literal("-90.01", "xsd:decimal"),
    _literal("180", "xsd:decimal"),
    _literal("much", "xsd:decimal"),
    _literal("180", "xsd:integer"),
    _literal("POINT(1 2)", "geo:wktLiteral"),
]


def _records(
    nodes: Sequence[Subject],
    types: Sequence[NamedNode],
    predicates: Sequence[NamedNode],
    values: Sequence[Term],
) -> st.SearchStrategy[Record]:
    node = st.sampled_from(nodes)
    typing = st.builds(Triple, node, st.just(iri("rdf:type")), st.sampled_from(types))
    statement = st.builds(
        Triple, node, st.sampled_from(predicates), st.sampled_from([*values, *nodes])
    )
    return st.builds(
        lambda *parts: list(dict.fromkeys(chain(*parts))),
        st.lists(typing, min_size=1, max_size=5),
        st.lists(statement, min_size=1, max_size=40),
    )


def _assert_equal_reports(
    validator: Validator, shapes: list[Triple], background: list[Triple], record: Record
) -> None:
    ours = validator.validate(record)
    theirs = validate_reference([*record, *background], shapes)

    assert Counter(ours) == Counter(theirs)


# The shapes of the standard, with some of its code lists.
SHAPES = read_turtle(sorted((ROOT / "shapes").glob("*.ttl")))
CODES = read_turtle(
    ROOT / f"ontology/codes/{name}.ttl"
    for name in ("tier", "status", "precision", "measure", "membership-type", "identity-basis")
)
assert SHAPES
assert CODES
VALIDATOR = compile_shapes(SHAPES, CODES)


def _objects(predicate: str) -> list[NamedNode]:
    found = {t.object for t in SHAPES if t.predicate == iri(predicate)}
    return sorted((o for o in found if isinstance(o, NamedNode)), key=str)


def _codes() -> list[NamedNode]:
    found = {t.subject for t in CODES if t.predicate == iri("skos:inScheme")}
    return sorted((s for s in found if isinstance(s, NamedNode)), key=str)


@_SETTINGS
@given(
    _records(
        nodes=[NamedNode(f"http://example.org/x{part}") for part in ("", "#a", "#b")],
        types=_objects("sh:targetClass"),
        predicates=_objects("sh:path"),
        values=[
            *LITERALS,
            *_codes(),
            NamedNode("https://example.org/home"),
            NamedNode("urn:x"),
        ],
    )
)
def test_reports_on_the_standard_are_equal(record: Record) -> None:
    _assert_equal_reports(VALIDATOR, SHAPES, CODES, record)


EVERY_COMPONENT = """
:Value sh:targetClass :C ; sh:nodeKind sh:BlankNodeOrIRI ;
    sh:property
        [ sh:path :p ; sh:class :C ],
        [ sh:path :p ; sh:datatype xsd:integer ; sh:severity sh:Warning ],
        [ sh:path :p ; sh:in ( 1 2 :x "a"@en ) ],
        [ sh:path :q ; sh:nodeKind sh:IRIOrLiteral ; sh:message "An IRI or text." ],
        [ sh:path :q ; sh:minCount 1 ; sh:maxCount 2 ],
        [ sh:path :q ; sh:hasValue 1 ],
        [ sh:path :r ; sh:languageIn ( "en" ) ; sh:uniqueLang true ],
        [ sh:path :r ; sh:pattern "^[a-c]" ; sh:flags "i" ],
        [ sh:path :r ; sh:minLength 1 ; sh:maxLength 3 ] .
:Pair sh:targetSubjectsOf :q ;
    sh:property
        [ sh:path :q ; sh:equals :r ],
        [ sh:path :p ; sh:disjoint :q, :r ] .
:Range sh:targetObjectsOf :n ;
    sh:minExclusive 0 ; sh:maxInclusive 2.5 .
:Range2 sh:targetObjectsOf :n ;
    sh:minInclusive 1 ; sh:maxExclusive 2.0 .
:Order sh:targetSubjectsOf :n ; sh:property
    [ sh:path :n ; sh:lessThan :m ], [ sh:path :n ; sh:lessThanOrEquals :m ] .
:Logic sh:targetClass :D ;
    sh:not [ sh:property [ sh:path :q ; sh:minCount 2 ] ] ;
    sh:and ( [ sh:class :C ] [ sh:property [ sh:path :p ; sh:maxCount 1 ] ] ) ;
    sh:or ( [ sh:property [ sh:path :r ; sh:minCount 1 ] ]
        [ sh:property [ sh:path :p ; sh:minCount 1 ] ] ) ;
    sh:xone ( [ sh:class :C ] [ sh:property [ sh:path :q ; sh:minCount 1 ] ] ) .
:Nested sh:targetNode :x, :nowhere ;
    sh:property [ sh:path :p ; sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ] ;
        sh:property [ sh:path :r ; sh:maxCount 1 ] ] .
:Closed sh:targetClass :C ; sh:closed true ; sh:ignoredProperties ( rdf:type :n :m ) ;
    sh:property [ sh:path :p ], [ sh:path :q ] .
:Qualified sh:targetClass :D ; sh:property :some, :others .
:some sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ;
    sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true .
:others sh:path :p ; sh:qualifiedValueShape [ sh:nodeKind sh:BlankNode ] ;
    sh:qualifiedMaxCount 1 ; sh:qualifiedValueShapesDisjoint true .
:Paths sh:targetClass :C ; sh:property
    [ sh:path [ sh:inversePath :p ] ; sh:maxCount 1 ],
    [ sh:path ( :p :q ) ; sh:nodeKind sh:IRI ],
    [ sh:path [ sh:alternativePath ( :p :q ) ] ; sh:minCount 1 ; sh:in ( 1 :x ) ],
    [ sh:path [ sh:oneOrMorePath :p ] ; sh:nodeKind sh:IRI ],
    [ sh:path ( [ sh:zeroOrOnePath :p ] [ sh:inversePath :p ] ) ; sh:class :C ],
    [ sh:path [ sh:zeroOrMorePath :p ] ; sh:class :C ] .
:C a rdfs:Class, sh:NodeShape ; sh:property [ sh:path :r ; sh:maxCount 2 ] .
:D rdfs:subClassOf :C .
"""


def _names(*local: str) -> list[NamedNode]:
    return [NamedNode(f"http://example.org/{name}") for name in local]


_NUMBERS: list[Term] = [
    Literal(1),
    Literal(2),
    _literal("2.0", "xsd:decimal"),
    _literal("3e0", "xsd:double"),
]
_THINGS = _records(
    nodes=[*_names("x", "y"), BlankNode("z")],
    types=[*_names("C", "D", "E")],
    predicates=_names("p", "q", "r"),
    values=[Literal(1), Literal("abc"), Literal("Dab", language="en"), Literal("a", language="en")],
)
_MEASURES = st.lists(
    st.builds(
        Triple,
        st.sampled_from(_names("x", "y")),
        st.sampled_from(_names("n", "m")),
        st.sampled_from(_NUMBERS),
    ),
    max_size=6,
    unique=True,
)


@pytest.mark.filterwarnings("ignore::pyshacl.errors.ShapeRecursionWarning")
@_SETTINGS
@given(things=_THINGS, measures=_MEASURES)
def test_reports_on_every_component_are_equal(
    turtle: Turtle, things: Record, measures: Record
) -> None:
    shapes = turtle(EVERY_COMPONENT)
    # pySHACL does not read the class hierarchy from the shapes graph.
    background = turtle(":D rdfs:subClassOf :C .")

    _assert_equal_reports(
        compile_shapes(shapes, background), shapes, background, [*things, *measures]
    )
