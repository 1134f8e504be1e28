"""What states say: unpacked, record by record, organisation by organisation.

In: the database of a journal. Out: triples as N-Triples lines with the subject left open.
"""

from __future__ import annotations

import sqlite3
import zlib

from coopgraph.errors import JournalError
from coopgraph.journal.asking import dictionary, organization_at
from coopgraph.journal.entries import HeldRecord
from coopgraph.journal.states import unpack


class Contents:
    """Unpacks the states of one journal; the dictionaries that they need are read once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._dictionaries: dict[int, bytes] = {}

    def lines(self, dataset: str, key: str, words: int, content: bytes) -> str:
        """The triples of a state, from its content and the number of the dictionary that it was
        compressed with. Raises JournalError where they are damaged.
        """
        try:
            return unpack(content, self.dictionary(words))[1]
        except (zlib.error, ValueError) as error:
            raise JournalError(
                f"The journal is damaged at {dataset}/{key}: {error}. Restore a backup: "
                "“coopgraph restore --replace FILE”."
            ) from error

    def dictionary(self, number: int) -> bytes:
        """A dictionary that states are compressed with. Raises JournalError where it is missing."""
        if number not in self._dictionaries:
            self._dictionaries[number] = dictionary(self._db, number)
        return self._dictionaries[number]

    def records_of(self, organization: str, at: int) -> list[HeldRecord]:
        """The records about one organisation as of a sequence, in order of dataset and key."""
        found = []
        for dataset, key in keys_of(self._db, organization, at):
            rows = self._db.execute(
                "SELECT s.key, s.tbl, s.dictionary, s.content FROM (SELECT ?2 AS key UNION "
                "SELECT key FROM states WHERE dataset = ?1 AND parent = ?2) own "
                "JOIN states s ON s.dataset = ?1 AND s.key = own.key AND s.sequence = "
                "(SELECT max(t.sequence) FROM states t WHERE t.dataset = ?1 AND t.key = own.key "
                "AND t.sequence <= ?3) WHERE (s.key = ?2 OR s.parent = ?2) "
                "AND s.content IS NOT NULL ORDER BY s.key",
                (dataset, key, at),
            )
            for record_key, table, words, content in rows:
                lines = self.lines(dataset, record_key, words, content)
                found.append(HeldRecord(dataset, record_key, table, organization, lines))
        return found


def keys_of(db: sqlite3.Connection, organization: str, at: int) -> list[tuple[str, str]]:
    """The (dataset, key) of each record that makes an organisation as of a sequence."""
    rows = db.execute(
        "SELECT DISTINCT dataset, key FROM identities WHERE organization = ? ORDER BY 1, 2",
        (organization,),
    ).fetchall()
    return [(d, k) for d, k in rows if organization_at(db, d, k, at) == organization]
