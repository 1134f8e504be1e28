"""``/data`` and ``/graph/…``: whole graphs, by the SPARQL 1.1 Graph Store HTTP Protocol, read only.

In: a graph's IRI as a parameter or as the address itself, or the word that stands for the merge.
Out: all its triples in the form asked for, written by a query worker; for people a page, which
for a dataset's own graph is the dataset's.
Specification: https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from coopgraph.catalogue import Dataset
from coopgraph.errors import UsageError
from coopgraph.formats import GRAPH_FORMATS
from coopgraph.namespaces import catalogue_graph
from coopgraph.query import MOST_ROWS, whole_graph
from coopgraph.web.documents import find_form
from coopgraph.web.errors import NotFound
from coopgraph.web.negotiation import Page, Representation
from coopgraph.web.responses import Link
from coopgraph.web.results import ResultForm, Shown, answer_query, wanted_form
from coopgraph.web.service import service, view
from coopgraph.web.things import see_other

blueprint = Blueprint("graph_store", __name__)

# The path of a graph in a form.
_Paths = Callable[[Representation], str]


@blueprint.get("/data")
def data() -> Response:
    """The graph that the address names, or the merge."""
    name = graph_named(request.args)
    return _answer(name, partial(_path_by_name, name))


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> AnyResponse:
    """A graph by its own IRI; for people, what is known of it."""
    name, extension = find_form(name, _is_known)
    if not _is_known(name):
        raise NotFound(f"There is no graph “{name}”.", ["/catalog"])
    iri = _iri(name)
    form = extension or wanted_form(whole_graph(iri))
    if isinstance(form, Page) and (document := _document(iri)):
        found = see_other(document)
        found.vary.add("Accept")
        return found
    path = partial(_own_path, name)
    response = _answer(iri, path, form)
    response.headers["Content-Location"] = service().urls.absolute(path(form))
    return response


def graph_named(arguments: MultiDict[str, str]) -> str:
    """The IRI in ``graph``, or "" where there is ``default``. Raises UsageError for neither, for
    both, for several, and for what is no absolute IRI.
    """
    names = arguments.getlist("graph")
    if len(names) + ("default" in arguments) != 1:
        raise UsageError(
            "Say which graph: ?graph=IRI for one, or ?default for the merge of all datasets."
        )
    try:
        return NamedNode(names[0]).value if names else ""
    except ValueError as error:
        raise UsageError(f"“{names[0]}” is no absolute IRI: {error}.") from None


def _answer(iri: str, path: _Paths, form: ResultForm | None = None) -> Response:
    """The graph, with links to its other forms, its dataset and its licence."""
    response = answer_query(whole_graph(iri), partial(_page, iri, path), form)
    others = [form for form in GRAPH_FORMATS if form.media_type != response.mimetype]
    response.headers["Link"] = ", ".join(map(str, _links(iri, path, others)))
    return response


def _links(iri: str, path: _Paths, others: Sequence[Representation]) -> Iterator[Link]:
    urls = service().urls
    for form in others:
        yield Link(urls.absolute(path(form)), "alternate", form.media_type)
    if not iri:
        yield Link(urls.absolute("/licences"), "license")
    elif (dataset := _dataset(iri)) is not None:
        yield Link(dataset.iri.value, "collection")
        yield Link(urls.absolute(f"/dataset/{dataset.slug}"), "describedby")
        if dataset.licence:
            yield Link(dataset.licence, "license")


def _page(iri: str, path: _Paths, shown: Shown) -> str:
    urls = service().urls
    pattern = "?subject ?predicate ?object"
    asked = f"GRAPH <{iri}> {{ {pattern} }}" if iri else pattern
    return render_template(
        "graph.html",
        name=iri,
        dataset=_dataset(iri),
        shown=shown,
        downloads=[(form.name, urls.link(path(form)), form.media_type) for form in GRAPH_FORMATS],
        editor=urls.link("/sparql", query=f"SELECT {pattern} {{\n  {asked}\n}}\nLIMIT {MOST_ROWS}"),
    )


def _path_by_name(iri: str, form: Representation) -> str:
    graph = urlencode({"graph": iri}) if iri else "default"
    return f"/data?{graph}&format={form.extension}"


def _own_path(name: str, form: Representation) -> str:
    return f"/graph/{quote(name)}.{form.extension}"


def _iri(name: str) -> str:
    return f"{view().snapshot.base}graph/{name}"


def _is_known(name: str) -> bool:
    """Whether there is such a graph, or a dataset whose graph it would be."""
    try:
        iri = NamedNode(_iri(name))
    except ValueError:  # no IRI has such characters
        return False
    return view().snapshot.store.contains_named_graph(iri) or _dataset(iri.value) is not None


def _dataset(iri: str) -> Dataset | None:
    """The dataset whose statements a graph holds."""
    return next((found for found in view().datasets.values() if found.graph.value == iri), None)


def _document(iri: str) -> str:
    """The path of the page for people about a graph, "" where there is none of its own."""
    if iri == catalogue_graph(view().snapshot.base).value:
        return "/catalog"
    dataset = _dataset(iri)
    return f"/dataset/{quote(dataset.slug)}" if dataset else ""
