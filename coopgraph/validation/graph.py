"""The data graph of one validation: a record's triples over a fixed background.

The background (class hierarchy, code lists) is indexed once for the life of a validator; a
record's triples are indexed once for each call. A node sees the triples of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from pyoxigraph import NamedNode, Triple

from coopgraph.rdf import Subject, Term
from coopgraph.validation.select import Question
from coopgraph.validation.stage import Solution, Stage
from coopgraph.validation.vocabulary import RDF_TYPE, RDFS_SUBCLASS_OF

if TYPE_CHECKING:
    from coopgraph.validation.report import Violation
    from coopgraph.validation.shape import Shape

# Each value once, in the order of the source. Most properties have one value: a tuple is the
# cheapest way to hold it; several are the keys of a dict.
Values = Collection[Term]
Properties = Mapping[NamedNode, Values]
_Index = dict[Term, dict[NamedNode, Values]]
_Inverse = dict[Term, dict[NamedNode, dict[Term, None]]]

NO_VALUES: Values = ()
_NO_PROPERTIES: Properties = {}


class _Statement(Protocol):
    subject: Term
    predicate: NamedNode
    object: Term


class Background:
    """Triples every record may refer to; never focus nodes themselves."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.index = _index(triples)
        self.inverse = _invert(self.index)
        self.nodes = frozenset(self.index) | frozenset(self.inverse)
        self._subclasses: dict[Term, frozenset[Term]] = {}

    @cached_property
    def stage(self) -> Stage:
        """Where queries of shapes are asked; made when the first is."""
        return Stage(self.index)

    def subclasses(self, name: Term) -> frozenset[Term]:
        """``name`` and every class below it."""
        found = self._subclasses.get(name)
        if found is None:
            found = self._subclasses[name] = frozenset(_descend(name, (self.inverse,)))
        return found

    def instances(self, name: Term) -> frozenset[Term]:
        """Every node of the background whose type is ``name`` or a class below it."""
        return frozenset(
            instance
            for subclass in self.subclasses(name)
            for instance in self.inverse.get(subclass, {}).get(RDF_TYPE, ())
        )


class DataGraph:
    """One record's triples, seen together with the background.

    ``partial`` names nodes of which the record tells only a part; see ``Validator.validate``.
    ``is_apart`` says that nothing in the record bears on a node of the background, so that
    what was found out about such a node for one record holds for the next. ``results`` is a
    place for shapes to keep what they found out about a node of this record.
    """

    def __init__(
        self, triples: Iterable[Triple], background: Background, partial: frozenset[NamedNode]
    ) -> None:
        self.own = _index(triples)
        self.partial = partial
        self.has_hierarchy = any(RDFS_SUBCLASS_OF in found for found in self.own.values())
        self.is_apart = (
            not self.has_hierarchy
            and background.nodes.isdisjoint(self.own)
            and background.nodes.isdisjoint(partial)
        )
        self._background = background
        self._inverse: _Inverse | None = None
        self._merged: dict[Term, Properties] = {}
        self.results: dict[Shape, dict[Term, list[Violation]]] = {}

    def properties(self, node: Term) -> Properties:
        """The values of each property of ``node``."""
        own = self.own.get(node)
        if own is None:
            return self._background.index.get(node, _NO_PROPERTIES)
        if self.is_apart or node not in self._background.index:
            return own
        if node not in self._merged:
            self._merged[node] = _merge(own, self._background.index[node])
        return self._merged[node]

    def triples(self) -> Iterator[Triple]:
        """Every triple of the record and of the background; those of both come twice."""
        for index in (self.own, self._background.index):
            for subject, properties in index.items():
                for predicate, values in properties.items():
                    for value in values:
                        yield Triple(cast("Subject", subject), predicate, value)

    def is_background(self, node: Term) -> bool:
        """Whether the background describes ``node``."""
        return node in self._background.index

    def values(self, node: Term, predicate: NamedNode) -> Values:
        """The objects of (``node``, ``predicate``), each once."""
        return self.properties(node).get(predicate, NO_VALUES)

    def subjects(self, predicate: NamedNode, node: Term) -> Values:
        """The subjects of (``predicate``, ``node``), each once."""
        if self._inverse is None:
            self._inverse = _invert(self.own)
        own = self._inverse.get(node, {}).get(predicate, {})
        return own | self._background.inverse.get(node, {}).get(predicate, {})

    def subclasses(self, name: Term) -> frozenset[Term]:
        """``name`` and every class below it, by the background and the record's own triples."""
        if not self.has_hierarchy:
            return self._background.subclasses(name)
        if self._inverse is None:
            self._inverse = _invert(self.own)
        return frozenset(_descend(name, (self._inverse, self._background.inverse)))

    def ask(self, asked: Question, focus: Term) -> list[Solution]:
        """The solutions of a shape's query about ``focus``."""
        return self._background.stage.ask(self.own, asked, focus)

    def as_whole(self) -> DataGraph:
        """The same graph with no node taken as partial."""
        if not self.partial:
            return self
        whole = copy(self)
        whole.partial = frozenset()
        whole.results = {}
        return whole


def _index(triples: Iterable[Triple]) -> _Index:
    index: _Index = {}
    subject: Term | None = None
    properties: dict[NamedNode, Values] = {}
    for triple in cast("Iterable[_Statement]", triples):
        # Neighbouring triples mostly share their subject; comparing is cheaper than hashing.
        if (current := triple.subject) != subject:
            subject = current
            properties = index.setdefault(subject, {})
        predicate = triple.predicate
        single = (triple.object,)
        values = properties.setdefault(predicate, single)
        if values is not single:
            if type(values) is not dict:
                values = properties[predicate] = dict.fromkeys(values)
            values[single[0]] = None
    return index


def _invert(index: _Index) -> _Inverse:
    inverse: _Inverse = {}
    for subject, properties in index.items():
        for predicate, values in properties.items():
            for value in values:
                inverse.setdefault(value, {}).setdefault(predicate, {})[subject] = None
    return inverse


def _merge(first: Properties, second: Properties) -> Properties:
    merged = {predicate: dict.fromkeys(values) for predicate, values in first.items()}
    for predicate, values in second.items():
        merged.setdefault(predicate, {}).update(dict.fromkeys(values))
    return merged


def _descend(name: Term, inverses: tuple[_Inverse, ...]) -> Iterator[Term]:
    seen = {name}
    pending = [name]
    while pending:
        current = pending.pop()
        yield current
        for inverse in inverses:
            for below in inverse.get(current, {}).get(RDFS_SUBCLASS_OF, ()):
                if below not in seen:
                    seen.add(below)
                    pending.append(below)
