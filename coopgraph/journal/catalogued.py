"""What the catalogue said of a dataset since each of its commits.

Kept as it was published (N-Triples lines, compressed), since it is made from descriptors and counts
that later commits change.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from coopgraph.errors import JournalError
from coopgraph.journal.asking import one


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A dataset as the catalogue had it since a commit; ``lines`` are N-Triples lines."""

    dataset: str
    sequence: int
    is_merged: bool
    lines: tuple[str, ...]


def is_catalogued(db: sqlite3.Connection, dataset: str, sequence: int) -> bool:
    """Whether it is kept what is said of a dataset since a commit of its."""
    query = "SELECT 1 FROM catalogued WHERE dataset = ? AND sequence = ?"
    return one(db, query, dataset, sequence) is not None


def catalogue(
    db: sqlite3.Connection, dataset: str, sequence: int, lines: Iterable[str], *, is_merged: bool
) -> None:
    """Keep what is said of a dataset since a commit."""
    content = zlib.compress("\n".join(lines).encode())
    with db:
        row = (dataset, sequence, is_merged, content)
        db.execute("INSERT OR REPLACE INTO catalogued VALUES (?, ?, ?, ?)", row)


def catalogued_at(db: sqlite3.Connection, dataset: str, at: int) -> Catalogued | None:
    """What was said of a dataset as of a commit; None where that is not kept. Raises JournalError
    where it is damaged.
    """
    row = db.execute(
        "SELECT sequence, is_merged, content FROM catalogued WHERE dataset = ? AND sequence <= ? "
        "ORDER BY sequence DESC LIMIT 1",
        (dataset, at),
    ).fetchone()
    if row is None:
        return None
    sequence, is_merged, content = row
    try:
        lines = zlib.decompress(content).decode().split("\n")
    except (zlib.error, ValueError) as error:
        raise JournalError(
            f"What is kept of {dataset} at {sequence} is damaged: {error}."
        ) from error
    return Catalogued(dataset, sequence, bool(is_merged), tuple(lines))
