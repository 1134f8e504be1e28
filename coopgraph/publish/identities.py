"""Which records are about which organisation: merges of organisations, and splits of one.

In: the journal and an open commit. Out: identities and redirects in that commit; records stay as
they are. The one takes back the other: records that were merged into an organisation go, when
just they are split from it, back to the id that they had, and what was split is merged again by
its id. An id that was ever given out leads to where its records are now.
"""

from __future__ import annotations

from collections.abc import Iterable

from coopgraph.errors import UnknownThing, UsageError
from coopgraph.journal import Commit, Journal

Record = tuple[str, str]  # (dataset, key)


def merge(journal: Journal, commit: Commit, old: str, new: str) -> None:
    """Make the records of ``old`` records of ``new``. Raises UnknownThing, UsageError."""
    for name in (old, new):
        _require_known(journal, name)
    if old == new:
        raise UsageError("An organisation cannot be merged into itself.")
    for dataset, key in journal.keys_of(old):
        commit.assign(dataset, key, new)
    commit.redirect(old, new)


def split(journal: Journal, commit: Commit, organization: str, records: Iterable[Record]) -> str:
    """Let records leave ``organization``; returns the id of the one that they make.

    Records that no source lists any more go along with those that they came with. Raises
    UnknownThing, UsageError.
    """
    _require_known(journal, organization)
    leaving = set(records)
    for record in sorted(leaving):
        _require_of(journal, organization, record)
    held = set(journal.keys_of(organization))
    if leaving >= _listed(journal, held):
        raise UsageError(
            f"These are all records of “{organization}”; one at least must stay with it."
        )
    former = _former(journal, leaving)
    moved = leaving | (held & former[1] if former else set())
    target = former[0] if former else commit.found(*min(leaving))
    for dataset, key in sorted(moved):
        commit.assign(dataset, key, target)
    for old in _following(journal, organization, moved):
        if old != target:
            commit.redirect(old, target)
    return target


def _require_known(journal: Journal, organization: str) -> None:
    if journal.keys_of(organization):
        return
    heir = journal.redirects().get(organization)
    if heir:
        raise UnknownThing(
            f"“{organization}” was merged into “{heir}”; name that.", suggestion=heir
        )
    raise UnknownThing(f"No published organisation has the id “{organization}”.")


def _require_of(journal: Journal, organization: str, record: Record) -> None:
    name = "/".join(record)
    parent = journal.parent_of(*record)
    if parent is None:
        raise UnknownThing(f"There is no published record “{name}”; name it as DATASET/KEY.")
    if parent:
        raise UsageError(
            f"“{name}” is a part of the record “{record[0]}/{parent}” and goes where that goes."
        )
    owner = journal.organization_of(*record)
    if owner != organization:
        raise UsageError(f"“{name}” is a record of “{owner}”, not of “{organization}”.")


def _listed(journal: Journal, records: Iterable[Record]) -> set[Record]:
    """Those of some records that a source still lists."""
    return {record for record in records if journal.parent_of(*record) is not None}


def _former(journal: Journal, leaving: set[Record]) -> tuple[str, set[Record]] | None:
    """The last id that just these records had, if it lies idle, and all records that it had."""
    for name, sequence in reversed(journal.former_of(*min(leaving))):
        had = set(journal.keys_of(name, sequence - 1))
        if not journal.keys_of(name) and _listed(journal, had) == leaving:
            return name, had
    return None


def _following(journal: Journal, organization: str, moved: set[Record]) -> list[str]:
    """Ids that redirect to ``organization``, all of whose records leave it."""
    return [
        old
        for old, new in journal.redirects().items()
        if new == organization and moved.issuperset(journal.ever_of(old))
    ]
