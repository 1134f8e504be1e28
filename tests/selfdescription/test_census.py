"""Counting a graph: what SPARQL counts, whatever the graph holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    Store,
    Triple,
)

from coopgraph.namespaces import iri
from coopgraph.selfdescription import Question, count, count_triples, held_lines, lines_of

SPACE = "https://x.example/id/"
ASKED = Question(SPACE)
TYPE = iri("rdf:type")
NAME, KNOWS = NamedNode("https://x.example/name"), NamedNode("https://x.example/knows")
PERSON, CLUB = NamedNode("https://x.example/Person"), NamedNode("https://x.example/Club")

things = st.sampled_from(
    [NamedNode(f"{SPACE}{n}") for n in "abc"] + [NamedNode("https://y.example/d"), BlankNode("e")]
)
classes = st.sampled_from([PERSON, CLUB, NamedNode("https://x.example/Café"), BlankNode("f")])
texts = st.text(st.sampled_from('a\n\r\t"\\ @^<>.é\x85\u2028'), max_size=6)
literals = st.one_of(
    texts.map(Literal),
    texts.map(lambda text: Literal(text, language="en")),
    st.integers(-5, 5).map(lambda number: Literal(str(number), datatype=iri("xsd:integer"))),
    texts.map(lambda text: Literal(text, datatype=NamedNode("https://x.example/kind"))),
)
triples = st.one_of(
    st.builds(Triple, things, st.just(TYPE), classes),
    st.builds(Triple, things, st.sampled_from([NAME, KNOWS]), st.one_of(things, literals)),
)
graphs = st.sets(triples, max_size=30)


def store_of(*triples: Triple) -> Store:
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    return store


def rows(store: Store, query: str) -> dict[tuple[object, ...], int]:
    """The last column by the others, where those are IRIs."""
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    found = {}
    for *names, number in solutions:
        assert isinstance(number, Literal)
        if all(isinstance(name, NamedNode) for name in names):
            found[tuple(names)] = int(number.value)
    return found


def assert_counts_are_those_of_sparql(store: Store) -> None:
    census = count(store, DefaultGraph(), ASKED)
    assert rows(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == {(): census.triples}
    subjects = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o %s }"
    assert rows(store, subjects % "") == {(): census.subjects}
    inside = f'FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{SPACE}"))'
    assert rows(store, subjects % inside) == {(): census.entities}
    by_class = rows(store, "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert by_class == {(name,): number for name, number in census.classes.items()}
    by_property = rows(store, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert by_property == {(path,): use.triples for path, use in census.properties.items()}
    by_use = rows(store, "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p")
    uses = {(name, path): use for name, of in census.uses.items() for path, use in of.items()}
    assert by_use == {key: use.triples for key, use in uses.items()}
    parts = {
        "classes": f"?o a ?x FILTER(?p != {TYPE})",
        "datatypes": "BIND(DATATYPE(?o) AS ?x) FILTER(BOUND(?x))",
    }
    for name, pattern in parts.items():
        found = rows(
            store,
            f"SELECT ?c ?p ?x (COUNT(*) AS ?n) {{ ?s a ?c ; ?p ?o . {pattern} }} GROUP BY ?c ?p ?x",
        )
        assert found == {
            (*key, x): number
            for key, use in uses.items()
            for x, number in getattr(use, name).items()
        }
        found = rows(
            store, f"SELECT ?p ?x (COUNT(*) AS ?n) {{ ?s ?p ?o . {pattern} }} GROUP BY ?p ?x"
        )
        assert found == {
            (path, x): number
            for path, use in census.properties.items()
            for x, number in getattr(use, name).items()
        }


@given(graphs)
def test_counts_of_any_graph_are_those_of_sparql(graph: set[Triple]) -> None:
    assert_counts_are_those_of_sparql(store_of(*graph))


def test_a_store_on_disk_is_counted_alike(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    people = [NamedNode(f"{SPACE}{n}") for n in range(3_000)]
    quads = [Quad(person, TYPE, CLUB if n % 3 else PERSON) for n, person in enumerate(people)]
    quads += [Quad(a, KNOWS, b) for a, b in zip(people, people[7:], strict=False)]
    quads += [Quad(person, NAME, Literal(f"N° {n}" * (n % 40))) for n, person in enumerate(people)]
    store.bulk_extend(quads)
    assert_counts_are_those_of_sparql(store)


def test_one_graph_of_several_is_counted() -> None:
    store = store_of(Triple(PERSON, NAME, Literal("A")))
    graph = NamedNode("https://x.example/graph")
    store.add(Quad(CLUB, NAME, Literal("B"), graph))
    store.add(Quad(CLUB, NAME, Literal("C"), graph))
    assert count(store, graph, ASKED).triples == count_triples(store, graph) == 2
    assert count(store, DefaultGraph(), ASKED).triples == count_triples(store, DefaultGraph()) == 1


def test_an_empty_graph_has_nothing() -> None:
    census = count(Store(), DefaultGraph(), ASKED)
    assert (census.triples, census.subjects, census.entities) == (0, 0, 0)
    assert not any((census.classes, census.properties, census.uses, census.links))


# What is left out -----------------------------------------------------------------------------


@given(graphs, graphs)
def test_lines_left_out_are_as_if_they_were_not_there(one: set[Triple], other: set[Triple]) -> None:
    named = {t for t in other if not isinstance(t.subject, BlankNode)}
    named = {t for t in named if not isinstance(t.object, BlankNode)}
    found = count(store_of(*one, *named), DefaultGraph(), ASKED, besides=lines_of(named))
    plain = count(store_of(*(one - named)), DefaultGraph(), ASKED)
    assert (found.triples, found.subjects, found.entities) == (
        plain.triples,
        plain.subjects,
        plain.entities,
    )
    assert found.classes == plain.classes
    assert shown(found.uses) == shown(plain.uses)


def shown(uses: object) -> str:
    """Uses are compared by identity elsewhere, here by what they say."""
    return repr(uses)


@given(graphs)
def test_lines_are_the_same_from_a_store_and_from_triples(graph: set[Triple]) -> None:
    assert held_lines(store_of(*graph), DefaultGraph()) == lines_of(graph)


# The same triples are the same use ------------------------------------------------------------


def test_classes_with_the_same_members_share_what_they_use() -> None:
    one, two, three = (NamedNode(f"{SPACE}{n}") for n in "abc")
    store = store_of(
        Triple(one, TYPE, PERSON), Triple(one, TYPE, CLUB), Triple(one, NAME, Literal("A")),
        Triple(two, NAME, Literal("B")), Triple(one, KNOWS, two),
        Triple(three, TYPE, PERSON), Triple(three, TYPE, NAME),
    )  # fmt: skip
    census = count(store, DefaultGraph(), ASKED)
    assert census.uses[PERSON][NAME] is census.uses[CLUB][NAME]
    assert census.uses[PERSON][NAME] is not census.properties[NAME]  # two has no class
    assert census.uses[PERSON][KNOWS] is census.uses[CLUB][KNOWS] is census.properties[KNOWS]
    assert census.uses[PERSON][TYPE] is not census.uses[CLUB][TYPE]


# Links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_typed", [False, True])
def test_links_are_those_of_chosen_properties_and_into_a_chosen_space(is_typed: bool) -> None:
    same, inner, outer = iri("owl:sameAs"), NamedNode(f"{SPACE}b"), NamedNode("https://z.example/")
    one = NamedNode(f"{SPACE}a")
    triples = [
        Triple(one, same, outer), Triple(one, same, Literal("no link")), Triple(one, KNOWS, outer),
        Triple(one, KNOWS, inner), Triple(inner, KNOWS, one), Triple(one, TYPE, PERSON),
    ]  # fmt: skip
    if is_typed:
        triples.append(Triple(inner, TYPE, PERSON))
    asked = Question(SPACE, frozenset([same]), linked=SPACE)
    found = count(store_of(*triples), DefaultGraph(), asked).links
    into = {} if is_typed else {(KNOWS, inner): 1}
    assert found == {(same, outer): 1, **into}
    assert count(store_of(*triples), DefaultGraph(), ASKED).links == {}
