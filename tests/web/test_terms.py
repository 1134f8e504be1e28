"""The reference page of the ontology: entries, uses, mappings, the tree and the picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.namespaces import COOP, iri
from coopgraph.rdf import TripleIndex
from coopgraph.settings import Settings
from coopgraph.standard import Kind, Standard
from coopgraph.web.diagram import draw
from coopgraph.web.facts import Value
from coopgraph.web.terms import QUESTION, Branch, TermEntry, Terms
from coopgraph.web.urls import urls_of

PAGE = urls_of(Settings()).page


def entries(standard: Standard, **queries: Value) -> dict[str, TermEntry]:
    terms = Terms(standard, PAGE, queries)
    return {entry.name: entry for entry in (*terms.classes(), *terms.properties())}


def texts(entry: TermEntry, key: str) -> list[str]:
    return [value.text for row in entry.rows if row.key == key for value in row.values]


@pytest.fixture(scope="module")
def found(standard: Standard) -> dict[str, TermEntry]:
    return entries(standard)


def test_every_term_of_ours_has_an_entry(standard: Standard, found: dict[str, TermEntry]) -> None:
    declared = {
        subject.value.removeprefix(COOP)
        for kind in ("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty")
        for subject in standard.index.subjects(iri("rdf:type"), iri(kind))
        if isinstance(subject, NamedNode) and subject.value.startswith(COOP)
    }
    assert len(declared) > 50
    assert set(found) == declared
    assert all(entry.label and entry.comment and entry.rows for entry in found.values())


def test_a_derived_class_says_from_what_it_follows(found: dict[str, TermEntry]) -> None:
    entry = found["WorkerCooperative"]
    assert texts(entry, "definition") == ["Co-operative whose membership type is “Worker”"]
    assert texts(entry, "rdfs:subClassOf") == ["coop:Cooperative"]
    assert {value.language for value in entry.labels} == {"es", "fr"}


def test_a_class_that_a_general_kind_implies_says_so_too(found: dict[str, TermEntry]) -> None:
    assert texts(found["Cooperative"], "definition") == [
        "Organisation whose kind is “Co-operative”"
    ]


def test_a_term_says_where_it_is_used(found: dict[str, TermEntry]) -> None:
    assert "Organisation: Activity" in texts(found["activity"], "uses")
    assert "Organisation" in texts(found["Organization"], "uses")
    uses = next(row for row in found["activity"].rows if row.key == "uses")
    assert all(value.href.startswith("/shapes#") for value in uses.values)


def test_a_term_says_what_others_call_it(found: dict[str, TermEntry]) -> None:
    assert "a kind of org:Organization" in texts(found["Organization"], "mappings")
    assert "close to schema:Cooperative" in texts(found["Cooperative"], "mappings")


def test_a_question_leads_to_the_query_that_answers_it(standard: Standard) -> None:
    question = texts(entries(standard)["CreditUnion"], "question")[0]
    linked = Value(question, "/queries/some")
    answered = Terms(standard, PAGE, {question: linked}).classes()
    entry = next(entry for entry in answered if entry.name == "CreditUnion")
    assert next(row for row in entry.rows if row.key == "question").values == (linked,)


def test_a_new_term_appears(standard: Standard) -> None:
    motto = NamedNode(f"{COOP}motto")
    new = [
        Triple(motto, iri("rdf:type"), iri("owl:DatatypeProperty")),
        Triple(motto, iri("rdfs:label"), Literal("motto", language="en")),
        Triple(motto, iri("skos:editorialNote"), Literal(f"{QUESTION}Why?", language="en")),
    ]
    triples = [*standard.ontology, *standard.shapes, *new]
    entry = entries(replace(standard, index=TripleIndex(triples)))["motto"]
    assert (entry.label, texts(entry, "question")) == ("motto", ["Why?"])


def test_the_tree_holds_each_class_once(standard: Standard, found: dict[str, TermEntry]) -> None:
    terms = Terms(standard, PAGE, {})

    def names(branches: tuple[Branch, ...]) -> list[str]:
        return [n for b in branches for n in (b.name, *names(b.below))]

    tree = terms.tree()
    assert sorted(names(tree)) == sorted(entry.name for entry in terms.classes())
    organization = next(branch for branch in tree if branch.name == "Organization")
    assert "Cooperative" in {branch.name for branch in organization.below}


def test_the_picture_holds_every_entity_type_and_node_field(standard: Standard) -> None:
    picture = draw(standard, PAGE)
    drawn = {(arrow.start.href, arrow.name, arrow.end.href) for arrow in picture.arrows}
    for entity in standard.entity_types.values():
        href = PAGE(entity.shape.value)
        assert href in {box.href for box in picture.boxes}, entity.name
        fields = [item for item in entity.fields if item.kind is Kind.NODE]
        assert {item.node for item in fields} <= set(standard.entity_types)
        assert len([arrow for arrow in drawn if arrow[0] == href]) == len(fields), entity.name


def test_no_two_boxes_of_the_picture_overlap(standard: Standard) -> None:
    picture = draw(standard, PAGE)
    places = sorted((box.x, box.y) for box in picture.boxes)
    assert len(places) > 8
    for (x1, y1), (x2, y2) in pairwise(places):
        assert x2 - x1 >= picture.box_width or y2 - y1 >= picture.box_height
    assert all(x + picture.box_width <= picture.width for x, _ in places)
    assert all(y + picture.box_height <= picture.height for _, y in places)
