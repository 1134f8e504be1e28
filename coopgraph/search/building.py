"""Make an index, and keep it up.

In: entries, or what has become of some. Out: an index in a folder, and its stamp, which is taken
away before a change and written after it: an index that was cut short has none. One process at a
time may build (``publish`` holds the lock).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tantivy
from pyoxigraph import NamedNode

from coopgraph.errors import StoreError
from coopgraph.search.entries import Entry
from coopgraph.search.schema import ID, STAMP_NAME, Stamp, document, schema

_BULK_BYTES = 100_000_000  # held before a segment is written
_EDIT_BYTES = 15_000_000  # the least that tantivy takes


@contextmanager
def building(folder: Path, stamp: Stamp) -> Iterator[Callable[[Entry], None]]:
    """Make an index in a folder that is not there yet or empty, of the entries that it is given
    in the block. Raises StoreError.
    """
    with _translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        writer = tantivy.Index(schema(), path=str(folder)).writer(_BULK_BYTES, num_threads=1)

    def add(entry: Entry) -> None:
        with _translated(folder):
            writer.add_document(document(entry))

    yield add
    with _translated(folder):
        _finish(folder, writer, stamp)


def update(folder: Path, changed: Mapping[NamedNode, Entry | None], stamp: Stamp) -> None:
    """Put the entries of some organisations in the place of those they had; None takes away.

    Raises StoreError where the index is damaged.
    """
    with _translated(folder):
        (folder / STAMP_NAME).unlink(missing_ok=True)
        writer = tantivy.Index.open(str(folder)).writer(_EDIT_BYTES, num_threads=1)
        for organization, entry in changed.items():
            writer.delete_documents_by_term(ID, organization.value)
            if entry is not None:
                writer.add_document(document(entry))
        _finish(folder, writer, stamp)


def stamp_of(folder: Path) -> Stamp | None:
    """Of what the index in a folder is made; None where there is none, or half of one."""
    try:
        return Stamp.from_bytes((folder / STAMP_NAME).read_bytes())
    except (OSError, StoreError):
        return None


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """tantivy's errors as ours."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise StoreError(f"The text index in {folder} cannot be written: {error}") from error


def _finish(folder: Path, writer: tantivy.IndexWriter, stamp: Stamp) -> None:
    """Commit, let merges end, and only then stamp the index."""
    writer.commit()
    writer.wait_merging_threads()
    fresh = folder / f".{STAMP_NAME}"
    with fresh.open("wb") as output:
        output.write(stamp.to_bytes())
        output.flush()
        os.fsync(output.fileno())
    fresh.replace(folder / STAMP_NAME)
