"""How fast, and in how much memory and disk, organisations are ingested: CSV → checked → published.

Prints four tables. What a load takes, through the real command: the bundled datasets, the registers
in the folder that COOPGRAPH_REGISTERS names, and generated files. What checking those files
takes on one core. The same files by the usual tools (``rival.py``), beside ours. And what is to be
reached. Each measurement has a process and a folder of its own, on two cores; generating is not
measured. A run of less than 30 seconds is made three times and its median shown. Both ways must
come to the same result, triple for triple, or nothing is printed of them.

    python bench/ingest.py --organizations 10000 100000 1000000 --rival 1000 10000
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generate import FILE, SLUG, write_dataset
from runs import ROOT, Run, bold, header, load_average, timed

PYTHON = ROOT / ".venv-morph-kgc" / "bin" / "python"  # as `make rival` makes it
BUNDLED = ("us-directory", "world-directory")
REGISTERS = ("ncua", "coops-uk")
CORES = sorted(os.sched_getaffinity(0))[:2]
SHORT_S = 30.0
RUNS = 3
LARGE = 10_000  # where the start of a process no longer tells
STAGES = ("prepare", "map", "check", "reason", "store")

LOAD_HEAD = """\
| loaded | rows | triples | seconds | start | check | publish | rows/s | peak MB | peak disk MB \
| disk MB | runs |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
LOAD_FOOT = """\
triples: what the dataset's own graph holds. start: interpreter, imports, the standard. check: rows
to checked records in the journal. publish: journal to store to snapshot. peak MB: of all processes
together, pages that they share counted once, looked at each second, or of the largest alone if that
is more. disk MB: of the state folder, hard links counted once, at most and in the end."""
CHECK_HEAD = """\
| checked | rows | seconds | rows/s | peak MB | runs |
|---|---:|---:|---:|---:|---:|"""
CHECK_FOOT = """\
`coopgraph check FILE`, kept to one core, from start to end of the process; it finds as many rows
at fault as the load does, or the run ends."""
RIVAL_HEAD = f"""\
| organisations | by | seconds | {" | ".join(STAGES)} | rows/s | × | peak MB | runs |
|---:|---|---:|{"---:|" * (len(STAGES) + 4)}"""
RIVAL_FOOT = """\
prepare: what RML cannot do, as cleaning and codes. map: morph-kgc {version}, and its triples
into rdflib. check: pySHACL. reason: owlrl. store: both graphs into Oxigraph. ×: rows/s against
theirs."""
REACH_HEAD = """\
| to be reached | reach | measured |
|---|---:|---:|"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The median of some runs over ``rows`` rows."""

    name: str
    rows: int
    run: Run
    runs: int

    @property
    def rate(self) -> float:
        """Rows for each second."""
        return self.rows / self.run.seconds

    @property
    def memory_mb(self) -> float:
        """The most memory."""
        return self.run.peak_bytes / 1e6


@dataclass(frozen=True, slots=True)
class Load(Measurement):
    """A load by ``coopgraph load``; ``home`` is what the last one made."""

    triples: int
    home: Path

    def line(self) -> str:
        """As a row of the table."""
        run = self.run
        inside, publish = run.report["seconds"], run.report["publish"]
        stages = (run.seconds - inside, inside - publish, publish)
        disk = (run.disk_peak_bytes / 1e6, run.disk_bytes / 1e6)
        return (
            f"| {self.name} | {self.rows:,} | {self.triples:,} | {run.seconds:.1f} "
            f"| {' | '.join(f'{stage:.1f}' for stage in stages)} | {self.rate:,.1f} "
            f"| {self.memory_mb:,.0f} | {disk[0]:,.0f} | {disk[1]:,.0f} | {self.runs} |"
        )


@dataclass
class Found:
    """What was measured of generated organisations, by their number."""

    loads: dict[int, Load] = field(default_factory=dict)
    checks: dict[int, Measurement] = field(default_factory=dict)
    rivals: dict[int, Measurement] = field(default_factory=dict)

    def ratio(self, number: int) -> float:
        """Our rows a second against those of the usual tools."""
        return self.loads[number].rate / self.rivals[number].rate


# Measuring --------------------------------------------------------------------------------------


def median(scratch: Path, measure: Callable[[Path], Run]) -> tuple[Run, int, Path]:
    """The median of some runs, how many they were, and the folder that the last one filled."""
    runs: list[Run] = []
    while True:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        runs.append(measure(folder))
        if runs[0].seconds >= SHORT_S or len(runs) == RUNS:
            return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2], len(runs), folder
        shutil.rmtree(folder)


def load(name: str, slug: str, dataset: str | Path, scratch: Path, *source: str) -> Load:
    """Measure ``coopgraph load``."""

    def measure(home: Path) -> Run:
        command = ("-m", "coopgraph", "--home", home, "load", dataset, "--json", *source)
        run = timed(*command, watched=home, cores=CORES)
        run.report["publish"] = publish_seconds(home)
        return run

    run, runs, home = median(scratch, measure)
    return Load(name, total(run, "read"), run, runs, count(store_of(home), slug), home)


def check(file: Path, loaded: Load, scratch: Path) -> Measurement:
    """Measure ``coopgraph check`` on one core. Ends here unless it finds what the load found."""

    def measure(folder: Path) -> Run:
        command = ("-m", "coopgraph", "check", file, "--json")
        return timed(*command, watched=folder, cores=CORES[:1], accepted=(0, 1))

    run, runs, _ = median(scratch, measure)
    for name in ("read", "published", "duplicate", "quarantined"):
        as_loaded, as_checked = total(loaded.run, name), total(run, name)
        if as_loaded != as_checked:
            sys.exit(f"{name}: {as_loaded:,} rows by the load, {as_checked:,} by the check")
    return Measurement(loaded.name, total(run, "read"), run, runs)


def rival(dataset: Path, loaded: Load, python: Path, scratch: Path) -> Measurement:
    """Measure the usual tools. Ends here unless they come to the same as the load."""

    def measure(store: Path) -> Run:
        command = ("bench/rival.py", dataset, store, "--morph-kgc", python)
        return timed(*command, watched=store, cores=CORES)

    run, runs, store = median(scratch, measure)
    found = timed("bench/comparison.py", store_of(loaded.home), "--with", store)
    if found.report["differences"]:
        sys.exit("\n".join(["The two ways differ:", *found.report["differences"]]))
    shutil.rmtree(store)
    return Measurement(loaded.name, run.report["read"], run, runs)


def total(run: Run, name: str) -> int:
    """A count over all tables of a report."""
    return sum(int(table[name]) for table in run.report["tables"].values())


def store_of(home: Path) -> Path:
    """The published store of a state folder."""
    return home / "current" / "store"


def count(store: Path, slug: str) -> int:
    """The triples of a dataset. Counted elsewhere, so that this process stays small."""
    triples: int = timed("bench/comparison.py", store, "--dataset", slug).report["triples"]
    return triples


def publish_seconds(home: Path) -> float:
    """From the first file of a fresh store to the snapshot's description, by their times."""
    made = (home / "store" / "IDENTITY").stat().st_mtime
    return (home / "current" / "manifest.json").stat().st_mtime - made


# The tables -------------------------------------------------------------------------------------


def tables(chosen: argparse.Namespace, scratch: Path) -> Iterator[str]:
    """All that is printed below the header, as it is measured."""
    found = Found()
    yield LOAD_HEAD
    if not chosen.only_generated:
        yield from bundled_lines(scratch)
    for number in sorted({*chosen.organizations, *chosen.rival}):
        yield generated_line(number, number in chosen.rival, scratch, found)
    yield f"\n{LOAD_FOOT}\n\n{CHECK_HEAD}"
    for number, loaded in found.loads.items():
        checked = check(generated(scratch, number) / FILE, loaded, scratch)
        found.checks[number] = checked
        yield check_line(checked)
    yield f"\n{CHECK_FOOT}\n"
    python = chosen.morph_kgc.absolute()
    if chosen.rival and python.exists():
        yield RIVAL_HEAD
        for number in sorted(chosen.rival):
            dataset = generated(scratch, number)
            found.rivals[number] = rival(dataset, found.loads[number], python, scratch)
            yield from rival_lines(number, found)
        versions = {measured.run.report["morph-kgc"] for measured in found.rivals.values()}
        yield f"\n{RIVAL_FOOT.format(version=', '.join(versions))}\n"
    elif chosen.rival:
        yield f"There is no {python} to run morph-kgc, so it is left out: make rival\n"
    if reached := list(reach_lines(found)):
        yield "\n".join([REACH_HEAD, *reached])


def bundled_lines(scratch: Path) -> Iterator[str]:
    """Loads of the bundled datasets and the registers."""
    registers = os.environ.get("COOPGRAPH_REGISTERS")
    for name in (*BUNDLED, *REGISTERS):
        if name in BUNDLED:
            loaded = load(name, name, name, scratch)
        elif registers:
            folder = str(Path(registers).resolve() / name)
            loaded = load(name, name, name, scratch, "--from", folder)
        else:
            yield f"| {name}: COOPGRAPH_REGISTERS is not set {'|' * 12}"
            continue
        shutil.rmtree(loaded.home)
        yield loaded.line()


def generated(scratch: Path, number: int) -> Path:
    """Where a dataset of so many organisations is."""
    return scratch / f"generated-{number}"


def generated_line(number: int, is_kept: bool, scratch: Path, found: Found) -> str:
    """Generate so many organisations and load them; keep the store only to compare it."""
    write_dataset(generated(scratch, number), number, seed=1)
    loaded = load(f"generated, {number:,}", SLUG, generated(scratch, number), scratch)
    if not is_kept:
        shutil.rmtree(loaded.home)
    found.loads[number] = loaded
    return loaded.line()


def check_line(checked: Measurement) -> str:
    """What checking a file takes."""
    return (
        f"| {checked.name} | {checked.rows:,} | {checked.run.seconds:.1f} | {checked.rate:,.0f} "
        f"| {checked.memory_mb:,.0f} | {checked.runs} |"
    )


def rival_lines(number: int, found: Found) -> Iterator[str]:
    """The usual tools and ours, on so many organisations."""
    theirs, ours = found.rivals[number], found.loads[number]
    seconds: dict[str, Any] = theirs.run.report["seconds"]
    stages = [f"{seconds[stage]:.1f}" for stage in STAGES]
    for name, measured, parts, ratio in (
        ("morph-kgc, pySHACL, owlrl", theirs, stages, 1.0),
        ("coopgraph", ours, ["–"] * len(STAGES), found.ratio(number)),
    ):
        yield (
            f"| {number:,} | {name} | {measured.run.seconds:.1f} | {' | '.join(parts)} "
            f"| {measured.rate:,.1f} | {ratio:,.1f} | {measured.memory_mb:,.0f} "
            f"| {measured.runs} |"
        )


def reach_lines(found: Found) -> Iterator[str]:
    """What is to be reached, of what was measured; in bold what missed it."""
    for number in found.rivals:
        reach, least = ("≥ 50", 50.0) if number >= LARGE else ("", 0.0)
        ratio = bold(found.ratio(number), at_least=least)
        yield f"| {number:,} organisations, × morph-kgc, pySHACL, owlrl | {reach} | {ratio} |"
    if million := found.loads.get(1_000_000):
        what, run = "1,000,000 organisations published", million.run
        yield f"| {what}, minutes | ≤ 25 | {bold(run.seconds / 60, at_most=25)} |"
        yield f"| {what}, GB of memory | ≤ 4 | {bold(run.peak_bytes / 1e9, at_most=4)} |"
        yield f"| {what}, GB of disk | ≤ 20 | {bold(run.disk_peak_bytes / 1e9, at_most=20)} |"
    for number, checked in found.checks.items():
        if number >= LARGE:
            rate = bold(checked.rate, at_least=8_000)
            yield f"| {number:,} rows checked on one core, rows/s | ≥ 8,000 | {rate} |"


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description="Measure ingesting.")
    parser.add_argument(
        "--organizations", type=int, nargs="*", default=[10_000, 100_000], metavar="N"
    )
    parser.add_argument(
        "--rival",
        type=int,
        nargs="*",
        default=[1_000],
        metavar="N",
        help="compare on so many; may take an hour at 10000, and is left out without a number",
    )
    parser.add_argument(
        "--only-generated", action="store_true", help="no bundled ones, no registers"
    )
    parser.add_argument("--morph-kgc", type=Path, default=PYTHON, metavar="PYTHON")
    chosen = parser.parse_args()
    packages = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")
    print(*header(*packages), load_average(), "", sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for line in tables(chosen, Path(scratch)):
            print(line, flush=True)
    print("", load_average(), sep="\n")


if __name__ == "__main__":
    main()
