"""A census as VoID: each count once, each set of triples one partition."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from coopgraph.namespaces import VOID, VOID_EXTENSION, iri
from coopgraph.selfdescription import Described, Question, count, void

BASE = "https://x.example/"
NODE = NamedNode(f"{BASE}void#merge")
TYPE = iri("rdf:type")
PREFIXES = f"PREFIX void: <{VOID}> PREFIX ext: <{VOID_EXTENSION}> PREFIX x: <{BASE}>"
A, B = NamedNode(f"{BASE}id/a"), NamedNode(f"{BASE}id/b")
PERSON, AGENT, CLUB = (NamedNode(BASE + name) for name in ("Person", "Agent", "Club"))
NAME, JOINED = NamedNode(f"{BASE}name"), NamedNode(f"{BASE}joined")
DATA = [
    Triple(A, TYPE, PERSON), Triple(A, TYPE, AGENT), Triple(A, NAME, Literal("A")),
    Triple(A, NAME, Literal("Ah", language="fr")), Triple(A, JOINED, B),
    Triple(B, TYPE, CLUB), Triple(B, NAME, Literal("B")),
]  # fmt: skip


@pytest.fixture(scope="module")
def described() -> Store:
    """The description of a small graph."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in DATA)
    census = count(store, DefaultGraph(), Question(f"{BASE}id/"))
    told = Store()
    triples = list(Described(BASE, NODE, f"{BASE}id/", census, (A,)).triples())
    assert len(triples) == len(set(triples))
    told.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    return told


def ask(store: Store, names: str, pattern: str) -> list[tuple[str, ...]]:
    """Values of variables, each row once."""
    columns = " ".join(f"?{name}" for name in names.split())
    solutions = store.query(f"{PREFIXES} SELECT DISTINCT {columns} {{ {pattern} }}")
    assert isinstance(solutions, QuerySolutions)
    return sorted(tuple(shown(term) for term in row) for row in solutions)


def shown(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value.removeprefix(BASE)


def test_the_dataset_has_its_counts(described: Store) -> None:
    for name, number in {
        "triples": "7", "entities": "2", "distinctSubjects": "2", "classes": "3", "properties": "3",
    }.items():  # fmt: skip
        assert ask(described, "n", f"x:void\\#merge void:{name} ?n") == [(number,)], name


def test_it_says_which_vocabularies_it_uses(described: Store) -> None:
    stems = {"", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
    assert {stem for (stem,) in ask(described, "v", "x:void\\#merge void:vocabulary ?v")} == stems
    assert ask(described, "s", "x:void\\#merge void:uriSpace ?s") == [("id/",)]
    assert ask(described, "x", "x:void\\#merge void:exampleResource ?x") == [("id/a",)]


def test_classes_have_members_and_properties(described: Store) -> None:
    members = "x:void\\#merge void:classPartition [ void:class ?c ; void:entities ?n ]"
    assert ask(described, "c n", members) == [("Agent", "1"), ("Club", "1"), ("Person", "1")]
    uses = (
        "[] void:class ?c ; void:propertyPartition [ void:property ?p ; void:triples ?n ]"
        f" FILTER(?p != {TYPE})"
    )
    assert ask(described, "c p n", uses) == [
        ("Agent", "joined", "1"),
        ("Agent", "name", "2"),
        ("Club", "name", "1"),
        ("Person", "joined", "1"),
        ("Person", "name", "2"),
    ]


def test_properties_say_what_stands_at_their_objects(described: Store) -> None:
    classes = "[] void:property ?p ; void:classPartition [ void:class ?x ; void:triples ?n ]"
    assert ask(described, "p x n", classes) == [("joined", "Club", "1")]
    literals = (
        "x:void\\#merge void:propertyPartition [ void:property ?p ; "
        "ext:datatypePartition [ ext:datatype ?x ; void:triples ?n ] ]"
    )
    assert ask(described, "p x n", literals) == [
        ("name", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "1"),
        ("name", "http://www.w3.org/2001/XMLSchema#string", "2"),
    ]


def test_the_same_triples_are_one_partition(described: Store) -> None:
    """All who joined are persons and agents: the parts of these and of the whole are the same."""
    owners = "?owner void:propertyPartition ?p . ?p void:property x:%s"
    assert len(ask(described, "owner", owners % "joined")) == 3
    assert len(ask(described, "p", owners % "joined")) == 1
    assert len(ask(described, "owner", owners % "name")) == 4
    assert len(ask(described, "p", owners % "name")) == 3  # all; of persons and agents; of clubs


def test_each_partition_is_by_one_thing(described: Store) -> None:
    for kind in ("class", "property"):
        parts = ask(described, "part", f"?x void:{kind}Partition ?part")
        assert len(parts) >= 3
        for (part,) in parts:
            values = described.quads_for_pattern(NamedNode(BASE + part), void(kind), None)
            assert len(list(values)) == 1
