"""All queries mixed, by several clients at once: memory meanwhile, and runaways beside them.

In: a running server, the mix of queries, client processes. Out: rows of two tables. Memory is
looked at five times a second, which takes some of the time away.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from statistics import quantiles

from clients import Asked, Clients, Done, Work
from footprint import Watch
from questions import RUNAWAYS, Mix, source
from runs import bold
from serving import LIMIT_S, Server

CLIENTS = 8
OTHERS = 4
ROUNDS = 3
MOST_DISTURBED = 3.0
LOOK_S = 0.2

RUNAWAY_HEAD = """\
| server | runaways on | p95, ms | × quiet | reach | short: p95, ms | × quiet | mix/s \
| refused | runaways got | peak MB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---|---:|"""
RUNAWAY_FOOT = """\
Four clients send all 25 queries, each in an order of its own, three times; meanwhile one more, of
another address, sends runaways without pause on so many connections. p95: of what the four were
answered; short: of the queries that oxigraph answers in less than 10 ms. refused: to the four.
Both servers are told to stop a query after {limit} s, coopgraph also at {memory} MB of memory.
runaways got: status and how often (200 is a cut answer, 0 is none within {patience} s)."""
MEMORY_HEAD = """\
| server | idle MB | peak MB | mix/s |
|---|---:|---:|---:|"""
MEMORY_FOOT = """\
MB: proportional set size of all its processes; idle: after one trivial query; peak: while eight
clients send the mix of all queries. mix/s: answers a second meanwhile."""


def answered(found: Iterable[Done], server: Server) -> list[Asked]:
    """All answers; ends here if a query was not answered."""
    asked = [answer for done in found for answer in done.asked]
    wrong = Counter(answer.status for answer in asked if answer.status != 200)
    if wrong:
        sys.exit(f"{server.name} did not answer everything: {dict(wrong)}")
    return asked


def rate(found: Sequence[Done]) -> float:
    """Answers a second of clients that worked at the same time."""
    return sum(len(done.asked) for done in found) / max(done.seconds for done in found)


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]


def warm(mix: Mix, server: Server, clients: Clients) -> None:
    """Have everything read once."""
    works = [mix.work_of_all(server.door, client, 1) for client in range(CLIENTS)]
    answered(clients.run(works), server)


def memory_line(mix: Mix, server: Server, clients: Clients, idle_bytes: int) -> str:
    """Memory, and answers a second, while eight clients send the mix."""
    works = [mix.work_of_all(server.door, client, 2) for client in range(CLIENTS)]
    with Watch(server.memory_bytes, LOOK_S) as watch:
        found = clients.run(works)
    answered(found, server)
    return (
        f"| {server.name} | {idle_bytes / 1e6:,.0f} | {watch.peak / 1e6:,.0f} "
        f"| {rate(found):,.1f} |"
    )


def runaway_lines(
    mix: Mix, server: Server, clients: Clients, short: Collection[str]
) -> Iterator[str]:
    """The others alone, then beside runaways on one connection, then on eight."""
    warm(mix, server, clients)
    works = [mix.work_of_all(server.door, client, ROUNDS) for client in range(OTHERS)]
    quiet: list[float] = []
    for connections in (0, 1, CLIENTS):
        with Watch(server.memory_bytes, LOOK_S) as watch:
            runaways = _start_runaways(server, clients, connections)
            found = clients.run(works)
            clients.stop()
            got = Counter(asked.status for pipe in runaways for asked in pipe.recv().asked)
        now = [p95(_seconds(mix, found)), p95(_seconds(mix, found, short))]
        quiet = quiet or now
        refused = sum(asked.status != 200 for done in found for asked in done.asked)
        yield (
            f"| {server.name} | {connections or 'none'} | {now[0] * 1e3:,.0f} "
            f"| {bold(now[0] / quiet[0], at_most=MOST_DISTURBED)} | ≤ {MOST_DISTURBED:.0f} "
            f"| {now[1] * 1e3:,.1f} | {now[1] / quiet[1]:.2f} | {rate(found):,.1f} | {refused} "
            f"| {', '.join(f'{status}: {times:,}' for status, times in sorted(got.items()))} "
            f"| {watch.peak / 1e6:,.0f} |"
        )


def _start_runaways(server: Server, clients: Clients, connections: int) -> list[Connection]:
    """Begin with another of the runaways on each connection, all of one address."""
    requests = [server.door.request(text, "table") for text in RUNAWAYS]
    works = [
        Work(
            server.door.port,
            source(CLIENTS),
            [*requests[number % 4 :], *requests[: number % 4]],
            until_stopped=True,
            patience_s=2.0 * LIMIT_S,
        )
        for number in range(connections)
    ]
    return clients.start(works, first=OTHERS)


def _seconds(mix: Mix, found: Sequence[Done], names: Collection[str] | None = None) -> list[float]:
    """How long the answered queries took; only those of some names."""
    return [
        asked.seconds
        for client, done in enumerate(found)
        for asked, question in zip(done.asked, mix.order(client, ROUNDS), strict=True)
        if asked.status == 200 and (names is None or question.name in names)
    ]
