"""Write a description in the formats of RDF that the engine serialises.

Turtle, N-Triples and RDF/XML hold the merge's triples. TriG and N-Quads hold them in the default
graph, and beside them each source's statements in its own named graph.
"""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode, Quad
from pyoxigraph import serialize as serialize_rdf

from coopgraph.entity.description import Description
from coopgraph.formats import GraphFormat
from coopgraph.namespaces import PREFIXES

_LAST_PART = re.compile(r"[^/#]*$")


def serialize(description: Description, graph_format: GraphFormat) -> bytes:
    """The document, UTF-8; for JSON-LD see :mod:`coopgraph.entity.jsonld`."""
    rdf = graph_format.rdf
    statements = _by_graph(description) if rdf.supports_datasets else description.triples
    written = serialize_rdf(statements, format=rdf, prefixes=_used_prefixes(description))
    assert written is not None
    return written


def _by_graph(description: Description) -> list[Quad]:
    """The default graph first, then each source's graph in one piece."""
    return sorted(
        description.quads,
        key=lambda quad: (isinstance(quad.graph_name, NamedNode), str(quad.graph_name)),
    )


def _used_prefixes(description: Description) -> dict[str, str]:
    """Only the prefixes that shorten something, so that a small document stays small."""
    names = set()
    for triple in description.triples:
        names.add(triple.predicate.value)
        for term in (triple.subject, triple.object):
            if isinstance(term, NamedNode):
                names.add(term.value)
            elif isinstance(term, Literal):
                names.add(term.datatype.value)
    stems = tuple({_LAST_PART.sub("", name) for name in names})
    return {
        prefix: stem
        for prefix, stem in PREFIXES.items()
        if any(name.startswith(stem) for name in stems)
    }
