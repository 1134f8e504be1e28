"""The history of a dataset: each of its commits, and how many records it added, changed, removed.

In: look-ups in a journal and the short name of a dataset. Out: :class:`DatasetHistory`. The counts
stand in the commits; no record is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coopgraph.errors import UnknownThing
from coopgraph.journal import CommitInfo, Lookups

COMMITS_ON_PAGE = 50
COUNTED = ("added", "changed", "gone", "unchanged", "quarantined")


@dataclass(frozen=True, slots=True)
class DatasetCommit:
    """A commit of a dataset, with counts of records by table; those named in :data:`COUNTED`."""

    commit: CommitInfo
    tables: Mapping[str, Mapping[str, int]]

    def total(self, name: str) -> int:
        """A count over all tables."""
        return sum(table[name] for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class DatasetHistory:
    """One page: commits, newest first. ``has_more`` says whether a page of older ones follows."""

    dataset: str
    at: int
    commits: tuple[DatasetCommit, ...]
    page: int
    has_more: bool


def dataset_history(lookups: Lookups, dataset: str, at: int, page: int = 1) -> DatasetHistory:
    """A page of the commits of a dataset up to ``at``. Raises UnknownThing where it was never
    loaded, or there is no such page.
    """
    at = min(at, lookups.last_sequence())
    if not lookups.is_dataset(dataset, at):
        raise UnknownThing(f"No dataset “{dataset}” was ever published.")
    skip = (page - 1) * COMMITS_ON_PAGE
    found = lookups.commits_of(dataset, at, COMMITS_ON_PAGE + 1, skip)
    if not found:
        raise UnknownThing(f"The history of “{dataset}” has no page {page}.")
    shown = tuple(map(_commit, found[:COMMITS_ON_PAGE]))
    return DatasetHistory(dataset, at, shown, page, len(found) > len(shown))


def _commit(commit: CommitInfo) -> DatasetCommit:
    tables = {
        name: {count: int(table.get(count, 0)) for count in COUNTED}
        for name, table in commit.report.items()
    }
    return DatasetCommit(commit, tables)
