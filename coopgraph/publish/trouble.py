"""What a disk refuses, and what SQLite finds damaged → errors that say what to do.

Whatever is refused, the journal holds whole commits alone, and the last snapshot is served on.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopgraph.errors import CoopgraphError, JournalError, Locked, StoreError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_TEXTS = ("No space left on device", "File too large", "disk is full", "quota exceeded")
_NO_ROOM_BESIDE = "SQLITE_IOERR_SHMSIZE"  # for what SQLite keeps beside a database
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_UNREADABLE = ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL")
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_READ_ONLY_TEXTS = ("Read-only file system", "readonly database", "Permission denied")


@contextmanager
def translated(home: Path) -> Iterator[None]:
    """Raise StoreError where the disk of a state folder is full or may not be written, and
    JournalError where the journal is damaged.
    """
    try:
        yield
    except (OSError, RuntimeError, sqlite3.Error, StoreError) as error:
        clear = _clear(error, home)
        if clear is None:
            raise
        raise clear from error


def is_full(error: Exception) -> bool:
    """Whether there is no room; nothing is damaged then."""
    number = error.errno if isinstance(error, OSError) else None
    if getattr(error, "sqlite_errorname", "") == _NO_ROOM_BESIDE:
        return True
    return number in _FULL or any(part in str(error) for part in _FULL_TEXTS)


def _clear(error: Exception, home: Path) -> CoopgraphError | None:
    """The error to raise instead, None for the same."""
    text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    place = str(getattr(error, "filename", None) or home)
    if is_full(error):
        return StoreError(
            f"The disk of {home} is full ({text}). Nothing that was committed is lost, and the "
            "last snapshot is served on; make room, and do it again."
        )
    is_ours = place.startswith(str(home))
    if is_ours and (number in _READ_ONLY or any(part in text for part in _READ_ONLY_TEXTS)):
        return StoreError(
            f"{home} may not be written ({text}). Nothing was changed, and the last snapshot is "
            "served on; mount or own it so that this user may write."
        )
    return _of_sqlite(error, home) if isinstance(error, sqlite3.Error) else None


def _of_sqlite(error: sqlite3.Error, home: Path) -> CoopgraphError | None:
    """What SQLite's own code for an error amounts to."""
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(_BUSY):
        return Locked(f"Another program has the journal in {home} open ({error}); close it there.")
    if code.startswith(_DAMAGED):
        return JournalError(
            f"The journal in {home} is damaged: {error}. Restore a backup: “coopgraph restore "
            "--replace FILE”."
        )
    if code.startswith(_UNREADABLE):
        return JournalError(f"The journal in {home} cannot be read or written: {error}.")
    return None
