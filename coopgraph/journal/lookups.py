"""What can be looked up in an open journal about the past of records and organisations.

Each look-up goes by an index, and says how much it gives at most. ``at`` is the sequence up to
which the asker may look: what was committed after it is not there.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from coopgraph.journal.asking import chain_at, one, organization_at
from coopgraph.journal.catalogued import Catalogued, catalogued_at
from coopgraph.journal.contents import Contents, keys_of
from coopgraph.journal.entries import CommitInfo, HeldRecord
from coopgraph.journal.log import COMMIT_COLUMNS, commit_info
from coopgraph.journal.standards import InForce, changes_of_standard, in_force, read_kept
from coopgraph.standard import Standard

_STATE = "s.id, s.sequence, s.dataset, s.key, s.tbl, s.parent, s.content IS NOT NULL"

Record = tuple[str, str]  # (dataset, key)


@dataclass(frozen=True, slots=True)
class StateInfo:
    """A state of a record without its content. ``is_listed``: it is no removal."""

    id: int
    sequence: int
    dataset: str
    key: str
    table: str
    parent: str
    is_listed: bool

    @property
    def root(self) -> str:
        """The key of the organisation's record that it is or belongs to."""
        return self.parent or self.key


@dataclass(frozen=True, slots=True)
class Family:
    """The states of a record and of those that were ever parts of it, in order of key and
    sequence: all since the commit ``since``, and the last of each before that.
    """

    states: tuple[StateInfo, ...]
    since: int


class Lookups:
    """Look-ups in one open journal."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._contents = Contents(db)

    def last_sequence(self) -> int:
        """The number of the last commit, 0 before the first."""
        return int(one(self._db, "SELECT coalesce(max(sequence), 0) FROM commits"))

    def chain_at(self, sequence: int) -> str:
        """The hash of a commit, which covers all before it; "" where there is no such commit."""
        return chain_at(self._db, sequence)

    def commits(self, sequences: Iterable[int]) -> dict[int, CommitInfo]:
        """Commits by their numbers."""
        query = f"SELECT {COMMIT_COLUMNS} FROM commits WHERE sequence = ?"
        rows = (self._db.execute(query, (number,)).fetchone() for number in sequences)
        return {row[0]: commit_info(row) for row in rows if row}

    def commits_of(self, dataset: str, at: int, most: int, skip: int) -> list[CommitInfo]:
        """The last commits of a dataset, newest first, without the first ``skip``."""
        rows = self._db.execute(
            f"SELECT {COMMIT_COLUMNS} FROM commits WHERE sequence <= ? AND dataset = ? "
            "ORDER BY sequence DESC LIMIT ? OFFSET ?",
            (at, dataset, most, skip),
        )
        return [commit_info(row) for row in rows]

    def last_listing(self, dataset: str, first: int, before: int) -> CommitInfo | None:
        """The last commit below ``before`` that had a record which stands since ``first``: that
        commit itself, or a later load of the whole dataset. A load of a part names other records.
        """
        row = self._db.execute(
            f"SELECT {COMMIT_COLUMNS} FROM commits WHERE sequence >= ?1 AND sequence < ?2 "
            "AND dataset = ?3 AND (sequence = ?1 OR action = 'load') "
            "ORDER BY sequence DESC LIMIT 1",
            (first, before, dataset),
        ).fetchone()
        return commit_info(row) if row else None

    def is_dataset(self, dataset: str, at: int) -> bool:
        """Whether a dataset was ever loaded."""
        query = "SELECT 1 FROM descriptors WHERE dataset = ? AND sequence <= ? LIMIT 1"
        return one(self._db, query, dataset, at) is not None

    def datasets_of_records(self, organization: str, at: int) -> list[str]:
        """The datasets that ever had a record about an organisation."""
        rows = self._db.execute(
            "SELECT DISTINCT dataset FROM identities WHERE organization = ? AND sequence <= ? "
            "ORDER BY dataset",
            (organization, at),
        )
        return [name for (name,) in rows]

    def sequence_at(self, moment: datetime) -> int:
        """The last commit made at or before a moment, 0 where all are later. No commit bears an
        earlier time than the one before it.
        """
        text = moment.astimezone(UTC).isoformat(timespec="seconds")
        query = "SELECT at FROM commits WHERE sequence = ?"
        numbers = range(1, self.last_sequence() + 1)
        return bisect_right(numbers, text, key=lambda number: str(one(self._db, query, number)))

    def first_catalogued(self, dataset: str) -> int:
        """The first commit of which it is kept how a dataset was described, 0 where none is."""
        query = "SELECT coalesce(min(sequence), 0) FROM catalogued WHERE dataset = ?"
        return int(one(self._db, query, dataset))

    def catalogued_commits(self, dataset: str, at: int) -> list[CommitInfo]:
        """The commits of which it is kept how a dataset was described, oldest first."""
        rows = self._db.execute(
            f"SELECT {COMMIT_COLUMNS} FROM commits WHERE sequence IN (SELECT sequence FROM "
            "catalogued WHERE dataset = ? AND sequence <= ?) ORDER BY sequence",
            (dataset, at),
        )
        return [commit_info(row) for row in rows]

    def first_commit_about(self, organization: str, hidden: Collection[str] = ()) -> int:
        """The first commit with a record about an organisation, 0 where there was none; records of
        datasets that are ``hidden`` are not there.
        """
        query = (
            "SELECT coalesce(min(sequence), 0) FROM identities WHERE organization = ? "
            f"AND dataset NOT IN ({', '.join('?' * len(hidden))})"
        )
        return int(one(self._db, query, organization, *hidden))

    def in_force(self, at: int) -> InForce | None:
        """The standard that a commit was made under; None where that was never noted."""
        return in_force(self._db, at)

    def changes_of_standard(self, at: int) -> list[InForce]:
        """The standards that commits up to ``at`` were made under, oldest first."""
        return changes_of_standard(self._db, at)

    def read_kept(self, digest: str) -> Standard:
        """A standard that was in force once. Raises JournalError where it cannot be read."""
        return read_kept(self._db, digest)

    def catalogued_at(self, dataset: str, at: int) -> Catalogued | None:
        """What the catalogue said of a dataset as of a commit; None where that is not kept."""
        return catalogued_at(self._db, dataset, at)

    def redirect(self, organization: str, at: int) -> str | None:
        """What an organisation was last merged into, whether or not that still holds."""
        query = (
            "SELECT new FROM redirects WHERE old = ? AND sequence <= ? "
            "ORDER BY sequence DESC LIMIT 1"
        )
        found = one(self._db, query, organization, at)
        return None if found is None else str(found)

    def records_ever(
        self, organization: str, at: int, most: int, hidden: Collection[str] = ()
    ) -> list[Record]:
        """Records that ever made an organisation, in order of dataset and key; those of datasets
        that are ``hidden`` are not there.
        """
        rows = self._db.execute(
            "SELECT DISTINCT dataset, key FROM identities WHERE organization = ? "
            f"AND sequence <= ? AND dataset NOT IN ({', '.join('?' * len(hidden))}) "
            "ORDER BY dataset, key LIMIT ?",
            (organization, at, *hidden, most),
        )
        return [(dataset, key) for dataset, key in rows]

    def identities(self, dataset: str, key: str, at: int) -> list[tuple[int, str]]:
        """The organisations of a record, oldest first, each with the commit that made it so."""
        return self._db.execute(
            "SELECT sequence, organization FROM identities WHERE dataset = ? AND key = ? "
            "AND sequence <= ? ORDER BY sequence",
            (dataset, key, at),
        ).fetchall()

    def states(self, dataset: str, key: str, at: int, most: int) -> list[StateInfo]:
        """The last states of a record, oldest first."""
        rows = self._db.execute(
            f"SELECT {_STATE} FROM states s WHERE s.dataset = ? AND s.key = ? AND s.sequence <= ? "
            "ORDER BY s.sequence DESC LIMIT ?",
            (dataset, key, at, most),
        ).fetchall()
        return [_state(row) for row in reversed(rows)]

    def family(self, dataset: str, key: str, at: int, most: int) -> Family:
        """The last states of a record and of its parts, some ``most`` in all.

        Parts are found by what they were parts of, newest first, for rows of states are numbered
        in the order of commits.
        """
        own = self.states(dataset, key, at, most)
        row = self._db.execute(
            "SELECT sequence FROM states WHERE dataset = ? AND parent = ? AND sequence <= ? "
            "ORDER BY id DESC LIMIT 1 OFFSET ?",
            (dataset, key, at, most),
        ).fetchone()
        since = max(row[0] + 1 if row else 0, own[0].sequence + 1 if len(own) == most else 0)
        rows = self._db.execute(
            "WITH parts AS MATERIALIZED (SELECT DISTINCT key FROM (SELECT key FROM states "
            "WHERE dataset = ?1 AND parent = ?2 AND sequence <= ?3 ORDER BY id DESC LIMIT ?4)) "
            f"SELECT {_STATE} FROM parts CROSS JOIN states s ON s.dataset = ?1 "
            "AND s.key = parts.key AND s.sequence <= ?3 AND s.sequence >= coalesce((SELECT "
            "max(t.sequence) FROM states t WHERE t.dataset = ?1 AND t.key = parts.key "
            "AND t.sequence < ?5), 0)",
            (dataset, key, at, most, since),
        )
        parts = sorted(map(_state, rows), key=lambda state: (state.key, state.sequence))
        return Family((*own, *parts), since)

    def lines(self, state: int) -> str:
        """The triples of a state, "" for a removal. Raises JournalError where it is damaged."""
        row = self._db.execute(
            "SELECT dataset, key, dictionary, content FROM states WHERE id = ?", (state,)
        ).fetchone()
        if row is None or row[3] is None:
            return ""
        return self._contents.lines(*row)

    def records_of(self, organization: str, at: int) -> list[HeldRecord]:
        """The records about one organisation as of a sequence, in order of dataset and key."""
        return self._contents.records_of(organization, at)

    def keys_of(self, organization: str, at: int) -> list[Record]:
        """The (dataset, key) of each record that makes an organisation as of a sequence."""
        return keys_of(self._db, organization, at)

    def organization_of(self, dataset: str, key: str, at: int) -> str | None:
        """The id of the organisation that a record is (or last was) about, as of a sequence."""
        return organization_at(self._db, dataset, key, at)


def _state(row: tuple[Any, ...]) -> StateInfo:
    number, sequence, dataset, key, table, parent, is_listed = row
    return StateInfo(number, sequence, dataset, key, table, parent, bool(is_listed))
