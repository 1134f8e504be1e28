"""Whole graphs: written from the store in every form, as they are, without a query."""

from __future__ import annotations

import io
import json

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from coopgraph.errors import QueryRefused, UnfitForm, UnknownThing
from coopgraph.formats import GRAPH_FORMATS
from coopgraph.query import MOST_ROWS, ROWS, Job, run, whole_graph, write
from coopgraph.query.writing import Language
from coopgraph.standard import Standard

NAME = "https://coops.example/graph/one"
TRIPLES = [
    Triple(NamedNode(f"urn:s{n}"), NamedNode("https://coops.example/ns#p"), Literal(f"text {n}"))
    for n in range(MOST_ROWS + 10)
]


@pytest.fixture
def store() -> Store:
    """Many triples in one graph, another one in the merge, and an empty graph."""
    store = Store()
    store.extend(Quad(*triple, NamedNode(NAME)) for triple in TRIPLES)
    store.add(Quad(NamedNode("urn:merged"), NamedNode("urn:p"), Literal("x")))
    store.add_graph(NamedNode("urn:empty"))
    return store


@pytest.fixture(scope="module")
def language(standard: Standard) -> Language:
    return Language.of(standard)


def written(store: Store, name: str, extension: str, language: Language) -> bytes:
    output = io.BytesIO()
    write(run(whole_graph(name), store, 0), extension, output, lambda: language)
    return output.getvalue()


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_every_form_holds_every_triple_in_the_default_graph(
    store: Store, language: Language, form: object
) -> None:
    body = written(store, NAME, form.extension, language)  # type: ignore[attr-defined]
    found = list(parse(body, format=form.rdf))  # type: ignore[attr-defined]
    assert len(found) == len(TRIPLES)
    assert set(found) == {Quad(*triple) for triple in TRIPLES}


def test_without_a_name_it_is_the_merge_alone(store: Store, language: Language) -> None:
    assert written(store, "", "nt", language) == b'<urn:merged> <urn:p> "x" .\n'


def test_an_empty_graph_is_there_and_another_is_not(store: Store, language: Language) -> None:
    assert written(store, "urn:empty", "nt", language) == b""
    with pytest.raises(UnknownThing, match="urn:none"):
        run(whole_graph("urn:none"), store, 0)
    with pytest.raises(QueryRefused, match="no IRI"):
        run(whole_graph("none"), store, 0)


def test_a_page_gets_the_first_rows(store: Store, language: Language) -> None:
    content = json.loads(written(store, NAME, ROWS, language))
    assert content["columns"] == ["subject", "predicate", "object"]
    assert len(content["rows"]) == MOST_ROWS
    assert content["more"] is True


@pytest.mark.parametrize("text", ["\u0001", "\ufffe"])
def test_what_xml_cannot_hold_is_refused(store: Store, language: Language, text: str) -> None:
    store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(text), NamedNode(NAME)))
    with pytest.raises(UnfitForm):
        written(store, NAME, "rdf", language)


def test_a_property_without_a_name_is_refused_in_xml_alone(
    store: Store, language: Language
) -> None:
    odd = Quad(NamedNode("urn:s"), NamedNode("https://x.example/1"), Literal("x"))
    store.add(odd)
    with pytest.raises(UnfitForm, match="property"):
        written(store, "", "rdf", language)
    assert odd in set(parse(written(store, "", "ttl", language), format=RdfFormat.TURTLE))
    assert written(store, NAME, "rdf", language).startswith(b"<?xml")


def test_a_graph_is_no_table(store: Store, language: Language) -> None:
    with pytest.raises(UnfitForm):
        written(store, NAME, "csv", language)


def test_a_job_for_a_graph_survives_its_way_to_a_worker() -> None:
    for name in (NAME, ""):
        job = Job(whole_graph(name), "ttl", "https://coops.example/context.jsonld")
        assert Job.from_bytes(job.to_bytes()) == job
        assert job.query.gives_graph
    assert whole_graph(NAME).text != whole_graph().text
