"""Read what the graph says it holds, for people: the counts of its self-description (VoID).

In: a snapshot. Out: :class:`Holdings`. A few hundred look-ups; the partitions inside classes are
for programs, and not read. Specification: https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode

from coopgraph.namespaces import description_graph, iri
from coopgraph.selfdescription import document, merge, void
from coopgraph.store.snapshots import Snapshot

Counts = tuple[tuple[NamedNode, int], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of a dataset, or of the merge; classes and properties with the most used first."""

    node: NamedNode
    triples: int
    entities: int
    classes: Counts
    properties: Counts


@dataclass(frozen=True, slots=True)
class Links:
    """Links from one dataset to another, or to things whose names begin with ``space``."""

    source: NamedNode
    target: NamedNode
    space: str
    path: NamedNode
    triples: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the graph held when it was counted, after the commit ``sequence``."""

    sequence: int
    modified: datetime
    merge: Counted
    datasets: tuple[Counted, ...]
    links: tuple[Links, ...]


def read_holdings(snapshot: Snapshot) -> Holdings | None:
    """What is held; None where no description was published."""
    read = _Reader(snapshot)
    about = document(snapshot.base)
    sequence = read.number(about, iri("coop:sequence"))
    if not sequence:
        return None
    datasets = sorted(read.nodes(about, iri("foaf:topic")), key=str)
    sources = [merge(snapshot.base), *datasets]
    return Holdings(
        sequence=sequence,
        modified=datetime.fromisoformat(read.text(about, iri("dcterms:modified"))),
        merge=read.counted(merge(snapshot.base)),
        datasets=tuple(read.counted(node) for node in datasets),
        links=tuple(links for source in sources for links in read.links(source)),
    )


class _Reader:
    """Looks things up in the description."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._store = snapshot.store
        self._graph = description_graph(snapshot.base)

    def values(self, node: NamedNode, path: NamedNode) -> Iterator[NamedNode | Literal]:
        for quad in self._store.quads_for_pattern(node, path, None, self._graph):
            if isinstance(quad.object, NamedNode | Literal):
                yield quad.object

    def nodes(self, node: NamedNode, path: NamedNode) -> Iterator[NamedNode]:
        return (value for value in self.values(node, path) if isinstance(value, NamedNode))

    def text(self, node: NamedNode, path: NamedNode) -> str:
        return next((value.value for value in self.values(node, path)), "")

    def number(self, node: NamedNode, path: NamedNode) -> int:
        return int(self.text(node, path) or 0)

    def counted(self, node: NamedNode) -> Counted:
        return Counted(
            node,
            self.number(node, void("triples")),
            self.number(node, void("entities")),
            self._parts(node, "class", "entities"),
            self._parts(node, "property", "triples"),
        )

    def links(self, source: NamedNode) -> list[Links]:
        found = [
            self._links(source, node)
            for node in self.nodes(source, void("subset"))
            if self.text(node, void("linkPredicate"))
        ]
        return sorted(found, key=lambda links: (-links.triples, links.space, links.path.value))

    def _links(self, source: NamedNode, node: NamedNode) -> Links:
        target = NamedNode(self.text(node, void("objectsTarget")))
        return Links(
            source,
            target,
            self.text(target, void("uriSpace")),
            NamedNode(self.text(node, void("linkPredicate"))),
            self.number(node, void("triples")),
        )

    def _parts(self, node: NamedNode, kind: str, count: str) -> Counts:
        found = [
            (name, self.number(part, void(count)))
            for part in self.nodes(node, void(f"{kind}Partition"))
            for name in self.nodes(part, void(kind))
        ]
        return tuple(sorted(found, key=lambda item: (-item[1], item[0].value)))
