"""``/dataset/{slug}``, ``/catalog`` and ``/licences``: what is published, by whom, under what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, render_template
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as BaseResponse

from coopgraph.catalogue import Dataset
from coopgraph.entity import Description, describe_graph
from coopgraph.history import dataset_version
from coopgraph.licences import licence_name
from coopgraph.namespaces import catalogue_graph, iri
from coopgraph.web.documents import Document, Form, answer, downloads, find_form, form_named
from coopgraph.web.errors import NotFound
from coopgraph.web.mementos import Timeline, versioned
from coopgraph.web.responses import Link
from coopgraph.web.service import service, view

blueprint = Blueprint("datasets", __name__)

_LICENSING = tuple(
    map(
        iri,
        (
            "rdf:type",
            "dcterms:title",
            "dcterms:license",
            "dcterms:rights",
            "dcterms:publisher",
            "foaf:name",
            "foaf:homepage",
        ),
    )
)


@dataclass(frozen=True)
class Licence:
    """A licence and the datasets under it."""

    name: str
    href: str
    datasets: tuple[Dataset, ...]


@blueprint.get("/dataset/<name>")
def dataset(name: str) -> BaseResponse:
    """One dataset."""
    name, form = find_form(name, lambda slug: slug in view().datasets)
    timeline = Timeline(
        lambda lookups: lookups.first_catalogued(name),
        lambda lookups, version: dataset_version(lookups, version, name),
    )
    return versioned(timeline, partial(_answer, name, form))


def _answer(name: str, form: Form | None) -> Response:
    found = view().datasets.get(name)
    if found is None:
        raise NotFound(f"There is no dataset “{name}”.", ["/catalog"])
    links = [
        Link(found.iri.value, "cite-as"),
        Link(service().urls.absolute("/catalog"), "collection"),
        Link(service().urls.absolute(f"/history/dataset/{name}"), "version-history"),
    ]
    if found.licence:
        links.append(Link(found.licence, "license"))
    return answer(
        Document(
            f"/dataset/{name}", partial(_describe, found.iri), partial(_page, found), links=links
        ),
        form,
    )


@blueprint.get("/catalog", defaults={"extension": ""})
@blueprint.get("/catalog.<extension>")
def catalog(extension: str) -> Response:
    """All datasets (DCAT 3)."""
    return answer(
        Document(
            "/catalog",
            _catalogue,
            lambda: render_template(
                "catalog.html",
                datasets=view().datasets.values(),
                licence_name=licence_name,
                downloads=downloads("/catalog"),
            ),
            is_graph=True,
            links=[Link(f"{view().snapshot.base}id/catalogue", "cite-as")],
        ),
        form_named(extension) if extension else None,
    )


@blueprint.get("/licences", defaults={"extension": ""})
@blueprint.get("/licences.<extension>")
def licences(extension: str) -> Response:
    """Under which licences the merge is, and how to credit it."""
    return answer(
        Document("/licences", _licensing, _licences_page, is_graph=True),
        form_named(extension) if extension else None,
    )


def _describe(name: NamedNode, with_sources: bool) -> Description:
    description = view().describe(name, with_sources=with_sources)
    assert description is not None, name
    return description


def _catalogue(with_sources: bool) -> Description:
    snapshot = view().snapshot
    graph = catalogue_graph(snapshot.base)
    return describe_graph(snapshot, graph) or Description(graph, ())


def _licensing(with_sources: bool) -> Description:
    """What of the catalogue says who publishes under which licence."""
    whole = _catalogue(with_sources)
    return Description(whole.iri, tuple(q for q in whole.quads if q.predicate in _LICENSING))


def _page(found: Dataset) -> str:
    graph = found.graph
    example = (
        "PREFIX coop: <https://w3id.org/coopgraph/ns#>\n"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n\n"
        "SELECT ?organisation ?name {\n"
        f"  GRAPH {graph} {{\n"
        "    ?organisation a coop:Organization ; skos:prefLabel ?name\n"
        "  }\n}\nLIMIT 20"
    )
    return render_template(
        "dataset.html",
        dataset=found,
        licence=licence_name(found.licence),
        organizations=service().urls.link("/organisations", source=found.slug),
        example=example,
        example_href=service().urls.link("/sparql", query=example),
        downloads=downloads(f"/dataset/{found.slug}"),
    )


def _licences_page() -> str:
    by_licence: dict[str, list[Dataset]] = {}
    for found in view().datasets.values():
        by_licence.setdefault(found.licence, []).append(found)
    rows = [
        Licence(licence_name(href) if href else "No licence stated", href, tuple(held))
        for href, held in sorted(by_licence.items())
    ]
    return render_template("licences.html", licences=rows, downloads=downloads("/licences"))
