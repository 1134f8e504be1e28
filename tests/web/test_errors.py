"""Errors: a problem for programs, a page for people, a trace for nobody."""

from __future__ import annotations

import logging

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.http import HTTP_STATUS_CODES

from coopgraph.errors import Locked, NotConforming, ServiceFailed, ShapeError, UsageError
from coopgraph.settings import Settings
from coopgraph.web import create_app, errors

NEAR = "zx73q7nn6v-sn"


def test_a_problem_says_what_is_wrong(client: FlaskClient) -> None:
    response = client.get("/nope")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert response.json == {
        "type": "https://coops.example/api#not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
    }
    assert response.headers["Cache-Control"] == "no-store"


def test_a_person_gets_a_page(client: FlaskClient) -> None:
    response = client.get("/nope", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "Nothing here" in response.text


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "application/ld+json"])
def test_a_program_gets_a_problem_whatever_it_takes(client: FlaskClient, accept: str) -> None:
    response = client.get("/org/none", headers={"Accept": accept})
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_every_type_of_problem_is_explained(client: FlaskClient, page: object) -> None:
    anchors = page("/api").ids  # type: ignore[operator]
    for response in (
        client.get("/nope"),
        client.get("/sparql?query=x"),
        client.get("/sparql?update=x"),
        client.get("/catalog", headers={"Accept": "image/png"}),
        client.post("/catalog"),
        client.post("/sparql", data="x", content_type="text/plain"),
        client.post("/sparql", data="x" * 400_000, content_type="application/sparql-query"),
    ):
        assert response.json is not None
        kind = response.json["type"]
        assert kind.startswith("https://coops.example/api#")
        assert kind.partition("#")[2] in anchors, kind


@pytest.mark.parametrize("name", [NEAR, "ZX73Q7NN6V-SM", "xz73q7nn6v-sm", "zx73q7nn6vsm"])
def test_a_mistyped_id_is_answered_with_a_near_one(client: FlaskClient, name: str) -> None:
    response = client.get(f"/org/{name}")
    assert response.status_code == 404
    assert response.json["didYouMean"] == ["https://coops.example/org/zx73q7nn6v-sm"]  # type: ignore[index]
    shown = client.get(f"/org/{name}", headers={"Accept": "text/html"})
    assert 'href="/org/zx73q7nn6v-sm"' in shown.text


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/catalog")
    assert response.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= {m.strip() for m in response.headers["Allow"].split(",")}


@pytest.fixture
def faulty(settings: Settings) -> Flask:
    """An application with routes that fail."""
    app = create_app(settings)
    errors = {
        "usage": UsageError("Asked for something odd."),
        "locked": Locked("Being published."),
        "service": ServiceFailed("The endpoint <https://other.example/> refuses connections."),
        "conform": NotConforming("Nothing conforms."),
        "shape": ShapeError("A secret shape.", shape="x"),
        "bug": RuntimeError("a secret in /etc/passwd"),
        "page": UsageError("Asked for something odd."),
    }

    def page(**_: object) -> str:
        raise RuntimeError("a secret of the page")

    def fail(kind: str) -> str:
        if kind == "page":
            g.problem_page = page
        raise errors[kind]

    app.add_url_rule("/fail/<kind>", view_func=fail)
    return app


def test_another_server_that_fails_has_a_problem_of_its_own(faulty: Flask, page: object) -> None:
    response = faulty.test_client().get("/fail/service")
    assert response.json == {
        "type": "https://coops.example/api#service-failed",
        "title": "Service failed",
        "status": 502,
        "detail": "The endpoint <https://other.example/> refuses connections.",
    }
    assert "service-failed" in page("/api").ids  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("usage", 400), ("locked", 503), ("conform", 422), ("shape", 500), ("bug", 500)],
)
def test_each_error_has_its_status_and_no_trace(
    faulty: Flask, caplog: pytest.LogCaptureFixture, kind: str, status: int
) -> None:
    for accept in ("*/*", "text/html"):
        with caplog.at_level(logging.ERROR):
            response = faulty.test_client().get(f"/fail/{kind}", headers={"Accept": accept})
        assert response.status_code == status
        assert "secret" not in response.text
        assert "Traceback" not in response.text
    assert ("secret" in caplog.text) is (status == 500)


def test_a_page_for_an_error_that_fails_itself_is_replaced(
    faulty: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = faulty.test_client().get("/fail/page", headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert "Content-Security-Policy" in response.headers
    assert "secret" not in response.text
    assert "a secret of the page" in caplog.text


def test_each_type_of_problem_is_explained(client: FlaskClient) -> None:
    """Its address is one on the page that lists them."""
    statuses = {404, 405, 406, 413, 415, 500} | {status for _, status in errors._STATUS}
    titles = {HTTP_STATUS_CODES[status] for status in statuses - {422, 499}}  # of no address here
    titles |= {"Forbidden", "Service failed", *errors._LIMITS.values()}
    titles.remove("Bad Gateway")  # which is “Service failed”
    page = client.get("/api", headers={"Accept": "text/html"}).text
    slugs = {title.lower().replace(" ", "-") for title in titles}
    assert len(slugs) > 12
    assert [slug for slug in sorted(slugs) if f'id="{slug}"' not in page] == []
