"""A query worker: a process that answers queries on one snapshot until it is killed.

In: jobs, one at a time, as files that come over a socket. Out: each file filled with the whole
answer, and a reply. Before its first job a worker gives up what a query could abuse: the network,
memory beyond its limit, files larger than an answer, outliving the broker. What a query then does
to its worker, its memory or its stack, it does to nobody else.
"""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import socket
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

import orjson

from coopgraph.errors import QueryRefused, ServiceFailed, UnfitForm, UnknownThing
from coopgraph.isolation import (
    die_with_parent,
    enter_own_network,
    forgo_privileges,
    leave_network,
    limit_growth,
    refuse_sockets,
)
from coopgraph.query.broker.relay import Exchange, refuse_services
from coopgraph.query.job import Job, Outcome, Reply, receive
from coopgraph.query.run import run
from coopgraph.query.writing import Language, write
from coopgraph.search import Index, open_index
from coopgraph.settings import Settings
from coopgraph.store.snapshots import Snapshot, open_snapshot

_MB = 1 << 20
# A query within the scan's limits needs a few MiB of stack at most; only what is used is taken.
_STACK_BYTES = 64 * _MB


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker has at hand to answer with."""

    snapshot: Snapshot
    settings: Settings
    language: Language
    exchange: Exchange | None
    index: Index | None

    def answer(self, file: int) -> Reply:
        """Do the job in a file. Whatever goes wrong is in the reply."""
        with open(file, "w+b", buffering=0) as output:
            job = Job.from_bytes(output.read())
            output.seek(0)
            output.truncate()
            try:
                self._write(job, output)
            except QueryRefused as refused:
                told = self.exchange.explained(refused) if self.exchange else refused
                if isinstance(told, ServiceFailed):
                    return Reply(Outcome.SERVICE, str(told))
                return Reply(Outcome.REFUSED, told.reason, told.line)
            except UnfitForm as unfit:
                return Reply(Outcome.UNFIT, str(unfit))
            except UnknownThing as unknown:
                return Reply(Outcome.MISSING, str(unknown))
            except MemoryError:
                return Reply(Outcome.MEMORY)
            except OSError as error:
                if error.errno == errno.EFBIG:
                    return Reply(Outcome.SIZE)
                raise
            return Reply(
                Outcome.ANSWERED,
                size_bytes=os.fstat(file).st_size,
                digest=_digest(file),
                published_at=self.snapshot.manifest.published_at,
                sequence=self.snapshot.sequence,
            )

    def _write(self, job: Job, output: BinaryIO) -> None:
        redirected = self.exchange.redirected if self.exchange else refuse_services
        most = self.settings.merge_triples
        found = run(redirected(job.query), self.snapshot.store, most, self.index)
        write(found, job.extension, output, lambda: self.language, job.context_url)


def work(
    connection: socket.socket,
    line: socket.socket | None,
    folder_name: str,
    settings: Settings,
    language: Language,
    parent: int,
) -> NoReturn:
    """Be a worker, in a process of its own, until the other side has gone. ``line`` leads to the
    relay, where there is one.
    """
    die_with_parent(parent)
    _be_alone([connection, line] if line else [connection])
    protections = {"namespace": leave_network(), "filter": False}
    exchange = Exchange(line, settings) if line is not None and enter_own_network() else None
    snapshot = open_snapshot(settings.home / folder_name)
    index = open_index(snapshot.search_folder)
    bool(snapshot.store.query("ASK {}"))
    limit_growth(settings.query_memory_mb * _MB, settings.query_result_mb * _MB, _STACK_BYTES)
    forgo_privileges()
    if exchange is None:  # else the engine opens sockets, to nothing but the exchange
        protections["filter"] = refuse_sockets()
    desk = Desk(snapshot, settings, language, exchange, index)
    protections["services"] = exchange is not None
    connection.sendall(orjson.dumps({"ready": True, "protections": protections}))
    while (received := receive(connection)) is not None:
        [file] = received[1]
        connection.sendall(desk.answer(file).to_bytes())
    os._exit(0)


def _be_alone(connections: list[socket.socket]) -> None:
    """Keep nothing of the broker's but these connections."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # the engine writes pages about each query that runs out of memory
        os.dup2(nothing, standard)
    last = 2
    for kept in sorted(connection.fileno() for connection in connections):
        os.closerange(last + 1, kept)
        last = kept
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))


def _digest(file: int) -> str:
    """SHA-256 of a file's content."""
    digest, place = hashlib.sha256(), 0
    while chunk := os.pread(file, _MB, place):  # little by little: memory may be short by now
        digest.update(chunk)
        place += len(chunk)
    return digest.hexdigest()
