"""Journals of older schemas → this one's, each step in one transaction.

A step adds what is derived; commits, states and identities stay as they were written, byte by
byte, so that the chain still verifies.
"""

from __future__ import annotations

import sqlite3

from coopgraph.journal.asking import one
from coopgraph.journal.tallies import count_anew

SCHEMA_VERSION = "3"  # that of schema.sql
READABLE = frozenset({"1", "2", SCHEMA_VERSION})
_TALLIES = (
    "tallies (dataset TEXT NOT NULL, tbl TEXT NOT NULL, records INTEGER NOT NULL, "
    "organizations INTEGER NOT NULL, PRIMARY KEY (dataset, tbl)) WITHOUT ROWID"
)
_OF_THE_PAST = (  # what is noted with each commit since schema 3
    "standards (digest TEXT PRIMARY KEY, version TEXT NOT NULL, content BLOB NOT NULL)",
    "in_force (sequence INTEGER PRIMARY KEY, standard TEXT NOT NULL REFERENCES standards (digest))",
    "catalogued (dataset TEXT NOT NULL, sequence INTEGER NOT NULL, is_merged INTEGER NOT NULL, "
    "content BLOB NOT NULL, PRIMARY KEY (dataset, sequence)) WITHOUT ROWID",
)


def upgrade(db: sqlite3.Connection) -> None:
    """Bring a journal that is readable up to this schema; nobody else may be writing into it."""
    for number, step in _STEPS.items():
        if schema_of(db) == number:
            with db:
                db.execute("BEGIN IMMEDIATE")
                if schema_of(db) == number:  # nobody was quicker
                    step(db)
                    new = str(int(number) + 1)
                    db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (new,))


def take_as_upgraded(db: sqlite3.Connection, *, is_counted: bool = True) -> None:
    """Have a journal answer as this schema does and stay as it is: what it lacks is made beside it,
    for this connection alone. ``is_counted``: records, too, for which all are read.
    """
    schema = schema_of(db)
    if schema == "1" and is_counted:
        with db:
            db.execute(f"CREATE TEMPORARY TABLE {_TALLIES}")
            count_anew(db)
    if schema < "3":
        for table in _OF_THE_PAST:
            db.execute(f"CREATE TEMPORARY TABLE {table}")


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


def _to_3(db: sqlite3.Connection) -> None:
    """What the past is told by is kept from now on: standards, and what the catalogue says."""
    for table in _OF_THE_PAST:
        db.execute(f"CREATE TABLE {table}")


_STEPS = {"1": _to_2, "2": _to_3}
