"""What processes and folders take, as the bench measures it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

MB = 1 << 20
CHILD = "import sys; kept = bytes(range(256)) * (50 << 12); print('ready', flush=True); input()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


@pytest.fixture(scope="module")
def footprint(bench_module: Callable[[str], ModuleType]) -> ModuleType:
    return bench_module("footprint")


def test_the_memory_of_a_process_is_that_of_all_it_started(footprint: ModuleType) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert footprint.memory_bytes(process.pid) > 50 * MB
        process.communicate("\n")
    assert footprint.memory_bytes(process.pid) == 0


def test_a_file_with_two_names_takes_its_room_once(footprint: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "one").write_bytes(os.urandom(MB))
    (tmp_path / "below" / "other").hardlink_to(tmp_path / "one")
    assert MB <= footprint.disk_bytes(tmp_path) < 1.1 * MB


def test_a_watch_keeps_the_most_it_saw(footprint: ModuleType) -> None:
    looks = iter([1, 3, 2])
    watch = footprint.Watch(lambda: next(looks), 0.01)
    for _ in range(3):
        watch.look()
    assert watch.peak == 3
