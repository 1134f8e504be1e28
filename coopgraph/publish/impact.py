"""What another version of the standard would mean for the records that are published.

In: the journal's records, two versions, and the changes between them. Out: how many records that
conform under the old version would not under the new one, by change and dataset, with examples.
Records are read one after another and judged as a load judges them (``staging``): one by one, by
asserted triples, with nothing inferred. What spans records is not looked at: that a row goes
because the row it refers to goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.errors import DescriptorError
from coopgraph.journal import HeldRecord, Journal
from coopgraph.namespaces import curie, iri
from coopgraph.publish.staging import Progress
from coopgraph.rdf import Term
from coopgraph.standard import Standard
from coopgraph.standard.diff import Change, Level
from coopgraph.tables.descriptor import Descriptor, parse_descriptor
from coopgraph.tables.records import OPEN_SELF
from coopgraph.validation import Violation
from coopgraph.validation.checking import standard_validator

_NODE_CONSTRAINT = iri("sh:NodeConstraintComponent")
_VIOLATION = iri("sh:Violation")
_MOST_EXAMPLES = 3
_TICK = 500
# Parameters that bear upon the component of another one.
_BESIDE = {"flags": "pattern", "ignoredProperties": "closed"}


@dataclass(frozen=True, slots=True)
class Example:
    """A record that would no longer conform, and why."""

    dataset: str
    table: str
    key: str
    value: str
    message: str


@dataclass
class Broken:
    """Records that break one constraint of one shape, because of one change."""

    shape: str
    path: str
    component: str
    change: Change | None
    records: Counter[str] = field(default_factory=Counter)  # by dataset
    examples: list[Example] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "change": self.change.as_json() if self.change else None,
            "shape": self.shape,
            "path": self.path,
            "component": self.component,
            "records": dict(sorted(self.records.items())),
            "examples": [
                {name: getattr(example, name) for name in Example.__slots__}
                for example in self.examples
            ],
        }


@dataclass
class Impact:
    """The outcome. A record that breaks several constraints counts once in ``broken``."""

    records: Counter[str] = field(default_factory=Counter)  # looked at, by dataset
    broken: Counter[str] = field(default_factory=Counter)  # conform to the old version alone
    faulty: Counter[str] = field(default_factory=Counter)  # conform to neither
    reasons: list[Broken] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "records": dict(sorted(self.records.items())),
            "nonConforming": dict(sorted(self.broken.items())),
            "conformingToNeither": dict(sorted(self.faulty.items())),
            "reasons": [reason.as_json() for reason in self.reasons],
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        looked_at, broken = self.records.total(), self.broken.total()
        yield f"Published data: {broken:,} of {looked_at:,} records would no longer conform."
        if self.faulty:
            yield f"  {self.faulty.total():,} more conform to neither version."
        for reason in self.reasons:
            yield f"  {_title(reason)}"
            for dataset, count in sorted(reason.records.items()):
                yield f"    {dataset}: {count:,} {'record' if count == 1 else 'records'}"
            for example in reason.examples:
                value = f" (“{example.value}”)" if example.value else ""
                yield f"    e.g. {example.dataset}/{example.key}{value}: {example.message}"


def _title(reason: Broken) -> str:
    if reason.change is None:
        return f"{curie(reason.shape)}: {curie(reason.component)}, by several changes together"
    return f"{curie(reason.change.subject)}: {reason.change.kind}: {reason.change.what}"


def impact(
    journal: Journal,
    old: Standard,
    new: Standard,
    changes: Iterable[Change],
    progress: Progress,
) -> Impact:
    """Judge every published record by both versions.

    Raises ShapeError where the shapes of a version cannot be compiled, DescriptorError where the
    tables of a dataset fit neither version.
    """
    partial = _partial_shapes(journal, old, new)
    before, after = _Judge(old, partial), _Judge(new, partial)
    causes = _Causes(new, changes)
    found = Impact()
    reasons: dict[tuple[str, str, str, Change | None], Broken] = {}
    for number, record in enumerate(journal.all_records(), 1):
        if number % _TICK == 0:
            progress("records", _TICK)
        found.records[record.dataset] += 1
        triples = _triples(record)
        offences = after.offences(record, triples)
        if not offences:
            continue
        if before.offences(record, triples):
            found.faulty[record.dataset] += 1
            continue
        found.broken[record.dataset] += 1
        _note(record, offences, causes, reasons)
    found.reasons = sorted(
        reasons.values(), key=lambda reason: (-reason.records.total(), _title(reason))
    )
    return found


def _note(
    record: HeldRecord,
    offences: list[Violation],
    causes: _Causes,
    reasons: dict[tuple[str, str, str, Change | None], Broken],
) -> None:
    """Count a record once for each reason, and keep it as an example of the first ones."""
    counted = set()
    for offence in offences:
        shape, path = causes.shape(offence.shape), offence.path or ""
        name = (shape, path, offence.component.value, causes.of(offence))
        if name in counted:
            continue
        counted.add(name)
        reason = reasons.setdefault(name, Broken(*name))
        reason.records[record.dataset] += 1
        if len(reason.examples) < _MOST_EXAMPLES:
            reason.examples.append(_example(record, offence))


def _example(record: HeldRecord, offence: Violation) -> Example:
    value = offence.value
    told = f"breaks {curie(offence.component.value)}"
    return Example(
        dataset=record.dataset,
        table=record.table,
        key=unquote(record.key),
        value=value.value if isinstance(value, Literal | NamedNode) else "",
        message=offence.message or told,
    )


def _triples(record: HeldRecord) -> list[Triple]:
    quads = parse(record.lines.encode(), format=RdfFormat.N_TRIPLES)
    return [quad.triple for quad in quads]


class _Judge:
    """One version's verdict on a record, as a load gives it."""

    def __init__(self, standard: Standard, partial: dict[tuple[str, str], NamedNode]) -> None:
        self._validator = standard_validator(standard)
        self._shapes = standard.entity_types.keys()
        self._partial = partial

    def offences(self, record: HeldRecord, triples: list[Triple]) -> list[Violation]:
        """What keeps a record out."""
        found = self._validator.validate(triples)
        shape = self._partial.get((record.dataset, record.table))
        if shape is not None and shape in self._shapes:
            found += self._validator.validate_node(triples, OPEN_SELF, shape, partial=True)
        found = [violation for violation in found if violation.severity == _VIOLATION]
        # An inner node is judged by its own shape; that its owner's fails for it adds nothing.
        judged = {violation.focus for violation in found}
        return [v for v in found if v.component != _NODE_CONSTRAINT or v.value not in judged]


def _partial_shapes(
    journal: Journal, old: Standard, new: Standard
) -> dict[tuple[str, str], NamedNode]:
    """(dataset, table) → the shape of organisations that its rows tell a part of."""
    found = {}
    for slug in journal.datasets():
        for table in _descriptor(journal.descriptor(slug) or "", slug, old, new).tables:
            if table.parent and not table.entity.fragment:
                found[slug, table.name] = table.entity.shape
    return found


def _descriptor(text: str, slug: str, old: Standard, new: Standard) -> Descriptor:
    """A dataset's descriptor, which names columns of the version that it was loaded under."""
    try:
        return parse_descriptor(text, Path(slug), old)
    except DescriptorError:
        return parse_descriptor(text, Path(slug), new)


class _Causes:
    """Which change a violation goes back to."""

    def __init__(self, new: Standard, changes: Iterable[Change]) -> None:
        self._by_subject: dict[str, list[Change]] = {}
        for change in changes:
            if change.level is Level.BREAKING:
                self._by_subject.setdefault(change.subject, []).append(change)
        self._index = new.index
        self._owners: dict[Term, Term] = {
            value: subject
            for subject, said in new.index.by_subject.items()
            for values in said.values()
            for value in values
            if isinstance(value, BlankNode)
        }

    def shape(self, node: Term) -> str:
        """The IRI of a shape, or of the named one around it."""
        seen: set[Term] = set()
        while isinstance(node, BlankNode) and node in self._owners and node not in seen:
            seen.add(node)
            node = self._owners[node]
        return node.value if isinstance(node, NamedNode) else str(node)

    def of(self, violation: Violation) -> Change | None:
        """The change to the value itself, to the constraint, to the shape, or to one it uses."""
        if isinstance(violation.value, NamedNode):
            found = self._by_subject.get(violation.value.value)
            if found:
                return found[0]
        own = self._by_subject.get(self.shape(violation.shape), [])
        named = [change for change in own if _component(change) == violation.component.value]
        if isinstance(violation.shape, BlankNode):
            return next(iter(named or own), None)
        used = [
            change
            for node in self._index.objects(violation.shape, iri("sh:node"))
            for change in self._by_subject.get(self.shape(node), [])
        ]
        return next(iter(named or own or used), None)


def _component(change: Change) -> str:
    """The IRI of the constraint component that a changed parameter belongs to."""
    stem, mark, name = change.predicate.rpartition("#")
    name = _BESIDE.get(name, name)
    return f"{stem}{mark}{name[:1].upper()}{name[1:]}ConstraintComponent"
