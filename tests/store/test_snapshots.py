"""Snapshots: immutable, described truly, swapped at once, and noticed by readers."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from coopgraph.errors import NotPublished, StoreError
from coopgraph.namespaces import STANDARD
from coopgraph.store import (
    Layout,
    Manifest,
    Snapshots,
    current_sequence,
    make_snapshot,
    open_snapshot,
    read_manifest,
)

P = NamedNode("http://example.org/p")


def manifest(sequence: int) -> Manifest:
    return Manifest(sequence, "2024-01-01T00:00:00+00:00", STANDARD, "1", "d", {}, {"a": True})


def quad(number: int) -> Quad:
    return Quad(NamedNode(f"http://example.org/{number}"), P, P)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "home")
    layout.create()
    return layout


@pytest.fixture
def store(layout: Layout) -> Store:
    return Store(str(layout.store))


def publish(layout: Layout, store: Store, sequence: int) -> None:
    store.add(quad(sequence))
    make_snapshot(layout, store, manifest(sequence))


def assert_described_truly(folder: Path) -> None:
    files = read_manifest(folder).files
    assert set(files) == {path.name for path in (folder / "store").iterdir()}
    for name, (size, digest) in files.items():
        content = (folder / "store" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest), name


def test_nothing_is_published_at_first(layout: Layout) -> None:
    assert current_sequence(layout) == 0
    with pytest.raises(NotPublished):
        Snapshots(layout.home).current()
    with pytest.raises(NotPublished):
        Snapshots(layout.home / "nowhere").current()


def test_a_snapshot_is_served(layout: Layout, store: Store) -> None:
    publish(layout, store, 7)
    snapshot = Snapshots(layout.home).current()
    assert (snapshot.sequence, snapshot.base) == (7, STANDARD)
    assert snapshot.manifest.merged == {"a": True}
    assert snapshot.manifest.published.isoformat() == "2024-01-01T00:00:00+00:00"
    assert set(snapshot.store) == {quad(7)}
    assert current_sequence(layout) == 7
    assert os.readlink(layout.current) == "snapshots/000007"


def test_a_snapshot_does_not_change(layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    snapshot = Snapshots(layout.home).current()
    store.add(quad(2))
    store.remove(quad(1))
    store.flush()
    store.optimize()
    assert set(snapshot.store) == {quad(1)}
    assert set(open_snapshot(layout.snapshot(1)).store) == {quad(1)}
    with pytest.raises(RuntimeError, match="read-write"):
        snapshot.store.add(quad(3))


def test_readers_notice_a_new_snapshot_and_keep_the_old_one(layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    snapshots = Snapshots(layout.home)
    old = snapshots.current()
    assert snapshots.current() is old
    publish(layout, store, 2)
    assert snapshots.current().sequence == 2
    assert set(snapshots.current().store) == {quad(1), quad(2)}
    assert set(old.store) == {quad(1)}


def test_threads_share_one_open_snapshot(layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    snapshots = Snapshots(layout.home)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: snapshots.current(), range(32)))
    assert len({id(snapshot) for snapshot in found}) == 1


def test_the_manifest_tells_names_sizes_and_hashes(layout: Layout, store: Store) -> None:
    for sequence in (1, 2, 3):
        publish(layout, store, sequence)
        assert_described_truly(layout.snapshot(sequence))


def test_hashes_are_true_for_files_of_another_store(layout: Layout, store: Store) -> None:
    """A rebuilt store has files of the same names and sizes with other content."""
    publish(layout, store, 1)
    path = layout.snapshot(1) / "manifest.json"
    content = json.loads(path.read_text())
    for name in content["files"]:
        content["files"][name][1] = "0" * 64
    path.write_text(json.dumps(content))
    shutil.copytree(layout.store, layout.fresh_store)
    (layout.fresh_store / "LOCK").unlink(missing_ok=True)
    make_snapshot(layout, Store(str(layout.fresh_store)), manifest(2))
    assert_described_truly(layout.snapshot(2))


def test_files_of_the_store_are_linked_and_not_copied(layout: Layout, store: Store) -> None:
    store.flush()
    publish(layout, store, 1)
    publish(layout, store, 2)
    tables = [path.name for path in (layout.snapshot(1) / "store").glob("*.sst")]
    assert tables
    for name in tables:
        copies = [layout.snapshot(number) / "store" / name for number in (1, 2)]
        assert copies[0].samefile(copies[1])


@pytest.fixture
def text_index(layout: Layout) -> Path:
    """The files of a text index, as far as snapshots know them."""
    layout.search.mkdir()
    for name in ("a.term", "a.idx", "meta.json", "stamp.json", ".lock"):
        (layout.search / name).write_text(f"content of {name}")
    return layout.search


def test_a_text_index_is_linked_and_described(
    layout: Layout, store: Store, text_index: Path
) -> None:
    for sequence in (1, 2):
        make_snapshot(layout, store, manifest(sequence), text_index)
        (text_index / "meta.json").write_text("changed in place")
    folders = [layout.snapshot(number) / "search" for number in (1, 2)]
    for folder in folders:
        files = read_manifest(folder.parent).search
        assert set(files) == {path.name for path in folder.iterdir()}
        assert set(files) == {"a.term", "a.idx", "meta.json", "stamp.json"}
        for name, (size, digest) in files.items():
            content = (folder / name).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest), name
    assert (folders[0] / "a.term").samefile(folders[1] / "a.term")
    assert (folders[0] / "meta.json").read_text() == "content of meta.json"
    assert (folders[1] / "meta.json").read_text() == "changed in place"
    assert open_snapshot(layout.snapshot(2)).search_folder == folders[1]


@pytest.mark.parametrize("damage", ["missing", "shorter"])
def test_a_damaged_text_index_is_refused(
    damage: str, layout: Layout, store: Store, text_index: Path
) -> None:
    make_snapshot(layout, store, manifest(1), text_index)
    victim = layout.snapshot(1) / "search" / "a.term"
    victim.unlink()
    if damage == "shorter":
        victim.write_text("c")
    with pytest.raises(StoreError):
        Snapshots(layout.home).current()


def test_a_snapshot_may_be_without_a_text_index(layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    path = layout.snapshot(1) / "manifest.json"
    content = json.loads(path.read_text())
    assert content.pop("search") == {}
    path.write_text(json.dumps(content))
    assert not Snapshots(layout.home).current().search_folder.exists()


def test_a_second_snapshot_of_one_sequence_leaves_the_first_alone(
    layout: Layout, store: Store
) -> None:
    publish(layout, store, 1)
    first = layout.current.resolve()
    publish(layout, store, 1)
    assert layout.current.resolve() != first
    assert first.exists()
    assert current_sequence(layout) == 1


def test_the_last_three_snapshots_are_kept(layout: Layout, store: Store) -> None:
    for sequence in range(1, 6):
        publish(layout, store, sequence)
        os.utime(layout.snapshot(sequence), (sequence, sequence))
    assert sorted(path.name for path in layout.snapshots.iterdir()) == [
        "000003",
        "000004",
        "000005",
    ]


def test_what_a_killed_publisher_left_is_in_nobodys_way(layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    (layout.snapshots / "000002.tmp" / "store").mkdir(parents=True)
    (layout.snapshots / "000002" / "store").mkdir(parents=True)
    (layout.home / "current.tmp").symlink_to("nowhere")
    publish(layout, store, 2)
    assert current_sequence(layout) == 2
    assert_described_truly(layout.current.resolve())


@pytest.mark.parametrize("damage", ["missing", "shorter", "manifest", "no manifest"])
def test_a_damaged_snapshot_is_refused(damage: str, layout: Layout, store: Store) -> None:
    publish(layout, store, 1)
    folder = layout.snapshot(1)
    victim = folder / "store" / "CURRENT"
    if damage == "missing":
        victim.unlink()
    elif damage == "shorter":
        content = victim.read_bytes()
        victim.unlink()
        victim.write_bytes(content[:-1])
    elif damage == "manifest":
        (folder / "manifest.json").write_text('{"sequence": 1}')
    else:
        (folder / "manifest.json").unlink()
    with pytest.raises(StoreError):
        Snapshots(layout.home).current()
    if "manifest" in damage:
        assert current_sequence(layout) == 0
