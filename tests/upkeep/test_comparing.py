"""A store beside the quads that it is to hold: how many are too many, how many are missing."""

from __future__ import annotations

import tracemalloc

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from coopgraph.namespaces import iri
from coopgraph.upkeep import comparing
from coopgraph.upkeep.comparing import Difference, compare

DESCRIPTION = NamedNode("https://example.org/graph/description")
NAME = NamedNode("https://example.org/name")


def quad(number: int, graph: NamedNode | DefaultGraph | None = None) -> Quad:
    node = NamedNode(f"https://example.org/{number}")
    return Quad(node, NAME, Literal(f"Number {number}"), graph or DefaultGraph())


def stored(*quads: Quad) -> Store:
    store = Store()
    store.extend(quads)
    return store


def difference(store: Store, *parts: list[Quad]) -> Difference:
    return compare(store, parts, DESCRIPTION, lambda number: None)


@pytest.fixture(autouse=True, params=[3, 250_000], ids=["many piles", "one pile"])
def pile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many quads are looked at together."""
    monkeypatch.setattr(comparing, "_PILE", request.param)
    monkeypatch.setattr(comparing, "_KEPT", 2)
    return int(request.param)


def test_parts_may_say_the_same_and_in_any_order() -> None:
    quads = [quad(n) for n in range(40)]
    assert difference(stored(*quads), quads[20:], quads[:30], quads[:1]) == Difference(40, 0, 0)


def test_what_is_too_many_and_what_is_missing_is_counted() -> None:
    quads = [quad(n) for n in range(40)]
    assert difference(stored(*quads[:35]), quads[2:]) == Difference(35, 2, 5)
    assert difference(stored(), quads) == Difference(0, 0, 40)
    assert difference(stored(*quads)) == Difference(40, 40, 0)


def test_graphs_are_told_apart() -> None:
    graph = NamedNode("https://example.org/graph/a")
    assert difference(stored(quad(1), quad(2, graph)), [quad(1, graph), quad(2)]) == Difference(
        2, 2, 2
    )


def test_numbers_are_compared_as_a_store_writes_them() -> None:
    node = NamedNode("https://example.org/1")

    def valued(text: str) -> Quad:
        return Quad(node, NAME, Literal(text, datatype=iri("xsd:integer")), DefaultGraph())

    assert difference(stored(valued("+07")), [valued("07")]) == Difference(1, 0, 0)
    assert difference(stored(valued("7")), [valued("8")]) == Difference(1, 1, 1)


def test_the_description_is_taken_as_it_is_but_has_to_be_in_the_merge() -> None:
    assert difference(stored(quad(1, DESCRIPTION), quad(1))) == Difference(2, 0, 0)
    assert difference(stored(quad(1, DESCRIPTION))) == Difference(1, 0, 1)


def test_quads_that_were_looked_at_are_told() -> None:
    told: list[int] = []
    compare(stored(quad(1), quad(2)), [[quad(1)], [quad(2)]], DESCRIPTION, told.append)
    assert sum(told) == 4


def test_memory_does_not_grow_with_the_quads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_PILE", 500)
    monkeypatch.setattr(comparing, "_AT_ONCE", 500)
    few, many = (min(peak(number) for _ in range(3)) for number in (2_000, 20_000))
    assert many < 2 * few


def peak(number: int) -> int:
    """The most bytes that Python has while so many quads are compared; the least of several tells,
    for now and then a table of the interpreter's own grows.
    """
    store = stored(*(quad(n) for n in range(number)))
    replayed = ([quad(n)] for n in range(number))
    tracemalloc.start()
    found = compare(store, replayed, DESCRIPTION, lambda _: None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == Difference(number, 0, 0)
    return most
