"""Where queries of shapes are asked: a store in memory with the background and one record.

The background is loaded once. A record's triples come in when a query is first asked about it,
and go when the next record comes: a stage is for one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from coopgraph.rdf import Subject, Term
from coopgraph.validation.select import FOCUS, THIS, Question
from coopgraph.validation.vocabulary import RDF_LANG_STRING, XSD

Solution = dict[str, Term]
_Graph = Mapping[Term, Mapping[NamedNode, Collection[Term]]]

_TEXTS = frozenset({NamedNode(f"{XSD}string"), RDF_LANG_STRING})


class Stage:
    """A store that shows one record at a time in front of the background."""

    def __init__(self, background: _Graph) -> None:
        self._background = background
        self._store = Store()
        self._store.extend(_quads(background))
        self._shown: _Graph = {}
        self._own: list[Quad] = []
        self._written: dict[Literal, Literal] | None = None

    def ask(self, record: _Graph, asked: Question, focus: Term) -> list[Solution]:
        """The different solutions of a query about ``focus``, in the order they come."""
        self._show(record)
        place = Quad(FOCUS, FOCUS, focus, FOCUS)
        self._store.add(place)
        try:
            found = self._store.query(
                asked.text, prefixes=dict(asked.prefixes), substitutions={THIS: focus}
            )
            assert isinstance(found, QuerySolutions)
            rows = dict.fromkeys(tuple(row[name] for name in asked.names) for row in found)
        finally:
            self._store.remove(place)
        return [self._solution(asked, cast("tuple[Term | None, ...]", row)) for row in rows]

    def _solution(self, asked: Question, row: tuple[Term | None, ...]) -> Solution:
        pairs = zip(asked.names, row, strict=True)
        return {name: self._as_written(term) for name, term in pairs if term is not None}

    def _show(self, record: _Graph) -> None:
        if record is self._shown:
            return
        for quad in self._own:
            self._store.remove(quad)
        self._own = [quad for quad in _quads(record) if quad not in self._store]
        self._store.extend(self._own)
        self._shown, self._written = record, None

    def _as_written(self, term: Term) -> Term:
        """A literal in the record's own form: the store keeps 7 where the record says 007."""
        if not isinstance(term, Literal) or term.datatype in _TEXTS:
            return term
        if self._written is None:
            self._written = dict(_forms(self._shown))
        return self._written.get(term, term)


def _quads(graph: _Graph) -> Iterator[Quad]:
    for subject, properties in graph.items():
        for predicate, values in properties.items():
            for value in values:
                yield Quad(cast("Subject", subject), predicate, value)


def _forms(record: _Graph) -> Iterator[tuple[Literal, Literal]]:
    """The form that the store keeps of each typed literal, and the one the record has."""
    typed = {
        value
        for properties in record.values()
        for values in properties.values()
        for value in values
        if isinstance(value, Literal) and value.datatype not in _TEXTS
    }
    store = Store()
    for literal in sorted(typed, key=str):
        store.add(Quad(FOCUS, FOCUS, literal))
        for quad in list(store):
            if quad.object not in typed and isinstance(quad.object, Literal):
                yield quad.object, literal
            store.remove(quad)
