"""Indexes are made, edited and stamped; half of one is none."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from coopgraph.errors import StoreError
from coopgraph.search import Stamp, building, open_index, stamp_of, update
from tests.search.conftest import STAMP, Indexed, entry, found, named


def test_what_is_added_is_found(indexed: Indexed, folder: Path) -> None:
    index = indexed(entry("a", "Sunny Side"), entry("b", "Shady Side"))
    assert found(index, "sunny") == ["a"]
    assert found(index, "side") == ["a", "b"]
    assert stamp_of(folder) == STAMP


def test_an_update_puts_takes_away_and_keeps(indexed: Indexed, folder: Path) -> None:
    old = indexed(entry("a", "Sunny Side"), entry("b", "Shady Side"), entry("c", "Far Side"))
    update(
        folder,
        {
            named("a"): entry("a", "Rainy Side"),
            named("b"): None,
            named("d"): entry("d", "Off Side"),
        },
        Stamp(2, "digest"),
    )
    assert stamp_of(folder) == Stamp(2, "digest")
    new = open_index(folder)
    assert new is not None
    assert found(new, "sunny") == found(new, "shady") == []
    assert set(found(new, "side")) == {"a", "c", "d"}
    assert found(new, "rainy") == ["a"]
    assert set(found(old, "side")) == {"a", "b", "c"}, "an open index changed"


def test_many_updates_end_as_one_build(indexed: Indexed, folder: Path, tmp_path: Path) -> None:
    indexed(*(entry(f"n{number}", f"Number {number}") for number in range(50)))
    for number in range(30):  # segments are merged meanwhile
        changed = entry(f"n{number}", f"Changed {number}")
        update(folder, {changed.iri: changed}, Stamp(number + 2, "digest"))
    afresh = tmp_path / "afresh"
    with building(afresh, STAMP) as add:
        for number in range(50):
            add(entry(f"n{number}", f"{'Changed' if number < 30 else 'Number'} {number}"))
    edited, whole = open_index(folder), open_index(afresh)
    assert edited is not None
    assert whole is not None
    for text in ("changed", "number", "number 7", "3", "chnged 12", "number changed 44"):
        assert found(edited, text, 100) == found(whole, text, 100) != []


def test_files_of_segments_never_change(indexed: Indexed, folder: Path) -> None:
    indexed(entry("a"), entry("b"))

    def segments() -> dict[str, tuple[int, float]]:
        files = [path for path in folder.iterdir() if path.suffix not in ("", ".json", ".lock")]
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}

    before = segments()
    assert before
    update(folder, {named("a"): entry("a", "Changed")}, Stamp(2, "digest"))
    after = segments()
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_an_index_that_is_cut_short_has_no_stamp(folder: Path) -> None:
    def cut_short() -> None:
        with building(folder, STAMP) as add:
            add(entry("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert stamp_of(folder) is None
    assert open_index(folder) is None


def test_an_error_of_whoever_gives_entries_stays_what_it_is(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), building(folder, STAMP):
        raise ZeroDivisionError
    with pytest.raises(OSError, match="full"), building(folder / "other", STAMP):
        raise OSError("the disk is full")


@pytest.mark.parametrize("damage", ["meta", "no meta", "files"])
def test_an_update_of_a_damaged_index_fails_and_leaves_no_stamp(
    damage: str, indexed: Indexed, folder: Path
) -> None:
    indexed(entry("a"))
    if damage == "meta":
        (folder / "meta.json").write_text("{")
    elif damage == "no meta":
        (folder / "meta.json").unlink()
    else:
        for path in folder.glob("*.term"):
            path.unlink()
    with pytest.raises(StoreError):
        update(folder, {named("a"): None}, Stamp(2, "digest"))
    assert stamp_of(folder) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sequence": 1}', '{"other": 1}'])
def test_a_stamp_that_cannot_be_read_is_none(content: str, indexed: Indexed, folder: Path) -> None:
    indexed(entry("a"))
    (folder / "stamp.json").write_text(content)
    assert stamp_of(folder) is None


def test_building_leaves_no_threads(indexed: Indexed, folder: Path) -> None:
    """Whoever publishes may fork afterwards."""

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    before = threads()
    with building(folder, STAMP) as add:
        add(entry("a"))
    update(folder, {named("a"): None}, STAMP)
    deadline = time.monotonic() + 10
    while threads() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threads() <= before
