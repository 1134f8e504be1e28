"""Read the datasets from the catalogue graph (DCAT 3, https://www.w3.org/TR/vocab-dcat-3/)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode

from coopgraph.namespaces import catalogue_graph, dataset_graph, iri
from coopgraph.rdf import Subject, TripleIndex
from coopgraph.store.snapshots import Snapshot

_FREQUENCIES = {
    "CONT": "continuously",
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL_2": "twice a year",
    "ANNUAL": "yearly",
    "IRREG": "at irregular times",
    "NEVER": "never",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One catalogued dataset. Texts are "" and dates None where the catalogue says nothing."""

    iri: NamedNode
    slug: str
    title: str
    description: str
    licence: str
    publisher: str
    publisher_homepage: str
    landing_page: str
    source: str
    rights: str
    frequency: str
    edition: str
    issued: datetime | None
    modified: datetime | None
    records: int
    organizations: int
    graph: NamedNode


def read_datasets(snapshot: Snapshot) -> dict[str, Dataset]:
    """All datasets by their short name, in the order of their titles."""
    graph = catalogue_graph(snapshot.base)
    quads = snapshot.store.quads_for_pattern(None, None, None, graph)
    index = TripleIndex(quad.triple for quad in quads)
    found = [
        _read(index, subject, snapshot.base)
        for subject in index.subjects(iri("rdf:type"), iri("dcat:Dataset"))
        if isinstance(subject, NamedNode)
    ]
    return {item.slug: item for item in sorted(found, key=lambda item: (item.title, item.slug))}


def _read(index: TripleIndex, subject: NamedNode, base: str) -> Dataset:
    slug = subject.value.removeprefix(f"{base}id/dataset/")
    publisher = index.value(subject, iri("dcterms:publisher"))
    agent = publisher if isinstance(publisher, NamedNode) else subject
    graph = index.value(subject, iri("coop:graph"))
    return Dataset(
        iri=subject,
        slug=slug,
        title=_text(index, subject, "dcterms:title") or slug,
        description=_text(index, subject, "dcterms:description"),
        licence=_text(index, subject, "dcterms:license"),
        publisher=_text(index, agent, "foaf:name"),
        publisher_homepage=_text(index, agent, "foaf:homepage"),
        landing_page=_text(index, subject, "dcat:landingPage"),
        source=_text(index, subject, "dcterms:source"),
        rights=_text(index, subject, "dcterms:rights"),
        frequency=_words(_text(index, subject, "dcterms:accrualPeriodicity")),
        edition=_text(index, subject, "dcat:version"),
        issued=_date(_text(index, subject, "dcterms:issued")),
        modified=_date(_text(index, subject, "dcterms:modified")),
        records=int(_text(index, subject, "coop:recordCount") or 0),
        organizations=int(_text(index, subject, "coop:organizationCount") or 0),
        graph=graph if isinstance(graph, NamedNode) else dataset_graph(base, slug),
    )


def _text(index: TripleIndex, subject: Subject, predicate: str) -> str:
    """The English value, else the first."""
    values = index.objects(subject, iri(predicate))
    english = [v for v in values if isinstance(v, Literal) and v.language == "en"]
    return next((value.value for value in [*english, *values]), "")


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _words(frequency: str) -> str:
    """``…/frequency/ANNUAL`` → ``yearly``; "" where it says nothing."""
    return _FREQUENCIES.get(frequency.rpartition("/")[2], "")
