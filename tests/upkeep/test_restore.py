"""A backup that is restored: what is served is as it was, and what was there is kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coopgraph.errors import JournalError, Locked, NotPublished, UsageError
from coopgraph.journal import Journal, files_of, moving
from coopgraph.journal.journal import PAGE_BYTES
from coopgraph.publish import Publisher
from coopgraph.publish.lock import publishing_lock
from coopgraph.store import Layout, Snapshots, current_sequence
from coopgraph.upkeep import back_up
from coopgraph.upkeep import restore as restore_module
from tests.journal.older import make_older
from tests.upkeep.conftest import contents, drill, tear

KEPT = "journal-20261130T201507Z.sqlite"


def test_a_lost_state_folder_is_served_again_as_it_was(
    sample_home: Path, backup_file: Path, restore
) -> None:
    before, bytes_before = drill(sample_home), backup_file.read_bytes()
    shutil.rmtree(sample_home)
    restored = restore(backup_file)
    assert (restored.sequence, restored.kept) == (2, None)
    assert drill(sample_home) == before
    assert before[0] > 500
    assert backup_file.read_bytes() == bytes_before
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        assert journal.verify() == []
        assert all(commit.published_at for commit in journal.commits())


def test_a_backup_of_an_older_schema_is_restored_in_this_one(
    sample_home: Path, backup_file: Path, restore
) -> None:
    before = drill(sample_home)
    make_older(backup_file, 1)
    content = backup_file.read_bytes()
    shutil.rmtree(sample_home)
    assert restore(backup_file).sequence == 2
    assert drill(sample_home) == before
    assert backup_file.read_bytes() == content
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        assert journal.verify() == []
        assert journal.counts("northlight") == {"cooperatives": 6}


def test_an_older_backup_takes_the_place_of_a_newer_journal_and_back(
    sample_home: Path, backup_file: Path, restore, load, sample: Path
) -> None:
    before = drill(sample_home)
    assert load(sample / "flipside", edition="2024").sequence == 3
    after = drill(sample_home)
    told: list[str] = []
    restored = restore(backup_file, may_replace=True, tell=told.append)
    assert restored.sequence == 2
    assert restored.kept == sample_home / KEPT
    assert told == [f"The journal that was there is kept as {restored.kept}."]
    assert drill(sample_home) == before != after
    again = restore(restored.kept, may_replace=True)
    assert (again.sequence, again.kept) == (3, sample_home / KEPT.replace("Z.", "Z-2."))
    assert drill(sample_home) == after


def test_loading_goes_on_from_what_was_restored(
    sample_home: Path, backup_file: Path, restore, load, sample: Path
) -> None:
    assert load(sample / "flipside", edition="2024").sequence == 3
    after = drill(sample_home)[0]
    restore(backup_file, may_replace=True)
    assert load(sample / "flipside", edition="2024").sequence == 3
    assert drill(sample_home)[0] == after


@pytest.mark.parametrize("mode", [0o640, 0o440])
@pytest.mark.parametrize("is_lost", [False, True], ids=["replaced", "lost"])
def test_a_restored_journal_may_be_read_by_those_who_might_before(
    is_lost: bool, mode: int, sample_home: Path, backup_file: Path, restore
) -> None:
    journal = Layout(sample_home).journal
    journal.chmod(0o600)
    backup_file.chmod(mode)
    if is_lost:
        shutil.rmtree(sample_home)
    before = os.umask(0o022)
    try:
        restored = restore(backup_file, may_replace=True)
    finally:
        os.umask(before)
    assert journal.stat().st_mode & 0o777 == (0o640 if is_lost else 0o600), (
        "its owner may write it in any case"
    )
    assert backup_file.stat().st_mode & 0o777 == mode
    if restored.kept:
        assert restored.kept.stat().st_mode & 0o777 == 0o600


def test_a_torn_journal_is_restored_from_its_backup(
    sample_home: Path, backup_file: Path, restore, publisher
) -> None:
    before = drill(sample_home)
    tear(Layout(sample_home).journal)
    with pytest.raises(JournalError, match="coopgraph restore --replace FILE"):
        publisher().rebuild()
    assert restore(backup_file, may_replace=True).kept
    assert drill(sample_home) == before
    assert publisher().rebuild() == 2


def test_a_journal_that_is_no_database_any_more_is_kept_and_replaced(
    sample_home: Path, backup_file: Path, restore
) -> None:
    before = drill(sample_home)
    journal = Layout(sample_home).journal
    journal.write_bytes(b"\0" * 9_000)
    restored = restore(backup_file, may_replace=True)
    assert restored.kept.read_bytes() == b"\0" * 9_000
    assert drill(sample_home) == before


def test_what_a_killed_writer_left_in_the_log_is_kept_and_not_applied(
    sample_home: Path, backup_file: Path, restore, load, sample: Path, tmp_path: Path
) -> None:
    before = drill(sample_home)
    journal = Layout(sample_home).journal
    with closing(sqlite3.connect(journal)):
        reader = Journal.open(journal)  # keeps the log from being worked in
        load(sample / "flipside", edition="2024")
        left = {file.name: file.read_bytes() for file in files_of(journal)}
        reader.close()
    assert len(left["journal.sqlite-wal"]) > 10_000
    for name, content in left.items():
        (sample_home / name).write_bytes(content)
    restored = restore(backup_file, may_replace=True)
    assert drill(sample_home) == before
    with closing(Journal.open(restored.kept, to_read=True)) as kept:
        assert files_of(restored.kept) == [restored.kept]
        assert kept.last_sequence() == 3
        assert kept.verify() == []


# Refused --------------------------------------------------------------------------------------


def spoil(file: Path, change: str) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(change)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ("UPDATE states SET salt = zeroblob(16) WHERE key = 'F01'", JournalError,
         "is damaged: flipside/F01 .*Nothing was changed"),
        ("UPDATE commits SET who = 'another' WHERE sequence = 1", JournalError, "commit 1 does not"),
        ("UPDATE meta SET value = '99' WHERE key = 'schema'", JournalError, "newer version"),
        ("UPDATE meta SET value = 'https://other.example/' WHERE key = 'base'", UsageError,
         "set COOPGRAPH_BASE"),
        ("DROP TABLE meta", JournalError, "cannot be read"),
    ],
)  # fmt: skip
def test_a_backup_that_is_not_sound_changes_nothing(
    change: str, error: type[Exception], message: str, sample_home: Path, backup_file: Path, restore
) -> None:
    spoil(backup_file, change)
    before = contents(sample_home)
    with pytest.raises(error, match=message):
        restore(backup_file, may_replace=True)
    assert contents(sample_home) == before


@pytest.mark.parametrize("page", range(1, 12))
def test_a_torn_page_of_a_backup_changes_nothing(
    page: int, sample_home: Path, backup_file: Path, restore
) -> None:
    with backup_file.open("r+b") as handle:
        handle.seek(page * PAGE_BYTES)
        handle.write(b"torn" * (PAGE_BYTES // 4))
    before = contents(sample_home)
    with pytest.raises(JournalError, match="is damaged|cannot be read"):
        restore(backup_file, may_replace=True)
    assert contents(sample_home) == before


def test_a_journal_is_replaced_only_when_that_is_asked(
    sample_home: Path, backup_file: Path, restore
) -> None:
    before = contents(sample_home)
    with pytest.raises(UsageError, match="has a journal already.*--replace"):
        restore(backup_file)
    assert contents(sample_home) == before


def test_files_that_cannot_be_a_backup_are_refused(
    sample_home: Path, backup_file: Path, restore, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no file"):
        restore(tmp_path / "nowhere", may_replace=True)
    with pytest.raises(UsageError, match="the journal itself"):
        restore(Layout(sample_home).journal, may_replace=True)
    empty = tmp_path / "empty"
    Journal.create(empty, "https://w3id.org/coopgraph/", b"").close()
    with pytest.raises(NotPublished, match="no commit"):
        restore(empty, may_replace=True)


@pytest.mark.parametrize("by", ["its name", "a link", "a second name"])
def test_a_backup_where_the_journal_would_be_made_is_refused_and_stays(
    by: str, sample_home: Path, backup_file: Path, restore, tmp_path: Path
) -> None:
    place, named = Layout(sample_home).fresh_journal, tmp_path / "named"
    backup_file.rename(place)
    if by == "a link":
        named.symlink_to(place)
    elif by == "a second name":
        os.link(place, named)
    else:
        named = place
    before = contents(sample_home)
    with pytest.raises(UsageError, match="move it elsewhere first"):
        restore(named, may_replace=True)
    assert contents(sample_home) == before


def test_a_publisher_at_work_is_not_disturbed(
    sample_home: Path, backup_file: Path, restore
) -> None:
    before = contents(sample_home)
    with publishing_lock(Layout(sample_home).lock, 0), pytest.raises(Locked, match="--wait"):
        restore(backup_file, may_replace=True)
    del before["publish.lock"]
    after = contents(sample_home)
    del after["publish.lock"]
    assert after == before


def test_a_journal_that_is_open_elsewhere_is_not_replaced(
    sample_home: Path, backup_file: Path, restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_WAIT_S", 0)
    layout, before = Layout(sample_home), drill(sample_home)
    with closing(Journal.open(layout.journal)) as reader:
        assert reader.last_sequence() == 2
        with pytest.raises(Locked, match="close it there"):
            restore(backup_file, may_replace=True)
        assert reader.verify() == []
    assert layout.store.exists()
    assert not list(sample_home.glob("journal-*"))
    assert not files_of(layout.fresh_journal)
    assert drill(sample_home) == before


# Cut short ------------------------------------------------------------------------------------


class Killed(BaseException):
    """Nothing in coopgraph catches it."""


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    ("owner", "name", "is_restored"),
    [
        (restore_module, "copy_by_reading", False),
        (restore_module, "drop_folder", False),
        (restore_module, "sync_folder", True),
        (Publisher, "_remake", True),
        (Journal, "mark_published", True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_restoring_that_dies_is_whole_or_nothing(
    owner: object, name: str, is_restored: bool, sample_home: Path, backup_file: Path,
    restore, load, publisher, sample: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = drill(sample_home)
    load(sample / "flipside", edition="2024")
    after = drill(sample_home)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(Killed):
            restore(backup_file, may_replace=True)
    if name != "mark_published":
        assert drill(sample_home) == after, "the last snapshot is not served on"
    assert publisher().recover() == (2 if is_restored else 3)
    assert drill(sample_home) == (before if is_restored else after)
    assert current_sequence(Layout(sample_home)) == (2 if is_restored else 3)


def test_a_name_that_a_killed_restoring_gave_the_journal_is_taken_away(
    sample_home: Path, backup_file: Path, restore, load, sample: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    layout = Layout(sample_home)
    other = layout.kept_journal("20251130T201507Z")
    shutil.copy(backup_file, other)
    link = layout.kept_journal("link")
    link.symlink_to("nowhere")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(Killed):
            restore(backup_file, may_replace=True)
    second = sample_home / KEPT
    assert second.samefile(layout.journal)
    load(sample / "flipside", edition="2024")
    restored = restore(backup_file, may_replace=True)
    assert sorted(sample_home.glob("journal-*")) == [other, restored.kept, link]
    assert restored.kept.stat().st_nlink == 1
    with closing(Journal.open(restored.kept, to_read=True)) as kept:
        assert (kept.verify(), kept.last_sequence()) == ([], 3)


def test_another_history_of_the_same_length_is_told_from_the_one_that_is_shown(
    sample_home: Path, backup_file: Path, restore, load, publisher, sample: Path,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    load(sample / "flipside", edition="2024")
    shown = drill(sample_home)
    restore(backup_file, may_replace=True)
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        ids = [journal.organization_of("flipside", key) for key in ("F01", "F02")]
    publisher().merge(*ids)
    other = back_up(sample_home, tmp_path / "other.sqlite")
    expected = drill(sample_home)
    assert (other.commits, current_sequence(Layout(sample_home))) == (3, 3)
    restore(sample_home / KEPT, may_replace=True)
    assert drill(sample_home) == shown
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "_remake", die)
        with pytest.raises(Killed):
            restore(other.file, may_replace=True)
    assert drill(sample_home) == shown
    publisher().recover()
    assert drill(sample_home) == expected


def test_a_journal_that_was_copied_by_hand_is_noticed(
    sample_home: Path, backup_file: Path, load, publisher, sample: Path, published
) -> None:
    before = drill(sample_home)
    ids = [published(key) for key in ("F01", "F02")]
    publisher().merge(*ids)
    load(sample / "flipside", edition="2024")
    shutil.copy(backup_file, Layout(sample_home).journal)
    assert publisher().recover() == 2
    assert drill(sample_home) == before


@pytest.fixture
def published(sample_home: Path):
    """``published(key)`` → the organisation of a record of the first sample."""

    def organization(key: str) -> str:
        with closing(Journal.open(Layout(sample_home).journal)) as journal:
            found = journal.organization_of("flipside", key)
        assert found is not None
        return found

    return organization


def test_a_snapshot_of_an_earlier_version_is_taken_over(
    sample_home: Path, publisher, load, sample: Path
) -> None:
    manifest = Layout(sample_home).current.resolve() / "manifest.json"
    text = manifest.read_text("utf-8")
    chain = Snapshots(sample_home).current().manifest.chain
    assert len(chain) == 64
    manifest.write_text(text.replace(chain, ""), "utf-8")
    before = drill(sample_home)
    assert publisher().recover() == 2
    assert Snapshots(sample_home).current().manifest.chain == chain
    assert drill(sample_home) == before


def test_commits_are_told_apart_by_their_chain(sample_home: Path) -> None:
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        chains = [journal.chain_at(sequence) for sequence in (0, 1, 2, 3)]
    assert chains[0] == chains[3] == ""
    assert len({chain for chain in chains if chain}) == 2
