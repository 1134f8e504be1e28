"""A query worker: a process that answers queries on one snapshot until it is killed.

In: jobs, one at a time, as files that come over a socket. Out: each file filled with the whole
answer, and a reply. Before its first job a worker gives up what a query could abuse: the network,
memory beyond its limit, files larger than an answer, outliving the broker. What a query then does
to its worker, its memory or its stack, it does to nobody else.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import signal
import socket
from typing import NoReturn

import orjson

from coopgraph.errors import QueryRefused, UnfitForm, UnknownThing
from coopgraph.isolation import (
    die_with_parent,
    forgo_privileges,
    leave_network,
    limit_growth,
    refuse_sockets,
)
from coopgraph.query.job import Job, Outcome, Reply, receive
from coopgraph.query.run import run
from coopgraph.query.writing import Language, write
from coopgraph.settings import Settings
from coopgraph.store.snapshots import Snapshot, open_snapshot

_MB = 1 << 20
# A query within the scan's limits needs a few MiB of stack at most; only what is used is taken.
_STACK_BYTES = 64 * _MB
_EFBIG = 27


def work(
    connection: socket.socket, folder_name: str, settings: Settings, language: Language, parent: int
) -> NoReturn:
    """Be a worker, in a process of its own, until the other side has gone."""
    die_with_parent(parent)
    _be_alone(connection)
    is_alone = leave_network()
    snapshot = open_snapshot(settings.home / folder_name)
    bool(snapshot.store.query("ASK {}"))
    limit_growth(settings.query_memory_mb * _MB, settings.query_result_mb * _MB, _STACK_BYTES)
    forgo_privileges()
    protections = {"namespace": is_alone, "filter": refuse_sockets()}
    connection.sendall(orjson.dumps({"ready": True, "protections": protections}))
    while (received := receive(connection)) is not None:
        [file] = received[1]
        reply = _answer(file, snapshot, settings, language)
        connection.sendall(reply.to_bytes())
    os._exit(0)


def _be_alone(connection: socket.socket) -> None:
    """Keep nothing of the broker's but one connection."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # the engine writes pages about each query that runs out of memory
        os.dup2(nothing, standard)
    kept = connection.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _answer(file: int, snapshot: Snapshot, settings: Settings, language: Language) -> Reply:
    """Do the job in a file. Whatever goes wrong is in the reply."""
    with open(file, "w+b", buffering=0) as output:
        job = Job.from_bytes(output.read())
        output.seek(0)
        output.truncate()
        try:
            found = run(job.query, snapshot.store, settings.merge_triples)
            write(found, job.extension, output, lambda: language, job.context_url)
        except QueryRefused as refused:
            return Reply(Outcome.REFUSED, refused.reason, refused.line)
        except UnfitForm as unfit:
            return Reply(Outcome.UNFIT, str(unfit))
        except UnknownThing as unknown:
            return Reply(Outcome.MISSING, str(unknown))
        except MemoryError:
            return Reply(Outcome.MEMORY)
        except OSError as error:
            if error.errno == _EFBIG:
                return Reply(Outcome.SIZE)
            raise
        return Reply(
            Outcome.ANSWERED,
            size_bytes=os.fstat(file).st_size,
            digest=_digest(file),
            published_at=snapshot.manifest.published_at,
            sequence=snapshot.sequence,
        )


def _digest(file: int) -> str:
    """SHA-256 of a file's content."""
    if os.fstat(file).st_size == 0:
        return hashlib.sha256().hexdigest()
    with contextlib.closing(mmap.mmap(file, 0, access=mmap.ACCESS_READ)) as content:
        return hashlib.sha256(content).hexdigest()
