"""Small datasets to publish, and ways to look at what was published."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from coopgraph.journal import Journal
from coopgraph.namespaces import STANDARD, dataset_graph, iri, organization_iri
from coopgraph.publish import Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
DESCRIPTOR = """\
title: Made-up list
description: For one test.
publisher: {{name: Nobody}}
licence: {licence}
tables:
  organisations: {{file: organisations*.csv, key: id}}
  shops: {{file: shops*.csv, entity: Site, key: shop, parent: owner}}
  figures: {{file: figures*.csv, entity: Observation, key: [owner, year], parent: owner,
            columns: {{year: year}}, each: [{{measure: {{value: members}}, value: members}}]}}
"""
HEADERS = {
    "organisations": "id,name,kind,member_of,homepage,street",
    "shops": "shop,owner,site_name",
    "figures": "owner,year,members",
}

Dataset = Callable[..., Path]
Rebuilt = Callable[[Path], set[Quad]]


class Published:
    """What the current snapshot of a state folder holds."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def quads(self) -> set[Quad]:
        return set(Snapshots(self.home).current().store)

    def id(self, dataset: str, key: str) -> str:
        journal = Journal.open(Layout(self.home).journal)
        found = journal.organization_of(dataset, key)
        journal.close()
        assert found is not None, f"{dataset}/{key} has no organisation"
        return found

    def iri(self, dataset: str, key: str) -> NamedNode:
        return organization_iri(STANDARD, self.id(dataset, key))

    def graph(self, dataset: str | None) -> set[Quad]:
        """The quads of a dataset's graph, or of the merge."""
        name = DefaultGraph() if dataset is None else dataset_graph(STANDARD, dataset)
        store = Snapshots(self.home).current().store
        return set(store.quads_for_pattern(None, None, None, name))

    def values(self, subject: NamedNode, path: str, dataset: str | None = None) -> set[str]:
        """What a node has for a property in a dataset's graph, or in the merge."""
        name = DefaultGraph() if dataset is None else dataset_graph(STANDARD, dataset)
        store = Snapshots(self.home).current().store
        found = (q.object for q in store.quads_for_pattern(subject, iri(path), None, name))
        return {term.value for term in found if isinstance(term, NamedNode | Literal)}

    def about(self, subject: NamedNode) -> set[Quad]:
        """Every quad, in any graph, in which a thing or a fragment of it stands."""

        def is_it(term: object) -> bool:
            return isinstance(term, NamedNode) and term.value.partition("#")[0] == subject.value

        return {quad for quad in self.quads() if is_it(quad.subject) or is_it(quad.object)}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """``dataset("list", ["1,A,mutual"], shops=[…])`` → its folder; rows may be cut short."""

    def write(
        name: str, organisations: Iterable[str], *, licence: str = CC0, extra: str = "",
        edition: str = "", **tables: Iterable[str],
    ) -> Path:  # fmt: skip
        folder = tmp_path / "datasets" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = DESCRIPTOR.format(licence=licence or "unstated") + extra
        (folder / "dataset.yaml").write_text(text, encoding="utf-8")
        for table, rows in {"organisations": organisations, **tables}.items():
            lines = [HEADERS[table], *rows]
            (folder / f"{table}{edition}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        return folder

    return write


@pytest.fixture
def published(settings: Settings) -> Published:
    """What this test published."""
    return Published(settings.home)


@pytest.fixture
def rebuilt(tmp_path: Path, light: Standard) -> Rebuilt:
    """``rebuilt(home)`` → the quads of a store built afresh from a state folder's journal."""

    def rebuild(home: Path) -> set[Quad]:
        other = tmp_path / "rebuilt"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        for path in home.glob("journal.sqlite*"):
            shutil.copy(path, other)
        Publisher(Settings(home=other), light).rebuild()
        return Published(other).quads()

    return rebuild
