"""``/``, ``/api``, ``/openapi.json``, ``/health``, ``/robots.txt``: about the service itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from coopgraph import __version__
from coopgraph.entity import Description, describe_graph
from coopgraph.errors import NotPublished, StoreError
from coopgraph.formats import GRAPH_FORMATS
from coopgraph.isolation import can_reach_network
from coopgraph.licences import licence_name
from coopgraph.namespaces import catalogue_graph
from coopgraph.web.documents import Document, answer
from coopgraph.web.negotiation import HTML, JSON, PlainFormat
from coopgraph.web.responses import DAY, content_response, json_bytes
from coopgraph.web.service import service, view

blueprint = Blueprint("about", __name__)

TEXT = PlainFormat("text", "text/plain", "txt")
_OPENAPI = Path(__file__).with_name("openapi.json")
_SHOWN = 12


@blueprint.get("/")
def home() -> Response:
    """What this is; for programs, the catalogue."""
    return answer(Document("/catalog", _catalogue, _home_page, is_graph=True))


@blueprint.get("/health")
def health() -> Response:
    """Whether this process can serve, and which protections it has."""
    content: dict[str, Any] = {"status": "ok", "version": __version__}
    content["protections"] = {"network": not can_reach_network()}
    try:
        now = service().view()
        content["sequence"] = now.snapshot.sequence
        content["published"] = now.snapshot.manifest.published_at
        content["queries"] = queries = service().broker.health()
        if not queries["canAnswer"]:
            content["status"] = "no query worker is ready"
            content["detail"] = queries["problem"]
    except StoreError as error:
        content["status"] = "nothing published" if isinstance(error, NotPublished) else "broken"
        content["detail"] = str(error)
    response = jsonify(content)
    response.status_code = 200 if content["status"] == "ok" else 503
    if response.status_code == 503:
        response.headers["Retry-After"] = "5"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """What the query broker counts, for Prometheus."""
    response = Response(service().broker.metrics(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers may read all but what is costly: queries, stored ones, whole graphs, the past."""
    costly = ("/sparql", "/queries/", "/data", "/timemap/", "/*?at=")
    lines = ("User-agent: *", *(f"Disallow: {path}" for path in costly), "Allow: /")
    text = "".join(f"{line}\n" for line in lines)
    return content_response(text, TEXT, cache=DAY)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Every route, as OpenAPI 3.1."""
    return content_response(json_bytes(_openapi()), JSON)


@blueprint.get("/api")
def api() -> Response:
    """The same for people."""
    return content_response(
        render_template("api.html", paths=_operations(_openapi()), formats=GRAPH_FORMATS), HTML
    )


def _openapi() -> dict[str, Any]:
    content = json.loads(_OPENAPI.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    content["info"]["title"] = service().settings.title
    content["info"]["version"] = __version__
    content["servers"] = [{"url": service().urls.root}]
    return content


def _operations(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Path by path: its methods, what it is, and what may stand after the question mark."""
    found = []
    for path, item in content["paths"].items():
        first = next(iter(item.values()))
        parameters = [_resolved(content, entry) for entry in first.get("parameters", [])]
        found.append(
            {
                "path": path,
                "methods": [method.upper() for method in item],
                "summary": first["summary"],
                "parameters": [entry for entry in parameters if entry["in"] == "query"],
            }
        )
    return found


def _resolved(content: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """A parameter that stands among the components, or here."""
    name = entry.get("$ref", "").rpartition("/")[2]
    found = content["components"]["parameters"][name] if name else entry
    assert isinstance(found, dict)
    return found


def _catalogue(with_sources: bool) -> Description:
    graph = catalogue_graph(view().snapshot.base)
    return describe_graph(view().snapshot, graph) or Description(graph, ())


def _home_page() -> str:
    now = view()
    counts = now.statistics
    return render_template(
        "home.html",
        statistics=counts,
        kinds=[
            (now.label(code), count, _browse("kind", code.value))
            for code, count in counts.by_kind[:_SHOWN]
        ],
        countries=[
            (now.label(code), count, _browse("country", code.value))
            for code, count in counts.by_country[:_SHOWN]
        ],
        datasets=now.datasets.values(),
        licence_name=licence_name,
    )


def _browse(name: str, code: str) -> str:
    return service().urls.link("/organisations", **{name: code.rpartition("/")[2]})
