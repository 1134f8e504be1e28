"""One journal in the place of another, which is kept: at any moment there is the one or the other.

What SQLite keeps beside a database belongs to it by name alone, so that the log of the old journal
would be applied to the new one. It is therefore worked into the old file first, and while the names
change nobody else can have the old one open, for then SQLite would not let its log go.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_BESIDE = ("-wal", "-shm", "-journal")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_BUSY = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_BUSY_SNAPSHOT"})
_WAIT_S = 30.0
_POLL_S = 0.1


def files_of(path: Path) -> list[Path]:
    """What there is of a journal: its file, and what SQLite keeps beside it."""
    names = (path, *(path.with_name(path.name + ending) for ending in _BESIDE))
    return [name for name in names if name.exists()]


@contextmanager
def replacing(path: Path, fresh: Path, kept: Path) -> Iterator[None]:
    """Give the journal in the one file ``fresh`` the name ``path`` when the block ends; what has
    that name, if anything, is called ``kept`` from then on. The block begins when nobody else can
    open the old one any more. The caller makes the names survive a power cut.

    Raises sqlite3.OperationalError (SQLITE_BUSY) where others have the old one open for long.
    """
    with _alone(path) as is_one_file:
        yield
        if is_one_file:
            os.link(path, kept)
        else:
            _keep_as_it_is(path, kept)
        fresh.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Have a journal be one file that nobody else can open, for the time of a block; says whether
    it is, for one that is missing or so damaged that SQLite cannot read it is not.
    """
    if not path.exists():
        yield False
        return
    with closing(sqlite3.connect(path, timeout=_POLL_S, isolation_level=None)) as db:
        try:
            _lock(db)
            is_one_file = True
        except sqlite3.DatabaseError as error:
            if not error.sqlite_errorname.startswith(_DAMAGED):
                raise
            is_one_file = False
        yield is_one_file


def _lock(db: sqlite3.Connection) -> None:
    """Work the log into the file and remove it, and lock the file; waits for others to close it."""
    deadline = time.monotonic() + _WAIT_S
    db.execute("PRAGMA synchronous = FULL")
    while True:
        try:
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("BEGIN EXCLUSIVE")
            if db.execute("PRAGMA journal_mode").fetchone() == ("delete",):
                return
            db.execute("ROLLBACK")  # in between somebody opened it, and began another log
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in _BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(_POLL_S)


def _keep_as_it_is(path: Path, kept: Path) -> None:
    """Keep a journal that SQLite cannot read with all that is beside it."""
    found = files_of(path)
    for file in found:
        os.link(file, kept.with_name(file.name.replace(path.name, kept.name, 1)))
    for file in found:
        if file != path:
            file.unlink()
