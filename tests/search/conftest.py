"""Indexes to look in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from coopgraph.search import Entry, Index, Stamp, building, open_index

STAMP = Stamp(1, "digest")
Indexed = Callable[..., Index]


def named(name: str) -> NamedNode:
    """The IRI of an organisation of a test."""
    return NamedNode(f"https://coops.example/{name}")


def entry(name: str, *names: str, places: Iterable[str] = (), about: Iterable[str] = ()) -> Entry:
    """An entry; without other names its own is that of its IRI."""
    return Entry(named(name), names or (name,), tuple(places), tuple(about))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where this test's index is."""
    return tmp_path / "index"


@pytest.fixture
def indexed(folder: Path) -> Indexed:
    """``indexed(entry, …)`` → an open index of these entries."""

    def make(*entries: Entry) -> Index:
        with building(folder, STAMP) as add:
            for item in entries:
                add(item)
        index = open_index(folder)
        assert index is not None
        return index

    return make


def found(index: Index, text: str, limit: int = 10) -> list[str]:
    """The last part of the IRIs found, best first."""
    return [node.value.rpartition("/")[2] for node in index.search(text, limit)]
