"""The workers: started, watched, killed, replaced.

Workers are forks of the broker, which is small and has one thread, so that one more takes some
milliseconds. Each holds the snapshot that was current when it started; when another is
published, idle workers are replaced at once and busy ones when they have answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from coopgraph.query.broker.relay import connect
from coopgraph.query.broker.worker import work
from coopgraph.query.job import MOST_MESSAGE_BYTES
from coopgraph.query.writing import Language
from coopgraph.settings import Settings
from coopgraph.store.layout import Layout

_REAP_EVERY_S = 0.005
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.1, 5.0
_PROCESS_CLOCK = 2  # CPUCLOCK_SCHED
_CHANGE_S = 5.0  # that workers may take to begin on a new snapshot


class State(Enum):
    """What a worker does."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"


@dataclass(eq=False, slots=True)
class Worker:
    """One process, and the broker's end of its connection."""

    pid: int
    connection: socket.socket
    snapshot: str
    state: State = State.STARTING
    is_spent: bool = False  # to be replaced once it has answered


class Pool:
    """Keeps so many workers as the settings say, each ready or about to be.

    ``relay`` leads to the relay, where SERVICE is allowed. ``on_reply(worker, data)`` hears what
    a busy worker sends, None when it died; ``on_ready()`` that a worker has become idle.
    """

    def __init__(
        self,
        settings: Settings,
        language: Language,
        relay: socket.socket | None,
        loop: asyncio.AbstractEventLoop,
        on_reply: Callable[[Worker, bytes | None], None],
        on_ready: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._language = language
        self._relay = relay
        self._loop = loop
        self._on_reply = on_reply
        self._on_ready = on_ready
        self._current = Layout(settings.home).current
        self._delay_s = self._not_before = 0.0
        self._ready_at = -_CHANGE_S
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.workers: set[Worker] = set()
        self.protections: dict[str, bool] = {}
        self.problem = ""
        self.started = 0

    @property
    def ready(self) -> int:
        """How many workers can answer, now or when they have done what they do."""
        return sum(worker.state is not State.STARTING for worker in self.workers)

    @property
    def can_answer(self) -> bool:
        """Whether a worker is ready, or was a moment ago and another is about to be."""
        was_ready = self._loop.time() - self._ready_at < _CHANGE_S
        return self.ready > 0 or (was_ready and not self.problem)

    def is_published(self) -> bool:
        """Whether there is a snapshot to ask."""
        return self._name() != ""

    def idle(self) -> Worker | None:
        """A worker that holds the current snapshot and waits for a job."""
        self.renew()
        return next((worker for worker in self.workers if worker.state is State.IDLE), None)

    def renew(self) -> None:
        """Replace workers whose snapshot is no longer current; have so many as there should be."""
        name = self._name()
        if self.ready:
            self._ready_at = self._loop.time()
        for worker in [worker for worker in self.workers if worker.snapshot != name]:
            worker.is_spent = True
            if worker.state is not State.BUSY:
                self.remove(worker)
        if name and not self._is_closed and self._loop.time() >= self._not_before:
            try:
                for _ in range(self._settings.workers - len(self.workers)):
                    self._start(name)
            except OSError as error:  # of processes, files or memory there are no more just now
                self.problem = f"No worker can be started: {error.strerror}"
                self._try_later()

    def assign(self, worker: Worker, file: int) -> None:
        """Give a job to an idle worker. Raises OSError where it has died meanwhile."""
        worker.state = State.BUSY
        socket.send_fds(worker.connection, [b"{}"], [file])

    def release(self, worker: Worker) -> None:
        """A worker has answered: it waits for the next job, or is replaced where it is spent."""
        if worker.is_spent:
            self.remove(worker)
            self.renew()
        else:
            worker.state = State.IDLE
        self._on_ready()

    def slow_down(self, worker: Worker) -> None:
        """Let a worker stand behind the others. It cannot be undone."""
        worker.is_spent = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, worker.pid, 10)

    def used_s(self, worker: Worker) -> float:
        """Seconds that a worker has had of the processors since it was started; 0 for one that
        has gone (clock_getcpuclockid(3), of which this is Linux's arithmetic).
        """
        try:
            return time.clock_gettime(~worker.pid << 3 | _PROCESS_CLOCK)
        except OSError:
            return 0.0

    def remove(self, worker: Worker) -> None:
        """Kill a worker and forget it."""
        self.workers.discard(worker)
        self._loop.remove_reader(worker.connection)
        worker.connection.close()
        os.kill(worker.pid, signal.SIGKILL)
        task = self._loop.create_task(_reap(worker.pid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def exit_code(self, worker: Worker) -> int:
        """Forget a worker that died, and say how: a signal's number with a minus."""
        self.workers.discard(worker)
        self._loop.remove_reader(worker.connection)
        worker.connection.close()
        _, status = os.waitpid(worker.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """Kill all workers, for good."""
        self._is_closed = True
        for worker in list(self.workers):
            self.remove(worker)

    def _name(self) -> str:
        try:
            return os.readlink(self._current)
        except OSError:
            return ""

    def _start(self, name: str) -> None:
        with contextlib.ExitStack() as opened:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            keep = opened.enter_context(contextlib.ExitStack())
            keep.enter_context(ours)
            opened.enter_context(theirs)
            line = opened.enter_context(connect(self._relay)) if self._relay else None
            parent = os.getpid()
            pid = os.fork()
            if pid == 0:
                try:
                    work(theirs, line, name, self._settings, self._language, parent)
                except Exception as error:
                    theirs.sendall(orjson.dumps({"problem": f"{type(error).__name__}: {error}"}))
                finally:
                    os._exit(1)
            keep.pop_all()
        ours.setblocking(False)
        worker = Worker(pid, ours, name)
        self.workers.add(worker)
        self.started += 1
        self._loop.add_reader(ours, self._hear, worker)

    def _hear(self, worker: Worker) -> None:
        try:
            data = worker.connection.recv(MOST_MESSAGE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if worker.state is State.BUSY:
            self._on_reply(worker, data or None)
        elif worker.state is State.STARTING and data:
            self._get_ready(worker, data)
        else:
            self._lose(worker)

    def _get_ready(self, worker: Worker, data: bytes) -> None:
        content: dict[str, Any] = orjson.loads(data)
        if "problem" in content:  # its end follows
            self.problem = str(content["problem"])
            return
        self.protections, self.problem = content["protections"], ""
        self._delay_s = 0.0
        worker.state = State.IDLE
        self._on_ready()

    def _lose(self, worker: Worker) -> None:
        """A worker died with nothing to do. If workers cannot start, try less and less often."""
        self.exit_code(worker)
        if worker.state is not State.STARTING:
            self.renew()
            return
        self._try_later()

    def _try_later(self) -> None:
        """Start no worker for a while, longer each time."""
        self._delay_s = min(_LONGEST_DELAY_S, max(_FIRST_DELAY_S, 2 * self._delay_s))
        self._not_before = self._loop.time() + self._delay_s
        self._loop.call_later(self._delay_s, self.renew)


async def _reap(pid: int) -> None:
    """Wait for a killed process to be gone."""
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        await asyncio.sleep(_REAP_EVERY_S)
