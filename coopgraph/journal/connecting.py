"""How a journal is opened to be read alone: nothing of it or beside it is written.

SQLite keeps a write-ahead log and an index of it in shared memory beside the file, and whoever
reads makes both (https://www.sqlite.org/wal.html#read_only_databases). Where there is no log nobody
has written what is not in the file, and it is read as a file that does not change
(https://www.sqlite.org/uri.html#uriimmutable); that it has not is looked up afterwards.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from coopgraph.errors import Locked

Answer = TypeVar("Answer")

# Of a log that comes, goes, or needs somebody who may write to put it in order.
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PROTOCOL")


class Unsettled(Exception):
    """The file was changed whenever it was read, or its log came and went."""


def settled(
    path: Path, read: Callable[[bool], Answer], *, tries: int, pause_s: float = 0.0
) -> Answer:
    """What ``read`` gives, from one state of the journal at ``path``. It opens the file anew, by
    its log or as one that does not change, as it is told, and is called again where the file
    changed meanwhile.

    Raises Unsettled after so many tries, and whatever ``read`` raises of a file at rest.
    """
    reason: Exception | str = ""
    for number in range(tries):
        time.sleep(pause_s if number else 0)
        before, is_logged = _state(path), has_log(path)
        answer: list[Answer] = []
        failure: Exception | None = None
        try:
            answer.append(read(is_logged))
        except Exception as error:  # whatever half a page leads to
            failure = error
        if not is_logged and (_state(path) != before or has_log(path)):
            reason = "it is being written"
        elif failure is None:
            return answer[0]
        elif is_passing(failure) or isinstance(failure, Locked):
            reason = failure
        else:
            raise failure
    raise Unsettled(str(reason))


def is_passing(error: Exception) -> bool:
    """Whether it is the moment, or who reads, that is at fault, and not the file."""
    return getattr(error, "sqlite_errorname", "").startswith(_PASSING)


def has_log(path: Path) -> bool:
    """Whether something may stand in the log that is not in the file yet."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def connect_to_read(path: Path, *, is_logged: bool) -> sqlite3.Connection:
    """A connection that cannot write, on a disk that may not be written, too."""
    return read_only(path, "mode=ro" if is_logged else "immutable=1")


def read_only(path: Path, how: str, wait_s: float = 30.0) -> sqlite3.Connection:
    """A connection that cannot write. ``how``: parameters of SQLite's address of a file
    (https://www.sqlite.org/uri.html); ``wait_s``: for whoever has the file locked.
    """
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, timeout=wait_s)


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of the file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
