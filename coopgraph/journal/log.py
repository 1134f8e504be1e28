"""The log of commits, read from the database of a journal."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from coopgraph.journal.entries import CommitInfo

COMMIT_COLUMNS = "sequence, at, who, action, dataset, edition, message, report, published_at"


def commits(db: sqlite3.Connection, dataset: str | None) -> list[CommitInfo]:
    """All commits, or those of a dataset, oldest first."""
    rows = db.execute(
        f"SELECT {COMMIT_COLUMNS} FROM commits WHERE ?1 IS NULL OR dataset = ?1 ORDER BY sequence",
        (dataset,),
    )
    return [commit_info(row) for row in rows]


def last_commit(
    db: sqlite3.Connection, dataset: str | None = None, action: str | None = None
) -> CommitInfo | None:
    """The last commit, of a dataset and of an action where they are given."""
    row = db.execute(
        f"SELECT {COMMIT_COLUMNS} FROM commits WHERE (?1 IS NULL OR dataset = ?1) "
        "AND (?2 IS NULL OR action = ?2) ORDER BY sequence DESC LIMIT 1",
        (dataset, action),
    ).fetchone()
    return None if row is None else commit_info(row)


def first_time(db: sqlite3.Connection, dataset: str) -> str | None:
    """When a dataset was first committed (RFC 3339), None where it never was."""
    row = db.execute(
        "SELECT at FROM commits WHERE dataset = ? ORDER BY sequence LIMIT 1", (dataset,)
    ).fetchone()
    return None if row is None else str(row[0])


def commit_info(row: tuple[Any, ...]) -> CommitInfo:
    """A row of ``COMMIT_COLUMNS``."""
    sequence, at, who, action, dataset, edition, message, report, published_at = row
    return CommitInfo(
        sequence, at, who, action, dataset, edition, message, json.loads(report), published_at
    )
