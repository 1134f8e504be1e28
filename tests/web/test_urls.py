"""Addresses come from settings, never from requests; a service may live below a path."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from coopgraph.namespaces import STANDARD
from coopgraph.settings import Settings
from coopgraph.web import create_app
from coopgraph.web.urls import Urls


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("https://data.example/id/org/7k3m9qx2c4-h8", "/org/7k3m9qx2c4-h8"),
        ("https://data.example/id/record/ncua/a%2Fb:c,d", "/record/ncua/a%2Fb:c,d"),
        ("https://data.example/id/dataset/ncua#publisher", "/dataset/ncua#publisher"),
        ("https://data.example/id/catalogue", "/catalog"),
        ("https://data.example/graph/ncua", "/dataset/ncua"),
        ("https://data.example/graph/catalogue", "/catalog"),
        (f"{STANDARD}ns", "/ns"),
        (f"{STANDARD}ns#CreditUnion", "/ns#CreditUnion"),
        (f"{STANDARD}shapes#postalCode", "/shapes#postalCode"),
        (f"{STANDARD}code/country/US", "/code/country/US"),
        (f"{STANDARD}nsx", None),
        (f"{STANDARD}id/org/7k3m9qx2c4-h8", None),
        ("https://elsewhere.example/id/org/x", None),
        ("https://data.example/id//elsewhere.example/x", None),
        ("https://data.example/id/\\\\elsewhere.example/x", None),
        ("https://data.example/graph/../../elsewhere", None),
        ("https://data.example/id/org/", None),
    ],
)
def test_names_have_documents(name: str, path: str | None) -> None:
    assert Urls("https://coops.example", "https://data.example/").document(name) == path


def test_arguments_are_encoded_and_empty_ones_left_out() -> None:
    urls = Urls("https://coops.example", STANDARD)
    assert urls.link("/x", a="1 & 2", b="") == "/x?a=1+%26+2"
    assert urls.absolute("/x") == "https://coops.example/x"
    assert urls.link("/x", path="1", self="2") == "/x?path=1&self=2"


def test_below_a_path_every_link_keeps_it(settings: Settings) -> None:
    client = create_app(replace(settings, url="https://host.example/coops/")).test_client()
    response = client.get("/org/zx73q7nn6v-sm", headers={"Accept": "text/html"})
    links = [
        part.split('"')[0] for part in response.text.split('href="')[1:] if part.startswith("/")
    ]
    assert len(links) > 30
    assert all(link.startswith("/coops/") for link in links)
    assert response.headers["Content-Location"].startswith("https://host.example/coops/org/")
    moved = client.get("/id/org/zx73q7nn6v-sm").location
    assert urlsplit(moved).path == "/coops/org/zx73q7nn6v-sm"
