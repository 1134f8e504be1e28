"""Start the servers that are measured, on the same data; say how much memory they take.

In: a snapshot's store. Out: a running :class:`Server`, gone when its ``with`` ends. Linux only.
Everything a server starts is counted, and shared pages once.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import footprint
from clients import Door, Line

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 10
# Each client of the bench has an address of its own, as strangers have. No budget: it would end
# the measurement. All else is as an operator gets it.
SETTINGS = {
    "PROCESSES": "2",
    "THREADS": "64",
    "QUERY_WORKERS": "0",
    "QUERY_SECONDS": str(LIMIT_S),
    "QUERY_MEMORY_MB": "512",
    "QUERY_RESULT_MB": "50",
    "QUERY_QUEUE": "32",
    "QUERY_SHARE": "6",
    "QUERY_BUDGET_SECONDS": "0",
    "QUERY_ERRORS": "0",
}
_START_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: what it is called, where it takes queries, its first process."""

    name: str
    door: Door
    pid: int

    def memory_bytes(self) -> int:
        """The proportional set sizes of all its processes."""
        return footprint.memory_bytes(self.pid)


@contextmanager
def coopgraph(home: Path, scratch: Path) -> Iterator[Server]:
    """Our server over a state folder."""
    port = free_port()
    settings = {**SETTINGS, "HOME": home, "PORT": port, "QUERY_LOG": scratch / "queries.log"}
    environment = {f"COOPGRAPH_{name}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "coopgraph.web"]
    with running(command, environment) as pid:
        yield wait_for(Server("coopgraph", Door(port, "/sparql?"), pid))


@contextmanager
def oxigraph(store: Path, *, limit_s: int | None = None) -> Iterator[Server]:
    """The native server over a copy of the store, with a time limit if one is given."""
    port = free_port()
    program = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        sys.exit("There is no oxigraph to compare with: pip install oxigraph")
    command = [program, "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    if limit_s is not None:
        command += ["--timeout-s", str(limit_s)]
    with running(command, {}) as pid:
        yield wait_for(Server("oxigraph", Door(port, "/query?"), pid))


@contextmanager
def nothing() -> Iterator[Server]:
    """Flask and gunicorn as ours, in front of nothing."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--log-level", "warning", "--no-control-socket"]
    command += ["--workers", SETTINGS["PROCESSES"], "--threads", SETTINGS["THREADS"]]
    command += ["--keep-alive", "5", "--chdir", str(ROOT / "bench"), "nothing:app"]
    with running(command, {}) as pid:
        yield wait_for(Server("Flask", Door(port, "/query?"), pid))


def linked(store: Path, copy: Path) -> Path:
    """A copy of a store; its large files, which never change, as hard links where that works."""
    copy.mkdir()
    for path in store.iterdir():
        try:
            if path.suffix == ".sst":
                os.link(path, copy / path.name)
                continue
        except OSError:
            pass  # another file system
        shutil.copy2(path, copy / path.name)
    return copy


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """A process in a session of its own, with no setting of ours but those given."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("COOPGRAPH_")}
    process = subprocess.Popen(
        command,
        env={**kept, **environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(server: Server) -> Server:
    """The server, once it answers a query."""
    request = server.door.request("ASK {}", "table")
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        line = Line(server.door.port, "127.0.0.1")
        try:
            if line.ask(request)[0] == 200:
                return server
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.1)
    sys.exit(f"{server.name} does not answer")
