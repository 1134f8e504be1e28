"""The history of an organisation, or of a record: what changed when, newest first, page by page.

In: look-ups in a journal, a name, and the sequence up to which to look. Out: :class:`History`: an
entry for each commit that touched one of its records or its identity, with what differs, field by
field. Which commits those are is found by indexes, from the last :data:`MOST_STATES` states of its
records; only the states that a page shows are read: of each of its commits the first
:data:`RECORDS_SHOWN` records, or of one commit alone :data:`RECORDS_ON_PAGE`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from coopgraph.errors import UnknownThing
from coopgraph.history.differences import difference
from coopgraph.history.naming import name_in
from coopgraph.history.telling import NameOf, Teller, Told
from coopgraph.history.timelines import Change, Kind, Move, Owners, changes
from coopgraph.iris import near_ids
from coopgraph.journal import CommitInfo, Lookups, StateInfo
from coopgraph.standard import Standard

COMMITS_ON_PAGE = 10
RECORDS_SHOWN = 25  # of each commit on a page of commits
RECORDS_ON_PAGE = 100  # of one commit by itself
MOST_STATES = 20_000  # of one organisation that are looked at, the newest
MOST_RECORDS = 1_000  # that ever made one organisation by themselves, without their parts

_MOST_NAMES = 20  # records that are asked for the name of what they are about
_ORDER = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What a commit did with a record, and what it says since or said until then."""

    change: Change
    nodes: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit. ``counts`` are of all its records, of which ``records`` are shown and ``omitted``
    are not; ``moves`` tell which organisations were merged or split, and ``names`` what those were
    called that records came from.
    """

    commit: CommitInfo
    counts: Mapping[Kind, int]
    moves: tuple[Move, ...]
    names: Mapping[str, str]
    records: tuple[RecordChange, ...]
    omitted: int


@dataclass(frozen=True, slots=True)
class History:
    """One page of a history. ``organization`` is "" where it is that of a record; ``commit`` is
    over 0 where it is of one commit alone.

    It is listed while it has a record of its own: parts alone, such as figures, list nothing.
    ``commits`` counts those of all pages. ``heir`` is the organisation that this
    one is merged into, "" if none; ``since`` is over 0 where what earlier commits did is left out.
    """

    organization: str
    name: str
    is_listed: bool
    heir: str
    at: int
    entries: tuple[Entry, ...]
    commit: int
    commits: int
    page: int
    pages: int
    since: int


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an organisation, or a record, without what its states say."""

    changes: tuple[Change, ...]  # the oldest first, record by record
    moves: tuple[Move, ...]
    is_listed: bool
    since: int


class Historian:
    """Tells histories from one journal, up to the commit ``at``. ``name_of`` names codes and
    organisations; what datasets that are ``hidden`` say of organisations is not told.
    """

    def __init__(
        self,
        lookups: Lookups,
        standard: Standard,
        base: str,
        at: int,
        name_of: NameOf,
        hidden: Collection[str] = (),
    ) -> None:
        self._lookups = lookups
        self._standard = standard
        self._at = min(at, lookups.last_sequence())
        self._hidden = hidden
        self._owners = Owners(lookups, self._at)
        self._teller = Teller(standard, base, self._owners, name_of)

    def organization(self, organization: str, page: int = 1, commit: int = 0) -> History:
        """A page of an organisation's history, or of what one commit did with it.

        Raises UnknownThing where no such id is told of, with one that a slip of typing could
        have made of it, or where there is no such page or commit.
        """
        if not self._is_id(organization):
            given = (near for near in near_ids(organization) if self._is_id(near))
            raise UnknownThing(
                f"No organisation ever had the id “{organization}”.", suggestion=next(given, None)
            )
        past = past_of(self._lookups, self._owners, organization, self._at, self._hidden)
        heir = heir_of(self._lookups, self._owners, organization, self._at)
        return self._history(organization, past, heir, page, commit)

    def record(self, dataset: str, key: str, page: int = 1) -> History:
        """A page of a record's history, whichever organisations it was about. Raises
        UnknownThing.
        """
        states = self._lookups.states(dataset, key, self._at, MOST_STATES)
        if not states:
            raise UnknownThing(f"There was never a record “{dataset}/{key}”.")
        found = tuple(changes(states, self._owners, ""))
        past = Past(found, (), is_listed=states[-1].is_listed, since=0)
        return self._history("", past, "", page, 0)

    def _is_id(self, organization: str) -> bool:
        return is_known(self._lookups, organization, self._at, self._hidden)

    def _history(self, organization: str, past: Past, heir: str, page: int, commit: int) -> History:
        found = _by_commit(past)
        if commit and commit not in found:
            raise UnknownThing(f"Commit {commit} changed nothing here.")
        size = RECORDS_ON_PAGE if commit else COMMITS_ON_PAGE
        pages = max(1, -(-len(found[commit] if commit else found) // size))
        if not 1 <= page <= pages:
            raise UnknownThing(f"This history has {pages} page{'s' if pages > 1 else ''}.")
        first = (page - 1) * size
        if commit:
            entries = self._entries({commit: found[commit]}, past.moves, first, size)
        else:
            shown = sorted(found, reverse=True)[first : first + size]
            entries = self._entries({s: found[s] for s in shown}, past.moves, 0, RECORDS_SHOWN)
        return History(
            organization=organization,
            name=last_name(self._lookups, past) or organization,
            is_listed=past.is_listed,
            heir=heir,
            at=self._at,
            entries=tuple(entries),
            commit=commit,
            commits=len(found),
            page=page,
            pages=pages,
            since=past.since,
        )

    def _entries(
        self, found: Mapping[int, list[Change]], moves: tuple[Move, ...], first: int, most: int
    ) -> Iterator[Entry]:
        """Commits with some of their records. One that has nothing to tell, such as a node that
        is only named anew, is left out.
        """
        commits = self._lookups.commits(found)
        for sequence, commit in commits.items():
            shown = found[sequence][first : first + most]
            records = tuple(filter(None, map(self._told, shown)))
            omitted = len(found[sequence]) - len(shown)
            moved = tuple(move for move in moves if move.sequence == sequence)
            if records or moved or omitted:
                yield Entry(
                    commit=commit,
                    counts=Counter(change.kind for change in found[sequence]),
                    moves=moved,
                    names=self._names(moved),
                    records=records,
                    omitted=omitted,
                )

    def _names(self, moves: Iterable[Move]) -> dict[str, str]:
        """What the first record that has a name called an organisation that it left."""
        found: dict[str, str] = {}
        for move in moves:
            if move.old not in found:
                states = self._lookups.states(move.dataset, move.key, move.sequence, 1)
                name = name_in(self._lookups.lines(states[0].id)) if states else ""
                if name:
                    found[move.old] = name
        return found

    def _told(self, change: Change) -> RecordChange | None:
        before, after = (
            self._lookups.lines(state) if state else "" for state in (change.before, change.after)
        )
        nodes = self._teller.tell(difference(before, after, self._standard))
        is_telling = nodes or change.moved or change.kind is not Kind.CHANGED
        return RecordChange(change, tuple(nodes)) if is_telling else None


def is_known(lookups: Lookups, organization: str, at: int, hidden: Collection[str] = ()) -> bool:
    """Whether an id was ever given out, and to records that are not all of ``hidden`` datasets."""
    return bool(lookups.records_ever(organization, at, 1, hidden))


def past_of(
    lookups: Lookups, owners: Owners, organization: str, at: int, hidden: Collection[str] = ()
) -> Past:
    """What became of the records of an organisation, and which moves it had part in; without
    those of ``hidden`` datasets.
    """
    records = lookups.records_ever(organization, at, MOST_RECORDS, hidden)
    share = max(1, MOST_STATES // max(1, len(records)))
    states: dict[int, StateInfo] = {}
    moves: list[Move] = []
    since = 0
    for dataset, key in records:
        family = lookups.family(dataset, key, at, share)
        states |= {state.id: state for state in family.states}
        since = max(since, family.since)
        moves += owners.moves(dataset, key, organization)
    in_order = sorted(states.values(), key=lambda s: (s.dataset, s.key, s.sequence))
    found = tuple(changes(in_order, owners, organization))
    last = {(change.dataset, change.key): change for change in found if not change.parent}
    return Past(
        changes=tuple(change for change in found if change.sequence >= since),
        moves=tuple(move for move in moves if move.sequence >= since),
        is_listed=any(change.after for change in last.values()),
        since=since,
    )


def heir_of(lookups: Lookups, owners: Owners, organization: str, at: int) -> str:
    """The organisation that one is merged into, however many merges lie between, or ""."""
    heir, seen = organization, {organization}
    while not _has_records(lookups, owners, heir, at):
        new = lookups.redirect(heir, at)
        if new is None or new in seen:
            break
        seen.add(new)
        heir = new
    return heir if heir != organization else ""


def _has_records(lookups: Lookups, owners: Owners, organization: str, at: int) -> bool:
    records = lookups.records_ever(organization, at, MOST_RECORDS)
    return any(owners.now(*record) == organization for record in records)


def last_name(lookups: Lookups, past: Past) -> str:
    """What the newest record that has a name calls it, "" if none of the newest few has one."""
    own = (change for change in sorted(past.changes, key=_newest_first) if not change.parent)
    for change in islice(own, _MOST_NAMES):
        name = name_in(lookups.lines(change.after or change.before or 0))
        if name:
            return name
    return ""


def organization_commits(
    lookups: Lookups, organization: str, at: int, hidden: Collection[str] = ()
) -> list[CommitInfo]:
    """The commits that changed an organisation or the standard since it was first listed, oldest
    first. Raises UnknownThing where no such id was ever given out.
    """
    if not is_known(lookups, organization, at, hidden):
        raise UnknownThing(f"No organisation ever had the id “{organization}”.")
    past = past_of(lookups, Owners(lookups, at), organization, at, hidden)
    found = set(_by_commit(past))
    changes_of_standard = (change.sequence for change in lookups.changes_of_standard(at))
    found.update(sequence for sequence in changes_of_standard if sequence > min(found, default=at))
    return list(lookups.commits(sorted(found)).values())


def _by_commit(past: Past) -> dict[int, list[Change]]:
    """The changes of each commit that had part in a past, those first that say most."""
    found: dict[int, list[Change]] = {move.sequence: [] for move in past.moves}
    for change in sorted(past.changes, key=_newest_first):
        found.setdefault(change.sequence, []).append(change)
    return found


def _newest_first(change: Change) -> tuple[int, bool, int, str, str, str]:
    """Within a commit: records of organisations before their parts, what changed first."""
    rank = _ORDER[change.kind]
    is_part = bool(change.parent)
    return (-change.sequence, is_part, rank, change.dataset, change.table, change.key)
