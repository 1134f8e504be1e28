"""The service description of ``/sparql``, which says what the endpoint can do.

In: the running service and the current snapshot. Out: the same triples as the graph holds about
the endpoint, at the address where it really is, and with the counts of whole graphs. Partitions
stay out: a client that plans by them takes what they do not list for nothing, and they may be
older than the data. Specification: https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad

from coopgraph.entity import Description
from coopgraph.namespaces import description_graph, iri
from coopgraph.selfdescription import Service, merge, void
from coopgraph.web.service import Service as Running
from coopgraph.web.service import View

_COUNTS = (void("triples"), void("entities"), void("distinctSubjects"))


def service_description(service: Running, view: View) -> Description:
    """The description as triples."""
    described = _service(service, view)
    triples = described.triples()
    quads = [Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples]
    return Description(described.endpoint, (*quads, *_counts(described, view)))


def _service(service: Running, view: View) -> Service:
    return Service(
        NamedNode(service.urls.absolute("/sparql")),
        view.snapshot.base,
        tuple(g for g in view.snapshot.store.named_graphs() if isinstance(g, NamedNode)),
        is_federated=bool(service.settings.services),
    )


def _counts(described: Service, view: View) -> Iterator[Quad]:
    """How much there is in the default graph and in each named graph, as last counted."""
    graph = description_graph(view.snapshot.base)
    for node in (merge(view.snapshot.base), *map(described.content, described.graphs)):
        found = [
            quad.triple
            for path in _COUNTS
            for quad in view.snapshot.store.quads_for_pattern(node, path, None, graph)
        ]
        if found:
            yield Quad(node, iri("rdf:type"), void("Dataset"), DefaultGraph())
        for triple in found:
            yield Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())
