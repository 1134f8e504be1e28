"""``/sparql``: what real clients send works, and what is wrong is said plainly."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.namespaces import PREFIXES, STANDARD, iri
from coopgraph.settings import Settings
from coopgraph.web import create_app
from coopgraph.web.results import Shown
from coopgraph.web.tables import Table

SELECT = (
    "PREFIX coop: <https://w3id.org/coopgraph/ns#> "
    "SELECT ?o { ?o a coop:Organization ; "
    "coop:region <https://w3id.org/coopgraph/code/subdivision/US-KS> }"
)
CONSTRUCT = SELECT.replace("SELECT ?o", "CONSTRUCT { ?o a coop:Organization }")
PRAIRIE = NamedNode(f"{STANDARD}id/org/fnshh3328q-qe")
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
GetPage = Callable[..., Any]  # the parsed page of a path


def solutions(body: bytes, form: QueryResultsFormat = QueryResultsFormat.JSON) -> list[object]:
    found = parse_query_results(body, format=form)
    assert isinstance(found, QuerySolutions)
    return [solution[0] for solution in found]


# Ways to ask ----------------------------------------------------------------------------------


def test_a_query_by_get(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT})
    assert response.mimetype == "application/sparql-results+json"
    assert solutions(response.data) == [PRAIRIE]


def test_a_query_by_form(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": SELECT})
    assert solutions(response.data) == [PRAIRIE]


def test_a_query_as_the_body(client: FlaskClient) -> None:
    response = client.post("/sparql", data=SELECT, content_type=f"{DIRECT}; charset=utf-8")
    assert solutions(response.data) == [PRAIRIE]


def test_what_sparqlwrapper_sends(client: FlaskClient) -> None:
    """The same wish three times over, in the address even when the query is the body."""
    wishes = {"format": "json", "output": "json", "results": "json"}
    accept = {
        "Accept": "application/sparql-results+json,application/json,text/javascript,"
        "application/javascript"
    }
    by_get = client.get("/sparql", query_string={**wishes, "query": SELECT}, headers=accept)
    by_form = client.post("/sparql", data={**wishes, "query": SELECT}, headers=accept)
    direct = client.post(
        f"/sparql?{urlencode(wishes)}", data=SELECT, content_type=DIRECT, headers=accept
    )
    for response in (by_get, by_form, direct):
        assert solutions(response.data) == [PRAIRIE]
    turtle = client.get(
        "/sparql",
        query_string={"query": CONSTRUCT, "format": "turtle", "output": "turtle"},
        headers={"Accept": "application/turtle"},
    )
    assert turtle.mimetype == "text/turtle"
    assert [quad.subject for quad in parse(turtle.data, format=RdfFormat.TURTLE)] == [PRAIRIE]


def test_what_oxigraph_sends_for_its_own_service_clause(client: FlaskClient) -> None:
    response = client.post(
        "/sparql",
        data=SELECT,
        content_type=DIRECT,
        headers={"Accept": "application/sparql-results+json, application/sparql-results+xml"},
    )
    assert solutions(response.data) == [PRAIRIE]


def test_graphs_of_the_protocol(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?o a <https://w3id.org/coopgraph/ns#Organization> }"
    graphs = [f"{STANDARD}graph/harbour-register", f"{STANDARD}graph/credit-list"]

    def number(*names: str) -> int:
        pairs = [("query", count), *(("default-graph-uri", name) for name in names)]
        by_get = solutions(client.get(f"/sparql?{urlencode(pairs)}").data)
        by_form = client.post("/sparql", data=urlencode(pairs), content_type=FORM)
        direct = client.post(f"/sparql?{urlencode(pairs[1:])}", data=count, content_type=DIRECT)
        assert by_get == solutions(by_form.data) == solutions(direct.data)
        return int(by_get[0].value)  # type: ignore[attr-defined]

    assert number(graphs[0]) == 3
    assert number(graphs[1]) == 2
    assert number(*graphs) == 4  # one organisation stands in both
    assert number("https://nowhere.example/") == 0


# Forms of the answer --------------------------------------------------------------------------


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda form: form.name)
def test_tables_in_every_format(client: FlaskClient, form: object) -> None:
    media_type, extension = form.media_type, form.extension  # type: ignore[attr-defined]
    by_accept = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"Accept": media_type}
    )
    by_name = client.get("/sparql", query_string={"query": SELECT, "format": extension})
    by_type = client.get("/sparql", query_string={"query": SELECT, "format": media_type})
    assert by_accept.mimetype == by_name.mimetype == by_type.mimetype == media_type
    assert by_accept.data == by_name.data == by_type.data
    assert PRAIRIE.value in by_accept.text


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_graphs_in_every_format(client: FlaskClient, form: object) -> None:
    media_type, extension = form.media_type, form.extension  # type: ignore[attr-defined]
    inline = {"query": CONSTRUCT, "context": "inline"}
    by_accept = client.get("/sparql", query_string=inline, headers={"Accept": media_type})
    by_name = client.get("/sparql", query_string={**inline, "format": extension})
    assert by_accept.mimetype == by_name.mimetype == media_type
    [quad] = parse(by_accept.data, format=form.rdf)  # type: ignore[attr-defined]
    assert (quad.subject, quad.predicate) == (PRAIRIE, iri("rdf:type"))


def test_without_a_wish_programs_get_json(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK{}").mimetype == "application/sparql-results+json"
    graph = client.get("/sparql", query_string={"query": CONSTRUCT})
    assert graph.mimetype == "text/turtle"
    assert len(list(parse(graph.data, format=RdfFormat.TURTLE))) == 1


def test_a_wish_that_does_not_suit_the_answer_does_not_count(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT, "format": "turtle"})
    assert response.mimetype == "application/sparql-results+json"
    refused = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"Accept": "text/turtle"}
    )
    assert refused.status_code == 406
    assert "text/csv" in refused.json["available"]  # type: ignore[index]


def test_verdicts(client: FlaskClient) -> None:
    for extension, form in (("json", QueryResultsFormat.JSON), ("xml", QueryResultsFormat.XML)):
        response = client.get("/sparql", query_string={"query": "ASK {}", "format": extension})
        found = parse_query_results(response.data, format=form)
        assert isinstance(found, QueryBoolean)
        assert bool(found)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ('SELECT ("\\u0001" AS ?x) {}', "xml"),
        ('CONSTRUCT { <urn:s> <urn:p> "\\uFFFE" } {}', "rdf"),
        ("CONSTRUCT { <urn:s> <http://x.example/1> 1 } {}", "rdf"),
    ],
)
def test_what_xml_cannot_hold_is_406_naming_others(
    client: FlaskClient, query: str, name: str
) -> None:
    response = client.get("/sparql", query_string={"query": query, "format": name})
    assert response.status_code == 406
    available = response.json["available"]  # type: ignore[index]
    assert any("json" in kind for kind in available)
    assert not any(kind.endswith(("rdf+xml", "results+xml")) for kind in available)


def test_json_ld_is_compact_under_the_context(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": CONSTRUCT, "format": "jsonld"})
    document = response.json
    assert document == {
        "@context": "https://coops.example/context.jsonld",
        "@graph": [{"id": PRAIRIE.value, "type": ["Organization"]}],
    }


def test_geojson_has_a_feature_for_each_solution_with_a_point(client: FlaskClient) -> None:
    query = (
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> SELECT ?name ?n ?where { VALUES "
        '(?name ?n ?where) { ("a" 1 "POINT(5.5 -1e1)"^^geo:wktLiteral) ("b" 2.5 UNDEF) '
        '(<urn:c> true "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> Point (0 7)"^^geo:wktLiteral)'
        '("d" 4 "POINT EMPTY"^^geo:wktLiteral) } }'
    )
    response = client.get("/sparql", query_string={"query": query, "format": "geojson"})
    assert response.mimetype == "application/geo+json"
    features = response.json["features"]  # type: ignore[index]
    assert [(f["geometry"]["coordinates"], f["properties"]) for f in features] == [
        ([5.5, -10.0], {"name": "a", "n": 1}),
        ([0.0, 7.0], {"name": "urn:c", "n": True}),
    ]
    none = client.get("/sparql", query_string={"query": SELECT, "format": "geojson"})
    assert none.status_code == 406
    empty = client.get("/sparql?query=SELECT*{FILTER(false)}&format=geojson")
    assert empty.json == {"type": "FeatureCollection", "features": []}


# Pages ----------------------------------------------------------------------------------------

GEO = "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "


def drawn(page: GetPage, query: str) -> tuple[list[str], str]:
    """As what a page shows an answer, and the text of its section."""
    found = page(f"/sparql?{urlencode({'query': query})}")
    views = [a["data-view"] for _, a in found.attributes if "data-view" in a]
    return views, " ".join(found.texts["section"][-1].split())


@pytest.mark.parametrize(
    ("value", "is_chart"),
    [
        ("5e-324", True), ("-1e-300", True), ("1e308", False), ("'-0'^^xsd:double", True),
        ("'NaN'^^xsd:double", False), ("'INF'^^xsd:double", False), ("7", True),
    ],
)  # fmt: skip
def test_any_number_has_a_page_and_where_it_can_be_drawn_a_chart(
    client: FlaskClient, page: GetPage, value: str, is_chart: bool
) -> None:
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    query = f'{prefix} SELECT ("a" AS ?n) ({value} AS ?v) {{}}'
    views, _ = drawn(page, query)
    assert ("Chart" in views) is is_chart
    picture = client.get("/sparql", query_string={"query": query, "format": "svg"})
    assert picture.status_code == (200 if is_chart else 406)


def test_only_tables_with_points_are_put_on_a_map(page: GetPage) -> None:
    point, area = "POINT(1 2)", "POLYGON((0 0,1 0,1 1,0 0))"
    select = f'{GEO} SELECT ("%s"^^geo:wktLiteral AS ?p) {{}}'
    assert drawn(page, select % point)[0] == ["Table", "Map"]
    assert drawn(page, select % area)[0] == ["Table"]
    construct = (
        f'{GEO} CONSTRUCT {{ <urn:a> geo:asWKT "{point}"^^geo:wktLiteral ; <urn:n> 3 }} {{}}'
    )
    assert drawn(page, construct)[0] == ["Table"]


def test_a_long_value_does_not_make_more_rows(page: GetPage) -> None:
    long = 'CONCAT("' + "x" * 1500 + '", "' + "y" * 1500 + '")'
    views, text = drawn(page, f"SELECT ({long} AS ?text) (3 AS ?n) {{}}")
    assert text.startswith("Answer 1 row Long values are shortened")
    assert "more" not in text
    assert views == ["Table", "Chart"]


def test_more_rows_than_a_page_shows_are_told_without_long_values(page: GetPage) -> None:
    _, text = drawn(page, "SELECT * { ?s ?p ?o }")
    assert text.startswith("Answer more than 1,000 rows The first 1,000 rows are shown")
    assert "shortened" not in text


@pytest.mark.parametrize(
    ("count", "head", "said"),
    [
        (0, "", "The rows are too long for a page; the downloads hold all of them."),
        (1, "more than 1 row", "The first row is shown; the downloads hold all of them."),
        (2, "more than 2 rows", "The first 2 rows are shown; the downloads hold all of them."),
    ],
)
def test_rows_are_counted_in_words(app: Flask, count: int, head: str, said: str) -> None:
    macros: Any = app.jinja_env.get_template("macros.html").module
    shown = Shown(["n"], [[None]] * count, has_more_rows=True)
    assert re.sub("<[^>]*>", "", macros.count(shown)) == head
    assert said in macros.results(shown, Table([], []), "Rows")


def test_without_scripts_the_form_leads_to_its_answer(page: GetPage) -> None:
    found = page("/sparql?query=ASK%7B%7D")
    [action] = [a["action"] for tag, a in found.attributes if tag == "form"]
    assert action == "/sparql#answer"
    assert "answer" in found.ids


# What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("SELECT *\n{ ?s ?p }", 2),
        ("SELECT * {\n\nSERVICE <https://x.example/> {} }", 3),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 1),
        ("SELECT * " + "{" * 100 + "}" * 100, 1),
    ],
)
def test_a_query_that_is_not_run_names_its_line(client: FlaskClient, query: str, line: int) -> None:
    for response in (
        client.get("/sparql", query_string={"query": query}),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", data=query, content_type=DIRECT),
    ):
        assert response.status_code == 400
        assert response.mimetype == "application/problem+json"
        problem = response.json
        assert problem is not None
        assert problem["line"] == line
        assert problem["detail"].endswith(".") or ")" in problem["detail"]


def test_updates_are_forbidden(client: FlaskClient) -> None:
    update = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
    for response in (
        client.post("/sparql", data={"update": update}),
        client.post("/sparql", data=update, content_type="application/sparql-update"),
        client.get("/sparql", query_string={"update": update}),
        client.post("/sparql?update=x", data={"query": SELECT}),
    ):
        assert response.status_code == 403
    assert client.put("/sparql").status_code == 405


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        ("", FORM, 400),
        ("query=", FORM, 400),
        ("query=ASK{}&query=ASK{}", FORM, 400),
        ("", DIRECT, 400),
        (b"\xff\xfe", DIRECT, 400),
        (SELECT, "text/plain", 415),
        (SELECT, "application/json", 415),
    ],
)
def test_malformed_requests(client: FlaskClient, data: str | bytes, kind: str, status: int) -> None:
    assert client.post("/sparql", data=data, content_type=kind).status_code == status


def test_a_query_that_is_too_long_is_refused(client: FlaskClient, settings: Settings) -> None:
    long = SELECT + " " * settings.query_size_bytes
    assert client.post("/sparql", data=long, content_type=DIRECT).status_code == 400
    endless = "x" * (5 * settings.query_size_bytes + 20_000)
    assert client.post("/sparql", data=endless, content_type=DIRECT).status_code == 413
    assert client.post("/sparql", data={"query": endless}).status_code == 413


def test_when_all_places_are_taken_the_answer_is_429(settings: Settings, broker: Path) -> None:
    app = create_app(replace(settings, threads=2), broker)
    give_back = app.extensions["coopgraph"].lanes.take("192.0.2.7")
    client = app.test_client()
    busy = client.get("/sparql?query=ASK{}")
    assert busy.status_code == 429
    assert int(busy.headers["Retry-After"]) > 0
    assert client.get("/org/zx73q7nn6v-sm").status_code == 200
    give_back()
    for _ in range(3):  # a place is free again when its answer has been read
        assert client.get("/sparql?query=ASK{}").status_code == 200


def test_a_query_that_fails_gives_its_place_back(app: Flask, client: FlaskClient) -> None:
    for _ in range(20):
        client.get("/sparql", query_string={"query": "SELECT (<urn:no>(1) AS ?x) {}"})
    assert client.get("/sparql?query=ASK{}").status_code == 200


# Without a query ------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-quads", "*/*"])
def test_the_service_describes_itself(client: FlaskClient, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    form = RdfFormat.from_media_type(response.mimetype)
    if form == RdfFormat.JSON_LD:
        response = client.get("/sparql?context=inline", headers={"Accept": accept})
    triples = {quad.triple for quad in parse(response.data, format=form)}
    endpoint = NamedNode("https://coops.example/sparql")
    found = {(t.predicate, t.object) for t in triples if t.subject == endpoint}
    sd = PREFIXES["sd"]
    assert (iri("rdf:type"), NamedNode(f"{sd}Service")) in found
    assert (iri("sd:endpoint"), endpoint) in found
    assert (iri("sd:supportedLanguage"), NamedNode(f"{sd}SPARQL11Query")) in found
    formats = {value for predicate, value in found if predicate == iri("sd:resultFormat")}
    assert len(formats) == len(RESULT_FORMATS) + len(GRAPH_FORMATS)
    graphs = {t.object for t in triples if t.predicate == iri("sd:name")}
    assert NamedNode(f"{STANDARD}graph/harbour-register") in graphs


def test_every_graph_it_names_can_be_asked(client: FlaskClient) -> None:
    data = client.get("/sparql.nt").data
    names = [
        quad.object.value
        for quad in parse(data, format=RdfFormat.N_TRIPLES)
        if quad.predicate == iri("sd:name")
    ]
    assert len(names) > 10
    for name in names:
        query = f"ASK {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
        assert client.get("/sparql", query_string={"query": query}).json["boolean"] is True  # type: ignore[index]
