"""Run a SPARQL query on a snapshot and write its whole answer.

In: a query's text, the graphs chosen beside it by the protocol, a snapshot. Out: an answer that
can be written in every format we know; nothing is sent before all of it is written, so an answer
is always whole. Specifications: https://www.w3.org/TR/sparql11-protocol/#dataset and
https://www.w3.org/TR/sparql11-query/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    serialize,
)

from coopgraph.errors import QueryRefused
from coopgraph.formats import GraphFormat, ResultFormat
from coopgraph.namespaces import PREFIXES
from coopgraph.query.scan import scan
from coopgraph.settings import Settings
from coopgraph.store.snapshots import Snapshot

_MERGE = DefaultGraph()
_PLACE = re.compile(r"error at (\d+):\d+: ")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_NAME_END = re.compile(r"[^\W\d][\w.-]*$")


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE ("" where the engine will
    find a fault). Graphs chosen by the protocol take the place of FROM and FROM NAMED.
    """

    text: str
    form: str
    default_graphs: tuple[NamedNode, ...] = ()
    named_graphs: tuple[NamedNode, ...] = ()

    @property
    def gives_graph(self) -> bool:
        """Whether the answer is triples, not a table or a yes or no."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to SELECT."""

    solutions: QuerySolutions

    def write(self, result_format: ResultFormat) -> bytes:
        """The whole answer. Raises QueryRefused where an expression cannot be computed."""
        try:
            return _bytes(self.solutions.serialize(format=result_format.results))
        except (RuntimeError, ValueError, OSError) as error:
            raise _refusal(error) from None

    def rows(self) -> Iterable[tuple[NamedNode | BlankNode | Literal | Triple | None, ...]]:
        """Solution by solution, values in the order of the columns."""
        try:
            for solution in self.solutions:
                yield tuple(solution)
        except (RuntimeError, ValueError, OSError) as error:
            raise _refusal(error) from None

    @property
    def columns(self) -> list[str]:
        """Names of the variables."""
        return [variable.value for variable in self.solutions.variables]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to ASK."""

    boolean: QueryBoolean

    def write(self, result_format: ResultFormat) -> bytes:
        """The whole answer; CSV and TSV, which have no form for it, get one word."""
        if result_format.extension in ("csv", "tsv"):
            return b"true\n" if self.boolean else b"false\n"
        return _bytes(self.boolean.serialize(format=result_format.results))


@dataclass(frozen=True, slots=True)
class Triples:
    """The answer to CONSTRUCT or DESCRIBE, each triple once."""

    triples: tuple[Triple, ...]

    def write(self, graph_format: GraphFormat) -> bytes:
        """The whole answer, UTF-8."""
        return _bytes(serialize(self.triples, format=graph_format.rdf, prefixes=PREFIXES))

    def fits_rdf_xml(self) -> bool:
        """Whether RDF/XML can say it: property names must end in an XML name."""
        return all(_XML_NAME_END.search(triple.predicate.value) for triple in self.triples)


def prepare(
    text: str,
    settings: Settings,
    default_graphs: Iterable[str] = (),
    named_graphs: Iterable[str] = (),
) -> Query:
    """Check a query against the limits, without running it. Raises QueryRefused."""
    found = scan(text, most_bytes=settings.query_size_bytes, most_depth=settings.query_depth)
    return Query(text, found.form, _graphs(default_graphs), _graphs(named_graphs))


def run(query: Query, snapshot: Snapshot, settings: Settings) -> Table | Verdict | Triples:
    """Run a checked query. Raises QueryRefused where it is malformed or cannot be computed."""
    for graph in (*query.default_graphs, *query.named_graphs):
        if not snapshot.store.contains_named_graph(graph):
            raise QueryRefused(f"There is no graph {graph}; /catalog lists the graphs.")
    try:
        found, store = _ask(query, snapshot.store, settings.merge_triples)
        return _answer(found, query, store)
    except (SyntaxError, RuntimeError, ValueError, OSError) as error:
        raise _refusal(error) from None


def _ask(
    query: Query, store: Store, most: int
) -> tuple[QuerySolutions | QueryBoolean | QueryTriples, Store]:
    """Hand the query to the engine, with the graphs the protocol chose if it chose any."""
    default = query.default_graphs
    named: list[NamedNode | BlankNode] = [*query.named_graphs]
    if len(default) > 1:
        merged = _merged(query, store, most)
        return merged.query(query.text, default_graph=_MERGE, named_graphs=named), merged
    if default or named:
        return store.query(query.text, default_graph=list(default), named_graphs=named), store
    return store.query(query.text), store


def fits_xml(body: bytes) -> bool:
    """Whether XML 1.0 allows every character: a query can make some that it does not."""
    return not _NOT_IN_XML.search(body.decode())


def _graphs(names: Iterable[str]) -> tuple[NamedNode, ...]:
    try:
        return tuple(dict.fromkeys(NamedNode(name) for name in names))
    except ValueError as error:
        raise QueryRefused(f"A graph's name is no IRI: {error}.") from None


def _answer(
    found: QuerySolutions | QueryBoolean | QueryTriples, query: Query, store: Store
) -> Table | Verdict | Triples:
    if isinstance(found, QuerySolutions):
        return Table(found)
    if isinstance(found, QueryBoolean):
        return Verdict(found)
    triples = dict.fromkeys(found)
    if query.form == "DESCRIBE":
        graphs = query.default_graphs if len(query.default_graphs) == 1 else (_MERGE,)
        triples = _with_fragments(triples, store, graphs[0])
    return Triples(tuple(triples))


def _with_fragments(
    triples: dict[Triple, None], store: Store, graph: NamedNode | DefaultGraph
) -> dict[Triple, None]:
    """Add the inner nodes: a description of an organisation contains its fragments."""
    described = {triple.subject for triple in triples}
    stems = {node.value for node in described if isinstance(node, NamedNode)}
    waiting = list(triples)
    for triple in waiting:
        node = triple.object
        if not isinstance(node, NamedNode) or node in described:
            continue
        if node.value.partition("#")[0] in stems and "#" in node.value:
            described.add(node)
            more = [quad.triple for quad in store.quads_for_pattern(node, None, None, graph)]
            waiting.extend(more)
    return dict.fromkeys(waiting)


def _merged(query: Query, store: Store, most: int) -> Store:
    """A true merge of the chosen default graphs: each triple once, however many say it."""
    merged = Store()
    left = most
    for graph in (*query.default_graphs, *query.named_graphs):
        quads = list(islice(store.quads_for_pattern(None, None, None, graph), left + 1))
        left -= len(quads)
        if left < 0:
            raise QueryRefused(
                f"The chosen graphs hold more than {most:,} triples, too many to merge for one "
                "query. Choose one graph, or query the merge of all graphs."
            )
        if graph in query.default_graphs:
            merged.extend(Quad(*quad.triple) for quad in quads)
        if graph in query.named_graphs:
            merged.extend(quads)
    return merged


def _refusal(error: Exception) -> QueryRefused:
    """The engine's complaint, with the line it names."""
    text = str(error)
    place = _PLACE.search(text)
    if place is None:
        return QueryRefused(f"{text}.")
    expected = text[place.end() :]
    return QueryRefused(f"The query is not valid SPARQL: {expected}.", line=int(place[1]))


def _bytes(written: bytes | None) -> bytes:
    assert written is not None
    return written
