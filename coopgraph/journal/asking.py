"""Small questions that reading and writing a journal have in common."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

from coopgraph.errors import JournalError


def one(db: sqlite3.Connection, query: str, *values: object) -> Any:
    """The first column of the first row; None where there is no row."""
    row = db.execute(query, values).fetchone()
    return row[0] if row else None


def organization_at(db: sqlite3.Connection, dataset: str, key: str, sequence: int) -> str | None:
    """The id of the organisation that a record is (or last was) about as of a sequence."""
    found = one(
        db,
        "SELECT organization FROM identities WHERE dataset = ? AND key = ? AND sequence <= ? "
        "ORDER BY sequence DESC LIMIT 1",
        dataset,
        key,
        sequence,
    )
    return None if found is None else str(found)


def states_hash(db: sqlite3.Connection, sequence: int) -> bytes:
    """SHA-256 over the sorted hashes of the states that a commit wrote."""
    digest = hashlib.sha256()
    # Sorted by SQLite, which needs no more memory for more of them.
    rows = db.execute("SELECT hash FROM states WHERE sequence = ? ORDER BY hash", (sequence,))
    for (value,) in rows:
        digest.update(value)
    return digest.digest()


def chain_at(db: sqlite3.Connection, sequence: int) -> str:
    """The hash of a commit, which covers all before it; "" where there is no such commit."""
    chain = one(db, "SELECT chain FROM commits WHERE sequence = ?", sequence)
    return "" if chain is None else bytes(chain).hex()


def dictionary(db: sqlite3.Connection, number: int) -> bytes:
    """A dictionary that states are compressed with. Raises JournalError where it is missing."""
    content = one(db, "SELECT content FROM dictionaries WHERE id = ?", number)
    if content is None:
        raise JournalError(
            f"The journal is damaged: it has no dictionary {number}. Restore a backup: "
            "“coopgraph restore --replace FILE”."
        )
    return bytes(content)
