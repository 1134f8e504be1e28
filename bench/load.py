"""How fast, and in how much memory, datasets are loaded; and how much faster than plainly.

Prints one table: the bundled datasets, the registers in the folder that COOPGRAPH_REGISTERS
names, and a generated file, each through the real command; then the first rows of that file
again, through the command and in the plain way (``plain.py``). Each measurement has a process
and a state folder of its own. A run of less than 30 seconds is made three times and its median
shown. The two ways must come to the same result, or nothing is printed of them.

    python bench/load.py --organizations 100000 --plain 1000
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from generate import FILE, SLUG, write_dataset

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ("us-directory", "world-directory")
REGISTERS = ("ncua", "coops-uk")
SHORT_S = 30.0
RUNS = 3

HEAD = """\
| loaded | rows | triples | seconds | start | check | publish | rows/s | peak MB | runs | × plain |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
FOOT = """\
triples: what the dataset's own graph holds. start: interpreter, imports, the standard. check:
rows to checked records in the journal. publish: journal to store to snapshot. × plain: rows/s
against those of the plain way in this run, which may take longer for each row of a longer file."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: how long it took, its most memory, and the JSON that it printed."""

    seconds: float
    peak_bytes: int
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measurement:
    """The median of some runs; ``store`` is what the last one made."""

    name: str
    rows: int
    triples: int
    run: Run
    publish_s: float | None
    runs: int
    store: Path

    @property
    def rate(self) -> float:
        """Rows for each second."""
        return self.rows / self.run.seconds

    def line(self, plain_rate: float | None) -> str:
        """As a row of the table."""
        seconds, stages = self.run.seconds, "– | – | –"
        if self.publish_s is not None:
            inside = self.run.report["seconds"]
            parts = (seconds - inside, inside - self.publish_s, self.publish_s)
            stages = " | ".join(f"{part:.1f}" for part in parts)
        ratio = f"{self.rate / plain_rate:,.1f}" if plain_rate else ""
        return (
            f"| {self.name} | {self.rows:,} | {self.triples:,} | {seconds:.1f} | {stages} "
            f"| {self.rate:,.1f} | {self.run.peak_bytes / 1e6:,.0f} | {self.runs} | {ratio} |"
        )


def timed(*arguments: str | Path) -> Run:
    """Run Python in a process of its own, with no setting of ours in its environment."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("COOPGRAPH_")}
    command = [sys.executable, *map(str, arguments)]
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT)}
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}")
        output.seek(0)
        unit_bytes = 1 if sys.platform == "darwin" else 1024
        return Run(seconds, usage.ru_maxrss * unit_bytes, json.load(output))


def load(name: str, slug: str, dataset: str | Path, scratch: Path, *source: str) -> Measurement:
    """Measure ``coopgraph load``."""
    runs: list[tuple[Run, float]] = []
    while not runs or (len(runs) < RUNS and runs[0][0].seconds < SHORT_S):
        home = Path(tempfile.mkdtemp(dir=scratch))
        run = timed("-m", "coopgraph", "--home", home, "load", dataset, "--json", *source)
        runs.append((run, publish_seconds(home)))
    run, publish_s = sorted(runs, key=lambda item: item[0].seconds)[len(runs) // 2]
    rows = sum(table["read"] for table in run.report["tables"].values())
    store = home / "current" / "store"
    return Measurement(name, rows, count(store, slug), run, publish_s, len(runs), store)


def plain(dataset: Path, scratch: Path) -> Measurement:
    """Measure the plain way."""
    runs: list[Run] = []
    while not runs or (len(runs) < RUNS and runs[0].seconds < SHORT_S):
        store = Path(tempfile.mkdtemp(dir=scratch))
        runs.append(timed("bench/plain.py", dataset, store))
    run = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    rows, triples = run.report["read"], count(store, SLUG)
    return Measurement("the same, the plain way", rows, triples, run, None, len(runs), store)


def count(store: Path, slug: str) -> int:
    """The triples of a dataset. Counted elsewhere, so that this process stays small."""
    triples: int = timed("bench/comparison.py", store, "--dataset", slug).report["triples"]
    return triples


def publish_seconds(home: Path) -> float:
    """From the first file of a fresh store to the snapshot's description, by their times."""
    made = (home / "store" / "IDENTITY").stat().st_mtime
    return (home / "current" / "manifest.json").stat().st_mtime - made


def measure(organizations: int, plain_rows: int, scratch: Path) -> Iterator[str]:
    """The rows of the table, as they are measured."""
    for name in BUNDLED:
        yield load(name, name, name, scratch).line(None)
    registers = os.environ.get("COOPGRAPH_REGISTERS")
    for name in REGISTERS:
        if registers:
            folder = str(Path(registers).resolve() / name)
            yield load(name, name, name, scratch, "--from", folder).line(None)
        else:
            yield f"| {name}: COOPGRAPH_REGISTERS is not set {'|' * 11}"
    generated = scratch / "generated"
    write_dataset(generated, organizations, seed=1)
    large = load(f"generated, {organizations:,}", SLUG, generated, scratch)
    if not plain_rows:
        yield large.line(None)
        return
    small = scratch / "first"
    first_rows(generated, small, plain_rows)
    ours = load(f"generated, the first {plain_rows:,}", SLUG, small, scratch)
    theirs = plain(small, scratch)
    require_equal(ours, theirs)
    for measurement in (large, ours, theirs):
        yield measurement.line(theirs.rate)


def first_rows(generated: Path, folder: Path, number: int) -> None:
    """A dataset of the first rows of another."""
    folder.mkdir()
    (folder / "dataset.yaml").write_bytes((generated / "dataset.yaml").read_bytes())
    with (
        (generated / FILE).open(newline="", encoding="utf-8") as source,
        (folder / FILE).open("w", newline="", encoding="utf-8") as output,
    ):
        csv.writer(output).writerows(islice(csv.reader(source), number + 1))


def require_equal(ours: Measurement, theirs: Measurement) -> None:
    """End here unless both ways say the same of the organisations."""
    found = timed("bench/comparison.py", ours.store, "--with", theirs.store)
    if found.report["differences"]:
        sys.exit("\n".join(["The two ways differ:", *found.report["differences"]]))


def header(*packages: str) -> Iterator[str]:
    """With what, where and when this is measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"Command: {' '.join(['python', *sys.argv])}"
    yield f"Versions: Python {platform.python_version()}, {versions}"
    yield f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}"
    yield f"Date: {datetime.now(UTC):%Y-%m-%d}"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description="Measure loading.")
    parser.add_argument("--organizations", type=int, default=100_000, metavar="N")
    parser.add_argument("--plain", type=int, default=1_000, metavar="N", help="0 leaves it out")
    chosen = parser.parse_args()
    packages = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")
    print(*header(*packages), "", HEAD, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        rows = min(chosen.plain, chosen.organizations)
        for line in measure(chosen.organizations, rows, Path(scratch)):
            print(line, flush=True)
    print("", FOOT, sep="\n")


if __name__ == "__main__":
    main()
