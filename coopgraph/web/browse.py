"""``/organisations``: all organisations, page by page, narrowed by kind, place and source."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from functools import partial

from flask import Blueprint, Response, render_template, request
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from coopgraph.catalogue import Filters, Listing
from coopgraph.entity import Description
from coopgraph.errors import UsageError
from coopgraph.namespaces import CODE, iri
from coopgraph.web.documents import Document, answer, downloads, form_named
from coopgraph.web.errors import NotFound
from coopgraph.web.service import service, view

blueprint = Blueprint("browse", __name__)

PAGE_SIZE = 50
_MOST_DIGITS = 8
_SCHEMES = {"kind": "organisation-kind", "country": "country", "region": "subdivision"}
_NOTATION = re.compile(r"[\w.-]{1,60}")
_PREDICATES = tuple(
    map(iri, ("rdf:type", "skos:prefLabel", "coop:kind", "coop:country", "coop:region"))
)


@dataclass(frozen=True)
class Choice:
    """One way to narrow the list further."""

    text: str
    count: int
    href: str


@dataclass(frozen=True)
class Entry:
    """One organisation of the list."""

    name: str
    href: str
    kinds: tuple[str, ...]
    place: str


@blueprint.get("/organisations", defaults={"extension": ""})
@blueprint.get("/organisations.<extension>")
def organizations(extension: str) -> Response:
    """One page of the list."""
    filters, number = _filters(), page_number()
    listing = view().listing(filters)
    pages = max(1, -(-len(listing.organizations) // PAGE_SIZE))
    if number > pages:
        raise NotFound(f"This list has {pages} page{'s' if pages > 1 else ''}.")
    arguments = _arguments(filters, number)
    return answer(
        Document(
            path="/organisations",
            describe=lambda with_sources: _describe(listing, filters, number),
            page=partial(_page, listing, filters, number, pages),
            arguments=arguments,
        ),
        form_named(extension) if extension else None,
    )


def _filters() -> Filters:
    values = {name: request.args.get(name, "") for name in (*_SCHEMES, "source")}
    for name, value in values.items():
        if value and not _NOTATION.fullmatch(value):
            raise UsageError(f"{name}: “{value}” is no code.")
    return Filters(**values)


def page_number() -> int:
    """The number that ``page`` in the address has, counted from 1. Raises UsageError."""
    return whole_number("page", 1)


def whole_number(name: str, default: int) -> int:
    """The number from 1 on that the address has under a name. Raises UsageError."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise UsageError(f"{name}: “{text}” is no number from 1 to {'9' * _MOST_DIGITS}.")
    return int(text)


def _arguments(filters: Filters, number: int = 1) -> dict[str, str]:
    arguments = {name: value for name, value in asdict(filters).items() if value}
    return arguments | ({"page": str(number)} if number > 1 else {})


def _shown(listing: Listing, number: int) -> tuple[NamedNode, ...]:
    return listing.organizations[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


def _describe(listing: Listing, filters: Filters, number: int) -> Description:
    """The organisations of one page: name, classes, kinds, place; and where the next page is."""
    urls, store = service().urls, view().snapshot.store
    collection = NamedNode(urls.absolute("/organisations", **_arguments(filters)))
    page = _page_name(filters, number)
    total = Literal(str(len(listing.organizations)), datatype=iri("xsd:integer"))
    quads = [
        Quad(collection, iri("rdf:type"), iri("hydra:Collection")),
        Quad(collection, iri("hydra:totalItems"), total),
        Quad(collection, iri("hydra:view"), page),
        Quad(page, iri("rdf:type"), iri("hydra:PartialCollectionView")),
    ]
    if len(listing.organizations) > number * PAGE_SIZE:
        quads.append(Quad(page, iri("hydra:next"), _page_name(filters, number + 1)))
    if number > 1:
        quads.append(Quad(page, iri("hydra:previous"), _page_name(filters, number - 1)))
    for organization in _shown(listing, number):
        quads.append(Quad(collection, iri("hydra:member"), organization))
        for predicate in _PREDICATES:
            quads.extend(store.quads_for_pattern(organization, predicate, None, DefaultGraph()))
    return Description(collection, tuple(quads))


def _page_name(filters: Filters, number: int) -> NamedNode:
    arguments = {**_arguments(filters), "page": str(number)}
    return NamedNode(service().urls.absolute("/organisations", **arguments))


def _page(listing: Listing, filters: Filters, number: int, pages: int) -> str:
    urls = service().urls
    applied = {
        name: Choice(_label(name, value), 0, urls.link("/organisations", **_without(filters, name)))
        for name, value in asdict(filters).items()
        if value
    }
    around = {
        "previous": number - 1 if number > 1 else 0,
        "next": number + 1 if number < pages else 0,
    }
    return render_template(
        "organizations.html",
        total=len(listing.organizations),
        entries=[_entry(item) for item in _shown(listing, number)],
        applied=applied,
        facets={name: _choices(name, rows, filters) for name, rows in listing.facets.items()},
        number=number,
        pages=pages,
        first=(number - 1) * PAGE_SIZE + 1,
        around={
            name: urls.link("/organisations", **_arguments(filters, to))
            for name, to in around.items()
            if to
        },
        downloads=downloads("/organisations", **_arguments(filters, number)),
    )


def _without(filters: Filters, name: str) -> dict[str, str]:
    """The arguments without one filter; a region goes with its country."""
    names = ("country", "region") if name == "country" else (name,)
    return _arguments(replace(filters, **dict.fromkeys(names, "")))


def _label(name: str, value: str) -> str:
    if name == "source":
        dataset = view().datasets.get(value)
        return dataset.title if dataset else value
    return view().label(NamedNode(f"{CODE}{_SCHEMES[name]}/{value}"))


def _choices(name: str, rows: tuple[tuple[NamedNode, int], ...], filters: Filters) -> list[Choice]:
    urls = service().urls
    found = []
    for code, count in rows:
        notation = code.value.rpartition("/")[2]
        href = urls.link("/organisations", **_arguments(replace(filters, **{name: notation})))
        found.append(Choice(view().label(code), count, href))
    return found


def _entry(organization: NamedNode) -> Entry:
    now, store = view(), view().snapshot.store

    def labels(predicate: str) -> list[str]:
        quads = store.quads_for_pattern(organization, iri(predicate), None, DefaultGraph())
        return sorted(now.label(q.object) for q in quads if isinstance(q.object, NamedNode))

    return Entry(
        name=now.label(organization),
        href=service().urls.page(organization.value) or "",
        kinds=tuple(labels("coop:kind")),
        place=", ".join([*labels("coop:region")[:1], *labels("coop:country")[:1]]),
    )
