"""Reading triples, and the bridge between rdflib and pyoxigraph."""

from __future__ import annotations

from pathlib import Path

import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.namespaces import PREFIXES, curie, iri
from coopgraph.rdf import (
    TripleIndex,
    from_rdflib,
    from_rdflib_term,
    read_turtle,
    sorted_lines,
    to_rdflib,
)

A, B, P, Q = (NamedNode(f"http://example.org/{name}") for name in "abpq")

# What may stand in a document: neither surrogates nor characters that no syntax carries.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
named = st.sampled_from([A, B, P, Q])
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda text: Literal(text, language="en"), texts),
    st.builds(lambda text: Literal(text, language="pt-br"), texts),
    st.builds(
        lambda text, name: Literal(text, datatype=iri(f"xsd:{name}")),
        texts,
        st.sampled_from(["integer", "decimal", "date", "gYear", "boolean", "string"]),
    ),
)
triples = st.builds(Triple, named, named, st.one_of(named, literals))


def turtle(text: str) -> list[Triple]:
    return [
        quad.triple
        for quad in parse("@prefix : <http://example.org/> . " + text, format=RdfFormat.TURTLE)
    ]


@given(st.lists(triples, max_size=8))
def test_a_graph_survives_the_way_to_rdflib_and_back(given_triples: list[Triple]) -> None:
    assert set(from_rdflib(to_rdflib(given_triples))) == set(given_triples)


def test_literals_keep_their_lexical_forms() -> None:
    written = [
        Triple(A, P, Literal(text, datatype=iri("xsd:decimal"))) for text in ("1", "1.0", "x")
    ]
    assert set(from_rdflib(to_rdflib(written))) == set(written)


def test_blank_nodes_stay_blank() -> None:
    [triple] = from_rdflib(to_rdflib([Triple(BlankNode("b"), P, BlankNode("c"))]))
    assert triple == Triple(BlankNode("b"), P, BlankNode("c"))


def test_literal_subjects_are_dropped() -> None:
    graph = rdflib.Graph()
    graph.add((rdflib.Literal("x"), rdflib.URIRef(P.value), rdflib.URIRef(A.value)))
    graph.add((rdflib.URIRef(A.value), rdflib.URIRef(P.value), rdflib.Literal("x")))
    assert from_rdflib(graph) == [Triple(A, P, Literal("x"))]


def test_single_terms_cross_the_bridge() -> None:
    assert from_rdflib_term(rdflib.URIRef("http://example.org/a")) == A
    assert from_rdflib_term(rdflib.Literal("x", lang="fr")) == Literal("x", language="fr")


def test_the_index_keeps_the_order_of_the_source() -> None:
    index = TripleIndex(turtle(":a :p 3, 1, 2 . :b :p 1 ."))
    assert [str(v.value) for v in index.objects(A, P)] == ["3", "1", "2"]
    assert index.value(A, P) == index.objects(A, P)[0]
    assert index.subjects(P, index.objects(B, P)[0]) == [A, B]


def test_the_index_answers_for_what_it_does_not_hold() -> None:
    index = TripleIndex([])
    assert index.objects(A, P) == []
    assert index.objects(Literal("x"), P) == []
    assert index.value(A, P) is None
    assert index.subjects(P, A) == []
    assert index.items(A) == []


def test_the_index_reads_lists() -> None:
    index = TripleIndex(turtle(":a :p ( :b :q ( :p ) ) ."))
    head = index.value(A, P)
    assert head is not None
    first, second, inner = index.items(head)
    assert (first, second) == (B, Q)
    assert index.items(inner) == [P]


def test_blank_nodes_of_two_files_are_not_one(tmp_path: Path) -> None:
    paths = [tmp_path / "one.ttl", tmp_path / "two.ttl"]
    for path in paths:
        path.write_text("_:x <http://example.org/p> 1 .")
    assert len({triple.subject for triple in read_turtle(paths)}) == 2


def test_lines_are_sorted_and_parse_again() -> None:
    lines = sorted_lines(turtle(':b :p "x\\ny" . :a :p :b .'))
    assert lines == sorted(lines)
    assert len(list(parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES))) == 2


def test_compact_names_go_both_ways() -> None:
    assert PREFIXES
    for prefix in PREFIXES:
        assert curie(iri(f"{prefix}:x").value) == f"{prefix}:x"
    assert curie("http://example.org/x") == "http://example.org/x"
