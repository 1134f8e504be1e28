"""The state folder: every path below the one that was chosen."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from coopgraph.store import Layout


def test_everything_lies_in_the_state_folder(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    names = [name for name, item in vars(Layout).items() if isinstance(item, property)]
    assert len(names) >= 6
    paths = {name: getattr(layout, name) for name in names}
    assert all(path.parent == tmp_path for path in paths.values())
    assert len(set(paths.values())) == len(paths)
    assert [field.name for field in fields(Layout)] == ["home"]


def test_snapshots_sort_by_their_sequence(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    names = [layout.snapshot(number).name for number in (1, 9, 10, 999_999)]
    assert names == sorted(names)
    assert layout.snapshot(1).parent == layout.snapshots


def test_making_folders_twice_is_no_harm(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "a" / "b")
    layout.create()
    layout.create()
    assert layout.snapshots.is_dir()


def test_its_own_places_are_told_from_others(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "home")
    layout.create()
    for name in ("journal.sqlite", "journal.sqlite-shm", "store/1.sst", "search.old", "current"):
        assert layout.is_own(layout.home / name), name
    for path in (layout.home / "backups" / "store", layout.home / "mine", tmp_path / "store"):
        assert not layout.is_own(path), path
