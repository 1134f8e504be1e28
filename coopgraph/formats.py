"""One table of media type ↔ extension ↔ serialiser, for graphs and for query results.

Graph formats follow ``docs/http.md``; the serialisers are pyoxigraph's, except JSON-LD, which
pyoxigraph writes only expanded and which ``entity`` therefore writes itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A way to write triples or quads; ``rdf`` is the engine's serialiser."""

    name: str
    media_type: str
    extension: str
    rdf: RdfFormat
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """A way to write the answer of a SELECT or ASK query."""

    name: str
    media_type: str
    extension: str
    results: QueryResultsFormat
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnFormat:
    """What the answer of a SELECT query can be made into beside the engine's own formats."""

    name: str
    media_type: str
    extension: str
    aliases: tuple[str, ...] = ()


# In the order in which ties without q-values are settled (``*/*`` is settled by the caller).
GRAPH_FORMATS: tuple[GraphFormat, ...] = (
    GraphFormat(
        "Turtle",
        "text/turtle",
        "ttl",
        RdfFormat.TURTLE,
        ("application/turtle", "application/x-turtle", "text/n3", "text/rdf+n3"),
    ),
    GraphFormat(
        "JSON-LD", "application/ld+json", "jsonld", RdfFormat.JSON_LD, ("application/json",)
    ),
    # rdflib still asks for N-Triples by the type it had at first.
    GraphFormat("N-Triples", "application/n-triples", "nt", RdfFormat.N_TRIPLES, ("text/plain",)),
    GraphFormat("N-Quads", "application/n-quads", "nq", RdfFormat.N_QUADS, ("text/x-nquads",)),
    GraphFormat("TriG", "application/trig", "trig", RdfFormat.TRIG, ("application/x-trig",)),
    GraphFormat("RDF/XML", "application/rdf+xml", "rdf", RdfFormat.RDF_XML, ("application/xml",)),
)

RESULT_FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat(
        "JSON",
        "application/sparql-results+json",
        "json",
        QueryResultsFormat.JSON,
        ("application/json", "text/json"),
    ),
    ResultFormat(
        "XML",
        "application/sparql-results+xml",
        "xml",
        QueryResultsFormat.XML,
        ("application/xml", "text/xml"),
    ),
    ResultFormat("CSV", "text/csv", "csv", QueryResultsFormat.CSV),
    ResultFormat("TSV", "text/tab-separated-values", "tsv", QueryResultsFormat.TSV),
)

GEOJSON = DrawnFormat("GeoJSON", "application/geo+json", "geojson", ("application/vnd.geo+json",))
CHART = DrawnFormat("Chart (SVG)", "image/svg+xml", "svg")


def result_format(extension: str) -> ResultFormat | None:
    """The format of query results of a file extension (without the dot), if we serve it."""
    return next((f for f in RESULT_FORMATS if f.extension == extension), None)


def graph_format(extension: str) -> GraphFormat | None:
    """The graph format of a file extension (without the dot), if we serve it.

    >>> graph_format("ttl").media_type
    'text/turtle'
    """
    return next((f for f in GRAPH_FORMATS if f.extension == extension), None)
