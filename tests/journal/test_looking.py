"""A whole journal that is read alone: from one state of its file, and never called damaged for
what is written into it meanwhile.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.errors import JournalError, Locked
from coopgraph.journal import Journal, State, connecting, copy_by_reading, look, looking
from coopgraph.journal import journal as journal_module

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal with one commit that nobody has open; nobody waits between tries."""
    monkeypatch.setattr(looking, "_PAUSE_S", 0)
    path = tmp_path / "journal.sqlite"
    with closing(Journal.create(path, "https://w3id.org/coopgraph/", b"")) as journal:
        commit(journal)
    return path


def commit(journal: Journal) -> None:
    opened = journal.begin()
    opened.write([State("a", "1", "main", "", ("id",), ("1",), f"said {opened.sequence}")])
    opened.identify("a", ["1"])
    opened.finish(at=NOON, who="me", action="load", dataset="a", edition="", message="", report={})


def publish(path: Path) -> None:
    """A commit that is written into the file as it is closed."""
    with closing(Journal.open(path)) as journal:
        commit(journal)


def test_a_file_that_changes_while_it_is_read_is_read_again(path: Path) -> None:
    seen: list[int] = []

    def read(journal: Journal) -> int:
        if not seen:
            publish(path)
        seen.append(journal.last_sequence())
        return seen[-1]

    assert look(path, read) == 2
    assert len(seen) == 2


@pytest.mark.parametrize("error", [JournalError("damaged"), ValueError("half a page")], ids=repr)
def test_what_is_wrong_in_a_file_that_changed_is_not_told(path: Path, error: Exception) -> None:
    tries: list[Journal] = []

    def read(journal: Journal) -> int:
        tries.append(journal)
        if len(tries) == 1:
            publish(path)
            raise error
        return journal.last_sequence()

    assert look(path, read) == 2

    def fail(journal: Journal) -> None:
        raise error

    with pytest.raises(type(error), match=str(error)):
        look(path, fail)


def test_a_log_that_comes_while_the_file_is_read_is_read_by(path: Path) -> None:
    seen: list[int] = []
    writer: list[Journal] = []

    def read(journal: Journal) -> int:
        if not writer:
            writer.append(Journal.open(path))
            commit(writer[0])
        seen.append(journal.last_sequence())
        return seen[-1]

    assert look(path, read) == 2
    assert seen == [1, 2]
    writer[0].close()


def test_a_file_that_never_rests_is_given_up_without_talk_of_damage(path: Path) -> None:
    def read(journal: Journal) -> None:
        publish(path)
        raise JournalError("damaged")

    with pytest.raises(Locked, match="being written. Try again; .* the user who publishes") as told:
        look(path, read)
    assert "estore" not in str(told.value)


def test_a_log_that_needs_somebody_who_may_write_is_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_an_index(path: Path, *, is_logged: bool) -> sqlite3.Connection:
        assert is_logged
        return connecting.read_only(path, "mode=ro&readonly_shm=1")

    left = path.with_name("left.sqlite")
    with closing(Journal.open(path)) as writer:
        commit(writer)
        for ending in ("", "-wal"):
            Path(f"{left}{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
    monkeypatch.setattr(journal_module, "connect_to_read", without_an_index)
    with pytest.raises(Locked, match="the user who publishes") as told:
        Journal.open(left, to_read=True)
    with pytest.raises(Locked, match="the user who publishes"):
        look(left, Journal.last_sequence)
    assert "estore" not in str(told.value)


def test_a_copy_by_reading_is_of_the_state_that_the_file_came_to(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[Path] = []

    def slow(journal: Journal, target: sqlite3.Connection) -> None:
        copy(journal, target)
        if not copies:
            publish(path)
        copies.append(path)

    copy = Journal.copy
    monkeypatch.setattr(Journal, "copy", slow)
    assert copy_by_reading(path, tmp_path / "copy") == 2
    assert len(copies) == 2
    with closing(Journal.open(tmp_path / "copy", to_read=True)) as made:
        assert (made.verify(), made.last_sequence()) == ([], 2)
    assert not list(tmp_path.glob("journal.sqlite-*"))
