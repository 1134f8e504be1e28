"""Writing one commit into the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from coopgraph.iris import mint
from coopgraph.journal.asking import dictionary, one, organization_at, states_hash
from coopgraph.journal.chain import GENESIS, as_json, chain
from coopgraph.journal.entries import QuarantinedRow
from coopgraph.journal.standards import put_in_force
from coopgraph.journal.states import State, pack
from coopgraph.journal.tallies import count, uncount
from coopgraph.standard import Standard

DICTIONARY = 1  # the one that states are compressed with; a journal has no other yet


class Commit:
    """A commit being written; nobody sees it before :meth:`finish`."""

    def __init__(self, db: sqlite3.Connection, sequence: int) -> None:
        self._db = db
        self.sequence = sequence

    def write(self, states: Iterable[State]) -> None:
        """Write states, in a transaction of their own."""
        words = dictionary(self._db, DICTIONARY)
        with self._db:
            headers: dict[tuple[str, str, tuple[str, ...]], int] = {}
            for state in states:
                packed = pack(state, words)
                name = (state.dataset, state.table, state.columns)
                if name not in headers:
                    headers[name] = self._header(*name)
                self._db.execute(
                    "INSERT INTO states (sequence, dataset, key, tbl, parent, digest, salt, hash, "
                    "header, dictionary, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        self.sequence,
                        state.dataset,
                        state.key,
                        state.table,
                        state.parent,
                        packed.digest,
                        packed.salt,
                        packed.hash,
                        headers[name],
                        DICTIONARY,
                        packed.content,
                    ),
                )

    def has_states(self) -> bool:
        """Whether any state was written and not taken back."""
        found = one(self._db, "SELECT 1 FROM states WHERE sequence = ? LIMIT 1", self.sequence)
        return found is not None

    def drop(self, dataset: str, keys: Iterable[str]) -> None:
        """Take back states written before."""
        with self._db:
            self._db.executemany(
                "DELETE FROM states WHERE sequence = ? AND dataset = ? AND key = ?",
                [(self.sequence, dataset, key) for key in keys],
            )

    def quarantine(self, dataset: str, rows: Iterable[QuarantinedRow]) -> None:
        """Keep rows that are not published."""
        with self._db:
            for row in rows:
                header = self._header(dataset, row.table, row.columns)
                self._db.execute(
                    "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        self.sequence,
                        dataset,
                        row.table,
                        row.row,
                        row.key,
                        header,
                        as_json(row.cells),
                        as_json(row.findings),
                    ),
                )

    def identify(self, dataset: str, keys: Iterable[str]) -> None:
        """Mint an organisation for each record that never had one."""
        with self._db:
            for key in keys:
                known = organization_at(self._db, dataset, key, self.sequence)
                if known is None:
                    self.assign(dataset, key, self.found(dataset, key))

    def found(self, dataset: str, key: str) -> str:
        """A new organisation, named after a record; returns its id."""
        organization = self._mint(dataset, key)
        self._db.execute(
            "INSERT INTO organizations VALUES (?, ?, ?, ?)",
            (organization, dataset, key, self.sequence),
        )
        return organization

    def assign(self, dataset: str, key: str, organization: str) -> None:
        """Say which organisation a record is about from this commit on."""
        self._db.execute(
            "INSERT OR REPLACE INTO identities VALUES (?, ?, ?, ?)",
            (dataset, key, self.sequence, organization),
        )

    def redirect(self, old: str, new: str) -> None:
        """Say that one organisation is now another."""
        self._db.execute("INSERT INTO redirects VALUES (?, ?, ?)", (old, self.sequence, new))

    def describe(self, dataset: str, text: str) -> None:
        """Keep the descriptor that this commit used."""
        self._db.execute("INSERT INTO descriptors VALUES (?, ?, ?)", (dataset, self.sequence, text))

    def under(self, standard: Standard) -> None:
        """Note the standard that this commit is made under."""
        put_in_force(self._db, self.sequence, standard)

    def finish(
        self,
        *,
        at: datetime,
        who: str,
        action: str,
        dataset: str,
        edition: str,
        message: str,
        report: Mapping[str, Any],
    ) -> int:
        """Make the commit real, in one transaction; returns its sequence."""
        previous = one(self._db, "SELECT chain FROM commits ORDER BY sequence DESC LIMIT 1")
        hashes = states_hash(self._db, self.sequence)
        row = (
            self.sequence,
            at.isoformat(timespec="seconds"),
            who,
            action,
            dataset,
            edition,
            message,
            as_json(report),
        )
        with self._db:
            self._db.execute(
                "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (*row, hashes, chain(previous or GENESIS, row, hashes)),
            )
            uncount(self._db, self.sequence)
            self._db.execute(
                "DELETE FROM heads WHERE (dataset, key) IN "
                "(SELECT dataset, key FROM states WHERE sequence = ? AND digest IS NULL)",
                (self.sequence,),
            )
            self._db.execute(
                "INSERT OR REPLACE INTO heads SELECT dataset, key, tbl, parent, digest, id, "
                "sequence FROM states WHERE sequence = ? AND digest IS NOT NULL",
                (self.sequence,),
            )
            count(self._db, self.sequence)
        return self.sequence

    def _header(self, dataset: str, table: str, columns: tuple[str, ...]) -> int:
        text = as_json(columns)
        self._db.execute(
            "INSERT OR IGNORE INTO headers (dataset, tbl, columns) VALUES (?, ?, ?)",
            (dataset, table, text),
        )
        found = one(
            self._db,
            "SELECT id FROM headers WHERE dataset = ? AND tbl = ? AND columns = ?",
            dataset,
            table,
            text,
        )
        return int(found)

    def _mint(self, dataset: str, key: str) -> str:
        attempt = 0
        while True:
            organization = mint(dataset, key, attempt)
            taken = one(self._db, "SELECT 1 FROM organizations WHERE id = ?", organization)
            if not taken:
                return organization
            attempt += 1
