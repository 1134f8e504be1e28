"""Keep the graph's description of itself up with the store.

In: the store of a commit, and what the operator says of the service. Out: the graph
``{base}graph/description``, whose triples are in the merge as well. It has two parts. What
follows from settings, stored queries and the list of datasets is cheap, and always right. Counts
take a reading of the whole store: they are made anew where that is quick or long ago, and otherwise
left as they are; ``coop:sequence`` says which commit they describe. One description takes the
place of the other in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from coopgraph.journal import CommitInfo
from coopgraph.namespaces import (
    VOID,
    VOID_EXTENSION,
    dataset_graph,
    dataset_iri,
    description_graph,
    iri,
    things_stem,
)
from coopgraph.projection import MERGE
from coopgraph.selfdescription import (
    LINKING,
    Census,
    Described,
    Example,
    Other,
    Question,
    Service,
    between,
    count,
    count_triples,
    document,
    example_triples,
    held_lines,
    lines_of,
    merge,
    number,
    outside,
    void,
)
from coopgraph.store import EmbeddedStore

Counted = Callable[[str], Census | None]

SMALL_TRIPLES = 50_000  # in the merge; up to here counts are made anew at every commit
_QUARTER_HOUR = 900.0
_REST_S = 0.001  # for each triple: counting then takes a few hundredths of the time at most
_FORM = 1  # raised when the same inputs give another description

_TYPE = iri("rdf:type")
_SEQUENCE = iri("coop:sequence")
_MODIFIED = iri("dcterms:modified")
_TYPE_NAME = str(_TYPE).encode()
# The part that is counted is told by its terms.
_COUNTED = (VOID, VOID_EXTENSION, _SEQUENCE.value, _MODIFIED.value)
_COVERS = (
    "Counts of the merge cover the default graph: what the merged datasets say and what follows "
    "from it, the standard with its code lists and crosswalks, and the catalogue; all but this "
    "description itself. Counts of a dataset cover its named graph. Entities are the things whose "
    "IRI begins with void:uriSpace, inner nodes among them; entities of a class are all its "
    "members. coop:sequence names the commit that the counts describe."
)


@dataclass(frozen=True, slots=True)
class Front:
    """What the operator says of the service: its title, the address of its endpoint, whether that
    asks other endpoints, and queries to try.
    """

    title: str
    endpoint: str
    is_federated: bool = False
    queries: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last description says of itself: commit, its time, triples of the merge."""

    sequence: int
    at: datetime
    triples: int

    def is_due(self, last: CommitInfo) -> bool:
        """Whether counts are to be made anew for a later commit."""
        if self.sequence == last.sequence:
            return False
        rest = max(_QUARTER_HOUR, self.triples * _REST_S)
        passed = (datetime.fromisoformat(last.at) - self.at).total_seconds()
        return self.triples <= SMALL_TRIPLES or passed >= rest


class SelfDescription:
    """The description of one store; ``merged`` says of each dataset whether it is in the merge,
    ``graphs`` names the graphs that are no dataset's.
    """

    def __init__(
        self, base: str, front: Front, merged: Mapping[str, bool], graphs: Iterable[NamedNode]
    ) -> None:
        self._base = base
        self._front = front
        self._merged = merged
        self._graphs = tuple(graphs)
        self._graph = description_graph(base)
        # The graph of each dataset, and the dataset.
        self._datasets = {dataset_graph(base, slug): dataset_iri(base, slug) for slug in merged}
        self._service = Service(
            NamedNode(front.endpoint),
            base,
            (*self._datasets, *self._graphs, self._graph),
            front.is_federated,
        )

    @property
    def digest(self) -> str:
        """What the description is made from, but for the commit."""
        inputs = _FORM, self._base, self._front, sorted(self._merged.items()), self._graphs
        return hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]

    def questions(self) -> dict[str, Question]:
        """What is asked of each graph, by its name in a projection."""
        space = things_stem(self._base)
        whole = {MERGE: Question(self._base, LINKING)}
        return whole | {slug: Question(space, LINKING, linked=space) for slug in self._merged}

    def bring_up(
        self,
        store: EmbeddedStore,
        last: CommitInfo,
        counted: Counted = lambda name: None,
        *,
        is_alike: bool,
    ) -> None:
        """Describe what the store shows. ``is_alike``: the inputs are those of the description
        that it holds. ``counted`` gives the census of a graph by name, where there is one.
        """
        told = self._told(store.store)
        is_due = told is None or told.is_due(last)
        if is_alike and not is_due:
            return
        held = held_lines(store.store, self._graph)
        if is_due:
            counts = lines_of(self._counts(store.store, last, held, counted))
        else:
            counts = frozenset(filter(_is_counted, held))
        self._replace(store.store, held, counts | lines_of(self._standing()))

    def _replace(self, store: Store, held: frozenset[bytes], new: frozenset[bytes]) -> None:
        """Put new lines in the place of held ones, all or none; no other graph asserts them."""
        if held <= new:
            quads = parse(b"\n".join(new - held), format=RdfFormat.N_TRIPLES)
            store.extend(self._both(quads))
        else:
            delete, insert = self._data(held - new), self._data(new - held)
            store.update(f"DELETE DATA {{ {delete} }} ; INSERT DATA {{ {insert} }}")

    def _both(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        for quad in quads:
            yield quad
            yield Quad(quad.subject, quad.predicate, quad.object, self._graph)

    def _data(self, lines: Iterable[bytes]) -> str:
        """Lines as data of an update of both graphs."""
        text = b"\n".join(lines).decode()
        return f"{text} GRAPH {self._graph} {{ {text} }}"

    def _told(self, store: Store) -> _Told | None:
        """What the held description says of itself; None where there is none."""
        values = [
            store.quads_for_pattern(subject, path, None, self._graph)
            for subject, path in (
                (document(self._base), _SEQUENCE),
                (document(self._base), _MODIFIED),
                (merge(self._base), void("triples")),
            )
        ]
        found = [quad.object for quads in values for quad in quads]
        if len(found) != len(values):
            return None
        sequence, at, triples = (term.value for term in found if isinstance(term, Literal))
        return _Told(int(sequence), datetime.fromisoformat(at), int(triples))

    # The part that is cheap -----------------------------------------------------------------

    def _standing(self) -> Iterator[Triple]:
        node, whole, endpoint = document(self._base), merge(self._base), self._service.endpoint
        title = Literal(f"What {self._front.title} holds", language="en")
        yield Triple(node, iri("dcterms:title"), title)
        yield Triple(node, iri("dcterms:description"), Literal(_COVERS, language="en"))
        yield Triple(node, iri("foaf:primaryTopic"), whole)
        yield Triple(whole, iri("dcterms:title"), Literal(self._front.title, language="en"))
        for dataset in self._datasets.values():
            yield Triple(node, iri("foaf:topic"), dataset)
        for dataset in (whole, *self._datasets.values()):
            yield Triple(dataset, void("sparqlEndpoint"), endpoint)
        yield from self._service.triples()
        yield from example_triples(self._base, endpoint, self._front.queries)

    # The part that is counted ---------------------------------------------------------------

    def _counts(
        self, store: Store, last: CommitInfo, held: frozenset[bytes], counted: Counted
    ) -> Iterator[Triple]:
        yield from self._document(last)
        asked, whole = self.questions(), DefaultGraph()
        census = counted(MERGE) or count(store, whole, asked[MERGE], besides=held)
        yield from self._described(store, merge(self._base), whole, self._base, census)
        for slug in self._merged:
            graph = dataset_graph(self._base, slug)
            yield from self._dataset(
                store, graph, counted(slug) or count(store, graph, asked[slug])
            )
        for graph in self._graphs:
            yield from self._content(graph, count_triples(store, graph))

    def _document(self, last: CommitInfo) -> Iterator[Triple]:
        """The description as a thing, and which datasets are in the merge."""
        node, sequence = document(self._base), str(last.sequence)
        yield Triple(node, _TYPE, void("DatasetDescription"))
        yield Triple(node, _SEQUENCE, Literal(sequence, datatype=iri("xsd:integer")))
        yield Triple(node, _MODIFIED, Literal(last.at, datatype=iri("xsd:dateTime")))
        for slug, is_merged in self._merged.items():
            if is_merged:
                yield Triple(merge(self._base), void("subset"), dataset_iri(self._base, slug))

    def _dataset(self, store: Store, graph: NamedNode, census: Census) -> Iterator[Triple]:
        node = self._datasets[graph]
        yield from self._described(store, node, graph, things_stem(self._base), census)
        yield from self._content(graph, census.triples)
        others = [
            Other(target, partial(_leads_out, store, graph, other))
            for other, target in self._datasets.items()
            if other != graph
        ]
        yield from between(self._base, node, census.links, others)

    def _described(
        self,
        store: Store,
        node: NamedNode,
        graph: NamedNode | DefaultGraph,
        space: str,
        census: Census,
    ) -> Iterator[Triple]:
        things = store.quads_for_pattern(None, _TYPE, iri("coop:Organization"), graph)
        examples = tuple(q.subject for q in islice(things, 3) if isinstance(q.subject, NamedNode))
        yield from Described(self._base, node, space, census, examples).triples()
        yield from outside(self._base, node, census.links)

    def _content(self, graph: NamedNode, triples: int) -> Iterator[Triple]:
        node = self._service.content(graph)
        yield Triple(node, _TYPE, void("Dataset"))
        yield number(node, "triples", triples)


def _is_counted(line: bytes) -> bool:
    """Whether a line belongs to the part that is counted."""
    _, path, value = line[:-2].split(b" ", 2)
    name = (value if path == _TYPE_NAME else path)[1:-1].decode()
    return name.startswith(_COUNTED) and name != void("sparqlEndpoint").value


def _leads_out(store: Store, graph: NamedNode, other: NamedNode, thing: NamedNode) -> bool:
    """Whether another graph describes a thing that this graph does not."""
    here, there = (
        next(store.quads_for_pattern(thing, None, None, name), None) for name in (graph, other)
    )
    return here is None and there is not None
