"""Compiled rules applied: one organisation's triples in, the fixpoint of what they yield out.

Triples are N-Triples lines here, and terms the texts in them: a line that follows is put together
from texts, and nothing is parsed or serialised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from coopgraph.namespaces import iri
from coopgraph.reasoning.classes import Classes, Demand
from coopgraph.reasoning.properties import Effects, Properties

_TYPE = str(iri("rdf:type"))

# How many different sets of classes are remembered with their consequences.
_REMEMBERED = 65_536


class Rules:
    """A compiled ontology; made by ``compile_rules``."""

    def __init__(self, classes: Classes, properties: Properties) -> None:
        self._conclude = lru_cache(_REMEMBERED)(classes.conclude)
        self._chains = properties.chains
        self._effects = properties.effects(classes)
        # Whether it may follow from one thing's triples in which classes another is.
        self.classify_values = any(
            effects.by_subject or any(demand.is_swapped for demand in effects.demands)
            for effects in self._effects.values()
        )

    def infer(self, lines: Iterable[str]) -> set[str]:
        """Everything the rules yield from N-Triples lines, without those lines themselves.

        Lines are as pyoxigraph writes terms, one blank between them, ``" ."`` at the end.
        """
        state = _State()
        effects_of = self._effects.get
        given = []
        for line in lines:
            subject, predicate, value = line.split(" ", 2)
            effects = effects_of(predicate)
            if effects is not None:
                if effects.is_concluded:
                    given.append(line)
                state.note(subject, effects, value[:-2])
        while state.pending or state.has_new_steps:
            self._conclude_classes(state)
            self._conclude_chains(state)
        state.found.difference_update(given)
        return state.found

    def _conclude_classes(self, state: _State) -> None:
        while state.pending:
            member = state.pending.pop()
            member.is_pending = False
            types, links, classes = self._conclude(member.classes)
            state.found.update([f"{member.node} {_TYPE} {name} ." for name in types])
            for predicate, value in links:
                self._add(state, member.node, predicate, value)
            for node, demand in member.waiting or ():
                if classes & demand.filler:
                    state.add_classes(node, demand.classes)

    def _conclude_chains(self, state: _State) -> None:
        state.has_new_steps = False
        for chain, predicate in self._chains:
            for start, end in list(state.walk(chain)):
                self._add(state, start, predicate, end)

    def _add(self, state: _State, subject: str, predicate: str, value: str) -> None:
        line = f"{subject} {predicate} {value} ."
        if line not in state.found:
            state.found.add(line)
            state.note(subject, self._effects[predicate], value)


class _Member:
    """A node, the mask of classes it is known to be in, and who waits for which of them."""

    __slots__ = ("classes", "is_pending", "node", "waiting")

    def __init__(self, node: str) -> None:
        self.node = node
        self.classes = 0
        self.is_pending = False
        self.waiting: list[tuple[str, Demand]] | None = None


@dataclass(slots=True)
class _State:
    """What is known so far about the nodes of one organisation.

    ``pending`` holds the nodes about whose classes there is news.
    """

    found: set[str] = field(default_factory=set)
    members: dict[str, _Member] = field(default_factory=dict)
    pending: list[_Member] = field(default_factory=list)
    steps: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    has_new_steps: bool = False

    def note(self, subject: str, effects: Effects, value: str) -> None:
        """Take in one triple with all it implies by itself."""
        mask = effects.by_object.get(value)
        if mask is not None:
            self.add_classes(subject, mask)
        is_literal = value.startswith('"')
        if effects.by_subject and not is_literal:
            self.add_classes(value, effects.by_subject.get(subject, 0))
        for demand in effects.demands:
            if not demand.is_swapped:
                self._meet(demand, subject, value)
            elif not is_literal:
                self._meet(demand, value, subject)
        for predicate, is_swapped in effects.implied:
            if not is_swapped:
                self.found.add(f"{subject} {predicate} {value} .")
            elif not is_literal:
                self.found.add(f"{value} {predicate} {subject} .")
        for predicate, is_swapped in effects.steps:
            if not is_swapped:
                self._add_step(subject, predicate, value)
            elif not is_literal:
                self._add_step(value, predicate, subject)

    def walk(self, chain: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each pair of nodes that the chain connects (prp-spo2)."""
        for start, reached in self.steps.get(chain[0], {}).items():
            ends = reached
            for predicate in chain[1:]:
                step = self.steps.get(predicate, {})
                ends = {end: None for node in ends for end in step.get(node, ())}
            yield from ((start, end) for end in ends)

    def add_classes(self, node: str, mask: int) -> None:
        """Take in that a node is in the classes of ``mask``."""
        member = self.members.get(node)
        if member is None:
            member = self.members[node] = _Member(node)
        if mask & ~member.classes:
            member.classes |= mask
            self._note_news(member)

    def _meet(self, demand: Demand, node: str, value: str) -> None:
        if not demand.filler:
            self.add_classes(node, demand.classes)
        elif not value.startswith('"'):
            self.add_classes(value, 0)
            member = self.members[value]
            if member.waiting is None:
                member.waiting = []
            member.waiting.append((node, demand))
            self._note_news(member)

    def _note_news(self, member: _Member) -> None:
        if not member.is_pending:
            member.is_pending = True
            self.pending.append(member)

    def _add_step(self, start: str, predicate: str, end: str) -> None:
        ends = self.steps.setdefault(predicate, {}).setdefault(start, {})
        if end not in ends:
            ends[end] = None
            self.has_new_steps = True
