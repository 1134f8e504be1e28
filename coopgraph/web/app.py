"""Put the application together.

In: settings. Out: a Flask application that shares nothing with another one. What every response
has in common (security headers, CORS, compression) is here; what each resource answers is in its
own blueprint.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from flask_compress import Compress
from flask_cors import CORS

from coopgraph import __version__
from coopgraph.errors import CoopgraphError
from coopgraph.formats import GEOJSON, GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.settings import Settings
from coopgraph.web import (
    about,
    browse,
    check,
    crosswalks,
    datasets,
    errors,
    graph_store,
    history,
    organizations,
    records,
    releases,
    sparql,
    stored,
    templates_pages,
    things,
    timemaps,
    vocabulary,
    void,
)
from coopgraph.web.facts import date_text
from coopgraph.web.proxies import ClientAddress
from coopgraph.web.service import Service, service, view

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_COMPRESSED = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "image/svg+xml",
    "application/json",
    "application/problem+json",
    "application/csvm+json",
    "application/vnd.datapackage+json",
    "application/sparql-query",
    "application/link-format",
    *(form.media_type for form in GRAPH_FORMATS),
    *(form.media_type for form in RESULT_FORMATS),
    GEOJSON.media_type,
]


def create_app(settings: Settings, broker: Path | None = None) -> Flask:
    """The application over the state folder that the settings name. ``broker`` is where the
    query broker listens; without one, queries are answered 503.

    It can be made before anything is published: then it answers 503 until something is.
    """
    app = Flask("coopgraph.web", static_url_path="/static")
    app.config.update(
        MAX_CONTENT_LENGTH=4 * settings.query_size_bytes + 16_384,
        MAX_FORM_MEMORY_SIZE=None,  # the limit above holds for forms, too
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br"],
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    app.url_map.merge_slashes = False  # the key of a record may hold “//”
    app.extensions["coopgraph"] = Service(settings, broker)
    for room in (
        about,
        things,
        organizations,
        history,
        timemaps,
        browse,
        datasets,
        records,
        vocabulary,
        crosswalks,
        releases,
        templates_pages,
        check,
        sparql,
        graph_store,
        stored,
        void,
    ):
        app.register_blueprint(room.blueprint)
    errors.install(app)
    app.jinja_env.filters["date"] = _date
    app.jinja_env.filters["day"] = date_text
    app.context_processor(_shared)
    app.after_request(_secure)
    Compress(app)
    CORS(
        app,
        methods=["GET", "HEAD", "POST", "OPTIONS"],
        expose_headers=["Link", "ETag", "Content-Location", "Memento-Datetime", "Retry-After"],
        max_age=86_400,
        send_wildcard=True,
    )
    app.wsgi_app = ClientAddress(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def _date(moment: datetime | None) -> str:
    return date_text(moment.isoformat()) if moment else ""


def _shared() -> dict[str, Any]:
    """What every page knows. ``published`` is None where nothing is published yet."""
    known = service()
    path = quote(request.path.removesuffix(".html"))
    try:
        now = view()
    except CoopgraphError:
        now = None
    return {
        "site": known.settings.title,
        "link": known.urls.link,
        "page_of": known.urls.page,
        "things": f"{known.urls.base}id/",
        "root": known.urls.root,
        "version": __version__,
        "static_version": known.static_version,
        "sequence": now.snapshot.sequence if now else 0,
        "published": now.published if now else None,
        "is_past": now is not None and now.is_past,
        "here_now": known.urls.link(path),
        "here_fixed": known.urls.absolute(path, at=str(now.snapshot.sequence)) if now else "",
    }


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
