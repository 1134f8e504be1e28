"""``/sparql``: the SPARQL 1.1 Protocol, query operation; and a form for people.

In: a query by GET, form POST or direct POST. Out: its whole answer in the form asked for. With no
query: the service description for programs, the form for people.
Specifications: https://www.w3.org/TR/sparql11-protocol/ and
https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden, UnsupportedMediaType

from coopgraph.entity import Description
from coopgraph.errors import UsageError
from coopgraph.formats import CHART, GEOJSON
from coopgraph.namespaces import PREFIXES, iri
from coopgraph.query import prepare
from coopgraph.web.charts import chart
from coopgraph.web.description import service_description
from coopgraph.web.documents import Document, Download, answer, form_named
from coopgraph.web.negotiation import Page
from coopgraph.web.results import Shown, answer_query, forms_of
from coopgraph.web.service import service, view

blueprint = Blueprint("sparql", __name__)

_READ_ONLY = "This endpoint only reads: the graph is changed by publishing datasets."
STARTER = """\
PREFIX coop: <https://w3id.org/coopgraph/ns#>
PREFIX kind: <https://w3id.org/coopgraph/code/organisation-kind/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?organisation ?name ?place {
  ?organisation coop:kind kind:credit-union ;
    skos:prefLabel ?name ;
    coop:region/skos:prefLabel ?place .
  FILTER(LANG(?place) = "en")
}
LIMIT 20
"""


@dataclass(frozen=True)
class Asked:
    """What a client sent: at most one query, and the graphs chosen for it."""

    text: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


@blueprint.get("/sparql")
def query_by_get() -> Response:
    """A query in the address, or none."""
    asked = _asked(request.args)
    return _description("") if asked.text is None else _answer(asked)


@blueprint.get("/sparql.<extension>")
def description(extension: str) -> Response:
    """The service description in the form of an extension."""
    return _description(extension)


@blueprint.post("/sparql")
def query_by_post() -> Response:
    """A query in a form, or as the body itself."""
    kind = request.mimetype
    _refuse_update(request.args)
    if kind == "application/x-www-form-urlencoded":
        asked = _asked(request.form)
    elif kind == "application/sparql-query":
        asked = _asked(request.args, body=_body())
    elif kind == "application/sparql-update":
        raise Forbidden(_READ_ONLY)
    else:
        raise UnsupportedMediaType(
            "Send application/x-www-form-urlencoded or application/sparql-query."
        )
    if asked.text is None:
        raise UsageError("There is no query: send it in the parameter “query”.")
    return _answer(asked)


def _body() -> str:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"Send the query in UTF-8, not in {charset}.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError:
        raise UsageError("The query is not encoded in UTF-8.") from None


def _asked(values: MultiDict[str, str], body: str | None = None) -> Asked:
    _refuse_update(values)
    texts = values.getlist("query") if body is None else [body]
    if len(texts) > 1:
        raise UsageError("There are several queries: send one.")
    return Asked(
        next((text for text in texts if text.strip()), None),
        tuple(values.getlist("default-graph-uri")),
        tuple(values.getlist("named-graph-uri")),
    )


def _refuse_update(values: MultiDict[str, str]) -> None:
    if "update" in values:
        raise Forbidden(_READ_ONLY)


def _description(extension: str) -> Response:
    """The service description, or the empty form."""
    return answer(
        Document("/sparql", _describe, _page),
        form_named(extension) if extension else None,
    )


def _describe(with_sources: bool) -> Description:
    return service_description(service(), view())


def _answer(asked: Asked) -> Response:
    assert asked.text is not None
    urls = service().urls
    query = prepare(
        asked.text,
        service().settings,
        asked.default_graphs,
        asked.named_graphs,
        base=urls.absolute("/sparql"),
    )
    downloads = [
        (
            form.name,
            urls.link("/sparql", query=asked.text, format=form.media_type),
            form.media_type,
        )
        for form in forms_of(query)
        if not isinstance(form, Page)
    ]
    return answer_query(query, partial(_page, asked.text, downloads))


def _page(
    text: str = "", downloads: list[Download] | None = None, shown: Shown | None = None
) -> str:
    picture = chart(shown.columns, shown.cells) if shown else None
    has_points = _has_points(shown)
    unfit = {GEOJSON.media_type: not has_points, CHART.media_type: not picture}
    return render_template(
        "sparql.html",
        text=text or STARTER,
        fresh=not text,
        shown=shown,
        picture=picture,
        points=service().urls.link("/sparql", query=text, format="geojson") if has_points else "",
        downloads=[offer for offer in downloads or [] if not unfit.get(offer[2])],
        queries=service().queries.values(),
        prefixes=PREFIXES,
    )


def _has_points(shown: Shown | None) -> bool:
    """Whether an answer can be put on a map."""
    wkt = iri("geo:wktLiteral").value
    cells = (cell for row in shown.cells for cell in row if cell) if shown else ()
    return any(cell.get("datatype") == wkt for cell in cells)
