"""``/data`` and ``/graph/…``: the SPARQL 1.1 Graph Store HTTP Protocol, what of it reads.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)
from werkzeug.test import TestResponse

from coopgraph.formats import GRAPH_FORMATS, GraphFormat
from coopgraph.namespaces import STANDARD
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.settings import Settings
from coopgraph.store import Snapshot
from coopgraph.web import create_app

SITE = "https://coops.example"
HARBOUR = f"{STANDARD}graph/harbour-register"
CATALOGUE = f"{STANDARD}graph/catalogue"
STATUS = f"{STANDARD}code/status"
OWN = "/graph/harbour-register"
BY_NAME = f"/data?{urlencode({'graph': HARBOUR})}"
MERGE = "/data?default"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def held(snapshot: Snapshot) -> Callable[[str], set[Triple]]:
    """``held(iri)`` → the triples that the snapshot has in a graph, "" for the merge."""

    def triples(name: str) -> set[Triple]:
        graph = NamedNode(name) if name else DefaultGraph()
        return {quad.triple for quad in snapshot.store.quads_for_pattern(None, None, None, graph)}

    return triples


def read(response: TestResponse, form: GraphFormat) -> set[Quad]:
    assert response.status_code == 200, response.text
    assert response.mimetype == form.media_type
    return set(parse(response.data, format=form.rdf))


def links(response: TestResponse, rel: str) -> list[str]:
    found = response.headers["Link"].split(", ")
    return [link.partition(">")[0][1:] for link in found if f'rel="{rel}"' in link]


# 4 and 5.2: which graph, and in which form ----------------------------------------------------


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(("path", "name"), [(OWN, HARBOUR), (BY_NAME, HARBOUR), (MERGE, "")])
def test_a_graph_comes_whole_in_every_form(
    client: FlaskClient,
    held: Callable[[str], set[Triple]],
    path: str,
    name: str,
    form: GraphFormat,
) -> None:
    inline = path + ("&" if "?" in path else "?") + "context=inline"
    response = client.get(inline, headers={"Accept": form.media_type})
    expected = held(name)
    assert len(expected) > 20
    assert read(response, form) == {Quad(*triple) for triple in expected}


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_a_form_is_named_by_accept_by_parameter_or_by_extension(
    client: FlaskClient, form: GraphFormat
) -> None:
    by_accept = client.get(OWN, headers={"Accept": form.media_type})
    for path in (
        f"{OWN}.{form.extension}",
        f"{OWN}?format={form.extension}",
        f"{BY_NAME}&format={form.extension}",
        f"{BY_NAME}&{urlencode({'format': form.media_type})}",
    ):
        other = client.get(path, headers={"Accept": BROWSER})
        assert other.mimetype == form.media_type, path
        assert other.data == by_accept.data


@pytest.mark.parametrize("path", [OWN, BY_NAME, MERGE])
@pytest.mark.parametrize("accept", [None, "*/*"])
def test_without_a_wish_a_graph_is_turtle(
    client: FlaskClient, path: str, accept: str | None
) -> None:
    """The specification allows RDF/XML, Turtle and N-Triples there, no JSON-LD."""
    response = client.get(path, headers={} if accept is None else {"Accept": accept})
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert "Accept" in response.headers["Vary"]


def test_json_ld_is_compact_under_our_context(client: FlaskClient) -> None:
    document = client.get(f"{OWN}.jsonld").json
    assert document is not None
    assert document["@context"] == f"{SITE}/context.jsonld"
    assert {"id", "type"} <= set(document["@graph"][0])


def test_graphs_of_other_names_are_asked_by_name(
    client: FlaskClient, held: Callable[[str], set[Triple]]
) -> None:
    for name in (STATUS, CATALOGUE, f"{STANDARD}ns"):
        response = client.get("/data", query_string={"graph": name, "format": "nt"})
        assert {quad.triple for quad in read(response, GRAPH_FORMATS[2])} == held(name)


def test_every_graph_that_the_service_description_names_is_there(client: FlaskClient) -> None:
    names = [
        quad.object.value
        for quad in parse(client.get("/sparql.nt").data, format=RdfFormat.N_TRIPLES)
        if quad.predicate.value.endswith("sparql-service-description#name")
    ]
    assert len(names) > 10
    for name in names:
        response = client.head("/data", query_string={"graph": name})
        assert response.status_code == 200, name


def test_a_type_that_holds_no_graph_is_406(client: FlaskClient) -> None:
    for path in (OWN, BY_NAME, MERGE):
        response = client.get(path, headers={"Accept": "text/csv"})
        assert response.status_code == 406
        assert "text/turtle" in response.json["available"]  # type: ignore[index]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"graf": HARBOUR},
        {"graph": HARBOUR, "default": ""},
        {"graph": [HARBOUR, CATALOGUE]},
        {"graph": [HARBOUR, HARBOUR]},
        {"graph": ""},
        {"graph": "harbour-register"},
        {"graph": "/graph/harbour-register"},
        {"graph": "//coops.example/graph/x"},
        {"graph": "https://coops.example/a b"},
        {"graph": "https://coops.example/<x>"},
        {"graph": "https://coops.example/%zz"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_address_that_names_no_single_graph_is_400(
    client: FlaskClient, query: dict[str, str], method: str
) -> None:
    response = client.open("/data", method=method, query_string=urlencode(query, doseq=True))
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/data?graph=https://coops.example/none",
        f"/data?graph={HARBOUR}%23x",
        "/graph/none",
        "/graph/none.ttl",
        "/graph/none/none",
        "/graph/%3Cx%3E",
        f"{OWN}.csv",
        f"{OWN}/x",
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle", "*/*", "text/html"])
def test_a_graph_that_is_not_there_is_404(client: FlaskClient, path: str, accept: str) -> None:
    headers = {"Accept": accept}
    response = client.get(path, headers=headers)
    assert response.status_code == 404
    wanted = "text/html" if accept == "text/html" else "application/problem+json"
    assert response.mimetype == wanted
    assert client.head(path, headers=headers).status_code == 404


# 5.1, 5.6: methods and validators -------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [OWN, "/graph/none", "/graph/a/b.ttl", BY_NAME, MERGE, "/data"])
def test_what_would_change_a_graph_is_405(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(
        path, method=method, data="<urn:s> <urn:p> <urn:o> .", content_type="text/turtle"
    )
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert response.mimetype == "application/problem+json"
    problem = response.json
    assert problem is not None
    assert "only reads" in problem["detail"]
    assert method in problem["detail"]


@pytest.mark.parametrize("path", [OWN, BY_NAME, "/data"])
def test_options_tell_the_methods(client: FlaskClient, path: str) -> None:
    response = client.options(path)
    assert response.status_code == 200
    assert {*response.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", [OWN, BY_NAME, MERGE])
def test_head_is_get_without_the_body(client: FlaskClient, path: str) -> None:
    got, told = client.get(path), client.head(path)
    assert told.status_code == got.status_code == 200
    assert told.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Link", "Vary"):
        assert told.headers[name] == got.headers[name], name
    assert int(told.headers["Content-Length"]) == len(got.data) > 0


@pytest.mark.parametrize("path", [OWN, BY_NAME, MERGE])
def test_a_graph_the_client_holds_is_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert "public" in first.headers["Cache-Control"]
    for headers in (
        {"If-None-Match": tag},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.data) == (304, b"")
    other = {"If-None-Match": tag, "Accept": "application/n-triples"}
    assert client.get(path, headers=other).status_code == 200


def test_links_lead_to_other_forms_dataset_and_licence(client: FlaskClient) -> None:
    own, by_name = client.get(f"{OWN}.nt"), client.get(BY_NAME)
    assert own.headers["Content-Location"] == f"{SITE}{OWN}.nt"
    assert client.get(OWN).headers["Content-Location"] == f"{SITE}{OWN}.ttl"
    for response in (own, by_name):
        assert links(response, "describedby") == [f"{SITE}/dataset/harbour-register"]
        assert links(response, "collection") == [f"{STANDARD}id/dataset/harbour-register"]
        [licence] = links(response, "license")
        assert "open-government-licence" in licence
        others = links(response, "alternate")
        assert len(others) == len(GRAPH_FORMATS) - 1
        for other in others:
            assert client.get(other.removeprefix(SITE)).status_code == 200
    assert links(client.get(MERGE), "license") == [f"{SITE}/licences"]


# For people -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "document"), [(OWN, "/dataset/harbour-register"), ("/graph/catalogue", "/catalog")]
)
def test_a_browser_is_led_from_a_graph_to_what_it_is_of(
    client: FlaskClient, path: str, document: str
) -> None:
    for address, headers in ((path, {"Accept": BROWSER}), (f"{path}.html", {})):
        response = client.get(address, headers=headers)
        assert response.status_code == 303
        assert response.location == SITE + document
        assert "Accept" in response.headers["Vary"]
    assert client.get(document).status_code == 200


@pytest.mark.parametrize("path", [BY_NAME, MERGE, f"/data?graph={STATUS}"])
def test_a_browser_sees_the_first_triples_and_the_way_to_all(
    client: FlaskClient, path: str
) -> None:
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "<table>" in response.text
    assert '<th scope="col">predicate</th>' in response.text
    for form in GRAPH_FORMATS:
        assert f"format={form.extension}" in response.text


def test_the_page_of_the_merge_says_that_it_is_cut(client: FlaskClient) -> None:
    text = client.get(MERGE, headers={"Accept": BROWSER}).text
    assert "The first 1,000 rows are shown" in text


def test_the_page_of_a_dataset_leads_to_its_triples(client: FlaskClient) -> None:
    page = client.get("/dataset/harbour-register", headers={"Accept": BROWSER})
    assert BY_NAME.replace("&", "&amp;") in page.text


# Names, workers and limits --------------------------------------------------------------------


@pytest.fixture
def other(
    tmp_path: Path,
    settings: Settings,
    publish: Callable[..., None],
    start_broker: Callable[[Settings], AbstractContextManager[BrokerProcess]],
) -> object:
    """A service of its own with small answers, over graphs with unusual names."""
    chosen = replace(settings, home=tmp_path, query_result_mb=1)
    text, names = Literal("x" * 1_000), ("a.ttl", "a", "deep/er", "large")
    quads = [
        Quad(
            NamedNode(f"urn:{name}"), NamedNode("urn:p"), text, NamedNode(f"{STANDARD}graph/{name}")
        )
        for name in names
    ]
    large = NamedNode(f"{STANDARD}graph/large")
    quads += [Quad(NamedNode(f"urn:s{n}"), NamedNode("urn:p"), text, large) for n in range(1_100)]
    publish(tmp_path, quads, 1)
    with start_broker(chosen) as process:
        yield create_app(chosen, process.path).test_client()


def test_a_name_that_ends_like_an_extension_is_a_name_first(other: FlaskClient) -> None:
    def subject(path: str) -> str:
        response = other.get(path, headers={"Accept": "application/n-triples"})
        form = RdfFormat.from_media_type(response.mimetype)
        [quad] = parse(response.data, format=form)
        return f"{quad.subject.value} {response.mimetype}"

    assert subject("/graph/a.ttl") == "urn:a.ttl application/n-triples"
    assert subject("/graph/a.ttl.ttl") == "urn:a.ttl text/turtle"
    assert subject("/graph/a.nq") == "urn:a application/n-quads"
    assert subject("/graph/deep/er") == "urn:deep/er application/n-triples"


def test_a_graph_too_large_to_send_is_503_and_never_cut(other: FlaskClient) -> None:
    for path in ("/graph/large", f"/data?graph={STANDARD}graph/large", MERGE):
        for form in GRAPH_FORMATS:
            response = other.get(path, headers={"Accept": form.media_type})
            assert response.status_code == 503, path
            problem = json.loads(response.data)
            assert problem["type"].endswith("#result-too-large")
            assert problem["limit"] == "size"
    page = other.get(MERGE, headers={"Accept": BROWSER})
    assert page.status_code in (200, 503)


def test_the_graph_of_a_dataset_that_is_not_served_leads_people_to_the_dataset(
    tmp_path: Path,
    settings: Settings,
    snapshot: Snapshot,
    publish: Callable[..., None],
    start_broker: Callable[[Settings], AbstractContextManager[BrokerProcess]],
) -> None:
    chosen = replace(settings, home=tmp_path)
    catalogue = snapshot.store.quads_for_pattern(None, None, None, NamedNode(CATALOGUE))
    publish(tmp_path, list(catalogue), 1)
    with start_broker(chosen) as process:
        client = create_app(chosen, process.path).test_client()
        assert client.get(OWN, headers={"Accept": BROWSER}).status_code == 303
        for path in (OWN, BY_NAME):
            response = client.get(path, headers={"Accept": "text/turtle"})
            assert response.status_code == 404
            assert HARBOUR in response.json["detail"]  # type: ignore[index]


def test_only_workers_read_graphs(settings: Settings) -> None:
    """A web process without a broker has documents, and no graphs."""
    client = create_app(settings).test_client()
    assert client.get("/dataset/harbour-register").status_code == 200
    for path in (OWN, BY_NAME, MERGE):
        assert client.get(path).status_code == 503
