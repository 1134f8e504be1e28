"""What can be looked up in an open journal about the past of records and organisations.

Each look-up goes by an index, and says how much it gives at most. ``at`` is the sequence up to
which the asker may look: what was committed after it is not there.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from coopgraph.errors import JournalError
from coopgraph.journal.asking import chain_at, dictionary, one
from coopgraph.journal.entries import CommitInfo
from coopgraph.journal.log import COMMIT_COLUMNS, commit_info
from coopgraph.journal.states import unpack

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
        self._dictionaries: dict[int, bytes] = {}

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
        dataset, key, words, content = row
        if words not in self._dictionaries:
            self._dictionaries[words] = dictionary(self._db, words)
        try:
            return unpack(content, self._dictionaries[words])[1]
        except (zlib.error, ValueError) as error:
            raise JournalError(f"The journal is damaged at {dataset}/{key}: {error}.") from error


def _state(row: tuple[Any, ...]) -> StateInfo:
    number, sequence, dataset, key, table, parent, is_listed = row
    return StateInfo(number, sequence, dataset, key, table, parent, bool(is_listed))
