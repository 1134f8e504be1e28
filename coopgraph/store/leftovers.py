"""What writers that were killed leave in a state folder; it takes room and is of no use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from coopgraph.store.layout import Layout

_BESIDE = ("new", "old")  # on its way to its place, and out of it


def leftovers(layout: Layout) -> list[Path]:
    """Files and folders that nobody needs while nobody publishes, by name."""
    return sorted({*_beside(layout), *_within(layout), *_second_names(layout)})


def clear_leftovers(layout: Layout) -> None:
    """Remove them; to be called under the publishing lock."""
    for path in leftovers(layout):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def clear_second_names(layout: Layout) -> None:
    """Remove names under which the journal is not kept, for it is the same file; a restoring that
    was killed left them. To be called under the publishing lock.
    """
    for path in _second_names(layout):
        path.unlink()


def _beside(layout: Layout) -> Iterator[Path]:
    """What was to take the place of a file or folder, or had to make room."""
    yield from layout.home.glob(f"{layout.fresh_journal.name}*")  # with what SQLite keeps beside it
    made = [f"{path.name}.{ending}" for path in (layout.store, layout.search) for ending in _BESIDE]
    for path in (*map(layout.home.joinpath, made), layout.fresh_current, layout.bulk):
        if os.path.lexists(path):
            yield path


def _within(layout: Layout) -> Iterator[Path]:
    yield from layout.snapshots.glob("*.tmp")
    yield from layout.store.glob("bulk-*.sst")
    yield from layout.store.glob("*.tmp")


def _second_names(layout: Layout) -> Iterator[Path]:
    """The journal by the name that it would have had, had another taken its place."""
    for path in sorted(layout.home.glob(layout.kept_journal("*").name)):
        if path.is_symlink():
            continue  # somebody's own
        if layout.journal.exists() and path.samefile(layout.journal):
            yield path
