"""How fast SPARQL is answered, beside ``oxigraph serve`` (and Virtuoso, where it is installed).

25 queries over generated organisations, to real servers over HTTP with keep-alive, in turns: one
client, then eight. Before anything is measured each server answers every query, about several
organisations each; the answers must be the same, result by result, or no figure is printed.
Then other clients send the mix of all queries while one sends runaways without pause. A state
folder can be given, where ``coopgraph load`` has loaded what ``generate.py`` writes; otherwise
that is done first, into a scratch folder.

    python bench/sparql.py --organizations 100000
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from answers import READERS, difference
from clients import Clients, Line, Work
from crowds import (
    CLIENTS,
    MEMORY_FOOT,
    MEMORY_HEAD,
    OTHERS,
    RUNAWAY_FOOT,
    RUNAWAY_HEAD,
    answered,
    memory_line,
    p95,
    rate,
    runaway_lines,
    warm,
)
from generate import write_dataset
from questions import Mix, Question, read_mix, source
from runs import bold, header, load_average, timed
from serving import LIMIT_S, SETTINGS, Server, coopgraph, linked, nothing, oxigraph
from virtuoso import is_installed, virtuoso

from coopgraph.namespaces import COOP

ROUNDS = 5
ROUND_S = 0.4
CROWD_ROUNDS = 3
COMPARED = 10
_MOST_REASON = 150  # characters of why a query is left out
SHORT_MS = 10.0
MOST_ADDED_MS, MOST_RATIO, LEAST_THROUGHPUT = 1.0, 1.15, 0.9

HEAD = """\
| query | rows | {rival}: ms | p95 | coopgraph: ms | p95 | × or added | reach \
| {rival}: /s | coopgraph: /s | × | reach |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
FOOT = """\
ms, p95: one client, from the first byte of a request to the last of its answer; over {rounds}
rounds, the servers in turns. /s: answers a second to eight clients, the median of {crowd} rounds.
× or added: of the medians, their ratio; where {rival} takes less than 10 ms their difference.
×: of the throughputs. reach: what is to be reached; bold: what missed it."""


@dataclass(slots=True)
class Taken:
    """What a server took for one query: seconds at one client, answers a second at eight."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        """The median at one client."""
        return median(self.seconds) * 1e3

    @property
    def p95_ms(self) -> float:
        """The 95th percentile at one client."""
        return p95(self.seconds) * 1e3

    @property
    def rate(self) -> float:
        """Answers a second to eight clients."""
        return median(self.rates)


# The same answers -------------------------------------------------------------------------------


def compare(mix: Mix, ours: Server, theirs: Server) -> tuple[dict[str, int], dict[str, str]]:
    """By name of a query: the most rows of an answer; how answers differ, where they do."""
    rows, faults = {}, {}
    for question in mix.questions:
        rows[question.name], fault = compare_one(mix, question, ours, theirs)
        if fault:
            faults[question.name] = fault
    return rows, faults


def compare_one(mix: Mix, question: Question, ours: Server, theirs: Server) -> tuple[int, str]:
    """The most rows, and how the answers differ."""
    most = 0
    for text in mix.texts(question)[:COMPARED]:
        found = []
        for server in (ours, theirs):
            line = Line(server.door.port, source(0))
            status, body = line.ask(server.door.request(text, question.answer))
            line.close()
            if status != 200:
                return 0, f"{server.name} answers {status}, {body[:300].decode(errors='replace')}"
            found.append(READERS[question.answer](body))
        fault = difference(*found)
        if fault:
            return 0, fault
        most = max(most, found[0].total())
    return most, "" if most else "nothing is found"


# One query --------------------------------------------------------------------------------------


def measure(
    mix: Mix, question: Question, servers: Sequence[Server], clients: Clients
) -> dict[str, Taken]:
    """What the servers take for one query, by their names."""
    taken = {server.name: Taken() for server in servers}
    for number in range(ROUNDS):
        for server in turned(servers, number):
            work = mix.work(server.door, question, number, ROUND_S, least=3)
            asked = answered(clients.run([work]), server)
            taken[server.name].seconds += [answer.seconds for answer in asked]
    for number in range(CROWD_ROUNDS):
        for server in turned(servers, number):
            seconds = min(max(1.0, 6 * median(taken[server.name].seconds)), 6.0)
            works = [mix.work(server.door, question, client, seconds) for client in range(CLIENTS)]
            found = clients.run(works)
            answered(found, server)
            taken[server.name].rates.append(rate(found))
    return taken


def turned(servers: Sequence[Server], number: int) -> list[Server]:
    """The servers, every other time the other way round."""
    return list(servers) if number % 2 else list(reversed(servers))


def line(question: Question, rows: int, ours: Taken, theirs: Taken) -> str:
    """One row of the table."""
    if theirs.median_ms < SHORT_MS:
        added = bold(ours.median_ms - theirs.median_ms, at_most=MOST_ADDED_MS)
        compared = f"{added} ms | ≤ {MOST_ADDED_MS:.0f} ms"
        crowd = f"{ours.rate / theirs.rate:.2f} | "
    else:
        ratio = bold(ours.median_ms / theirs.median_ms, at_most=MOST_RATIO)
        compared = f"{ratio} | ≤ {MOST_RATIO}"
        crowd = f"{bold(ours.rate / theirs.rate, at_least=LEAST_THROUGHPUT)} | ≥ {LEAST_THROUGHPUT}"
    return (
        f"| {question.name} | {rows:,} | {theirs.median_ms:,.2f} | {theirs.p95_ms:,.2f} "
        f"| {ours.median_ms:,.2f} | {ours.p95_ms:,.2f} | {compared} "
        f"| {theirs.rate:,.1f} | {ours.rate:,.1f} | {crowd} |"
    )


# All of them, and the tables --------------------------------------------------------------------


def table(
    mix: Mix, ours: Server, theirs: Server, clients: Clients, short: set[str]
) -> Iterator[str]:
    """Compare two servers query by query; ``short`` takes in the names of the short ones.

    oxigraph must answer as we do, or the run ends; another server's query may be left out.
    """
    rows, faults = compare(mix, ours, theirs)
    if faults and theirs.name == "oxigraph":
        found = (f"{name}: {fault}" for name, fault in faults.items())
        sys.exit("\n".join(["The servers answer differently:", *found]))
    for server in (theirs, ours):
        warm(mix.without(faults), server, clients)
    yield HEAD.format(rival=theirs.name)
    for question in mix.questions:
        if question.name in faults:
            reason = " ".join(faults[question.name].split())[:_MOST_REASON].replace("|", "/")
            yield f"| {question.name}: left out, {reason} {'|' * 12}"
            continue
        taken = measure(mix, question, (theirs, ours), clients)
        if theirs.name == "oxigraph" and taken[theirs.name].median_ms < SHORT_MS:
            short.add(question.name)
        yield line(question, rows[question.name], taken[ours.name], taken[theirs.name])
    yield "\n" + FOOT.format(rival=theirs.name, rounds=ROUNDS, crowd=CROWD_ROUNDS)


def tables(home: Path, scratch: Path, clients: Clients) -> Iterator[str]:
    """Everything that is printed below the header."""
    store = linked(home / "current" / "store", scratch / "store")
    short: set[str] = set()
    with ExitStack() as stack:
        theirs = stack.enter_context(oxigraph(store))
        ours = stack.enter_context(coopgraph(home, scratch))
        idle = {server.name: server.memory_bytes() for server in (theirs, ours)}
        mix = read_mix(theirs.door, seed=1)
        yield f"Data: {size(theirs)}\n"
        yield floor_line()
        yield from table(mix, ours, theirs, clients, short)
        yield f"\n{MEMORY_HEAD}"
        for server in (theirs, ours):
            yield memory_line(mix, server, clients, idle[server.name])
        yield f"\n{MEMORY_FOOT}\n"
        if is_installed():
            rival = stack.enter_context(virtuoso(store, scratch / "virtuoso"))
            yield from table(mix, ours, rival, clients, short)
        else:
            yield "Virtuoso is not installed (no virtuoso-t or isql-vt on the path): left out."
    yield f"\n{RUNAWAY_HEAD}"
    with coopgraph(home, scratch) as ours:
        yield from runaway_lines(mix, ours, clients, short)
    with oxigraph(store, limit_s=LIMIT_S) as theirs:
        yield from runaway_lines(mix, theirs, clients, short)
    yield "\n" + RUNAWAY_FOOT.format(
        limit=LIMIT_S, patience=2 * LIMIT_S, memory=SETTINGS["QUERY_MEMORY_MB"]
    )


def floor_line() -> str:
    """What a request costs that Flask answers with nothing."""
    with nothing() as server, Clients(1) as clients:
        request = server.door.request("ASK {}", "table")
        works = [Work(server.door.port, source(0), [request], ROUND_S * ROUNDS)]
        seconds = [answer.seconds for answer in answered(clients.run(works), server)]
    return (
        "A request that Flask answers with nothing, under the same gunicorn: median "
        f"{median(seconds) * 1e3:.2f} ms, p95 {p95(seconds) * 1e3:.2f} ms.\n"
    )


def size(server: Server) -> str:
    """How much there is to ask about."""
    line = Line(server.door.port, source(0))
    numbers = []
    for pattern in ("?thing a coop:Cooperative", "?thing ?property ?value"):
        text = f"PREFIX coop: <{COOP}> SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
        _, body = line.ask(server.door.request(text, "table"))
        [row] = json.loads(body)["results"]["bindings"]
        numbers.append(int(row["n"]["value"]))
    line.close()
    return "{:,} co-operatives, {:,} triples in the merge".format(*numbers)


def loaded(organizations: int, scratch: Path) -> Path:
    """A state folder with so many generated organisations."""
    write_dataset(scratch / "generated", organizations, seed=1)
    home = scratch / "home"
    timed("-m", "coopgraph", "--home", home, "load", scratch / "generated", "--json")
    return home


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description="Measure SPARQL.")
    parser.add_argument("--organizations", type=int, default=100_000, metavar="N")
    parser.add_argument("--home", type=Path, metavar="FOLDER", help="a state folder, loaded before")
    parser.add_argument("--allocator", default="", metavar="FILE", help="QUERY_ALLOCATOR of ours")
    chosen = parser.parse_args()
    SETTINGS["QUERY_ALLOCATOR"] = chosen.allocator
    packages = ("pyoxigraph", "oxigraph", "flask", "gunicorn")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and leave no server behind
    print(*header(*packages), load_average(), sep="\n", flush=True)
    with Clients(OTHERS + CLIENTS) as clients, tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home = chosen.home.resolve() if chosen.home else loaded(chosen.organizations, scratch)
        for row in tables(home, scratch, clients):
            print(row, flush=True)
    print("", load_average(), sep="\n")


if __name__ == "__main__":
    main()
