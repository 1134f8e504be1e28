"""X-Forwarded-For counts from trusted proxies only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, request

from coopgraph.settings import Settings
from coopgraph.web import create_app
from coopgraph.web.proxies import ClientAddress


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("", "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.0/8", "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1, ::1", "::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "203.0.113.9:5555", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db8::7]:5555", "2001:db8::7"),
        ("10.0.0.0/8", "10.0.0.1", "203.0.113.9, 10.0.0.2:80", "203.0.113.9"),
        ("10.0.0.0/8", "", "203.0.113.9", ""),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_proxy(
    trusted: str, peer: str, forwarded: str, client: str
) -> None:
    assert ClientAddress(lambda *_: (), trusted).client(peer, forwarded) == client


def test_the_application_sees_the_client(settings: Settings) -> None:
    app: Flask = create_app(replace(settings, trusted_proxies="127.0.0.1"))
    app.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert app.test_client().get("/who", headers=headers).text == "203.0.113.9"
    closed = create_app(settings)
    closed.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
    assert closed.test_client().get("/who", headers=headers).text == "127.0.0.1"
