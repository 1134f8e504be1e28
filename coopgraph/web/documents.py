"""Answer with a document about a thing, in the form that was asked for.

In: a thing and how to describe it. Out: a response in HTML or one of the formats of RDF, with
validators and links. ``/org/x``, ``/dataset/x``, ``/record/x``, ``/ns`` and ``/code/x`` all end
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flask import Response, request
from pyoxigraph import NamedNode

from coopgraph.entity import (
    Description,
    describe,
    describe_graph,
    near_organizations,
    serialize,
)
from coopgraph.errors import UnknownThing
from coopgraph.formats import GRAPH_FORMATS, GraphFormat, graph_format
from coopgraph.jsonld import Vocabulary, to_jsonld
from coopgraph.namespaces import organization_iri
from coopgraph.settings import Settings
from coopgraph.standard.context import context
from coopgraph.standard.folders import standard_of
from coopgraph.store.snapshots import Snapshot
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.negotiation import HTML, Page, choose, split_extension
from coopgraph.web.responses import Link, snapshot_response
from coopgraph.web.service import service, version_arguments, view

Form = GraphFormat | Page
Download = tuple[str, str, str]  # name of the format, link, media type
FORMS: tuple[Form, ...] = (*GRAPH_FORMATS, HTML)


@dataclass(frozen=True)
class Document:
    """What can be answered at one path.

    ``describe`` is told whether the named graphs are wanted. ``is_graph`` marks a whole graph,
    whose JSON-LD lists nodes side by side. ``links`` go to licences and collections. ``arguments``
    are what the address has beside the path.
    """

    path: str
    describe: Callable[[bool], Description]
    page: Callable[[], str]
    is_graph: bool = False
    links: Iterable[Link] = field(default=())
    arguments: Mapping[str, str] = field(default_factory=dict)

    def address(self, form: Form) -> str:
        """The full address of the document in one form."""
        arguments = {**self.arguments, **version_arguments()}
        return service().urls.absolute(f"{self.path}.{form.extension}", **arguments)


def answer(document: Document, extension: Form | None = None) -> Response:
    """The document in the form of its extension, else in the form negotiated."""
    chosen = extension or choose(request.headers.get("Accept"), FORMS, "jsonld")
    if chosen is None:
        raise NotAcceptable(FORMS)
    is_of_today = view().then is service().standards.today
    is_inline = request.args.get("context") == "inline" or not is_of_today
    return snapshot_response(
        lambda: _body(document, chosen, is_inline),
        chosen,
        variant="inline" if is_inline and chosen.extension == "jsonld" else "",
        links=_links(document, chosen),
        location=document.address(chosen),
    )


def _body(document: Document, chosen: Form, is_inline: bool) -> bytes | str:
    if isinstance(chosen, Page):
        return document.page()
    if chosen.extension == "jsonld":
        now = view()
        content = context(now.standard)["@context"] if is_inline else service().context_url
        found = document.describe(False)
        root = None if document.is_graph else found.iri
        return to_jsonld(found.index, now.then.vocabulary, content, root=root)
    return serialize(document.describe(chosen.rdf.supports_datasets), chosen)


def _links(document: Document, chosen: Form) -> list[Link]:
    """Alternates for programs, and for a page also the description it is a view of."""
    links = [
        Link(document.address(form), "alternate", form.media_type)
        for form in FORMS
        if form is not chosen
    ]
    if isinstance(chosen, Page):
        described = next(form for form in FORMS if form.extension == "jsonld")
        links.append(Link(document.address(described), "describedby", described.media_type))
    return [*links, *document.links]


def form_named(extension: str) -> Form:
    """The form of an extension. Raises NotFound."""
    found = next((form for form in FORMS if form.extension == extension), None)
    if found is None:
        known = ", ".join(f".{form.extension}" for form in FORMS)
        raise NotFound(f"There is no form “.{extension}” of this document; there are {known}.")
    return found


def find_form(name: str, is_known: Callable[[str], bool]) -> tuple[str, Form | None]:
    """A name and the form its extension asks for. An extension counts only where no thing has
    the whole name.
    """
    if is_known(name):
        return name, None
    return split_extension(name, FORMS)


def downloads(path: str, **arguments: str) -> list[Download]:
    """Every form of a document but the page."""
    urls, arguments = service().urls, arguments | version_arguments()
    return [
        (form.name, urls.link(f"{path}.{form.extension}", **arguments), form.media_type)
        for form in GRAPH_FORMATS
    ]


def render(settings: Settings, snapshot: Snapshot, thing: str, extension: str) -> str:
    """A document as text, for the command line. JSON-LD has its context inside.

    ``thing`` is the id of an organisation or an IRI. Raises UnknownThing.
    """
    chosen = graph_format(extension)
    if chosen is None:
        raise UnknownThing(f"There is no format “{extension}”.")
    name = _thing(snapshot, thing)
    standard = standard_of(settings)
    vocabulary = Vocabulary(standard)
    graph = describe_graph(snapshot, name)
    description = graph or describe(snapshot, name, restatements=vocabulary.restatements)
    if description is None:
        near = next(iter(near_organizations(snapshot, thing)), None)
        hint = f" Did you mean {near}?" if near else ""
        raise UnknownThing(f"Nothing is known of {thing}.{hint}", suggestion=near)
    if extension != "jsonld":
        return serialize(description, chosen).decode()
    inline = context(standard)["@context"]
    root = description.iri if graph is None else None
    return to_jsonld(description.index, vocabulary, inline, root=root).decode()


def _thing(snapshot: Snapshot, text: str) -> NamedNode:
    """What a person calls a thing by: an IRI, or else the id of an organisation."""
    try:
        return NamedNode(text) if ":" in text else organization_iri(snapshot.base, text)
    except ValueError:
        raise UnknownThing(f"“{text}” is neither the id of an organisation nor an IRI.") from None
