"""One request to an endpoint: within its time and size, and only while somebody waits for it.

In: a query, and the line to the worker that waits. Out: the endpoint's whole answer in a file, or
EndpointFault. A time-out of a socket begins anew with every byte, and so would never end an
endpoint that sends one now and then. So a watch stands beside each request: when its time is over,
or the worker has gone, it shuts the request's sockets down, whatever is being done with them.
Specification: https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import ssl
import threading
import time
from typing import BinaryIO

from urllib3.connection import HTTPConnection
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.exceptions import TimeoutError as ReadTimeoutError
from urllib3.util import Url, parse_url

from coopgraph import __version__
from coopgraph.errors import CoopgraphError

TOO_LATE = "did not answer in the time that a query has"

_TICK_S = 0.05
_LEAST_S = 0.001
_MB = 1 << 20
_CHUNK_BYTES = 1 << 16
_HEADERS = {
    "Content-Type": "application/sparql-query",
    "Accept": "application/sparql-results+json, application/sparql-results+xml;q=0.9",
    "User-Agent": f"coopgraph/{__version__}",
    "Connection": "close",
}
# What went wrong, in words that follow the endpoint's name: the first that fits.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, TOO_LATE),
    (ReadTimeoutError, TOO_LATE),
    (ConnectionRefusedError, "refuses connections"),
    (socket.gaierror, "has a name that leads to no address"),
    (ssl.SSLCertVerificationError, "has a certificate that cannot be trusted"),
    (ssl.SSLError, "allows no secure connection"),
    (ConnectionError, "broke off the connection"),
    (OSError, "cannot be reached"),
    (http.client.BadStatusLine, "does not speak HTTP"),
    (http.client.HTTPException, "broke off its answer"),
    (DecodeError, "sends what cannot be unpacked"),
    (HTTPError, "broke off its answer"),
)


class EndpointFault(CoopgraphError):
    """Why an endpoint gave no solutions, in words that follow its name; ``is_of_query`` where
    what it was asked is at fault, not the endpoint.
    """

    def __init__(self, message: str, *, is_of_query: bool = False) -> None:
        super().__init__(message)
        self.is_of_query = is_of_query


class Errand:
    """A request on its way, for the worker at the other end of ``line``.

    It may take so many seconds, and bring so many megabytes; ``secure`` says whom to trust.
    """

    def __init__(
        self, line: socket.socket, seconds: float, most_mb: int, secure: ssl.SSLContext
    ) -> None:
        self._line = line
        self._deadline = time.monotonic() + seconds
        self._most_mb = most_mb
        self._secure = secure
        self._handles: list[socket.socket] = []
        self._is_done = threading.Event()
        self._is_over = False

    def run(self, address: str, query: bytes, body: BinaryIO) -> tuple[int, str]:
        """Status and media type of what the endpoint answers; the rest is put into ``body``.

        Redirects are not followed. Raises EndpointFault, and RuntimeError where there is no thread
        to watch over it.
        """
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            return self._run(address, query, body)
        except (OSError, http.client.HTTPException, HTTPError, ValueError) as error:
            words = TOO_LATE if self._is_over else _words(error)
            raise EndpointFault(words) from error
        finally:
            self._is_done.set()

    def _watch(self) -> None:
        """Shut the sockets down once the time is over or nobody waits, again and again: there may
        be new ones. Handles of our own lead to them, since TLS takes the sockets away.
        """
        poll = select.poll()
        poll.register(self._line, 0)  # for its end alone
        while not self._is_done.wait(_TICK_S):
            if time.monotonic() >= self._deadline or poll.poll(0):
                self._is_over = True
                for handle in list(self._handles):
                    with contextlib.suppress(OSError):  # it is closed, or not open yet
                        handle.shutdown(socket.SHUT_RDWR)
        for handle in self._handles:
            handle.close()

    def _run(self, address: str, query: bytes, body: BinaryIO) -> tuple[int, str]:
        url = parse_url(address)
        assert url.host
        with contextlib.closing(HTTPConnection(url.host, url.port, timeout=self._left_s)) as way:
            way.sock = self._connected(url)
            way.request("POST", url.request_uri, query, _HEADERS, preload_content=False)
            with way.getresponse() as response:
                if 300 <= response.status < 400:
                    raise EndpointFault("leads to another address, which is not followed")
                left = self._most_mb * _MB
                while chunk := response.read1(_CHUNK_BYTES, decode_content=True):
                    left -= len(chunk)
                    if left < 0:
                        raise EndpointFault(
                            f"has an answer larger than {self._most_mb} MB, the most that is taken",
                            is_of_query=True,
                        )
                    body.write(chunk)
                if self._is_over:  # a socket that was shut down looks like an answer's end
                    raise TimeoutError
                return response.status, response.headers.get("Content-Type", "")

    def _connected(self, url: Url) -> socket.socket:
        assert url.host
        is_secure = url.scheme == "https"
        host = url.host.strip("[]")
        sock = self._opened(host, url.port or (443 if is_secure else 80))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if is_secure:
            return self._secure.wrap_socket(sock, server_hostname=host)
        return sock

    def _opened(self, host: str, port: int) -> socket.socket:
        """A connection to the first address of a host that takes one, in an equal part of the
        time that is left.
        """
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        problem = OSError("There is no address.")
        for number, (family, kind, protocol, _, place) in enumerate(places):
            if self._is_over:
                break
            sock = socket.socket(family, kind, protocol)
            try:
                self._handles.append(sock.dup())
                sock.settimeout(self._left_s / (len(places) - number))
                sock.connect(place)
            except OSError as error:
                sock.close()
                problem = error
            else:
                return sock
        raise problem

    @property
    def _left_s(self) -> float:
        return max(_LEAST_S, self._deadline - time.monotonic())


def _words(error: Exception) -> str:
    """What an error of the way to an endpoint means."""
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "cannot be asked")
