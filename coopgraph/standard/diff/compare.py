"""Two versions of the standard → every change between them.

Each graph (ontology, shapes, code lists) is compared subject by subject and property by property.
A subject that one version lacks is one change; else each property whose values differ goes to its
rule (``predicates``). Every triple that differs is thus accounted for by some change; what follows
from changes in ways no triple shows (``effects``) is told beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode

from coopgraph.namespaces import CROSSWALK, ONTOLOGY_GRAPH, iri
from coopgraph.rdf import Subject, Term
from coopgraph.standard.diff.change import Breaks, Change, Level, Statement, Verdict
from coopgraph.standard.diff.effects import effects
from coopgraph.standard.diff.graph import Graph, Properties
from coopgraph.standard.diff.predicates import rule_for
from coopgraph.standard.diff.slot import Side, Slot, listed
from coopgraph.standard.diff.subjects import Whole, judge
from coopgraph.standard.model import Standard
from coopgraph.standard.releases import graphs

_PROPERTY, _PATH = iri("sh:property"), iri("sh:path")


def diff(old: Standard, new: Standard) -> list[Change]:
    """Every change from one version to another: the weightiest first, then by subject."""
    before, after = _graphs(old), _graphs(new)
    changes = list(effects(old, new))
    for name in sorted({*before, *after}, key=lambda name: name.value):
        changes += _Comparison(name, before, after).changes()
    return sorted(changes, key=_order)


def _order(change: Change) -> tuple[int, str, str, str, str]:
    return -change.level, change.subject, change.path, change.predicate, change.what


def _graphs(standard: Standard) -> dict[NamedNode, Graph]:
    return {name: Graph(triples) for name, triples in graphs(standard).items()}


class _Comparison:
    """The comparison of one named graph in two versions."""

    def __init__(
        self,
        name: NamedNode,
        before: dict[NamedNode, Graph],
        after: dict[NamedNode, Graph],
    ) -> None:
        self._name = name
        self._is_whole = name not in before or name not in after
        self._old, self._new = before.get(name, Graph()), after.get(name, Graph())
        self._old_classes = before.get(ONTOLOGY_GRAPH, Graph())
        self._new_classes = after.get(ONTOLOGY_GRAPH, Graph())
        # Fields that came or went as a whole account for the line that their owner has on them.
        self._fields: dict[str, set[Statement]] = {}

    def changes(self) -> Iterator[Change]:
        """Every change in this graph."""
        if self._is_whole:
            yield self._whole_graph()
            return
        subjects = sorted({*self._old.subjects, *self._new.subjects})
        wholes = {text: whole for text in subjects if (whole := self._whole(text)) is not None}
        for text, whole in wholes.items():
            yield self._judged(text, whole)
        for text in subjects:
            if text not in wholes:
                yield from self._subject(text, wholes.keys())

    # Came or went as a whole ----------------------------------------------------------------

    def _whole_graph(self) -> Change:
        removed, added = self._all(self._old), self._all(self._new)
        kind = "crosswalk" if self._name.value.startswith(CROSSWALK) else "code list"
        if added:
            verdict = Verdict(f"{kind} added", f"new {kind}", Level.COMPATIBLE)
        else:
            what = f"the {kind} is gone"
            verdict = Verdict(f"{kind} removed", what, Level.BREAKING, Breaks.BOTH)
        return _change(verdict, self._name.value, removed=removed, added=added)

    def _all(self, graph: Graph) -> frozenset[Statement]:
        return frozenset(
            statement
            for text in graph.subjects
            for statement in self._statements(text, graph.about(text))
        )

    def _whole(self, text: str) -> Whole | None:
        """The subject, where one version says nothing about it and it is ours to define."""
        is_new = text not in self._old.subjects
        if not is_new and text in self._new.subjects:
            return None
        holder, other = (self._new, self._old) if is_new else (self._old, self._new)
        whole = Whole(self._name, holder.subjects[text], holder, other, is_new)
        return whole if whole.is_ours else None

    def _judged(self, text: str, whole: Whole) -> Change:
        statements = set(self._statements(text, whole.holder.about(text)))
        for owner in whole.owners():
            statement = Statement(self._name.value, whole.holder.text(owner), _PROPERTY.value, text)
            statements.add(statement)
        removed, added = (set(), statements) if whole.is_new else (statements, set())
        return _change(judge(whole), _named(whole.node, text), removed=removed, added=added)

    # Changed in part ------------------------------------------------------------------------

    def _subject(self, text: str, wholes: Iterable[str]) -> Iterator[Change]:
        node = self._old.subjects.get(text) or self._new.subjects[text]
        name = _named(node, text)
        old, new = self._old.about(text), self._new.about(text)
        for slot in self._slots(old, new):
            if slot.predicate == _PROPERTY:
                yield from self._parts(text, name, slot, wholes)
                continue
            removed = self._statements(text, {slot.predicate: _only(slot.gone)})
            added = self._statements(text, {slot.predicate: _only(slot.come)})
            for verdict in rule_for(slot.predicate)(slot):
                yield _change(verdict, name, slot, removed=removed, added=added)

    def _slots(self, old: Properties, new: Properties) -> Iterator[Slot]:
        before = Side(self._old, old, self._old_classes)
        after = Side(self._new, new, self._new_classes)
        for predicate in sorted({*old, *new}, key=lambda predicate: predicate.value):
            if old.get(predicate, {}).keys() != new.get(predicate, {}).keys():
                yield Slot(predicate, before, after)

    def _parts(self, text: str, name: str, slot: Slot, wholes: Iterable[str]) -> Iterator[Change]:
        """sh:property: fields that were moved, and shapes without a name, paired by their path."""
        gone = [value for value in slot.gone if value not in wholes]
        come = [value for value in slot.come if value not in wholes]
        old, new = (
            self._by_path(self._old, slot.before, gone),
            self._by_path(self._new, slot.after, come),
        )
        for path in sorted({*old, *new}):
            before, after = old.get(path, []), new.get(path, [])
            removed = self._statements(text, {_PROPERTY: _only(before)})
            added = self._statements(text, {_PROPERTY: _only(after)})
            inner = self._inside(slot, before, after)
            for verdict, found in inner or [(_moved(before, after), slot)]:
                yield _change(verdict, name, found, path, removed=removed, added=added)

    def _inside(
        self, slot: Slot, before: list[str], after: list[str]
    ) -> list[tuple[Verdict, Slot]]:
        """What differs in a pair of shapes without names."""
        if len(before) != 1 or len(after) != 1:
            return []
        old, new = slot.before[before[0]], slot.after[after[0]]
        if not (isinstance(old, BlankNode) and isinstance(new, BlankNode)):
            return []
        return [
            (verdict, inner)
            for inner in self._slots(self._old.properties(old), self._new.properties(new))
            for verdict in rule_for(inner.predicate)(inner)
        ]

    @staticmethod
    def _by_path(graph: Graph, values: object, texts: list[str]) -> dict[str, list[str]]:
        assert isinstance(values, dict)
        found: dict[str, list[str]] = {}
        for text in texts:
            node: Term = values[text]
            is_named = isinstance(node, NamedNode)
            paths = [] if is_named else [graph.text(path) for path in graph.values(node, _PATH)]
            found.setdefault(text if is_named else listed(paths), []).append(text)
        return found

    def _statements(
        self, text: str, said: Properties | dict[NamedNode, dict[str, None]]
    ) -> frozenset[Statement]:
        return frozenset(
            Statement(self._name.value, text, predicate.value, value)
            for predicate, values in said.items()
            for value in values
        )


def _moved(before: list[str], after: list[str]) -> Verdict:
    if before and not after:
        what = f"{listed(before)} is no longer part of it"
        return Verdict("field removed", what, Level.BREAKING, Breaks.BOTH)
    what = f"{listed(after)} is part of it now"
    return Verdict("field added", what, Level.BREAKING, Breaks.PRODUCERS)


def _only(texts: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(texts)


def _named(node: Subject, text: str) -> str:
    return node.value if isinstance(node, NamedNode) else text


def _change(
    verdict: Verdict,
    subject: str,
    slot: Slot | None = None,
    path: str = "",
    *,
    removed: Iterable[Statement] = (),
    added: Iterable[Statement] = (),
) -> Change:
    return Change(
        kind=verdict.kind,
        subject=subject,
        what=verdict.what,
        level=verdict.level,
        breaks=verdict.breaks,
        path=path,
        predicate=slot.predicate.value if slot else "",
        old=tuple(slot.gone) if slot else (),
        new=tuple(slot.come) if slot else (),
        removed=frozenset(removed),
        added=frozenset(added),
    )
