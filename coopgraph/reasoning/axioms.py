"""Reading axioms: an ontology's triples in, restrictions and what lies above what out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term, TripleIndex

_Node = TypeVar("_Node")


class Reading(NamedTuple):
    """A property, read from subject to object or (``is_swapped``) from object to subject."""

    predicate: Term
    is_swapped: bool


class Restriction(NamedTuple):
    """A class by a property and its value (``owl:hasValue``) or the value's class."""

    name: Subject
    predicate: NamedNode
    value: Term


def restrictions(axioms: TripleIndex, predicate: str) -> Iterator[Restriction]:
    """The restrictions that ``owl:hasValue`` or ``owl:someValuesFrom`` makes."""
    for restriction, value in pairs(axioms, predicate):
        for restricted in axioms.objects(restriction, iri("owl:onProperty")):
            if isinstance(restricted, NamedNode):
                yield Restriction(restriction, restricted, value)


def superproperties(axioms: TripleIndex) -> dict[Term, list[Term]]:
    """The properties right above each property (prp-spo1, prp-eqp)."""
    found: dict[Term, list[Term]] = defaultdict(list)
    for lower, upper in pairs(axioms, "rdfs:subPropertyOf"):
        found[lower].append(upper)
    for one, other in pairs(axioms, "owl:equivalentProperty"):
        found[one].append(other)
        found[other].append(one)
    return dict(found)


def pairs(axioms: TripleIndex, predicate: str) -> Iterator[tuple[Subject, Term]]:
    """Subjects and objects of a property, given as a CURIE."""
    name = iri(predicate)
    for subject, properties in axioms.by_subject.items():
        yield from ((subject, value) for value in properties.get(name, ()))


def reach(start: _Node, edges: Mapping[_Node, Iterable[_Node]]) -> dict[_Node, None]:
    """``start`` and all that the edges lead to from it."""
    reached = {start: None}
    pending = [start]
    while pending:
        for node in edges.get(pending.pop(), ()):
            if node not in reached:
                reached[node] = None
                pending.append(node)
    return reached
