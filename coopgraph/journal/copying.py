"""One journal → another file that holds the same commits, while others read and publish.

The copy is one file: whole commits alone, and no log beside it. It is made by SQLite's online
backup (https://www.sqlite.org/backup.html) within one transaction that reads, so that it is the
journal as of one moment and keeps nobody from writing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from coopgraph.errors import JournalError
from coopgraph.journal.journal import Journal
from coopgraph.journal.looking import look
from coopgraph.journal.upgrading import upgrade
from coopgraph.journal.verification import told


def copy_journal(journal: Journal, name: str, target: Path) -> int:
    """Copy an open journal into a file that is empty or not there, and verify every hash.

    Returns the number of its commits. Raises JournalError where it is damaged; messages call it
    ``name``. What is then at ``target`` is of no use.
    """
    with closing(sqlite3.connect(target)) as db:
        journal.copy(db)
        return _finish(db, name)


def copy_by_reading(path: Path, target: Path) -> int:
    """The same of the journal at ``path``, of which and beside which nothing is written. Raises
    Locked, too, where it cannot be read now.
    """
    with closing(sqlite3.connect(target)) as db:
        look(path, lambda journal: journal.copy(db))
        return _finish(db, str(path))


def _finish(db: sqlite3.Connection, name: str) -> int:
    """Make a copy one file, verify it, and leave whole commits in it: how many."""
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA synchronous = FULL")
    upgrade(db)
    copy = Journal(db)
    problems = copy.verify()
    if problems:
        raise JournalError(f"{name} is damaged: {told(problems)}. It was not copied.")
    copy.abandon_unfinished()
    return copy.last_sequence()
