"""``/queries``: stored queries, each with a page, its parameters and its results."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template, request

from coopgraph.errors import UsageError
from coopgraph.formats import RESULT_FORMATS
from coopgraph.query import StoredQuery, prepare
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.negotiation import HTML, JSON, PlainFormat, choose, split_extension
from coopgraph.web.responses import content_response, json_bytes
from coopgraph.web.results import ResultForm, Shown, answer_query
from coopgraph.web.service import service, view

blueprint = Blueprint("stored", __name__)

SOURCE = PlainFormat("SPARQL", "application/sparql-query", "rq")
_OPTIONS = frozenset({"format", "output", "results"})
_FORMS: tuple[ResultForm, ...] = (*RESULT_FORMATS, HTML)


@blueprint.get("/queries", defaults={"extension": ""})
@blueprint.get("/queries.<extension>")
def queries(extension: str) -> Response:
    """All stored queries."""
    offers = (JSON, HTML)
    chosen = choose(request.headers.get("Accept"), offers, "json")
    if extension:
        chosen = next((form for form in offers if form.extension == extension), None)
    if chosen is None:
        raise NotAcceptable(offers)
    known = service().queries.values()
    if chosen is HTML:
        return content_response(render_template("queries.html", queries=known), HTML)
    return content_response(json_bytes([_summary(query) for query in known]), JSON)


@blueprint.get("/queries/<name>")
def query(name: str) -> Response:
    """One stored query: its results, with the values of its parameters from the address."""
    stem, form = split_extension(name, (*_FORMS, SOURCE))
    found = service().queries.get(stem)
    if found is None:
        raise NotFound(f"There is no stored query “{stem}”.", ["/queries"])
    if form is SOURCE:
        return content_response(found.text, SOURCE)
    values = {key: value for key, value in request.args.items() if key not in _OPTIONS}
    try:
        text = found.bound(values, view().snapshot.base)
    except UsageError:
        if _wants_page(form) and not any(values.values()):
            return content_response(_page(found, {}), HTML)
        raise
    checked = prepare(text, service().settings)
    assert not isinstance(form, PlainFormat)
    return answer_query(checked, partial(_page, found, values, text), form)


def _wants_page(form: object) -> bool:
    return form is HTML or (
        form is None and choose(request.headers.get("Accept"), _FORMS, "json") is HTML
    )


def _summary(query: StoredQuery) -> dict[str, object]:
    return {
        "name": query.name,
        "summary": query.summary,
        "question": query.question,
        "returns": query.returns,
        "url": service().urls.absolute(f"/queries/{query.name}"),
        "parameters": [
            {
                "name": parameter.name,
                "kind": parameter.kind,
                "required": parameter.is_required,
                "example": parameter.example,
                "description": parameter.description,
            }
            for parameter in query.parameters
        ],
    }


def _page(
    query: StoredQuery, values: dict[str, str], text: str = "", shown: Shown | None = None
) -> str:
    urls = service().urls
    return render_template(
        "query.html",
        query=query,
        values=values,
        shown=shown,
        editor=urls.link("/sparql", query=text or query.text),
        downloads=[
            (
                form.name,
                urls.link(f"/queries/{query.name}.{form.extension}", **values),
                form.media_type,
            )
            for form in RESULT_FORMATS
        ]
        if shown
        else [],
        source=urls.link(f"/queries/{query.name}.rq"),
    )
