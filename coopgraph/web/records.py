"""``/record/{dataset}/{key}``: one row of one source."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template
from pyoxigraph import NamedNode

from coopgraph.catalogue import Dataset
from coopgraph.entity import Description
from coopgraph.licences import licence_name
from coopgraph.namespaces import iri, record_iri
from coopgraph.web.documents import FORMS, Document, answer, downloads
from coopgraph.web.errors import NotFound
from coopgraph.web.facts import Value
from coopgraph.web.negotiation import split_extension
from coopgraph.web.responses import Link
from coopgraph.web.service import service, view
from coopgraph.web.things import is_record, raw_key

blueprint = Blueprint("records", __name__)


@blueprint.get("/record/<dataset_name>/<path:key>")
def record(dataset_name: str, key: str) -> Response:
    """One record: what it is about, and where it comes from."""
    key = raw_key(dataset_name, key)
    form = None
    if not is_record(dataset_name, key):
        key, form = split_extension(key, FORMS)
    if dataset_name not in view().datasets or not is_record(dataset_name, key):
        raise NotFound(f"The dataset “{dataset_name}” has no record “{key}”.")
    dataset = view().datasets[dataset_name]
    name = record_iri(view().snapshot.base, dataset_name, key)
    links = [
        Link(name.value, "cite-as"),
        Link(service().urls.absolute(f"/dataset/{dataset_name}"), "collection"),
    ]
    if dataset.licence:
        links.append(Link(dataset.licence, "license"))
    path = f"/record/{dataset_name}/{key}"
    return answer(
        Document(path, partial(_describe, name), partial(_page, path, name, dataset), links=links),
        form,
    )


def _describe(name: NamedNode, with_sources: bool) -> Description:
    description = view().describe(name, with_sources=with_sources)
    assert description is not None, name
    return description


def _page(path: str, name: NamedNode, dataset: Dataset) -> str:
    index = _describe(name, False).index
    key = index.value(name, iri("dcterms:identifier"))
    topics = [
        Value(view().label(topic), service().urls.page(topic.value) or "")
        for topic in index.objects(name, iri("foaf:primaryTopic"))
        if isinstance(topic, NamedNode)
    ]
    return render_template(
        "record.html",
        thing=name,
        key=key.value if key is not None else path.rpartition("/")[2],
        topics=topics,
        dataset=dataset,
        licence=licence_name(dataset.licence),
        downloads=downloads(path),
    )
