"""A request to an endpoint ends: with an answer, with a fault in plain words, or with its time."""

from __future__ import annotations

import contextlib
import gzip
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from coopgraph.query.broker.errand import EndpointFault, Errand

Act = Callable[[socket.socket], object]
LIMIT_S = 0.5
GRACE_S = 0.7
QUERY = b"SELECT * {}"
BODY = b'{"head":{}}'
SECURE = ssl.create_default_context()
LONG_NAME = b"\x1f\x8b\x08\x08\0\0\0\0\0\0"  # a packed file begins, whose name follows
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"


def request(connection: socket.socket) -> bytes:
    """A whole request, or how one in TLS begins."""
    data = connection.recv(65_536)
    while data.startswith(b"POST") and not data.endswith(QUERY):
        data += connection.recv(65_536)
    return data


@contextlib.contextmanager
def endpoint(
    act: Act, family: socket.AddressFamily = socket.AF_INET, heard: list[bytes] | None = None
) -> Iterator[str]:
    """The address of a server that reads a request and then acts on its connection."""
    requests = [] if heard is None else heard

    def serve() -> None:
        with contextlib.suppress(OSError):  # one of the two has hung up
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    requests.append(request(connection))
                    act(connection)

    host = "::1" if family is socket.AF_INET6 else "127.0.0.1"
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        place = f"[{host}]" if ":" in host else host
        yield f"http://{place}:{listener.getsockname()[1]}/sparql?x=é"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The relay's end of a line, and the worker's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield ours, theirs


Line = tuple[socket.socket, socket.socket]


def run(line: Line, address: str, seconds: float = LIMIT_S) -> tuple[int, str, bytes]:
    """Status, type and body of the answer."""
    body = io.BytesIO()
    errand = Errand(line[0], seconds, 1, SECURE)
    status, kind = errand.run(address, QUERY, body)
    return status, kind, body.getvalue()


def fault(line: Line, address: str, seconds: float = LIMIT_S) -> EndpointFault:
    with pytest.raises(EndpointFault) as caught:
        run(line, address, seconds)
    return caught.value


def sending(data: bytes) -> Act:
    return lambda connection: connection.sendall(data)


def dripping(start: bytes, drop: bytes) -> Act:
    """Send a beginning, and then a bit now and then for as long as somebody listens."""

    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return act


def sized(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


# Answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        sized(BODY),
        HEAD + b"\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nb;x=y\r\n" + BODY + b"\r\n0\r\n\r\n",
        sized(gzip.compress(BODY), b"Content-Encoding: gzip\r\n"),
    ],
    ids=["sized", "ended", "chunked", "packed"],
)
def test_a_whole_answer_is_brought(line: Line, answer: bytes) -> None:
    with endpoint(sending(answer)) as address:
        assert run(line, address) == (200, "application/sparql-results+json", BODY)


def test_an_endpoint_may_have_an_address_of_the_newer_internet(line: Line) -> None:
    with endpoint(sending(sized(BODY)), socket.AF_INET6) as address:
        assert run(line, address)[2] == BODY


def test_what_is_sent_is_a_query_of_the_protocol(line: Line) -> None:
    heard: list[bytes] = []
    with endpoint(
        sending(b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"), heard=heard
    ) as address:
        assert run(line, address) == (503, "", b"no")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sparql?x=%C3%A9 HTTP/1.1\r\n")
    assert b"Host: %s\r\n" % address.split("/")[2].encode() in head
    assert b"Content-Type: application/sparql-query\r\n" in head
    assert body == QUERY


# Its end --------------------------------------------------------------------------------------

DRIPS = {
    "body": dripping(HEAD + b"Content-Length: 60000\r\n\r\n", b" "),
    "body without end": dripping(HEAD + b"\r\n", b" "),
    "size of a chunk": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "packed body": dripping(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 60000\r\n\r\n" + LONG_NAME,
        b"x",
    ),
    "headers": dripping(HEAD, b"x"),
    "status": dripping(b"HTTP/1.1 ", b"2"),
    "nothing": lambda connection: connection.recv(1),
}


@pytest.mark.parametrize("way", DRIPS)
def test_time_ends_whatever_an_endpoint_sends_slowly(line: Line, way: str) -> None:
    with endpoint(DRIPS[way]) as address:
        before = time.monotonic()
        assert "time" in str(fault(line, address))
        assert time.monotonic() - before < LIMIT_S + GRACE_S


@pytest.mark.parametrize("act", [DRIPS["nothing"], dripping(b"\x16\x03\x03\x40\x00", b"\2")])
def test_time_ends_before_a_secure_connection_is_made(line: Line, act: Act) -> None:
    with endpoint(act) as address:
        before = time.monotonic()
        assert "time" in str(fault(line, address.replace("http:", "https:")))
        assert time.monotonic() - before < LIMIT_S + GRACE_S


@pytest.mark.parametrize("way", DRIPS)
def test_a_worker_that_has_gone_waits_for_nothing(line: Line, way: str) -> None:
    with endpoint(DRIPS[way]) as address:
        before = time.monotonic()
        threading.Timer(0.2, line[1].close).start()
        fault(line, address, 60.0)
        assert time.monotonic() - before < 0.2 + GRACE_S


def test_a_host_that_is_silent_costs_the_time_and_no_more(line: Line) -> None:
    with socket.socket() as full:  # its queue is full: connections wait
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with contextlib.ExitStack() as waiting:
            for _ in range(4):
                other = waiting.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(full.getsockname())
            address = f"http://127.0.0.1:{full.getsockname()[1]}/"
            before = time.monotonic()
            assert "time" in str(fault(line, address))
            assert time.monotonic() - before < LIMIT_S + GRACE_S
            threading.Timer(0.2, line[1].close).start()
            before = time.monotonic()
            fault(line, address, 60.0)
            assert time.monotonic() - before < 0.2 + GRACE_S


def test_nothing_is_left_of_a_request(line: Line) -> None:
    watches = threading.active_count()
    with endpoint(sending(sized(BODY))) as address:
        for _ in range(20):
            run(line, address)
    with endpoint(DRIPS["headers"]) as address:
        fault(line, address, 0.2)
    deadline = time.monotonic() + 5
    while threading.active_count() > watches:
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "broke off the connection"),
        (HEAD + b"Content-Length: 60\r\n\r\n" + BODY, "broke off its answer"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + BODY, "broke off its answer"),
        (sized(BODY, b"Content-Encoding: gzip\r\n"), "cannot be unpacked"),
        (b"220 mail.example ESMTP\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", "not followed"),
    ],
)
def test_a_fault_is_said_in_words(line: Line, answer: bytes, words: str) -> None:
    with endpoint(sending(answer)) as address:
        found = fault(line, address)
    assert words in str(found)
    assert not found.is_of_query


def test_a_host_that_is_not_there_is_said_in_words(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused = fault(line, f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert str(refused) == "refuses connections"

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert str(fault(line, "http://nowhere.invalid/")) == "has a name that leads to no address"


def test_a_host_without_tls_is_said_in_words(line: Line) -> None:
    with endpoint(sending(sized(BODY))) as address:
        found = fault(line, address.replace("http:", "https:"))
    assert str(found) == "allows no secure connection"


def test_too_large_an_answer_is_the_fault_of_what_was_asked(line: Line) -> None:
    with endpoint(sending(sized(b" " * 2_000_000))) as address:
        found = fault(line, address)
    assert "larger than 1 MB" in str(found)
    assert found.is_of_query
