"""The embedded triple store: Oxigraph in a folder, written by one process at a time.

The store is derived from the journal. It carries the sequence number of the last commit it
shows as a triple, written last, so a store that fell behind or was cut short is noticed and
mended (``publish``). An edit takes the number away first, for a half-edited store cannot tell
what it still lacks.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from coopgraph.errors import StoreError
from coopgraph.namespaces import catalogue_graph, iri
from coopgraph.store.layout import sync_folder

_SEQUENCE = iri("coop:sequence")
_INTEGER = iri("xsd:integer")
_LOADING = 2  # files at once: a load keeps little more than one core busy


class EmbeddedStore:
    """An open read-write store."""

    def __init__(self, store: Store, base: str) -> None:
        self.store = store
        self._catalogue = catalogue_graph(base)

    @classmethod
    def open(cls, folder: Path, base: str) -> EmbeddedStore:
        """Open or make the store in a folder, clearing what a killed writer left."""
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in (*folder.glob("bulk-*.sst"), *folder.glob("*.tmp")):
            leftover.unlink(missing_ok=True)
        try:
            return cls(Store(str(folder)), base)
        except (OSError, RuntimeError) as error:  # the latter for damaged files
            raise StoreError(f"The store in {folder} cannot be opened: {error}") from error

    def sequence(self) -> int:
        """The last commit the store shows whole; 0 for an empty store."""
        quads = self.store.quads_for_pattern(self._catalogue, _SEQUENCE, None, self._catalogue)
        return max((int(_literal(quad)) for quad in quads), default=0)

    def set_sequence(self, sequence: int) -> None:
        """Say that every commit up to ``sequence`` is shown; written after its quads."""
        for new in sequence_quads(self._catalogue, sequence):
            held = self.store.quads_for_pattern(new.subject, new.predicate, None, new.graph_name)
            old = list(held)
            self.store.add(new)
            for quad in old:
                if quad != new:
                    self.store.remove(quad)
        self.store.flush()

    def forget_sequence(self) -> None:
        """Say that the store shows nothing for sure, until ``set_sequence``.

        An edit that is cut short is then not taken for done: the store is built anew.
        """
        for graph in (self._catalogue, DefaultGraph()):
            for quad in list(self.store.quads_for_pattern(self._catalogue, _SEQUENCE, None, graph)):
                self.store.remove(quad)
        self.store.flush()

    def apply(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Take quads out and put quads in."""
        for quad in removed:
            self.store.remove(quad)
        self.store.extend(added)

    def asserting(self, quad: Quad) -> set[NamedNode]:
        """The named graphs that hold the triple of ``quad``."""
        found = self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return {q.graph_name for q in found if isinstance(q.graph_name, NamedNode)}

    def graph(self, graph_name: NamedNode) -> set[Quad]:
        """The quads of one named graph."""
        return set(self.store.quads_for_pattern(None, None, None, graph_name))


def sequence_quads(catalogue: NamedNode, sequence: int) -> list[Quad]:
    """How a store says which commit it shows: in the graph of the catalogue, and in the merge."""
    number = Literal(str(sequence), datatype=_INTEGER)
    return [Quad(catalogue, _SEQUENCE, number, graph) for graph in (catalogue, DefaultGraph())]


def shown_sequence(folder: Path, base: str) -> int:
    """The last commit that the store in a folder shows, which is only read; nobody may write it.

    Raises StoreError where it cannot be read.
    """
    try:
        return EmbeddedStore(Store.read_only(str(folder)), base).sequence()
    except (OSError, RuntimeError) as error:
        raise StoreError(f"The store in {folder} cannot be read: {error}") from error


class Loading:
    """Loads files of N-Quads into a store, several at once; each is removed when it is loaded.

    The block ends when all are loaded. What pyoxigraph raises for one that cannot be (SyntaxError,
    OSError, RuntimeError) is raised by a later call, or at the end.
    """

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store.store
        self._threads = ThreadPoolExecutor(_LOADING)
        self._under_way: deque[Future[None]] = deque()

    def add(self, file: Path) -> None:
        """Load a file; waits where as many are under way as may be."""
        if len(self._under_way) >= _LOADING:
            self._under_way.popleft().result()
        self._under_way.append(self._threads.submit(self._load, file))

    def __enter__(self) -> Loading:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()
        for loaded in self._under_way:
            loaded.result()

    def _load(self, file: Path) -> None:
        # Not checked again: what we wrote was checked when it was read.
        self._store.bulk_load(path=str(file), format=RdfFormat.N_QUADS, lenient=True)
        file.unlink()


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """An empty folder for the time of a block."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quads_of(lines: Iterable[str], graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    """N-Triples lines as quads of a graph."""
    for quad in parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def drop_folder(folder: Path) -> None:
    """Remove a store, or an index; one that is cut short is not there either."""
    old = _old(folder)
    if folder.exists():
        folder.rename(old)
        sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def replace_folder(fresh: Path, folder: Path) -> None:
    """Put a store that was built beside the old one in its place."""
    old = _old(folder)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _old(folder: Path) -> Path:
    """A name that is free, for a folder that is about to be removed."""
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    return old


def _literal(quad: Quad) -> str:
    assert isinstance(quad.object, Literal)
    return quad.object.value
