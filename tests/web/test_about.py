"""The service about itself: health, OpenAPI, robots; and that the documentation is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coopgraph import __version__, resources
from coopgraph.settings import Settings
from coopgraph.standard.releases import FOLDER, versions
from coopgraph.web import create_app

HTTP_PAGE = Path(__file__).parents[2] / "docs" / "http.md"
# Routes of the application as the documentation writes them.
SPELLING = {
    "<name>": {"/id/org": "{id}", "/org": "{id}", "/id/dataset": "{slug}", "/dataset": "{slug}",
               "/graph": "{slug}", "/code/{scheme}": "{notation}", "/code": "{scheme}",
               "/queries": "{name}", "/templates": "{file}", "/crosswalk": "{crosswalk}",
               "/history/org": "{id}", "/history/dataset": "{slug}"},
}  # fmt: skip


def routes(app: Flask) -> dict[str, set[str]]:
    """Path → methods, without static files; a path with an extension is its path."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = rule.rule.replace("<dataset_name>", "{dataset}").replace("<path:key>", "{key}")
        path = path.replace("<path:path>", "{path}")
        path = path.replace("<path:name>", "<name>")
        path = path.replace("<scheme>", "{scheme}").replace("<version>", "{version}")
        path = path.replace("<slug>", "{crosswalk}").replace("<code>", "{code}")
        path = path.removesuffix(".<extension>")
        if path.endswith("/<name>"):
            stem = path.removesuffix("/<name>")
            path = f"{stem}/{SPELLING['<name>'][stem]}"
        methods = {method.lower() for method in rule.methods or ()} - {"head", "options"}
        found.setdefault(path, set()).update(methods)
    return found


def test_every_route_is_in_the_openapi_document(app: Flask, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document is not None
    described = {path: set(item) for path, item in document["paths"].items()}
    assert described == routes(app)


def test_the_openapi_document_is_sound(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.1.")
    assert document["info"] == {
        **document["info"],
        "title": "Teigwaren co-ops",
        "version": __version__,
    }
    assert document["servers"] == [{"url": "https://coops.example"}]
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["summary"].endswith(".")
            assert operation["responses"]
            names = {
                resolve(document, parameter)["name"]
                for parameter in operation.get("parameters", [])
                if resolve(document, parameter)["in"] == "path"
            }
            assert names == set(re.findall(r"{(\w+)}", path)), path
            for response in operation["responses"].values():
                for content in resolve(document, response).get("content", {}).values():  # type: ignore[attr-defined]
                    resolve(document, content.get("schema", {}))


def resolve(document: dict[str, object], entry: dict[str, str]) -> dict[str, str]:
    found: object = entry
    if "$ref" in entry:
        found = document
        for part in entry["$ref"].removeprefix("#/").split("/"):
            assert isinstance(found, dict)
            found = found[part]
    assert isinstance(found, dict)
    return found


def test_every_route_is_documented(app: Flask) -> None:
    text = HTTP_PAGE.read_text(encoding="utf-8")
    documented = set(re.findall(r"`(/[^`\s?]*)`", text))
    missing = {path for path in routes(app) if path not in documented}
    assert not missing


def test_every_documented_route_is_there(client: FlaskClient) -> None:
    """The first column of the table of routes, tried with real names."""
    text = HTTP_PAGE.read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `/")]
    paths = [path for cell in cells for path in re.findall(r"`(/[^`]*)`", cell)]
    assert len(paths) > 20
    values = {
        "{id}": "zx73q7nn6v-sm",
        "{slug}": "harbour-register",
        "{dataset}": "harbour-register",
        "{key}": "R000017",
        "{scheme}": "status",
        "{notation}": "active",
        "{name}": "credit-unions-by-state",
        "{file}": "organization.csv",
        "{crosswalk}": "naics-2022",
        "{code}": "22",
        "{path}": "org/zx73q7nn6v-sm",
    }
    released = versions(resources.ONTOLOGY / FOLDER)
    for path in paths:
        if "{version}" in path and not released:
            continue  # before the first release there is nothing to try
        real = path
        for name, value in values.items():
            real = real.replace(name, value)
        real = real.replace("{version}", released[-1] if released else "")
        assert client.get(real).status_code in (200, 303), path


def test_health_is_200_once_there_is_something_to_serve(client: FlaskClient) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["status"] == "ok"
    assert response.json["sequence"] == 7
    assert response.json["version"] == __version__
    assert response.json["protections"]["network"] in (True, False)
    assert response.headers["Cache-Control"] == "no-store"


def test_before_that_everything_is_503_and_says_why(tmp_path: Path) -> None:
    client = create_app(Settings(home=tmp_path)).test_client()
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json["status"] == "nothing published"  # type: ignore[index]
    for path in ("/", "/org/zx73q7nn6v-sm", "/catalog", "/sparql?query=ASK{}", "/ns"):
        for accept, kind in (("*/*", "application/problem+json"), ("text/html", "text/html")):
            response = client.get(path, headers={"Accept": accept})
            assert response.status_code == 503, path
            assert response.mimetype == kind
            assert int(response.headers["Retry-After"]) > 0
    assert client.get("/context.jsonld").status_code == 200


def test_a_broken_snapshot_is_503_and_never_a_trace(
    tmp_path: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "snapshots" / "000001").mkdir(parents=True)
    (tmp_path / "snapshots" / "000001" / "manifest.json").write_text("{}")
    (tmp_path / "current").symlink_to("snapshots/000001")
    client = create_app(Settings(home=tmp_path)).test_client()
    assert client.get("/health").status_code == 503
    response = client.get("/catalog")
    assert response.status_code == 503
    assert "Traceback" not in response.text


def test_crawlers_are_kept_from_queries_alone(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert {"Disallow: /sparql", "Disallow: /timemap/", "Disallow: /*?at="} <= set(lines)
    assert "Allow: /" in lines


def test_the_context_is_the_committed_one(client: FlaskClient) -> None:
    committed = Path(__file__).parents[2] / "ontology" / "context.jsonld"
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert response.data.decode() == committed.read_text(encoding="utf-8")
    assert "max-age=86400" in response.headers["Cache-Control"]
