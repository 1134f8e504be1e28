"""Snapshots: immutable copies of the store, made at each publish and served from.

A snapshot is a folder with ``store/`` (hard links to the store's files) and ``manifest.json``.
``current`` points at the one that is served; it is swapped atomically.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pyoxigraph import Store

from coopgraph.errors import NotPublished, StoreError
from coopgraph.store.layout import Layout, sync_folder

_KEPT = 3


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds. ``files`` maps each file's name to (size in bytes, SHA-256)."""

    sequence: int
    published_at: str
    base: str
    standard_version: str
    standard_digest: str
    files: dict[str, tuple[int, str]]
    merged: dict[str, bool] = field(default_factory=dict)  # datasets, and whether merged

    @property
    def published(self) -> datetime:
        """When the commit it shows was made, with time zone."""
        return datetime.fromisoformat(self.published_at)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published state of the graph, open for reading."""

    manifest: Manifest
    store: Store

    @property
    def sequence(self) -> int:
        """Number of the last commit it shows."""
        return self.manifest.sequence

    @property
    def base(self) -> str:
        """What names of things begin with."""
        return self.manifest.base


class Snapshots:
    """Gives the current snapshot; notices a new one at the next call. Safe among threads."""

    def __init__(self, home: Path) -> None:
        self._layout = Layout(home)
        self._lock = threading.Lock()
        self._name = ""
        self._snapshot: Snapshot | None = None

    def current(self) -> Snapshot:
        """The snapshot that ``current`` names. Raises NotPublished where there is none."""
        try:
            name = os.readlink(self._layout.current)
        except OSError:
            raise NotPublished(
                f"Nothing is published in {self._layout.home} yet; “coopgraph load” publishes."
            ) from None
        snapshot = self._snapshot
        if snapshot is None or name != self._name:
            with self._lock:
                if self._snapshot is None or name != self._name:
                    self._snapshot = open_snapshot(self._layout.home / name)
                    self._name = name
                snapshot = self._snapshot
        return snapshot


def open_snapshot(folder: Path) -> Snapshot:
    """Open a snapshot's folder for reading, after a check of its files' names and sizes."""
    manifest = read_manifest(folder)
    for name, (size, _) in manifest.files.items():
        path = folder / "store" / name
        if not path.is_file() or path.stat().st_size != size:
            raise StoreError(f"{path} is missing or of another size; run “coopgraph rebuild”.")
    try:
        return Snapshot(manifest, Store.read_only(str(folder / "store")))
    except (OSError, RuntimeError) as error:
        raise StoreError(f"{folder} cannot be opened: {error}") from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot's folder. Raises StoreError where it is not readable."""
    try:
        content = json.loads((folder / "manifest.json").read_text())
        files = {name: (size, digest) for name, (size, digest) in content.pop("files").items()}
        return Manifest(**content, files=files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder} has no readable manifest: {error}") from error


def make_snapshot(layout: Layout, store: Store, manifest: Manifest) -> None:
    """Copy the store by hard links, describe it, and swap ``current`` to it.

    ``manifest.files`` is filled in here: a file that the previous snapshot already holds keeps
    its hash (the engine's files never change once written, but for its log).
    """
    target = layout.snapshot(manifest.sequence)
    building = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(building, ignore_errors=True)
    if target.exists():
        target = _next_free(target)
    building.mkdir(parents=True)
    store.backup(str(building / "store"))
    files = _hashed(building / "store", layout.current)
    described = asdict(manifest) | {"files": files}
    with (building / "manifest.json").open("w") as output:
        json.dump(described, output, indent=1, sort_keys=True)
        output.flush()
        os.fsync(output.fileno())
    sync_folder(building)
    building.rename(target)
    sync_folder(layout.snapshots)
    swap_current(layout, target)
    _remove_old(layout, target)


def swap_current(layout: Layout, target: Path) -> None:
    """Point ``current`` at a snapshot, atomically."""
    link = layout.home / "current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(layout.home))
    link.replace(layout.current)
    sync_folder(layout.home)


def current_sequence(layout: Layout) -> int:
    """The sequence of the current snapshot, or 0 where there is none that can be read."""
    try:
        return read_manifest(layout.current.resolve(strict=True)).sequence
    except (OSError, StoreError):
        return 0


def _next_free(target: Path) -> Path:
    """A name for a second snapshot of one sequence (a rebuild changes no sequence)."""
    number = 1
    while (candidate := target.with_name(f"{target.name}.{number}")).exists():
        number += 1
    return candidate


def _previous_files(previous: Path) -> dict[str, tuple[int, str]]:
    try:
        return read_manifest(previous).files
    except StoreError:
        return {}


def _is_link(path: Path, other: Path) -> bool:
    """Whether two names are of one unchanging file; a rebuilt store repeats names."""
    return path.suffix == ".sst" and other.exists() and path.samefile(other)


def _hashed(folder: Path, previous: Path) -> dict[str, tuple[int, str]]:
    """Sizes and hashes of the files in a folder; those linked to the previous are known."""
    known = _previous_files(previous)
    files = {}
    for path in sorted(folder.iterdir()):
        size = path.stat().st_size
        old = known.get(path.name)
        if old is not None and _is_link(path, previous / "store" / path.name):
            files[path.name] = old
        else:
            with path.open("rb") as source:
                files[path.name] = (size, hashlib.file_digest(source, "sha256").hexdigest())
    return files


def _remove_old(layout: Layout, current: Path) -> None:
    """Keep the last few, for readers that still finish requests on them."""
    folders = [path for path in layout.snapshots.iterdir() if path != current]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
