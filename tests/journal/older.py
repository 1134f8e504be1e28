"""Journals as earlier versions wrote them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA_1 = Path(__file__).parent / "schema-1.sql"


def make_schema_1(path: Path) -> None:
    """Make a journal what it was before there were tallies."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE tallies")
        db.execute("DROP INDEX identities_by_sequence")
        db.execute("CREATE INDEX heads_by_parent ON heads (dataset, parent)")
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
