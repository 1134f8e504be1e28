"""Disks that are full, may not be written, or give back other than was written."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from coopgraph.journal.journal import PAGE_BYTES
from coopgraph.store import Layout, Snapshots
from tests.mounting import mounting
from tests.torture.life import ROOT, Life, Nursery
from tests.torture.replay import Replay, lines

SEED = 1844
TORN_PAGES = 24


@pytest.fixture(scope="module")
def life(born: Nursery, replaying: Replay, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A state folder with some commits, all published."""
    life = Life(tmp_path_factory.mktemp("life"), born, replaying, SEED)
    life.begin()
    for kind in ("load", "update", "merge"):
        assert life.round_on(kind, nullcontext()) == ""
    return life


@pytest.mark.parametrize("most_bytes", [0, 500, 5_000, 30_000, 60_000, 120_000])
@pytest.mark.parametrize("kind", ["update", "reload"])
def test_files_that_may_not_grow_lose_nothing(kind: str, most_bytes: int, life: Life) -> None:
    error = life.round_on(kind, nullcontext(), most_bytes=most_bytes)
    if most_bytes <= 5_000:
        assert error
    assert "Traceback" not in error


@pytest.mark.mounts
def test_full_and_read_only_disks_lose_nothing_and_say_so(tmp_path: Path) -> None:
    run = subprocess.run(
        [*mounting(), sys.executable, "-m", "tests.torture.narrow", tmp_path],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    rounds = [json.loads(line) for line in run.stdout.splitlines()]
    full = [item for item in rounds if item.get("disk") == "full"]
    assert sum("is full" in item["error"] for item in full) > 4
    assert all("is full" in item["error"] for item in full if item["error"])
    refused = [item["error"] for item in rounds if item.get("disk") == "read-only"]
    assert refused
    assert all("may not be written" in error for error in refused)


def test_a_torn_page_of_the_journal_is_found_or_does_not_matter(
    life: Life, born: Nursery, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    before = lines(Snapshots(life.home).current().store)
    whole = Layout(life.home).journal.read_bytes()
    pages = len(whole) // PAGE_BYTES
    found = 0
    for number in range(TORN_PAGES):
        home = tmp_path / f"home-{number}"
        shutil.copytree(life.home, home, symlinks=True)
        page = chance.randrange(1, pages)
        middle, end = page * PAGE_BYTES + PAGE_BYTES // 2, (page + 1) * PAGE_BYTES
        torn = chance.randbytes(end - middle)
        Layout(home).journal.write_bytes(whole[:middle] + torn + whole[end:])
        said = born.run(
            {"do": "rebuild", "home": str(home), "page": str(tmp_path / "page"), "moment": None,
             "fault": ""}
        )  # fmt: skip
        assert lines(Snapshots(home).current().store) == before, f"page {page}"
        if said["ended"]:
            assert "backup" in said["error"], said["error"]
            found += 1
        shutil.rmtree(home)
    assert found > TORN_PAGES // 2
