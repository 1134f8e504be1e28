"""Class axioms in, masks out: which classes follow from classes, values and values' classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term, TripleIndex
from coopgraph.reasoning.axioms import (
    Reading,
    Restriction,
    pairs,
    reach,
    restrictions,
    superproperties,
)

_THING = iri("owl:Thing")


class Conclusion(NamedTuple):
    """What being in some classes amounts to: those with a name, values to have, all as a mask.

    Names and values are texts, as N-Triples have them.
    """

    types: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    classes: int


class Demand(NamedTuple):
    """A value in ``filler`` (0: any value) puts its subject into ``classes``; both are masks.

    Where ``is_swapped``, the object of the triple is the subject meant.
    """

    is_swapped: bool
    filler: int
    classes: int


class Classes:
    """The class axioms. A class is one bit of an integer, a set of classes is a mask.

    A second bit for each class, further up, says that the data assert it, so that it need not
    be concluded.
    """

    def __init__(self, axioms: TripleIndex) -> None:
        intersections = [
            (name, axioms.items(head)) for name, head in pairs(axioms, "owl:intersectionOf")
        ]
        upwards = _upwards(axioms, intersections)
        self._values = list(restrictions(axioms, "owl:hasValue"))
        self._some = list(restrictions(axioms, "owl:someValuesFrom"))
        _order_restrictions(upwards, self._values, self._some, superproperties(axioms))
        names = dict.fromkeys([*upwards, *(item.name for item in [*self._values, *self._some])])
        names |= dict.fromkeys(item.value for item in self._some)
        self._bits: dict[Term, int] = {}
        for name in names:
            for reached in reach(name, upwards):
                self._bits.setdefault(reached, 1 << len(self._bits))
        self._above = {name: self._mask(reach(name, upwards)) for name in self._bits}
        self._shift = len(self._bits)
        self._intersections = [
            (self._mask(members), self._above[name]) for name, members in intersections
        ]

    def _mask(self, names: Iterable[Term]) -> int:
        mask = 0
        for name in names:
            mask |= self._bits[name]
        return mask

    def restricted(self) -> Iterator[Term]:
        """The properties for which a class prescribes a value or its class."""
        yield from (item.predicate for item in [*self._values, *self._some])

    def by_type(self) -> dict[str, int]:
        """The classes of what is asserted to be in a class, by that class."""
        return {
            str(name): mask | self._bits[name] << self._shift for name, mask in self._above.items()
        }

    def by_value(self, predicate: Term) -> dict[str, int]:
        """The classes of what has a value of ``predicate``, by that value (cls-hv2)."""
        found: dict[str, int] = {}
        for name, restricted, value in self._values:
            if restricted == predicate:
                found[str(value)] = found.get(str(value), 0) | self._above[name]
        return found

    def demands(self, reading: Reading) -> Iterator[Demand]:
        """The classes of what has a value of some class (cls-svf1, cls-svf2)."""
        for name, restricted, filler in self._some:
            if restricted == reading.predicate:
                mask = 0 if filler == _THING else self._bits[filler]
                yield Demand(reading.is_swapped, mask, self._above[name])

    def conclude(self, mask: int) -> Conclusion:
        """What follows for a node in the classes of ``mask`` (cls-int1, cls-hv1)."""
        before = -1
        while mask != before:
            before = mask
            for members, above in self._intersections:
                if mask & members == members:
                    mask |= above
        unasserted = mask & ~(mask >> self._shift)
        types = (
            str(name)
            for name, bit in self._bits.items()
            if unasserted & bit and isinstance(name, NamedNode) and name != _THING
        )
        links = (
            (str(predicate), str(value))
            for name, predicate, value in self._values
            if mask & self._bits[name]
        )
        return Conclusion(tuple(types), tuple(links), mask)


def _upwards(
    axioms: TripleIndex, intersections: list[tuple[Subject, list[Term]]]
) -> dict[Term, list[Term]]:
    """The classes right above each class (cax-sco, cax-eqc, cls-int2, cls-uni)."""
    found: dict[Term, list[Term]] = defaultdict(list)
    for lower, upper in pairs(axioms, "rdfs:subClassOf"):
        found[lower].append(upper)
    for one, other in pairs(axioms, "owl:equivalentClass"):
        found[one].append(other)
        found[other].append(one)
    for name, members in intersections:
        found[name] += members
    for name, head in pairs(axioms, "owl:unionOf"):
        for member in axioms.items(head):
            found[member].append(name)
    return dict(found)


def _order_restrictions(
    upwards: dict[Term, list[Term]],
    values: list[Restriction],
    some: list[Restriction],
    superproperties: Mapping[Term, Iterable[Term]],
) -> None:
    """Put restrictions below those they lie within (scm-hv, scm-svf1, scm-svf2)."""
    for one, other in product(values, repeat=2):
        if one.value == other.value and other.predicate in reach(one.predicate, superproperties):
            upwards.setdefault(one.name, []).append(other.name)
    is_new = True
    while is_new:
        is_new = False
        for one, other in product(some, repeat=2):
            above = reach(one.name, upwards)
            if other.name not in above and _is_within(one, other, upwards, superproperties):
                upwards.setdefault(one.name, []).append(other.name)
                is_new = True


def _is_within(
    one: Restriction,
    other: Restriction,
    upwards: Mapping[Term, Iterable[Term]],
    superproperties: Mapping[Term, Iterable[Term]],
) -> bool:
    """Whether some value of one class is some value of the other, by class or by property."""
    if one.predicate == other.predicate:
        return other.value == _THING or other.value in reach(one.value, upwards)
    is_below = other.predicate in reach(one.predicate, superproperties)
    return is_below and one.value == other.value
