"""What the journal gives back: commits, records, rows that were not published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One row of the log."""

    sequence: int
    at: str
    who: str
    action: str
    dataset: str
    edition: str
    message: str
    report: Mapping[str, Any]
    published_at: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The latest state of a record: enough to compare it by."""

    key: str
    table: str
    parent: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record with its content and the organisation it is about, at some sequence."""

    dataset: str
    key: str
    table: str
    organization: str
    lines: str


@dataclass(frozen=True, slots=True)
class PackedRecord:
    """A record as it is stored; ``Journal.unpacked`` gives its content."""

    dataset: str
    key: str
    table: str
    organization: str
    dictionary: int
    content: bytes


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that was not published. ``findings`` are mappings ready for JSON."""

    table: str
    row: int
    key: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    findings: tuple[Mapping[str, str], ...]
