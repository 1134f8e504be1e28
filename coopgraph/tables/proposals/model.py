"""What is proposed: for each column of a source what it feeds, how surely, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, parse_descriptor
from coopgraph.tables.proposals.sampling import SourceColumn


@dataclass(frozen=True, slots=True)
class Candidate:
    """One column of the source for one of the standard (``name``, ``name@fr``).

    ``changes`` are what the mapping needs beside the column; ``is_sure`` says that the heading,
    or its hashtag, names that column and no other thing.
    """

    source: SourceColumn
    target: str
    confidence: float
    reason: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    is_sure: bool = False

    @property
    def plain(self) -> str:
        """The column of the standard without its language."""
        return self.target.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping: a column of the standard and how it is filled.

    ``content`` is what a descriptor says of it, ``sources`` are the columns that feed it.
    """

    target: str
    content: Mapping[str, Any]
    confidence: float
    reason: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedTable:
    """One table of the descriptor; ``each`` are figures, each with its line."""

    name: str
    entity: str
    key: tuple[str, ...]
    parent: tuple[str, ...]
    entries: tuple[Entry, ...]
    each: tuple[Entry, ...] = ()

    @property
    def feeds(self) -> dict[str, list[str]]:
        """Each column of the source that is used, and what it feeds."""
        found: dict[str, list[str]] = {}
        named = [("id", name) for name in self.key] + [("organisation", n) for n in self.parent]
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
    """A mapping that a person can correct. ``text`` is the dataset descriptor that says it."""

    tables: tuple[ProposedTable, ...]
    unmapped: tuple[Unmapped, ...]
    text: str

    @property
    def feeds(self) -> dict[str, list[str]]:
        """Each column of the source that is used, and what it feeds in any table."""
        found: dict[str, list[str]] = {}
        for table in self.tables:
            for name, targets in table.feeds.items():
                found.setdefault(name, []).extend(targets)
        return found

    def descriptor(self, folder: Path, standard: Standard) -> Descriptor:
        """The proposal as the descriptor of a dataset whose files are in ``folder``."""
        return parse_descriptor(self.text, folder, standard)
