"""Reading a journal beside its writer: nothing is made or held up, and nothing torn is told."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.errors import JournalUnavailable
from coopgraph.journal import Journal, Lookups, State, ask, build_dictionary

BASE = "https://w3id.org/coopgraph/"
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one commit that nobody has open."""
    path = tmp_path / "a folder?" / "journal.sqlite"
    path.parent.mkdir()
    with closing(Journal.create(path, BASE, build_dictionary(["x"]))) as journal:
        commit(journal)
    return path


def commit(journal: Journal, said: str = "said") -> None:
    opened = journal.begin()
    opened.write([State("a", "1", "main", "", ("id",), ("1",), f"{said} {opened.sequence}")])
    opened.identify("a", ["1"])
    opened.finish(
        at=NOON, who="somebody", action="load", dataset="a", edition="", message="", report={}
    )


def files(path: Path) -> set[str]:
    return {item.name for item in path.parent.iterdir()}


def last(path: Path) -> int:
    return ask(path, Lookups.last_sequence, BASE)


def test_a_journal_at_rest_is_read_without_a_trace(path: Path) -> None:
    before = path.stat()
    assert last(path) == 1
    assert files(path) == {"journal.sqlite"}
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_a_writer_has_committed_is_seen_at_once(path: Path) -> None:
    with closing(Journal.open(path)) as journal:
        commit(journal)
        held = files(path)
        assert last(path) == 2
        assert files(path) == held
        commit(journal)
        assert last(path) == 3


def test_a_reader_holds_no_writer_up_and_sees_one_state(path: Path) -> None:
    with closing(Journal.open(path)) as journal:
        commit(journal)

        def look(lookups: Lookups) -> list[int]:
            first = lookups.last_sequence()
            commit(journal)
            return [first, lookups.last_sequence()]

        assert ask(path, look, BASE) == [2, 2]
        assert last(path) == 3


def test_a_log_that_a_killed_writer_left_is_read(path: Path) -> None:
    with closing(Journal.open(path)) as journal:
        commit(journal)
        for name in files(path):
            shutil.copy(path.with_name(name), path.parents[1] / name)
    left = path.parents[1] / path.name
    assert last(left) == 2


def test_a_log_without_its_index_needs_somebody_who_may_write(path: Path) -> None:
    left = path.parents[1] / path.name
    with closing(Journal.open(path)) as journal:
        commit(journal)
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", f"{left}{ending}")
    before = {item.name for item in left.parent.iterdir()}
    with pytest.raises(JournalUnavailable, match="coopgraph status"):
        last(left)
    assert {item.name for item in left.parent.iterdir()} == before
    Journal.open(left).close()
    assert last(left) == 2


def test_a_question_is_asked_again_where_the_file_changed_meanwhile(path: Path) -> None:
    seen: list[int] = []

    def look(lookups: Lookups) -> int:
        if not seen:
            with closing(Journal.open(path)) as journal:
                commit(journal)  # written into the file as it is closed
        seen.append(lookups.last_sequence())
        return seen[-1]

    assert ask(path, look, BASE) == 2
    assert len(seen) == 2


def test_a_file_that_never_rests_is_given_up(path: Path) -> None:
    def look(lookups: Lookups) -> None:
        with closing(Journal.open(path)) as journal:
            commit(journal)

    with pytest.raises(JournalUnavailable, match="being written"):
        ask(path, look, BASE)


def test_a_restored_journal_is_seen_at_once(path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copy(path, backup)
    with closing(Journal.open(path)) as journal:
        commit(journal)
    assert last(path) == 2
    backup.rename(path)
    assert last(path) == 1


def test_a_missing_journal_is_said_to_be_missing(path: Path) -> None:
    path.unlink()
    with pytest.raises(JournalUnavailable, match="journal.sqlite cannot be found"):
        last(path)
    assert files(path) == set()


def test_a_journal_of_another_base_is_refused(path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="names things under https://w3id.org"):
        ask(path, Lookups.last_sequence, "https://elsewhere.example/")


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = '9' WHERE key = 'schema'")
        db.commit()
    with pytest.raises(JournalUnavailable, match="schema 9"):
        last(path)


@pytest.mark.parametrize("content", [b"no database" * 99, b""])
def test_what_is_no_journal_is_said_to_be_none(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalUnavailable):
        last(path)


def test_a_damaged_state_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE states SET content = x'00'")
        db.commit()
    with pytest.raises(JournalUnavailable, match="damaged at a/1"):
        ask(path, lambda lookups: lookups.lines(1), BASE)
    assert ask(path, lambda lookups: lookups.lines(9), BASE) == ""
