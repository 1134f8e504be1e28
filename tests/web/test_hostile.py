"""Hostile queries, sent to real servers with small limits, four at a time.

Each file of ``tests/hostile`` says what must come of it. All of them are sent once, each followed
by an ordinary query; meanwhile another client asks ordinary queries without pause, a listener
hears whether anything connects to it, and the memory of every process is watched. Then each test
looks at what was seen. There are two servers: what may run for ever goes to a hasty one, and what
must come to another end to a patient one, so that no outcome depends on how fast a machine is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from coopgraph.namespaces import STANDARD
from coopgraph.settings import Settings
from tests.hostile.cases import Case, Request, read_cases
from tests.hostile.watch import (
    Watch,
    children,
    is_zombie,
    repeatedly,
    sink,
    wait_until,
    watch_of,
)
from tests.web.conftest import running_server

HASTY_S, PATIENT_S = 2, 30
MEMORY_MB, RESULT_MB, WORKERS = 256, 1, 6
# A worker that has done nothing yet takes less than this; the limit counts from there.
IDLE_MB = 96
WEB_MB = 400
AT_ONCE = 4
GRACE_S = 10.0
GOOD = (
    "PREFIX coop: <https://w3id.org/coopgraph/ns#> SELECT ?o { ?o a coop:Organization ; "
    "coop:region <https://w3id.org/coopgraph/code/subdivision/US-KS> }"
)
RIGHT = [f"{STANDARD}id/org/fnshh3328q-qe"]
CASES = read_cases()
LIMITS = {
    "query-time-limit": ("over-time", "time", f" {HASTY_S} second"),
    "query-memory-limit": ("over-memory", "memory", f"{MEMORY_MB} MB"),
    "result-too-large": ("too-large", "size", " MB"),
}
STATUSES = {400: "refused", 403: "forbidden", 406: "unacceptable", 413: "too-large-request"}


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response. ``status`` is 0 where there was none, and ``body`` says why."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one hostile query, and of the ordinary query right after it."""

    response: Response
    after: Response


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and what is watched of it."""

    address: str
    limit_s: int
    watch: Watch


@dataclass(slots=True)
class Run:
    """All that was seen of the servers under hostile queries."""

    servers: list[Server]
    heard: list[bytes]
    seen: dict[str, Seen] = field(default_factory=dict)
    beside: list[Response] = field(default_factory=list)


# The run --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(home: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Servers that have been sent every hostile query which a test wants to know about."""
    test = test_a_hostile_query_comes_to_its_end.__name__
    chosen = {item.name for item in request.session.items}
    wanted = [case for case in CASES if f"{test}[{case.name}]" in chosen] or CASES
    with (
        sink() as (port, heard),
        serving(home, HASTY_S, QUERY_RESULT_MB=str(RESULT_MB)) as hasty,
        serving(home, PATIENT_S, QUERY_RESULT_MB=str(RESULT_MB)) as patient,
    ):
        found = Run([hasty, patient], heard)
        for server in found.servers:
            cases = [case for case in wanted if ("over-time" in case.expect) is (server is hasty)]
            with (
                repeatedly(server.watch.look, pause_s=0.02),
                repeatedly(partial(ask_beside, server, found.beside), pause_s=0.05),
            ):
                places = {"self": server.address, "sink": f"127.0.0.1:{port}"}
                send_all(cases, server, places, found.seen)
        yield found


@contextmanager
def serving(home: Path, limit_s: int, **settings: str) -> Iterator[Server]:
    """A server that has answered an ordinary query."""
    with running_server(
        home,
        QUERY_SECONDS=str(limit_s),
        QUERY_MEMORY_MB=str(MEMORY_MB),
        QUERY_WORKERS=str(WORKERS),
        **settings,
    ) as (url, process):
        server = Server(urlsplit(url).netloc, limit_s, watch_of(process.pid, WORKERS))
        assert is_right(ask_good(server, 1))
        yield server


def send_all(
    cases: Sequence[Case], server: Server, places: Mapping[str, str], seen: dict[str, Seen]
) -> None:
    """Send every case, some at once, each of these as a client with an address of its own."""
    clients: SimpleQueue[int] = SimpleQueue()
    for client in range(10, 10 + AT_ONCE):
        clients.put(client)

    def send_one(case: Case) -> None:
        if not all(is_right(former.after) for former in list(seen.values())):
            return  # it has broken down: every further query would only wait in vain
        client = clients.get()
        response = exchange(server, client, case.request(places))
        seen[case.name] = Seen(response, ask_good(server, client))
        clients.put(client)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send_one, cases))


def ask_good(server: Server, client: int) -> Response:
    """Send an ordinary query."""
    return exchange(server, client, Request("GET", urlencode({"query": GOOD}), {}, None))


def ask_beside(server: Server, answers: list[Response]) -> None:
    """Send an ordinary query as a client that sends no others."""
    answers.append(ask_good(server, 2))


def exchange(server: Server, client: int, wire: Request) -> Response:
    """One request from an address of this machine's own, 127.0.0.CLIENT, and its response."""
    source = (f"127.0.0.{client}", 0)
    timeout_s = server.limit_s + GRACE_S
    connection = HTTPConnection(server.address, timeout=timeout_s, source_address=source)
    path = f"/sparql?{wire.query}" if wire.query else "/sparql"
    try:
        connection.request(wire.method, path, wire.body, dict(wire.headers))
        response = connection.getresponse()
        media_type = response.headers.get_content_type()
        return Response(response.status, media_type, response.read())
    except (OSError, HTTPException) as error:
        return Response(0, "", repr(error).encode())
    finally:
        connection.close()


# What came of them ----------------------------------------------------------------------------


def outcome(response: Response) -> str:
    """Which of ``OUTCOMES`` a response is. Fails where it is none, or only half of one."""
    if response.status == 200:
        assert is_whole(response), response.body[-200:]
        return "answered"
    assert response.media_type == "application/problem+json", response
    problem = json.loads(response.body)
    assert problem["status"] == response.status
    if response.status != 503:
        return STATUSES[response.status]
    name, limit, figure = LIMITS[problem["type"].partition("#")[2]]
    assert problem["limit"] == limit
    assert figure in problem["detail"]
    return name


def is_whole(response: Response) -> bool:
    """Whether an answer can be read to its end."""
    if response.media_type == "text/html":
        return response.body.rstrip().endswith(b"</html>")
    if response.media_type == "application/geo+json":
        features = json.loads(response.body, parse_constant=float)["features"]
        places = [place for feature in features for place in feature["geometry"]["coordinates"]]
        return bool(places) and all(isinstance(place, float) for place in places)
    if response.media_type == "image/svg+xml":
        return ElementTree.fromstring(response.body).tag.endswith("svg")
    if response.media_type == "application/ld+json":
        return "@context" in json.loads(response.body)
    graph = RdfFormat.from_media_type(response.media_type)
    if graph is not None:
        return all(parse(response.body, format=graph)) or not response.body.strip()
    return solutions(response) is not None


def solutions(response: Response) -> list[tuple[str, ...]] | None:
    """The values of every solution; none for a yes or no. Raises SyntaxError for half a table."""
    table = QueryResultsFormat.from_media_type(response.media_type)
    assert table is not None, response.media_type
    found = parse_query_results(response.body, format=table)
    if not isinstance(found, QuerySolutions):
        return []
    return [tuple(str(getattr(value, "value", value)) for value in row) for row in found]


def is_right(response: Response) -> bool:
    """Whether the ordinary query was answered, and with what the snapshot holds."""
    return response.status == 200 and solutions(response) == [(value,) for value in RIGHT]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_query_comes_to_its_end(run: Run, case: Case) -> None:
    assert case.name in run.seen, "not sent, as the service broke down before"
    seen = run.seen[case.name]
    found = outcome(seen.response)
    assert found in case.expect, (case.tries, seen.response.body[:500])
    if found == "refused" and case.line:
        assert json.loads(seen.response.body)["line"] == case.line, seen.response.body
    if found == "answered" and case.solutions is not None:
        assert len(solutions(seen.response) or []) == case.solutions
    assert is_right(seen.after), seen.after


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 70


def test_ordinary_queries_beside_them_are_all_answered(run: Run) -> None:
    assert len(run.beside) > 1
    assert [response for response in run.beside if not is_right(response)] == []


def test_nothing_connects_to_another_server(run: Run) -> None:
    assert run.heard == []


def test_no_process_takes_more_memory_than_it_may(run: Run) -> None:
    for server in run.servers:
        assert server.watch.most_kb / 1024 <= MEMORY_MB + IDLE_MB
        assert server.watch.most_web_kb / 1024 <= WEB_MB
    if len(run.seen) == len(CASES):
        most_mb = max(server.watch.most_kb for server in run.servers) / 1024
        assert most_mb > MEMORY_MB / 2, "the watch sees a worker grow"


def test_no_process_is_lost_and_none_is_left_over(run: Run) -> None:
    for watch in (server.watch for server in run.servers):
        wait_until(partial(watch.has_workers, WORKERS))
        assert not any(map(is_zombie, children(watch.broker)))
        assert set(children(watch.server)) == watch.web | {watch.broker}
        assert not any(map(is_zombie, (watch.server, watch.broker, *watch.web)))


def test_the_broker_keeps_no_file_open_but_a_connection_to_each_thread(run: Run) -> None:
    for watch in (server.watch for server in run.servers):
        wait_until(partial(watch.has_few_files, Settings().threads * len(watch.web)))


def test_no_process_keeps_an_answer(run: Run) -> None:
    for watch in (server.watch for server in run.servers):
        for pid in (watch.broker, *watch.web, *children(watch.broker)):
            links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
            assert [link for link in links if link.startswith("/memfd:answer")] == []


def test_a_page_of_a_large_answer_does_not_fill_a_web_process(home: Path) -> None:
    """What a page or a chart shows is held in a web process, which has no limit of its own."""
    floods = [case for case in CASES if "-flood-" in case.name]
    assert len(floods) >= 3
    with serving(home, PATIENT_S, PROCESSES="1") as server:
        with repeatedly(server.watch.look, pause_s=0.02):
            seen = [exchange(server, 1, case.request({})) for case in floods]
        assert [response for response in seen if response.status not in (200, 406, 503)] == []
        assert server.watch.most_web_kb / 1024 <= WEB_MB
