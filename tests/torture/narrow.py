"""A state folder on a small disk of its own, which is filled up, and mounted for reading alone.

In: a folder to mount on, in a mount namespace of this process's own. Out: JSON lines, one for each
round: what was refused and what the operator was told; exit 1 where something is broken.

    unshare --mount python -m tests.torture.narrow FOLDER
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.torture.life import Life, nursery
from tests.torture.nursery import light_standard
from tests.torture.replay import Replay

SEED = 1844
_SIZE_MB = 24
_ROOMS_KB = (0, 8, 40, 100, 200, 400, 700, 1_100, 1_600, 2_500)
_KINDS = ("update", "reload", "merge", "rebuild", "restore")


def main(folder: Path) -> None:
    """Fill the disk up to several rooms, then forbid writing."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", folder], check=True)
    replaying = Replay(*light_standard())
    with nursery() as born, tempfile.TemporaryDirectory() as beside:
        life = Life(Path(beside), born, replaying, SEED, home=folder / "home")
        life.begin()
        life.round_on("backup", nullcontext())
        for number, room_kb in enumerate(_ROOMS_KB * 2):
            kind = _KINDS[number % len(_KINDS)]
            error = life.round_on(kind, _filled(folder, room_kb))
            _say(disk="full", act=kind, room_kb=room_kb, error=error)
        for kind in _KINDS:
            error = life.round_on(kind, _read_only(folder))
            _say(disk="read-only", act=kind, error=error)
        _say(commits=life.tally.commits, checks=life.tally.checks)


@contextmanager
def _filled(folder: Path, room_kb: int) -> Iterator[None]:
    """The disk with so much room left."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - room_kb * 1024
    with ballast.open("wb") as output:
        os.posix_fallocate(output.fileno(), 0, max(1, size))
    yield
    ballast.unlink()


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


def _say(**what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
