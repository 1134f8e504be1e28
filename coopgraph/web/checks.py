"""Have a file checked by a process of its own, and take its outcome.

In: a private folder with the file, and a task. Out: the outcome as an open file, or the error that
says what became of it. The folder is gone in every case before an answer is sent; one whose server
was killed goes with the next check. While the server waits, it watches the client's connection:
when that closes, the process is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO, Final

from coopgraph.errors import CheckLimit, CoopgraphError, InputError, TooManyQueries, UsageError
from coopgraph.handover import GIVEN, OUTCOME, TASK, Ending, Reply, Task
from coopgraph.query import ClientGone
from coopgraph.settings import Settings, child_environment

_PREFIX = "coopgraph-check-"
_PATIENCE_S = 3.0
_RETRY_AFTER_S = 5
_SWEPT_AFTER_S = 60
_MOST_REPLY_BYTES = 1 << 16
_AT_HOME: Final = "Take a part of the file, or check it at home: coopgraph check FILE."
_log = logging.getLogger("coopgraph.web")


class CheckFailed(CoopgraphError):
    """The process that checks went wrong; its log has where."""


class Checks:
    """The checks of one web process. Safe among threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = BoundedSemaphore(max(1, settings.check_processes))

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A private folder for one file, which is gone afterwards."""
        _sweep()
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = _locked(folder)
        try:
            (folder / GIVEN).mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def run(self, folder: Path, task: Task, watched: socket.socket | None = None) -> BinaryIO:
        """Have a task done in its folder. ``watched`` is the client's own connection.

        Raises InputError, UsageError, CheckLimit, TooManyQueries, ClientGone, CheckFailed.
        """
        (folder / TASK).write_bytes(task.to_bytes())
        if not self._places.acquire(timeout=_PATIENCE_S):
            raise TooManyQueries(
                "All places for checks are taken; send the file again soon.",
                retry_after_s=_RETRY_AFTER_S,
            )
        try:
            reply = self._reply(folder, watched)
        finally:
            self._places.release()
        if reply.ending is not Ending.DONE:
            raise self._error(reply)
        return (folder / f"{OUTCOME}.{task.form}").open("rb")

    def _reply(self, folder: Path, watched: socket.socket | None) -> Reply:
        """What the process says, or what its death means."""
        reading, writing = os.pipe()
        try:
            try:
                process = self._start(folder, writing)
            finally:
                os.close(writing)
            try:
                data = _received(reading, watched, self._settings.check_seconds)
                if not data:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_PATIENCE_S)
            finally:
                process.kill()
                process.wait()
        finally:
            os.close(reading)
        if data is None:
            raise CheckLimit(
                f"The check took more than {self._settings.check_seconds} seconds, the longest "
                f"that is allowed here, and was stopped. {_AT_HOME}",
                limit="time",
            )
        return Reply.from_bytes(data) if data else _of_death(process.returncode)

    def _start(self, folder: Path, pipe: int) -> subprocess.Popen[bytes]:
        environment = {
            **child_environment(self._settings, os.environ),
            "MALLOC_ARENA_MAX": "2",
            "TMPDIR": str(folder),
        }
        # -P: nothing is imported from the folder it starts in.
        command = [sys.executable, "-P", "-m", "coopgraph.checking"]
        return subprocess.Popen(
            [*command, str(folder), str(pipe), str(os.getpid())],
            pass_fds=(pipe,),
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _error(self, reply: Reply) -> CoopgraphError:
        """What a reply without an outcome means to whoever sent the file."""
        settings = self._settings
        match reply.ending:
            case Ending.UNREADABLE:
                return InputError(
                    reply.reason, source=reply.source, row=reply.row, column=reply.column
                )
            case Ending.MISUSED:
                return UsageError(reply.reason)
            case Ending.ROWS:
                return CheckLimit(
                    f"The file has more than {settings.check_rows:,} rows, the most that are "
                    f"checked here. {_AT_HOME}",
                    limit="rows",
                )
            case Ending.MEMORY:
                return CheckLimit(
                    f"The check needed more than {settings.check_memory_mb} MB of memory, the "
                    f"most that is allowed here, and was stopped. {_AT_HOME}",
                    limit="memory",
                )
            case Ending.SIZE:
                return CheckLimit(
                    f"What was asked for is larger than {settings.check_result_mb} MB, the most "
                    f"that is sent; a part of it would mislead. {_AT_HOME}",
                    limit="size",
                )
            case _:
                return CheckFailed(f"A check failed: {reply.reason}")


def _received(reading: int, watched: socket.socket | None, seconds: float) -> bytes | None:
    """All that is written into a pipe until it closes; None where that takes too long.

    Raises ClientGone.
    """
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    if watched is not None:
        poll.register(watched, select.POLLRDHUP)
    data = b""
    while (left := deadline - time.monotonic()) > 0:
        ready = {number for number, _ in poll.poll(left * 1_000)}
        if reading in ready:
            chunk = os.read(reading, _MOST_REPLY_BYTES)
            data += chunk
            if not chunk or len(data) > _MOST_REPLY_BYTES:
                return data
        elif ready:
            raise ClientGone("The client has gone.")
    return None


def _of_death(exit_code: int) -> Reply:
    """Why a process died without a word: an allocation that fails aborts a library; the kernel
    kills what takes the machine's last memory; and too long a stack or a fault of a library.
    """
    if exit_code in (-signal.SIGABRT, -signal.SIGKILL):
        return Reply(Ending.MEMORY)
    return Reply(Ending.FAILED, f"the process ended with {exit_code}")


def _locked(folder: Path) -> int:
    """A folder, open and locked: the lock says that its server is alive."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(opened, fcntl.LOCK_EX)
    return opened


def _sweep() -> None:
    """Remove what servers that were killed have left: folders of ours that nobody locks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            facts = folder.lstat()
            is_new = time.time() - facts.st_mtime < _SWEPT_AFTER_S
            if is_new or facts.st_uid != os.geteuid() or not folder.is_dir():
                continue
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(opened)
