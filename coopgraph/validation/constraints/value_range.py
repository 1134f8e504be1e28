"""Value range constraint components (section 4.3): comparisons as SPARQL makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph
from coopgraph.validation.ordering import Point, comparable, is_less, is_less_or_equal
from coopgraph.validation.shape import EachValue
from coopgraph.validation.vocabulary import component


def min_exclusive(clause: Clause) -> Iterator[EachValue]:
    """Section 4.3.1, ``sh:minExclusive``: each value is greater than the limit."""
    yield _range(clause, "MinExclusive", lambda limit, value: is_less(limit, value))


def min_inclusive(clause: Clause) -> Iterator[EachValue]:
    """Section 4.3.2, ``sh:minInclusive``: each value is the limit or greater."""
    yield _range(clause, "MinInclusive", lambda limit, value: is_less_or_equal(limit, value))


def max_exclusive(clause: Clause) -> Iterator[EachValue]:
    """Section 4.3.3, ``sh:maxExclusive``: each value is less than the limit."""
    yield _range(clause, "MaxExclusive", lambda limit, value: is_less(value, limit))


def max_inclusive(clause: Clause) -> Iterator[EachValue]:
    """Section 4.3.4, ``sh:maxInclusive``: each value is the limit or less."""
    yield _range(clause, "MaxInclusive", lambda limit, value: is_less_or_equal(value, limit))


def _range(clause: Clause, name: str, holds: Callable[[Point, Point | None], bool]) -> EachValue:
    limit = comparable(clause.single())
    if limit is None:
        raise clause.error(f"needs a literal that can be compared for {clause.parameter}")

    def accepts(graph: DataGraph, value: Term) -> bool:
        return holds(limit, comparable(value))

    return EachValue(component(name), accepts)
