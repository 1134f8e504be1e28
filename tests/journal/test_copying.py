"""A copy of a journal: the same commits in one file, whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.errors import JournalError
from coopgraph.journal import Commit, Journal, State, copy_journal
from coopgraph.journal.journal import PAGE_BYTES

BASE = "https://w3id.org/coopgraph/"
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal.create(path, BASE, b"")) as journal:
        yield journal


def write(journal: Journal, *keys: str) -> Commit:
    """Write a commit's states, and do not finish it."""
    opened = journal.begin()
    opened.write(State("a", key, "main", "", ("id",), (key,), f"said of {key}") for key in keys)
    opened.identify("a", keys)
    opened.describe("a", "title: A")
    return opened


def commit(journal: Journal, *keys: str) -> int:
    return write(journal, *keys).finish(
        at=NOON, who="me", action="load", dataset="a", edition="", message="", report={}
    )


def told(path: Path) -> list[object]:
    """What a journal says, but for its form as a file."""
    with closing(Journal.open(path, to_read=True)) as journal:
        assert journal.verify() == []
        return [journal.base, journal.commits(), sorted(map(repr, journal.all_records()))]


def unfinished(path: Path) -> int:
    """Rows above the last commit."""
    with closing(sqlite3.connect(path)) as db:
        counts = [
            db.execute(
                f"SELECT count(*) FROM {table} "
                "WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM commits)"
            ).fetchone()[0]
            for table in ("states", "identities", "organizations", "descriptors")
        ]
    return sum(counts)


def test_a_copy_says_the_same_in_one_file(path: Path, journal: Journal, tmp_path: Path) -> None:
    commit(journal, "1", "2")
    commit(journal, "3")
    target = tmp_path / "copies" / "copy"
    target.parent.mkdir()
    assert copy_journal(journal, "it", target) == 2
    assert told(target) == told(path)
    assert list(target.parent.iterdir()) == [target]
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_half_a_commit_is_not_copied_and_goes_on(
    path: Path, journal: Journal, tmp_path: Path
) -> None:
    commit(journal, "1")
    under_way = write(journal, "2", "3")
    assert unfinished(path)
    target = tmp_path / "copy"
    with closing(Journal.open(path)) as reader:
        assert copy_journal(reader, "it", target) == 1
    assert unfinished(target) == 0
    assert unfinished(path)
    under_way.finish(
        at=NOON, who="me", action="load", dataset="a", edition="", message="", report={}
    )
    assert [head.key for head in journal.heads("a")] == ["1", "2", "3"]


def test_copies_are_whole_while_another_writes_all_along(
    path: Path, journal: Journal, tmp_path: Path
) -> None:
    commit(journal, "first")
    has_enough = threading.Event()
    written: list[int] = []

    def go_on() -> None:
        with closing(Journal.open(path)) as writer:
            while not has_enough.is_set():
                written.append(commit(writer, *(f"{len(written)}-{n}" for n in range(40))))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        found = []
        while len(set(found)) < 4:
            with closing(Journal.open(path)) as reader:
                found.append(copy_journal(reader, "it", tmp_path / f"copy-{len(found)}"))
    finally:
        has_enough.set()
        thread.join()
    assert found == sorted(found)
    assert written[-1] >= found[-1]
    for number, commits in enumerate(found):
        with closing(Journal.open(tmp_path / f"copy-{number}", to_read=True)) as copy:
            assert copy.verify() == []
            assert copy.last_sequence() == commits
            assert copy.counts("a") == {"main": 1 + 40 * (commits - 1)}


def test_a_damaged_journal_is_not_copied_as_if_it_were_well(
    path: Path, journal: Journal, tmp_path: Path
) -> None:
    commit(journal, "1", "2")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE states SET content = zeroblob(20)")
    with pytest.raises(JournalError, match="it is damaged: a/1 at 1 .* and 1 more.*not copied"):
        copy_journal(journal, "it", tmp_path / "copy")


def test_a_torn_page_is_found_in_the_copy(path: Path, journal: Journal, tmp_path: Path) -> None:
    commit(journal, *map(str, range(200)))
    torn = tmp_path / "torn"
    copy_journal(journal, "it", torn)
    content = torn.read_bytes()
    found = 0
    for page in range(1, len(content) // PAGE_BYTES):
        torn.write_bytes(
            content[: page * PAGE_BYTES] + bytes(PAGE_BYTES) + content[(page + 1) * PAGE_BYTES :]
        )
        target = tmp_path / f"copy-{page}"
        with (
            pytest.raises(JournalError, match="torn is damaged|torn cannot be read"),
            closing(Journal.open(torn, to_read=True)) as opened,
        ):
            copy_journal(opened, "torn", target)
        found += 1
    assert found > 10


# Reading alone --------------------------------------------------------------------------------


@pytest.mark.parametrize("has_log", [False, True], ids=["at rest", "with a log"])
def test_reading_alone_writes_nothing(has_log: bool, path: Path, tmp_path: Path) -> None:
    writer = Journal.create(path, BASE, b"")
    commit(writer, "1")
    if has_log:  # as a writer leaves it that is killed
        folder = tmp_path / "killed"
        folder.mkdir()
        for file in (path, path.with_name(f"{path.name}-wal")):
            (folder / file.name).write_bytes(file.read_bytes())
        path = folder / path.name
    writer.close()
    before = {file.name: file.read_bytes() for file in path.parent.glob("journal.sqlite*")}
    assert (len(before) > 1) == has_log
    with closing(Journal.open(path, to_read=True)) as journal:
        assert journal.last_sequence() == 1
        assert len(list(journal.all_records())) == 1
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            journal.abandon_unfinished()
    after = {file.name: file.read_bytes() for file in path.parent.glob("journal.sqlite*")}
    after.pop("journal.sqlite-shm", None)  # SQLite's shared memory
    assert after == before
