"""Gather what a snapshot says about one thing.

A description holds, of the merge: the thing's own triples; those of its fragments
(``iri#address-…``), at any depth; the records it rests on, with each dataset's title, licence
and date; and the names of everything that is referred to. Beside each triple it keeps the named
graphs that assert it. (Architecture, “Identity”: a description of an organisation contains its
fragments.)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from coopgraph.iris import near_ids
from coopgraph.namespaces import iri, organization_iri
from coopgraph.rdf import Term, TripleIndex
from coopgraph.standard.alignments import Restatements
from coopgraph.store.snapshots import Snapshot

_MERGE = DefaultGraph()
_NAME = iri("skos:prefLabel")
_LABEL = iri("rdfs:label")
_REPLACED = iri("dcterms:isReplacedBy")
_ABOUT = iri("foaf:primaryTopic")
_DATASET = iri("dcterms:isPartOf")
_TYPE = iri("rdf:type")
_BROADER = iri("skos:broader")
_MEMBER_OF = iri("org:organization")
# What a source is cited with.
_CITATION = (iri("dcterms:title"), iri("dcterms:license"), iri("dcterms:modified"))


@dataclass(frozen=True)
class Description:
    """All quads about ``iri``: those of the merge in the default graph, and those that sources
    assert in their named graphs. Triples stand in a fixed order, the thing's own first.
    """

    iri: NamedNode
    quads: tuple[Quad, ...]

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """What the merge says."""
        return tuple(quad.triple for quad in self.quads if quad.graph_name == _MERGE)

    @cached_property
    def index(self) -> TripleIndex:
        """The triples of the merge by subject and predicate."""
        return TripleIndex(self.triples)

    @cached_property
    def sources(self) -> dict[Triple, tuple[NamedNode, ...]]:
        """Triple → the named graphs that assert it. A triple that is missing is inferred."""
        found: dict[Triple, list[NamedNode]] = {}
        for quad in self.quads:
            if isinstance(quad.graph_name, NamedNode):
                found.setdefault(quad.triple, []).append(quad.graph_name)
        return {
            triple: tuple(sorted(graphs, key=lambda graph: graph.value))
            for triple, graphs in found.items()
        }

    def fragments(self) -> Iterator[NamedNode]:
        """The inner nodes, in the order found."""
        prefix = f"{self.iri.value}#"
        for subject in self.index.by_subject:
            if isinstance(subject, NamedNode) and subject.value.startswith(prefix):
                yield subject


class Names:
    """Remembers names that many descriptions refer to, such as those of codes, and how datasets
    are cited.

    One belongs to one snapshot, which never changes; threads may share it.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._known: dict[tuple[NamedNode, NamedNode], tuple[Quad, ...]] = {}

    def of(
        self, store: Store, node: NamedNode, predicates: Iterable[NamedNode] = (_NAME,)
    ) -> Iterator[Quad]:
        """Quads of a node in the merge: of skos:prefLabel, or of the predicates given."""
        for predicate in predicates:
            found = self._known.get((node, predicate))
            if found is None:
                found = tuple(store.quads_for_pattern(node, predicate, None, _MERGE))
                if len(self._known) < self._most:
                    self._known[node, predicate] = found
            yield from found


def describe(
    snapshot: Snapshot,
    thing: NamedNode,
    *,
    names: Names | None = None,
    with_sources: bool = True,
    most_nodes: int | None = None,
    restatements: Restatements | None = None,
) -> Description | None:
    """The description of a thing, or None where the merge says nothing about it.

    ``with_sources=False`` leaves the named graphs out, for documents that show the merge alone:
    half the work. ``names`` saves looking up the same labels again and again. ``most_nodes``
    describes at most so many inner nodes of one property, and so many records, for a page that
    shows only the first of them; that there are more stays visible in the thing's own triples.
    ``restatements`` are left out: what alignments say again in other vocabularies' words.
    """
    store, names = snapshot.store, names or Names()
    graph = None if with_sources else _MERGE
    quads = _own_quads(store, thing, graph, most_nodes)
    if not any(quad.graph_name == _MERGE for quad in quads):
        return None
    about = list(store.quads_for_pattern(None, _ABOUT, thing, _MERGE))
    about.sort(key=lambda quad: str(quad.subject))
    for quad in about[:most_nodes]:
        quads.extend(store.quads_for_pattern(quad.subject, None, None, graph))
    narrower = list(store.quads_for_pattern(None, _BROADER, thing, _MERGE))
    citations = list(_citations(store, names, quads, thing))
    labels = _names(store, names, thing, quads, [quad.subject for quad in narrower])
    whole = dict.fromkeys([*quads, *about, *citations, *narrower, *labels])
    return Description(thing, tuple(_news(whole, restatements) if restatements else whole))


def _news(quads: Iterable[Quad], restatements: Restatements) -> Iterator[Quad]:
    """The quads that are no restatements."""
    known = list(quads)
    types: dict[object, list[Term]] = defaultdict(list)
    beside: dict[object, set[NamedNode]] = defaultdict(set)
    for quad in known:
        beside[quad.subject, quad.object].add(quad.predicate)
        if quad.predicate == _TYPE and not isinstance(quad.object, Triple):
            types[quad.subject].append(quad.object)
    for quad in known:
        others = beside[quad.subject, quad.object]
        if not restatements.restates(quad.predicate, types[quad.subject], others):
            yield quad


def describe_graph(snapshot: Snapshot, graph: NamedNode) -> Description | None:
    """A whole named graph as one document, such as the ontology or a code list."""
    found = sorted(snapshot.store.quads_for_pattern(None, None, None, graph), key=_document_order)
    if not found:
        return None
    merge = [Quad(quad.subject, quad.predicate, quad.object) for quad in found]
    return Description(graph, (*merge, *found))


def exists(snapshot: Snapshot, thing: NamedNode) -> bool:
    """Whether the merge says anything about a thing."""
    return next(snapshot.store.quads_for_pattern(thing, None, None, _MERGE), None) is not None


def successor(snapshot: Snapshot, thing: NamedNode) -> NamedNode | None:
    """What a thing was merged into, at the end of the chain; None for one that was not."""
    found: NamedNode | None = None
    seen = {thing}
    while True:
        quads = snapshot.store.quads_for_pattern(found or thing, _REPLACED, None, _MERGE)
        new = next((quad.object for quad in quads), None)
        if not isinstance(new, NamedNode) or new in seen:
            return found
        seen.add(new)
        found = new


def label(snapshot: Snapshot, thing: NamedNode, language: str = "en") -> str:
    """Its name in the language, else in any, else the last part of its IRI."""
    for predicate in (_NAME, _CITATION[0], _LABEL):
        quads = snapshot.store.quads_for_pattern(thing, predicate, None, _MERGE)
        text = best_text((q.object for q in quads if isinstance(q.object, Literal)), language)
        if text:
            return text
    return thing.value.rstrip("/").rpartition("/")[2]


def best_text(values: Iterable[Literal], language: str = "en") -> str:
    """The text in that language, else without language, else the first by tag ("" if none)."""
    ranked = sorted(
        values,
        key=lambda value: (value.language != language, value.language or "", value.value),
    )
    return ranked[0].value if ranked else ""


def near_organizations(snapshot: Snapshot, text: str, most: int = 3) -> list[str]:
    """Ids of organisations that exist and that a slip of typing could have made ``text``."""
    found = []
    for candidate in near_ids(text):
        if exists(snapshot, organization_iri(snapshot.base, candidate)):
            found.append(candidate)
            if len(found) == most:
                break
    return found


def members(snapshot: Snapshot, organization: NamedNode) -> list[NamedNode]:
    """The organisations that have a membership of it, in the order of their IRIs."""
    found = {
        NamedNode(quad.subject.value.partition("#")[0])
        for quad in snapshot.store.quads_for_pattern(None, _MEMBER_OF, organization, _MERGE)
        if isinstance(quad.subject, NamedNode)
    }
    return sorted(found, key=lambda node: node.value)


def _own_quads(
    store: Store, thing: NamedNode, graph: DefaultGraph | None, most: int | None
) -> list[Quad]:
    """Quads of the thing and, at any depth, of its fragments, in one graph or in all."""
    prefix = f"{thing.value}#"
    quads: list[Quad] = []
    waiting: list[NamedNode | BlankNode] = [thing]
    seen: set[NamedNode | BlankNode] = {thing}
    taken: Counter[tuple[NamedNode | BlankNode, NamedNode]] = Counter()
    for node in waiting:
        for quad in store.quads_for_pattern(node, None, None, graph):
            quads.append(quad)
            value = quad.object
            if value in seen:
                continue
            is_fragment = isinstance(value, NamedNode) and value.value.startswith(prefix)
            if is_fragment or isinstance(value, BlankNode):
                assert isinstance(value, NamedNode | BlankNode)
                taken[node, quad.predicate] += 1
                if most is None or taken[node, quad.predicate] <= most:
                    seen.add(value)
                    waiting.append(value)
    return quads


def _citations(store: Store, names: Names, quads: list[Quad], thing: NamedNode) -> Iterator[Quad]:
    datasets = {quad.object for quad in quads if quad.predicate == _DATASET} - {thing}
    for dataset in sorted(datasets, key=str):
        if isinstance(dataset, NamedNode):
            yield from names.of(store, dataset, _CITATION)


def _names(
    store: Store,
    names: Names,
    thing: NamedNode,
    quads: list[Quad],
    narrower: Iterable[NamedNode | BlankNode | Triple],
) -> Iterator[Quad]:
    """skos:prefLabel of each thing that is referred to and not described here."""
    described = {quad.subject for quad in quads}
    own = f"{thing.value}#"
    referred = [quad.object for quad in quads if quad.predicate != _TYPE]
    for node in dict.fromkeys([*referred, *narrower]):
        if not isinstance(node, NamedNode) or node in described:
            continue
        if not node.value.startswith(own):
            yield from names.of(store, node)


def _document_order(quad: Quad) -> tuple[bool, str, str, str]:
    blank = isinstance(quad.subject, BlankNode)
    return (blank, str(quad.subject), str(quad.predicate), str(quad.object))
