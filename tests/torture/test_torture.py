"""The short form of the torture, and that it catches what is wrong."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.torture import logs
from tests.torture.faults import FAULTS, FAULTY_KINDS
from tests.torture.life import Broken, Life, Nursery
from tests.torture.replay import Replay
from tests.torture.torture import report, torture
from tests.torture.world import KINDS

SEED = 1844
KILLS, CUTS = 50, 20
MOST_ROUNDS = 80


def test_what_is_acknowledged_survives_kills_and_power_cuts_while_a_server_answers() -> None:
    tally = torture(KILLS, CUTS, SEED, watch=print)
    print(report(tally))
    assert tally.killed >= KILLS
    assert tally.cuts.total() >= CUTS
    assert len({stage for _, stage in tally.kills}) >= 6, "the kills are not spread"
    assert tally.answers > KILLS


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_is_caught(fault: str, born: Nursery, replaying: Replay, tmp_path: Path) -> None:
    life = Life(tmp_path, born, replaying, SEED, fault)

    def go_on() -> None:
        life.begin()
        for kind in islice(cycle(FAULTY_KINDS.get(fault, KINDS)), MOST_ROUNDS):
            life.round(kind, with_power=False)

    with pytest.raises(Broken) as caught:
        go_on()
    print(f"{fault}: caught after {life.tally.killed} kills: {caught.value}")


# Cutting logs ---------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A database whose log holds a transaction, and its open connection."""
    path = tmp_path / "journal.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    with db:
        db.execute("CREATE TABLE t (n)")
    yield path, db
    db.close()


def numbers(path: Path, folder: Path) -> list[int]:
    """What another process reads of a copy after a power cut."""
    folder.mkdir(exist_ok=True)
    for name in (path.name, f"{path.name}-wal"):
        (folder / name).write_bytes(path.with_name(name).read_bytes())
    db = sqlite3.connect(folder / path.name)
    found = [row[0] for row in db.execute("SELECT n FROM t ORDER BY n")]
    db.close()
    return found


def test_a_cut_keeps_what_is_known_and_loses_what_is_behind(
    written: tuple[Path, sqlite3.Connection], tmp_path: Path
) -> None:
    path, db = written
    with db:
        db.execute("INSERT INTO t VALUES (1)")
    safe = logs.known(path)
    with db:
        db.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(2, 2_000)])
    whole = path.with_name(f"{path.name}-wal").read_bytes()
    assert logs.known(path).size_bytes == len(whole) > safe.size_bytes
    outcomes = set()
    for seed in range(30):
        folder = tmp_path / f"cut-{seed}"
        assert len(numbers(path, folder)) == 1_999
        (folder / f"{path.name}-wal").write_bytes(whole)
        lost = logs.cut_journal(folder / path.name, safe, random.Random(seed))
        assert 0 <= lost <= len(whole) - safe.size_bytes
        outcomes.add(len(numbers(folder / path.name, tmp_path / "read")))
    assert outcomes <= {1, 1_999}, "a transaction is whole or gone"
    assert 1 in outcomes


def test_a_log_of_another_generation_is_known_to_be_superfluous(
    written: tuple[Path, sqlite3.Connection],
) -> None:
    path, db = written
    with db:
        db.execute("INSERT INTO t VALUES (1)")
    safe = logs.known(path)
    db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    with db:
        db.execute("INSERT INTO t VALUES (2)")
    assert logs.known(path).generation != safe.generation
