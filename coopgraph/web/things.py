"""``/id/…``: names of things, which lead to documents about them (303)."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from coopgraph.entity import exists, successor
from coopgraph.namespaces import organization_iri, record_iri
from coopgraph.web.service import service, version_arguments, view

blueprint = Blueprint("things", __name__)


@blueprint.get("/id/org/<name>")
def organization(name: str) -> Response:
    """An organisation; the new one for good, where it was merged into another."""
    is_of_past = "at" in request.args or "Accept-Datetime" in request.headers
    new = "" if is_of_past else merged_into(name)
    if new:
        return permanently(f"/id/org/{new}")
    return _see_version(f"/org/{quote(name)}")


@blueprint.get("/id/dataset/<name>")
def dataset(name: str) -> Response:
    """A dataset."""
    return _see_version(f"/dataset/{quote(name)}")


@blueprint.get("/id/record/<dataset_name>/<path:key>")
def record(dataset_name: str, key: str) -> Response:
    """One row of one source."""
    return see_other(f"/record/{quote(dataset_name)}/{raw_key(dataset_name, key)}")


@blueprint.get("/id/catalogue")
def catalogue() -> Response:
    """The catalogue."""
    return see_other("/catalog")


def raw_key(dataset_name: str, key: str) -> str:
    """The key of a record as it stands in the record's IRI, percent-encoded.

    WSGI decodes paths, so that ``a%2Fb`` and ``a/b`` look alike: the key is read from the
    address as the client sent it. A client may also have encoded more or less than we do;
    then the form that the graph knows is found by encoding each part anew.
    """
    sent = _sent_key(dataset_name) or quote(key, safe=":,")
    parts = [
        ",".join(quote(unquote(part), safe="") for part in group.split(","))
        for group in sent.split(":")
    ]
    candidates = (sent, ":".join(parts), quote(unquote(sent), safe=":,"))
    for candidate in candidates:
        if is_record(dataset_name, candidate):
            return candidate
    return sent


def is_record(dataset_name: str, key: str) -> bool:
    """Whether the graph knows this record."""
    try:
        return exists(view().snapshot, record_iri(view().snapshot.base, dataset_name, key))
    except ValueError:  # no IRI has such characters
        return False


def _sent_key(dataset_name: str) -> str:
    """The key in the request line, still encoded, or "" where the server does not tell it."""
    sent = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    for marker in (f"/record/{dataset_name}/", f"/record/{quote(dataset_name)}/"):
        path = urlsplit(str(sent)).path
        if marker in path:
            return path.partition(marker)[2]
    return ""


def merged_into(name: str) -> str:
    """The id that an organisation was merged into, or ""."""
    base = view().snapshot.base
    try:
        new = successor(view().snapshot, organization_iri(base, name))
    except ValueError:  # no IRI has such characters
        return ""
    return new.value.removeprefix(organization_iri(base, "").value) if new else ""


def _see_version(path: str) -> Response:
    """303, to the version that ``at`` names, if any."""
    response = see_other(path, at=request.args.get("at", ""))
    response.vary.add("Accept-Datetime")
    return response


def permanently(path: str) -> Response:
    """301: what was there is now here."""
    return redirect(service().urls.absolute(path, **version_arguments()), code=301)


def see_other(path: str, **arguments: str) -> Response:
    """303: a document about it is there."""
    response = redirect(service().urls.absolute(path, **arguments), code=303)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
