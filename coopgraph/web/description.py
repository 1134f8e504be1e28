"""The service description of ``/sparql``, which says what the endpoint can do.

Specification: https://www.w3.org/TR/sparql11-service-description/. Nodes are fragments of the
endpoint's address, never blank.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from coopgraph.entity import Description
from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.namespaces import ONTOLOGY_GRAPH, SHAPES_GRAPH, catalogue_graph, iri
from coopgraph.web.service import Service, View

_TYPE = iri("rdf:type")


def service_description(service: Service, view: View) -> Description:
    """The description as triples."""
    endpoint = NamedNode(service.urls.absolute("/sparql"))
    return Description(endpoint, tuple(_quads(endpoint, service, view)))


def _quads(endpoint: NamedNode, service: Service, view: View) -> Iterator[Quad]:
    dataset = NamedNode(f"{endpoint.value}#dataset")
    yield Quad(endpoint, _TYPE, iri("sd:Service"))
    yield Quad(endpoint, iri("sd:endpoint"), endpoint)
    yield Quad(endpoint, iri("sd:supportedLanguage"), iri("sd:SPARQL11Query"))
    formats = [*(form.results.iri for form in RESULT_FORMATS), *(f.rdf.iri for f in GRAPH_FORMATS)]
    for form in formats:
        yield Quad(endpoint, iri("sd:resultFormat"), NamedNode(form))
    yield Quad(endpoint, iri("sd:defaultDataset"), dataset)
    yield Quad(dataset, _TYPE, iri("sd:Dataset"))
    for name in _graphs(service, view):
        fragment = name.value.rstrip("/").rpartition("/")[2]
        graph = NamedNode(f"{endpoint.value}#graph-{fragment}")
        yield Quad(dataset, iri("sd:namedGraph"), graph)
        yield Quad(graph, _TYPE, iri("sd:NamedGraph"))
        yield Quad(graph, iri("sd:name"), name)


def _graphs(service: Service, view: View) -> Iterator[NamedNode]:
    for dataset in view.datasets.values():
        yield dataset.graph
    yield catalogue_graph(view.snapshot.base)
    yield ONTOLOGY_GRAPH
    yield SHAPES_GRAPH
    for code_list in service.standard.code_lists.values():
        yield code_list.iri
