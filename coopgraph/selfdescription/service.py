"""The service description of the SPARQL endpoint: what it understands, answers and holds.

In: the endpoint's address, and names of graphs. Out: triples, the same for ``/sparql`` without a
query and for the graph itself. The service goes by the address of the endpoint: clients look for
it there. Specification: https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.namespaces import PREFIXES, iri
from coopgraph.selfdescription.names import document, inner, merge

# Functions of GeoSPARQL that the engine computes; tests try each.
_RELATIONS = (
    "sfEquals sfDisjoint sfIntersects sfTouches sfCrosses sfWithin sfContains sfOverlaps "
    "ehEquals ehDisjoint ehMeet ehOverlap ehCovers ehCoveredBy ehInside ehContains "
    "rcc8eq rcc8dc rcc8ec rcc8po rcc8tppi rcc8tpp rcc8ntpp rcc8ntppi relate"
)
_MEASURES = "distance length perimeter area"
_PROPERTIES = "coordinateDimension dimension spatialDimension getSRID isEmpty isSimple asGeoJSON"
_SHAPES = "centroid convexHull difference envelope intersection symDifference union"
FUNCTIONS = tuple(
    f"{PREFIXES['geof']}{name}"
    for names in (_MEASURES, _RELATIONS, _PROPERTIES, _SHAPES)
    for name in names.split()
)

_TYPE = iri("rdf:type")
_FULL_TEXT = iri("coop:search")


@dataclass(frozen=True, slots=True)
class Service:
    """An endpoint: its address, what names of things begin with, the named graphs it holds, and
    whether it asks other endpoints (``SERVICE``).
    """

    endpoint: NamedNode
    base: str
    graphs: tuple[NamedNode, ...]
    is_federated: bool = False

    def triples(self) -> Iterator[Triple]:
        """The description."""
        yield Triple(self.endpoint, _TYPE, iri("sd:Service"))
        for name, values in self._abilities():
            for value in values:
                yield Triple(self.endpoint, iri(name), value)
        for function in FUNCTIONS:
            yield Triple(NamedNode(function), _TYPE, iri("sd:Function"))
        yield Triple(_FULL_TEXT, _TYPE, iri("sd:Feature"))
        yield from self._dataset()

    def content(self, graph: NamedNode) -> NamedNode:
        """The node that stands for what a named graph holds, and has its counts."""
        return inner(self.base, "content", graph.value)

    def _abilities(self) -> Iterator[tuple[str, Iterable[NamedNode]]]:
        yield "sd:endpoint", [self.endpoint]
        yield "sd:supportedLanguage", [iri("sd:SPARQL11Query")]
        yield "sd:resultFormat", [NamedNode(form.results.iri) for form in RESULT_FORMATS]
        yield "sd:resultFormat", [NamedNode(form.rdf.iri) for form in GRAPH_FORMATS]
        yield "sd:extensionFunction", map(NamedNode, FUNCTIONS)
        yield "sd:propertyFeature", [_FULL_TEXT]
        yield "sd:feature", [iri("sd:BasicFederatedQuery")] if self.is_federated else []
        yield "sd:defaultDataset", [self._node]
        yield "sd:availableGraphs", [self._node]
        yield "rdfs:seeAlso", [document(self.base)]

    @property
    def _node(self) -> NamedNode:
        return inner(self.base, "dataset")

    def _dataset(self) -> Iterator[Triple]:
        """The default graph, and each named graph with what it holds."""
        yield Triple(self._node, _TYPE, iri("sd:Dataset"))
        yield Triple(self._node, iri("sd:defaultGraph"), merge(self.base))
        yield Triple(merge(self.base), _TYPE, iri("sd:Graph"))
        for name in sorted(self.graphs, key=str):
            graph = inner(self.base, "graph", name.value)
            yield Triple(self._node, iri("sd:namedGraph"), graph)
            yield Triple(graph, _TYPE, iri("sd:NamedGraph"))
            yield Triple(graph, iri("sd:name"), name)
            yield Triple(graph, iri("sd:graph"), self.content(name))
            yield Triple(self.content(name), _TYPE, iri("sd:Graph"))
