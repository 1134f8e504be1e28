"""Prefixes, and the names of graphs and things.

The prefix table is the only one in the system: context, Turtle output, queries and pages use
it. Names of things hang off a configurable base (``COOPGRAPH_BASE``); names of the standard
(``COOP``, ``CODE``, ``CROSSWALK``, ``SHAPES``) do not move with it.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

STANDARD = "https://w3id.org/coopgraph/"
COOP = f"{STANDARD}ns#"
SHAPES = f"{STANDARD}shapes#"
CODE = f"{STANDARD}code/"
CROSSWALK = f"{STANDARD}crosswalk/"
ONTOLOGY_GRAPH = NamedNode(f"{STANDARD}ns")
SHAPES_GRAPH = NamedNode(f"{STANDARD}shapes")

PREFIXES: dict[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "code": CODE,
    "coop": COOP,
    "coopsh": SHAPES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "essglobal": "http://purl.org/essglobal/vocab/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "legal": "http://www.w3.org/ns/legal#",
    "locn": "http://www.w3.org/ns/locn#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sdmx-att": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-dim": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-mea": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

VOID = "http://rdfs.org/ns/void#"
VOID_EXTENSION = "http://ldf.fi/void-ext#"

# What documents are written with. The context is made of PREFIXES alone: it is frozen with the
# standard, and a self-description needs two more.
DOCUMENT_PREFIXES: dict[str, str] = {**PREFIXES, "void": VOID, "void-ext": VOID_EXTENSION}


def iri(curie: str) -> NamedNode:
    """The IRI that a compact name stands for.

    >>> iri("skos:prefLabel").value
    'http://www.w3.org/2004/02/skos/core#prefLabel'
    """
    prefix, _, local = curie.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def curie(name: str) -> str:
    """The compact name of an IRI where a prefix fits, else the IRI itself.

    >>> curie("http://www.w3.org/2004/02/skos/core#prefLabel")
    'skos:prefLabel'
    """
    best = max(
        (prefix for prefix, stem in PREFIXES.items() if name.startswith(stem)),
        key=lambda prefix: len(PREFIXES[prefix]),
        default=None,
    )
    return name if best is None else f"{best}:{name[len(PREFIXES[best]) :]}"


def dataset_graph(base: str, dataset: str) -> NamedNode:
    """Graph of what one source asserts."""
    return NamedNode(f"{base}graph/{dataset}")


def catalogue_iri(base: str) -> NamedNode:
    """The catalogue as a thing (``dcat:Catalog``)."""
    return NamedNode(f"{base}id/catalogue")


def catalogue_graph(base: str) -> NamedNode:
    """Graph of DCAT descriptions and of the store's sequence number."""
    return NamedNode(f"{base}graph/catalogue")


def description_graph(base: str) -> NamedNode:
    """Graph of what the graph says about itself: counts, the service, stored queries."""
    return NamedNode(f"{base}graph/description")


def dataset_iri(base: str, dataset: str) -> NamedNode:
    """The dataset as a thing (``dcat:Dataset``)."""
    return NamedNode(f"{base}id/dataset/{dataset}")


def things_stem(base: str) -> str:
    """What the IRIs of organisations, records and datasets begin with."""
    return f"{base}id/"


def records_stem(base: str) -> str:
    """What the IRIs of records begin with."""
    return f"{things_stem(base)}record/"


def record_iri(base: str, dataset: str, key: str) -> NamedNode:
    """One row of one source; ``key`` is already percent-encoded (``tables.records``)."""
    return NamedNode(f"{records_stem(base)}{dataset}/{key}")


def organization_iri(base: str, organization: str) -> NamedNode:
    """An organisation, from its opaque id."""
    return NamedNode(f"{base}id/org/{organization}")
