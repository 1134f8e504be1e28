"""The places for queries, and for checks, in one web process, shared fairly among clients.

A query holds a thread while it waits and while its answer is sent, a check while its file comes.
Half of the threads take part, an eighth for checks, so that documents never wait for what
strangers ask; and no client holds so many of these places that others find none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Lock

from coopgraph.errors import TooManyQueries
from coopgraph.query import client_of
from coopgraph.settings import Settings

_RETRY_AFTER_S = 2


class Lanes:
    """Places that can be taken and must be given back. Safe among threads."""

    def __init__(self, settings: Settings, what: str = "queries", part: int = 2) -> None:
        self._what = what
        self._places = max(1, settings.threads // part)
        # Room for what the broker lets one client have under way, but never for it alone.
        wanted = max(settings.query_share, self._places // 4)
        self._share = max(1, min(wanted, self._places // 2))
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, address: str) -> Callable[[], None]:
        """Take a place for the client at an address; what gives it back is to be called once.

        Raises TooManyQueries.
        """
        name = client_of(address)
        with self._lock:
            if self._held[name] >= self._share:
                raise TooManyQueries(
                    f"You have {self._held[name]} {self._what} under way here; wait for one of "
                    "them.",
                    retry_after_s=_RETRY_AFTER_S,
                )
            if self._held.total() >= self._places:
                raise TooManyQueries(
                    f"All places for {self._what} are taken; ask again soon.",
                    retry_after_s=_RETRY_AFTER_S,
                )
            self._held[name] += 1
        return partial(self._give_back, name)

    def _give_back(self, name: str) -> None:
        with self._lock:
            self._held[name] -= 1
            if self._held[name] <= 0:
                del self._held[name]
