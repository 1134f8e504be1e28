"""An organisation's asserted triples in, what the ontology's rules add to them out.

``compile_rules`` reads the ontology once; ``Rules.infer`` is then applied to the triples of one
organisation at a time (its fragments and records included) and gives what follows from them
alone, to a fixpoint. A rule may speak about another subject, as an inverse property does.

The profile is part of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/, section 4.3):

=====================  ==========================================================
cax-sco, cax-eqc1/2    subclasses and equivalent classes
cls-int1/2, cls-uni    intersections and unions of classes
cls-hv1/2              restrictions to a value (``owl:hasValue``)
prp-spo1, prp-eqp1/2   subproperties and equivalent properties
prp-inv1/2, prp-symp   inverse and symmetric properties
prp-spo2               property chains
=====================  ==========================================================

Left out on purpose:

* ``rdfs:domain`` and ``rdfs:range`` (prp-dom, prp-rng): a misused property would silently turn
  one thing into another; shapes say what a property may be used on;
* transitive properties (prp-trp): a chain of federations is a query, and needs more than one
  organisation's triples;
* rules that conclude ``owl:sameAs`` (functional properties, keys), cardinality, ``allValuesFrom``,
  ``someValuesFrom``, and rules that find contradictions.

Ontology axioms in the data are data. ``owl:Thing``, unnamed classes and unnamed properties are
never concluded, a literal is never a subject, and ``rdf:type`` takes no part in property axioms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar, cast

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term, TripleIndex

_TYPE = iri("rdf:type")
_THING = iri("owl:Thing")
_SYMMETRIC = iri("owl:SymmetricProperty")

# How many different sets of classes are remembered with their consequences.
_REMEMBERED = 65_536

_Node = TypeVar("_Node")


class _Statement(Protocol):
    subject: Subject
    predicate: NamedNode
    object: Term


class _Reading(NamedTuple):
    """A property, read from subject to object or (``is_swapped``) from object to subject."""

    predicate: Term
    is_swapped: bool


class _Conclusion(NamedTuple):
    """What being in some classes amounts to: all classes with a name, and values to have."""

    types: tuple[NamedNode, ...]
    links: tuple[tuple[NamedNode, Term], ...]


class _Effects(NamedTuple):
    """What a triple of one property leads to by itself.

    ``implied`` are properties that hold as well. ``by_object`` gives the classes of the subject
    for each object that matters, ``by_subject`` those of the object, as masks. ``steps`` are
    the readings that a chain may go through. ``is_concluded`` says that a rule may conclude
    such a triple that was given.
    """

    implied: tuple[_Reading, ...]
    by_object: dict[Term, int]
    by_subject: dict[Term, int]
    steps: tuple[_Reading, ...]
    is_concluded: bool = True


def compile_rules(ontology: Iterable[Triple]) -> Rules:
    """Compile an ontology; axioms outside the profile are passed over."""
    axioms = TripleIndex(ontology)
    return Rules(_Classes(axioms), _Properties(axioms))


class Rules:
    """A compiled ontology; made by ``compile_rules``."""

    def __init__(self, classes: _Classes, properties: _Properties) -> None:
        self._conclude = lru_cache(_REMEMBERED)(classes.conclude)
        self._chains = properties.chains
        self._effects = properties.effects(classes)

    def infer(self, triples: Iterable[Triple]) -> set[Triple]:
        """Everything the rules yield from ``triples``, without ``triples`` themselves."""
        state = _State()
        effects_of = self._effects.get
        given = []
        for triple in cast("Iterable[_Statement]", triples):
            effects = effects_of(triple.predicate)
            if effects is not None:
                if effects.is_concluded:
                    given.append(triple)
                state.note(triple.subject, effects, triple.object)
        while state.pending or state.has_new_steps:
            self._conclude_classes(state)
            self._conclude_chains(state)
        state.found.difference_update(given)
        return state.found

    def _conclude_classes(self, state: _State) -> None:
        while state.pending:
            member = state.pending.pop()
            member.is_pending = False
            types, links = self._conclude(member.classes)
            state.found.update([Triple(member.node, _TYPE, name) for name in types])
            for predicate, value in links:
                self._add(state, member.node, predicate, value)

    def _conclude_chains(self, state: _State) -> None:
        state.has_new_steps = False
        for chain, predicate in self._chains:
            for start, end in list(state.walk(chain)):
                self._add(state, start, predicate, end)

    def _add(self, state: _State, subject: Subject, predicate: NamedNode, value: Term) -> None:
        triple = Triple(subject, predicate, value)
        if triple not in state.found:
            state.found.add(triple)
            state.note(subject, self._effects[predicate], value)


class _Member:
    """A node and the mask of classes it is known to be in."""

    __slots__ = ("classes", "is_pending", "node")

    def __init__(self, node: Subject) -> None:
        self.node = node
        self.classes = 0
        self.is_pending = False


@dataclass(slots=True)
class _State:
    """What is known so far about the nodes of one organisation.

    ``pending`` holds the nodes about whose classes there is news.
    """

    found: set[Triple] = field(default_factory=set)
    members: dict[Subject, _Member] = field(default_factory=dict)
    pending: list[_Member] = field(default_factory=list)
    steps: dict[Term, dict[Subject, dict[Term, None]]] = field(default_factory=dict)
    has_new_steps: bool = False

    def note(self, subject: Subject, effects: _Effects, value: Term) -> None:
        """Take in one triple with all it implies by itself."""
        mask = effects.by_object.get(value)
        if mask is not None:
            self._add_classes(subject, mask)
        if effects.by_subject and not isinstance(value, Literal):
            self._add_classes(value, effects.by_subject.get(subject, 0))
        for predicate, is_swapped in effects.implied:
            start, end = (value, subject) if is_swapped else (subject, value)
            if isinstance(predicate, NamedNode) and not isinstance(start, Literal):
                self.found.add(Triple(start, predicate, end))
        for predicate, is_swapped in effects.steps:
            start, end = (value, subject) if is_swapped else (subject, value)
            if not isinstance(start, Literal):
                self._add_step(start, predicate, end)

    def walk(self, chain: Sequence[Term]) -> Iterator[tuple[Subject, Term]]:
        """Each pair of nodes that the chain connects (prp-spo2)."""
        for start, reached in self.steps.get(chain[0], {}).items():
            ends = reached
            for predicate in chain[1:]:
                step = self.steps.get(predicate, {})
                ends = {
                    end: None
                    for node in ends
                    if not isinstance(node, Literal)
                    for end in step.get(node, ())
                }
            yield from ((start, end) for end in ends)

    def _add_classes(self, node: Subject, mask: int) -> None:
        member = self.members.get(node)
        if member is None:
            member = self.members[node] = _Member(node)
        if mask & ~member.classes:
            member.classes |= mask
            if not member.is_pending:
                member.is_pending = True
                self.pending.append(member)

    def _add_step(self, start: Subject, predicate: Term, end: Term) -> None:
        ends = self.steps.setdefault(predicate, {}).setdefault(start, {})
        if end not in ends:
            ends[end] = None
            self.has_new_steps = True


class _Classes:
    """The class axioms. A class is one bit of an integer, a set of classes is a mask.

    A second bit for each class, further up, says that the data assert it, so that it need not
    be concluded.
    """

    def __init__(self, axioms: TripleIndex) -> None:
        intersections = [
            (name, axioms.items(head)) for name, head in _pairs(axioms, "owl:intersectionOf")
        ]
        upwards = _upwards(axioms, intersections)
        self._restrictions = list(_value_restrictions(axioms))
        self._bits: dict[Term, int] = {}
        for name in upwards.keys() | {restriction for restriction, _, _ in self._restrictions}:
            for reached in _reach(name, upwards):
                self._bits.setdefault(reached, 1 << len(self._bits))
        self._above = {name: self._mask(_reach(name, upwards)) for name in self._bits}
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
        """The properties for which a class prescribes a value."""
        yield from (predicate for _, predicate, _ in self._restrictions)

    def by_type(self) -> dict[Term, int]:
        """The classes of what is asserted to be in a class, by that class."""
        return {name: mask | self._bits[name] << self._shift for name, mask in self._above.items()}

    def by_value(self, predicate: Term) -> dict[Term, int]:
        """The classes of what has a value of ``predicate``, by that value (cls-hv2)."""
        found: dict[Term, int] = {}
        for restriction, restricted, value in self._restrictions:
            if restricted == predicate:
                found[value] = found.get(value, 0) | self._above[restriction]
        return found

    def conclude(self, mask: int) -> _Conclusion:
        """What follows for a node in the classes of ``mask`` (cls-int1, cls-hv1)."""
        before = -1
        while mask != before:
            before = mask
            for members, above in self._intersections:
                if mask & members == members:
                    mask |= above
        unasserted = mask & ~(mask >> self._shift)
        types = (
            name
            for name, bit in self._bits.items()
            if unasserted & bit and isinstance(name, NamedNode) and name != _THING
        )
        links = (
            (predicate, value)
            for restriction, predicate, value in self._restrictions
            if mask & self._bits[restriction]
        )
        return _Conclusion(tuple(types), tuple(links))


class _Properties:
    """The property axioms."""

    def __init__(self, axioms: TripleIndex) -> None:
        self._implied: dict[_Reading, list[_Reading]] = defaultdict(list)
        for lower, upper in _pairs(axioms, "rdfs:subPropertyOf"):
            self._imply(lower, upper, is_swapped=False)
        for one, other in _pairs(axioms, "owl:equivalentProperty"):
            self._imply(one, other, is_swapped=False)
            self._imply(other, one, is_swapped=False)
        for one, other in _pairs(axioms, "owl:inverseOf"):
            self._imply(one, other, is_swapped=True)
            self._imply(other, one, is_swapped=True)
        for symmetric in axioms.subjects(_TYPE, _SYMMETRIC):
            self._imply(symmetric, symmetric, is_swapped=True)
        self.chains = [
            (axioms.items(head), name)
            for name, head in _pairs(axioms, "owl:propertyChainAxiom")
            if isinstance(name, NamedNode) and axioms.items(head)
        ]

    def _imply(self, lower: Term, upper: Term, *, is_swapped: bool) -> None:
        if _TYPE not in (lower, upper):
            self._implied[_Reading(lower, False)].append(_Reading(upper, is_swapped))
            self._implied[_Reading(lower, True)].append(_Reading(upper, not is_swapped))

    def effects(self, classes: _Classes) -> dict[NamedNode, _Effects]:
        """The effects of every property that a rule reads or concludes."""
        steps = {step for chain, _ in self.chains for step in chain}
        concerned = dict.fromkeys(reading.predicate for reading in self._implied)
        concerned |= dict.fromkeys(
            reading.predicate for readings in self._implied.values() for reading in readings
        )
        concerned |= dict.fromkeys([*steps, *(name for _, name in self.chains)])
        concerned |= dict.fromkeys(classes.restricted())
        found = {
            predicate: self._effects_of(predicate, classes, steps)
            for predicate in concerned
            if isinstance(predicate, NamedNode)
        }
        found[_TYPE] = _Effects((), classes.by_type(), {}, (), is_concluded=False)
        return found

    def _effects_of(self, predicate: NamedNode, classes: _Classes, steps: set[Term]) -> _Effects:
        own = _Reading(predicate, False)
        readings = list(_reach(own, self._implied))
        by_object: dict[Term, int] = {}
        by_subject: dict[Term, int] = {}
        for reading in readings:
            by_end = by_subject if reading.is_swapped else by_object
            for value, mask in classes.by_value(reading.predicate).items():
                by_end[value] = by_end.get(value, 0) | mask
        return _Effects(
            tuple(reading for reading in readings if reading != own),
            by_object,
            by_subject,
            tuple(reading for reading in readings if reading.predicate in steps),
        )


def _upwards(
    axioms: TripleIndex, intersections: list[tuple[Subject, list[Term]]]
) -> dict[Term, list[Term]]:
    """The classes right above each class (cax-sco, cax-eqc, cls-int2, cls-uni)."""
    found: dict[Term, list[Term]] = defaultdict(list)
    for lower, upper in _pairs(axioms, "rdfs:subClassOf"):
        found[lower].append(upper)
    for one, other in _pairs(axioms, "owl:equivalentClass"):
        found[one].append(other)
        found[other].append(one)
    for name, members in intersections:
        found[name] += members
    for name, head in _pairs(axioms, "owl:unionOf"):
        for member in axioms.items(head):
            found[member].append(name)
    return dict(found)


def _value_restrictions(axioms: TripleIndex) -> Iterator[tuple[Subject, NamedNode, Term]]:
    for restriction, value in _pairs(axioms, "owl:hasValue"):
        for predicate in axioms.objects(restriction, iri("owl:onProperty")):
            if isinstance(predicate, NamedNode):
                yield restriction, predicate, value


def _pairs(axioms: TripleIndex, predicate: str) -> Iterator[tuple[Subject, Term]]:
    name = iri(predicate)
    for subject, properties in axioms.by_subject.items():
        yield from ((subject, value) for value in properties.get(name, ()))


def _reach(start: _Node, edges: Mapping[_Node, Iterable[_Node]]) -> dict[_Node, None]:
    """``start`` and all that the edges lead to from it."""
    reached = {start: None}
    pending = [start]
    while pending:
        for node in edges.get(pending.pop(), ()):
            if node not in reached:
                reached[node] = None
                pending.append(node)
    return reached
