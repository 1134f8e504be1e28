"""Commands that are measured, each in a process of its own; what is printed above the figures.

In: what Python is to run. Out: a :class:`Run`: seconds, memory, disk, and the JSON it printed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from footprint import Watch, disk_bytes, memory_bytes

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """One process with all it started: how long it took, its most memory, what it printed.

    ``disk_peak_bytes`` is the most that a watched folder took meanwhile, ``disk_bytes`` what it
    took in the end.
    """

    seconds: float
    peak_bytes: int
    report: dict[str, Any]
    disk_peak_bytes: int = 0
    disk_bytes: int = 0


def timed(
    *arguments: str | Path,
    watched: Path | None = None,
    cores: Collection[int] = (),
    accepted: Collection[int] = (0,),
) -> Run:
    """Run Python in a process of its own, with no setting of ours in its environment.

    With a ``watched`` folder, it and the memory of all processes together are looked at each
    second; else the memory is that of the largest process. ``cores``: those it is kept to.
    ``accepted``: exit codes that are no failure.
    """
    kept = {name: text for name, text in os.environ.items() if not name.startswith("COOPGRAPH_")}
    command = [sys.executable, *map(str, arguments)]
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT)}
        )
        if cores:
            os.sched_setaffinity(process.pid, cores)
        with ExitStack() as stack:
            watches = [stack.enter_context(watch) for watch in _watches(process.pid, watched)]
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}")
        output.seek(0)
        report = json.load(output)
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    run = Run(seconds, usage.ru_maxrss * unit_bytes, report)
    if watched is None:
        return run
    memory, disk = (watch.peak for watch in watches)
    left = disk_bytes(watched)
    return Run(seconds, max(memory, run.peak_bytes), report, max(disk, left), left)


def _watches(pid: int, folder: Path | None) -> tuple[Watch, ...]:
    """Of the memory of a process with all it starts, and of a folder, if one is given."""
    if folder is None:
        return ()
    looks = (partial(memory_bytes, pid), partial(disk_bytes, folder))
    return tuple(Watch(look, LOOK_S) for look in looks)


def bold(number: float, *, at_most: float = float("inf"), at_least: float = 0.0) -> str:
    """A number, in bold where it misses what is to be reached."""
    text = f"{number:.2f}"
    return text if at_least <= float(text) <= at_most else f"**{text}**"


def header(*packages: str) -> Iterator[str]:
    """With what, where and when this is measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"Command: {' '.join(['python', *sys.argv])}"
    yield f"Versions: Python {platform.python_version()}, {versions}"
    yield f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}"
    yield f"Date: {datetime.now(UTC):%Y-%m-%d}"


def load_average() -> str:
    """How busy the machine is, with our own work and that of others."""
    return "Load: {:.1f}, {:.1f}, {:.1f} (1, 5, 15 minutes)".format(*os.getloadavg())
