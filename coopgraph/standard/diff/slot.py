"""One property of one subject in two versions: what a rule looks at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.rdf import Term
from coopgraph.standard.diff.change import Breaks, Level, Verdict
from coopgraph.standard.diff.graph import Graph, Properties, Values, short


@dataclass(frozen=True)
class Side:
    """A subject in one version: its graph, all that is said of it, and the classes there are."""

    graph: Graph
    properties: Properties
    classes: Graph  # the ontology, for the tree of classes

    def values(self, predicate: NamedNode) -> Values:
        """Text → term of one property."""
        return self.properties.get(predicate, {})

    def members(self, predicate: NamedNode) -> frozenset[str]:
        """The members of the lists that are the values of a property, as texts."""
        return frozenset(
            self.graph.text(item)
            for head in self.values(predicate).values()
            for item in self.graph.items(head)
        )

    def number(self, predicate: NamedNode) -> Decimal | None:
        """The one value as a number; None without one. Raises InvalidOperation."""
        terms = list(self.values(predicate).values())
        if not terms:
            return None
        if len(terms) > 1:
            raise InvalidOperation
        return Decimal(getattr(terms[0], "value", ""))

    def is_below(self, narrow: Term, wide: Term) -> bool:
        """Whether a class is the same as another or, by rdfs:subClassOf, below it."""
        seen: set[Term] = set()
        pending = [narrow]
        while pending:
            current = pending.pop()
            if current == wide:
                return True
            if current not in seen:
                seen.add(current)
                pending.extend(self.classes.values(current, iri("rdfs:subClassOf")))
        return False


@dataclass(frozen=True)
class Slot:
    """A property whose values differ between two versions of a subject."""

    predicate: NamedNode
    old: Side
    new: Side

    @property
    def name(self) -> str:
        """The property's compact name."""
        return short(self.predicate)

    @property
    def before(self) -> Values:
        """What the old version says."""
        return self.old.values(self.predicate)

    @property
    def after(self) -> Values:
        """What the new version says."""
        return self.new.values(self.predicate)

    @property
    def gone(self) -> list[str]:
        """Values that only the old version has."""
        return sorted(self.before.keys() - self.after.keys())

    @property
    def come(self) -> list[str]:
        """Values that only the new version has."""
        return sorted(self.after.keys() - self.before.keys())

    @property
    def happened(self) -> str:
        """“added”, “removed” or “changed”."""
        if not self.gone:
            return "added"
        return "changed" if self.come else "removed"

    def told(self) -> str:
        """The property and its values, for a sentence."""
        if self.gone and self.come:
            return f"{self.name} {listed(self.gone)} became {listed(self.come)}"
        return f"{self.name} {listed(self.gone or self.come)} {self.happened}"


Rule = Callable[[Slot], Iterable[Verdict]]

# Numbers and flags read best as Turtle abbreviates them.
_PLAIN = re.compile(r'^"([^"]*)"\^\^xsd:(?:integer|decimal|boolean)$')
_MOST_SHOWN = 3
_LONGEST = 100


def listed(texts: Iterable[str]) -> str:
    """Values for a sentence; many or long ones are cut short.

    >>> listed(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    found = [cut(_PLAIN.sub(r"\1", text)) for text in texts]
    shown = ", ".join(found[:_MOST_SHOWN])
    more = len(found) - _MOST_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def cut(text: str) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def constant(kind: str, level: Level, breaks: Breaks = Breaks.NOBODY) -> Rule:
    """A rule that judges every change of a property alike."""

    def rule(slot: Slot) -> Iterator[Verdict]:
        yield Verdict(f"{kind} {slot.happened}", slot.told(), level, breaks)

    return rule


def promise(kind: str) -> Rule:
    """For what readers rely on: more of it is compatible, less breaks them."""

    def rule(slot: Slot) -> Iterator[Verdict]:
        if slot.gone:
            yield Verdict(f"{kind} {slot.happened}", slot.told(), Level.BREAKING, Breaks.CONSUMERS)
        else:
            yield Verdict(f"{kind} added", slot.told(), Level.COMPATIBLE)

    return rule


def demand(kind: str) -> Rule:
    """For what data must satisfy: more of it breaks those who provide, less is compatible."""

    def rule(slot: Slot) -> Iterator[Verdict]:
        if slot.come:
            yield Verdict(f"{kind} {slot.happened}", slot.told(), Level.BREAKING, Breaks.PRODUCERS)
        else:
            yield Verdict(f"{kind} removed", slot.told(), Level.COMPATIBLE)

    return rule
