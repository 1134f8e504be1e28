"""A service that also writes, over a store in memory; for tests alone.

In: SPARQL 1.1 Protocol (query, update) at ``/sparql`` and the Graph Store HTTP Protocol, whole, at
``/graph`` and below. It reads requests, chooses forms and runs queries with the parts of the
public service; what it adds is what that one refuses.
Specifications: https://www.w3.org/TR/sparql11-protocol/#update-operation and
https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from itertools import count
from pathlib import PurePath
from typing import NoReturn

from flask import Flask, Response, request
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse
from werkzeug.exceptions import UnsupportedMediaType

from coopgraph.errors import CoopgraphError, UnknownThing, UsageError
from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.query import Query, prepare, run, whole_graph, write
from coopgraph.settings import Settings
from coopgraph.web.graph_store import graph_named
from coopgraph.web.negotiation import choose
from coopgraph.web.protocol import (
    QUERY,
    Asked,
    Operation,
    has_parameter,
    read_address,
    read_body,
)
from coopgraph.web.responses import content_type

UPDATE = Operation(
    "update", "application/sparql-update", "using-graph-uri", "using-named-graph-uri"
)
_SETTINGS = Settings()
_GRAPH_FORMS = tuple(form for form in GRAPH_FORMATS if form.extension in ("ttl", "nt", "rdf"))
_TOKEN = re.compile(
    r"""
      (?P<hidden>\"\"\"(?:[^"\\]|\\.|"(?!\"\"))*\"\"\" | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'
        | <[^<>\s]*> | \#[^\n]* | [\w-]*:[\w.-]* | [?$]\w+)
    | (?P<word>\w+)
    | (?P<open>\{)
    | (?P<close>\})
    """,
    re.VERBOSE | re.DOTALL,
)
_Graph = NamedNode | DefaultGraph


def writable_app(store: Store, root: str) -> Flask:
    """The service over a store. ``root`` is its address, without a closing slash."""
    app = Flask("writable")
    app.extensions["store"] = store
    service = _Writable(store, root)
    app.add_url_rule("/sparql", view_func=service.sparql, methods=["GET", "POST"])
    methods = ["GET", "PUT", "POST", "DELETE"]
    app.add_url_rule("/graph", "indirect", service.indirect, methods=methods)
    app.add_url_rule("/graph/<path:name>", "direct", service.direct, methods=methods)
    app.register_error_handler(CoopgraphError, _refuse)
    app.register_error_handler(SyntaxError, lambda error: Response(str(error), 400))
    return app


def _refuse(error: CoopgraphError) -> Response:
    return Response(str(error), 404 if isinstance(error, UnknownThing) else 400)


class _Writable:
    """What each address answers."""

    def __init__(self, store: Store, root: str) -> None:
        self._store = store
        self._root = root
        self._numbers = count(1)

    def sparql(self) -> Response:
        """A query or an update."""
        if request.method != "POST":
            if has_parameter(UPDATE.parameter):
                raise UsageError("An update comes by POST.")
            return self._query(read_address(QUERY))
        if request.mimetype == UPDATE.media_type or has_parameter(UPDATE.parameter):
            return self._update(read_body(UPDATE))
        return self._query(read_body(QUERY))

    def indirect(self) -> Response:
        """The graph that the address names; by POST without a name, a new one."""
        if request.method == "POST" and not {"graph", "default"} & request.args.keys():
            return self._create()
        name = graph_named(request.args)
        return self._manage(NamedNode(name) if name else DefaultGraph())

    def direct(self, name: str) -> Response:
        """The graph whose IRI is the address itself."""
        return self._manage(NamedNode(f"{self._root}/graph/{name}"))

    # Query and update

    def _query(self, asked: Asked) -> Response:
        assert asked.text is not None
        graphs = asked.default_graphs, asked.named_graphs
        return self._answer(prepare(asked.text, _SETTINGS, *graphs, base=f"{self._root}/sparql"))

    def _answer(self, query: Query) -> Response:
        accept = request.headers.get("Accept")
        form = (
            choose(accept, _GRAPH_FORMS, "ttl")
            if query.gives_graph
            else choose(accept, RESULT_FORMATS, "json")
        )
        assert form is not None
        output = BytesIO()
        write(run(query, self._store, 1_000), form.extension, output, _no_language)
        return Response(output.getvalue(), content_type=content_type(form))

    def _update(self, asked: Asked) -> Response:
        assert asked.text is not None
        text = with_using(asked.text, asked.default_graphs, asked.named_graphs)
        self._store.update(text, base_iri=f"{self._root}/sparql")
        return Response(status=204)

    # Graphs

    def _manage(self, graph: _Graph) -> Response:
        match request.method:
            case "PUT":
                return self._put(graph)
            case "POST":
                return self._post(graph)
            case "DELETE":
                return self._delete(graph)
            case _:
                name = graph.value if isinstance(graph, NamedNode) else ""
                return self._answer(whole_graph(name))

    def _put(self, graph: _Graph) -> Response:
        triples = list(_payload(graph))
        existed = self._exists(graph)
        self._store.clear_graph(graph)
        self._add(graph, triples)
        return Response(status=204 if existed else 201)

    def _post(self, graph: _Graph) -> Response:
        if isinstance(graph, NamedNode) and not self._exists(graph):
            raise UnknownThing(f"There is no graph {graph}.")
        if not request.get_data():
            return Response(status=204)
        self._add(graph, list(_payload(graph)))
        return Response(status=200)

    def _create(self) -> Response:
        graph = NamedNode(f"{self._root}/graph/new-{next(self._numbers)}")
        if not request.get_data():
            return Response(status=204)
        self._add(graph, list(_payload(graph)))
        return Response(status=201, headers={"Location": graph.value})

    def _delete(self, graph: _Graph) -> Response:
        if isinstance(graph, NamedNode) and not self._exists(graph):
            raise UnknownThing(f"There is no graph {graph}.")
        self._store.remove_graph(graph)
        return Response(status=200)

    def _exists(self, graph: _Graph) -> bool:
        """Whether there is content: the default graph is always there, perhaps empty."""
        if isinstance(graph, NamedNode):
            return self._store.contains_named_graph(graph)
        return next(self._store.quads_for_pattern(None, None, None, graph), None) is not None

    def _add(self, graph: _Graph, triples: Iterable[Triple]) -> None:
        if isinstance(graph, NamedNode):
            self._store.add_graph(graph)
        self._store.extend(Quad(*triple, graph) for triple in triples)


def _payload(graph: _Graph) -> Iterable[Triple]:
    """The triples that were sent, of one document or of several in a form; blank nodes are new."""
    base = graph.value if isinstance(graph, NamedNode) else None
    for data, form in _documents():
        for quad in parse(data, format=form, base_iri=base, rename_blank_nodes=True):
            yield quad.triple


def _documents() -> Iterable[tuple[bytes, RdfFormat]]:
    if request.mimetype != "multipart/form-data":
        yield request.get_data(), _form(request.mimetype or "application/rdf+xml")
        return
    for file in request.files.values():
        by_name = RdfFormat.from_extension(PurePath(file.filename or "").suffix[1:])
        yield file.read(), _form(file.mimetype) if file.mimetype or not by_name else by_name


def _form(media_type: str) -> RdfFormat:
    found = RdfFormat.from_media_type(media_type)
    if found is None:
        raise UnsupportedMediaType(f"{media_type} is no form of RDF.")
    return found


def with_using(text: str, default: Iterable[str], named: Iterable[str]) -> str:
    """An update whose operations with a WHERE read these graphs. Raises UsageError where one says
    itself what it reads.
    """
    clauses = [f"USING <{NamedNode(name).value}> " for name in default]
    clauses += [f"USING NAMED <{NamedNode(name).value}> " for name in named]
    if not clauses:
        return text
    pieces, done, depth, before = [], 0, 0, ""
    for token in _TOKEN.finditer(text):
        word = token[0].upper() if token.lastgroup == "word" and depth == 0 else ""
        if word in ("USING", "WITH"):
            raise UsageError(f"The graphs were chosen beside the update, and by its {word}.")
        if word == "WHERE":
            if before != "}":
                raise UsageError("Write DELETE WHERE in its long form to choose graphs for it.")
            pieces += [text[done : token.start()], *clauses]
            done = token.start()
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup != "hidden":
            before = token[0]
    return "".join((*pieces, text[done:]))


def _no_language() -> NoReturn:
    raise AssertionError("JSON-LD is not among the forms")
