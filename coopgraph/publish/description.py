"""Descriptors and counts → the catalogue graph: DCAT 3 descriptions of what is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.journal import CommitInfo, Journal
from coopgraph.namespaces import catalogue_graph, dataset_graph, dataset_iri, iri
from coopgraph.tables.descriptor import Descriptor

FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_FREQUENCY_CODES = {
    "continuous": "CONT",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "biannual": "ANNUAL_2",
    "annual": "ANNUAL",
    "irregular": "IRREG",
    "never": "NEVER",
    "unknown": "UNKNOWN",
}


def catalogue(
    base: str, title: str, journal: Journal, descriptors: Iterable[Descriptor]
) -> list[Triple]:
    """Every triple of the catalogue graph but the store's sequence number."""
    root = NamedNode(f"{base}id/catalogue")
    triples = [
        Triple(root, iri("rdf:type"), iri("dcat:Catalog")),
        Triple(root, iri("dcterms:title"), Literal(title, language="en")),
    ]
    for descriptor in descriptors:
        triples.append(Triple(root, iri("dcat:dataset"), dataset_iri(base, descriptor.slug)))
        loads = [c for c in journal.commits(descriptor.slug) if c.action == "load"]
        counts = journal.counts(descriptor.slug)
        triples.extend(_dataset(base, descriptor, loads, counts))
    return triples


def _dataset(
    base: str, descriptor: Descriptor, loads: list[CommitInfo], counts: dict[str, int]
) -> Iterator[Triple]:
    node = dataset_iri(base, descriptor.slug)
    code = _FREQUENCY_CODES[descriptor.frequency]
    numbers = {
        "coop:recordCount": sum(counts.values()),
        "coop:organizationCount": counts.get(descriptor.main.name, 0),
    }
    yield Triple(node, iri("rdf:type"), iri("dcat:Dataset"))
    yield Triple(node, iri("dcterms:identifier"), Literal(descriptor.slug))
    yield Triple(node, iri("dcterms:title"), Literal(descriptor.title, language="en"))
    yield Triple(node, iri("dcterms:description"), Literal(descriptor.description, language="en"))
    yield Triple(node, iri("dcterms:accrualPeriodicity"), NamedNode(FREQUENCY + code))
    yield Triple(node, iri("dcterms:language"), Literal(descriptor.language))
    yield Triple(node, iri("coop:graph"), dataset_graph(base, descriptor.slug))
    for name, number in numbers.items():
        yield Triple(node, iri(name), Literal(str(number), datatype=iri("xsd:integer")))
    if loads:
        yield Triple(node, iri("dcterms:issued"), _time(loads[0].at))
        yield Triple(node, iri("dcterms:modified"), _time(loads[-1].at))
        if loads[-1].edition:
            yield Triple(node, iri("dcat:version"), Literal(loads[-1].edition))
    if descriptor.licence:
        yield Triple(node, iri("dcterms:license"), NamedNode(descriptor.licence))
    if descriptor.attribution:
        yield Triple(node, iri("dcterms:rights"), Literal(descriptor.attribution, language="en"))
    if descriptor.homepage:
        yield Triple(node, iri("dcat:landingPage"), NamedNode(descriptor.homepage))
    yield from _publisher(node, descriptor)


def _publisher(node: NamedNode, descriptor: Descriptor) -> Iterator[Triple]:
    agent = NamedNode(f"{node.value}#publisher")
    yield Triple(node, iri("dcterms:publisher"), agent)
    yield Triple(agent, iri("rdf:type"), iri("foaf:Agent"))
    yield Triple(agent, iri("foaf:name"), Literal(descriptor.publisher.name))
    if descriptor.publisher.homepage:
        homepage = NamedNode(descriptor.publisher.homepage)
        yield Triple(agent, iri("foaf:homepage"), homepage)


def _time(text: str) -> Literal:
    return Literal(text, datatype=iri("xsd:dateTime"))


def catalogue_name(base: str) -> NamedNode:
    """The name of the catalogue graph."""
    return catalogue_graph(base)
