"""An organisation that no source lists any more, as a page or as data.

In: when it was last listed. Out: a document that says so. Of the organisation itself the data say
no more than its id, what once was said of it (``skos:historyNote``) and where its history is; of
each record, that it is not valid since the commit that no longer had it. Specification:
https://www.w3.org/TR/prov-o/#invalidatedAtTime
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import unquote

from flask import render_template
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from coopgraph.entity import Description
from coopgraph.history import Departure, LastListed
from coopgraph.namespaces import dataset_iri, iri, organization_iri, record_iri
from coopgraph.web.documents import Document, downloads
from coopgraph.web.facts import date_text
from coopgraph.web.responses import Link
from coopgraph.web.service import service, view

_CITATION = ("dcterms:title", "dcterms:license", "dcterms:modified")


@dataclass(frozen=True)
class Left:
    """A dataset that listed it: its title and page, its key for it, and the two commits."""

    title: str
    href: str
    key: str
    departure: Departure
    listed: datetime
    gone: datetime


def document(found: LastListed) -> Document:
    """The document about it."""
    thing = organization_iri(view().snapshot.base, found.organization)
    return Document(
        path=f"/org/{found.organization}",
        describe=partial(_describe, found, thing),
        page=partial(_page, found, thing),
        links=[Link(thing.value, "cite-as"), Link(_history(found), "version-history")],
    )


def _history(found: LastListed) -> str:
    return service().urls.absolute(f"/history/org/{found.organization}")


def _describe(found: LastListed, thing: NamedNode, with_sources: bool) -> Description:
    return Description(thing, tuple(_quads(found, thing)))


def _quads(found: LastListed, thing: NamedNode) -> Iterator[Quad]:
    yield Quad(thing, iri("dcterms:identifier"), Literal(found.organization))
    yield Quad(thing, iri("rdfs:seeAlso"), NamedNode(_history(found)))
    base = view().snapshot.base
    for departure in found.departures:
        note = Literal(_note(found, departure), language="en")
        yield Quad(thing, iri("skos:historyNote"), note)
        record = record_iri(base, departure.dataset, departure.key)
        dataset = dataset_iri(base, departure.dataset)
        since = Literal(departure.gone.at, datatype=iri("xsd:dateTime"))
        yield Quad(record, iri("rdf:type"), iri("coop:Record"))
        yield Quad(record, iri("foaf:primaryTopic"), thing)
        yield Quad(record, iri("dcterms:isPartOf"), dataset)
        yield Quad(record, iri("dcterms:identifier"), Literal(departure.key))
        yield Quad(record, iri("prov:invalidatedAtTime"), since)
    for dataset in {dataset_iri(base, departure.dataset) for departure in found.departures}:
        for path in _CITATION:
            store = view().snapshot.store
            yield from store.quads_for_pattern(dataset, iri(path), None, DefaultGraph())


def _note(found: LastListed, departure: Departure) -> str:
    left = _left(departure)
    name = f" as “{found.name}”" if found.name else ""
    last = _edition(departure.listed.edition, left.listed)
    gone = _edition(departure.gone.edition, left.gone)
    return f"{left.title} last listed it{name} in {last}, and no longer in {gone}."


def _edition(edition: str, at: datetime) -> str:
    loaded = f"loaded on {date_text(at.isoformat())}"
    return f"edition {edition}, {loaded}" if edition else f"what was {loaded}"


def lefts(found: LastListed) -> list[Left]:
    """The datasets that listed it, the latest first."""
    return [_left(departure) for departure in found.departures]


def _left(departure: Departure) -> Left:
    known = view().datasets.get(departure.dataset)
    return Left(
        title=known.title if known else departure.dataset,
        href=service().urls.link(f"/dataset/{departure.dataset}") if known else "",
        key=unquote(departure.key),
        departure=departure,
        listed=datetime.fromisoformat(departure.listed.at),
        gone=datetime.fromisoformat(departure.gone.at),
    )


def _page(found: LastListed, thing: NamedNode) -> str:
    return render_template(
        "unlisted.html",
        thing=thing,
        found=found,
        lefts=lefts(found),
        history=service().urls.link(f"/history/org/{found.organization}"),
        downloads=downloads(f"/org/{found.organization}"),
    )
