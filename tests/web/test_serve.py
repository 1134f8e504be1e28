"""A real server, asked by real clients."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import pytest
import rdflib
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

import coopgraph
from coopgraph.errors import SettingError
from coopgraph.isolation import leave_network
from coopgraph.namespaces import STANDARD
from coopgraph.settings import PREFIX, Settings
from coopgraph.web.serve import check_address, limit_sending, options

SELECT = (
    "PREFIX coop: <https://w3id.org/coopgraph/ns#> SELECT ?o { ?o a coop:Organization ; "
    "coop:region <https://w3id.org/coopgraph/code/subdivision/US-KS> }"
)
PRAIRIE = f"{STANDARD}id/org/fnshh3328q-qe"
Start = Callable[..., AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = Request(url, headers={name.replace("_", "-"): v for name, v in headers.items()})
    try:
        with urlopen(request, timeout=20) as response:
            return response.status, dict(response.headers), response.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def until(is_true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that takes a moment."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Clients --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["GET", POST, POSTDIRECTLY])
def test_sparqlwrapper_asks(server: str, how: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql")
    client.setQuery(SELECT)
    if how == POSTDIRECTLY:
        client.setMethod(POST)
        client.setRequestMethod(POSTDIRECTLY)
    else:
        client.setMethod(how)
    client.setReturnFormat(JSON)
    bindings = client.queryAndConvert()["results"]["bindings"]  # type: ignore[index,call-overload]
    assert [row["o"]["value"] for row in bindings] == [PRAIRIE]


def test_sparqlwrapper_gets_each_form(server: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql")
    client.setQuery(SELECT)
    client.setReturnFormat(CSV)
    assert PRAIRIE in client.queryAndConvert().decode()  # type: ignore[union-attr]
    client.setReturnFormat(XML)
    assert PRAIRIE in client.queryAndConvert().toxml()  # type: ignore[union-attr]
    client.setQuery("ASK {}")
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["boolean"] is True  # type: ignore[index,call-overload]
    client.setQuery(SELECT.replace("SELECT ?o", "CONSTRUCT { ?o a coop:Organization }"))
    client.setReturnFormat(TURTLE)
    graph = rdflib.Graph().parse(data=client.queryAndConvert(), format="turtle")
    assert {str(subject) for subject in graph.subjects()} == {PRAIRIE}


@pytest.mark.parametrize("form", [None, "turtle", "xml", "nt"])
def test_rdflib_parses_an_address(server: str, form: str | None) -> None:
    thing = rdflib.URIRef(f"{STANDARD}id/org/zx73q7nn6v-sm")
    name = (
        thing,
        rdflib.SKOS.prefLabel,
        rdflib.Literal("Tableflip Bakery Co-operative", lang="en"),
    )
    document = rdflib.Graph().parse(f"{server}/org/zx73q7nn6v-sm", format=form)
    assert name in document
    by_name = rdflib.Graph().parse(f"{server}/id/org/zx73q7nn6v-sm", format=form)
    assert len(by_name) == len(document) > 150


def test_rdflib_parses_quads(server: str) -> None:
    dataset = rdflib.Dataset().parse(f"{server}/org/zx73q7nn6v-sm.trig", format="trig")
    graphs = {str(graph.identifier) for graph in dataset.graphs()}
    assert f"{STANDARD}graph/harbour-register" in graphs


def test_a_program_without_a_wish_gets_json(server: str) -> None:
    status, headers, body = get(f"{server}/org/zx73q7nn6v-sm")
    assert status == 200
    assert headers["Content-Type"] == "application/ld+json"
    document = json.loads(body)
    assert document["@context"] == f"{server}/context.jsonld"
    assert get(document["@context"])[0] == 200


# The server itself ----------------------------------------------------------------------------


def test_keys_keep_their_encoding_through_the_server(server: str) -> None:
    for key in ("a%2Fb%20c%25.ttl", "a%2fb%20c%25.ttl"):
        status, _, body = get(f"{server}/id/record/movement-directory/{key}", Accept="text/turtle")
        assert status == 200
        assert b"a%2Fb%20c%25.ttl>" in body


def test_its_processes_have_no_network_where_the_system_allows_that(server: str) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0 if leave_network() else 1)
    _, status = os.waitpid(child, 0)
    is_possible = os.waitstatus_to_exitcode(status) == 0
    health = json.loads(get(f"{server}/health")[2])
    assert health["protections"]["network"] is is_possible


def test_service_is_refused(server: str) -> None:
    query = quote(f"SELECT * {{ SERVICE <{server}/sparql> {{ ?s ?p ?o }} }}")
    status, _, body = get(f"{server}/sparql?query={query}")
    assert status == 400
    assert "SERVICE" in json.loads(body)["detail"]


def test_queries_at_the_limits_do_not_end_a_process(server: str) -> None:
    before = json.loads(get(f"{server}/health")[2])
    for text in (
        "SELECT * { BIND(1" + "+1" * 3_900 + " AS ?x) }",
        "SELECT * { FILTER(" + "!" * 7_900 + "1) }",
        "SELECT * { {}" + "UNION{}" * 2_600 + " }",
        "SELECT * {" + "MINUS{?a <urn:x> ?c}" * 1_100 + "}",
        "SELECT * " + "{" * 64 + "}" * 64,
    ):
        request = Request(f"{server}/sparql", data=f"query={quote(text)}".encode())
        try:
            with urlopen(request, timeout=60) as response:
                assert response.status == 200
        except HTTPError as error:  # on a slow machine
            assert json.load(error)["limit"] == "time"
    after = json.loads(get(f"{server}/health")[2])
    assert after["status"] == before["status"] == "ok"


def test_a_request_line_that_is_too_long_is_refused(server: str) -> None:
    assert get(f"{server}/sparql?query={'x' * 9_000}")[0] in (400, 414)
    assert get(f"{server}/health")[0] == 200


def test_two_lengths_in_one_request_are_refused(server: str) -> None:
    address = urlsplit(server)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Length", "5")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders(b"0\r\n\r\n")
    assert connection.getresponse().status == 400
    connection.close()


def test_it_answers_before_anything_is_published_and_then_serves_it(
    start_server: Start, tmp_path: Path, home: Path
) -> None:
    with start_server(tmp_path) as (url, _):
        assert get(f"{url}/health")[0] == 503
        (tmp_path / "snapshots").symlink_to(home / "snapshots")
        (tmp_path / "current").symlink_to(os.readlink(home / "current"))
        assert get(f"{url}/org/zx73q7nn6v-sm")[0] == 200
        until(lambda: get(f"{url}/health")[0] == 200)
        assert get(f"{url}/sparql?query=ASK%7B%7D")[0] == 200


def test_it_ends_when_told_to(start_server: Start, home: Path) -> None:
    with start_server(home, PROCESSES="1") as (url, process):
        assert get(f"{url}/")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0


def test_documents_do_not_wait_for_clients_that_read_nothing(
    start_server: Start, home: Path
) -> None:
    """Their answers stay in the sockets, and hold no more than the places for queries."""
    query = quote("SELECT ?s ?p ?o { ?s ?p ?o }")
    request = f"GET /sparql?format=json&query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with start_server(home, PROCESSES="1", THREADS="4") as (url, _):
        address = urlsplit(url)
        assert address.hostname
        lines = [
            socket.create_connection(
                (address.hostname, address.port or 80), source_address=(f"127.0.0.{number}", 0)
            )
            for number in range(50, 54)
        ]
        try:
            for line in lines:
                line.sendall(request)
            heads = [line.recv(12, socket.MSG_PEEK) for line in lines]
            assert b"HTTP/1.1 200" in heads
            assert get(f"{url}/health")[0] == 200
            assert get(f"{url}/org/zx73q7nn6v-sm")[0] == 200
        finally:
            for line in lines:
                line.close()
        until(lambda: get(f"{url}/sparql?query=ASK%7B%7D")[0] == 200)


def test_a_client_that_takes_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_sending(listener, 1)
        with socket.create_connection(listener.getsockname()):
            connection, _ = listener.accept()
            with connection, pytest.raises(BlockingIOError):
                connection.sendall(b"x" * 50_000_000)


def test_over_http_1_0_an_answer_that_was_cut_shows_by_its_length(server: str) -> None:
    """There are no chunks: compressed as it is sent it would have neither length nor end."""
    address = urlsplit(server)
    query = quote("SELECT ?s ?p ?o { ?s ?p ?o }")
    lines = {
        version: f"GET /sparql?format=json&query={query} HTTP/{version}\r\nHost: x\r\n"
        "Connection: close\r\nAccept-Encoding: br\r\n\r\n"
        for version in ("1.0", "1.1")
    }
    answers = {}
    for version, line in lines.items():
        with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
            connection.sendall(line.encode())
            data = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        answers[version] = (
            dict(part.split(": ", 1) for part in head.decode().split("\r\n")[1:]),
            body,
        )
    head, body = answers["1.0"]
    assert "Content-Encoding" not in head
    assert int(head["Content-Length"]) == len(body) > 1 << 20
    assert answers["1.1"][0]["Content-Encoding"] == "br"
    assert answers["1.1"][1].endswith(b"0\r\n\r\n")


def test_the_command_ends_without_a_crash(served_sample: Path, tmp_path: Path) -> None:
    """No process is a fork of one that has had a store open: its end would crash."""
    home = tmp_path / "home"
    shutil.copytree(served_sample, home, symlinks=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {name: v for name, v in os.environ.items() if not name.startswith(PREFIX)}
    process = subprocess.Popen(
        [sys.executable, "-m", "coopgraph", "--home", home, "serve", "--port", str(port)],
        env=variables,
        cwd=Path(coopgraph.__file__).parents[1],
        stderr=subprocess.PIPE,
        text=True,
    )

    def is_up() -> bool:
        assert process.poll() is None
        with contextlib.suppress(OSError):
            return get(f"http://127.0.0.1:{port}/health")[0] == 200
        return False

    until(is_up, seconds=120)
    assert get(f"http://127.0.0.1:{port}/catalog")[0] == 200
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=40)
    assert process.returncode == 0
    assert "SIG" not in said, said


def test_options_follow_the_settings() -> None:
    found = options(Settings(host="::1", port=8123, processes=3, threads=5))
    assert found["bind"] == ["[::1]:8123"]
    assert (found["workers"], found["threads"]) == (3, 5)
    assert found["preload_app"] is False


def test_an_address_in_use_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=taken.getsockname()[1])
        with pytest.raises(SettingError, match=f"port {settings.port} .* COOPGRAPH_PORT"):
            check_address(settings)
    check_address(settings)
