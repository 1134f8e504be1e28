"""Journals of older schemas → this one's, each step in one transaction.

A step adds what is derived; commits, states and identities stay as they were written, byte by
byte, so that the chain still verifies.
"""

from __future__ import annotations

import sqlite3

from coopgraph.journal.asking import one
from coopgraph.journal.tallies import count_anew

SCHEMA_VERSION = "2"  # that of schema.sql
READABLE = frozenset({"1", SCHEMA_VERSION})
_TALLIES = (
    "tallies (dataset TEXT NOT NULL, tbl TEXT NOT NULL, records INTEGER NOT NULL, "
    "organizations INTEGER NOT NULL, PRIMARY KEY (dataset, tbl)) WITHOUT ROWID"
)


def upgrade(db: sqlite3.Connection) -> None:
    """Bring a journal that is readable up to this schema; nobody else may be writing into it."""
    if schema_of(db) == "1":
        with db:
            db.execute("BEGIN IMMEDIATE")
            if schema_of(db) == "1":  # nobody was quicker
                _to_2(db)


def take_as_upgraded(db: sqlite3.Connection) -> None:
    """Have a journal answer as this schema does and stay as it is: what it lacks is made beside it,
    for this connection alone.
    """
    if schema_of(db) == "1":
        with db:
            db.execute(f"CREATE TEMPORARY TABLE {_TALLIES}")
            count_anew(db)


def schema_of(db: sqlite3.Connection) -> str:
    """The schema that a journal has, "" where it names none."""
    return str(one(db, "SELECT value FROM meta WHERE key = 'schema'") or "")


def _to_2(db: sqlite3.Connection) -> None:
    """How many records each table has is kept, so that heads need no index to be counted by;
    identities are found by commit.
    """
    db.execute(f"CREATE TABLE {_TALLIES}")
    db.execute("CREATE INDEX identities_by_sequence ON identities (sequence)")
    db.execute("DROP INDEX heads_by_parent")
    count_anew(db)
    db.execute("UPDATE meta SET value = '2' WHERE key = 'schema'")
