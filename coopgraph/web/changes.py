"""Lay a history out for reading.

In: a page of a history. Out: entries for a template, with dates in words, links to what has a
page here, and records that came or went gathered, so that what changed stands out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import unquote

from pyoxigraph import NamedNode

from coopgraph.entity import exists
from coopgraph.history import Entry, FieldChange, History, Kind, RecordChange, Said, Told
from coopgraph.iris import is_web_address
from coopgraph.namespaces import organization_iri, record_iri
from coopgraph.standard import Kind as FieldKind
from coopgraph.web.facts import Value, date_text, number_text, short_address
from coopgraph.web.service import service, view

_MOST_CHARACTERS = 600  # of one value on a page
_WORDS = {
    Kind.LISTED: "listed",
    Kind.RELISTED: "listed again",
    Kind.GONE: "no longer listed",
    Kind.JOINED: "came from",
    Kind.LEFT: "went to",
}


@dataclass(frozen=True)
class Line:
    """A field: what it was, and what it is."""

    label: str
    removed: tuple[Value, ...]
    added: tuple[Value, ...]


@dataclass(frozen=True)
class Block:
    """What differs in one node; ``title`` is "" for the record's own."""

    title: str
    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Item:
    """A record: its key, the link to its page, and what differs."""

    key: str
    href: str
    moved: tuple[str, str] | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Gathered:
    """Records that one commit did the same with. ``other`` is the organisation that they came
    from or went to; ``is_open`` says that what differs is what matters.
    """

    title: str
    other: Value | None
    items: tuple[Item, ...]
    is_open: bool


@dataclass(frozen=True)
class Deed:
    """A sentence about another organisation: what stands before its name, and after it."""

    start: str
    other: Value
    end: str


@dataclass(frozen=True)
class Shown:
    """One commit. ``deeds`` say which organisations it merged or split."""

    entry: Entry
    at: datetime
    title: str
    href: str
    deeds: tuple[Deed, ...]
    counts: tuple[str, ...]
    groups: tuple[Gathered, ...]


def entries(history: History) -> list[Shown]:
    """The commits of a page, ready for its template."""
    return [_shown(entry, history.organization) for entry in history.entries]


def _shown(entry: Entry, organization: str) -> Shown:
    commit = entry.commit
    dataset = view().datasets.get(commit.dataset)
    href = service().urls.link(f"/dataset/{commit.dataset}") if dataset else ""
    return Shown(
        entry=entry,
        at=datetime.fromisoformat(commit.at),
        title=dataset.title if dataset else commit.dataset,
        href=href,
        deeds=tuple(_deeds(entry, organization)),
        counts=tuple(_counts(entry)),
        groups=tuple(_gathered(entry)),
    )


def _deeds(entry: Entry, organization: str) -> Iterator[Deed]:
    is_merge = entry.commit.action == "merge"
    for old, new in dict.fromkeys((move.old, move.new) for move in entry.moves):
        if old == organization:
            other = _organization(new, entry)
            yield Deed("Merged into" if is_merge else "Records went to", other, "")
        else:
            other = _organization(old, entry)
            start, end = ("", " was merged into it") if is_merge else ("Records came from", "")
            yield Deed(start, other, end)


def _counts(entry: Entry) -> Iterator[str]:
    """How many records became what, “2 records changed” and “5 listed” after it."""
    noun = " record" if sum(entry.counts.values()) == 1 else " records"
    for kind in Kind:
        if count := entry.counts.get(kind):
            yield f"{count:,}{noun} {kind.value}"
            noun = ""


def _gathered(entry: Entry) -> Iterator[Gathered]:
    """What changed record by record; what came or went by table."""
    for _, found in groupby(entry.records, key=_gathering):
        group = list(found)
        change = group[0].change
        is_changed = change.kind is Kind.CHANGED
        yield Gathered(
            title=_title(group),
            other=_organization(change.other, entry) if change.other else None,
            items=tuple(map(_item, group)),
            is_open=is_changed,
        )


def _title(group: list[RecordChange]) -> str:
    """What became of records: ``6 records of economy listed``, ``R000206 went to``."""
    change, count = group[0].change, len(group)
    which = unquote(change.key) if count == 1 else f"{count:,} records of {change.table}"
    return f"{which} {_WORDS.get(change.kind, '')}"


def _gathering(record: RecordChange) -> tuple[str, ...]:
    change = record.change
    own = change.key if change.kind is Kind.CHANGED else ""
    return change.kind.value, change.dataset, change.table, change.other, own


def _item(record: RecordChange) -> Item:
    change = record.change
    name = record_iri(view().snapshot.base, change.dataset, change.key)
    moved = None
    if change.moved:
        old, new = (unquote(key) or "nothing" for key in change.moved)
        moved = (old, new)
    return Item(unquote(change.key), _href(name), moved, tuple(map(_block, record.nodes)))


def _block(node: Told) -> Block:
    title = f"{node.node}: {node.which}" if node.which else node.node
    return Block(title, node.kind, tuple(map(_line, node.fields)))


def _line(field: FieldChange) -> Line:
    removed, added = (
        tuple(_value(said, field.kind) for said in side) for side in (field.removed, field.added)
    )
    return Line(field.label, removed, added)


def _value(said: Said, kind: FieldKind) -> Value:
    if said.iri and kind is FieldKind.LINK:
        return Value(short_address(said.text), said.iri if is_web_address(said.iri) else "")
    if said.iri:
        return Value(said.text, _href(NamedNode(said.iri)))
    text = " / ".join(said.text.splitlines())
    if kind is FieldKind.DATE:
        text = date_text(text)
    elif kind is FieldKind.NUMBER:
        text = number_text(text)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}…"
    return Value(text, language=said.language)


def _organization(organization: str, entry: Entry) -> Value:
    """An organisation by its name, or what it was called, with a link to its history."""
    name = organization_iri(view().snapshot.base, organization)
    text = entry.names.get(organization) or view().label(name)
    return Value(text, service().urls.link(f"/history/org/{organization}"))


def _href(name: NamedNode) -> str:
    """The link to the page of a thing that is still published, else ""."""
    page = service().urls.page(name.value)
    return page if page and exists(view().snapshot, name) else ""
