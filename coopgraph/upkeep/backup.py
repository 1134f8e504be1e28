"""The journal → a backup: one file, verified, on the disk, and there whole or not at all.

Nobody is kept from reading or publishing meanwhile, and no lock is taken. The file is made in a
folder beside its place, under the name of which a killed backup leaves what it had written.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from coopgraph.errors import NotPublished, UsageError
from coopgraph.journal import Journal, copy_by_reading, copy_journal, files_of
from coopgraph.publish.trouble import translated
from coopgraph.store import Layout, make_alike, sync_folder

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    file: Path
    commits: int
    size_bytes: int
    sha256: str


def backup_name(now: datetime) -> str:
    """What a backup is called that was given no name, by the second it was begun in.

    >>> backup_name(datetime(2026, 11, 30, 20, 15, 7, tzinfo=UTC))
    'coopgraph-20261130T201507Z.sqlite'
    """
    return f"coopgraph-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.sqlite"


def back_up(home: Path, target: Path, *, may_replace: bool = False) -> Backup:
    """Copy the journal of a state folder to the file ``target``, as of its last commit.

    Raises UsageError where the target may not be, NotPublished, JournalError where the journal is
    damaged, StoreError where the target's disk is full or may not be written, Locked where the
    journal is written all along and this user may only read it. Nothing is left then.
    """
    layout = Layout(home)
    if not layout.journal.is_file():
        raise NotPublished(f"Nothing is published in {home}; there is nothing to back up.")
    _require_place(layout, target, may_replace=may_replace)
    with (
        translated(target.parent),
        TemporaryDirectory(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent) as folder,
    ):
        fresh = Path(folder, target.name)
        make_alike(fresh, layout.journal)
        commits = _copy(layout.journal, fresh)
        if not commits:
            raise NotPublished(f"Nothing was ever published in {home}.")
        with fresh.open("rb") as content:
            os.fsync(content.fileno())
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        size_bytes = fresh.stat().st_size
        _put(fresh, target, may_replace=may_replace)
        sync_folder(target.parent)
    return Backup(target, commits, size_bytes, sha256)


def _copy(journal: Path, target: Path) -> int:
    """Copy and verify a journal; one that this user may not write is read alone."""
    if not all(os.access(path, os.W_OK) for path in (journal.parent, *files_of(journal))):
        return copy_by_reading(journal, target)
    with closing(Journal.open(journal)) as opened:
        return copy_journal(opened, str(journal), target)


def _require_place(layout: Layout, target: Path, *, may_replace: bool) -> None:
    if layout.is_own(target):
        raise UsageError(
            f"{target} is a place of coopgraph's own; put backups elsewhere, best on another disk."
        )
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}; make it first.")
    if target.is_dir():
        raise UsageError(f"{target} is a folder, not a file.")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise UsageError(
            f"{target} is a link, a device or the like, which a file is not put in the place of; "
            "name a file."
        )
    if target.exists() and not may_replace:
        raise _taken(target)


def _put(fresh: Path, target: Path, *, may_replace: bool) -> None:
    """Give a file its name; where another has got that meanwhile, it stays."""
    if may_replace:
        fresh.replace(target)
        return
    try:
        os.link(fresh, target)  # unlike a rename, never in the place of another
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        fresh.rename(target)


def _taken(target: Path) -> UsageError:
    return UsageError(f"{target} is there already; name another file, or say --replace.")
