"""Faults to plant in a publisher: if the harness does not catch these, it catches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coopgraph.journal import Commit
from coopgraph.publish import derive
from coopgraph.store import EmbeddedStore, Layout
from coopgraph.store.snapshots import swap_current
from coopgraph.upkeep import restore


def _acknowledge_too_early() -> None:
    """A commit is acknowledged whose last transaction is still open."""
    finish = Commit.finish

    class _Lazy:
        """A connection that does not commit when a block ends."""

        def __init__(self, db: Any) -> None:
            self._db = db

        def __getattr__(self, name: str) -> Any:
            return getattr(self._db, name)

        def __enter__(self) -> None: ...

        def __exit__(self, *error: object) -> None: ...

    def lazy(self: Commit, **named: Any) -> int:
        self._db = _Lazy(self._db)  # type: ignore[assignment]
        return finish(self, **named)

    Commit.finish = lazy  # type: ignore[method-assign]


def _number_before_edits() -> None:
    """The store says that it shows a commit before it does."""
    apply, forget = derive.Derivation._apply, EmbeddedStore.forget_sequence

    def early(self: derive.Derivation, store: EmbeddedStore, sequence: int) -> None:
        store.set_sequence(sequence)
        EmbeddedStore.forget_sequence = lambda _: None  # type: ignore[method-assign]
        apply(self, store, sequence)
        EmbeddedStore.forget_sequence = forget  # type: ignore[method-assign]

    derive.Derivation._apply = early  # type: ignore[method-assign]


def _swap_before_copy() -> None:
    """``current`` points at a snapshot that is still being made."""
    make = derive.make_snapshot

    def early(layout: Layout, *rest: Any) -> None:
        target: Path = layout.snapshot(rest[1].sequence)
        if not target.exists():
            target.mkdir()
            swap_current(layout, target)
            target.rmdir()
        make(layout, *rest)

    derive.make_snapshot = early  # type: ignore[attr-defined]


def _forgotten_half() -> None:
    """A removal leaves its quads in the store."""
    apply = EmbeddedStore.apply

    def adding(self: EmbeddedStore, removed: Any, added: Any) -> None:
        apply(self, [], added)

    EmbeddedStore.apply = adding  # type: ignore[method-assign]


def _gap_between_journals() -> None:
    """The old journal loses its name before the new one has got it."""

    @contextmanager
    def gaping(path: Path, fresh: Path, kept: Path) -> Iterator[None]:
        path.rename(kept)
        yield
        fresh.rename(path)

    restore.replacing = gaping  # type: ignore[attr-defined]


FAULTS: Mapping[str, Callable[[], None]] = {
    "acknowledge too early": _acknowledge_too_early,
    "number before edits": _number_before_edits,
    "swap before copy": _swap_before_copy,
    "forgotten half": _forgotten_half,
    "gap between journals": _gap_between_journals,
}
# What is done again and again to hit upon a fault; everything, for most.
FAULTY_KINDS: Mapping[str, tuple[str, ...]] = {"gap between journals": ("backup", "restore")}
