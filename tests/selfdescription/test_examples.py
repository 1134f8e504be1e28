"""Stored queries as RDF: what the query editors of the SIB ask for is there."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from coopgraph.namespaces import PREFIXES
from coopgraph.selfdescription import Example, example_triples

BASE, ENDPOINT = "https://x.example/", NamedNode("https://served.example/sparql")
EXAMPLES = [
    Example("two", "Two", "Which?", "CONSTRUCT", "CONSTRUCT WHERE { ?s ?p ?o }", ("a", "b")),
    Example("one", "One", "Who “said” \\ that?\n", "SELECT", 'SELECT ("\\"" AS ?x) {}'),
    Example("yes", "Yes", "Is it?", "ASK", "ASK {}"),
]


@pytest.fixture(scope="module")
def store() -> Store:
    """The examples as a graph."""
    store = Store()
    triples = example_triples(BASE, ENDPOINT, EXAMPLES)
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    return store


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    head = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("sh", "rdfs"))
    solutions = store.query(head + query)
    assert isinstance(solutions, QuerySolutions)
    return [tuple(term.value for term in row) for row in solutions]


def test_an_editor_finds_queries_with_what_they_are_for(store: Store) -> None:
    found = ask(
        store,
        "SELECT ?q ?comment ?query { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; "
        "sh:select|sh:ask|sh:construct ?query } ORDER BY ?q",
    )
    assert found == [
        (f"{BASE}queries/{example.name}", example.comment, example.text)
        for example in sorted(EXAMPLES, key=lambda example: example.name)
    ]


@pytest.mark.parametrize(
    ("kind", "path", "name"),
    [("Select", "select", "one"), ("Construct", "construct", "two"), ("Ask", "ask", "yes")],
)
def test_the_class_is_that_of_the_form(store: Store, kind: str, path: str, name: str) -> None:
    found = ask(store, f"SELECT ?q {{ ?q a sh:SPARQL{kind}Executable ; sh:{path} ?text }}")
    assert found == [(f"{BASE}queries/{name}",)]


@pytest.mark.parametrize("schema", ["http://schema.org/", "https://schema.org/"])
def test_each_names_its_endpoint_and_keywords(store: Store, schema: str) -> None:
    targets = ask(store, f"SELECT ?q {{ ?q <{schema}target> <{ENDPOINT.value}> }}")
    assert len(targets) == len(EXAMPLES)
    keywords = ask(store, f"SELECT ?word {{ <{BASE}queries/two> <{schema}keywords> ?word }}")
    assert sorted(keywords) == [("a",), ("b",)]


def test_prefixes_are_declared_once_for_all(store: Store) -> None:
    found = ask(store, "SELECT ?prefix ?stem { [] sh:prefix ?prefix ; sh:namespace ?stem }")
    assert dict(found).items() >= PREFIXES.items()
    assert len(found) == len(dict(found))
    declared = ask(store, "SELECT DISTINCT ?d { ?q sh:prefixes ?d . ?d sh:declare ?prefix }")
    assert len(declared) == 1
