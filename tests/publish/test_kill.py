"""kill -9 in the middle of a load: the last published state is served, and the next load works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import Quad

from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor

ROOT = Path(__file__).parents[2]
KILLS = 8
ROWS = 300


def write(folder: Path, version: int) -> None:
    """The made-up dataset; each version renames every organisation."""
    lines = ["id,name,kind,country,homepage"]
    lines += [
        f"{n},Kill Test {n} v{version},cooperative,US,https://kill-{n}.example/"
        for n in range(ROWS)
    ]
    folder.mkdir(exist_ok=True)
    (folder / "organisations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / FILE_NAME).write_text(
        "title: Kill test\ndescription: For one test.\npublisher: {name: Nobody}\n"
        "licence: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "tables: {organisations: {file: organisations.csv, key: id}}\n",
        encoding="utf-8",
    )


def start(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "coopgraph", "--home", str(home), "load", str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def versions(home: Path) -> set[str]:
    """The versions whose names the served snapshot holds, and that it holds them whole."""
    store = Snapshots(home).current().store
    names = [
        row[0].value
        for row in store.query(
            "SELECT ?n { ?o <http://www.w3.org/2004/02/skos/core#prefLabel> ?n "
            "FILTER(STRSTARTS(?n, 'Kill Test ')) }"
        )
    ]
    assert len(names) == ROWS
    return {name.rpartition(" ")[2] for name in names}


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Path, Path]:
    home, folder = tmp_path / "home", tmp_path / "kill-test"
    write(folder, 0)
    assert start(home, folder).wait(120) == 0
    return home, folder


def test_kill_leaves_the_last_published_state_and_the_next_load_works(
    killed: tuple[Path, Path], standard: Standard
) -> None:
    home, folder = killed
    chance = random.Random(1844)
    began = time.monotonic()
    write(folder, 1)
    assert start(home, folder).wait(120) == 0
    whole_s = time.monotonic() - began
    served, committed, interrupted, run = 1, 2, 0, 1
    while interrupted < KILLS:
        run += 1
        assert run < 4 * KILLS, "the kills come too late to test anything"
        write(folder, run)
        process = start(home, folder)
        time.sleep(chance.uniform(0.2, 1.0) * whole_s)
        process.send_signal(signal.SIGKILL)
        if process.wait(60) == -signal.SIGKILL:
            interrupted += 1
        else:  # the machine is quicker than when the load was timed
            whole_s *= 0.8
        found = versions(home)
        assert found in ({f"v{served}"}, {f"v{run}"}), "half a commit is visible"
        journal = Journal.open(Layout(home).journal)
        sequence = journal.last_sequence()
        assert sequence in (committed, committed + 1)
        assert journal.verify() == []
        journal.close()
        # What the journal acknowledged is published by the next start, and only that.
        Publisher(Settings(home=home), standard).recover()
        served = run if sequence > committed else served
        committed = sequence
        assert versions(home) == {f"v{served}"}

    write(folder, 99)
    descriptor = read_descriptor(folder, standard)
    publisher = Publisher(Settings(home=home), standard)
    report = publisher.load(descriptor, folder, LoadOptions())
    assert report.tables["organisations"].changed == ROWS
    edited = quads(home)
    publisher.rebuild()
    assert quads(home) == edited


def quads(home: Path) -> set[Quad]:
    return set(Snapshots(home).current().store)
