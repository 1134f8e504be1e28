"""What the journal holds of a dataset before a load, as the load compares with it.

A whole load says what a dataset is: what it does not name is gone. A part says what has become of
the records in it, and nothing of others; so it asks for those alone, however large the dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from coopgraph.journal import Head, Journal


class Held(Protocol):
    """The records of a dataset before a load."""

    def digest(self, table: str, key: str) -> bytes | None:
        """What a record is compared by; None where the table holds none of that key."""

    def is_news(self, table: str, key: str, digest: bytes) -> bool:
        """Whether a sound row of that digest has to be written."""

    def expected(self) -> Mapping[str, Mapping[str, Head]]:
        """Table → key → each record that the load must name again, or it is gone."""


class Whole:
    """All records of a dataset, read once."""

    def __init__(self, journal: Journal, dataset: str) -> None:
        self._tables: dict[str, dict[str, Head]] = {}
        for head in journal.heads(dataset):
            self._tables.setdefault(head.table, {})[head.key] = head

    def digest(self, table: str, key: str) -> bytes | None:
        """See ``Held``."""
        head = self._tables.get(table, {}).get(key)
        return head.digest if head else None

    def is_news(self, table: str, key: str, digest: bytes) -> bool:
        """See ``Held``."""
        return self.digest(table, key) != digest

    def expected(self) -> Mapping[str, Mapping[str, Head]]:
        """See ``Held``."""
        return self._tables


class Asked:
    """The records that are asked for, one by one; none is expected."""

    def __init__(self, journal: Journal, dataset: str) -> None:
        self._journal = journal
        self._dataset = dataset
        self._refused = journal.refused(dataset)

    def digest(self, table: str, key: str) -> bytes | None:
        """See ``Held``."""
        head = self._journal.head(self._dataset, key)
        return head.digest if head and head.table == table else None

    def is_news(self, table: str, key: str, digest: bytes) -> bool:
        """See ``Held``. That a row which was refused is as it was published is news, too."""
        return (table, key) in self._refused or self.digest(table, key) != digest

    def expected(self) -> Mapping[str, Mapping[str, Head]]:
        """See ``Held``."""
        return {}
