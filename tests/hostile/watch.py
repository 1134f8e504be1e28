"""Watch a server from outside: its processes, their memory, and whether anything calls out.

In: the process id of a server. Out: what /proc says of its broker and workers (proc(5)), and what
a listener on this machine hears.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SOON_S = 10.0


@dataclass(slots=True)
class Watch:
    """The processes of a server as they were at first, and the most memory of any of them."""

    server: int
    broker: int
    web: frozenset[int]
    open_files: int
    most_kb: int = 0  # of a worker
    most_web_kb: int = 0

    def look(self) -> None:
        """Note how much memory they take; to be called again and again."""
        self.most_kb = max(self.most_kb, *map(peak_kb, children(self.broker)), 0)
        self.most_web_kb = max(self.most_web_kb, *map(peak_kb, self.web))

    def has_workers(self, count: int) -> bool:
        """Whether the broker has so many processes, and none more."""
        return len(children(self.broker)) == count

    def has_few_files(self, connections: int) -> bool:
        """Whether the broker has only so many more files open than at first."""
        return open_files(self.broker) <= self.open_files + connections


def watch_of(server: int, workers: int) -> Watch:
    """The processes of a server, once it has so many workers."""
    [broker] = [pid for pid in children(server) if b"coopgraph.query.broker" in command(pid)]
    wait_until(lambda: len(children(broker)) == workers)
    return Watch(server, broker, frozenset(children(server)) - {broker}, open_files(broker))


def children(pid: int) -> list[int]:
    """Processes that a process has started and not yet reaped."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def command(pid: int) -> bytes:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def open_files(pid: int) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def peak_kb(pid: int) -> int:
    """The most memory that a process ever had resident, in KiB; 0 where it has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and nobody has asked how."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come soon. Raises AssertionError where it does not."""
    deadline = time.monotonic() + _SOON_S
    while not holds():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)


@contextmanager
def repeatedly(act: Callable[[], object], pause_s: float) -> Iterator[None]:
    """Do something again and again in a thread until the block ends; raises what it raised."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(pause_s):
            act()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(go_on)
        try:
            yield
        finally:
            over.set()
        done.result()


@contextmanager
def sink() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine that listens, and what it has heard. It was tried before."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        port = listener.getsockname()[1]

        def listen() -> None:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                return
            with connection:
                connection.settimeout(1)
                heard.append(connection.recv(1_000))

        with repeatedly(listen, pause_s=0):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"hello")
            wait_until(lambda: heard == [b"hello"])
            heard.clear()
            yield port, heard
