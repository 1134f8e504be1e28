"""Who asks how much: what each client has under way, and what it has left to spend.

A client spends worker seconds and failed queries; both come back with time, as water does in a
bucket. Time is passed in, in seconds of a clock that never goes back. (Wikidata's query service
charges the same way: all time used counts, for many short queries weigh as much as one long.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from coopgraph.query.job import Outcome, Reply
from coopgraph.settings import Settings

_MINUTE_S = 60.0
_BURST_MINUTES = 2
_MOST_REMEMBERED = 10_000


def client_of(address: str) -> str:
    """Whom an address stands for: itself, or in IPv6 its network of /64, which one user has.

    >>> client_of("2001:db8::1:2:3:4")
    '2001:db8::/64'
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


@dataclass(slots=True)
class Bucket:
    """Something to spend that comes back with time. Without a rate it never runs out."""

    rate: float  # a second
    capacity: float
    level: float
    at: float

    def spend(self, amount: float, now: float) -> None:
        """Take so much out; the level may fall below nothing."""
        self._fill(now)
        self.level -= amount

    def wait_s(self, now: float) -> float:
        """Seconds until there is one of it to spend; 0 where there is."""
        self._fill(now)
        return max(0.0, (1 - self.level) / self.rate) if self.rate else 0.0

    def is_full(self, now: float) -> bool:
        """Whether nothing is missing."""
        self._fill(now)
        return self.level >= self.capacity

    def _fill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now


@dataclass(slots=True)
class Client:
    """One client: its queries under way, the seconds and the failures it has left."""

    seconds: Bucket
    failures: Bucket
    running: int = 0
    waiting: int = 0

    @property
    def under_way(self) -> int:
        """Its queries that are not answered yet."""
        return self.running + self.waiting

    def owes_nothing(self, now: float) -> bool:
        """Whether it has everything to spend that a newcomer has."""
        return self.seconds.is_full(now) and self.failures.is_full(now)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a client has to wait, and for how long."""

    message: str
    retry_after_s: int

    @property
    def reply(self) -> Reply:
        """What the web process is told."""
        return Reply(Outcome.BUSY, self.message, retry_after_s=self.retry_after_s)


@dataclass(slots=True)
class Clients:
    """All clients that were heard of lately."""

    settings: Settings
    _known: dict[str, Client] = field(default_factory=dict)

    def client(self, name: str, now: float) -> Client:
        """What is known of a client."""
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._forget(now)
            found = self._known[name] = self._new(now)
        return found

    def refusal(self, name: str, now: float) -> Refusal | None:
        """Why this client may not ask now, or None where it may."""
        client = self.client(name, now)
        if client.under_way >= self.settings.query_share:
            return Refusal(
                f"You have {client.under_way} queries under way; wait for one of them.", 1
            )
        if wait := client.seconds.wait_s(now):
            return Refusal(
                f"You have used up your query time; {self.settings.query_budget_seconds} seconds "
                "of it come back each minute. For much data take the downloads, or page by page "
                "with LIMIT and a FILTER on the last value.",
                math.ceil(wait),
            )
        if wait := client.failures.wait_s(now):
            return Refusal(
                f"More than {self.settings.query_errors} of your queries a minute fail. Mend them "
                "on a small example first.",
                math.ceil(wait),
            )
        return None

    def charge(self, name: str, seconds: float, is_failure: bool, now: float) -> None:
        """Book what a query has cost."""
        client = self.client(name, now)
        if client.seconds.rate:
            client.seconds.spend(seconds, now)
        if is_failure and client.failures.rate:
            client.failures.spend(1, now)

    def _new(self, now: float) -> Client:
        seconds, failures = self.settings.query_budget_seconds, self.settings.query_errors
        saved = float(seconds * _BURST_MINUTES)
        return Client(
            Bucket(seconds / _MINUTE_S, saved, saved, now),
            Bucket(failures / _MINUTE_S, failures, failures, now),
        )

    def _forget(self, now: float) -> None:
        """Drop those who owe nothing; where those are few, also others, heard of first."""
        idle = [name for name, client in self._known.items() if not client.under_way]
        idle.sort(key=lambda name: not self._known[name].owes_nothing(now))
        settled = sum(self._known[name].owes_nothing(now) for name in idle)
        for name in idle[: max(settled, _MOST_REMEMBERED // 10)]:
            del self._known[name]
