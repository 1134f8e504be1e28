"""HTTP clients in processes of their own, which ask without pause and note how long each took.

In: requests as the bytes to send, an address to send them from. Out: an :class:`Asked` for each.
The client is a socket with keep-alive and no library, so that its own cost is small and the same
for every server. The processes are forked once, before anything is measured.
"""

from __future__ import annotations

import multiprocessing
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import quote

ACCEPT = {
    "table": "application/sparql-results+json",
    "graph": "application/n-triples, text/ntriples;q=0.5",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server takes queries: its port, path, and what stands before the query."""

    port: int
    path: str

    def request(self, text: str, answer: str) -> bytes:
        """The bytes of a request; ``answer`` is ``table`` or ``graph``."""
        return (
            f"GET {self.path}query={quote(text, safe='')} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\n"
            f"Accept: {ACCEPT[answer]}\r\n\r\n"
        ).encode()


class Asked(NamedTuple):
    """One request: its place in the work, HTTP status (0: no answer), seconds it took."""

    place: int
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Requests to send in turn, from their first again after the last, until it is enough.

    Enough is ``seconds`` passed and ``least`` requests answered; or with ``until_stopped`` when
    :meth:`Clients.stop` is called. One more is sent before time is taken. After ``patience_s``
    without an answer the client hangs up.
    """

    port: int
    source: str
    requests: Sequence[bytes]
    seconds: float = 0.0
    least: int = 1
    until_stopped: bool = False
    patience_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Done:
    """What came of some work; ``seconds`` from its first request to its last answer."""

    asked: list[Asked]
    seconds: float


class Line:
    """A connection that is opened again where the server closed it."""

    def __init__(self, port: int, source: str, patience_s: float = 120.0) -> None:
        self._port, self._source, self._patience_s = port, source, patience_s
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises OSError where there is no whole answer."""
        try:
            return self._ask(self._socket or self._open(), request)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        self._socket = socket.create_connection(
            ("127.0.0.1", self._port), timeout=self._patience_s, source_address=(self._source, 0)
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _ask(self, line: socket.socket, request: bytes) -> tuple[int, bytes]:
        line.sendall(request)
        head, body = _until(line, b"", b"\r\n\r\n")
        fields = head.lower()
        if b"transfer-encoding: chunked" in fields:
            body = _chunks(line, body)
        else:
            length = int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = _at_least(line, body, length)
        if b"connection: close" in fields:
            self.close()
        return int(head[9:12]), body


def _more(line: socket.socket) -> bytes:
    received = line.recv(262_144)
    if not received:
        raise ConnectionResetError("the answer is not whole")
    return received


def _until(line: socket.socket, had: bytes, mark: bytes) -> tuple[bytes, bytes]:
    """What comes before a mark, and what was received of what comes after."""
    while mark not in had:
        had += _more(line)
    before, _, after = had.partition(mark)
    return before, after


def _at_least(line: socket.socket, had: bytes, length: int) -> bytes:
    parts, left = [had], length - len(had)
    while left > 0:
        parts.append(_more(line))
        left -= len(parts[-1])
    return b"".join(parts)


def _chunks(line: socket.socket, rest: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        size, rest = _until(line, rest, b"\r\n")
        length = int(size, 16)
        chunk = _at_least(line, rest, length + 2)
        rest = chunk[length + 2 :]
        if not length:
            return b"".join(parts)
        parts.append(chunk[:length])


class Clients:
    """So many client processes; the first does the first work, and so on."""

    def __init__(self, number: int) -> None:
        context = multiprocessing.get_context("fork")
        self._stop = context.Event()
        self._pipes: list[Connection] = []
        for _ in range(number):
            ours, theirs = context.Pipe()
            context.Process(target=_client, args=(theirs, self._stop), daemon=True).start()
            self._pipes.append(ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in self._pipes:
            pipe.close()

    def start(self, works: Sequence[Work], first: int = 0) -> list[Connection]:
        """Begin, all at once, when each is connected. Client ``first`` does the first work."""
        self._stop.clear()
        pipes = self._pipes[first : first + len(works)]
        assert len(pipes) == len(works), "there are too few clients"
        for pipe, work in zip(pipes, works, strict=True):
            pipe.send(work)
        for pipe in pipes:
            pipe.recv()
        for pipe in pipes:
            pipe.send("go")
        return pipes

    def run(self, works: Sequence[Work]) -> list[Done]:
        """Do it all at the same time, and wait."""
        return [pipe.recv() for pipe in self.start(works)]

    def stop(self) -> None:
        """End the work that goes on until stopped, after the request under way."""
        self._stop.set()


def _client(pipe: Connection, stop: multiprocessing.synchronize.Event) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            work = pipe.recv()
        except EOFError:
            return
        line = Line(work.port, work.source, work.patience_s)
        if not work.until_stopped:
            line.ask(work.requests[-1])
        pipe.send("ready")
        pipe.recv()
        pipe.send(_work(line, work, stop))
        line.close()


def _work(line: Line, work: Work, stop: multiprocessing.synchronize.Event) -> Done:
    asked: list[Asked] = []
    started = now = time.perf_counter()
    while True:
        place = len(asked) % len(work.requests)
        before = now
        try:
            status, _ = line.ask(work.requests[place])
        except OSError:
            status = 0
        now = time.perf_counter()
        asked.append(Asked(place, status, now - before))
        if work.until_stopped:
            if stop.is_set():
                break
        elif len(asked) >= work.least and now - started >= work.seconds:
            break
    return Done(asked, now - started)
