"""A journal that another takes the place of: at any moment one of them, whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.journal import Journal, State, copy_journal, files_of, moving, replacing

BASE = "https://w3id.org/coopgraph/"
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def commit(journal: Journal, key: str) -> None:
    opened = journal.begin()
    opened.write([State("a", key, "main", "", ("id",), (key,), f"said of {key}")])
    opened.identify("a", [key])
    opened.finish(at=NOON, who="me", action="load", dataset="a", edition="", message="", report={})


def keys(path: Path) -> set[str]:
    """The records of a journal, as another process finds it."""
    copy = path.parent / "seen"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in files_of(path):
        shutil.copy(file, copy / file.name)
    with closing(Journal.open(copy / path.name)) as journal:
        assert journal.verify() == []
        return {head.key for head in journal.heads("a")}


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A journal in one file, with the record “new”."""
    source, target = tmp_path / "source.sqlite", tmp_path / "fresh.sqlite"
    with closing(Journal.create(source, BASE, b"")) as journal:
        commit(journal, "new")
        copy_journal(journal, "it", target)
    source.unlink()
    return target


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with the record “old”, whose writer was killed: all of it is in its log."""
    made, path = tmp_path / "made" / "journal.sqlite", tmp_path / "journal.sqlite"
    made.parent.mkdir()
    with closing(Journal.create(made, BASE, b"")) as journal:
        commit(journal, "old")
        for file in files_of(made):
            shutil.copy(file, path.with_name(file.name))
    shutil.rmtree(made.parent)
    assert len(files_of(path)) == 3
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept.sqlite"


def test_the_old_journal_is_kept_with_what_was_in_its_log(
    path: Path, fresh: Path, kept: Path
) -> None:
    with replacing(path, fresh, kept):
        assert files_of(path) == [path]
        assert keys(path) == {"old"}
    assert files_of(path) == [path]
    assert keys(path) == {"new"}
    assert files_of(kept) == [kept]
    assert keys(kept) == {"old"}
    assert not fresh.exists()


def test_nothing_changes_where_the_block_fails(path: Path, fresh: Path, kept: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(path, fresh, kept):
        raise ZeroDivisionError
    assert keys(path) == {"old"}
    assert keys(fresh) == {"new"}
    assert not kept.exists()


def test_a_log_without_its_journal_is_put_aside(path: Path, fresh: Path, kept: Path) -> None:
    path.unlink()
    with replacing(path, fresh, kept):
        pass
    assert keys(path) == {"new"}
    assert [file.name for file in files_of(kept)] == ["kept.sqlite-wal", "kept.sqlite-shm"]


def test_a_file_that_is_no_database_is_kept_as_it_is(path: Path, fresh: Path, kept: Path) -> None:
    log = path.with_name("journal.sqlite-wal")
    path.write_bytes(b"no database at all" * 300)
    log.write_bytes(b"no log either")
    with replacing(path, fresh, kept):
        pass
    assert keys(path) == {"new"}
    assert kept.read_bytes().startswith(b"no database at all")


def test_nobody_can_open_the_old_one_while_names_change(
    path: Path, fresh: Path, kept: Path
) -> None:
    with closing(sqlite3.connect(path, timeout=0)) as other:
        with replacing(path, fresh, kept), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("PRAGMA journal_mode = WAL")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            other.execute("PRAGMA journal_mode = WAL")  # it is of the file that is called otherwise
    assert files_of(path) == [path]
    assert keys(path) == {"new"}
    assert keys(kept) == {"old"}


def test_others_that_have_it_open_are_waited_for_and_then_named(
    path: Path, fresh: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []
    reader = Journal.open(path)
    assert reader.last_sequence() == 1

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            reader.close()

    monkeypatch.setattr(moving.time, "sleep", wait)
    with replacing(path, fresh, kept):
        assert len(waits) == 3
    again = Journal.open(path)
    monkeypatch.setattr(moving, "_WAIT_S", 0)
    other = kept.with_name("other")
    shutil.copy(kept, other)
    with pytest.raises(sqlite3.OperationalError, match="locked"), replacing(path, other, fresh):
        pytest.fail("the journal is open elsewhere")
    again.close()
    assert keys(path) == {"new"}


@pytest.mark.parametrize("steps", range(4))
def test_a_kill_between_names_leaves_the_one_or_the_other(
    steps: int, path: Path, fresh: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing in coopgraph catches it."""

    done = 0

    def dying(call):
        def step(*values, **named):
            nonlocal done
            done += 1
            if done > steps:
                raise Killed
            return call(*values, **named)

        return step

    with monkeypatch.context() as patch:
        for owner, name in ((os, "link"), (Path, "unlink"), (Path, "replace")):
            patch.setattr(owner, name, dying(getattr(owner, name)))
        try:
            with replacing(path, fresh, kept):
                pass
            is_done = True
        except Killed:
            is_done = False
    assert is_done == (steps >= 2)
    assert keys(path) == ({"new"} if is_done else {"old"})
    if kept.exists():
        assert keys(kept) == {"old"}
