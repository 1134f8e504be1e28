"""Other constraint components (section 4.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyoxigraph import NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.report import Violation
from coopgraph.validation.shape import AllValues, EachValue, OwnResults
from coopgraph.validation.vocabulary import TRUE, component, sh


def closed(clause: Clause) -> Iterator[OwnResults]:
    """Section 4.8.1, ``sh:closed``: values have only the properties of the property shapes.

    ``sh:ignoredProperties`` adds to what is allowed. The path of a violation is the property
    that is too many.
    """
    if clause.single() != TRUE:
        return
    allowed = frozenset(_allowed_properties(clause))
    header, name = clause.header, component("Closed")

    def report(graph: DataGraph, focus: Term, values: Values, out: list[Violation]) -> None:
        for node in values:
            for predicate, found in graph.properties(node).items():
                if predicate not in allowed:
                    out += [header.violation(focus, name, v, predicate.value) for v in found]

    yield OwnResults(report)


def _allowed_properties(clause: Clause) -> Iterator[NamedNode]:
    source, shape = clause.source, clause.header.node
    for property_shape in source.values(shape, sh("property")):
        for path in source.values(property_shape, sh("path")):
            if isinstance(path, NamedNode):
                yield path
    ignored = source.at_most_one(shape, sh("ignoredProperties"))
    if ignored is not None:
        yield from map(clause.iri, clause.members(ignored))


def has_value(clause: Clause) -> Iterator[AllValues]:
    """Section 4.8.2, ``sh:hasValue``: the term is among the values."""
    for value in clause.values:
        yield AllValues(component("HasValue"), _lacking(value), fewest=0)


def _lacking(wanted: Term) -> Callable[[DataGraph, Term, Values], tuple[None, ...]]:
    def offences(graph: DataGraph, focus: Term, values: Values) -> tuple[None, ...]:
        return () if wanted in values else (None,)

    return offences


def one_of(clause: Clause) -> Iterator[EachValue]:
    """Section 4.8.3, ``sh:in``: each value is a member of the list."""
    allowed = frozenset(clause.members(clause.single()))

    def accepts(graph: DataGraph, value: Term) -> bool:
        return value in allowed

    yield EachValue(component("In"), accepts)
