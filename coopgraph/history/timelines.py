"""When records came to an organisation, changed, and left it.

In: the states of records in the journal, and which organisation each record was about when. Out:
:class:`Change` s, without what the states say. A record is in an organisation while a source lists
it and its identity, or that of the record it is a part of, says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from coopgraph.journal import Lookups, StateInfo

Record = tuple[str, str]  # (dataset, key)


class Kind(Enum):
    """What a commit did with a record, as an organisation sees it."""

    CHANGED = "changed"
    LISTED = "listed"
    RELISTED = "listed again"
    JOINED = "joined"  # it was about another organisation until then
    LEFT = "left"  # it is about another from then on
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One record in one commit. ``before`` and ``after`` number its states, None where it is not
    in the organisation; ``other`` is the organisation that it joined from or left to. ``moved``
    are the keys of the records that it was and is a part of, where those differ.
    """

    sequence: int
    dataset: str
    key: str
    table: str
    parent: str
    kind: Kind
    before: int | None
    after: int | None
    other: str = ""
    moved: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A commit that took a record from one organisation to another."""

    sequence: int
    dataset: str
    key: str
    old: str
    new: str


class Owners:
    """Which organisation each record was about when; asks once for each record."""

    def __init__(self, lookups: Lookups, at: int) -> None:
        self._lookups = lookups
        self._at = at
        self._known: dict[Record, list[tuple[int, str]]] = {}

    def spans(self, dataset: str, key: str) -> list[tuple[int, str]]:
        """The organisations of a record, oldest first, each with the commit that made it so."""
        name = (dataset, key)
        if name not in self._known:
            self._known[name] = self._lookups.identities(dataset, key, self._at)
        return self._known[name]

    def at(self, dataset: str, key: str, sequence: int) -> str:
        """The organisation of a record after a commit, "" where it had none."""
        found = ""
        for since, organization in self.spans(dataset, key):
            if since > sequence:
                break
            found = organization
        return found

    def now(self, dataset: str, key: str) -> str:
        """The organisation that a record is, or last was, about."""
        return self.at(dataset, key, self._at)

    def moves(self, dataset: str, key: str, organization: str) -> Iterator[Move]:
        """The commits that brought a record to an organisation from another, or took it away."""
        old = ""
        for sequence, new in self.spans(dataset, key):
            if old and old != new and organization in (old, new):
                yield Move(sequence, dataset, key, old, new)
            old = new


def changes(states: Iterable[StateInfo], owners: Owners, organization: str) -> Iterator[Change]:
    """What became of records in an organisation, or in any where ``organization`` is "", record by
    record and oldest first. ``states`` are in order of dataset, key and sequence.
    """
    for _, found in groupby(states, key=lambda state: (state.dataset, state.key)):
        yield from _of_record(list(found), owners, organization)


def _of_record(states: list[StateInfo], owners: Owners, organization: str) -> Iterator[Change]:
    last = _Stand(None, "")
    was_listed = False
    state = states[0]
    by_sequence = {state.sequence: state for state in states}
    for sequence in _points(states, owners):
        state = by_sequence.get(sequence, state)
        owner = owners.at(state.dataset, state.root, sequence) if state.is_listed else ""
        stand = _Stand(state if state.is_listed else None, owner)
        change = _between(last, stand, sequence, organization, was_listed=was_listed)
        if change:
            yield change
        last = stand
        was_listed = was_listed or stand.is_in(organization)


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a record stands after a commit: its state where it is listed, and its organisation."""

    state: StateInfo | None
    owner: str

    def is_in(self, organization: str) -> bool:
        return self.state is not None and organization in ("", self.owner)


def _points(states: list[StateInfo], owners: Owners) -> list[int]:
    """The commits after which a record may stand otherwise than before."""
    roots = {(state.dataset, state.root) for state in states}
    first = states[0].sequence
    moves = (since for root in roots for since, _ in owners.spans(*root) if since > first)
    return sorted({*(state.sequence for state in states), *moves})


def _between(
    last: _Stand, now: _Stand, sequence: int, organization: str, *, was_listed: bool
) -> Change | None:
    before = last.state if last.is_in(organization) else None
    after = now.state if now.is_in(organization) else None
    shown = after or before
    if shown is None or before is after:
        return None
    other = ""
    moved = None
    if before and after:
        kind = Kind.CHANGED
        moved = (before.parent, after.parent) if before.parent != after.parent else None
    elif after:
        kind = Kind.JOINED if last.state else Kind.RELISTED if was_listed else Kind.LISTED
        other = last.owner if last.state else ""
    else:
        kind = Kind.LEFT if now.state else Kind.GONE
        other = now.owner if now.state else ""
    return Change(
        sequence=sequence,
        dataset=shown.dataset,
        key=shown.key,
        table=shown.table,
        parent=shown.parent,
        kind=kind,
        before=before.id if before else None,
        after=after.id if after else None,
        other=other,
        moved=moved,
    )
