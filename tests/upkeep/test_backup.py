"""A backup is the journal as of its last commit, there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from coopgraph.errors import JournalError, NotPublished, UsageError
from coopgraph.journal import Journal, State
from coopgraph.publish.lock import publishing_lock
from coopgraph.store import Layout
from coopgraph.upkeep import back_up, backup
from tests.mounting import mounting

ROOT = Path(__file__).parents[2]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "one.sqlite"


def alone(target: Path) -> bool:
    """Whether a file has nothing beside it."""
    return list(target.parent.iterdir()) == [target]


def test_a_backup_is_the_journal_in_one_file(sample_home: Path, target: Path) -> None:
    made = back_up(sample_home, target)
    content = target.read_bytes()
    assert (made.file, made.commits) == (target, 2)
    assert made.size_bytes == len(content)
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert alone(target)
    with (
        closing(Journal.open(target, to_read=True)) as copy,
        closing(Journal.open(Layout(sample_home).journal)) as journal,
    ):
        assert copy.verify() == []
        assert copy.commits() == journal.commits()
        assert list(copy.all_records()) == list(journal.all_records())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
@pytest.mark.parametrize("is_there", [False, True], ids=["new", "replaced"])
def test_a_backup_may_be_read_by_those_who_may_read_the_journal(
    mode: int, is_there: bool, sample_home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watched(journal: Journal, name: str, file: Path) -> int:
        modes.append(file.stat().st_mode & 0o777)
        return copy(journal, name, file)

    modes: list[int] = []
    copy = backup.copy_journal
    monkeypatch.setattr(backup, "copy_journal", watched)
    Layout(sample_home).journal.chmod(mode)
    if is_there:
        target.write_text("open to all")
        target.chmod(0o644)
    before = os.umask(0o022)
    try:
        back_up(sample_home, target, may_replace=is_there)
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == mode
    assert modes == [mode]


def test_a_backup_waits_for_nobody_and_holds_nobody_up(
    sample_home: Path, target: Path, load, sample: Path
) -> None:
    layout = Layout(sample_home)
    with publishing_lock(layout.lock, 0), closing(Journal.open(layout.journal)) as writer:
        under_way = writer.begin()
        under_way.write([State("x", "1", "main", "", ("id",), ("1",), "half a commit")])
        assert back_up(sample_home, target).commits == 2
        assert under_way.has_states()
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("SELECT count(*) FROM states WHERE sequence > 2").fetchone() == (0,)
    assert load(sample / "flipside", edition="2024").sequence == 3
    assert back_up(sample_home, target, may_replace=True).commits == 3


def test_a_backup_is_replaced_only_when_that_is_asked(sample_home: Path, target: Path) -> None:
    target.write_text("precious")
    with pytest.raises(UsageError, match="there already.*--replace"):
        back_up(sample_home, target)
    assert target.read_text() == "precious"
    assert alone(target)
    back_up(sample_home, target, may_replace=True)
    assert target.read_bytes().startswith(b"SQLite format 3")
    assert alone(target)


def test_what_gets_the_name_meanwhile_stays(
    sample_home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: object) -> int:
        target.write_text("another's")
        return copy(*arguments)

    copy = backup.copy_journal
    monkeypatch.setattr(backup, "copy_journal", slow)
    with pytest.raises(UsageError, match="there already"):
        back_up(sample_home, target)
    assert target.read_text() == "another's"
    assert alone(target)


def test_a_disk_without_hard_links_will_do(
    sample_home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(backup.os, "link", refuse)
    assert back_up(sample_home, target).commits == 2
    assert alone(target)


@pytest.mark.parametrize(
    "place",
    ["journal.sqlite", "journal.sqlite-wal", "publish.lock", "store/x", "search/x", "current/x",
     "snapshots/x", "store.new", "bulk.tmp"],
)  # fmt: skip
def test_the_places_of_coopgraph_are_refused(place: str, sample_home: Path) -> None:
    before = sorted(sample_home.rglob("*"))
    with pytest.raises(UsageError, match="a place of coopgraph's own"):
        back_up(sample_home, sample_home / place, may_replace=True)
    assert sorted(sample_home.rglob("*")) == before


def test_elsewhere_in_the_state_folder_is_allowed(sample_home: Path) -> None:
    target = sample_home / "backups" / "store"
    target.parent.mkdir()
    assert back_up(sample_home, target).commits == 2


def test_a_place_that_is_not_there_is_refused(sample_home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder .*; make it first"):
        back_up(sample_home, tmp_path / "nowhere" / "x")
    with pytest.raises(UsageError, match="is a folder"):
        back_up(sample_home, tmp_path, may_replace=True)


@pytest.mark.parametrize("kind", ["FIFO", "socket", "link to a FIFO", "link", "link to nothing"])
def test_what_is_no_file_stays_what_it_is(kind: str, sample_home: Path, target: Path) -> None:
    aim = target.parent.parent / "aim"
    if kind == "FIFO":
        os.mkfifo(target)
    elif kind == "socket":
        os.mknod(target, stat.S_IFSOCK | 0o600)
    else:
        target.symlink_to(aim)
    if kind == "link to a FIFO":
        os.mkfifo(aim)
    elif kind == "link":
        aim.write_text("precious")
    before = target.lstat()
    for may_replace in (False, True):
        with pytest.raises(UsageError, match="name a file"):
            back_up(sample_home, target, may_replace=may_replace)
    assert (target.lstat().st_ino, target.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert alone(target)
    if kind == "link":
        assert aim.read_text() == "precious"


def test_nothing_is_no_backup(tmp_path: Path, target: Path, publisher) -> None:
    with pytest.raises(NotPublished, match="nothing to back up"):
        back_up(tmp_path / "home", target)
    home = tmp_path / "home"
    home.mkdir()
    Journal.create(Layout(home).journal, "https://w3id.org/coopgraph/", b"").close()
    with pytest.raises(NotPublished, match="ever published"):
        back_up(home, target)
    assert list(target.parent.iterdir()) == []


def test_a_damaged_journal_leaves_the_last_backup(sample_home: Path, target: Path) -> None:
    back_up(sample_home, target)
    before = target.read_bytes()
    with closing(sqlite3.connect(Layout(sample_home).journal)) as db, db:
        db.execute("UPDATE states SET content = zeroblob(9) WHERE key = 'F01'")
    with pytest.raises(JournalError, match=r"journal.sqlite is damaged: flipside/F01"):
        back_up(sample_home, target, may_replace=True)
    assert target.read_bytes() == before
    assert alone(target)


@pytest.mark.mounts
def test_small_and_read_only_disks_are_told_and_left_as_they_were(
    sample_home: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = f'"{sys.executable}" -m coopgraph --home "{sample_home}" backup "{disk}/x"; echo $?'
    script = (
        f'mount -t tmpfs -o size=60k tmpfs "{disk}" && {command} && ls -A "{disk}" && '
        f'mount -o remount,ro "{disk}" && {command}'
    )
    run = subprocess.run(
        [*mounting(), "sh", "-c", script], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert run.stdout.split() == ["3", "3"]
    full, read_only = run.stderr.splitlines()
    assert f"The disk of {disk} is full" in full
    assert f"{disk} may not be written" in read_only


@pytest.mark.mounts
def test_a_state_folder_that_may_not_be_written_is_backed_up(
    sample_home: Path, tmp_path: Path, target: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        f'mount -t tmpfs tmpfs "{disk}" && cp -a "{sample_home}" "{disk}/home" && '
        f'mount -o remount,ro "{disk}" && '
        f'"{sys.executable}" -m coopgraph --home "{disk}/home" backup "{target}"'
    )
    subprocess.run([*mounting(), "sh", "-c", script], cwd=ROOT, capture_output=True, check=True)
    with closing(Journal.open(target, to_read=True)) as copy:
        assert copy.last_sequence() == 2


@pytest.mark.parametrize("shut", ["home", "journal.sqlite"])
def test_what_is_published_beside_a_user_who_may_only_read_is_no_damage(
    shut: str, sample_home: Path, target: Path, load, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[int] = []

    def slow(journal: Journal, db: sqlite3.Connection) -> None:
        copied.append(journal.last_sequence())
        if len(copied) == 1:
            load(sample / "flipside", edition="2024")
            raise sqlite3.DatabaseError("half a page")
        copy(journal, db)

    copy = Journal.copy
    places = {"home": sample_home, "journal.sqlite": Layout(sample_home).journal}
    monkeypatch.setattr(Journal, "copy", slow)
    monkeypatch.setattr(backup.os, "access", lambda path, _: Path(path) != places[shut])
    assert back_up(sample_home, target).commits == 3
    assert copied == [2, 3]


@pytest.mark.parametrize("place", ["copy_journal", "_put", "sync_folder"])
def test_a_backup_that_is_interrupted_leaves_the_last_one_or_itself(
    place: str, sample_home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    back_up(sample_home, target)
    monkeypatch.setattr(backup, place, interrupt)
    with pytest.raises(KeyboardInterrupt):
        back_up(sample_home, target, may_replace=True)
    assert alone(target)
    with closing(Journal.open(target, to_read=True)) as copy:
        assert copy.verify() == []


def test_a_backup_of_a_folder_by_another_name_is_refused_there_too(
    sample_home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.symlink_to(sample_home)
    with pytest.raises(UsageError, match="a place of coopgraph's own"):
        back_up(sample_home, other / "store" / "x")
    shutil.rmtree(sample_home / "store")
    assert back_up(sample_home, tmp_path / "x").commits == 2
