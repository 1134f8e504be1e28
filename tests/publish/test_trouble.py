"""What a disk refuses, as an error that says what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from coopgraph.errors import CoopgraphError, JournalError, Locked, NotConforming, StoreError
from coopgraph.publish.trouble import is_full, translated

HOME = Path("/srv/graph")


def by_sqlite(code: str, text: str = "it is so") -> sqlite3.DatabaseError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname = code
    return error


def refused(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (refused(errno.ENOSPC, "/srv/graph/x"), StoreError, "is full.*make room"),
        (refused(errno.EFBIG), StoreError, "is full"),
        (sqlite3.OperationalError("database or disk is full"), StoreError, "is full"),
        (OSError("IO error: No space left on device: /srv/graph/store"), StoreError, "is full"),
        (StoreError("cannot be opened: No space left on device"), StoreError, "is full"),
        (refused(errno.EROFS, "/srv/graph/publish.lock"), StoreError, "may not be written"),
        (refused(errno.EACCES, "/srv/graph/journal.sqlite"), StoreError, "may not be written"),
        (sqlite3.OperationalError("attempt to write a readonly database"), StoreError, "may not"),
        (by_sqlite("SQLITE_IOERR_SHMSIZE", "disk I/O error"), StoreError, "is full"),
        (by_sqlite("SQLITE_CORRUPT"), JournalError, "backup"),
        (by_sqlite("SQLITE_NOTADB"), JournalError, "backup"),
        (by_sqlite("SQLITE_IOERR_READ"), JournalError, "cannot be read or written: it is so.$"),
        (by_sqlite("SQLITE_BUSY_SNAPSHOT"), Locked, "Another program"),
    ],
)
def test_it_is_told_what_to_do(error: Exception, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught, translated(HOME):
        raise error
    assert isinstance(caught.value, CoopgraphError)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        refused(errno.EACCES, "/home/somebody/list.csv"),
        refused(errno.ENOENT, "/srv/graph/x"),
        RuntimeError("another"),
        by_sqlite("SQLITE_CONSTRAINT_UNIQUE"),
        StoreError("another"),
        NotConforming("nothing to publish"),
    ],
)
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, translated(HOME):
        raise error
    assert caught.value is error


def test_a_full_disk_is_told_from_damage() -> None:
    assert is_full(refused(errno.ENOSPC))
    assert not is_full(StoreError("Corruption: block checksum mismatch"))
