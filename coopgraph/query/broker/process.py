"""Start the broker beside the web processes, and start it again should it ever die.

The listening socket belongs to whoever started the broker: requests that come while there is no
broker wait for the next one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from coopgraph.settings import Settings, child_environment

_BACKLOG = 512
_STOP_S = 5.0
_PAUSE_S = 1.0


class BrokerProcess:
    """A broker in a process of its own; ``path`` is where it can be asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="coopgraph-"))  # nobody else may enter
        self.path = self._folder / "broker"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(self.path))
        self._listener.listen(_BACKLOG)
        self._not_before = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The broker's process, 0 where there is none."""
        return self._process.pid if self._process else 0

    def keep(self) -> None:
        """Start the broker where none is running, at most once a second. Call it from a thread
        that stays, again and again.
        """
        is_gone = self._process is None or self._process.poll() is not None
        if is_gone and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + _PAUSE_S
            self._process = self._start()

    def stop(self) -> None:
        """End the broker with its workers, and free the socket."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        listener = self._listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-m", "coopgraph.query.broker", str(listener), str(os.getpid())],
            pass_fds=(listener,),
            env=_environment(self._settings),
            stdin=subprocess.DEVNULL,
        )


def _environment(settings: Settings) -> dict[str, str]:
    """The settings, and an allocator: the operator's, or the C library's, kept from spreading
    over its limit of address space.
    """
    found = {**child_environment(settings, os.environ), "MALLOC_ARENA_MAX": "2"}
    if settings.query_allocator:
        found["LD_PRELOAD"] = settings.query_allocator
    return found
