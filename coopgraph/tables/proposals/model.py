"""What is proposed: for each column of a source what it feeds, how surely, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coopgraph.standard import Standard
from coopgraph.standard.columns import KEY, PARENT
from coopgraph.tables.descriptor import Descriptor, parse_descriptor
from coopgraph.tables.proposals.sampling import SourceColumn


@dataclass(frozen=True, slots=True)
class Candidate:
    """One column of the source for one of the standard (``name``, ``name@fr``).

    ``changes`` are what the mapping needs beside the column; ``is_sure`` says that the heading,
    or its hashtag, names that column and no other thing. ``is_stated``: the file's metadata names
    it, so that nothing is guessed unless ``is_guessed`` says so of the changes.
    """

    source: SourceColumn
    target: str
    confidence: float
    reason: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    is_sure: bool = False
    is_stated: bool = False
    is_guessed: bool = True

    @property
    def plain(self) -> str:
        """The column of the standard without its language."""
        return self.target.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping: a column of the standard and how it is filled.

    ``content`` is what a descriptor says of it, ``sources`` are the columns that feed it.
    ``is_guessed``: not all of it stands in the file's metadata.
    """

    target: str
    content: Mapping[str, Any]
    confidence: float
    reason: str
    sources: tuple[str, ...] = ()
    is_guessed: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """What columns of the source are taken for, as people read it.

    ``confidence`` is from 0 to 1, None for keys. Where there are no ``columns``, every row has
    the same ``value``.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    confidence: float | None
    reason: str
    value: str = ""

    @property
    def source(self) -> str:
        """Its columns in words, or what every row has."""
        return ", ".join(self.columns) or f"“{self.value}” in every row"

    @property
    def sureness(self) -> str:
        """The confidence in words, “” for keys."""
        return "" if self.confidence is None else percent(self.confidence)


def percent(share: float) -> str:
    """A share in words: “93 %”."""
    return f"{share:.0%}".replace("%", " %")


@dataclass(frozen=True, slots=True)
class ProposedTable:
    """One table of the descriptor; ``each`` are figures, each with its line. ``key_reason`` is who
    says the key, “” where it is guessed.
    """

    name: str
    entity: str
    key: tuple[str, ...]
    parent: tuple[str, ...]
    entries: tuple[Entry, ...]
    each: tuple[Entry, ...] = ()
    key_reason: str = ""

    @property
    def lines(self) -> list[Line]:
        """What is taken for what, keys first."""
        lines = []
        if self.key:
            reason = self.key_reason or "it tells the rows apart"
            lines.append(Line(self.name, self.key, KEY, None, reason))
        if self.parent:
            reason = "it names the organisation of each row"
            lines.append(Line(self.name, self.parent, PARENT, None, reason))
        for entry in (*self.entries, *self.each):
            value = "" if entry.sources else str(entry.content["value"])
            lines.append(
                Line(self.name, entry.sources, entry.target, entry.confidence, entry.reason, value)
            )
        return lines

    @property
    def feeds(self) -> dict[str, list[str]]:
        """Each column of the source that is used, and what it feeds."""
        found: dict[str, list[str]] = {}
        named = [(KEY, name) for name in self.key] + [(PARENT, name) for name in self.parent]
        for entry in (*self.entries, *self.each):
            named += [(entry.target, name) for name in entry.sources]
        for target, name in named:
            found.setdefault(name, []).append(target)
        return found


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A column of the source that the proposal leaves out, and why (“” for want of any idea)."""

    name: str
    reason: str
    runners_up: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that a person can correct. ``text`` is the dataset descriptor that says it,
    ``metadata`` the name of the file of metadata that it was made by, “” where there is none.
    """

    tables: tuple[ProposedTable, ...]
    unmapped: tuple[Unmapped, ...]
    text: str
    metadata: str = ""

    @property
    def lines(self) -> list[Line]:
        """What is taken for what, table by table."""
        return [line for table in self.tables for line in table.lines]

    @property
    def feeds(self) -> dict[str, list[str]]:
        """Each column of the source that is used, and what it feeds in any table."""
        found: dict[str, list[str]] = {}
        for table in self.tables:
            for name, targets in table.feeds.items():
                found.setdefault(name, []).extend(targets)
        return found

    @property
    def guesses(self) -> list[str]:
        """The columns of the standard for which something was guessed, and not stated."""
        entries = [entry for table in self.tables for entry in (*table.entries, *table.each)]
        found = [entry.target for entry in entries if entry.is_guessed]
        return [*found, *(KEY for table in self.tables if table.key and not table.key_reason)]

    @property
    def addresses(self) -> dict[str, list[str]]:
        """The same, as :func:`addresses` writes it."""
        return addresses(self.tables)

    def descriptor(self, folder: Path, standard: Standard) -> Descriptor:
        """The proposal as the descriptor of a dataset whose files are in ``folder``."""
        return parse_descriptor(self.text, folder, standard)


def addresses(tables: Sequence[ProposedTable]) -> dict[str, list[str]]:
    """What each used column of the source feeds in any table: a column of the standard, of each
    table but the first with the table's name and a point before it.
    """
    found: dict[str, list[str]] = {}
    for place, table in enumerate(tables):
        stem = f"{table.name}." if place else ""
        for name, targets in table.feeds.items():
            found.setdefault(name, []).extend(f"{stem}{target}" for target in targets)
    return found
