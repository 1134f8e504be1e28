"""The publishing lock: one writer at a time, released by the kernel when its process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopgraph.errors import Locked

_POLL_S = 0.1


@contextmanager
def publishing_lock(path: Path, wait_s: float) -> Iterator[None]:
    """Hold ``publish.lock``; wait up to ``wait_s`` for another holder, then raise Locked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        deadline = time.monotonic() + max(wait_s, _POLL_S)  # whoever just looks is gone by then
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Locked(_held_by(path)) from None
                time.sleep(_POLL_S)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def holder(path: Path) -> str | None:
    """The process that publishes now, by its number ("" where that is not known); None where there
    is none. It is only looked, for microseconds, and nobody is kept from publishing.
    """
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return path.read_text().strip()
    return None


def _held_by(path: Path) -> str:
    number = path.read_text().strip()
    return (
        f"Another process{f' ({number})' if number else ''} is publishing into {path.parent}; "
        "try again when it is done, or wait longer with --wait SECONDS."
    )
