"""SERVICE to an allowed endpoint, answered by a real second server; to any other, not at all."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest

from coopgraph.errors import QueryLimit, QueryRefused
from coopgraph.isolation import enter_own_network
from coopgraph.query import Broker, Job, prepare
from coopgraph.query.broker.process import BrokerProcess
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
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def broken(self) -> None:
        self._send(500, b"no")

    def nonsense(self) -> None:
        self._send(200, b"<<<")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
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


WAYS = ("good", "redirect", "large", "slow", "broken", "nonsense")


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
        ("redirect", "not followed"),
        ("large", "larger than 2 MB"),
        ("broken", "500"),
        ("nonsense", ""),
    ],
)
def test_what_an_endpoint_does_wrong_is_said_with_its_address(
    broker: Broker, odd: tuple[str, list[str]], way: str, reason: str
) -> None:
    before = odd[1].count("/good")
    with pytest.raises(QueryRefused) as caught:
        ask(broker, f"SELECT * {{ SERVICE <{odd[0]}/{way}> {{ ?x ?y ?s }} }}")
    assert reason in str(caught.value)
    assert odd[1].count("/good") == before
    silent = f"SELECT (1 AS ?n) {{ SERVICE SILENT <{odd[0]}/{way}> {{ ?x ?y ?s }} }}"
    assert ask(broker, silent) == [{"n": "1"}]


def test_an_endpoint_that_is_slow_or_away_costs_no_more_than_the_time_limit(
    broker: Broker, settings: Settings, odd: tuple[str, list[str]]
) -> None:
    with pytest.raises((QueryLimit, QueryRefused)):
        ask(broker, f"SELECT * {{ SERVICE <{odd[0]}/slow> {{ ?x ?y ?s }} }}")
    with pytest.raises(QueryRefused, match="refused"):
        ask(broker, f"SELECT * {{ SERVICE <{settings.services[1]}> {{ ?x ?y ?s }} }}")
    assert ask(broker, "SELECT (1 AS ?n) {}") == [{"n": "1"}]


def test_it_is_said_that_services_can_be_asked(broker: Broker) -> None:
    assert broker.health()["protections"]["services"] is True
    assert broker.health()["protections"]["namespace"] is True


def test_a_broker_whose_relay_dies_begins_again(
    settings: Settings, start_broker: StartBroker, elsewhere: str
) -> None:
    with start_broker(settings) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        relay = min(map(int, children))  # the first that the broker started
        os.kill(relay, 9)
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
