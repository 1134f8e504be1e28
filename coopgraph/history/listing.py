"""When an organisation that no source lists any more was last listed, and by whom.

In: look-ups in a journal and the id of an organisation. Out: :class:`LastListed`, with one
departure for each of its records.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from coopgraph.history.history import Past, is_known, last_name, past_of
from coopgraph.history.timelines import Change, Kind, Owners
from coopgraph.journal import CommitInfo, Lookups


@dataclass(frozen=True, slots=True)
class Departure:
    """A record that its source lists no more: the last commit of its dataset that is known to have
    had it, and the one that did not.
    """

    dataset: str
    key: str
    listed: CommitInfo
    gone: CommitInfo


@dataclass(frozen=True, slots=True)
class LastListed:
    """An organisation that no source lists; ``departures`` are the latest first."""

    organization: str
    name: str
    departures: tuple[Departure, ...]


def last_listed(
    lookups: Lookups, organization: str, at: int, hidden: Collection[str] = ()
) -> LastListed | None:
    """When it was last listed; None where the id was never given out, or some source lists it.
    Datasets that are ``hidden`` count for nothing.

    Parts of a record, such as figures by year, list no organisation: they may outlast it.
    """
    at = min(at, lookups.last_sequence())
    if not is_known(lookups, organization, at, hidden):
        return None
    past = past_of(lookups, Owners(lookups, at), organization, at, hidden)
    if past.is_listed:
        return None
    found = [departure for change in _last(past) if (departure := _departure(lookups, change))]
    found.sort(key=lambda departure: (-departure.gone.sequence, departure.dataset, departure.key))
    return LastListed(organization, last_name(lookups, past), tuple(found))


def _last(past: Past) -> list[Change]:
    """The last change of each record that is no part of another, where that took it away."""
    last = {(change.dataset, change.key): change for change in past.changes if not change.parent}
    return [change for change in last.values() if change.kind is Kind.GONE]


def _departure(lookups: Lookups, change: Change) -> Departure | None:
    gone = lookups.commits([change.sequence]).get(change.sequence)
    states = lookups.states(change.dataset, change.key, change.sequence - 1, 1)
    if gone is None or not states:
        return None
    listed = lookups.last_listing(change.dataset, states[0].sequence, change.sequence)
    return Departure(change.dataset, change.key, listed, gone) if listed else None
