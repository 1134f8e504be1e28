"""Descriptors and counts → the catalogue graph: DCAT 3 descriptions of what is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.journal import Journal
from coopgraph.namespaces import catalogue_iri, dataset_graph, dataset_iri, iri, organization_iri
from coopgraph.tables.descriptor import About

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


def catalogue(base: str, title: str, journal: Journal, datasets: Iterable[About]) -> list[Triple]:
    """Every triple of the catalogue graph but the store's sequence number."""
    root = catalogue_iri(base)
    triples = [
        Triple(root, iri("rdf:type"), iri("dcat:Catalog")),
        Triple(root, iri("dcterms:title"), Literal(title, language="en")),
    ]
    for about in datasets:
        triples.append(Triple(root, iri("dcat:dataset"), dataset_iri(base, about.slug)))
        triples.extend(dataset_triples(base, about, journal))
    for old, new in journal.redirects().items():
        names = organization_iri(base, old), organization_iri(base, new)
        triples.append(Triple(names[0], iri("dcterms:isReplacedBy"), names[1]))
    return triples


def _numbers(journal: Journal, dataset: str) -> dict[str, int]:
    return {
        "coop:recordCount": sum(journal.counts(dataset).values()),
        "coop:organizationCount": journal.count_organizations(dataset),
    }


def dataset_triples(base: str, about: About, journal: Journal) -> Iterator[Triple]:
    """What the catalogue says of one dataset, as of the journal's last commit."""
    node = dataset_iri(base, about.slug)
    code = _FREQUENCY_CODES[about.frequency]
    yield Triple(node, iri("rdf:type"), iri("dcat:Dataset"))
    yield Triple(node, iri("dcterms:identifier"), Literal(about.slug))
    yield Triple(node, iri("dcterms:title"), Literal(about.title, language="en"))
    yield Triple(node, iri("dcterms:description"), Literal(about.description, language="en"))
    yield Triple(node, iri("dcterms:accrualPeriodicity"), NamedNode(FREQUENCY + code))
    yield Triple(node, iri("dcterms:language"), Literal(about.language))
    yield Triple(node, iri("coop:graph"), dataset_graph(base, about.slug))
    for name, number in _numbers(journal, about.slug).items():
        yield Triple(node, iri(name), Literal(str(number), datatype=iri("xsd:integer")))
    load, last = journal.last_load(about.slug), journal.last_commit(about.slug)
    issued = journal.first_time(about.slug)
    if load and last and issued:  # never loaded is never described
        yield Triple(node, iri("dcterms:issued"), _time(issued))
        yield Triple(node, iri("dcterms:modified"), _time(last.at))
        if load.edition:
            yield Triple(node, iri("dcat:version"), Literal(load.edition))
    if about.licence:
        yield Triple(node, iri("dcterms:license"), NamedNode(about.licence))
    if about.attribution:
        yield Triple(node, iri("dcterms:rights"), Literal(about.attribution, language="en"))
    if about.homepage:
        yield Triple(node, iri("dcat:landingPage"), NamedNode(about.homepage))
    yield from _publisher(node, about)


def _publisher(node: NamedNode, about: About) -> Iterator[Triple]:
    agent = NamedNode(f"{node.value}#publisher")
    yield Triple(node, iri("dcterms:publisher"), agent)
    yield Triple(agent, iri("rdf:type"), iri("foaf:Agent"))
    yield Triple(agent, iri("foaf:name"), Literal(about.publisher.name))
    if about.publisher.homepage:
        homepage = NamedNode(about.publisher.homepage)
        yield Triple(agent, iri("foaf:homepage"), homepage)


def _time(text: str) -> Literal:
    return Literal(text, datatype=iri("xsd:dateTime"))
