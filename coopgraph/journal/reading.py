"""Look into a journal beside its writer: no file is made, nothing waits, nothing is changed.

In: the path of a journal and a question. Out: the answer, from one state of the file. Each question
opens the file anew, so that a journal that was put in its place by a restore is seen at once; and
is answered by look-ups in its indexes, so that no question reads a journal from end to end.

A journal that somebody has open has a log beside it (``-wal``): then it is read through that, in
one transaction, with the log's index open for reading alone. Otherwise the file holds everything
and is read as one that does not change; that it has not is looked up afterwards, and where it has,
the question is asked again. Specifications: https://www.sqlite.org/wal.html#readonly,
https://www.sqlite.org/uri.html (immutable, readonly_shm).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from coopgraph.errors import JournalError, JournalUnavailable
from coopgraph.journal.asking import one
from coopgraph.journal.connecting import Answer, Unsettled, read_only, settled
from coopgraph.journal.lookups import Lookups
from coopgraph.journal.upgrading import READABLE, SCHEMA_VERSION, schema_of, take_as_upgraded

Question = Callable[[Lookups], Answer]

_TRIES = 5
_WAIT_S = 2.0  # for a writer that puts its log in order


def ask(path: Path, question: Question[Answer], base: str = "") -> Answer:
    """What a question finds in the journal at ``path``, which must name things under ``base``
    where one is given.

    Raises JournalUnavailable where it is missing, cannot be read or is another's, and whatever
    the question raises.
    """

    def once(is_logged: bool) -> Answer:
        _require_file(path)
        with closing(_connect(path, is_logged=is_logged)) as db:
            _require_readable(db, base)
            take_as_upgraded(db, is_counted=False)
            return question(Lookups(db))

    try:
        return settled(path, once, tries=_TRIES)
    except (Unsettled, sqlite3.OperationalError) as error:
        raise JournalUnavailable(
            f"The journal cannot be read now: {error}. Try again; if that does not help, "
            "“coopgraph status” puts a log in order that a stopped writer left."
        ) from error
    except JournalUnavailable:
        raise
    except sqlite3.Error as error:
        raise JournalUnavailable(f"The journal is damaged: {error}.") from error
    except JournalError as error:
        raise JournalUnavailable(str(error)) from error


def _require_file(path: Path) -> None:
    try:
        path.stat()
    except OSError as error:
        raise JournalUnavailable(
            f"Histories are told from the journal, and {path.name} cannot be found: "
            f"{error.strerror}. What is published can be read without it; restore it from a backup."
        ) from None


def _connect(path: Path, *, is_logged: bool) -> sqlite3.Connection:
    how = "mode=ro&readonly_shm=1" if is_logged else "mode=ro&immutable=1"
    db = read_only(path, how, _WAIT_S)
    db.execute("BEGIN")
    return db


def _require_readable(db: sqlite3.Connection, base: str) -> None:
    """Raise JournalError where it is of another version or names things otherwise."""
    version = schema_of(db)
    if version not in READABLE:
        raise JournalUnavailable(
            f"The journal has schema {version}, and this version of coopgraph reads schema "
            f"{SCHEMA_VERSION}; use the version that wrote it."
        )
    named = one(db, "SELECT value FROM meta WHERE key = 'base'")
    if base and named != base:
        raise JournalUnavailable(
            f"The journal names things under {named}, and what is published is named under {base}; "
            "restore the journal that belongs to it, or run “coopgraph rebuild”."
        )
