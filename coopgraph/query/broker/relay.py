"""SERVICE to the endpoints that the operator allows, and to no other address.

A worker has no network. A SERVICE clause that names an allowed endpoint is rewritten, by its
place in the text, to an address inside the worker's own network namespace, where a thread of the
worker listens. It hands each request over an inherited socket to the relay, the one process that
may go out, and that only to the addresses of the list: by number, never by name; within a time
and a size; without following redirects.
Specification: https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn

import urllib3

from coopgraph import __version__
from coopgraph.errors import QueryRefused
from coopgraph.isolation import die_with_parent, forgo_privileges
from coopgraph.query.job import receive, send
from coopgraph.query.run import Query
from coopgraph.settings import Settings

_MB = 1 << 20
_CHUNK_BYTES = 1 << 16
_ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_QUERY = "application/sparql-query"


class Exchange:
    """The worker's side: listens inside the worker's namespace, and passes requests on.

    ``line`` leads to the relay. Start it before the worker's limits are set.
    """

    def __init__(self, line: socket.socket, services: Sequence[str]) -> None:
        self._line = line
        self._services = services
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def redirected(self, query: Query) -> Query:
        """The query with this exchange in place of each endpoint."""
        text = query.text
        for call in reversed(query.services):
            text = f"{text[: call.start]}<{self._address(call.number)}>{text[call.end :]}"
        return replace(query, text=text, services=())

    def plain(self, message: str) -> str:
        """A message of the engine, with the endpoints' own addresses."""
        for number in reversed(range(len(self._services))):
            message = message.replace(self._address(number), self._services[number])
        return message

    def _address(self, number: int) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{number}"

    def fetch(self, number: int, query: bytes) -> tuple[int, str, bytes]:
        """Status, type and body of what the endpoint answers to a query."""
        file = os.memfd_create("service", os.MFD_CLOEXEC)
        with self._lock, open(file, "w+b", buffering=0) as body:
            body.write(query)
            body.seek(0)
            send(self._line, {"number": number}, file)
            received = receive(self._line)
            if received is None:
                return 502, "text/plain", b"The relay has gone."
            message = received[0]
            body.seek(0)
            return message["status"], message["type"], body.read()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        exchange = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, kind, body = exchange.fetch(int(self.path[1:]), query)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                """Nobody reads a worker's log."""

        return Handler


def refuse_services(query: Query) -> Query:
    """The query, where it asks no other server. Raises QueryRefused."""
    if query.services:
        raise QueryRefused(
            "SERVICE cannot be run on this machine: its system gives processes no network of "
            "their own. The operator can read more under /health."
        )
    return query


def start_relay(settings: Settings) -> socket.socket:
    """Start the relay as a fork of this process, which has one thread. Gives the connection over
    which :func:`connect` makes lines to it; its end says that the relay has ended.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    if os.fork() == 0:
        try:
            ours.close()
            _be_relay(theirs, settings, parent)
        finally:
            os._exit(1)
    theirs.close()
    return ours


def connect(relay: socket.socket) -> socket.socket:
    """A new line to the relay, for one worker. Raises OSError where the relay has gone."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        send(relay, {}, theirs.fileno())
    return ours


def _be_relay(control: socket.socket, settings: Settings, parent: int) -> NoReturn:
    """Serve every line that comes, until the broker has gone."""
    die_with_parent(parent)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    forgo_privileges()
    pool = urllib3.PoolManager(retries=False)
    while (received := receive(control)) is not None:
        line = socket.socket(fileno=received[1][0])
        threading.Thread(target=_serve, args=(line, pool, settings), daemon=True).start()
    os._exit(0)


def _serve(line: socket.socket, pool: urllib3.PoolManager, settings: Settings) -> None:
    """Answer one worker until it has gone."""
    with line:
        try:
            while (received := receive(line)) is not None:
                message, [file] = received
                send(line, _forward(file, message, pool, settings))
        except OSError:  # the worker was killed
            return


def _forward(
    file: int, message: dict[str, Any], pool: urllib3.PoolManager, settings: Settings
) -> dict[str, Any]:
    """Send the query in a file to an endpoint, and put the answer in its place."""
    with open(file, "w+b", buffering=0) as body:
        query = body.read()
        body.seek(0)
        body.truncate()
        address = _address(settings.services, message.get("number"))
        if address is None:
            return {"status": 403, "type": "text/plain"}
        try:
            status, kind, chunks = _ask(address, query, pool, settings)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            body.write(f"{address}: {error}".encode())
            return {"status": 502, "type": "text/plain"}
        for chunk in chunks:
            body.write(chunk)
        return {"status": status, "type": kind}


def _address(services: Sequence[str], number: object) -> str | None:
    if isinstance(number, int) and 0 <= number < len(services):
        return services[number]
    return None


def _ask(
    address: str, query: bytes, pool: urllib3.PoolManager, settings: Settings
) -> tuple[int, str, list[bytes]]:
    """The endpoint's whole answer. Raises ValueError where it takes too long or is too large,
    or leads elsewhere.
    """
    deadline = time.monotonic() + settings.query_seconds
    response = pool.request(
        "POST",
        address,
        body=query,
        headers={
            "Content-Type": _QUERY,
            "Accept": _ACCEPT,
            "User-Agent": f"coopgraph/{__version__}",
        },
        redirect=False,
        retries=False,
        timeout=urllib3.Timeout(total=settings.query_seconds),
        preload_content=False,
    )
    try:
        if 300 <= response.status < 400:
            raise ValueError("it leads to another address, which is not followed")
        chunks, left = [], settings.query_result_mb * _MB
        for chunk in response.stream(_CHUNK_BYTES, decode_content=True):
            left -= len(chunk)
            if left < 0:
                raise ValueError(f"its answer is larger than {settings.query_result_mb} MB")
            if time.monotonic() > deadline:
                raise ValueError(f"it took longer than {settings.query_seconds} seconds")
            chunks.append(chunk)
        return response.status, response.headers.get("Content-Type", ""), chunks
    finally:
        response.close()
