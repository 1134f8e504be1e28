"""The state folder: where each file lives (architecture, “Journal, store, snapshot”)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below ``COOPGRAPH_HOME``."""

    home: Path

    @property
    def journal(self) -> Path:
        """The truth: back this up."""
        return self.home / "journal.sqlite"

    @property
    def fresh_journal(self) -> Path:
        """A journal on its way into the place of the old one."""
        return self.home / "journal.tmp"

    def kept_journal(self, name: str) -> Path:
        """A journal that another took the place of."""
        return self.home / f"journal-{name}.sqlite"

    @property
    def lock(self) -> Path:
        """Held by whoever publishes."""
        return self.home / "publish.lock"

    @property
    def store(self) -> Path:
        """The read-write triple store."""
        return self.home / "store"

    @property
    def fresh_store(self) -> Path:
        """A store being built beside the old one."""
        return self.home / "store.new"

    @property
    def bulk(self) -> Path:
        """Quads on their way into a fresh store."""
        return self.home / "bulk.tmp"

    @property
    def search(self) -> Path:
        """The text index that is edited."""
        return self.home / "search"

    @property
    def fresh_search(self) -> Path:
        """A text index being built beside the old one."""
        return self.home / "search.new"

    @property
    def snapshots(self) -> Path:
        """Immutable copies, one folder for each published sequence."""
        return self.home / "snapshots"

    @property
    def current(self) -> Path:
        """Symbolic link to the snapshot that is served."""
        return self.home / "current"

    @property
    def fresh_current(self) -> Path:
        """The link on its way into the place of ``current``."""
        return self.home / "current.tmp"

    def snapshot(self, sequence: int) -> Path:
        """The folder of one snapshot."""
        return self.snapshots / f"{sequence:06d}"

    def is_own(self, path: Path) -> bool:
        """Whether a path is, or lies in, something that coopgraph writes here: the files above,
        and what is beside them while they are made.
        """
        home, place = self.home.resolve(), path.parent.resolve() / path.name
        if home not in place.parents:
            return False
        own = self.journal, self.lock, self.store, self.bulk, self.search, self.snapshots
        names = {path.stem for path in (*own, self.current)}
        return place.relative_to(home).parts[0].partition(".")[0] in names

    def create(self) -> None:
        """Make the folders."""
        self.snapshots.mkdir(parents=True, exist_ok=True)


def make_alike(path: Path, other: Path) -> None:
    """Make a new and empty file with the mode of ``other``, before anything is written into it; its
    owner may read and write it in any case. Raises FileExistsError.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.chmod(other.stat().st_mode & 0o777 | 0o600)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
