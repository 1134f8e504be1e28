"""The standard as quads: each of its parts in a graph of its own; and back.

In: a :class:`~coopgraph.standard.model.Standard`. Out: quads as the store holds them, and N-Quads
from which the same standard is read again, which is how the journal keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from coopgraph.namespaces import CODE, CROSSWALK, ONTOLOGY_GRAPH, SHAPES_GRAPH
from coopgraph.standard.crosswalks import direct_triples
from coopgraph.standard.model import Standard
from coopgraph.standard.reading import make_standard


def graphs_of(standard: Standard) -> Iterator[tuple[NamedNode, Sequence[Triple]]]:
    """Its graphs: the ontology, the shapes, each code list, each crosswalk."""
    yield ONTOLOGY_GRAPH, standard.ontology
    yield SHAPES_GRAPH, standard.shapes
    yield from standard.codes.items()
    yield from standard.mappings.items()


def published_quads(standard: Standard) -> Iterator[Quad]:
    """What the store holds of it: its graphs, all of that in the merge, and what crosswalks amount
    to, which is inferred and so in the merge alone.
    """
    for graph, triples in graphs_of(standard):
        yield from in_graph_and_merge(triples, graph)
    crosswalks = standard.crosswalks.values() if standard.mappings else ()
    for triple in direct_triples(crosswalks):
        yield _quad(triple, DefaultGraph())


def in_graph_and_merge(triples: Iterable[Triple], graph: NamedNode) -> Iterator[Quad]:
    """Each triple in a graph and in the merge."""
    for triple in triples:
        yield _quad(triple, graph)
        yield _quad(triple, DefaultGraph())


def to_nquads(standard: Standard) -> bytes:
    """Its graphs, in the order of their triples, on which that of tables and pages rests."""
    quads = (_quad(triple, graph) for graph, triples in graphs_of(standard) for triple in triples)
    written = serialize(quads, format=RdfFormat.N_QUADS)
    assert written is not None
    return written


def from_nquads(content: bytes, digest: str) -> Standard:
    """The standard of that digest, from what :func:`to_nquads` gave. Raises SyntaxError where it is
    damaged, ShapeError where this version of coopgraph cannot read it.
    """
    found: dict[NamedNode, list[Triple]] = defaultdict(list)
    for quad in parse(content, format=RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, NamedNode):
            found[quad.graph_name].append(quad.triple)
    codes, mappings = (
        {name: tuple(held) for name, held in found.items() if name.value.startswith(stem)}
        for stem in (CODE, CROSSWALK)
    )
    return make_standard(found[ONTOLOGY_GRAPH], found[SHAPES_GRAPH], codes, digest, mappings)


def _quad(triple: Triple, graph: NamedNode | DefaultGraph) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)
