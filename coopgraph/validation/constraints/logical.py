"""Logical constraint components (section 4.6).

A partial node (``DataGraph.partial``) is excused from minimum counts. Under a negation that
would accuse it instead, so there it is judged as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph
from coopgraph.validation.shape import EachValue, Shape
from coopgraph.validation.vocabulary import component

_Test = Callable[[DataGraph, Term], bool]


def negation(clause: Clause) -> Iterator[EachValue]:
    """Section 4.6.1, ``sh:not``: no value conforms to the shape."""
    for value in clause.values:
        yield EachValue(component("Not"), _none_of(clause.nested(value)))


def conjunction(clause: Clause) -> Iterator[EachValue]:
    """Section 4.6.2, ``sh:and``: each value conforms to all shapes of the list."""
    yield from _over_lists(clause, "And", _all_of)


def disjunction(clause: Clause) -> Iterator[EachValue]:
    """Section 4.6.3, ``sh:or``: each value conforms to at least one shape of the list."""
    yield from _over_lists(clause, "Or", _any_of)


def exclusive_disjunction(clause: Clause) -> Iterator[EachValue]:
    """Section 4.6.4, ``sh:xone``: each value conforms to exactly one shape of the list."""
    yield from _over_lists(clause, "Xone", _one_of)


def _over_lists(
    clause: Clause, name: str, build: Callable[[list[Shape]], _Test]
) -> Iterator[EachValue]:
    for head in clause.values:
        shapes = [clause.nested(member) for member in clause.members(head)]
        yield EachValue(component(name), build(shapes))


def _none_of(shape: Shape) -> _Test:
    return lambda graph, value: not shape.conforms(graph.as_whole(), value)


def _all_of(shapes: list[Shape]) -> _Test:
    def accepts(graph: DataGraph, value: Term) -> bool:
        for shape in shapes:  # noqa: SIM110  all() over a generator takes twice as long
            if not shape.conforms(graph, value):
                return False
        return True

    return accepts


def _any_of(shapes: list[Shape]) -> _Test:
    def accepts(graph: DataGraph, value: Term) -> bool:
        for shape in shapes:  # noqa: SIM110  any() over a generator takes twice as long
            if shape.conforms(graph, value):
                return True
        return False

    return accepts


def _one_of(shapes: list[Shape]) -> _Test:
    def accepts(graph: DataGraph, value: Term) -> bool:
        whole = graph.as_whole()
        surely = sum(shape.conforms(whole, value) for shape in shapes)
        if surely == 0 and whole is not graph:
            return any(shape.conforms(graph, value) for shape in shapes)
        return surely == 1

    return accepts
