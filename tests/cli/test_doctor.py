"""The doctor names each kind of damage; the command that it names mends it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import DefaultGraph, NamedNode, Quad

from coopgraph.cli import main
from coopgraph.errors import JournalError
from coopgraph.journal import Journal, connecting
from coopgraph.journal import journal as journal_module
from coopgraph.namespaces import STANDARD
from coopgraph.publish import Publisher
from coopgraph.publish.derive import Derivation
from coopgraph.publish.lock import publishing_lock
from coopgraph.settings import Settings
from coopgraph.store import EmbeddedStore, Layout
from coopgraph.upkeep import back_up, doctor
from tests.mounting import mounting
from tests.upkeep.conftest import contents, drill, tear

ROOT = Path(__file__).parents[2]

Run = Callable[..., Result]
Plant = Callable[[Layout], None]


class Killed(BaseException):
    """Nothing in coopgraph catches it."""


def die(*_: object, **__: object) -> None:
    raise Killed


def examine(run: Run, *options: str) -> dict[str, Any]:
    """What the doctor says; its exit code agrees."""
    result = run("doctor", "--json", *options)
    assert result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (1 if found["findings"] else 3 if found["notLookedAt"] else 0)
    assert found["well"] == (result.exit_code == 0)
    return found


def abouts(found: dict[str, Any]) -> set[str]:
    return {finding["about"] for finding in found["findings"]}


@pytest.fixture
def backup(run: Run, sample_home: Path, tmp_path: Path) -> Path:
    """A backup of the sample before it is damaged, which is described as commands do it."""
    assert run("rebuild").exit_code == 0
    return back_up(sample_home, tmp_path / "backup.sqlite").file


# Damage ---------------------------------------------------------------------------------------


def write(path: Path, content: bytes) -> None:
    """Write a file anew, where it is a link to one that others share."""
    path.unlink()
    path.write_bytes(content)


def zero_journal(layout: Layout) -> None:
    layout.journal.write_bytes(bytes(8_192))


def cut_journal(layout: Layout) -> None:
    os.truncate(layout.journal, layout.journal.stat().st_size // 2)


def lose_journal(layout: Layout) -> None:
    layout.journal.unlink()


def tear_journal(layout: Layout) -> None:
    tear(layout.journal)


def lose_current(layout: Layout) -> None:
    layout.current.unlink()


def lose_snapshot(layout: Layout) -> None:
    shutil.rmtree(layout.current.resolve())


def spoil_manifest(layout: Layout) -> None:
    (layout.current / "manifest.json").write_text("{")


def tables(layout: Layout) -> list[Path]:
    found = sorted(layout.current.glob("store/*.sst"))
    assert found
    return found


def lose_a_file(layout: Layout) -> None:
    tables(layout)[0].unlink()


def cut_a_file(layout: Layout) -> None:
    content = tables(layout)[0].read_bytes()
    write(tables(layout)[0], content[:-1])


def flip_a_bit(layout: Layout) -> None:
    content = bytearray(tables(layout)[0].read_bytes())
    content[len(content) // 2] ^= 1
    write(tables(layout)[0], bytes(content))


def flip_a_bit_of_the_index(layout: Layout) -> None:
    path = sorted(layout.current.glob("search/*.term"))[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    write(path, bytes(content))


def lose_store(layout: Layout) -> None:
    shutil.rmtree(layout.store)


def spoil_store(layout: Layout) -> None:
    (layout.store / "CURRENT").write_text("nonsense")


def number_store(layout: Layout) -> None:
    EmbeddedStore.open(layout.store, STANDARD).set_sequence(1)


def unnumber_store(layout: Layout) -> None:
    EmbeddedStore.open(layout.store, STANDARD).forget_sequence()


def lose_index(layout: Layout) -> None:
    shutil.rmtree(layout.search)


def unstamp_index(layout: Layout) -> None:
    (layout.search / "stamp.json").unlink()


def number_index(layout: Layout) -> None:
    path = layout.search / "stamp.json"
    path.write_bytes(json.dumps({**json.loads(path.read_bytes()), "sequence": 1}).encode())


def change_manifest(layout: Layout, **changed: object) -> None:
    path = layout.current / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changed}), "utf-8")


def other_standard(layout: Layout) -> None:
    change_manifest(layout, standard_digest="0" * 64)


def other_gazetteer(layout: Layout) -> None:
    change_manifest(layout, gazetteer="0" * 64)


def other_history(layout: Layout) -> None:
    change_manifest(layout, chain="0" * 64)


def earlier_snapshot(layout: Layout) -> None:
    change_manifest(layout, sequence=1)


class Damage(NamedTuple):
    """What is planted, what the doctor calls it, and whether a quick look sees it."""

    plant: Plant
    about: str
    is_quick: bool = True


DAMAGES = [
    Damage(zero_journal, "journal"),
    Damage(cut_journal, "journal"),
    Damage(lose_journal, "journal"),
    Damage(tear_journal, "journal", is_quick=False),
    Damage(lose_current, "snapshot"),
    Damage(lose_snapshot, "snapshot"),
    Damage(spoil_manifest, "snapshot"),
    Damage(lose_a_file, "snapshot"),
    Damage(cut_a_file, "snapshot"),
    Damage(flip_a_bit, "hashes", is_quick=False),
    Damage(flip_a_bit_of_the_index, "hashes", is_quick=False),
    Damage(lose_store, "numbers"),
    Damage(spoil_store, "numbers"),
    Damage(number_store, "numbers"),
    Damage(unnumber_store, "numbers"),
    Damage(lose_index, "numbers"),
    Damage(unstamp_index, "numbers"),
    Damage(number_index, "numbers"),
    Damage(other_history, "numbers"),
    Damage(earlier_snapshot, "numbers"),
    Damage(other_standard, "standard"),
    Damage(other_gazetteer, "standard"),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.plant.__name__)
def test_damage_is_named_with_what_mends_it(
    damage: Damage, run: Run, sample_home: Path, backup: Path
) -> None:
    assert examine(run)["findings"] == []
    before = drill(sample_home)
    damage.plant(Layout(sample_home))
    quick = abouts(examine(run, "--quick"))
    assert (damage.about in quick) == damage.is_quick
    found = examine(run)
    assert damage.about in abouts(found)
    commands = {finding["command"] for finding in found["findings"]}
    assert len(commands) == 1, "one thing to do"
    mend(commands.pop(), backup)
    found = examine(run)
    assert found["well"], found
    assert drill(sample_home) == before


def mend(command: str, backup: Path = Path("none")) -> None:
    """Do what the doctor says, with the operator's backup where a FILE is asked for."""
    program, *words = shlex.split(command.replace("FILE", str(backup)))
    assert program == "coopgraph"
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output


def extra_and_missing_quads(layout: Layout, settings: Settings, light: object) -> None:
    """Publishes a snapshot that is whole in itself and not what the journal leads to."""
    store = EmbeddedStore.open(layout.store, STANDARD)
    about = NamedNode(f"{STANDARD}id/org/nobody")
    kept = [quad for quad in store.store if quad.graph_name == DefaultGraph()]
    organization = next(q for q in kept if q.subject.value.startswith(f"{STANDARD}id/org/"))
    store.apply([organization], [Quad(about, about, about, DefaultGraph()) for _ in range(2)])
    store.apply([], [Quad(about, about, about, NamedNode(f"{STANDARD}graph/flipside"))])
    store.store.flush()
    del store
    with closing(Journal.open(layout.journal)) as journal:
        publisher = Publisher(settings, light)  # type: ignore[arg-type]
        derivation: Derivation = publisher._derivation(journal)
        derivation.snapshot()


def test_quads_that_do_not_follow_from_the_journal_are_counted(
    run: Run, sample_home: Path, backup: Path, settings: Settings, light: object
) -> None:
    before = drill(sample_home)
    extra_and_missing_quads(Layout(sample_home), settings, light)
    assert examine(run, "--quick")["well"]
    found = examine(run)
    assert abouts(found) == {"quads"}
    assert found["quads"] == before[0] + 1
    assert f"Of {before[0] + 1:,} quads that are served 2 do not" in found["findings"][0]["message"]
    assert "and 1 that do are missing" in found["findings"][0]["message"]
    mend(found["findings"][0]["command"], backup)
    assert examine(run)["well"]
    assert drill(sample_home) == before


@pytest.mark.parametrize(
    "name",
    ["store.new/x", "store.old/x", "search.new/x", "search.old/x", "bulk.tmp/0.nq",
     "snapshots/000009.tmp/x", "store/bulk-1.sst", "store/9.tmp", "journal.tmp",
     "journal.tmp-journal"],
)  # fmt: skip
def test_what_killed_publishers_left_is_named_and_removed(
    name: str, run: Run, sample_home: Path, backup: Path
) -> None:
    path = sample_home / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"left")
    found = examine(run, "--quick")
    assert abouts(found) == {"leftovers"}
    assert name.split("/x")[0].split("/0")[0] in found["findings"][0]["message"]
    mend(found["findings"][0]["command"], backup)
    assert examine(run)["well"]
    assert not path.exists()


def test_a_link_and_a_second_name_that_were_left_are_removed(
    run: Run, sample_home: Path, backup: Path
) -> None:
    layout = Layout(sample_home)
    (sample_home / "current.tmp").symlink_to("snapshots/000001")
    os.link(layout.journal, layout.kept_journal("20261130T201507Z"))
    shutil.copy(layout.journal, layout.kept_journal("20251130T201507Z"))
    found = examine(run, "--quick")
    message = found["findings"][0]["message"]
    assert "current.tmp, journal-20261130T201507Z.sqlite." in message
    mend(found["findings"][0]["command"], backup)
    assert examine(run)["well"]
    assert layout.kept_journal("20251130T201507Z").exists(), (
        "a journal that was kept is no leftover"
    )


@pytest.mark.parametrize("name", ["journal.old", "journal.sqlite.old", "store.tgz", "current.old"])
def test_what_an_operator_keeps_there_is_no_leftover(
    name: str, run: Run, sample_home: Path
) -> None:
    kept = sample_home / name
    kept.write_bytes(b"kept")
    assert examine(run, "--quick")["well"]
    assert run("rebuild").exit_code == 0
    assert kept.read_bytes() == b"kept"


def test_a_commit_that_is_not_published_yet_is_named(
    run: Run, sample_home: Path, load, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Derivation, "bring_up", die)
        with pytest.raises(Killed):
            load(sample / "flipside", edition="2024")
    found = examine(run)
    assert "Commit 2 is served, and commit 3 is the journal's last." in str(found["findings"])
    assert abouts(found) == {"numbers"}
    mend(found["findings"][0]["command"])
    found = examine(run)
    assert (found["well"], found["sequence"]) == (True, 3)


def test_too_small_a_disk_is_told(
    run: Run, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = examine(run, "--quick")["neededBytes"]
    files = sum(path.stat().st_size for path in Layout(sample_home).current.glob("s*/*"))
    assert needed > 2 * files
    usage = shutil.disk_usage(sample_home)
    with monkeypatch.context() as patch:
        patch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=needed - 1))
        found = examine(run, "--quick")
        assert abouts(found) == {"disk"}
        assert found["findings"][0]["command"] == ""
        assert f"{needed - 1:,} bytes are free" in found["findings"][0]["message"]
        patch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=needed))
        assert examine(run, "--quick")["well"]


def test_a_journal_of_a_newer_version_is_not_called_damaged(run: Run, sample_home: Path) -> None:
    with closing(sqlite3.connect(Layout(sample_home).journal)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    [finding] = examine(run)["findings"]
    assert "newer version" in finding["message"]
    assert finding["command"] == ""


# All well -------------------------------------------------------------------------------------


def test_what_went_through_much_is_well(
    run: Run, sample_home: Path, load, publisher, sample: Path
) -> None:
    load(sample / "flipside", edition="2024")
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        old, new = (
            journal.organization_of(*r) for r in (("northlight", "N4"), ("flipside", "F02"))
        )
    publisher().merge(old, new)
    assert examine(run)["well"]
    publisher().split(new, [("northlight", "N4")])
    found = examine(run)
    assert found["well"], found
    assert found["quads"] == drill(sample_home)[0]
    assert found["lookedAt"] == [
        "snapshot", "standard", "hashes", "journal", "numbers", "quads", "leftovers", "disk",
    ]  # fmt: skip


def test_the_whole_standard_is_well(served_sample: Path) -> None:
    result = CliRunner().invoke(main, ["--home", str(served_sample), "doctor"])
    assert result.exit_code == 0, result.output
    assert "All is well" in result.stdout


def test_numbers_in_other_forms_are_no_difference(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(
        "title: Made-up list\ndescription: For one test.\npublisher: {name: Nobody}\n"
        "licence: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "tables: {organisations: {file: organisations.csv, key: id}}\n",
        encoding="utf-8",
    )
    (folder / "organisations.csv").write_text(
        "id,name,kind,country,latitude,longitude,founded\n"
        "a,“Ä” \\ b,cooperative,GB,051.500,-0.10,1901\n"
        "b,Birch <b>,cooperative,GB,+52,-1.0,1902-03\n",
        encoding="utf-8",
    )
    assert run("load", folder).exit_code == 0
    found = examine(run)
    assert found["well"], found


def test_another_title_is_no_difference(
    run: Run, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOPGRAPH_TITLE", "Ours")
    monkeypatch.setenv("COOPGRAPH_URL", "https://ours.example")
    assert examine(run)["well"]


@pytest.mark.parametrize("is_killed", [False, True], ids=["at rest", "after a kill"])
def test_looking_changes_nothing(is_killed: bool, run: Run, sample_home: Path) -> None:
    layout = Layout(sample_home)
    if is_killed:
        with closing(Journal.open(layout.journal)) as journal:
            journal.mark_published(2, journal.last_time())
            journal.begin().describe("flipside", "half a commit")
            left = {path.name: path.read_bytes() for path in sample_home.glob("journal.sqlite*")}
        for name, content in left.items():
            (sample_home / name).write_bytes(content)
    before = contents(sample_home)
    assert ("journal.sqlite-wal" in before) == is_killed
    assert examine(run)["well"]
    after = contents(sample_home)
    for files in (before, after):
        files.pop("journal.sqlite-shm", None)  # SQLite's shared memory
    assert after == before


@pytest.mark.mounts
def test_a_disk_that_may_not_be_written_can_be_looked_at(
    served_sample: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        f'mount -t tmpfs tmpfs "{disk}" && cp -a "{served_sample}" "{disk}/home" && '
        f'mount -o remount,ro "{disk}" && '
        f'"{sys.executable}" -m coopgraph --home "{disk}/home" doctor'
    )
    done = subprocess.run(
        [*mounting(), "sh", "-c", script], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "All is well" in done.stdout


# What cannot be looked at ---------------------------------------------------------------------


def test_what_is_being_published_is_not_judged(run: Run, sample_home: Path) -> None:
    layout = Layout(sample_home)
    (sample_home / "store.new").mkdir()
    shutil.rmtree(layout.store)
    with publishing_lock(layout.lock, 0):
        found = examine(run)
        flip_a_bit(layout)
        damaged = examine(run)
    assert found["findings"] == []
    assert found["publisher"] == str(os.getpid())
    assert f"process {os.getpid()} is publishing" in found["notLookedAt"][0]
    assert abouts(damaged) == {"hashes"}
    assert abouts(examine(run)) >= {"hashes", "numbers", "leftovers"}


def test_what_is_published_meanwhile_is_looked_at_again(
    run: Run, sample_home: Path, load, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publishing(*arguments: object) -> object:
        load(sample / "flipside", edition="2024")
        return compare(*arguments)

    compare = doctor.compare
    with monkeypatch.context() as patch:
        patch.setattr(doctor, "compare", publishing)
        result = run("doctor")
    assert result.exit_code == 3
    assert "while it was looked at; look again" in result.stderr
    assert examine(run)["well"]


@pytest.mark.parametrize(
    "error",
    [JournalError("damaged"), sqlite3.DatabaseError("half a page"), ValueError("half a page")],
    ids=repr,
)
def test_what_is_wrong_in_a_journal_that_is_written_meanwhile_is_not_told(
    error: Exception, run: Run, sample_home: Path, load, sample: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def publishing(journal: Journal) -> list[str]:
        load(sample / "flipside", edition="2024")
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "verify", publishing)
        result = run("doctor")
    assert result.exit_code == 3
    assert "look again" in result.stderr
    assert "estore" not in result.output
    assert examine(run)["well"]


def test_a_journal_that_this_user_cannot_read_now_is_not_called_damaged(
    run: Run, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(path: Path, *, is_logged: bool) -> sqlite3.Connection:
        return connecting.read_only(path.with_name("none"), "mode=ro")

    monkeypatch.setattr(journal_module, "connect_to_read", unable)
    result = run("doctor")
    assert result.exit_code == 3
    assert "do it as the user who publishes" in result.stderr
    assert "estore" not in result.output


def test_nothing_published_and_another_base_cannot_be_looked_at(
    run: Run, sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = CliRunner().invoke(main, ["--home", str(tmp_path / "empty"), "doctor"])
    assert empty.exit_code == 3
    assert "Nothing is published" in empty.stderr
    monkeypatch.setenv("COOPGRAPH_BASE", "https://other.example/")
    result = run("doctor")
    assert result.exit_code == 2
    assert "set COOPGRAPH_BASE" in result.stderr


def test_what_may_not_be_read_cannot_be_looked_at(
    run: Run, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, _: Path(path).name != "journal.sqlite")
    result = run("doctor")
    assert result.exit_code == 3
    assert "journal.sqlite may not be read by this user" in result.stderr


def test_a_person_is_told_in_lines(run: Run, sample_home: Path) -> None:
    assert run("doctor").stdout == (
        "looked at: snapshot, standard, hashes, journal, numbers, quads, leftovers, disk\n"
        f"All is well in {sample_home}; commit 2 is served.\n"
    )
    (sample_home / "bulk.tmp").mkdir()
    assert run("doctor", "--quick").stdout == (
        "leftovers: A publisher that was killed left bulk.tmp.\n"
        f"    coopgraph --home {sample_home} rebuild\n"
        "looked at: snapshot, standard, journal, numbers, leftovers, disk\n"
        f"1 wrong in {sample_home}.\n"
    )
