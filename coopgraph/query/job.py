"""What passes between a web process, the broker and a worker: jobs and replies.

A job travels as a file in memory that all three share: the worker reads the job from it, writes
the answer in its place, and says in a reply how that went. So no answer passes through the
broker, and nothing is sent to a client before all of it is written. Messages are JSON in packets
over Unix sockets (unix(7), SOCK_SEQPACKET).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from coopgraph.query.run import Query
from coopgraph.scan import ServiceCall

MOST_MESSAGE_BYTES = 65_536
_MOST_READ_BYTES = 1 << 18
_LONGEST_MESSAGE = 4_000


@dataclass(frozen=True, slots=True)
class Job:
    """A checked query and the form its answer is wanted in: an extension of a format,
    ``geojson``, or ``rows`` for a page. JSON-LD refers to the context at ``context_url``, or has
    it inside where that is empty.
    """

    query: Query
    extension: str
    context_url: str = ""

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return orjson.dumps(self, default=tuple)

    @classmethod
    def from_bytes(cls, data: bytes) -> Job:
        """The job that gave these bytes."""
        content: dict[str, Any] = orjson.loads(data)
        query: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.pop("query").items()
        }
        query["services"] = tuple(ServiceCall(*call) for call in query["services"])
        return cls(Query(**query), **content)


def text_of(file: int) -> str:
    """The query of the job in a file; of one that is very long, how the job begins."""
    data = os.pread(file, _MOST_READ_BYTES, 0)  # the answer will stand in its place
    try:
        return str(orjson.loads(data)["query"]["text"])
    except (ValueError, KeyError, TypeError):
        return data[:1_000].decode(errors="replace")


class Outcome(StrEnum):
    """How a job ended. Each stands in the query log and in the metrics."""

    ANSWERED = "answered"
    REFUSED = "refused"
    SERVICE = "service"
    UNFIT = "unfit"
    MISSING = "missing"
    TIME = "time"
    MEMORY = "memory"
    SIZE = "size"
    CRASHED = "crashed"
    CANCELLED = "cancelled"
    BUSY = "busy"
    UNPUBLISHED = "unpublished"


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job. ``digest`` is of the answer's bytes; ``published_at`` and
    ``sequence`` are of the snapshot that it was made from. Of a long message only the beginning
    is sent, so that it fits into a packet.
    """

    outcome: Outcome
    message: str = ""
    line: int | None = None
    size_bytes: int = 0
    digest: str = ""
    published_at: str = ""
    sequence: int = 0
    retry_after_s: int = 0

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return orjson.dumps(replace(self, message=self.message[:_LONGEST_MESSAGE]))

    @classmethod
    def from_bytes(cls, data: bytes) -> Reply:
        """The reply that gave these bytes. Raises ValueError for anything else."""
        try:
            content = orjson.loads(data)
            return cls(Outcome(content.pop("outcome")), **content)
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"This is no reply: {error}") from error


def send(connection: socket.socket, message: Mapping[str, Any], *files: int) -> None:
    """Send a message, and open files with it."""
    socket.send_fds(connection, [orjson.dumps(message)], list(files))


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """A message and the files that came with it, or None where the other side has gone.

    Raises ValueError for anything but a JSON object, and closes the files.
    """
    data, files, _, _ = socket.recv_fds(connection, MOST_MESSAGE_BYTES, 1)
    if not data:
        return None
    try:
        message = orjson.loads(data)
        if not isinstance(message, dict):
            raise ValueError("a message is a JSON object")
    except ValueError:
        for file in files:
            os.close(file)
        raise
    return message, files
