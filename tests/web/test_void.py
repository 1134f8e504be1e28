"""``/void``: the description as a document, and where programs look for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, NamedNode, Triple, parse

from coopgraph.formats import GRAPH_FORMATS
from coopgraph.namespaces import STANDARD, VOID, description_graph
from coopgraph.selfdescription import document, merge, void
from coopgraph.settings import Settings
from coopgraph.store import Snapshots
from coopgraph.web import create_app


@pytest.fixture(scope="module")
def described(served_sample: Path) -> Iterator[FlaskClient]:
    """A client of a service whose graph describes itself."""
    app = create_app(Settings(home=served_sample, url="https://coops.example"))
    with app.test_client() as client:
        yield client


@pytest.fixture(scope="module")
def told(served_sample: Path) -> set[Triple]:
    """What the graph of descriptions holds."""
    store = Snapshots(served_sample).current().store
    graph = description_graph(STANDARD)
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)}


def test_the_well_known_address_leads_to_the_description(described: FlaskClient) -> None:
    response = described.get("/.well-known/void")
    assert response.status_code == 303
    assert response.headers["Location"] == "https://coops.example/void"


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.extension)
def test_every_format_holds_the_whole_description(
    described: FlaskClient, told: set[Triple], form
) -> None:
    if form.extension == "jsonld":
        response = described.get("/void.jsonld?context=inline")
    else:
        response = described.get("/void", headers={"Accept": form.media_type})
    assert response.mimetype == form.media_type
    quads = list(parse(response.data, format=form.rdf))
    assert {q.triple for q in quads if isinstance(q.graph_name, DefaultGraph)} == told
    assert len(told) > 1_000


def test_the_document_is_about_its_name(described: FlaskClient) -> None:
    response = described.get("/void", headers={"Accept": "text/turtle"})
    assert f'<{document(STANDARD).value}>; rel="cite-as"' in response.headers["Link"]
    assert f"@prefix void: <{VOID}> ." in response.text


def test_the_page_shows_counts_links_and_classes(described: FlaskClient, told: set[Triple]) -> None:
    response = described.get("/void.html")
    assert response.status_code == 200
    [triples] = (
        t.object.value
        for t in told
        if (t.subject, t.predicate) == (merge(STANDARD), void("triples"))
    )
    for text in (f"{int(triples):,}", "Flipside directory", "skos:exactMatch", "skos:Concept"):
        assert text in response.text
    assert "rdf.gleif.org" in response.text
    assert 'href="/queries/classes-in-use.html"' in response.text


def test_before_there_is_a_description_the_page_says_so(client: FlaskClient) -> None:
    assert "Nothing is described yet" in client.get("/void.html").text
    assert client.get("/void.nt").data == b""


def test_names_of_the_description_lead_to_it(described: FlaskClient) -> None:
    urls = described.application.extensions["coopgraph"].urls
    assert urls.document(f"{STANDARD}void#merge") == "/void#merge"
    assert urls.document(f"{STANDARD}graph/description") == "/void"
    assert urls.document(f"{STANDARD}queries/classes-in-use") == "/queries/classes-in-use"
    assert urls.document(f"{STANDARD}voidance") is None


# The service description ------------------------------------------------------------------------

SD = "http://www.w3.org/ns/sparql-service-description#"
# Property → the classes of its subjects and objects, as the vocabulary's schema has them.
SCHEMA = {
    "endpoint": ("Service", ""),
    "feature": ("Service", "Feature"),
    "propertyFeature": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "extensionFunction": ("Service", "Function"),
    "resultFormat": ("Service", ""),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
}
KNOWN = {"SPARQL11Query": "Language", "BasicFederatedQuery": "Feature"}  # the schema's own things
CLASSES = {"Service", "Function", "Dataset", "Graph", "NamedGraph"}


@pytest.fixture(scope="module", params=["", "https://other.example/sparql"])
def service(served_sample: Path, request: pytest.FixtureRequest) -> set[Triple]:
    """What ``/sparql`` answers without a query, with and without endpoints that it may ask."""
    settings = Settings(
        home=served_sample, url="https://coops.example", query_services=request.param
    )
    with create_app(settings).test_client() as client:
        response = client.get("/sparql", headers={"Accept": "application/n-triples"})
    assert response.status_code == 200
    assert response.mimetype == "application/n-triples"
    form = next(form for form in GRAPH_FORMATS if form.extension == "nt")
    return {quad.triple for quad in parse(response.data, format=form.rdf)}


def test_the_service_description_has_its_endpoint(service: set[Triple]) -> None:
    endpoints = [(t.subject, t.object) for t in service if t.predicate.value == f"{SD}endpoint"]
    endpoint = NamedNode("https://coops.example/sparql")
    assert endpoints == [(endpoint, endpoint)]


def test_the_service_description_conforms_to_the_schema(service: set[Triple]) -> None:
    types: dict[object, set[str]] = {NamedNode(SD + name): {kind} for name, kind in KNOWN.items()}
    for triple in service:
        if triple.predicate.value.endswith("#type"):
            assert isinstance(triple.object, NamedNode)
            types.setdefault(triple.subject, set()).add(triple.object.value.removeprefix(SD))
    for kinds in types.values():
        if "Dataset" in kinds:
            kinds.add("GraphCollection")
    seen = set()
    for triple in service:
        if not triple.predicate.value.startswith(SD):
            continue
        name = triple.predicate.value.removeprefix(SD)
        domain, values = SCHEMA[name]
        seen.add(name)
        assert isinstance(triple.object, NamedNode)
        assert domain in types[triple.subject], triple
        assert not values or values in types[triple.object], triple
    assert seen >= SCHEMA.keys() - {"feature"}
    used = {kind for kinds in types.values() for kind in kinds}
    assert used - {"GraphCollection"} - set(KNOWN.values()) - {f"{VOID}Dataset"} == CLASSES


def test_the_service_tells_the_size_of_its_default_graph(service: set[Triple]) -> None:
    found = {t.predicate: t.object for t in service if t.subject == merge(STANDARD)}
    for name in ("triples", "entities", "distinctSubjects"):
        assert int(found[void(name)].value) > 1_000  # type: ignore[union-attr]


def test_partitions_stay_out_of_the_service_description(service: set[Triple]) -> None:
    """A client that plans by them would take what they do not list for nothing."""
    names = {triple.predicate for triple in service}
    assert names.isdisjoint(
        map(void, ("classPartition", "propertyPartition", "vocabulary", "uriSpace"))
    )


def test_the_graph_says_of_the_service_what_the_service_says(
    served_sample: Path, told: set[Triple]
) -> None:
    settings = Settings(home=served_sample)
    with create_app(settings).test_client() as client:
        data = client.get("/sparql", headers={"Accept": "application/n-triples"}).data
    form = next(form for form in GRAPH_FORMATS if form.extension == "nt")
    said = {quad.triple for quad in parse(data, format=form.rdf)}
    assert said
    assert said <= told
