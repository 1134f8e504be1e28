"""A backup → the journal of a state folder, and what is published made from it again.

The backup is verified before anything is changed. The journal that was there is kept beside under
the name of the moment. A server goes on with the last snapshot until that of the restored journal
takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from coopgraph.errors import JournalError, NotPublished, UsageError
from coopgraph.journal import Journal, copy_by_reading, files_of, look, replacing, told
from coopgraph.publish import Publisher
from coopgraph.store import Layout, clear_second_names, drop_folder, make_alike, sync_folder


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: the last commit, and the file that the former journal is now, if any."""

    sequence: int
    kept: Path | None


@dataclass
class Restoring:
    """One restoring into a state folder. ``base``: what names begin with there; ``tell`` hears
    under which name the former journal is kept, as soon as it is so.
    """

    home: Path
    base: str
    now: datetime
    may_replace: bool = False
    tell: Callable[[str], None] = lambda what: None
    _kept: Path | None = field(default=None, init=False)

    def run(self, file: Path, publisher: Publisher) -> Restored:
        """Restore a backup, and publish it by a publisher into the same state folder.

        Raises UsageError where it may not be, NotPublished where it holds no commit, JournalError
        where it is damaged or of another version, Locked: nothing is changed then. Also StoreError
        where the disk is full: where the journal was restored already, the next start goes on.
        """
        self._require_file(file)
        self._require_place()
        self._require_sound(file)
        sequence = publisher.restore(lambda: self._place(file))
        return Restored(sequence, self._kept)

    @property
    def _layout(self) -> Layout:
        return Layout(self.home)

    def _require_file(self, file: Path) -> None:
        if not file.is_file():
            raise UsageError(f"There is no file {file}.")
        journal = self._layout.journal
        if journal.exists() and file.samefile(journal):
            raise UsageError(f"{file} is the journal itself; name a backup of it.")
        fresh = self._layout.fresh_journal
        if fresh.exists() and file.samefile(fresh):
            raise UsageError(
                f"{file} is where a journal is made before it takes its place; move it elsewhere "
                "first."
            )

    def _require_place(self) -> None:
        if files_of(self._layout.journal) and not self.may_replace:
            raise UsageError(
                f"{self.home} has a journal already. Repeat with --replace to keep that under "
                "another name, and to put the backup in its place."
            )

    def _require_sound(self, file: Path) -> None:
        def check(backup: Journal) -> None:
            if backup.base != self.base:
                raise UsageError(
                    f"{file} names things under {backup.base}, not {self.base}; set COOPGRAPH_BASE "
                    "to the former."
                )
            problems = backup.verify()
            if problems:
                raise JournalError(
                    f"{file} is damaged: {told(problems)}. Nothing was changed; restore another "
                    "backup."
                )
            if not backup.last_sequence():
                raise NotPublished(f"{file} holds no commit.")

        look(file, check)

    def _place(self, file: Path) -> None:
        """Put the backup in the journal's place; to be called under the lock."""
        self._require_place()
        fresh = self._layout.fresh_journal
        try:
            _remove(fresh)
            former = self._layout.journal
            make_alike(fresh, former if former.exists() else file)
            copy_by_reading(file, fresh)
            _sync(fresh)
            self._swap(fresh)
        finally:
            _remove(fresh)
        if self._kept:
            self.tell(f"The journal that was there is kept as {self._kept}.")

    def _swap(self, fresh: Path) -> None:
        """Have the journal in a file be that of the state folder."""
        layout = self._layout
        clear_second_names(layout)  # else a journal would be kept by the moment of another
        has_former = bool(files_of(layout.journal))
        kept = self._free_name()
        with replacing(layout.journal, fresh, kept):
            drop_folder(layout.store)  # it may show commits that the backup does not hold
        sync_folder(layout.home)
        self._kept = kept if has_former else None

    def _free_name(self) -> Path:
        """Under which the former journal is kept."""
        moment = f"{self.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        names = (f"{moment}{f'-{n}' if n > 1 else ''}" for n in count(1))
        return next(path for path in map(self._layout.kept_journal, names) if not files_of(path))


def _remove(journal: Path) -> None:
    for file in files_of(journal):
        file.unlink()


def _sync(file: Path) -> None:
    with file.open("rb") as content:
        os.fsync(content.fileno())
