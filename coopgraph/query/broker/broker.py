"""The query broker: it alone decides which query runs when, for how long, and for whom.

In: requests of web processes over a Unix socket, each a job in a file with the client's address.
Out: a reply for each, when the answer is whole in the file or nothing will come. One process with
one thread; its workers do what takes time. A connection carries one request after another; when a
web process closes it before the reply, because its client has gone, the query is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from coopgraph.query.broker.clients import Client, Clients, Refusal, client_of
from coopgraph.query.broker.log import QueryLog
from coopgraph.query.broker.metrics import Metrics
from coopgraph.query.broker.pool import Pool, Worker
from coopgraph.query.job import Outcome, Reply, receive, text_of
from coopgraph.query.writing import Language
from coopgraph.settings import Settings

_TICK_S = 0.5
_PATIENT_S = 1.0
_FULL = Refusal("All places for queries are taken; ask again soon.", 2)
_TOO_LATE = Refusal("No worker became free in time; ask again soon.", 5)
# Outcomes that count against a client: its query was at fault, or cost too much.
FAILURES = frozenset((Outcome.REFUSED, Outcome.TIME, Outcome.MEMORY, Outcome.SIZE, Outcome.CRASHED))


@dataclass(eq=False, slots=True)
class Ticket:
    """One query on its way: who asks, by which connection, since when, on which worker."""

    connection: socket.socket
    file: int
    text: str
    name: str
    client: Client
    asked_at: float
    worker: Worker | None = None
    started_at: float = 0.0
    timers: tuple[asyncio.TimerHandle, ...] = ()


class Broker:
    """Answers requests on a listening socket until it is closed."""

    def __init__(
        self,
        listener: socket.socket,
        settings: Settings,
        language: Language,
        relay: socket.socket | None,
        loop: asyncio.AbstractEventLoop,
        log: QueryLog,
    ) -> None:
        self._listener = listener
        self._settings = settings
        self._loop = loop
        self._log = log
        self._clients = Clients(settings)
        self._pool = Pool(settings, language, relay, loop, self._on_reply, self._dispatch)
        self._queue: deque[Ticket] = deque()
        self._tickets: dict[socket.socket, Ticket] = {}
        self._running: dict[Worker, Ticket] = {}
        self._most_running = max(1, settings.workers // 2)
        self._metrics = Metrics(self.state)
        loop.add_reader(listener, self._accept)
        self._tick()

    def state(self) -> dict[str, float]:
        """Counts of now: workers, ready workers, running and waiting queries."""
        return {
            "workers": len(self._pool.workers),
            "ready": self._pool.ready,
            "running": len(self._running),
            "waiting": len(self._queue),
            "started": self._pool.started,
        }

    def close(self) -> None:
        """Stop answering and kill the workers."""
        self._loop.remove_reader(self._listener)
        self._pool.close()
        self._log.flush()

    def _tick(self) -> None:
        self._loop.call_later(_TICK_S, self._tick)  # first: whatever fails below, the clock goes on
        self._pool.renew()
        self._give_up_waiting()
        self._log.flush()

    # Requests

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it has gone, or there are no more files to be had
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            self._loop.add_reader(connection, self._request, connection)

    def _request(self, connection: socket.socket) -> None:
        if connection in self._tickets:  # before the reply there is nothing to say but good-bye
            self._hang_up(self._tickets[connection])
            return
        try:
            received = receive(connection)
        except (OSError, ValueError):
            received = None
        if received is None:
            self._drop(connection)
            return
        message, files = received
        if files:
            self._admit(connection, str(message.get("client")), files[0])
        elif "refused" in message:
            self._book(connection, message)
        else:
            self._tell(connection, str(message.get("tell")))

    def _drop(self, connection: socket.socket) -> None:
        self._loop.remove_reader(connection)
        connection.close()

    def _tell(self, connection: socket.socket, what: str) -> None:
        """Answer an operator's question about the broker itself."""
        if what == "metrics":
            body = self._metrics.text()
        else:
            pool = self._pool
            body = self._metrics.health(pool.can_answer, pool.protections, pool.problem)
        with contextlib.suppress(OSError):  # it may have gone
            connection.sendall(body)

    def _book(self, connection: socket.socket, message: Mapping[str, object]) -> None:
        """Count a query that a web process refused: it failed as if it had been run."""
        now = self._loop.time()
        name = client_of(str(message.get("client")))
        refusal = self._clients.refusal(name, now)
        reply = refusal.reply if refusal else Reply(Outcome.REFUSED, str(message.get("reason")))
        self._clients.charge(name, 0.0, refusal is None, now)
        self._metrics.count(reply.outcome, 0.0, 0.0)
        self._log.write(name, str(message["refused"]), reply, 0.0)
        with contextlib.suppress(OSError):  # it may have gone
            connection.sendall(reply.to_bytes())

    def _admit(self, connection: socket.socket, address: str, file: int) -> None:
        """Queue a query, or say why not."""
        now = self._loop.time()
        name = client_of(address)
        client = self._clients.client(name, now)
        ticket = Ticket(connection, file, text_of(file), name, client, now)
        refusal = self._clients.refusal(name, now)
        if refusal is None and len(self._queue) >= self._settings.query_queue:
            refusal = None if self._make_room(client) else _FULL
        if not self._pool.is_published():
            self._finish(ticket, Reply(Outcome.UNPUBLISHED))
        elif refusal is not None:
            self._finish(ticket, refusal.reply)
        else:
            client.waiting += 1
            self._queue.append(ticket)
            self._tickets[connection] = ticket
            self._dispatch()

    def _make_room(self, client: Client) -> bool:
        """Turn away the newest query of whoever has most waiting, if this client has fewer."""
        crowd = max((ticket.client.waiting for ticket in self._queue), default=0)
        if crowd <= client.waiting + 1:
            return False
        newest = next(t for t in reversed(self._queue) if t.client.waiting == crowd)
        self._turn_away(newest, _FULL)
        return True

    def _turn_away(self, ticket: Ticket, refusal: Refusal) -> None:
        """Give up a query that waits."""
        self._queue.remove(ticket)
        ticket.client.waiting -= 1
        self._finish(ticket, refusal.reply)

    def _hang_up(self, ticket: Ticket) -> None:
        """The web process has closed its end: nobody waits for this answer any more."""
        worker = ticket.worker
        if worker is None:
            self._queue.remove(ticket)
            ticket.client.waiting -= 1
        else:
            self._pool.remove(worker)
        self._finish(ticket, Reply(Outcome.CANCELLED))
        self._drop(ticket.connection)
        self._pool.renew()

    def _give_up_waiting(self) -> None:
        oldest = self._loop.time() - self._settings.query_seconds
        for ticket in [ticket for ticket in self._queue if ticket.asked_at < oldest]:
            self._turn_away(ticket, _TOO_LATE)

    # Running

    def _dispatch(self) -> None:
        """Give waiting queries to idle workers: first those of clients who have least running."""
        while (ticket := self._next()) is not None:
            worker = self._pool.idle()
            if worker is None:
                return
            try:
                self._pool.assign(worker, ticket.file)
            except OSError:  # it died a moment ago
                self._pool.remove(worker)
                continue
            self._queue.remove(ticket)
            ticket.client.waiting -= 1
            self._start(ticket, worker)

    def _next(self) -> Ticket | None:
        eligible = [t for t in self._queue if t.client.running < self._most_running]
        return min(eligible, key=lambda ticket: ticket.client.running, default=None)

    def _start(self, ticket: Ticket, worker: Worker) -> None:
        ticket.worker, ticket.started_at = worker, self._loop.time()
        ticket.client.running += 1
        self._running[worker] = ticket
        ticket.timers = (
            self._loop.call_later(self._settings.query_seconds, self._time_over, ticket, worker),
            self._loop.call_later(_PATIENT_S, self._look_at, ticket, self._pool.used_s(worker)),
        )

    def _look_at(self, ticket: Ticket, used_before_s: float) -> None:
        """Slow a query down once it has had its share of the processors, however long it had to
        wait for them: many short ones at once are no long one.
        """
        assert ticket.worker is not None
        left_s = _PATIENT_S - (self._pool.used_s(ticket.worker) - used_before_s)
        if left_s <= 0:
            self._pool.slow_down(ticket.worker)
        else:
            again = self._loop.call_later(left_s, self._look_at, ticket, used_before_s)
            ticket.timers = (ticket.timers[0], again)

    def _time_over(self, ticket: Ticket, worker: Worker) -> None:
        self._pool.remove(worker)
        self._finish(ticket, Reply(Outcome.TIME))
        self._pool.renew()

    def _on_reply(self, worker: Worker, data: bytes | None) -> None:
        """A worker has answered, or died over its query."""
        ticket = self._running[worker]
        if data is None:
            self._finish(ticket, Reply(_cause_of_death(self._pool.exit_code(worker))))
            self._pool.renew()
            return
        try:
            reply = Reply.from_bytes(data)
        except ValueError:
            reply = Reply(Outcome.CRASHED)
        worker.is_spent = worker.is_spent or reply.outcome in (Outcome.MEMORY, Outcome.CRASHED)
        self._finish(ticket, reply)
        self._pool.release(worker)

    def _finish(self, ticket: Ticket, reply: Reply) -> None:
        """Tell the web process, and book what it cost."""
        now = self._loop.time()
        seconds = now - ticket.started_at if ticket.worker else 0.0
        with contextlib.suppress(OSError):  # it may have gone
            ticket.connection.sendall(reply.to_bytes())
        self._tickets.pop(ticket.connection, None)
        for timer in ticket.timers:
            timer.cancel()
        if ticket.worker is not None:
            self._running.pop(ticket.worker)
            ticket.client.running -= 1
            self._clients.charge(ticket.name, seconds, reply.outcome in FAILURES, now)
        self._metrics.count(reply.outcome, seconds, now - ticket.asked_at - seconds)
        self._log.write(ticket.name, ticket.text, reply, seconds)
        os.close(ticket.file)


def _cause_of_death(exit_code: int) -> Outcome:
    """Why a worker died over a query: an allocation that failed aborts it; where the stack
    overflows it cannot go on; the kernel kills what takes the machine's last memory.
    """
    if exit_code in (-signal.SIGABRT, -signal.SIGKILL):
        return Outcome.MEMORY
    return Outcome.CRASHED
