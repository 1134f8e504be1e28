"""How fast and in how much memory datasets are loaded, beside the plain way.

Prints one table (Markdown): the four datasets and a generated file through the real command,
each in a fresh process and a fresh state folder; then the first rows of the generated file in
the plain way (``bench/plain.py``) and through coopgraph, and the ratio of the two. The registers
are read from the folder that COOPGRAPH_REGISTERS names, and left out by name without it.

    python bench/load.py --organizations 100000 --plain 1000
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
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

from generate import write_dataset

from coopgraph import __version__, resources
from coopgraph.store import Snapshots

SHORT_RUN_S = 30.0
RUNS = 3
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """One process: how long, how much memory at its peak, and what it printed."""

    seconds: float
    peak_bytes: int
    report: dict[str, Any]


def timed(arguments: list[str]) -> Run:
    """Run a command of ours in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, *arguments], stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, arguments
        output.seek(0)
        return Run(seconds, usage.ru_maxrss * 1024, json.loads(output.read()))


def load(dataset: str, folder: Path | None) -> tuple[Run, int, int]:
    """The median of several loads (one, if it is long), how many, and quads in the store."""
    runs = []
    while not runs or (runs[0].seconds < SHORT_RUN_S and len(runs) < RUNS):
        with tempfile.TemporaryDirectory() as home:
            words = ["-m", "coopgraph", "--home", home, "load", dataset, "--json"]
            runs.append(timed([*words, *(["--from", str(folder)] if folder else [])]))
            quads = len(Snapshots(Path(home)).current().store)
    middle = statistics.median_low(run.seconds for run in runs)
    return next(run for run in runs if run.seconds == middle), len(runs), quads


def rows(report: dict[str, Any], name: str) -> int:
    """A count over all tables of a load."""
    return sum(table[name] for table in report["tables"].values())


def lines(generated: Path) -> Iterator[str]:
    """The table of loads."""
    yield "| dataset | rows read | published | quads | seconds | rows/s | peak MB | runs |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    registers = os.environ.get("COOPGRAPH_REGISTERS")
    for name in ("us-directory", "world-directory", "ncua", "coops-uk", "generated"):
        folder = Path(registers, name) if registers and name in ("ncua", "coops-uk") else None
        if name in ("ncua", "coops-uk") and folder is None:
            yield f"| {name} | not measured: COOPGRAPH_REGISTERS is not set | | | | | | |"
            continue
        dataset = str(generated) if name == "generated" else str(resources.DATA / name)
        run, count, quads = load(dataset, folder)
        read, published = rows(run.report, "read"), rows(run.report, "published")
        yield (
            f"| {name} | {read:,} | {published:,} | {quads:,} | {run.seconds:.1f} "
            f"| {read / run.seconds:,.0f} | {run.peak_bytes / 1e6:,.0f} | {count} |"
        )


def first_rows(generated: Path, folder: Path, count: int) -> None:
    """A dataset of the first rows of another."""
    folder.mkdir()
    (folder / "dataset.yaml").write_text((generated / "dataset.yaml").read_text("utf-8"), "utf-8")
    with (generated / "organisations.csv").open(encoding="utf-8", newline="") as source:
        kept = list(islice(csv.reader(source), count + 1))
    with (folder / "organisations.csv").open("w", encoding="utf-8", newline="") as output:
        csv.writer(output).writerows(kept)


def beside_plain(generated: Path, scratch: Path, count: int) -> Iterator[str]:
    """The same first rows, both ways."""
    small = scratch / "small"
    first_rows(generated, small, count)
    ours, _, _ = load(str(small), None)
    plain = timed(["bench/plain.py", str(small), "--rows", str(count)])
    stages = ("mapping_s", "validation_s", "reasoning_s", "store_s")
    parts = ", ".join(f"{name[:-2]} {plain.report[name]:.1f}" for name in stages)
    yield f"| the first {count:,} rows | seconds | rows/s | peak MB |"
    yield "|---|---:|---:|---:|"
    for name, run in (("coopgraph load", ours), ("plain way", plain)):
        yield (
            f"| {name} | {run.seconds:.1f} | {count / run.seconds:,.1f} "
            f"| {run.peak_bytes / 1e6:,.0f} |"
        )
    yield f"| ratio | **{plain.seconds / ours.seconds:.1f}** | | |"
    yield ""
    yield f"The plain way by stage, in seconds: {parts}."


def header() -> Iterator[str]:
    """Where and with what this was measured."""
    packages = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"coopgraph {__version__}, Python {platform.python_version()}, {versions}"
    yield f"{os.cpu_count()} cores, {memory:.0f} GiB, {datetime.now(UTC):%Y-%m-%d}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Measure loading.")
    parser.add_argument("--organizations", type=int, default=100_000)
    parser.add_argument("--plain", type=int, default=1_000, metavar="ROWS")
    options = parser.parse_args()
    os.chdir(ROOT)
    print(*header(), "", sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        generated = Path(scratch, "generated")
        write_dataset(generated, options.organizations, seed=1)
        for line in lines(generated):
            print(line, flush=True)
        print()
        for line in beside_plain(generated, Path(scratch), options.plain):
            print(line, flush=True)


if __name__ == "__main__":
    main()
