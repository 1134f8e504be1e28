"""What every response carries: validators, caching, CORS, compression, security headers."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.http import http_date

from coopgraph.formats import GRAPH_FORMATS
from coopgraph.settings import Settings
from coopgraph.web import create_app

DOCUMENT = "/org/zx73q7nn6v-sm"
PATHS = [
    "/", DOCUMENT, "/history/org/zx73q7nn6v-sm", "/history/dataset/harbour-register",
    "/org/k1qxcbjsy3-qf", "/organisations", "/dataset/harbour-register", "/catalog", "/licences",
    "/record/harbour-register/R000017", "/ns", "/shapes", "/code", "/code/status",
    "/code/status/active", "/context.jsonld", "/sparql", "/queries",
    "/queries/credit-unions-by-state", "/api", "/openapi.json", "/robots.txt",
    "/sparql?query=ASK{}", "/data?default",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_can_be_asked_for_conditionally(client: FlaskClient, path: str) -> None:
    for accept in ("*/*", "text/html"):
        first = client.get(path, headers={"Accept": accept})
        assert first.status_code == 200
        etag, is_weak = first.get_etag()
        assert etag
        assert not is_weak
        assert first.last_modified is not None
        assert "Accept" in first.vary
        assert "Accept-Encoding" in first.vary
        assert "max-age" in first.headers["Cache-Control"]
        again = client.get(path, headers={"Accept": accept, "If-None-Match": f'"{etag}"'})
        assert again.status_code == 304
        assert again.data == b""
        assert again.get_etag()[0] == etag
        weak = client.get(path, headers={"Accept": accept, "If-None-Match": f'"x", W/"{etag}"'})
        assert weak.status_code == 304
        other = client.get(path, headers={"Accept": accept, "If-None-Match": '"other"'})
        assert other.status_code == 200


def test_each_form_has_a_tag_of_its_own(client: FlaskClient) -> None:
    tags = set()
    for form in GRAPH_FORMATS:
        tags.add(client.get(DOCUMENT, headers={"Accept": form.media_type}).get_etag()[0])
    tags.add(client.get(DOCUMENT, headers={"Accept": "text/html"}).get_etag()[0])
    tags.add(client.get(f"{DOCUMENT}?context=inline").get_etag()[0])
    assert len(tags) == len(GRAPH_FORMATS) + 2


@pytest.mark.parametrize(
    ("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_each_encoding_has_a_tag_of_its_own(
    client: FlaskClient, encoding: str, unpack: Callable[[bytes], bytes]
) -> None:
    plain = client.get(DOCUMENT)
    packed = client.get(DOCUMENT, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert unpack(packed.data) == plain.data
    assert packed.get_etag() != plain.get_etag()
    again = client.get(
        DOCUMENT,
        headers={"Accept-Encoding": encoding, "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304
    assert again.headers["ETag"] == packed.headers["ETag"]
    assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize(
    "accept",
    [
        *(form.media_type for form in GRAPH_FORMATS),
        "text/html",
    ],
)
def test_every_text_type_is_compressed(client: FlaskClient, accept: str) -> None:
    headers = {"Accept": accept, "Accept-Encoding": "gzip"}
    assert client.get(DOCUMENT, headers=headers).headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("extension", ["json", "xml", "csv", "tsv"])
def test_query_results_are_compressed(client: FlaskClient, extension: str) -> None:
    path = "/queries/organisations-by-kind-and-country." + extension
    response = client.get(path, headers={"Accept-Encoding": "br"})
    assert response.headers["Content-Encoding"] == "br"


def test_modification_dates_are_compared(client: FlaskClient) -> None:
    modified = client.get(DOCUMENT).last_modified
    assert modified is not None
    same = client.get(DOCUMENT, headers={"If-Modified-Since": http_date(modified)})
    assert same.status_code == 304
    earlier = http_date(modified - timedelta(seconds=1))
    assert client.get(DOCUMENT, headers={"If-Modified-Since": earlier}).status_code == 200
    both = {"If-Modified-Since": http_date(modified), "If-None-Match": '"other"'}
    assert client.get(DOCUMENT, headers=both).status_code == 200


@pytest.mark.parametrize("later", [timedelta(hours=1), -timedelta(minutes=30)])
def test_what_was_restored_is_not_what_a_client_holds(
    tmp_path: Path, publish: Callable[..., None], later: timedelta
) -> None:
    name = NamedNode("https://w3id.org/coopgraph/id/org/zx73q7nn6v-sm")
    label = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    made = datetime.now(UTC) + timedelta(hours=1)  # surely after the code was
    client = create_app(Settings(home=tmp_path)).test_client()

    def put(text: str, sequence: int, at: datetime) -> None:
        publish(tmp_path, [Quad(name, label, Literal(text, language="en"))], sequence=sequence)
        os.utime(tmp_path / "current" / "manifest.json", (at.timestamp(),) * 2)

    put("Later", 2, made)
    held = client.get(DOCUMENT).headers["Last-Modified"]
    assert client.get(DOCUMENT, headers={"If-Modified-Since": held}).status_code == 304
    put("Older", 1, made + later)
    answer = client.get(DOCUMENT, headers={"If-Modified-Since": held})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["name"] == {"en": "Older"}


def test_a_tag_hangs_on_all_commits_before(tmp_path: Path, publish: Callable[..., None]) -> None:
    publish(tmp_path, [], sequence=1)
    described = tmp_path / "current" / "manifest.json"
    content = json.loads(described.read_text())
    tags = set()
    for chain in ("", "0a", "0b"):
        described.write_text(json.dumps(content | {"chain": chain}))
        client = create_app(Settings(home=tmp_path)).test_client()
        tags.add(client.get("/catalog").headers["ETag"])
    assert len(tags) == 3


def test_a_new_snapshot_changes_every_tag(tmp_path: Path, publish: Callable[..., None]) -> None:
    name = NamedNode("https://w3id.org/coopgraph/id/org/zx73q7nn6v-sm")
    label = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    publish(tmp_path, [Quad(name, label, Literal("One", language="en"))], sequence=1)
    client = create_app(Settings(home=tmp_path)).test_client()
    first = client.get(DOCUMENT)
    publish(tmp_path, [Quad(name, label, Literal("Two", language="en"))], sequence=2)
    second = client.get(DOCUMENT, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.json is not None
    assert second.json["name"] == {"en": "Two"}
    assert second.get_etag() != first.get_etag()
    assert client.get("/health").json["sequence"] == 2  # type: ignore[index]


@pytest.mark.parametrize("path", [*PATHS, "/health", "/nope"])
def test_reading_is_open_to_every_origin(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    exposed = {
        name.strip() for name in response.headers["Access-Control-Expose-Headers"].split(",")
    }
    assert {"Link", "ETag", "Content-Location", "Retry-After"} <= exposed
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_browser_may_post_a_query_from_elsewhere(client: FlaskClient) -> None:
    response = client.options(
        "/sparql",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("path", [*PATHS, "/health"])
def test_head_and_options_work_everywhere(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.data == b""
    assert head.headers.get("ETag") == got.headers.get("ETag")
    assert head.content_type == got.content_type
    options = client.options(path)
    assert options.status_code == 200
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.allow)


@pytest.mark.parametrize("path", [*PATHS, "/health", "/nope", "/static/style.css"])
def test_every_response_is_safe_to_show(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"}, buffered=True)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in response.headers


def test_pages_hold_no_inline_script_and_no_inline_style(client: FlaskClient) -> None:
    for path in PATHS:
        response = client.get(path, headers={"Accept": "text/html"})
        if response.mimetype == "text/html":
            text = response.text.lower()
            ours = re.findall(r'<script src="/static/[\w./-]+\?v=\w+" defer></script>', text)
            data = re.findall(r'<script type="application/json" id="\w+">', text)
            assert text.count("<script") == len(ours) + len(data), path
            assert " style=" not in text, path
            assert "javascript:" not in text, path


def test_a_versioned_style_sheet_is_kept_for_good(client: FlaskClient) -> None:
    versioned = client.get("/static/style.css?v=1", buffered=True)
    assert "immutable" in versioned.headers["Cache-Control"]
    plain = client.get("/static/style.css", buffered=True)
    assert "immutable" not in plain.headers["Cache-Control"]
