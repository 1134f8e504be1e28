"""The rows of a dataset that are not published, read from the database of a journal.

Those of the last load hold until an update speaks of their record again.
"""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from coopgraph.journal.entries import QuarantinedRow


class Refusal(NamedTuple):
    """Where a row that is not published is kept: its commit, table and number; its key, if any."""

    sequence: int
    table: str
    row: int
    key: str


def refusals(db: sqlite3.Connection, dataset: str, load: int, last: int) -> list[Refusal]:
    """Of the last load, which is commit ``load`` (0: there was none), and of updates up to
    commit ``last``.
    """
    since = dataset, load, last
    rows = db.execute(
        "SELECT sequence, tbl, row, key FROM quarantine WHERE dataset = ? "
        "AND sequence BETWEEN ? AND ? ORDER BY sequence, tbl, row",
        since,
    )
    found = [Refusal(*row) for row in rows]
    told = {(refusal.table, refusal.key): refusal.sequence for refusal in found if refusal.key}
    # The states of a few commits, not those of the dataset, which are many.
    stated = db.execute(
        "SELECT tbl, key, sequence FROM states INDEXED BY states_by_sequence WHERE dataset = ? "
        "AND sequence > ? AND sequence <= ? ORDER BY sequence",
        since,
    )
    for table, key, sequence in stated:
        told[table, key] = max(sequence, told.get((table, key), 0))
    return [row for row in found if told.get((row.table, row.key), row.sequence) == row.sequence]


def quarantined(db: sqlite3.Connection, dataset: str, refusal: Refusal) -> QuarantinedRow:
    """The row that was refused."""
    table, row, key, *texts = db.execute(
        "SELECT q.tbl, q.row, q.key, h.columns, q.cells, q.findings FROM quarantine q "
        "JOIN headers h ON h.id = q.header "
        "WHERE q.sequence = ? AND q.dataset = ? AND q.tbl = ? AND q.row = ?",
        (refusal.sequence, dataset, refusal.table, refusal.row),
    ).fetchone()
    columns, cells, findings = (tuple(json.loads(text)) for text in texts)
    return QuarantinedRow(table, row, key, columns, cells, findings)
