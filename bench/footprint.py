"""What processes and folders take: memory of a process with all it started, bytes of a folder.

Linux only: memory is read from ``/proc``. Pages that processes share are counted once, and files
with several names (hard links) too.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_BLOCK_BYTES = 512  # of st_blocks, whatever the file system's own are
_REST = 50  # times as long as a look took, which is some 30 ms for each GB of a process


class Watch:
    """Notes the most that is measured, every ``every_s`` seconds while its ``with`` lasts.

    A look that takes long is followed by a longer rest, so that what is watched is not slowed.
    """

    def __init__(self, measure: Callable[[], int], every_s: float) -> None:
        self.peak = 0
        self._measure = measure
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        self.peak = max(self.peak, self._measure())

    def _watch(self) -> None:
        rest_s = self._every_s
        while not self._over.wait(rest_s):
            started = time.monotonic()
            self.look()
            rest_s = max(self._every_s, _REST * (time.monotonic() - started))


def memory_bytes(root: int) -> int:
    """The proportional set sizes of a process and all in its family."""
    return sum(map(_process_bytes, _family(root)))


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take on disk. It may be written to meanwhile."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(os.path.join(place, name))
            except FileNotFoundError:  # it is gone meanwhile
                continue
            found[status.st_dev, status.st_ino] = status.st_blocks * _BLOCK_BYTES
    return sum(found.values())


def _family(root: int) -> set[int]:
    """A process, its descendants, and whatever else is in its session."""
    parents: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = (int(fields[1]), int(fields[3]))
    family = {root}
    while True:
        more = {
            pid
            for pid, (parent, session) in parents.items()
            if pid not in family and (parent in family or session == root)
        }
        if not more:
            return family
        family |= more


def _process_bytes(pid: int) -> int:
    """Its proportional set size; its resident one where it may not be asked for that."""
    folder = Path("/proc", str(pid))
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (PermissionError, FileNotFoundError):
        pass
    except OSError:  # it ended meanwhile
        return 0
    try:
        return int((folder / "statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
