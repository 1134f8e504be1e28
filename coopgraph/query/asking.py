"""Ask the broker: what a web process does with a query.

In: a job and the address of its client. Out: the whole answer in a file in memory, or the error
that says what became of it. While it waits, it watches the client's own connection: when that
closes, the query is cancelled.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from coopgraph.errors import (
    CoopgraphError,
    NotPublished,
    QueryLimit,
    QueryRefused,
    ServiceFailed,
    StoreError,
    TooManyQueries,
    UnfitForm,
    UnknownThing,
)
from coopgraph.query.job import MOST_MESSAGE_BYTES, Job, Outcome, Reply, send
from coopgraph.settings import Settings

_CHUNK_BYTES = 1 << 16
_MARGIN_S = 5.0
_TELL_S = 2.0
_MOST_BOOKED = 4_000  # characters of a refused query, so that a message holds them
_BETTER = (
    "Ask for less: a FILTER or LIMIT, a stored query of /queries, one page after another. "
    "For everything there are the datasets' own documents."
)


class ClientGone(CoopgraphError):
    """Nobody waits for the answer any more."""


class Answer:
    """A whole answer in a file in memory, which is gone once it is read or closed."""

    def __init__(self, file: int, reply: Reply) -> None:
        self._file = os.fdopen(file, "rb", buffering=0)
        self._closed: Callable[[], None] | None = None
        self.size_bytes = reply.size_bytes
        self.digest = reply.digest  # SHA-256, in hexadecimal
        self.published = datetime.fromisoformat(reply.published_at)  # the snapshot it is made from

    def read(self) -> bytes:
        """All of it."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """All of it bit by bit."""
        try:
            self._file.seek(0)
            while chunk := self._file.read(_CHUNK_BYTES):
                yield chunk
        finally:
            self.close()

    def on_close(self, call: Callable[[], None]) -> None:
        """Have something called once when the answer is read or closed."""
        self._closed = call

    def close(self) -> None:
        """Let go of an answer that nobody reads to its end."""
        self._file.close()
        call, self._closed = self._closed, None
        if call is not None:
            call()

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker as its clients see it: an address. Safe among threads. Without an address no
    query is answered.
    """

    path: Path | None
    settings: Settings
    _idle: deque[socket.socket] = field(default_factory=deque, repr=False, compare=False)

    def ask(self, job: Job, client: str, watched: socket.socket | None = None) -> Answer:
        """Have a query answered for the client at an address.

        ``watched`` is the client's own connection. Raises QueryRefused, UnfitForm, UnknownThing
        for a whole graph that is not there, QueryLimit, ServiceFailed, TooManyQueries,
        NotPublished, StoreError where no broker answers, and ClientGone.
        """
        file = os.memfd_create("answer", os.MFD_CLOEXEC)
        try:
            _write(file, job.to_bytes())
            with self._connected() as connection:
                send(connection, {"client": client}, file)
                reply = self._wait(connection, watched)
            if reply.outcome is not Outcome.ANSWERED:
                raise self._error(reply)
            if os.fstat(file).st_size != reply.size_bytes:
                raise StoreError("An answer was damaged on its way; ask again.")
        except BaseException:
            os.close(file)
            raise
        return Answer(file, reply)

    def book(self, text: str, refused: QueryRefused, client: str) -> None:
        """Have a query counted and logged that was refused before it was sent.

        Raises TooManyQueries where too many of this client's queries fail, StoreError.
        """
        message = {
            "refused": text[:_MOST_BOOKED],
            "reason": str(refused)[:_MOST_BOOKED],
            "client": client,
        }
        with self._connected() as connection:
            send(connection, message)
            reply = Reply.from_bytes(self._received(connection, None, _TELL_S))
        if reply.outcome is Outcome.BUSY:
            raise self._error(reply)

    def health(self) -> dict[str, Any]:
        """What the broker says of itself. Raises StoreError where none answers."""
        content = orjson.loads(self._tell("health"))
        assert isinstance(content, dict)
        return content

    def metrics(self) -> bytes:
        """Its counters in the text format of Prometheus. Raises StoreError."""
        return self._tell("metrics")

    def _tell(self, what: str) -> bytes:
        with self._connected() as connection:
            send(connection, {"tell": what})
            return self._received(connection, None, _TELL_S)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """A connection of one's own, kept for the next request unless something goes wrong."""
        if self.path is None:
            raise StoreError("This service answers no queries: it was started without a broker.")
        connection = None
        try:
            connection = self._kept() or _connect(self.path)
            yield connection
        except OSError as error:
            raise StoreError("Queries cannot be answered at the moment; ask again soon.") from error
        else:
            self._idle.append(connection)
            connection = None
        finally:
            if connection is not None:
                connection.close()

    def _kept(self) -> socket.socket | None:
        """A connection from before whose other side is still there."""
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle.pop()
                poll = select.poll()
                poll.register(connection, select.POLLIN)
                if not poll.poll(0):
                    return connection
                connection.close()
        return None

    def __del__(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _wait(self, connection: socket.socket, watched: socket.socket | None) -> Reply:
        """The broker's reply, which may be long in coming. Raises ClientGone, StoreError."""
        longest = 2 * self.settings.query_seconds + _MARGIN_S  # waiting, then running
        return Reply.from_bytes(self._received(connection, watched, longest))

    def _received(
        self, connection: socket.socket, watched: socket.socket | None, seconds: float
    ) -> bytes:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if watched is not None:
            poll.register(watched, select.POLLRDHUP)
        ready = {number for number, _ in poll.poll(seconds * 1_000)}
        if connection.fileno() in ready:
            if data := connection.recv(MOST_MESSAGE_BYTES):
                return data
        elif ready:
            raise ClientGone("The client has gone.")
        raise StoreError("The query was lost; ask again.")

    def _error(self, reply: Reply) -> CoopgraphError:
        """What a reply without an answer means to whoever asked."""
        settings = self.settings
        match reply.outcome:
            case Outcome.REFUSED:
                return QueryRefused(reply.message, line=reply.line)
            case Outcome.SERVICE:
                return ServiceFailed(reply.message)
            case Outcome.UNFIT:
                return UnfitForm(reply.message)
            case Outcome.MISSING:
                return UnknownThing(reply.message)
            case Outcome.TIME:
                return QueryLimit(
                    f"The query ran for {settings.query_seconds} seconds, the longest that is "
                    f"allowed, and was stopped. {_BETTER}",
                    limit="time",
                )
            case Outcome.MEMORY:
                return QueryLimit(
                    f"The query needed more than {settings.query_memory_mb} MB of memory, the "
                    f"most that is allowed, and was stopped. {_BETTER}",
                    limit="memory",
                )
            case Outcome.SIZE:
                return QueryLimit(
                    f"The answer is larger than {settings.query_result_mb} MB, the most that is "
                    f"sent; a part of it would mislead. {_BETTER}",
                    limit="size",
                )
            case Outcome.CRASHED:
                return QueryRefused(
                    "The engine broke down over this query, as over one that is nested too deep."
                )
            case Outcome.BUSY:
                return TooManyQueries(reply.message, retry_after_s=reply.retry_after_s)
            case Outcome.UNPUBLISHED:
                return NotPublished("Nothing is published yet.")
            case _:
                return StoreError("The query was lost; ask again.")


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _write(file: int, data: bytes) -> None:
    os.write(file, data)
    os.lseek(file, 0, os.SEEK_SET)
