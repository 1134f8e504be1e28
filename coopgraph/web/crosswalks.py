"""``/crosswalk/…``: from the codes of other schemes to ours, for people and programs.

The page is made from the standard that this code came with, data from the snapshot's graph.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, redirect, render_template
from pyoxigraph import Literal, NamedNode

from coopgraph.entity import best_text
from coopgraph.iris import is_web_address
from coopgraph.namespaces import CROSSWALK, iri
from coopgraph.rdf import TripleIndex
from coopgraph.standard import Crosswalk
from coopgraph.web.documents import downloads, find_form
from coopgraph.web.errors import NotFound
from coopgraph.web.facts import Value, english
from coopgraph.web.mementos import of_the_standard
from coopgraph.web.service import service, view
from coopgraph.web.terms import RELATIONS
from coopgraph.web.vocabulary import graph_document

blueprint = Blueprint("crosswalks", __name__)


@blueprint.get("/crosswalk/<name>")
@of_the_standard
def crosswalk(name: str) -> Response:
    """One crosswalk (SSSOM)."""
    known = view().standard.crosswalks
    slug, form = find_form(name, lambda slug: slug in known)
    if slug not in known:
        raise NotFound(f"There is no crosswalk “{slug}”.", ["/code"])
    return graph_document(f"/crosswalk/{slug}", known[slug].iri, partial(_page, known[slug]), form)


@blueprint.get("/crosswalk/<slug>/<code>")
def foreign_code(slug: str, code: str) -> Response:
    """A code that a crosswalk names: it is described there."""
    known = view().standard.crosswalks.get(slug)
    named = {match.source.value for match in known.matches} if known else set()
    if f"{CROSSWALK}{slug}/{code}" not in named:
        raise NotFound(f"No crosswalk “{slug}” has a code “{code}”.", ["/code"])
    return redirect(service().urls.absolute(f"/crosswalk/{slug}"), 303)  # type: ignore[return-value]


def _page(known: Crosswalk) -> str:
    standard, urls = view().standard, service().urls
    index = TripleIndex(standard.mappings[known.iri])
    labels = {
        code.iri: f"{code.notation} {english(code.labels)}"
        for code_list in standard.code_lists.values()
        for code in code_list.codes
    }
    rows = [
        (
            _text(index, match.source, "skos:notation"),
            Value(_text(index, match.source, "skos:prefLabel"), _elsewhere(match.source)),
            RELATIONS[match.relation],
            Value(labels[match.target], urls.page(match.target.value) or ""),
        )
        for match in known.matches
    ]
    return render_template(
        "crosswalk.html",
        title=known.title,
        iri=known.iri.value,
        description=_text(index, known.iri, "dcterms:description"),
        rows=rows,
        downloads=downloads(f"/crosswalk/{known.slug}"),
    )


def _text(index: TripleIndex, subject: NamedNode, predicate: str) -> str:
    found = index.objects(subject, iri(predicate))
    return best_text(text for text in found if isinstance(text, Literal))


def _elsewhere(code: NamedNode) -> str:
    """The address of a code that has one; those named here are described on this very page."""
    is_here = code.value.startswith(CROSSWALK)
    return "" if is_here or not is_web_address(code.value) else code.value
