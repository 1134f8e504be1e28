"""Which standard each commit was made under; the standards themselves are kept with it.

A standard is in force from the first commit that was made under it until one is made under another.
Of commits that are older than this record nothing is known: to them the first that is known of
counts. Its content is N-Quads (``standard.graphs``), compressed.
"""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass

from coopgraph.errors import JournalError, ShapeError
from coopgraph.journal.asking import one
from coopgraph.standard import Standard
from coopgraph.standard.graphs import from_nquads, to_nquads


@dataclass(frozen=True, slots=True)
class InForce:
    """A standard, by its digest and version, and the commit since which it was in force."""

    sequence: int
    digest: str
    version: str


def put_in_force(db: sqlite3.Connection, sequence: int, standard: Standard) -> None:
    """Note that a commit is made under a standard, where the one before was not."""
    held = in_force(db, sequence)
    if held is not None and held.digest == standard.digest:
        return
    with db:
        if one(db, "SELECT 1 FROM standards WHERE digest = ?", standard.digest) is None:
            content = zlib.compress(to_nquads(standard), 9)
            row = (standard.digest, standard.version, content)
            db.execute("INSERT INTO standards VALUES (?, ?, ?)", row)
        db.execute("INSERT INTO in_force VALUES (?, ?)", (sequence, standard.digest))


def in_force(db: sqlite3.Connection, at: int) -> InForce | None:
    """The standard that a commit was made under; None where that was never noted."""
    for condition in ("sequence <= ? ORDER BY sequence DESC", "sequence > ? ORDER BY sequence"):
        row = db.execute(
            "SELECT sequence, standard, coalesce(version, '') FROM in_force "
            f"LEFT JOIN standards ON digest = standard WHERE {condition} LIMIT 1",
            (at,),
        ).fetchone()
        if row:
            return InForce(*row)
    return None


def changes_of_standard(db: sqlite3.Connection, at: int) -> list[InForce]:
    """The standards that commits up to ``at`` were made under, oldest first."""
    rows = db.execute(
        "SELECT sequence, standard, coalesce(version, '') FROM in_force "
        "LEFT JOIN standards ON digest = standard WHERE sequence <= ? ORDER BY sequence",
        (at,),
    )
    return [InForce(*row) for row in rows]


def read_kept(db: sqlite3.Connection, digest: str) -> Standard:
    """A standard that is kept. Raises JournalError where it is damaged, or no longer understood."""
    content = one(db, "SELECT content FROM standards WHERE digest = ?", digest)
    try:
        found = from_nquads(zlib.decompress(content), digest)
        if found.entity_type("Organization") is None:
            raise ShapeError("it has no shape of organisations")
        return found
    except (TypeError, zlib.error, SyntaxError, ShapeError) as error:
        raise JournalError(f"The journal's standard {digest} cannot be read: {error}.") from error
