"""``/void`` and ``/.well-known/void``: what the graph says about itself.

In: the graph of descriptions. Out: its document, with counts of the merge and of each dataset,
links, the SPARQL service and the stored queries. Specification:
https://www.w3.org/TR/void/#well-known
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from werkzeug.wrappers import Response as Redirect

from coopgraph.catalogue.holdings import read_holdings
from coopgraph.entity import Description, describe_graph
from coopgraph.namespaces import curie, description_graph
from coopgraph.selfdescription import document
from coopgraph.web.documents import Document, answer, downloads, form_named
from coopgraph.web.responses import Link
from coopgraph.web.service import view
from coopgraph.web.things import see_other

blueprint = Blueprint("void", __name__)

_SHOWN = 40


@blueprint.get("/.well-known/void")
def well_known() -> Redirect:
    """Where any server has its VoID description."""
    return see_other("/void")


@blueprint.get("/void", defaults={"extension": ""})
@blueprint.get("/void.<extension>")
def void(extension: str) -> Response:
    """What the graph holds, and how to ask it."""
    links = [Link(document(view().snapshot.base).value, "cite-as")]
    return answer(
        Document("/void", _describe, _page, is_graph=True, links=links),
        form_named(extension) if extension else None,
    )


def _describe(with_sources: bool) -> Description:
    graph = description_graph(view().snapshot.base)
    return describe_graph(view().snapshot, graph) or Description(graph, ())


def _page() -> str:
    now = view()
    return render_template(
        "void.html",
        holdings=read_holdings(now.snapshot),
        datasets={dataset.iri: dataset for dataset in now.datasets.values()},
        shown=_SHOWN,
        curie=lambda name: curie(name.value),
        downloads=downloads("/void"),
    )
