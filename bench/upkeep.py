"""What keeping a state folder well takes: backup, doctor, restore, each in a process of its own.

Publishes synthetic organisations (``generate.py``), then measures the commands, each several
times: the median of the seconds, the most memory of all processes together, the most room on the
disk beyond what the state folder takes. Linux only.

    python bench/upkeep.py --organizations 10000
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from footprint import disk_bytes
from generate import write_dataset
from runs import Run, header, load_average, timed

_MB = 1_000_000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--organizations", type=int, default=10_000, metavar="N")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    print("\n".join(header("pyoxigraph")))
    with tempfile.TemporaryDirectory() as folder:
        for line in _lines(Path(folder), chosen.organizations, chosen.runs):
            print(line, flush=True)
    print(load_average())


def _lines(scratch: Path, organizations: int, runs: int) -> Iterator[str]:
    home, backup = scratch / "home", scratch / "backup.sqlite"
    write_dataset(scratch / "synthetic", organizations, seed=1)
    _command(home, "load", str(scratch / "synthetic"), "--json")
    yield f"Organisations: {organizations:,}; state folder: {disk_bytes(home) / _MB:,.0f} MB"
    yield "| command | s | memory, MB | room, MB |"
    yield "|---|---:|---:|---:|"
    commands = {
        "backup": ("backup", str(backup), "--replace", "--json"),
        "doctor --quick": ("doctor", "--quick", "--json"),
        "doctor": ("doctor", "--json"),
        "restore": ("restore", str(backup), "--json"),
    }
    for name, words in commands.items():
        measured = [_measured(home, name, words) for _ in range(runs)]
        yield _line(f"`coopgraph {name}`", measured)


def _measured(home: Path, name: str, words: tuple[str, ...]) -> tuple[Run, int]:
    """A run, and the bytes that the state folder took before it."""
    if name == "restore":
        shutil.rmtree(home)
        home.mkdir()
    before = disk_bytes(home)
    return _command(home, *words), before


def _command(home: Path, *words: str) -> Run:
    home.mkdir(exist_ok=True)
    return timed("-m", "coopgraph", "--home", str(home), *words, watched=home)


def _line(name: str, measured: list[tuple[Run, int]]) -> str:
    seconds = statistics.median(run.seconds for run, _ in measured)
    memory = max(run.peak_bytes for run, _ in measured)
    room = max(run.disk_peak_bytes - before for run, before in measured)
    return f"| {name} | {seconds:.1f} | {memory / _MB:,.0f} | {max(room, 0) / _MB:,.0f} |"


if __name__ == "__main__":
    main()
