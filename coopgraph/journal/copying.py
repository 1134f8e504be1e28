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
from coopgraph.journal.upgrading import upgrade
from coopgraph.journal.verification import told


def copy_journal(journal: Journal, name: str, target: Path) -> int:
    """Copy an open journal into a file that is not there yet, and verify every hash of the copy.

    Returns the number of its commits. Raises JournalError where it is damaged; messages call it
    ``name``. What is then at ``target`` is of no use.
    """
    with closing(sqlite3.connect(target)) as db:
        journal.copy(db)
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = FULL")
        upgrade(db)
        copy = Journal(db)
        problems = copy.verify()
        if problems:
            raise JournalError(f"{name} is damaged: {told(problems)}. It was not copied.")
        copy.abandon_unfinished()
        return copy.last_sequence()
