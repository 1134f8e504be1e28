"""Property pair constraint components (section 4.5): values against another property's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyoxigraph import NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.ordering import Point, comparable, is_less, is_less_or_equal
from coopgraph.validation.shape import AllValues
from coopgraph.validation.vocabulary import component


def equals(clause: Clause) -> Iterator[AllValues]:
    """Section 4.5.1, ``sh:equals``: the values are those of the other property, no more or less."""
    for value in clause.values:
        yield AllValues(component("Equals"), _unequal(clause.iri(value)), fewest=0)


def _unequal(other: NamedNode) -> Callable[[DataGraph, Term, Values], list[Term]]:
    def offences(graph: DataGraph, focus: Term, values: Values) -> list[Term]:
        others = graph.values(focus, other)
        extra = [value for value in values if value not in others]
        return extra + [value for value in others if value not in values]

    return offences


def disjoint(clause: Clause) -> Iterator[AllValues]:
    """Section 4.5.2, ``sh:disjoint``: no value is also one of the other property."""
    for value in clause.values:
        yield AllValues(component("Disjoint"), _shared(clause.iri(value)))


def _shared(other: NamedNode) -> Callable[[DataGraph, Term, Values], list[Term]]:
    def offences(graph: DataGraph, focus: Term, values: Values) -> list[Term]:
        others = graph.values(focus, other)
        return [value for value in values if value in others]

    return offences


def less_than(clause: Clause) -> Iterator[AllValues]:
    """Section 4.5.3, ``sh:lessThan``: each value is less than each of the other property."""
    yield from _ordered(clause, "LessThan", is_less)


def less_than_or_equals(clause: Clause) -> Iterator[AllValues]:
    """Section 4.5.4, ``sh:lessThanOrEquals``: no value is greater than one of the other's."""
    yield from _ordered(clause, "LessThanOrEquals", is_less_or_equal)


def _ordered(
    clause: Clause, name: str, holds: Callable[[Point | None, Point | None], bool]
) -> Iterator[AllValues]:
    clause.property_shapes_only()
    for value in clause.values:
        offences = _out_of_order(clause.iri(value), holds)
        yield AllValues(component(name), offences)


def _out_of_order(
    other: NamedNode, holds: Callable[[Point | None, Point | None], bool]
) -> Callable[[DataGraph, Term, Values], list[Term]]:
    def offences(graph: DataGraph, focus: Term, values: Values) -> list[Term]:
        limits = [comparable(limit) for limit in graph.values(focus, other)]
        if not limits:
            return []
        points = [(value, comparable(value)) for value in values]
        return [value for value, point in points for limit in limits if not holds(point, limit)]

    return offences
