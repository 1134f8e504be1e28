"""Work shared out to processes: in order, once each, and ended with whoever shared it out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from coopgraph.crew import batched, shared_out
from coopgraph.errors import CoopgraphError


def tripled(numbers: list[int]) -> tuple[int, list[int]]:
    return os.getpid(), [3 * number for number in numbers]


def multiplier(factor: int) -> Callable[[list[int]], tuple[int, list[int]]]:
    def work(numbers: list[int]) -> tuple[int, list[int]]:
        if -13 in numbers:
            raise ValueError("thirteen")
        if -666 in numbers:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid(), [factor * number for number in numbers]

    return work


def shared(numbers: Iterator[int], processes: int) -> Generator[tuple[int, list[int]], None, None]:
    return shared_out(batched(numbers, 5), tripled, multiplier, (3,), processes, alone=2)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_batches(processes: int) -> None:
    results = list(shared(iter(range(101)), processes))
    assert [number for _, numbers in results for number in numbers] == list(range(0, 303, 3))
    own = [pid == os.getpid() for pid, _ in results]
    assert own == [processes == 1 or place < 2 for place in range(21)]


def test_few_batches_start_no_process() -> None:
    assert {pid for pid, _ in shared(iter(range(10)), 8)} == {os.getpid()}
    assert list(shared(iter(()), 8)) == []


def test_batches_are_not_all_taken_in_advance() -> None:
    taken: list[int] = []
    results = shared((taken.append(n) or n for n in range(1_000)), 2)
    for _ in range(4):
        next(results)
    assert len(taken) < 100
    results.close()


@pytest.mark.parametrize(("bad", "error"), [(-13, ValueError), (-666, CoopgraphError)])
def test_what_goes_wrong_in_a_process_is_raised(bad: int, error: type[Exception]) -> None:
    numbers = iter([*range(30), bad])
    with pytest.raises(error):
        list(shared(numbers, 2))


class Heavy:
    """What kills a process that takes it up, and is more than a pipe holds."""

    def __init__(self) -> None:
        self.weight = bytes(1_000_000)

    def __setstate__(self, state: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_dies_at_its_start_is_told() -> None:
    batches = batched(iter(range(30)), 5)
    with pytest.raises(CoopgraphError, match="COOPGRAPH_LOAD_PROCESSES=1"):
        list(shared_out(batches, tripled, multiplier, (3, Heavy()), 2))


def test_a_program_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(PROGRAM.format(tests=str(Path(__file__).parent), guard="if True:"))
    ended = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode != 0
    assert "COOPGRAPH_LOAD_PROCESSES=1" in ended.stderr


GUARD = 'if __name__ == "__main__":'
PROGRAM = """\
import sys, time
sys.path.insert(0, {tests!r})
from test_crew import shared
{guard}
    for pid, _ in shared(iter(range(100_000)), 2):
        print(pid, flush=True)
        time.sleep(0.05)
"""


@pytest.mark.linux  # only this kernel ends them
def test_processes_end_with_a_killed_owner(tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(PROGRAM.format(tests=str(Path(__file__).parent), guard=GUARD))
    owner = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    members = set()
    while len(members) < 2:
        members |= {int(owner.stdout.readline())} - {owner.pid}
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}/stat").exists() for pid in members):
        assert time.monotonic() < deadline, "processes outlive their owner"
        time.sleep(0.05)
