"""Cardinality constraint components (section 4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.shape import AllValues
from coopgraph.validation.vocabulary import component


def min_count(clause: Clause) -> Iterator[AllValues]:
    """Section 4.2.1, ``sh:minCount``: at least so many values; not asked of partial nodes."""
    clause.property_shapes_only()
    least = clause.count()

    def offences(graph: DataGraph, focus: Term, values: Values) -> tuple[None, ...]:
        return () if focus in graph.partial else (None,)

    yield AllValues(component("MinCount"), offences, fewest=0, most=least - 1)


def max_count(clause: Clause) -> Iterator[AllValues]:
    """Section 4.2.2, ``sh:maxCount``: at most so many values."""
    clause.property_shapes_only()
    most = clause.count()

    def offences(graph: DataGraph, focus: Term, values: Values) -> tuple[None, ...]:
        return (None,)

    yield AllValues(component("MaxCount"), offences, fewest=most + 1)
