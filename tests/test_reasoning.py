"""The compiled rules: each on its own, and all of them against owlrl."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import owlrl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.namespaces import PREFIXES, iri
from coopgraph.rdf import Term, from_rdflib, read_turtle, sorted_lines, to_rdflib
from coopgraph.reasoning import compile_rules

ONTOLOGY = Path(__file__).parents[1] / "ontology"
_HEAD = "@prefix : <http://example.org/> .\n" + "".join(
    f"@prefix {prefix}: <{stem}> .\n" for prefix, stem in PREFIXES.items()
)


def turtle(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(_HEAD + text, format=RdfFormat.TURTLE)]


def inferred(ontology: str, data: str) -> list[str]:
    return sorted(compile_rules(turtle(ontology)).infer(sorted_lines(turtle(data))))


SINGLE_RULES = {
    "cax-sco: a subclass's member is in the class": (
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .",
        ":x a :A .",
        ":x a :B, :C .",
    ),
    "cax-eqc: equivalent classes have the same members": (
        ":A owl:equivalentClass :B .",
        ":x a :A . :y a :B .",
        ":x a :B . :y a :A .",
    ),
    "cls-int1: a member of all parts is in the intersection": (
        ":C owl:intersectionOf ( :A :B ) .",
        ":x a :A, :B . :y a :A .",
        ":x a :C .",
    ),
    "cls-int2: a member of the intersection is in all parts": (
        ":C owl:intersectionOf ( :A :B ) .",
        ":x a :C .",
        ":x a :A, :B .",
    ),
    "cls-uni: a member of a part is in the union": (
        ":C owl:unionOf ( :A :B ) .",
        ":x a :B .",
        ":x a :C .",
    ),
    "cls-hv1: a member of the restriction has the value": (
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :v ] .",
        ":x a :C .",
        ":x :p :v .",
    ),
    "cls-hv2: what has the value is in the restriction": (
        "[ owl:onProperty :p ; owl:hasValue :v ] rdfs:subClassOf :C .",
        ":x :p :v . :y :p :w .",
        ":x a :C .",
    ),
    "cls-hv2 with int1: a kind makes a class": (
        ":C owl:equivalentClass [ owl:intersectionOf "
        "( :A [ owl:onProperty :p ; owl:hasValue :v ] ) ] .",
        ":x a :A ; :p :v . :y :p :v . :z a :C .",
        ":x a :C . :z a :A ; :p :v .",
    ),
    "cls-svf1: what has some value of the class is in the restriction": (
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :D .",
        ":x :p :y . :y a :C . :z :p :w, :v . :w a :E .",
        ":x a :D .",
    ),
    "cls-svf1 with inferred classes: subclass, intersection, restriction": (
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :C ."
        ":A rdfs:subClassOf :B . :C owl:intersectionOf ( :B :F ) .",
        ":w :p :x . :x :p :y . :y :p :z . :z a :A, :F . :v :p :u . :u a :A .",
        ":z a :B, :C . :y a :C, :B, :F . :x a :C, :B, :F . :w a :C, :B, :F . :u a :B .",
    ),
    "cls-svf1 over subproperties and inverses: members make the class of their federation": (
        ":memberOf rdfs:subPropertyOf :linked ; owl:inverseOf :member ."
        "[ owl:onProperty :member ; owl:someValuesFrom :Coop ] rdfs:subClassOf :Host ."
        "[ owl:onProperty :linked ; owl:someValuesFrom :Host ] rdfs:subClassOf :Linked .",
        ":x a :Coop ; :memberOf :f . :y :memberOf :g .",
        ":x :linked :f ; a :Linked . :f :member :x ; a :Host . :y :linked :g . :g :member :y .",
    ),
    "cls-svf1 over a chain and a value that a class prescribes": (
        ":p owl:propertyChainAxiom ( :q :r ) ."
        ":A rdfs:subClassOf [ owl:onProperty :r ; owl:hasValue :v ] ."
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :D .",
        ":x :q :y . :y a :A . :v a :C .",
        ":y :r :v . :x :p :v ; a :D .",
    ),
    "cls-svf2: what has any value at all is in the restriction": (
        ":q rdfs:subPropertyOf :p . :p owl:inverseOf :r ."
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :D .",
        ':x :q :y . :z :p "text" . :v :r :w .',
        ":x :p :y ; a :D . :y :r :x . :z a :D . :w :p :v ; a :D .",
    ),
    "scm-svf1: some value of a class is some value of the class above, and of any": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] . :B rdfs:subClassOf :C ."
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :D ."
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :E .",
        ":x a :A .",
        ":x a :D, :E .",
    ),
    "scm-svf2: a value of a property is a value of the property above": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] ."
        ":p rdfs:subPropertyOf :q . :q owl:equivalentProperty :r ."
        "[ owl:onProperty :r ; owl:someValuesFrom :B ] rdfs:subClassOf :D .",
        ":x a :A .",
        ":x a :D .",
    ),
    "scm-hv: a prescribed value is prescribed for the property above": (
        ":A rdfs:subClassOf [ owl:onProperty :s ; owl:someValuesFrom"
        " [ owl:onProperty :p ; owl:hasValue :v ] ] . :p rdfs:subPropertyOf :q ."
        "[ owl:onProperty :s ; owl:someValuesFrom [ owl:onProperty :q ; owl:hasValue :v ] ]"
        " rdfs:subClassOf :D .",
        ":x a :A .",
        ":x a :D .",
    ),
    "prp-spo1: a subproperty's pairs are the property's": (
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .",
        ':x :p :y, "text" .',
        ':x :q :y, "text" ; :r :y, "text" .',
    ),
    "prp-eqp: equivalent properties have the same pairs": (
        ":p owl:equivalentProperty :q .",
        ":x :p :y . :y :q :z .",
        ":x :q :y . :y :p :z .",
    ),
    "prp-inv: an inverse speaks about the other subject": (
        ":p owl:inverseOf :q .",
        ':x :p :y, "text" . :z :q :x .',
        ":y :q :x . :x :p :z .",
    ),
    "prp-symp: a symmetric property holds both ways": (
        ":p a owl:SymmetricProperty .",
        ":x :p :y .",
        ":y :p :x .",
    ),
    "prp-spo2: a chain gives the direct link": (
        ":p owl:propertyChainAxiom ( :q :r :s ) .",
        ":a :q :b . :b :r :c . :c :s :d, :e . :b :s :f .",
        ":a :p :d, :e .",
    ),
    "prp-spo2 again: a chain runs over what a chain gave": (
        ":p owl:propertyChainAxiom ( :p :p ) .",
        ":a :p :b . :b :p :c . :c :p :d .",
        ":a :p :c, :d . :b :p :d .",
    ),
    "chain, inverse and restriction feed each other": (
        ":memberOf owl:propertyChainAxiom ( :membership :organization ) ; owl:inverseOf :member ."
        "[ owl:onProperty :member ; owl:hasValue :x ] rdfs:subClassOf :Host .",
        ":x :membership :m . :m :organization :f .",
        ":x :memberOf :f . :f :member :x ; a :Host .",
    ),
}


@pytest.mark.parametrize("rule", SINGLE_RULES)
def test_rule_yields_what_it_says(rule: str) -> None:
    ontology, data, expected = SINGLE_RULES[rule]

    assert inferred(ontology, data) == sorted_lines(turtle(expected))


LEFT_OUT = {
    "domain": (":p rdfs:domain :C .", ":x :p :y ."),
    "range": (":p rdfs:range :C .", ":x :p :y ."),
    "transitive property": (":p a owl:TransitiveProperty .", ":x :p :y . :y :p :z ."),
    "functional property": (":p a owl:FunctionalProperty .", ":x :p :y, :z ."),
    "some value of a class that nothing here is said to be in": (
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :D .",
        ':x :p :y, "text" . :y a :E .',
    ),
    "a class of which some value is asked": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] .",
        ":x a :A ; :p :y .",
    ),
    "owl:Thing": (":A rdfs:subClassOf owl:Thing .", ":x a :A ."),
    "an unnamed class": (":A rdfs:subClassOf [ owl:complementOf :B ] .", ":x a :A ."),
    "an axiom in the data": ("", ":A rdfs:subClassOf :B . :x a :A ."),
    "what was given": (":A owl:equivalentClass :B .", ":x a :A, :B ."),
    "a literal as subject": (":p owl:inverseOf :q .", ':x :p "text" .'),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_nothing_is_inferred_from(case: str) -> None:
    assert inferred(*LEFT_OUT[case]) == []


def test_organisations_do_not_mix() -> None:
    rules = compile_rules(turtle(":A rdfs:subClassOf :B . :p owl:propertyChainAxiom ( :q :r ) ."))

    rules.infer(sorted_lines(turtle(":x a :A ; :q :y .")))

    assert rules.infer(sorted_lines(turtle(":y :r :z ."))) == set()


# The axioms outside the profile that would make owlrl conclude more than we do.
_OUTSIDE = {iri("rdfs:domain"), iri("rdfs:range")}
_OUTSIDE_TYPES = {
    iri("owl:TransitiveProperty"),
    iri("owl:FunctionalProperty"),
    iri("owl:InverseFunctionalProperty"),
}
_DECLARED = {
    iri("owl:someValuesFrom"): iri("owl:Class"),
    iri("owl:onProperty"): iri("owl:ObjectProperty"),
}
_LOGIC = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))


def by_owlrl(ontology: list[Triple], data: list[Triple]) -> set[Triple]:
    """What owlrl concludes from the data, restricted to our profile.

    The ontology loses domains, ranges, and declarations of transitive and functional
    properties, and gains those of the classes and properties that ``owl:someValuesFrom`` and
    ``owl:onProperty`` speak of, which OWL 2 DL asks for. Of the closure stays what the ontology alone does not yield and the data do not
    say, with a predicate outside the vocabularies of RDF, RDFS and OWL, or ``rdf:type`` with a
    named class outside them.
    """
    axioms = [
        triple
        for triple in ontology
        if triple.predicate not in _OUTSIDE and triple.object not in _OUTSIDE_TYPES
    ]
    axioms += [
        Triple(triple.object, iri("rdf:type"), kind)
        for triple in ontology
        if (kind := _DECLARED.get(triple.predicate)) and not isinstance(triple.object, Literal)
    ]
    new = _closure([*axioms, *data]) - _closure(axioms) - set(data)
    return {triple for triple in new if _is_in_profile(triple)}


def _closure(triples: Iterable[Triple]) -> set[Triple]:
    graph = to_rdflib(triples)
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    return set(from_rdflib(graph))


def _is_in_profile(triple: Triple) -> bool:
    if triple.predicate == iri("rdf:type"):
        name = triple.object
        return isinstance(name, NamedNode) and not name.value.startswith(_LOGIC)
    return not triple.predicate.value.startswith(_LOGIC)


@pytest.mark.parametrize("rule", SINGLE_RULES)
def test_single_rules_agree_with_owlrl(rule: str) -> None:
    ontology, data, expected = SINGLE_RULES[rule]

    assert by_owlrl(turtle(ontology), turtle(data)) == set(turtle(expected))


SAMPLE_ORGANIZATIONS = """
@prefix kind: <https://w3id.org/coopgraph/code/organisation-kind/> .
@prefix membership-type: <https://w3id.org/coopgraph/code/membership-type/> .
@prefix tier: <https://w3id.org/coopgraph/code/tier/> .

:bakery a coop:Organization ; skos:prefLabel "Bakery"@en ;
    coop:kind kind:food-cooperative ; coop:membershipType membership-type:worker ;
    coop:tier tier:primary ; locn:address <http://example.org/bakery#address> ;
    adms:identifier <http://example.org/bakery#registration> ;
    org:hasMembership <http://example.org/bakery#membership> ;
    coop:identityClaim <http://example.org/bakery#claim> .
<http://example.org/bakery#address> a locn:Address ; locn:postName "Leeds" .
<http://example.org/bakery#registration> a coop:Registration ; skos:notation "1" .
<http://example.org/bakery#membership> a org:Membership ; org:organization :federation .
<http://example.org/bakery#claim> a coop:IdentityClaim .
:record a coop:Record ; foaf:primaryTopic :bakery ; dcterms:identifier "1" .
---
@prefix kind: <https://w3id.org/coopgraph/code/organisation-kind/> .
@prefix tier: <https://w3id.org/coopgraph/code/tier/> .

:federation a coop:Organization ; coop:kind kind:federation, kind:cooperative ;
    coop:tier tier:secondary, tier:apex ;
    org:hasSite <http://example.org/federation#site> ;
    coop:observation <http://example.org/federation#observation> ;
    schema:makesOffer <http://example.org/federation#offer> .
<http://example.org/federation#site> a org:Site .
<http://example.org/federation#observation> a coop:Observation .
<http://example.org/federation#offer> a coop:Offer ; coop:productCategory :anything .
---
@prefix kind: <https://w3id.org/coopgraph/code/organisation-kind/> .
@prefix membership-type: <https://w3id.org/coopgraph/code/membership-type/> .

:union a coop:Organization ; coop:kind kind:credit-union, kind:mutual ;
    coop:membershipType membership-type:consumer, membership-type:producer .
:nameless a coop:Organization .
:strange coop:kind kind:credit-union .
"""


@pytest.fixture(scope="module")
def standard() -> list[Triple]:
    """The ontology as it is published, with its alignments."""
    alignments = sorted((ONTOLOGY / "alignments").glob("*.ttl"))
    paths = [ONTOLOGY / "coop.ttl", ONTOLOGY / "axioms.ttl", *alignments]
    assert alignments, f"no alignments under {ONTOLOGY}"
    assert all(path.is_file() for path in paths)
    return read_turtle(paths)


def test_standard_agrees_with_owlrl(standard: list[Triple]) -> None:
    samples = [turtle(sample) for sample in SAMPLE_ORGANIZATIONS.split("---")]
    rules = compile_rules(standard)

    one_by_one = [rules.infer(sorted_lines(sample)) for sample in samples]

    assert all(one_by_one)
    together = by_owlrl(standard, [triple for sample in samples for triple in sample])
    assert sorted(set().union(*one_by_one)) == sorted_lines(together)


def test_standard_derives_kinds_and_memberships(standard: list[Triple]) -> None:
    bakery = sorted_lines(turtle(SAMPLE_ORGANIZATIONS.split("---")[0]))
    expected = turtle(
        ":bakery a coop:FoodCooperative, coop:WorkerCooperative, coop:Cooperative ;"
        " org:memberOf :federation . :federation org:hasMember :bakery ."
    )

    assert {*sorted_lines(expected)} <= compile_rules(standard).infer(bakery)


_Nodes = st.SearchStrategy[NamedNode] | st.SearchStrategy[NamedNode | BlankNode]
_CLASSES = [NamedNode(f"http://example.org/C{n}") for n in range(4)]
_UNNAMED = [BlankNode(f"r{n}") for n in range(3)]
_PROPERTIES = [NamedNode(f"http://example.org/p{n}") for n in range(4)]
_NODES = [NamedNode(f"http://example.org/x{n}") for n in range(4)]
_TEXT = Literal("text")
_ANY_CLASS: _Nodes = st.sampled_from([*_CLASSES, *_UNNAMED])


@st.composite
def _list_axiom(draw: st.DrawFn, name: str, subject: _Nodes, member: _Nodes) -> list[Triple]:
    members = draw(st.lists(member, min_size=2, max_size=3))
    cells = [BlankNode() for _ in members]
    rest: list[Term] = [*cells[1:], iri("rdf:nil")]
    triples = [Triple(draw(subject), iri(name), cells[0])]
    for cell, value, tail in zip(cells, members, rest, strict=True):
        triples += [Triple(cell, iri("rdf:first"), value), Triple(cell, iri("rdf:rest"), tail)]
    return triples


def _axiom(name: str, subject: _Nodes, value: _Nodes) -> st.SearchStrategy[list[Triple]]:
    return st.builds(Triple, subject, st.just(iri(name)), value).map(lambda triple: [triple])


def _restriction(value: st.SearchStrategy[Term] | _Nodes) -> st.SearchStrategy[list[Triple]]:
    return st.builds(
        lambda node, predicate, value: [
            Triple(node, iri("owl:onProperty"), predicate),
            Triple(node, iri("owl:hasValue"), value),
        ],
        st.sampled_from(_UNNAMED),
        _PROPERTY,
        value,
    )


def _existential() -> st.SearchStrategy[list[Triple]]:
    return st.builds(
        lambda node, predicate, filler: [
            Triple(node, iri("owl:onProperty"), predicate),
            Triple(node, iri("owl:someValuesFrom"), filler),
        ],
        st.sampled_from(_UNNAMED),
        _PROPERTY,
        st.sampled_from([*_CLASSES, *_UNNAMED, iri("owl:Thing")]),
    )


_PROPERTY: st.SearchStrategy[NamedNode] = st.sampled_from(_PROPERTIES)
_NODE: _Nodes = st.sampled_from(_NODES)
_NODE_OR_TEXT: st.SearchStrategy[Term] = st.sampled_from([*_NODES, _TEXT])
_FORWARD_AXIOM = st.one_of(
    _axiom("rdfs:subClassOf", _ANY_CLASS, _ANY_CLASS),
    _axiom("owl:equivalentClass", _ANY_CLASS, _ANY_CLASS),
    _list_axiom("owl:intersectionOf", _ANY_CLASS, _ANY_CLASS),
    _list_axiom("owl:unionOf", _ANY_CLASS, _ANY_CLASS),
    _axiom("rdfs:subPropertyOf", _PROPERTY, _PROPERTY),
    _axiom("owl:equivalentProperty", _PROPERTY, _PROPERTY),
    _list_axiom("owl:propertyChainAxiom", _PROPERTY, _PROPERTY),
)
_BACKWARD_AXIOM = st.one_of(
    _axiom("owl:inverseOf", _PROPERTY, _PROPERTY),
    _axiom("rdf:type", _PROPERTY, st.just(iri("owl:SymmetricProperty"))),
)
_MEMBERSHIP = st.builds(Triple, _NODE, st.just(iri("rdf:type")), st.sampled_from(_CLASSES))
_LINK = st.builds(Triple, _NODE, _PROPERTY, _NODE)
_ATTRIBUTE = st.builds(Triple, _NODE, _PROPERTY, _NODE_OR_TEXT)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        _FORWARD_AXIOM | _BACKWARD_AXIOM | _restriction(_NODE) | _existential(),
        min_size=1,
        max_size=7,
    ),
    st.lists(_MEMBERSHIP | _LINK, min_size=1, max_size=6),
)
def test_random_ontologies_agree_with_owlrl(axioms: list[list[Triple]], data: list[Triple]) -> None:
    _assert_same(axioms, data)


# Read backwards, a literal becomes a subject, of which owlrl goes on to conclude more.
@settings(max_examples=15, deadline=None)
@given(
    st.lists(_FORWARD_AXIOM | _restriction(_NODE_OR_TEXT) | _existential(), min_size=1, max_size=7),
    st.lists(_MEMBERSHIP | _ATTRIBUTE, min_size=1, max_size=6),
)
def test_random_literals_agree_with_owlrl(axioms: list[list[Triple]], data: list[Triple]) -> None:
    _assert_same(axioms, data)


def _assert_same(axioms: list[list[Triple]], data: list[Triple]) -> None:
    ontology = [triple for axiom in axioms for triple in axiom]

    ours = compile_rules(ontology).infer(sorted_lines(data))

    assert sorted(ours) == sorted_lines(by_owlrl(ontology, data))
