"""How many records each table of a dataset has published, kept so that no edit counts them all."""

from __future__ import annotations

import sqlite3

_COUNTED = "SELECT dataset, tbl, count(*), sum(parent = '') FROM heads GROUP BY dataset, tbl"


def count_anew(db: sqlite3.Connection) -> None:
    """Count what is published. In a transaction of the caller's."""
    db.execute("DELETE FROM tallies")
    db.execute(f"INSERT INTO tallies {_COUNTED}")


def uncount(db: sqlite3.Connection, sequence: int) -> None:
    """Take away what a commit is about to replace in ``heads``, or to remove from there."""
    _add(
        db,
        "SELECT h.dataset, h.tbl, -count(*), -sum(h.parent = '') FROM states s "
        "JOIN heads h ON h.dataset = s.dataset AND h.key = s.key WHERE s.sequence = ? "
        "GROUP BY h.dataset, h.tbl",
        sequence,
    )


def count(db: sqlite3.Connection, sequence: int) -> None:
    """Add what a commit has put into ``heads``."""
    _add(
        db,
        "SELECT dataset, tbl, count(*), sum(parent = '') FROM states WHERE sequence = ? "
        "AND digest IS NOT NULL GROUP BY dataset, tbl",
        sequence,
    )


def wrong_tallies(db: sqlite3.Connection) -> list[str]:
    """The datasets with tables that are counted wrongly."""
    kept = db.execute("SELECT * FROM tallies WHERE records OR organizations").fetchall()
    return sorted({dataset for dataset, *_ in {*kept} ^ {*db.execute(_COUNTED)}})


def _add(db: sqlite3.Connection, counted: str, sequence: int) -> None:
    db.execute(
        f"INSERT INTO tallies {counted} ON CONFLICT DO UPDATE SET "
        "records = records + excluded.records, "
        "organizations = organizations + excluded.organizations",
        (sequence,),
    )
