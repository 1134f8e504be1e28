"""SERVICE to an allowed endpoint, answered by a real second server; to any other, not at all."""

from __future__ import annotations

import json
import logging
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest

from coopgraph.errors import QueryRefused, ServiceFailed, StoreError, TooManyQueries
from coopgraph.isolation import enter_own_network
from coopgraph.query import Broker, Job, prepare
from coopgraph.query.asking import ClientGone
from coopgraph.query.broker import relay
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.query.job import receive, send
from coopgraph.settings import Settings

StartBroker = Callable[[Settings], AbstractContextManager[BrokerProcess]]
ANSWER = {
    "head": {"vars": ["s"]},
    "results": {"bindings": [{"s": {"type": "literal", "value": "from afar"}}]},
}
TIMEOUT_S = 3


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of another SPARQL server, with two triples."""
    folder = tmp_path_factory.mktemp("elsewhere")
    data = folder / "data.nt"
    data.write_text('<urn:a> <urn:p> "from afar" .\n<urn:b> <urn:p> "also" .\n')
    program = str(Path(sys.executable).with_name("oxigraph"))
    store = ["--location", str(folder / "store")]
    subprocess.run([program, "load", *store, "--file", str(data)], check=True, capture_output=True)
    port = free_port()
    process = subprocess.Popen(
        [program, "serve-read-only", *store, "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the other server does not answer")


class Odd(BaseHTTPRequestHandler):
    """A server that answers in the way its path says, and counts who asks."""

    asked: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.path)
        act = getattr(self, self.path.strip("/"))
        act()

    def good(self) -> None:
        self._send(200, json.dumps(ANSWER).encode())

    def redirect(self) -> None:
        self._send(307, b"", Location="/good")

    def large(self) -> None:
        self._send(200, b" " * 4_000_000)

    def slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "60000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            time.sleep(0.2)

    def broken(self) -> None:
        self._send(500, b"no\r\n\x1b[1m" + b"words " * 10_000)

    def unfit(self) -> None:
        self._send(400, b"A bracket\n is missing.")

    def busy(self) -> None:
        self._send(429, b"<!doctype html><p>Go away")

    def nonsense(self) -> None:
        self._send(200, b"<<<")

    def page(self) -> None:
        self._send(200, b"<!doctype html>", **{"Content-Type": "text/html"})

    def cut(self) -> None:
        self._send(200, json.dumps(ANSWER).encode()[:-3])

    def away(self) -> None:
        """Hang up without a word."""

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        kind = {"Content-Type": "application/sparql-results+json"}
        for name, value in {**kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the relay has hung up
            return


@pytest.fixture(scope="module")
def odd() -> Iterator[tuple[str, list[str]]]:
    """The address of an odd server, and what it was asked."""
    asked: list[str] = []
    handler = type("Handler", (Odd,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


WAYS = (
    *("good", "redirect", "large", "slow", "broken", "unfit", "busy", "nonsense", "page", "cut"),
    "away",
)


@pytest.fixture(scope="module")
def settings(
    served_sample: Path,
    tmp_path_factory: pytest.TempPathFactory,
    elsewhere: str,
    odd: tuple[str, list[str]],
) -> Settings:
    home = tmp_path_factory.mktemp("relay") / "home"
    shutil.copytree(served_sample, home, symlinks=True)
    nobody = f"http://127.0.0.1:{free_port()}/query"
    services = [elsewhere, nobody, *(f"{odd[0]}/{way}" for way in WAYS)]
    return Settings(
        home=home,
        query_workers=2,
        query_seconds=TIMEOUT_S,
        query_result_mb=2,
        query_budget_seconds=0,
        query_errors=0,
        query_log="-",
        query_services=" ".join(services),
    )


@pytest.fixture(scope="module")
def process(settings: Settings, start_broker: StartBroker) -> Iterator[BrokerProcess]:
    with start_broker(settings) as running:
        yield running


@pytest.fixture
def broker(process: BrokerProcess, settings: Settings) -> Broker:
    return Broker(process.path, settings)


@pytest.fixture(scope="module", autouse=True)
def _has_namespaces() -> None:
    """These tests say what holds where the system gives a process a network of its own; without
    one every SERVICE is refused, which is tested beside the worker.
    """
    child = os.fork()
    if child == 0:
        os._exit(0 if enter_own_network() else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "this system allows no network namespaces"


def ask(broker: Broker, text: str) -> list[dict[str, str]]:
    """The solutions of a query, values alone."""
    job = Job(prepare(text, broker.settings), "json")
    found = json.loads(broker.ask(job, "192.0.2.1").read())
    return [
        {name: cell["value"] for name, cell in row.items()} for row in found["results"]["bindings"]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?o { SERVICE <%s> { <urn:a> ?p ?o } }",
        "SELECT ?o { SERVICE SILENT<%s>{ <urn:a> ?p ?o } }",
        "select ?o { service # here\n <%s> { <urn:a> ?p ?o } }",
        "SELECT ?o { { SELECT ?o { SERVICE <%s> { <urn:a> ?p ?o } } } }",
        "SELECT ?o { VALUES ?s { <urn:a> } OPTIONAL { SERVICE <%s> { ?s ?p ?o } } }",
        "SELECT ?o { BIND('SERVICE <urn:x>' AS ?x) SERVICE <%s> { <urn:a> ?p ?o } }",
    ],
)
def test_an_allowed_endpoint_is_asked(broker: Broker, elsewhere: str, text: str) -> None:
    assert ask(broker, text % elsewhere) == [{"o": "from afar"}]


def test_several_endpoints_in_one_query(
    broker: Broker, elsewhere: str, odd: tuple[str, list[str]]
) -> None:
    text = (
        f"SELECT ?s ?o {{ SERVICE <{odd[0]}/good> {{ ?x ?y ?s }} "
        f"SERVICE <{elsewhere}> {{ <urn:b> ?p ?o }} }}"
    )
    assert ask(broker, text) == [{"s": "from afar", "o": "also"}]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:%d/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:%d/> { ?s ?p ?o } }",
        "PREFIX x: <http://127.0.0.1:%d/> SELECT * { SERVICE x: { ?s ?p ?o } }",
        "SELECT * { BIND(<http://127.0.0.1:%d/> AS ?e) SERVICE ?e { ?s ?p ?o } }",
        "BASE <http://127.0.0.1:%d/> SELECT * { SERVICE <> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:%d/> { ?s ?p ?o } }",
    ],
)
def test_any_other_address_is_refused_with_the_list(
    broker: Broker, settings: Settings, text: str
) -> None:
    with socket.socket() as sink:
        sink.bind(("127.0.0.1", 0))
        sink.listen()
        sink.setblocking(False)
        with pytest.raises(QueryRefused) as caught:
            ask(broker, text % sink.getsockname()[1])
        assert settings.services[0] in str(caught.value) or "address" in str(caught.value)
        with pytest.raises(BlockingIOError):
            sink.accept()


def test_the_worker_reaches_nothing_but_its_own_exchange(
    broker: Broker, elsewhere: str, odd: tuple[str, list[str]]
) -> None:
    """Even a query that outwitted the scan, here by a job that was never scanned."""
    before = len(odd[1])
    query = replace(
        prepare("ASK {}", broker.settings),
        text=f"SELECT * {{ SERVICE <{odd[0]}/good> {{ ?x ?y ?s }} }}",
        form="SELECT",
    )
    with pytest.raises(QueryRefused):
        broker.ask(Job(query, "json"), "192.0.2.1")
    assert len(odd[1]) == before


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("redirect", "leads to another address, which is not followed"),
        ("broken", "answers with status 500: “no [1mwords words"),
        ("busy", "answers with status 429."),
        ("nonsense", "answers with what are no SPARQL results"),
        ("page", "answers with what are no SPARQL results"),
        ("cut", "answers with what are no SPARQL results"),
        ("away", "broke off the connection"),
        ("slow", "did not answer in the time that a query has"),
    ],
)
def test_an_endpoint_that_fails_is_named_with_what_it_did(
    broker: Broker, odd: tuple[str, list[str]], way: str, reason: str
) -> None:
    before = odd[1].count("/good")
    with pytest.raises(ServiceFailed) as caught:
        ask(broker, f"SELECT * {{ SERVICE <{odd[0]}/{way}> {{ ?x ?y ?s }} }}")
    message = str(caught.value)
    assert message.startswith(f"The endpoint <{odd[0]}/{way}> {reason}")
    assert message.endswith(("SPARQL results.", "With SERVICE SILENT a query does without it."))
    assert len(message) < 500
    assert odd[1].count("/good") == before


@pytest.mark.parametrize("way", sorted({*WAYS} - {"good", "cut"}))
def test_a_query_can_do_without_an_endpoint(
    broker: Broker, odd: tuple[str, list[str]], way: str
) -> None:
    """Unless its answer begins well: the engine is reading it by then."""
    silent = f"SELECT (1 AS ?n) {{ SERVICE SILENT <{odd[0]}/{way}> {{ ?x ?y ?s }} }}"
    assert ask(broker, silent) == [{"n": "1"}]


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("unfit", "refuses its part of the query: “A bracket is missing.”"),
        ("large", "has an answer larger than 2 MB, the most that is taken"),
    ],
)
def test_what_an_endpoint_cannot_be_asked_is_the_fault_of_the_query(
    broker: Broker, odd: tuple[str, list[str]], way: str, reason: str
) -> None:
    with pytest.raises(QueryRefused) as caught:
        ask(broker, f"SELECT * {{ SERVICE <{odd[0]}/{way}> {{ ?x ?y ?s }} }}")
    assert str(caught.value) == f"The endpoint <{odd[0]}/{way}> {reason}."


def test_a_query_is_at_fault_for_itself_whatever_endpoints_do(
    broker: Broker, odd: tuple[str, list[str]]
) -> None:
    service = f"SERVICE SILENT <{odd[0]}/away> {{ ?x ?y ?s }}"
    with pytest.raises(QueryRefused, match="not valid SPARQL"):
        ask(broker, f"SELECT * {{ {service} ?x ?y }}")
    with pytest.raises(QueryRefused, match="urn:f"):
        ask(broker, f"SELECT * {{ {service} FILTER(<urn:f>(?x)) }}")


def test_of_several_endpoints_the_one_that_fails_is_named(
    broker: Broker, odd: tuple[str, list[str]]
) -> None:
    ways = [
        ("SERVICE SILENT <%s/away> { ?a ?b ?c }", "SERVICE <%s/nonsense> { ?x ?y ?s }", "nonsense"),
        ("SERVICE SILENT <%s/nonsense> { ?a ?b ?c }", "SERVICE <%s/away> { ?x ?y ?s }", "away"),
        ("SERVICE <%s/good> { ?a ?b ?c }", "SERVICE <%s/broken> { ?x ?y ?s }", "broken"),
    ]
    for first, second, failing in ways:
        with pytest.raises(ServiceFailed, match=f"<{odd[0]}/{failing}>"):
            ask(broker, f"SELECT * {{ {first % odd[0]} {second % odd[0]} }}")


def test_an_endpoint_that_is_away_is_named(broker: Broker, settings: Settings) -> None:
    with pytest.raises(ServiceFailed, match=f"<{settings.services[1]}> refuses connections"):
        ask(broker, f"SELECT * {{ SERVICE <{settings.services[1]}> {{ ?x ?y ?s }} }}")
    assert ask(broker, "SELECT (1 AS ?n) {}") == [{"n": "1"}]


def test_a_client_is_not_blamed_for_an_endpoint(
    settings: Settings, start_broker: StartBroker, odd: tuple[str, list[str]]
) -> None:
    strict = replace(settings, query_errors=1)
    with start_broker(strict) as process:
        broker = Broker(process.path, strict)
        for _ in range(3):
            with pytest.raises(ServiceFailed):
                ask(broker, f"SELECT * {{ SERVICE <{odd[0]}/away> {{ ?x ?y ?s }} }}")
        unfit = f"SELECT * {{ SERVICE <{odd[0]}/unfit> {{ ?x ?y ?s }} }}"
        with pytest.raises(QueryRefused):
            ask(broker, unfit)
        with pytest.raises(TooManyQueries):
            ask(broker, unfit)
        assert b'coopgraph_queries_total{outcome="service"} 3.0' in broker.metrics()


# The relay itself -----------------------------------------------------------------------------


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def held(pid: int) -> list[int]:
    """How many threads and how many descriptors a process has."""
    return [len(list(Path(f"/proc/{pid}/{what}").iterdir())) for what in ("task", "fd")]


def test_clients_that_hang_up_leave_nothing_in_the_relay(
    settings: Settings, start_broker: StartBroker, odd: tuple[str, list[str]]
) -> None:
    patient = replace(settings, query_seconds=60, query_workers=4)
    slow = Job(prepare(f"SELECT * {{ SERVICE <{odd[0]}/slow> {{ ?x ?y ?s }} }}", patient), "json")
    with (
        start_broker(patient) as process,
        ExitStack() as served,
        ExitStack() as clients,
        ThreadPoolExecutor() as pool,
    ):
        broker, relay_pid = Broker(process.path, patient), min(children(process.pid))
        wait_until(lambda: broker.health()["ready"] == 4)
        wait_until(lambda: held(relay_pid)[0] == 1 + 4)  # it serves each of the workers
        before = held(relay_pid)
        asked = odd[1].count("/slow")
        found = []
        for number in range(4):
            ours, theirs = socket.socketpair()
            clients.enter_context(theirs)
            served.enter_context(ours)  # open to the end: its number must not go to another file
            found.append(pool.submit(broker.ask, slow, f"192.0.2.{number}", ours))
        wait_until(lambda: odd[1].count("/slow") == asked + 4)
        assert held(relay_pid) > before
        clients.close()
        wait_until(lambda: held(relay_pid) == before)
        for each in found:
            with pytest.raises((ClientGone, StoreError)):
                each.result()


def wait_until(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def own_relay(settings: Settings) -> Iterator[tuple[socket.socket, int]]:
    """A relay of this process: the connection to it, and its number."""
    before = children(os.getpid())
    with relay.start_relay(settings) as control:
        [pid] = children(os.getpid()) - before
        yield control, pid
    os.waitpid(pid, 0)


def reply(line: socket.socket, message: dict[str, object], *files: int) -> object:
    """What a relay answers on a line, None where it has hung up."""
    try:
        send(line, message, *files)
        received = receive(line)
    except OSError:
        return None
    return received[0] if received else None


def test_a_relay_that_runs_out_of_descriptors_goes_on(own_relay: tuple[socket.socket, int]) -> None:
    control, pid = own_relay
    with relay.connect(control) as line, open(os.memfd_create("query"), "w+b") as file:
        unknown = {"problem": "is not one of those allowed"}
        assert reply(line, {"number": 99}, file.fileno()) == unknown
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        for _ in range(5):
            with relay.connect(control) as other:
                assert reply(other, {"number": 0}) is None
        later = {"problem": "cannot be asked at the moment"}
        assert reply(line, {"number": 0}, file.fileno()) == later
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert reply(line, {"number": 99}, file.fileno()) == unknown
        with relay.connect(control) as other:
            assert reply(other, {"number": 99}, file.fileno()) == unknown


def test_a_relay_that_ends_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError("There is no more of it.")

    log = logging.getLogger("coopgraph.query")
    handler = logging.StreamHandler(sys.__stderr__)
    monkeypatch.setattr(relay, "_be_relay", fail)
    monkeypatch.setattr(log, "handlers", [handler])
    before = children(os.getpid())
    with relay.start_relay(settings) as control:
        [pid] = children(os.getpid()) - before
        assert receive(control) is None
        os.waitpid(pid, 0)
    assert capfd.readouterr().err == "The relay has ended: OSError: There is no more of it.\n"


def test_it_is_said_that_services_can_be_asked(broker: Broker) -> None:
    assert broker.health()["protections"]["services"] is True
    assert broker.health()["protections"]["namespace"] is True


def test_a_broker_whose_relay_dies_begins_again(
    settings: Settings, start_broker: StartBroker, elsewhere: str
) -> None:
    with start_broker(settings) as process:
        os.kill(min(children(process.pid)), 9)  # the first that the broker started
        deadline = time.monotonic() + 20
        first = process.pid
        while process.pid == first:
            assert time.monotonic() < deadline
            process.keep()
            time.sleep(0.05)
        broker = Broker(process.path, settings)
        text = f"SELECT ?o {{ SERVICE <{elsewhere}> {{ <urn:a> ?p ?o }} }}"
        assert ask(broker, text) == [{"o": "from afar"}]


def test_the_other_server_is_a_real_one(elsewhere: str) -> None:
    with urlopen(f"{elsewhere}?query=ASK%7B%3Fs%3Fp%3Fo%7D", timeout=5) as response:
        assert response.status == 200
