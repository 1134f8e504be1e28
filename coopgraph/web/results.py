"""Have a query answered for a client, and answer in the form asked for.

In: a checked query. Out: a response with its whole answer, as a table, a graph, a map's features,
a chart or a page. Used by ``/sparql``, ``/data`` and the stored queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response, request

from coopgraph.errors import TooManyQueries, UnfitForm
from coopgraph.formats import (
    CHART,
    GEOJSON,
    GRAPH_FORMATS,
    RESULT_FORMATS,
    DrawnFormat,
    GraphFormat,
    ResultFormat,
)
from coopgraph.iris import is_web_address
from coopgraph.namespaces import curie
from coopgraph.query import ROWS, Answer, Job, Query
from coopgraph.web.charts import chart
from coopgraph.web.errors import NotAcceptable
from coopgraph.web.facts import Value
from coopgraph.web.negotiation import HTML, Page, choose
from coopgraph.web.responses import content_response, spooled_response
from coopgraph.web.service import service

ResultForm = ResultFormat | GraphFormat | DrawnFormat | Page
Cell = Mapping[str, str] | None
# What ``format=``, ``output=`` and ``results=`` may say, for tables and for graphs.
_TABLE_NAMES = {name: name for name in ("json", "xml", "csv", "tsv", "geojson", "svg", "html")}
_GRAPH_NAMES = {
    **dict.fromkeys(("turtle", "ttl", "n3"), "ttl"),
    **dict.fromkeys(("json-ld", "jsonld", "json"), "jsonld"),
    **dict.fromkeys(("ntriples", "n-triples", "nt"), "nt"),
    **dict.fromkeys(("nquads", "n-quads", "nq"), "nq"),
    **dict.fromkeys(("rdf+xml", "rdfxml", "rdf", "xml"), "rdf"),
    "trig": "trig",
    "html": "html",
}


@dataclass(frozen=True)
class Shown:
    """An answer as a table for people. ``is_cut`` says that there are more rows, or more of a
    value; ``cells`` are the same rows as terms.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    is_cut: bool = False
    verdict: str = ""
    cells: Sequence[Sequence[Cell]] = field(default=())


def answer_query(
    query: Query, page: Callable[[Shown], str], form: ResultForm | None = None
) -> Response:
    """Have a query answered. ``page`` makes the page around its results; ``form`` is what an
    extension asked for.
    """
    chosen = form or wanted_form(query)
    is_drawn = isinstance(chosen, Page) or chosen is CHART
    try:
        found = _asked(query, ROWS if is_drawn else chosen.extension)
        if not is_drawn:
            return spooled_response(found, chosen)
        published = found.published
        body = _drawn(orjson.loads(found.read()), chosen, page)
    except UnfitForm as unfit:
        offers = [offer for offer in forms_of(query) if offer is not chosen]
        raise NotAcceptable(offers, str(unfit)) from None
    return content_response(body, chosen, modified=published)


def wanted_form(query: Query) -> ResultForm:
    """The form that ``format=`` or else Accept asks for. Raises NotAcceptable."""
    offers = forms_of(query)
    default = "ttl" if query.gives_graph else "json"
    chosen = _named_form(query, offers) or choose(request.headers.get("Accept"), offers, default)
    if chosen is None:
        raise NotAcceptable(offers)
    return chosen


def forms_of(query: Query) -> tuple[ResultForm, ...]:
    """What the answer to a query can be written in."""
    if query.gives_graph:
        return (*GRAPH_FORMATS, HTML)
    if query.form == "SELECT":
        return (*RESULT_FORMATS, GEOJSON, CHART, HTML)
    return (*RESULT_FORMATS, HTML)


def _named_form(query: Query, offers: Sequence[ResultForm]) -> ResultForm | None:
    """The form that ``format=`` or its kin name, where it suits the answer."""
    names = _GRAPH_NAMES if query.gives_graph else _TABLE_NAMES
    for parameter in ("format", "output", "results"):
        wanted = request.values.get(parameter, "").strip().lower().replace(" ", "+")
        for offer in offers:
            is_type = wanted in (offer.media_type, *offer.aliases)
            if wanted and (is_type or names.get(wanted) == offer.extension):
                return offer
    return None


def _asked(query: Query, extension: str) -> Answer:
    """The answer, from a worker."""
    context_url = "" if request.args.get("context") == "inline" else service().context_url
    job = Job(query, extension, context_url)
    with _lane():
        return service().broker.ask(
            job, request.remote_addr or "", request.environ.get("gunicorn.socket")
        )


@contextmanager
def _lane() -> Iterator[None]:
    """One of this process's places for queries: half of its threads stay free for documents.
    Raises TooManyQueries.
    """
    lane = service().query_lane
    if not lane.acquire(blocking=False):
        raise TooManyQueries("All places for queries are taken; ask again soon.", retry_after_s=2)
    try:
        yield
    finally:
        lane.release()


def _drawn(content: Mapping[str, Any], chosen: ResultForm, page: Callable[[Shown], str]) -> str:
    """A page or a chart of the rows. Raises UnfitForm where no chart fits."""
    if isinstance(chosen, Page):
        return page(_shown(content))
    picture = chart(content["columns"], content["rows"], has_more=content["more"])
    if picture is None:
        raise UnfitForm("No chart fits this table: it needs labels, years or codes, and numbers.")
    return picture


def _shown(content: Mapping[str, Any]) -> Shown:
    if "boolean" in content:
        return Shown((), (), verdict="yes" if content["boolean"] else "no")
    rows = [[_value(cell) for cell in row] for row in content["rows"]]
    is_cut = content["more"] or any(
        cell and "cut" in cell for row in content["rows"] for cell in row
    )
    return Shown(content["columns"], rows, is_cut, cells=content["rows"])


def _value(cell: Cell) -> Value:
    """One value of a result: things of ours link to their pages, others to themselves."""
    if cell is None:
        return Value("")
    value = cell["value"]
    if cell["type"] == "uri":
        outside = value if is_web_address(value) else ""
        return Value(curie(value), service().urls.page(value) or outside)
    if cell["type"] == "bnode":
        return Value(f"_:{value}")
    return Value(value + cell.get("cut", ""), language=cell.get("xml:lang", ""))
