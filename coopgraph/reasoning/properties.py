"""Property axioms in, effects out: what a triple of each property leads to by itself."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.rdf import Term, TripleIndex
from coopgraph.reasoning.axioms import Reading, pairs, reach
from coopgraph.reasoning.classes import Classes, Demand

_TYPE = iri("rdf:type")
_SYMMETRIC = iri("owl:SymmetricProperty")


class Effects(NamedTuple):
    """What a triple of one property leads to by itself; terms are texts, as N-Triples have them.

    ``implied`` are properties that hold as well, each with whether subject and object change
    places. ``by_object`` gives the classes of the subject
    for each object that matters, ``by_subject`` those of the object, as masks. ``demands`` ask
    for the classes of the value. ``steps`` are the readings that a chain may go through.
    ``is_concluded`` says that a rule may conclude such a triple that was given.
    """

    implied: tuple[tuple[str, bool], ...]
    by_object: dict[str, int]
    by_subject: dict[str, int]
    demands: tuple[Demand, ...]
    steps: tuple[tuple[str, bool], ...]
    is_concluded: bool = True


class Properties:
    """The property axioms."""

    def __init__(self, axioms: TripleIndex) -> None:
        self._implied: dict[Reading, list[Reading]] = defaultdict(list)
        for lower, upper in pairs(axioms, "rdfs:subPropertyOf"):
            self._imply(lower, upper, is_swapped=False)
        for one, other in pairs(axioms, "owl:equivalentProperty"):
            self._imply(one, other, is_swapped=False)
            self._imply(other, one, is_swapped=False)
        for one, other in pairs(axioms, "owl:inverseOf"):
            self._imply(one, other, is_swapped=True)
            self._imply(other, one, is_swapped=True)
        for symmetric in axioms.subjects(_TYPE, _SYMMETRIC):
            self._imply(symmetric, symmetric, is_swapped=True)
        self._chains = [
            (axioms.items(head), name)
            for name, head in pairs(axioms, "owl:propertyChainAxiom")
            if isinstance(name, NamedNode) and axioms.items(head)
        ]
        self.chains = [([str(step) for step in chain], str(name)) for chain, name in self._chains]

    def _imply(self, lower: Term, upper: Term, *, is_swapped: bool) -> None:
        if _TYPE not in (lower, upper):
            self._implied[Reading(lower, False)].append(Reading(upper, is_swapped))
            self._implied[Reading(lower, True)].append(Reading(upper, not is_swapped))

    def effects(self, classes: Classes) -> dict[str, Effects]:
        """The effects of every property that a rule reads or concludes."""
        steps = {step for chain, _ in self._chains for step in chain}
        concerned = dict.fromkeys(reading.predicate for reading in self._implied)
        concerned |= dict.fromkeys(
            reading.predicate for readings in self._implied.values() for reading in readings
        )
        concerned |= dict.fromkeys([*steps, *(name for _, name in self._chains)])
        concerned |= dict.fromkeys(classes.restricted())
        found = {
            str(predicate): self._effects_of(predicate, classes, steps)
            for predicate in concerned
            if isinstance(predicate, NamedNode)
        }
        found[str(_TYPE)] = Effects((), classes.by_type(), {}, (), (), is_concluded=False)
        return found

    def _effects_of(self, predicate: NamedNode, classes: Classes, steps: set[Term]) -> Effects:
        own = Reading(predicate, False)
        readings = list(reach(own, self._implied))
        by_object: dict[str, int] = {}
        by_subject: dict[str, int] = {}
        for reading in readings:
            by_end = by_subject if reading.is_swapped else by_object
            for value, mask in classes.by_value(reading.predicate).items():
                by_end[value] = by_end.get(value, 0) | mask
        return Effects(
            tuple(
                (str(name), is_swapped)
                for name, is_swapped in readings
                if isinstance(name, NamedNode) and (name, is_swapped) != own
            ),
            by_object,
            by_subject,
            tuple(demand for reading in readings for demand in classes.demands(reading)),
            tuple((str(name), is_swapped) for name, is_swapped in readings if name in steps),
        )
