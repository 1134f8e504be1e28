"""What a snapshot holds beside what the journal leads to, quad for quad, in little memory.

Both sides become hashes of 64 bits, sorted into piles by their remainder, in files; then one pile
at a time is compared. A quad that is too many or too few goes unnoticed where another has its
hash: with a hundred million quads, once in a hundred thousand million times.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from coopgraph.crew import batched

_PILE = 250_000  # quads, which is some 30 MB of Python's sets
_KEPT = 1_024  # hashes of a pile that are written at once
_AT_ONCE = 20_000  # quads put into a store's own form
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Difference:
    """How many quads are held, and how many of them are too many, or missing."""

    held: int
    surplus: int
    missing: int


def compare(
    store: Store,
    replayed: Iterable[Iterable[Quad]],
    description: NamedNode,
    progress: Callable[[int], None],
) -> Difference:
    """Compare a store with the quads that it is to hold, in parts, which may come several times.

    The graph ``description`` follows from no record: it is taken as it is, and has to be in the
    merge. ``progress`` is told how many quads more have been looked at. Raises what pyoxigraph
    raises (OSError, RuntimeError) where the store cannot be read.
    """
    number = len(store) // _PILE + 1
    told = ([quad, _in_merge(quad)] for quad in _graph(store, description))
    with TemporaryDirectory(prefix="coopgraph-") as folder:
        held = _Piles(Path(folder, "held"), number)
        for quads in batched(store, _AT_ONCE):
            held.add(quads)
            progress(len(quads))
        expected = _Piles(Path(folder, "expected"), number)
        for quads in batched(chain.from_iterable(chain(told, replayed)), _AT_ONCE):
            expected.add(_as_stored(quads))
            progress(len(quads))
        return _difference(held, expected)


def _difference(held: _Piles, expected: _Piles) -> Difference:
    total = surplus = missing = 0
    for one, other in zip(held, expected, strict=True):
        total += len(one)
        surplus += len(one - other)
        missing += len(other - one)
    return Difference(total, surplus, missing)


class _Piles:
    """Hashes of quads in files, which are made as they are needed."""

    def __init__(self, stem: Path, number: int) -> None:
        self._stem = stem
        self._fresh = [array("Q") for _ in range(number)]

    def add(self, quads: Iterable[Quad]) -> None:
        """Sort quads in."""
        number = len(self._fresh)
        for quad in quads:
            value = hash(str(quad)) & _MASK
            place = value % number
            self._fresh[place].append(value)
            if len(self._fresh[place]) >= _KEPT:
                self._write(place)

    def __iter__(self) -> Iterator[set[int]]:
        """One pile after the other, each hash once."""
        for place in range(len(self._fresh)):
            self._write(place)
            pile = array("Q")
            pile.frombytes(self._file(place).read_bytes())
            yield set(pile)

    def _write(self, place: int) -> None:
        with self._file(place).open("ab") as output:
            self._fresh[place].tofile(output)
        self._fresh[place] = array("Q")

    def _file(self, place: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{place}")


def _as_stored(quads: Iterable[Quad]) -> Store:
    """Quads as a store gives them back: it writes numbers its own way."""
    store = Store()
    store.bulk_extend(quads)
    return store


def _graph(store: Store, name: NamedNode) -> Iterator[Quad]:
    return store.quads_for_pattern(None, None, None, name)


def _in_merge(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
