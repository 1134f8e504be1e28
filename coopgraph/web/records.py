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
    path = f"/record/{dataset_name}/{key}"
    found = _describe(name, with_sources=False)
    topics = _topics(found)
    document = Document(
        path,
        lambda with_sources: _describe(name, with_sources=True) if with_sources else found,
        partial(_page, path, found, topics, dataset),
        links=_links(name, topics, dataset),
    )
    return answer(document, form)


def _links(name: NamedNode, topics: list[NamedNode], dataset: Dataset) -> list[Link]:
    """The name to cite, the dataset and its licence, the histories of what it is about."""
    urls = service().urls
    links = [
        Link(name.value, "cite-as"),
        Link(urls.absolute(f"/dataset/{dataset.slug}"), "collection"),
    ]
    links += [Link(urls.absolute(path), "version-history") for path in _histories(topics)]
    if dataset.licence:
        links.append(Link(dataset.licence, "license"))
    return links


def _describe(name: NamedNode, *, with_sources: bool) -> Description:
    description = view().describe(name, with_sources=with_sources)
    assert description is not None, name
    return description


def _topics(found: Description) -> list[NamedNode]:
    """What the record is about."""
    topics = found.index.objects(found.iri, iri("foaf:primaryTopic"))
    return [topic for topic in topics if isinstance(topic, NamedNode)]


def _histories(topics: list[NamedNode]) -> list[str]:
    """The paths of the histories of the organisations among some things."""
    paths = ((service().urls.document(topic.value) or "").partition("#")[0] for topic in topics)
    return [f"/history{path}" for path in dict.fromkeys(paths) if path.startswith("/org/")]


def _page(path: str, found: Description, topics: list[NamedNode], dataset: Dataset) -> str:
    key = found.index.value(found.iri, iri("dcterms:identifier"))
    return render_template(
        "record.html",
        thing=found.iri,
        key=key.value if key is not None else path.rpartition("/")[2],
        topics=[
            Value(view().label(topic), service().urls.page(topic.value) or "") for topic in topics
        ],
        histories=_histories(topics),
        dataset=dataset,
        licence=licence_name(dataset.licence),
        downloads=downloads(path),
    )
