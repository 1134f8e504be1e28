"""``/ns``, ``/shapes``, ``/code/…``, ``/context.jsonld``: the standard, for people and programs.

Pages are made from the standard that this code came with, or from the one that was in force; data
from the snapshot's graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, render_template
from pyoxigraph import DefaultGraph, Literal, NamedNode

from coopgraph.entity import Description, describe_graph, exists
from coopgraph.namespaces import CODE, COOP, ONTOLOGY_GRAPH, SHAPES_GRAPH, iri
from coopgraph.standard.folders import folders_of
from coopgraph.standard.releases import FOLDER, versions
from coopgraph.web.diagram import draw
from coopgraph.web.documents import Document, Form, answer, downloads, find_form, form_named
from coopgraph.web.errors import NotFound
from coopgraph.web.facts import Value, english
from coopgraph.web.mementos import of_the_standard
from coopgraph.web.negotiation import PlainFormat
from coopgraph.web.reference import concept_facts, entity_tables
from coopgraph.web.responses import DAY, content_response
from coopgraph.web.service import service, view
from coopgraph.web.terms import Terms

blueprint = Blueprint("vocabulary", __name__)

CONTEXT = PlainFormat("JSON-LD context", "application/ld+json", "jsonld")
_BROWSABLE = {"organisation-kind": "kind", "country": "country", "subdivision": "region"}


@blueprint.get("/ns", defaults={"extension": ""})
@blueprint.get("/ns.<extension>")
@of_the_standard
def ontology(extension: str) -> Response:
    """The ontology."""
    return graph_document("/ns", ONTOLOGY_GRAPH, _ontology_page, extension)


@blueprint.get("/shapes", defaults={"extension": ""})
@blueprint.get("/shapes.<extension>")
@of_the_standard
def shapes(extension: str) -> Response:
    """The shapes."""
    return graph_document("/shapes", SHAPES_GRAPH, _shapes_page, extension)


@blueprint.get("/code", defaults={"extension": ""})
@blueprint.get("/code.<extension>")
@of_the_standard
def code_lists(extension: str) -> Response:
    """All code lists."""
    return answer(
        Document("/code", _schemes, _code_lists_page, is_graph=True),
        form_named(extension) if extension else None,
    )


@blueprint.get("/code/<name>")
@of_the_standard
def code_list(name: str) -> Response:
    """One code list."""
    slug, form = find_form(name, lambda slug: slug in view().standard.code_lists)
    if slug not in view().standard.code_lists:
        raise NotFound(f"There is no code list “{slug}”.", ["/code"])
    return graph_document(
        f"/code/{slug}", NamedNode(f"{CODE}{slug}"), partial(_code_list_page, slug), form
    )


@blueprint.get("/code/<scheme>/<name>")
@of_the_standard
def code(scheme: str, name: str) -> Response:
    """One code."""
    notation, form = find_form(name, lambda notation: _is_code(scheme, notation))
    if not _is_code(scheme, notation):
        raise NotFound(f"The code list “{scheme}” has no code “{notation}”.", [f"/code/{scheme}"])
    concept = NamedNode(f"{CODE}{scheme}/{notation}")
    return answer(
        Document(
            f"/code/{scheme}/{notation}",
            partial(_describe, concept),
            partial(_code_page, scheme, notation, concept),
        ),
        form,
    )


@blueprint.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context of every JSON document here."""
    return content_response(service().context_document, CONTEXT, cache=DAY)


def graph_document(
    path: str, graph: NamedNode, page: Callable[[], str], form: Form | str | None
) -> Response:
    """The document about a graph of the standard; ``form`` may be an extension."""
    if isinstance(form, str):
        form = form_named(form) if form else None
    return answer(Document(path, partial(_describe_graph, graph), page, is_graph=True), form)


def _describe_graph(graph: NamedNode, with_sources: bool) -> Description:
    found = describe_graph(view().snapshot, graph)
    if found is None:
        raise NotFound(f"The published snapshot does not hold {graph.value}.")
    return found


def _describe(concept: NamedNode, with_sources: bool) -> Description:
    found = view().describe(concept, with_sources=with_sources)
    assert found is not None, concept
    return found


def _is_code(scheme: str, notation: str) -> bool:
    known = view().standard.code_lists.get(scheme)
    if known is None:
        return False
    try:
        return exists(view().snapshot, NamedNode(f"{CODE}{scheme}/{notation}"))
    except ValueError:  # no IRI has such characters
        return False


def _schemes(with_sources: bool) -> Description:
    """What the merge says about each code list itself."""
    quads = [
        quad
        for known in view().standard.code_lists.values()
        for quad in view().snapshot.store.quads_for_pattern(known.iri, None, None, DefaultGraph())
    ]
    return Description(NamedNode(CODE), tuple(quads))


def _ontology_page() -> str:
    known = service()
    answers = {
        query.question: Value(query.question, known.urls.link(f"/queries/{name}"))
        for name, query in known.queries.items()
    }
    terms = Terms(view().standard, known.urls.page, answers)
    return render_template(
        "ontology.html",
        title=_text(ONTOLOGY_GRAPH, "dcterms:title"),
        description=_text(ONTOLOGY_GRAPH, "dcterms:description"),
        version=view().standard.version,
        namespace=COOP,
        released=versions(folders_of(known.settings).ontology / FOLDER),
        picture=draw(view().standard, known.urls.page),
        tree=terms.tree(),
        classes=terms.classes(),
        properties=terms.properties(),
        downloads=downloads("/ns"),
    )


def _shapes_page() -> str:
    tables = entity_tables(view().standard, service().urls.page)
    return render_template("shapes.html", tables=tables, downloads=downloads("/shapes"))


def _code_lists_page() -> str:
    rows = [
        (slug, Value(english(known.labels), service().urls.link(f"/code/{slug}")), len(known.codes))
        for slug, known in sorted(view().standard.code_lists.items())
    ]
    walks = [
        (known.title, service().urls.link(f"/crosswalk/{slug}"), len(known.matches))
        for slug, known in sorted(view().standard.crosswalks.items())
    ]
    return render_template("codes.html", rows=rows, walks=walks, downloads=downloads("/code"))


def _code_list_page(slug: str) -> str:
    known = view().standard.code_lists[slug]
    return render_template(
        "code_list.html",
        scheme=known,
        title=english(known.labels),
        description=_text(known.iri, "dcterms:description"),
        rows=[(code, english(code.labels), view().definition(code.iri)) for code in known.codes],
        downloads=downloads(f"/code/{slug}"),
    )


def _code_page(scheme: str, notation: str, concept: NamedNode) -> str:
    urls = service().urls
    browse = _BROWSABLE.get(scheme)
    return render_template(
        "code.html",
        thing=concept,
        notation=notation,
        name=view().label(concept),
        scheme=Value(
            english(view().standard.code_lists[scheme].labels), urls.link(f"/code/{scheme}")
        ),
        rows=concept_facts(_describe(concept, False), urls.page),
        organizations=urls.link("/organisations", **{browse: notation}) if browse else "",
        downloads=downloads(f"/code/{scheme}/{notation}"),
    )


def _text(subject: NamedNode, predicate: str) -> str:
    """The English text of a property in the merge."""
    quads = view().snapshot.store.quads_for_pattern(subject, iri(predicate), None, DefaultGraph())
    found = {q.object.language: q.object.value for q in quads if isinstance(q.object, Literal)}
    return english(found) if found else ""
