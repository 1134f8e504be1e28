"""Check a SPARQL query, and run it on a snapshot.

In: a query's text, the graphs chosen beside it by the protocol, a snapshot; or the name of a
graph. Out: the engine's answer, or the graph, to be written by :mod:`coopgraph.query.writing`.
Specifications: https://www.w3.org/TR/sparql11-protocol/#dataset,
https://www.w3.org/TR/sparql11-query/ and https://www.w3.org/TR/sparql11-http-rdf-update/#http-get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
)

from coopgraph.errors import QueryRefused, UnknownThing
from coopgraph.query.search_pattern import MOST_HITS, with_hits
from coopgraph.scan import ServiceCall, scan
from coopgraph.search import Index
from coopgraph.settings import Settings

_MERGE = DefaultGraph()
_GRAPH = "GRAPH"
_PLACE = re.compile(r"error at (\d+):\d+: ")


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE ("" where the engine will
    find a fault), or GRAPH for one whole graph: the first default graph, else the merge.

    Graphs chosen by the protocol take the place of FROM and FROM NAMED, whose names stand in
    ``from_default`` and ``from_named`` as they are written. Relative IRIs are resolved against
    ``base``. ``services`` are its SERVICE clauses.
    """

    text: str
    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str = ""
    prologue_end: int = 0
    from_default: tuple[str, ...] = ()
    from_named: tuple[str, ...] = ()
    services: tuple[ServiceCall, ...] = ()

    @property
    def is_whole_graph(self) -> bool:
        """Whether one graph is asked for as it is: only a publication changes that answer."""
        return self.form == _GRAPH

    @property
    def gives_graph(self) -> bool:
        """Whether the answer is triples, not a table or a yes or no."""
        return self.form in ("CONSTRUCT", "DESCRIBE", _GRAPH)


@dataclass(frozen=True, slots=True)
class Graphs:
    """The dataset of a query; with neither kind, the snapshot as it is."""

    default: tuple[NamedNode, ...] = ()
    named: tuple[NamedNode, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeGraph:
    """One graph of a store, all of it."""

    store: Store
    name: NamedNode | DefaultGraph

    def triples(self) -> Iterator[Triple]:
        """Its triples, read one by one."""
        quads = self.store.quads_for_pattern(None, None, None, self.name)
        return (quad.triple for quad in quads)

    def predicates(self) -> Iterator[NamedNode]:
        """The predicates it uses, each once."""
        found = self.store.query(
            "SELECT DISTINCT ?p { ?s ?p ?o }", default_graph=[self.name], named_graphs=[]
        )
        assert isinstance(found, QuerySolutions)
        return (p for (p,) in found if isinstance(p, NamedNode))


Found = QuerySolutions | QueryBoolean | tuple[Triple, ...] | WholeGraph


def whole_graph(name: str = "") -> Query:
    """What asks for one graph as it is, by its IRI, or for the merge."""
    text = f"GRAPH <{name}>" if name else "GRAPH DEFAULT"  # for the query log
    return Query(text, _GRAPH, (name,) if name else ())


def prepare(
    text: str,
    settings: Settings,
    default_graphs: Iterable[str] = (),
    named_graphs: Iterable[str] = (),
    base: str = "",
) -> Query:
    """Check a query against the limits, without running it. Raises QueryRefused."""
    found = scan(
        text,
        most_bytes=settings.query_size_bytes,
        most_depth=settings.query_depth,
        services=settings.services,
    )
    default_graphs, named_graphs = tuple(default_graphs), tuple(named_graphs)
    _named(default_graphs), _named(named_graphs)
    return Query(
        text,
        found.form,
        default_graphs,
        named_graphs,
        base,
        found.prologue_end,
        found.default_graphs,
        found.named_graphs,
        found.services,
    )


def run(query: Query, store: Store, most_merged: int, index: Index | None = None) -> Found:
    """Run a checked query; solutions come lazily, triples are all there, each once.

    Several default graphs are merged in memory, up to ``most_merged`` triples; full text is
    looked up in ``index``. Raises QueryRefused where it is malformed or cannot be computed,
    UnknownThing where a whole graph is asked for that is not there.
    """
    try:
        query = _with_hits(query, index)
        graphs = _graphs(query)
        if query.form == _GRAPH:
            return _whole(graphs, store)
        if len(graphs.default) > 1:
            store = _merged(graphs, store, most_merged)
            graphs = Graphs((), graphs.named)
            found = _ask(query, store, [_MERGE], graphs)
        else:
            found = _ask(query, store, list(graphs.default), graphs)
        if isinstance(found, (QuerySolutions, QueryBoolean)):
            return found
        return _triples(found, query, store, graphs)
    except (SyntaxError, RuntimeError, ValueError, OSError) as error:
        raise refusal(error) from None


def _with_hits(query: Query, index: Index | None) -> Query:
    def find(words: str) -> list[NamedNode]:
        if index is None:
            raise QueryRefused("What is published here has no text index; it comes with a rebuild.")
        return index.search(words, MOST_HITS)

    return replace(query, text=with_hits(query.text, query.prologue_end, query.base, find))


def _whole(graphs: Graphs, store: Store) -> WholeGraph:
    if not graphs.default:
        return WholeGraph(store, _MERGE)
    [name] = graphs.default
    if not store.contains_named_graph(name):
        raise UnknownThing(f"There is no graph {name}.")
    return WholeGraph(store, name)


def refusal(error: Exception) -> QueryRefused:
    """The engine's complaint, with the line it names."""
    text = str(error)
    place = _PLACE.search(text)
    if place is None:
        return QueryRefused(f"{text}.")
    expected = text[place.end() :]
    return QueryRefused(f"The query is not valid SPARQL: {expected}.", line=int(place[1]))


def _ask(
    query: Query, store: Store, default: list[NamedNode | DefaultGraph], graphs: Graphs
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Hand the query to the engine, with the graphs that were chosen if any were."""
    base = query.base or None
    if not default and not graphs.named:
        return store.query(query.text, base_iri=base)
    named: list[NamedNode | BlankNode] = [*graphs.named]
    return store.query(query.text, base_iri=base, default_graph=[*default], named_graphs=named)


def _graphs(query: Query) -> Graphs:
    """The graphs of the protocol, or of several FROM, which the engine would count double."""
    if query.default_graphs or query.named_graphs:
        return Graphs(_named(query.default_graphs), _named(query.named_graphs))
    if len(query.from_default) < 2:
        return Graphs()
    return Graphs(_resolved(query, query.from_default), _resolved(query, query.from_named))


def _named(names: Iterable[str]) -> tuple[NamedNode, ...]:
    try:
        return tuple(dict.fromkeys(NamedNode(name) for name in names))
    except ValueError as error:
        raise QueryRefused(f"A graph's name is no IRI: {error}.") from None


def _resolved(query: Query, names: tuple[str, ...]) -> tuple[NamedNode, ...]:
    """Names as the query writes them, resolved by the engine under the query's own prologue."""
    prologue = query.text[: query.prologue_end]
    values = "\n".join(names)
    asked = f"{prologue}\nSELECT * {{ VALUES ?graph {{\n{values}\n}} }}"
    found = Store().query(asked, base_iri=query.base or None)
    assert isinstance(found, QuerySolutions)
    graphs = [solution[0] for solution in found]
    if len(graphs) != len(names):
        raise QueryRefused("The FROM clauses cannot be read; write each as FROM <iri>.")
    return tuple(dict.fromkeys(graph for graph in graphs if isinstance(graph, NamedNode)))


def _triples(found: QueryTriples, query: Query, store: Store, graphs: Graphs) -> tuple[Triple, ...]:
    triples = dict.fromkeys(found)
    if query.form == "DESCRIBE":
        triples = _with_fragments(triples, store, _default_graph(query, graphs))
    return tuple(triples)


def _default_graph(query: Query, graphs: Graphs) -> NamedNode | DefaultGraph:
    """The one that was asked: chosen by the protocol or by FROM, a merge of several, or ours."""
    if graphs.default:
        return graphs.default[0]
    is_chosen = query.default_graphs or query.named_graphs
    if len(query.from_default) == 1 and not is_chosen:
        [graph] = _resolved(query, query.from_default)
        return graph
    return _MERGE


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


def _merged(graphs: Graphs, store: Store, most: int) -> Store:
    """A true merge of the chosen default graphs: each triple once, however many say it."""
    merged = Store()
    left = most
    for graph in dict.fromkeys((*graphs.default, *graphs.named)):
        quads = list(islice(store.quads_for_pattern(None, None, None, graph), left + 1))
        left -= len(quads)
        if left < 0:
            raise QueryRefused(
                f"The chosen graphs hold more than {most:,} triples, too many to merge for one "
                "query. Choose one graph, or query the merge of all graphs."
            )
        if graph in graphs.default:
            merged.extend(Quad(*quad.triple) for quad in quads)
        if graph in graphs.named:
            merged.extend(quads)
    return merged
