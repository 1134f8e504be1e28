"""Counting a graph by portions: the same as counting it in a store, or not at all."""

from __future__ import annotations

import pickle
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from coopgraph.namespaces import iri
from coopgraph.rdf import sorted_lines
from coopgraph.selfdescription import (
    Census,
    Counting,
    Portion,
    Question,
    Whole,
    count,
    names_with_class,
)

STEM = "https://x.example/id/"
TYPE = iri("rdf:type")
NAME, KNOWS, SAME = (NamedNode(f"https://x.example/{name}") for name in ("name", "knows", "same"))
ASKED = Question(STEM, linking=frozenset({SAME}), linked=STEM)
CLASSES = [NamedNode(f"https://x.example/{name}") for name in ("Person", "Club", "Code")]
OWNERS = ["a", "b", "c"]
CODE, OTHER = NamedNode("https://x.example/code/1"), NamedNode("https://y.example/d")
STANDING = [
    Triple(CODE, TYPE, CLASSES[2]),
    Triple(CODE, NAME, Literal("one")),
    Triple(NamedNode("https://x.example/no-class"), KNOWS, CODE),
]

Owned = dict[str, set[Triple]]


def node(name: str) -> NamedNode:
    return NamedNode(f"{STEM}{name}")


owner_things = {
    owner: st.sampled_from([node(owner), node(f"{owner}#1"), node(f"{owner}#2")])
    for owner in OWNERS
}
anything = st.sampled_from(
    [node(f"{owner}{part}") for owner in [*OWNERS, "unknown"] for part in ("", "#1")]
    + [CODE, OTHER]
)
literals = st.sampled_from(
    [Literal("x"), Literal("x", language="en"), Literal("1", datatype=iri("xsd:integer"))]
)
values = st.one_of(anything, literals)
paths = st.sampled_from([NAME, KNOWS, SAME])


def owned(owner: str, foreign: st.SearchStrategy[NamedNode]) -> st.SearchStrategy[set[Triple]]:
    things = owner_things[owner]
    return st.sets(
        st.one_of(
            st.builds(Triple, things, st.just(TYPE), st.sampled_from(CLASSES)),
            st.builds(Triple, things, paths, values),
            st.builds(Triple, foreign, paths, st.one_of(things, values)),
        ),
        max_size=12,
    )


others = st.sampled_from([node(name) for name in ("a", "b#1", "c", "unknown", "unknown#2")])
graphs = st.fixed_dictionaries({owner: owned(owner, others) for owner in OWNERS})


def store_of(triples: Iterable[Triple]) -> Store:
    store = Store()
    store.extend(Quad(*triple, DefaultGraph()) for triple in triples)
    return store


def by_portions(graph: Owned, standing: list[Triple] = STANDING) -> Census | None:
    """Counted in two portions, one of which went through another process, so to say."""
    rest = store_of(standing)
    counting = Counting(ASKED, STEM, names_with_class(rest))
    whole = Portion()
    for owner, triples in graph.items():
        portion = Portion()
        own = f"<{STEM}{owner}>", f"<{STEM}{owner}#"
        counting.add(portion, own, sorted_lines(triples))
        whole.update(pickle.loads(pickle.dumps(portion)))

    def lines_of(thing: str) -> list[str]:
        return sorted_lines(graph.get(thing[1:-1].removeprefix(STEM).partition("#")[0], set()))

    return Whole(counting, rest, lines_of).census(whole)


def plain(census: Census) -> tuple[object, ...]:
    uses = {
        (name, path): (use.triples, dict(use.classes), dict(use.datatypes))
        for name, found in [(None, census.properties), *census.uses.items()]
        for path, use in found.items()
    }
    classes, links = dict(census.classes), dict(census.links)
    return census.triples, census.subjects, census.entities, classes, uses, links


@given(graphs)
def test_portions_count_what_a_store_counts(graph: Owned) -> None:
    found = by_portions(graph)
    assert found is not None
    store = store_of([*STANDING, *set().union(*graph.values())])
    assert plain(found) == plain(count(store, DefaultGraph(), ASKED))


def triples(text: str) -> set[Triple]:
    prefixes = f"@prefix : <{STEM}> . @prefix x: <https://x.example/> .\n"
    return {quad.triple for quad in parse(prefixes + text, format=RdfFormat.TURTLE)}


def test_a_class_of_a_thing_elsewhere_is_not_counted() -> None:
    assert by_portions({"a": triples(":a a x:Club . :b a x:Club .")}) is None


def test_lines_about_what_is_no_organisation_are_not_counted() -> None:
    about = ("<https://y.example/d> x:knows :a .", "<https://x.example/code/1> x:knows :a .")
    for text in about:
        assert by_portions({"a": triples(f":a a x:Club . {text}")}) is None


def test_a_rest_that_speaks_of_organisations_is_not_counted() -> None:
    standing = [*STANDING, Triple(CODE, KNOWS, node("a"))]
    assert by_portions({"a": triples(":a a x:Club .")}, standing) is None
