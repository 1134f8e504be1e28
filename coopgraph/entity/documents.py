"""Write a description in the formats of RDF that the engine serialises.

Turtle, N-Triples and RDF/XML hold the merge's triples. TriG and N-Quads hold them in the default
graph, and beside them each source's statements in its own named graph.
"""

from __future__ import annotations

from pyoxigraph import NamedNode, Quad
from pyoxigraph import serialize as serialize_rdf

from coopgraph.entity.description import Description
from coopgraph.formats import GraphFormat
from coopgraph.rdf import used_prefixes


def serialize(description: Description, graph_format: GraphFormat) -> bytes:
    """The document, UTF-8; for JSON-LD see :mod:`coopgraph.jsonld`."""
    rdf = graph_format.rdf
    statements = _by_graph(description) if rdf.supports_datasets else description.triples
    written = serialize_rdf(statements, format=rdf, prefixes=used_prefixes(description.triples))
    assert written is not None
    return written


def _by_graph(description: Description) -> list[Quad]:
    """The default graph first, then each source's graph in one piece."""
    return sorted(
        description.quads,
        key=lambda quad: (isinstance(quad.graph_name, NamedNode), str(quad.graph_name)),
    )
