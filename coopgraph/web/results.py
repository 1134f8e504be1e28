"""Have a query answered for a client, and answer in the form asked for.

In: a checked query. Out: a response with its whole answer, as a table, a graph, a map's features,
a chart or a page. Used by ``/sparql``, ``/data`` and the stored queries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
from flask import Response, request

from coopgraph.errors import UnfitForm
from coopgraph.formats import (
    CHART,
    GEOJSON,
    GRAPH_FORMATS,
    RESULT_FORMATS,
    DrawnFormat,
    GraphFormat,
    ResultFormat,
)
from coopgraph.query import ROWS, Answer, Job, Query
from coopgraph.web.cells import Row, is_point
from coopgraph.web.charts import Draw, chart
from coopgraph.web.errors import NotAcceptable
from coopgraph.web.negotiation import HTML, Page, choose
from coopgraph.web.responses import answer_response, spooled_response
from coopgraph.web.service import service
from coopgraph.web.tables import Table, reading_table, whole_table

ResultForm = ResultFormat | GraphFormat | DrawnFormat | Page
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
    """What a page shows of an answer: its first rows as terms, or a verdict.

    ``has_more_rows`` says that these are not all, ``has_short_values`` that long values were
    shortened in them.
    """

    columns: Sequence[str]
    rows: Sequence[Row]
    has_more_rows: bool = False
    has_short_values: bool = False
    verdict: str = ""

    @property
    def has_points(self) -> bool:
        """Whether it can be put on a map."""
        return any(map(is_point, chain.from_iterable(self.rows)))

    @property
    def table(self) -> Table:
        """All columns, as they were selected."""
        return whole_table(self.columns, self.rows, service().urls.page)

    def reading_table(self, *, has_map: bool) -> Table:
        """With names instead of IRIs, and without the points that a map shows."""
        return reading_table(self.columns, self.rows, service().urls.page, has_map=has_map)


def answer_query(
    query: Query,
    page: Callable[[Shown], str],
    form: ResultForm | None = None,
    draw: Draw = chart,
) -> Response:
    """Have a query answered. ``page`` makes the page around its results, ``draw`` its chart;
    ``form`` is what an extension asked for.
    """
    chosen = form or wanted_form(query)
    is_drawn = isinstance(chosen, Page) or chosen is CHART
    try:
        found = _asked(query, ROWS if is_drawn else chosen.extension)
        if not is_drawn:
            return spooled_response(found, chosen, is_dated=query.is_whole_graph)
        published = found.published
        shown = _shown(orjson.loads(found.read()))
        body = page(shown) if isinstance(chosen, Page) else _picture(shown, draw)
    except UnfitForm as unfit:
        offers = [offer for offer in forms_of(query) if offer is not chosen]
        raise NotAcceptable(offers, str(unfit)) from None
    return answer_response(body, chosen, published)


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
    """The answer, from a worker. Its place among queries is taken until it is read or closed."""
    context_url = "" if request.args.get("context") == "inline" else service().context_url
    job = Job(query, extension, context_url)
    client = request.remote_addr or ""
    with ExitStack() as held:
        held.callback(service().lanes.take(client))
        answer = service().broker.ask(job, client, request.environ.get("gunicorn.socket"))
        answer.on_close(held.pop_all().close)
    return answer


def _picture(shown: Shown, draw: Draw) -> str:
    """A chart of the rows. Raises UnfitForm where none fits."""
    picture = draw(shown.columns, shown.rows, has_more=shown.has_more_rows)
    if picture is None:
        raise UnfitForm("No chart fits this table: it needs labels, years or codes, and numbers.")
    return picture


def _shown(content: Mapping[str, Any]) -> Shown:
    if "boolean" in content:
        return Shown((), (), verdict="yes" if content["boolean"] else "no")
    rows = content["rows"]
    has_short_values = any(cell and "cut" in cell for row in rows for cell in row)
    return Shown(content["columns"], rows, content["more"], has_short_values)
