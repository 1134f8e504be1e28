"""SERVICE to the endpoints that the operator allows, and to no other address.

A worker has no network. A SERVICE clause that names an allowed endpoint is rewritten, by its
place in the text, to an address inside the worker's own network namespace, where a thread of the
worker listens. It hands each request over an inherited socket to the relay, the one process that
may go out, and that only to the addresses of the list: by number, never by name; within a time
and a size; without following redirects. Where an endpoint fails, the worker's side knows which
and why, so that its client is told, and not blamed.
Specification: https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, NoReturn

from coopgraph.errors import QueryRefused, ServiceFailed
from coopgraph.isolation import die_with_parent, forgo_privileges
from coopgraph.query.broker.errand import TOO_LATE, EndpointFault, Errand
from coopgraph.query.job import receive, send
from coopgraph.query.run import Query
from coopgraph.settings import Settings

# The part of a query's time that endpoints may take: some is left to say that one took it all.
_PART_OF_TIME = 0.9
_MOST_WORDS = 300
_NOT_NOW = "cannot be asked at the moment"
_log = logging.getLogger("coopgraph.query")


class Exchange:
    """The worker's side: listens inside the worker's namespace, and passes requests on.

    ``line`` leads to the relay. Start it before the worker's limits are set.
    """

    def __init__(self, line: socket.socket, settings: Settings) -> None:
        self._line = line
        self._services = settings.services
        self._seconds = _PART_OF_TIME * settings.query_seconds
        self._deadline = 0.0
        self._faults: dict[int, EndpointFault] = {}
        self._answered: int | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def redirected(self, query: Query) -> Query:
        """The query with this exchange in place of each endpoint. Its time begins."""
        self._deadline = time.monotonic() + self._seconds
        self._faults.clear()
        self._answered = None
        text = query.text
        for call in reversed(query.services):
            text = f"{text[: call.start]}<{self._address(call.number)}>{text[call.end :]}"
        return replace(query, text=text, services=())

    def explained(self, refused: QueryRefused) -> QueryRefused | ServiceFailed:
        """What the engine's complaint comes of, where that is something an endpoint did.

        It names the exchange where that told it of a failure. Else, since it finds fault with a
        query before it asks anybody, it cannot read what it was answered last.
        """
        if refused.line is not None:
            return refused
        named = re.search(rf"{re.escape(self._address())}(\d+)", refused.reason)
        number = int(named[1]) if named else self._answered
        if number is None:
            return refused
        endpoint = f"The endpoint <{self._services[number]}>"
        fault = self._faults.get(number) if named else None
        if fault is None:
            return ServiceFailed(f"{endpoint} answers with what are no SPARQL results.")
        if fault.is_of_query:
            return QueryRefused(f"{endpoint} {fault}.")
        return ServiceFailed(f"{endpoint} {fault}. With SERVICE SILENT a query does without it.")

    def _address(self, number: int | str = "") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{number}"

    def fetch(self, number: int, query: bytes) -> tuple[int, str, BinaryIO]:
        """Status, type and body of what the endpoint answers to a query. Where it fails, the body
        is empty, and why is kept to be told.
        """
        body = os.fdopen(os.memfd_create("service", os.MFD_CLOEXEC), "w+b", buffering=0)
        try:
            with self._lock:
                status, kind = self._ask(number, query, body)
        except EndpointFault as fault:
            self._faults[number] = fault
            body.truncate(0)
            return HTTPStatus.BAD_GATEWAY, "text/plain", body
        self._faults.pop(number, None)
        self._answered = number
        return status, kind, body

    def _ask(self, number: int, query: bytes, body: BinaryIO) -> tuple[int, str]:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise EndpointFault(TOO_LATE)
        body.write(query)
        body.seek(0)
        try:
            send(self._line, {"number": number, "seconds": left}, body.fileno())
            received = receive(self._line)
        except OSError:
            received = None
        if received is None:
            raise EndpointFault(_NOT_NOW)
        message, _ = received
        if "problem" in message:
            raise EndpointFault(message["problem"], is_of_query=message.get("is_of_query", False))
        if message["status"] >= HTTPStatus.BAD_REQUEST:
            raise _refusal(message["status"], _first_words(message["type"], body))
        return message["status"], message["type"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        exchange = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, kind, body = exchange.fetch(int(self.path[1:]), query)
                with body:
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(os.fstat(body.fileno()).st_size))
                    self.end_headers()
                    self.connection.sendfile(body)

            def log_message(self, *arguments: Any) -> None:
                """Nobody reads a worker's log."""

        return Handler


def _refusal(status: int, words: str) -> EndpointFault:
    """What an endpoint's status means: with 400 it does not understand what it was asked."""
    said = f": “{words}”" if words else ""
    if status == HTTPStatus.BAD_REQUEST:
        return EndpointFault(f"refuses its part of the query{said}", is_of_query=True)
    return EndpointFault(f"answers with status {status}{said}")


def _first_words(kind: str, body: BinaryIO) -> str:
    """How an answer begins that is for people; nothing of a page, whose text comes late."""
    body.seek(0)
    text = body.read(4 * _MOST_WORDS).decode(errors="replace")
    if "html" in kind or text.lstrip().startswith("<"):
        return ""
    words = " ".join("".join(filter(_is_printable, text)).split())
    return words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"


def _is_printable(sign: str) -> bool:
    return sign.isprintable() or sign.isspace()


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
        except Exception as error:
            _log.error("The relay has ended: %s: %s", type(error).__name__, error)
        finally:
            os._exit(1)
    theirs.close()
    return ours


def connect(relay: socket.socket) -> socket.socket:
    """A new line to the relay, for one worker. Raises OSError where the relay has gone."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            send(relay, {}, theirs.fileno())
        except OSError:
            ours.close()
            raise
    return ours


def _be_relay(control: socket.socket, settings: Settings, parent: int) -> NoReturn:
    """Serve every line that comes, until the broker has gone."""
    die_with_parent(parent)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    forgo_privileges()
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of what endpoints do wrong
    secure = ssl.create_default_context()
    while (received := receive(control)) is not None:
        for file in received[1]:  # none where the relay could not take one more
            _begin(file, settings, secure)
    os._exit(0)


def _begin(file: int, settings: Settings, secure: ssl.SSLContext) -> None:
    """Have a thread serve a line; where there can be none, hang up."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, file)
    try:
        threading.Thread(target=_serve, args=(line, settings, secure), daemon=True).start()
    except RuntimeError as error:
        _log.error("The relay cannot serve one more worker: %s", error)
        line.close()


def _serve(line: socket.socket, settings: Settings, secure: ssl.SSLContext) -> None:
    """Answer one worker until it has gone."""
    with line:
        try:
            while (received := receive(line)) is not None:
                message, files = received
                send(line, _forward(line, message, files, settings, secure))
        except (OSError, ValueError):  # the worker was killed, or is no worker any more
            return


def _forward(
    line: socket.socket,
    message: dict[str, Any],
    files: Sequence[int],
    settings: Settings,
    secure: ssl.SSLContext,
) -> dict[str, Any]:
    """Send the query in a file to an endpoint, and put the answer in its place."""
    if not files:  # the relay could not take one more
        return {"problem": _NOT_NOW}
    with open(files[0], "w+b", buffering=0) as body:
        query = body.read()
        body.seek(0)
        body.truncate()
        address = _address(settings.services, message.get("number"))
        if address is None:
            return {"problem": "is not one of those allowed"}
        seconds = _seconds(message.get("seconds"), settings)
        errand = Errand(line, seconds, settings.query_result_mb, secure)
        try:
            status, kind = errand.run(address, query, body)
        except EndpointFault as fault:
            return {"problem": str(fault), "is_of_query": fault.is_of_query}
        except RuntimeError as error:
            _log.error("The relay cannot ask an endpoint: %s", error)
            return {"problem": _NOT_NOW}
        return {"status": status, "type": kind}


def _address(services: Sequence[str], number: object) -> str | None:
    if isinstance(number, int) and 0 <= number < len(services):
        return services[number]
    return None


def _seconds(wanted: object, settings: Settings) -> float:
    """What a worker says is left of its query's time, at most all that a query has."""
    most = float(settings.query_seconds)
    return min(wanted, most) if isinstance(wanted, float) else most
