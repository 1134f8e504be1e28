"""``/sparql``: the SPARQL 1.1 Protocol, query operation; and a form for people.

In: a query by GET, form POST or direct POST. Out: its whole answer in the form asked for. With no
query: the service description for programs, the form for people.
Specifications: https://www.w3.org/TR/sparql11-protocol/ and
https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import Forbidden

from coopgraph.entity import Description
from coopgraph.errors import QueryRefused, StoreError
from coopgraph.formats import CHART, GEOJSON
from coopgraph.namespaces import PREFIXES
from coopgraph.query import Query, StoredQuery, prepare
from coopgraph.web.charts import chart
from coopgraph.web.description import service_description
from coopgraph.web.documents import Document, answer, form_named
from coopgraph.web.negotiation import Page
from coopgraph.web.protocol import NOTHING, QUERY, Asked, has_parameter, read_address, read_body
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


@blueprint.get("/sparql")
def query_by_get() -> Response:
    """A query in the address, or none."""
    _refuse_update()
    asked = read_address(QUERY)
    return _description("") if asked.text is None else _answer(asked)


@blueprint.get("/sparql.<extension>")
def description(extension: str) -> Response:
    """The service description in the form of an extension."""
    return _description(extension)


@blueprint.post("/sparql")
def query_by_post() -> Response:
    """A query in a form, or as the body itself."""
    _refuse_update()
    return _answer(read_body(QUERY))


def _refuse_update() -> None:
    if request.mimetype == "application/sparql-update" or has_parameter("update"):
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
    g.problem_page = partial(_refused, asked)
    urls = service().urls
    try:
        query = prepare(
            asked.text,
            service().settings,
            asked.default_graphs,
            asked.named_graphs,
            base=urls.absolute("/sparql"),
        )
    except QueryRefused as refused:
        with suppress(StoreError):  # no broker: then there is nothing to count for
            service().broker.book(asked.text, refused, request.remote_addr or "")
        raise
    return answer_query(query, partial(_page, asked, query))


def _address(asked: Asked, form: str) -> str:
    """The link to the answer in a form, under the same choice of graphs."""
    graphs = {QUERY.default_graphs: asked.default_graphs, QUERY.named_graphs: asked.named_graphs}
    return service().urls.link("/sparql", query=asked.text or "", **graphs, format=form)


def _refused(asked: Asked, **problem: object) -> str:
    """The page where there is no answer: why, beside the query."""
    return _page(asked, problem=problem)


def _page(
    asked: Asked = NOTHING,
    query: Query | None = None,
    shown: Shown | None = None,
    problem: Mapping[str, object] | None = None,
) -> str:
    queries = service().queries.values()
    forms = [form for form in forms_of(query) if not isinstance(form, Page)] if query else []
    picture = None
    if shown and CHART in forms:
        picture = chart(shown.columns, shown.rows, has_more=shown.has_more_rows)
    has_points = shown is not None and GEOJSON in forms and shown.has_points
    unfit = {GEOJSON.media_type: not has_points, CHART.media_type: not picture}
    return render_template(
        "sparql.html",
        asked=asked,
        text=asked.text or STARTER,
        problem=problem,
        shown=shown,
        picture=picture,
        points=_address(asked, "geojson") if has_points else "",
        downloads=[
            (form.name, _address(asked, form.media_type), form.media_type)
            for form in forms
            if not unfit.get(form.media_type)
        ],
        queries=queries,
        starters=_starters(queries),
        prefixes=PREFIXES,
    )


def _starters(queries: Iterable[StoredQuery]) -> list[StoredQuery]:
    """The stored queries to begin with."""
    return [query for query in queries if query.is_starter]
