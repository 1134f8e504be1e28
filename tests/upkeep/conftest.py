"""Folders as they are, and what is published in them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.namespaces import STANDARD
from coopgraph.store import Snapshots
from coopgraph.upkeep import Restored, Restoring, back_up

Drill = tuple[int, str]
Restore = Callable[..., Restored]


def contents(folder: Path) -> dict[str, str | bytes]:
    """Every file below a folder with its content, and where links lead."""
    return {
        str(path.relative_to(folder)): (
            str(path.readlink()) if path.is_symlink() else path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }


def drill(home: Path) -> Drill:
    """How many quads are served, and the SHA-256 of them as sorted N-Quads."""
    lines = sorted(f"{quad} ." for quad in Snapshots(home).current().store)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def tear(journal: Path) -> None:
    """Spoil the states of a journal, as a bad block does."""
    with closing(sqlite3.connect(journal)) as db, db:
        db.execute("UPDATE states SET content = zeroblob(9) WHERE key = 'F01'")


@pytest.fixture
def backup_file(sample_home: Path, tmp_path: Path) -> Path:
    """A backup of the sample as it is before the test changes it."""
    return back_up(sample_home, tmp_path / "backup.sqlite").file


@pytest.fixture
def restore(publisher, settings) -> Restore:
    """``restore(file, into=home)`` → what came of it."""

    def run(file: Path, *, may_replace: bool = False, **options: object) -> Restored:
        now = datetime(2026, 11, 30, 20, 15, 7, tzinfo=UTC)
        restoring = Restoring(settings.home, STANDARD, now, may_replace, **options)
        return restoring.run(file, publisher())

    return run
