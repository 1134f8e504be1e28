"""Journals as earlier versions wrote them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMAS = {number: Path(__file__).parent / f"schema-{number}.sql" for number in (1, 2)}


def make_older(path: Path, schema: int) -> None:
    """Make a journal what it was under an older schema."""
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("in_force", "standards", "catalogued"):
            db.execute(f"DROP TABLE {table}")
        if schema == 1:  # there were no tallies
            db.execute("DROP TABLE tallies")
            db.execute("DROP INDEX identities_by_sequence")
            db.execute("CREATE INDEX heads_by_parent ON heads (dataset, parent)")
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(schema),))
