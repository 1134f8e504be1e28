"""The embedded store: edits, its sequence number, and what a killed writer leaves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from coopgraph.errors import StoreError
from coopgraph.namespaces import STANDARD, catalogue_graph, iri
from coopgraph.store import EmbeddedStore, Loading, quads_of, replace_folder, scratch_folder

A, B, P = (NamedNode(f"http://example.org/{name}") for name in "abp")
ONE, TWO = NamedNode("http://example.org/graph/1"), NamedNode("http://example.org/graph/2")
MERGE = DefaultGraph()


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedStore:
    return EmbeddedStore.open(tmp_path / "store", STANDARD)


def test_a_new_store_shows_no_commit(store: EmbeddedStore) -> None:
    assert store.sequence() == 0
    assert len(store.store) == 0


def test_the_sequence_is_one_number_that_queries_see(store: EmbeddedStore) -> None:
    for number in (1, 2, 10):
        store.set_sequence(number)
        assert store.sequence() == number
    catalogue = catalogue_graph(STANDARD)
    quads = {(q.object.value, q.graph_name) for q in store.store if isinstance(q.object, Literal)}
    assert quads == {("10", catalogue), ("10", MERGE)}
    assert all(quad.predicate == iri("coop:sequence") for quad in store.store)


def test_a_store_is_the_same_when_it_is_opened_again(tmp_path: Path, store: EmbeddedStore) -> None:
    store.apply([], [Quad(A, P, B, ONE)])
    store.set_sequence(3)
    folder = tmp_path / "store"
    del store.store
    again = EmbeddedStore.open(folder, STANDARD)
    assert again.sequence() == 3
    assert again.graph(ONE) == {Quad(A, P, B, ONE)}


def test_edits_may_be_applied_twice(store: EmbeddedStore) -> None:
    store.apply([], [Quad(A, P, A, ONE), Quad(A, P, B, ONE)])
    for _ in range(2):
        store.apply([Quad(A, P, A, ONE)], [Quad(B, P, A, ONE)])
        assert store.graph(ONE) == {Quad(A, P, B, ONE), Quad(B, P, A, ONE)}


def test_graphs_that_assert_a_triple_are_found(store: EmbeddedStore) -> None:
    store.apply([], [Quad(A, P, B, ONE), Quad(A, P, B, TWO), Quad(A, P, B), Quad(A, P, A, ONE)])
    assert store.asserting(Quad(A, P, B)) == {ONE, TWO}
    assert store.asserting(Quad(A, P, A)) == {ONE}
    assert store.asserting(Quad(B, P, A)) == set()


def test_lines_become_quads_of_a_graph() -> None:
    lines = [f'{A} {P} "x\\ny"@en .', f"{A} {P} {B} ."]
    expected = {Quad(A, P, Literal("x\ny", language="en"), ONE), Quad(A, P, B, ONE)}
    assert set(quads_of(lines, ONE)) == expected
    assert list(quads_of([], MERGE)) == []


@pytest.mark.parametrize("files", [0, 1, 2, 7])
def test_files_are_loaded_and_removed(files: int, store: EmbeddedStore, tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "bulk") as folder:
        with Loading(store) as loading:
            for number in range(files):
                lines = [f'{A} {P} "{n} é" {ONE if n % 2 else ""} .' for n in range(number, 6)]
                file = folder / f"{number}.nq"
                file.write_text("\n".join(lines))
                loading.add(file)
        assert list(folder.iterdir()) == []
    assert not folder.exists()
    assert len(store.store) == (6 if files else 0)
    assert len(store.graph(ONE)) == (3 if files else 0)


def test_a_file_that_cannot_be_loaded_is_told(store: EmbeddedStore, tmp_path: Path) -> None:
    file = tmp_path / "1.nq"
    file.write_text("nonsense")
    with pytest.raises(SyntaxError), Loading(store) as loading:
        loading.add(file)


def test_a_scratch_folder_begins_empty(tmp_path: Path) -> None:
    (tmp_path / "bulk").mkdir()
    (tmp_path / "bulk" / "left.nq").touch()
    with scratch_folder(tmp_path / "bulk") as folder:
        assert list(folder.iterdir()) == []


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path, store: EmbeddedStore) -> None:
    folder = tmp_path / "store"
    del store.store
    for name in ("bulk-1.sst", "x.tmp"):
        (folder / name).write_bytes(b"rest")
    EmbeddedStore.open(folder, STANDARD)
    assert not (folder / "bulk-1.sst").exists()
    assert not (folder / "x.tmp").exists()


def test_a_store_that_is_open_elsewhere_or_damaged_is_a_store_error(
    tmp_path: Path, store: EmbeddedStore
) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore.open(tmp_path / "store", STANDARD)
    del store.store
    (tmp_path / "store" / "CURRENT").write_text("nonsense")
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore.open(tmp_path / "store", STANDARD)


def test_a_store_built_beside_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old, fresh = tmp_path / "store", tmp_path / "store.new"
    for round_number in (1, 2):
        built = EmbeddedStore.open(fresh, STANDARD)
        built.set_sequence(round_number)
        del built
        shutil.copytree(fresh, tmp_path / "store.old", dirs_exist_ok=True)  # a leftover
        replace_folder(fresh, old)
        assert EmbeddedStore.open(old, STANDARD).sequence() == round_number
        assert not fresh.exists()
        assert not (tmp_path / "store.old").exists()
