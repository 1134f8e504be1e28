"""Snapshots: immutable copies of the store, made at each publish and served from.

A snapshot is a folder with ``store/`` and ``search/`` (hard links to the files of the store and
of the text index) and ``manifest.json``. ``current`` points at the one that is served; it is
swapped atomically.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pyoxigraph import Store

from coopgraph.errors import NotPublished, StoreError
from coopgraph.store.layout import Layout, sync_folder

_KEPT = 3
_STORE, _SEARCH = "store", "search"
# Files that never change once written: tables of the engine, segments of the text index.
_LASTING = frozenset(".sst .idx .pos .term .store .fast .fieldnorm .del".split())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds. ``files`` maps the name of each file of the store to (size in bytes,
    SHA-256), ``search`` those of the text index; older snapshots have none.
    """

    sequence: int
    published_at: str
    base: str
    standard_version: str
    standard_digest: str
    files: dict[str, tuple[int, str]]
    merged: dict[str, bool] = field(default_factory=dict)  # datasets, and whether merged
    search: dict[str, tuple[int, str]] = field(default_factory=dict)
    description: str = ""  # digest of what its self-description is made from
    gazetteer: str = ""  # digest of the towns by which organisations were placed
    chain: str = ""  # hash of the commit, which covers all before it; older snapshots have none

    @property
    def published(self) -> datetime:
        """When the commit it shows was made, with time zone."""
        return datetime.fromisoformat(self.published_at)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published state of the graph, open for reading."""

    manifest: Manifest
    store: Store
    folder: Path

    @property
    def search_folder(self) -> Path:
        """Where its text index is, if it has one."""
        return self.folder / _SEARCH

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
    lacking = lacking_file(folder, manifest)
    if lacking is not None:
        raise StoreError(f"{lacking} is missing or of another size; run “coopgraph rebuild”.")
    try:
        return Snapshot(manifest, Store.read_only(str(folder / _STORE)), folder)
    except (OSError, RuntimeError) as error:
        raise StoreError(f"{folder} cannot be opened: {error}") from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot's folder. Raises StoreError where it is not readable."""
    try:
        content = json.loads((folder / "manifest.json").read_text())
        files, search = (
            {name: (size, digest) for name, (size, digest) in files.items()}
            for files in (content.pop("files"), content.pop(_SEARCH, {}))
        )
        return Manifest(**content, files=files, search=search)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder} has no readable manifest: {error}") from error


def lacking_file(folder: Path, manifest: Manifest) -> Path | None:
    """The first file of a snapshot that is missing or of another size; None where all is there."""
    for path, size, _ in _listed(folder, manifest):
        if not path.is_file() or path.stat().st_size != size:
            return path
    return None


def damaged_files(folder: Path, manifest: Manifest) -> list[Path]:
    """The files of a snapshot whose content is not the one it was made with. All are read."""
    return [path for path, _, digest in _listed(folder, manifest) if _digest(path) != digest]


def make_snapshot(
    layout: Layout, store: Store, manifest: Manifest, search: Path | None = None
) -> None:
    """Copy the store and the text index in ``search`` by hard links, describe them, and swap
    ``current`` to the copy.

    ``manifest.files`` and ``manifest.search`` are filled in here: a file that the previous
    snapshot already holds keeps its hash.
    """
    target = layout.snapshot(manifest.sequence)
    building = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(building, ignore_errors=True)
    if target.exists():
        target = _next_free(target)
    building.mkdir(parents=True)
    store.backup(str(building / _STORE))
    if search is not None:
        _link(search, building / _SEARCH)
    old = _previous(layout.current)
    described = asdict(manifest) | {
        "files": _hashed(building / _STORE, layout.current / _STORE, old.files if old else {}),
        _SEARCH: _hashed(building / _SEARCH, layout.current / _SEARCH, old.search if old else {}),
    }
    content = json.dumps(described, indent=1, sort_keys=True)
    _write(building / "manifest.json", content.encode())
    sync_folder(building)
    building.rename(target)
    sync_folder(layout.snapshots)
    swap_current(layout, target)
    _remove_old(layout, target)


def swap_current(layout: Layout, target: Path) -> None:
    """Point ``current`` at a snapshot, atomically."""
    link = layout.fresh_current
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(layout.home))
    link.replace(layout.current)
    sync_folder(layout.home)


def current_sequence(layout: Layout) -> int:
    """The sequence of the current snapshot, or 0 where there is none that can be read."""
    found = _current(layout)
    return found.sequence if found else 0


def current_digest(layout: Layout) -> str:
    """The digest of the standard that the current snapshot was made with, "" where there is none.

    The store is not opened: a process that has opened one cannot be forked safely.
    """
    found = _current(layout)
    return found.standard_digest if found else ""


def _current(layout: Layout) -> Manifest | None:
    try:
        return read_manifest(layout.current.resolve(strict=True))
    except (OSError, StoreError):
        return None


def _next_free(target: Path) -> Path:
    """A name for a second snapshot of one sequence (a rebuild changes no sequence)."""
    number = 1
    while (candidate := target.with_name(f"{target.name}.{number}")).exists():
        number += 1
    return candidate


def _previous(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except StoreError:
        return None


def _listed(folder: Path, manifest: Manifest) -> Iterator[tuple[Path, int, str]]:
    """The files that a manifest names, their sizes in bytes, and their SHA-256."""
    for name, files in ((_STORE, manifest.files), (_SEARCH, manifest.search)):
        for file, (size, digest) in files.items():
            yield folder / name / file, size, digest


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _link(folder: Path, target: Path) -> None:
    """A folder that holds what another does: lasting files linked, others copied. Names that
    begin with a dot are the other's own.
    """
    target.mkdir()
    for path in folder.glob("[!.]*"):
        if path.suffix in _LASTING:
            os.link(path, target / path.name)
        else:
            _write(target / path.name, path.read_bytes())
    sync_folder(target)


def _write(path: Path, content: bytes) -> None:
    """Write a file that survives a power cut."""
    with path.open("wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())


def _is_link(path: Path, other: Path) -> bool:
    """Whether two names are of one unchanging file; a rebuilt store repeats names."""
    return path.suffix in _LASTING and other.exists() and path.samefile(other)


def _hashed(
    folder: Path, previous: Path, known: Mapping[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Sizes and hashes of the files in a folder; those linked to the previous are known. The
    others are made to survive a power cut, as the names are.
    """
    files = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        size = path.stat().st_size
        old = known.get(path.name)
        if old is not None and _is_link(path, previous / path.name):
            files[path.name] = old
        else:
            with path.open("rb") as source:
                files[path.name] = (size, hashlib.file_digest(source, "sha256").hexdigest())
                os.fsync(source.fileno())
    if files:
        sync_folder(folder)
    return files


def _remove_old(layout: Layout, current: Path) -> None:
    """Keep the last few, for readers that still finish requests on them."""
    folders = [path for path in layout.snapshots.iterdir() if path != current]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
