"""Run a query for a client and answer in the form asked for.

In: a checked query. Out: a response with its whole answer, as a table, a graph or a page. Used
by ``/sparql`` and by the stored queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from flask import Response, request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from coopgraph.iris import is_web_address
from coopgraph.namespaces import curie
from coopgraph.query import Query, Table, Triples, Verdict, fits_xml, run
from coopgraph.web.errors import Busy, NotAcceptable
from coopgraph.web.facts import Value
from coopgraph.web.negotiation import HTML, Page, choose
from coopgraph.web.responses import content_response
from coopgraph.web.service import service, view

MOST_ROWS_SHOWN = 1_000
_WAIT_S = 5.0
Found = Table | Verdict | Triples
ResultForm = ResultFormat | GraphFormat | Page
# What ``format=``, ``output=`` and ``results=`` may say, for tables and for graphs.
_TABLE_NAMES = {"json": "json", "xml": "xml", "csv": "csv", "tsv": "tsv", "html": "html"}
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
    """An answer as a table for people. ``is_cut`` says that there are more rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    is_cut: bool = False
    verdict: str = ""

    @property
    def most(self) -> int:
        """How many rows a page shows."""
        return MOST_ROWS_SHOWN


def answer_query(
    query: Query, page: Callable[[Shown], str], form: ResultForm | None = None
) -> Response:
    """Run a query and answer it. ``page`` makes the page around its results; ``form`` is what an
    extension asked for.
    """
    offers = forms_of(query)
    chosen = form or _named_form(query, offers)
    chosen = chosen or choose(
        request.headers.get("Accept"), offers, "jsonld" if query.gives_graph else "json"
    )
    if chosen is None:
        raise NotAcceptable(offers)
    with _lane():
        found = run(query, view().snapshot, service().settings)
        if isinstance(chosen, Page):
            body: bytes | str = page(_shown(found))
        else:
            body = _written(found, chosen, offers)
    return content_response(body, chosen, modified=view().published)


def forms_of(query: Query) -> tuple[ResultForm, ...]:
    """What the answer to a query can be written in."""
    return (*GRAPH_FORMATS, HTML) if query.gives_graph else (*RESULT_FORMATS, HTML)


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


@contextmanager
def _lane() -> Iterator[None]:
    """One of the places for queries. Raises Busy where none gets free in time."""
    lane = service().query_lane
    if not lane.acquire(timeout=_WAIT_S):
        raise Busy
    try:
        yield
    finally:
        lane.release()


def _written(found: Found, chosen: ResultForm, offers: Sequence[ResultForm]) -> bytes:
    """The answer in bytes. Raises NotAcceptable where XML cannot hold it."""
    if isinstance(found, Triples):
        assert isinstance(chosen, GraphFormat)
        is_xml = chosen.extension == "rdf"
        body = b"" if is_xml and not found.fits_rdf_xml() else found.write(chosen)
    else:
        assert isinstance(chosen, ResultFormat)
        is_xml, body = chosen.extension == "xml", found.write(chosen)
    if is_xml and not (body and fits_xml(body)):
        raise NotAcceptable([offer for offer in offers if "xml" not in offer.media_type])
    return body


def _shown(found: Found) -> Shown:
    if isinstance(found, Verdict):
        return Shown((), (), verdict="yes" if found.boolean else "no")
    if isinstance(found, Triples):
        columns = ["subject", "predicate", "object"]
        taken = [(t.subject, t.predicate, t.object) for t in found.triples[: MOST_ROWS_SHOWN + 1]]
        rows = [[_cell(term) for term in row] for row in taken]
    else:
        columns = found.columns
        rows = [[_cell(term) for term in row] for row in islice(found.rows(), MOST_ROWS_SHOWN + 1)]
    return Shown(columns, rows[:MOST_ROWS_SHOWN], len(rows) > MOST_ROWS_SHOWN)


def _cell(term: NamedNode | BlankNode | Literal | Triple | None) -> Value:
    """One value of a result: things of ours link to their pages, others to themselves."""
    if term is None:
        return Value("")
    if isinstance(term, Literal):
        return Value(term.value, language=term.language or "")
    if isinstance(term, NamedNode):
        outside = term.value if is_web_address(term.value) else ""
        return Value(curie(term.value), service().urls.page(term.value) or outside)
    return Value(str(term))
