"""Whom a request comes from: ``X-Forwarded-For`` is believed from known proxies only.

In: a WSGI environment. Out: the same with ``REMOTE_ADDR`` set to the client's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?")


class ClientAddress:
    """WSGI middleware; ``trusted`` lists addresses or networks, separated by commas."""

    def __init__(self, app: WSGIApplication, trusted: str) -> None:
        self._app = app
        self._trusted = [ip_network(item.strip()) for item in trusted.split(",") if item.strip()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._trusted:
            environ["REMOTE_ADDR"] = self.client(
                str(environ.get("REMOTE_ADDR", "")), str(environ.get("HTTP_X_FORWARDED_FOR", ""))
            )
        return self._app(environ, start_response)

    def client(self, peer: str, forwarded: str) -> str:
        """The nearest address that is no trusted proxy: the peer, or one it speaks for."""
        chain = [item.strip() for item in forwarded.split(",") if item.strip()]
        address = peer
        while self._is_trusted(address) and chain:
            following = _parse(chain.pop())
            if following is None:
                break
            address = str(following)
        return address

    def _is_trusted(self, text: str) -> bool:
        address = _parse(text)
        return address is not None and any(address in network for network in self._trusted)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address, which some proxies send with a port; IPv4 may come inside IPv6."""
    match = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((match[1] or match[2]) if match else text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
