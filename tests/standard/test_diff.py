"""Two versions of the standard → changes: each classified, none lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.namespaces import CODE, COOP, PREFIXES, SHAPES, curie, iri
from coopgraph.standard import Standard
from coopgraph.standard.diff import Breaks, Change, Level, diff
from coopgraph.standard.diff.graph import Graph, short
from coopgraph.standard.diff.predicates import RULES
from coopgraph.standard.diff.text import change_line, change_lines
from coopgraph.standard.reading import make_standard
from coopgraph.standard.releases import canonical_quads, graphs

PREFIX_LINES = "".join(f"@prefix {name}: <{stem}> .\n" for name, stem in PREFIXES.items())
ONTOLOGY = """
<https://w3id.org/coopgraph/ns> a owl:Ontology ; owl:versionInfo "1.2.3" .
coop:Thing a owl:Class ; rdfs:label "Thing"@en ; rdfs:subClassOf schema:Thing .
coop:Tool a owl:Class ; rdfs:label "Tool"@en ; rdfs:subClassOf coop:Thing ;
    owl:equivalentClass [ a owl:Restriction ; owl:onProperty coop:kind ; owl:hasValue coop:x ] .
coop:kind a owl:ObjectProperty ; rdfs:label "kind"@en ; skos:closeMatch schema:category .
coop:weight a owl:DatatypeProperty ; rdfs:label "weight"@en .
[] a owl:AllDisjointClasses ; owl:members ( coop:Thing coop:Other ) .
[] a owl:Class ; owl:unionOf ( coop:Thing coop:Tool ) ; rdfs:subClassOf schema:Product .
"""
SHAPE_LINES = """
coopsh:ThingShape a sh:NodeShape ; sh:targetClass coop:Thing ; rdfs:label "Thing"@en ;
    sh:property coopsh:name, coopsh:kind, coopsh:weight, coopsh:made, coopsh:part .
coopsh:PartShape a sh:NodeShape ; sh:targetClass coop:Part ; rdfs:label "Part"@en ;
    coop:fragment "part" ; sh:property coopsh:number .
coopsh:name a sh:PropertyShape ; sh:path skos:prefLabel ; sh:name "Name"@en ; sh:order 1 ;
    sh:datatype rdf:langString ; sh:minCount 1 ; sh:uniqueLang true ; sh:maxLength 50 ;
    sh:message "Give a name."@en ; coop:column "name" ; coop:hxl "#name" .
coopsh:kind a sh:PropertyShape ; sh:path coop:kind ; sh:name "Kind"@en ; sh:order 2 ;
    sh:node coopsh:KindCode ; sh:nodeKind sh:IRI ; sh:maxCount 1 ; coop:column "kind" .
coopsh:weight a sh:PropertyShape ; sh:path coop:weight ; sh:name "Weight"@en ; sh:order 3 ;
    sh:datatype xsd:decimal ; sh:maxCount 1 ; sh:minInclusive 0 ; sh:maxInclusive 100.0 ;
    coop:column "weight" .
coopsh:made a sh:PropertyShape ; sh:path schema:dateCreated ; sh:name "Made"@en ; sh:order 4 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] ) ; sh:maxCount 1 ;
    coop:column "made" .
coopsh:part a sh:PropertyShape ; sh:path schema:hasPart ; sh:name "Part"@en ; sh:order 5 ;
    sh:node coopsh:PartShape ; sh:class coop:Thing .
coopsh:number a sh:PropertyShape ; sh:path schema:sku ; sh:name "Number"@en ; sh:order 1 ;
    sh:datatype xsd:string ; sh:pattern "^[0-9]+$" ; sh:in ( "1" "2" ) ; coop:nodeKey true ;
    coop:column "number" .
coopsh:KindCode a sh:NodeShape ; coop:codeList code:kind ;
    sh:property [ sh:path skos:inScheme ; sh:hasValue code:kind ; sh:message "Take a kind."@en ] .
"""
CODES = """
code:kind a skos:ConceptScheme ; dcterms:title "Kinds"@en .
<https://w3id.org/coopgraph/code/kind/a> a skos:Concept ; skos:inScheme code:kind ;
    skos:notation "a" ; skos:prefLabel "Axe"@en, "Hacha"@es .
<https://w3id.org/coopgraph/code/kind/b> a skos:Concept ; skos:inScheme code:kind ;
    skos:notation "b" ; skos:prefLabel "Bow"@en ;
    skos:broader <https://w3id.org/coopgraph/code/kind/a> .
"""


def triples(text: str) -> tuple[Triple, ...]:
    return tuple(q.triple for q in parse((PREFIX_LINES + text).encode(), format=RdfFormat.TURTLE))


def made_of(ontology: str = ONTOLOGY, shapes: str = SHAPE_LINES, codes: str = CODES) -> Standard:
    lists = {NamedNode(f"{CODE}kind"): triples(codes)} if codes else {}
    return make_standard(triples(ontology), triples(shapes), lists, "0" * 16)


def edited(old: str, new: str) -> Standard:
    """The small standard with one text in place of another, which must be there once."""
    parts = [ONTOLOGY, SHAPE_LINES, CODES]
    assert sum(part.count(old) for part in parts) == 1, old
    return made_of(*(part.replace(old, new) for part in parts))


SMALL = made_of()
AXE = "https://w3id.org/coopgraph/code/kind/a"
P, C, BOTH, NOBODY = Breaks.PRODUCERS, Breaks.CONSUMERS, Breaks.BOTH, Breaks.NOBODY
CASES = [
    # terms
    ('coop:weight a owl:DatatypeProperty ; rdfs:label "weight"@en .', "", "coop:weight",
     "term removed", BOTH),
    ("coop:weight a owl:DatatypeProperty", "coop:weight a owl:ObjectProperty", "coop:weight",
     "kind changed", BOTH),
    ("[] a owl:AllDisjointClasses", "coop:new a owl:Class .\n[] a owl:AllDisjointClasses",
     "coop:new", "term added", None),
    ("coop:kind a owl:ObjectProperty ;", "coop:kind a owl:ObjectProperty ; owl:deprecated true ;",
     "coop:kind", "deprecated", None),
    ("coop:kind a owl:ObjectProperty ;",
     "coop:kind a owl:ObjectProperty, owl:FunctionalProperty ;", "coop:kind",
     "restriction added", P),
    ("coop:kind a owl:ObjectProperty ;", "coop:kind a owl:ObjectProperty, owl:SymmetricProperty ;",
     "coop:kind", "axiom added", None),
    ('rdfs:label "Tool"@en', 'rdfs:label "Implement"@en', "coop:Tool", "wording changed",
     Level.EDITORIAL),
    # axioms and alignments
    (" ; rdfs:subClassOf schema:Thing", "", "coop:Thing", "axiom removed", C),
    ('rdfs:label "Thing"@en ; rdfs:subClassOf schema:Thing',
     'rdfs:label "Thing"@en ; rdfs:subClassOf schema:Thing, schema:Product', "coop:Thing",
     "axiom added", None),
    ("owl:hasValue coop:x", "owl:hasValue coop:y", "coop:Tool", "axiom changed", C),
    (" ; skos:closeMatch schema:category", "", "coop:kind", "mapping removed", C),
    ("skos:closeMatch schema:category", "skos:closeMatch schema:category, schema:model",
     "coop:kind", "mapping added", None),
    # fields
    (", coopsh:part .", " .", f"{SHAPES}ThingShape", "field removed", BOTH),
    ("coop:weight ; sh:name", "schema:weight ; sh:name", "coopsh:weight", "path changed", BOTH),
    ('coop:column "weight"', 'coop:column "mass"', "coopsh:weight", "column renamed", BOTH),
    ('coop:column "weight"', 'coop:column "mass"', "coopsh:weight", "JSON key changed", C),
    ('sh:name "Kind"@en', 'sh:name "Sort"@en', "coopsh:kind", "wording changed", Level.EDITORIAL),
    ("sh:order 3", "sh:order 9", "coopsh:weight", "wording changed", Level.EDITORIAL),
    ('coop:hxl "#name"', 'coop:hxl "#title"', "coopsh:name", "wording changed", Level.EDITORIAL),
    ('sh:message "Give a name."@en', 'sh:message "Name it."@en', "coopsh:name",
     "wording changed", Level.EDITORIAL),
    ('coop:fragment "part"', 'coop:fragment "piece"', "coopsh:PartShape", "fragment changed",
     BOTH),
    (" ; coop:nodeKey true", "", "coopsh:number", "node key removed", BOTH),
    # cardinality
    ("sh:minCount 1", "sh:minCount 2", "coopsh:name", "minCount tightened", P),
    ("sh:minCount 1 ;", "", "coopsh:name", "minCount loosened", C),
    ("sh:minCount 1", "sh:minCount 0", "coopsh:name", "minCount loosened", C),
    ("sh:order 5 ;", "sh:order 5 ; sh:minCount 1 ;", "coopsh:part", "minCount tightened", P),
    ("sh:order 5 ;", "sh:order 5 ; sh:minCount 0 ;", "coopsh:part", "minCount rewritten",
     Level.EDITORIAL),
    ("sh:order 5 ;", "sh:order 5 ; sh:maxCount 3 ;", "coopsh:part", "maxCount tightened", P),
    ("sh:datatype xsd:decimal ; sh:maxCount 1 ;", "sh:datatype xsd:decimal ; sh:maxCount 2 ;",
     "coopsh:weight", "maxCount loosened", None),
    ("sh:datatype xsd:decimal ; sh:maxCount 1 ;", "sh:datatype xsd:decimal ; sh:maxCount 2 ;",
     "coopsh:weight", "JSON value changed", C),
    # what values may be
    ("sh:datatype xsd:decimal", "sh:datatype xsd:integer", "coopsh:weight", "datatype replaced",
     P),
    ("( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )",
     "( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:date ] [ sh:datatype xsd:gYearMonth ] )",
     "coopsh:made", "datatype loosened", None),
    ("( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )",
     "( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:date ] )", "coopsh:made",
     "datatype rewritten", Level.EDITORIAL),
    ("sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )", "sh:datatype xsd:date",
     "coopsh:made", "datatype tightened", P),
    ("sh:maxLength 50", "sh:maxLength 40", "coopsh:name", "maxLength tightened", P),
    ("sh:maxLength 50", "sh:maxLength 60", "coopsh:name", "maxLength loosened", None),
    ("sh:minInclusive 0", "sh:minInclusive 1", "coopsh:weight", "minInclusive tightened", P),
    ("sh:minInclusive 0", "sh:minInclusive -1", "coopsh:weight", "minInclusive loosened", None),
    ("sh:maxInclusive 100.0", "sh:maxInclusive 100", "coopsh:weight", "maxInclusive rewritten",
     Level.EDITORIAL),
    ('sh:pattern "^[0-9]+$"', 'sh:pattern "^[0-9]{3}$"', "coopsh:number", "pattern changed", P),
    (' ; sh:pattern "^[0-9]+$"', "", "coopsh:number", "pattern removed", None),
    ('sh:in ( "1" "2" )', 'sh:in ( "1" "2" "3" )', "coopsh:number", "in loosened", None),
    ('sh:in ( "1" "2" )', 'sh:in ( "1" )', "coopsh:number", "in tightened", P),
    ('sh:in ( "1" "2" )', 'sh:in ( "1" "3" )', "coopsh:number", "in replaced", P),
    ('sh:in ( "1" "2" )', 'sh:in ( "2" "1" )', "coopsh:number", "in rewritten", Level.EDITORIAL),
    ("sh:nodeKind sh:IRI", "sh:nodeKind sh:BlankNodeOrIRI", "coopsh:kind", "nodeKind loosened",
     None),
    ("sh:nodeKind sh:IRI", "sh:nodeKind sh:Literal", "coopsh:kind", "nodeKind replaced", P),
    ("sh:class coop:Thing", "sh:class coop:Tool", "coopsh:part", "class tightened", P),
    ("sh:class coop:Thing", "sh:class schema:Thing", "coopsh:part", "class loosened", None),
    ("sh:class coop:Thing", "sh:class coop:Other", "coopsh:part", "class replaced", P),
    (" ; sh:uniqueLang true", "", "coopsh:name", "uniqueLang loosened", None),
    ("sh:order 3 ;", "sh:order 3 ; sh:severity sh:Warning ;", "coopsh:weight",
     "severity lowered", None),
    ("sh:order 3 ;", "sh:order 3 ; sh:severity sh:Violation ;", "coopsh:weight",
     "severity rewritten", Level.EDITORIAL),
    ("sh:hasValue code:kind", "sh:hasValue code:sort", "coopsh:KindCode", "hasValue changed", P),
    ('sh:message "Take a kind."@en', 'sh:message "Choose."@en', "coopsh:KindCode",
     "wording changed", Level.EDITORIAL),
    # code lists
    ("skos:broader <https://w3id.org/coopgraph/code/kind/a> .",
     "skos:broader code:kind .", "code:kind/b", "place in the list changed", C),
    ('skos:notation "b"', 'skos:notation "bb"', "code:kind/b", "notation changed", BOTH),
    ('"Hacha"@es', '"Hacha grande"@es', "code:kind/a", "name lost", P),
    ('"Hacha"@es .', '"Hacha grande"@es ; skos:hiddenLabel "Hacha"@es .', "code:kind/a",
     "wording changed", Level.EDITORIAL),
    # what no rule knows
    ("sh:order 3 ;", "sh:order 3 ; schema:mystery true ;", "coopsh:weight",
     "other property added", BOTH),
]  # fmt: skip


def find(changes: list[Change], kind: str) -> Change:
    found = [change for change in changes if change.kind == kind]
    assert found, f"no “{kind}” among {[change_line(change) for change in changes]}"
    return found[0]


@pytest.mark.parametrize(
    ("old", "new", "subject", "kind", "weight"), CASES, ids=[f"{c[3]} ({c[1]})" for c in CASES]
)
def test_a_change_is_called_what_it_is(
    old: str, new: str, subject: str, kind: str, weight: Breaks | Level | None
) -> None:
    change = find(diff(SMALL, edited(old, new)), kind)
    assert curie(change.subject) == curie(subject)
    level = weight if isinstance(weight, Level) else Level.BREAKING if weight else Level.COMPATIBLE
    assert change.level is level
    assert change.breaks is (weight if isinstance(weight, Breaks) else NOBODY)


@pytest.mark.parametrize(
    ("lines", "kind", "level"),
    [
        ("sh:path schema:color", "field added", Level.COMPATIBLE),
        ("sh:path schema:color ; sh:minCount 1", "required field added", Level.BREAKING),
        ("sh:path coop:weight", "field added", Level.BREAKING),
    ],
)
def test_a_new_field_breaks_what_it_asks_of_old_data(lines: str, kind: str, level: Level) -> None:
    field = f"coopsh:colour a sh:PropertyShape ; {lines} ; sh:datatype xsd:string ; sh:order 9 ."
    shapes = SHAPE_LINES.replace(", coopsh:part .", ", coopsh:part, coopsh:colour .") + field
    change, *others = diff(SMALL, made_of(shapes=shapes))
    assert (change.kind, change.level, others) == (kind, level, [])
    assert curie(change.subject) == "coopsh:colour"
    assert any(statement.subject == "coopsh:ThingShape" for statement in change.added)


def test_a_new_entity_type_may_have_required_fields() -> None:
    shapes = """
    coopsh:BoxShape a sh:NodeShape ; sh:targetClass coop:Box ; sh:property coopsh:size .
    coopsh:size a sh:PropertyShape ; sh:path schema:size ; sh:minCount 1 ; sh:datatype xsd:string .
    """
    changes = diff(SMALL, made_of(shapes=SHAPE_LINES + shapes))
    assert {c.kind: c.level for c in changes} == {
        "entity type added": Level.COMPATIBLE,
        "field added": Level.COMPATIBLE,
    }
    gone = diff(made_of(shapes=SHAPE_LINES + shapes), SMALL)
    assert {c.kind: c.level for c in gone} == {
        "entity type removed": Level.BREAKING,
        "field removed": Level.BREAKING,
    }


@pytest.mark.parametrize("target", ["coop:Tool", "schema:Thing"])
def test_a_new_shape_for_things_that_were_there_breaks_producers(target: str) -> None:
    lines = f"""
        coopsh:ToolShape a sh:NodeShape ; sh:targetClass {target} ; sh:property coopsh:edge .
        coopsh:edge a sh:PropertyShape ; sh:path coop:weight ; sh:datatype xsd:decimal ;
            sh:minCount 1 ; coop:column "edge" .
    """
    found = diff(made_of(), made_of(shapes=SHAPE_LINES + lines))
    [change] = [c for c in found if c.level is Level.BREAKING]
    assert (change.kind, change.subject) == ("shape added", f"{SHAPES}ToolShape")
    assert change.breaks is Breaks.PRODUCERS


@pytest.mark.parametrize("kind", ["sh:targetSubjectsOf", "sh:targetObjectsOf"])
def test_a_new_shape_for_whatever_has_a_property_breaks_producers(kind: str) -> None:
    lines = f"coopsh:Any a sh:NodeShape ; {kind} coop:kind ; sh:nodeKind sh:IRI ."
    found = diff(made_of(), made_of(shapes=SHAPE_LINES + lines))
    assert {(c.kind, c.level) for c in found} == {("shape added", Level.BREAKING)}


def test_a_foreign_code_that_is_read_as_another_code_breaks_producers(standard: Standard) -> None:
    slug = "naics-2022"
    name = standard.crosswalks[slug].iri
    text = """
        <https://x.example/better> a owl:Axiom ;
            owl:annotatedSource <https://w3id.org/coopgraph/crosswalk/naics-2022/21> ;
            owl:annotatedProperty skos:exactMatch ;
            owl:annotatedTarget <https://w3id.org/coopgraph/code/activity/05> .
    """
    listing = Triple(
        name, NamedNode("https://w3id.org/sssom/mappings"), NamedNode("https://x.example/better")
    )
    more = (*standard.mappings[name], *triples(text), listing)
    mappings = {**standard.mappings, name: more}
    better = make_standard(
        standard.ontology, standard.shapes, standard.codes, standard.digest, mappings
    )
    [change] = [c for c in diff(standard, better) if c.kind == "translation changed"]
    assert (change.subject, change.level) == (name.value, Level.BREAKING)
    assert "“21”" in change.what


def test_codes_may_come_and_not_go() -> None:
    code = f'<{CODE}kind/c> a skos:Concept ; skos:inScheme code:kind ; skos:notation "c" .'
    more = made_of(codes=CODES + code)
    assert [(c.kind, c.level) for c in diff(SMALL, more)] == [("code added", Level.COMPATIBLE)]
    assert [(c.kind, c.level) for c in diff(more, SMALL)] == [("code removed", Level.BREAKING)]


def test_a_whole_code_list_is_one_change() -> None:
    bare = replace(SMALL, codes={}, code_lists={})
    (come,), (gone,) = diff(bare, SMALL), diff(SMALL, bare)
    assert (come.kind, come.subject) == ("code list added", f"{CODE}kind")
    assert (gone.kind, gone.level) == ("code list removed", Level.BREAKING)
    assert come.added == gone.removed
    assert len(come.added) == len(triples(CODES))


def test_a_disjointness_that_came_breaks_and_one_that_went_does_not() -> None:
    line = "[] a owl:AllDisjointClasses ; owl:members ( coop:Tool coop:Other ) .\n"
    more = made_of(ONTOLOGY + line)
    assert [(c.kind, c.breaks) for c in diff(SMALL, more)] == [("restriction added", P)]
    assert [(c.kind, c.level) for c in diff(more, SMALL)] == [
        ("restriction removed", Level.COMPATIBLE)
    ]


# Nothing is lost ------------------------------------------------------------------------------


def test_equal_versions_do_not_differ_whatever_their_blank_nodes_are_called() -> None:
    assert diff(SMALL, SMALL) == []
    assert diff(SMALL, made_of()) == []


TERMS = st.sampled_from(
    [
        *(NamedNode(f"{COOP}{name}") for name in ("Thing", "Tool", "kind", "weight", "new")),
        *(NamedNode(f"{SHAPES}{name}") for name in ("ThingShape", "weight", "made", "new")),
        NamedNode(AXE),
        NamedNode("http://elsewhere.example/x"),
        *(BlankNode(name) for name in "ab"),
    ]
)
VALUES = TERMS | st.sampled_from([Literal("1"), Literal(1), Literal("x", language="en")])
PREDICATES = st.sampled_from(
    [*sorted(RULES, key=str)[::4], *map(iri, ("rdf:type", "sh:property", "sh:or", "rdf:rest"))]
)
MORE = st.lists(st.builds(Triple, TERMS, PREDICATES, VALUES), max_size=6)


@st.composite
def versions(draw: st.DrawFn) -> Standard:
    """The small standard with triples taken away and others put in, anywhere."""

    def graph(given: tuple[Triple, ...]) -> tuple[Triple, ...]:
        gone = draw(st.sets(st.sampled_from(given), max_size=4))
        return tuple(dict.fromkeys([*(t for t in given if t not in gone), *draw(MORE)]))

    codes = {name: graph(given) for name, given in SMALL.codes.items()}
    return replace(SMALL, ontology=graph(SMALL.ontology), shapes=graph(SMALL.shapes), codes=codes)


def ground(standard: Standard) -> set[tuple[str, str, str, str]]:
    """The triples without blank nodes, as changes write them."""
    return {
        (name.value, short(t.subject), t.predicate.value, Graph().text(t.object))
        for name, given in graphs(standard).items()
        for t in given
        if isinstance(t.subject, NamedNode) and not isinstance(t.object, BlankNode)
    }


@given(versions(), versions())
def test_every_triple_that_differs_is_accounted_for(old: Standard, new: Standard) -> None:
    changes = diff(old, new)
    removed = {tuple(statement) for change in changes for statement in change.removed}
    added = {tuple(statement) for change in changes for statement in change.added}
    assert ground(old) - ground(new) <= removed
    assert ground(new) - ground(old) <= added
    assert not removed & added
    # The engine's canonical names of blank nodes say whether anything differs at all.
    assert bool(changes) == (canonical_quads(old) != canonical_quads(new))


@settings(max_examples=40)
@given(versions())
def test_a_change_back_takes_what_came_and_brings_what_went(new: Standard) -> None:
    there, back = diff(SMALL, new), diff(new, SMALL)

    def all_of(changes: list[Change], side: str) -> set[object]:
        return {statement for change in changes for statement in getattr(change, side)}

    assert all_of(there, "added") == all_of(back, "removed")
    assert all_of(there, "removed") == all_of(back, "added")


def test_every_property_of_the_standard_has_a_rule(standard: Standard) -> None:
    """What has none counts as breaking: say in ``diff/predicates.py`` how its changes count."""
    inside = {"sh:property", "rdf:first", "rdf:rest", "owl:members"}
    used = {t.predicate for given in graphs(standard).values() for t in given}
    assert len(used) > 50
    assert {short(name) for name in used - RULES.keys()} - inside == set()


def test_lines_are_grouped_by_level_and_cut_where_there_are_many() -> None:
    changes = [Change("wording changed", f"{COOP}{n}", "text", Level.EDITORIAL) for n in range(9)]
    changes.insert(0, Change("term removed", f"{COOP}x", "gone", Level.BREAKING, BOTH))
    lines = list(change_lines(changes, most=5))
    assert lines[:2] == [
        "Breaking (1)",
        "  coop:x: term removed: gone [breaks producers and consumers]",
    ]
    assert "Editorial (9)" in lines
    assert "  … and 4 more; --json lists them all" in lines
