"""The SPARQL 1.1 Protocol, query operation, clause by clause of its specification.

https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from werkzeug.test import TestResponse

from coopgraph.namespaces import STANDARD
from coopgraph.settings import Settings

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
HARBOUR = f"{STANDARD}graph/harbour-register"
CREDIT = f"{STANDARD}graph/credit-list"
NOWHERE = "https://nowhere.example/"
COUNT = "SELECT (COUNT(*) AS ?n) {FROM} {{ ?o a <https://w3id.org/coopgraph/ns#Organization> }}"
IN_GRAPHS = "SELECT (COUNT(DISTINCT ?g) AS ?n) {FROM} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
COMBINED = "SELECT ((1 + 2) AS ?n) {}"
ENDPOINT = "https://coops.example/sparql"


def number(response: TestResponse) -> int:
    """The only value of an answer in JSON."""
    assert response.status_code == 200, response.text
    [row] = json.loads(response.data)["results"]["bindings"]
    [value] = row.values()
    return int(value["value"])


def iri_of(client: FlaskClient, expression: str, prologue: str = "") -> str:
    query = f"{prologue} SELECT ({expression} AS ?x) {{}}"
    response = client.get("/sparql", query_string={"query": query})
    [row] = json.loads(response.data)["results"]["bindings"]
    return str(row["x"]["value"])


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem document of an error, which says all it should."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    found = response.json
    assert isinstance(found, dict)
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["type"].startswith("https://coops.example/api#")
    return found


# 2.1.1 to 2.1.3: three ways to send a query ---------------------------------------------------


@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_a_query_is_percent_encoded_or_plus_encoded(client: FlaskClient, encode: Any) -> None:
    encoded = f"query={encode(COMBINED)}"
    assert "%2B" in encoded  # the sign that stands in the query itself
    assert number(client.get(f"/sparql?{encoded}")) == 3
    assert number(client.post("/sparql", data=encoded, content_type=FORM)) == 3


def test_a_direct_body_is_not_decoded(client: FlaskClient) -> None:
    assert number(client.post("/sparql", data=COMBINED, content_type=DIRECT)) == 3
    text = 'SELECT (STRLEN("a+b%20c") AS ?n) {}'
    assert number(client.post("/sparql", data=text, content_type=DIRECT)) == 7


def test_parameters_come_in_any_order(client: FlaskClient) -> None:
    pairs = [("default-graph-uri", HARBOUR), ("query", COUNT.format(FROM=""))]
    answers = [
        number(client.get(f"/sparql?{urlencode(pairs)}")),
        number(client.get(f"/sparql?{urlencode(pairs[::-1])}")),
        number(client.post("/sparql", data=urlencode(pairs), content_type=FORM)),
    ]
    assert answers == [3, 3, 3]


def test_letters_of_every_script_arrive(client: FlaskClient) -> None:
    query = 'SELECT (STRLEN("合作社🤝") AS ?n) {}'
    encoded = urlencode({"query": query})
    assert number(client.get(f"/sparql?{encoded}")) == 4
    assert number(client.post("/sparql", data=encoded, content_type=FORM)) == 4
    assert number(client.post("/sparql", data=f"query={query}".encode(), content_type=FORM)) == 4
    assert number(client.post("/sparql", data=query.encode(), content_type=DIRECT)) == 4


@pytest.mark.parametrize(
    "kind",
    [
        "application/sparql-query;charset=UTF-8",
        "application/sparql-query; Charset=utf-8",
        'application/sparql-query; CHARSET="UTF8"',
        "Application/SPARQL-Query; charset=us-ascii",
        "application/sparql-query; profile=x",
    ],
)
def test_types_and_charsets_are_read_in_any_case(client: FlaskClient, kind: str) -> None:
    assert number(client.post("/sparql", data=COMBINED, content_type=kind)) == 3


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (COMBINED, "text/plain"),
        (COMBINED, "application/json"),
        (COMBINED, "application/sparql-results+json"),
        (COMBINED, None),
        (f"query={quote(COMBINED)}", None),
        (f"query={quote(COMBINED)}", "multipart/form-data; boundary=x"),
        (COMBINED.encode("utf-16"), f"{DIRECT}; charset=UTF-16"),
        (COMBINED.encode("latin-1"), f"{DIRECT}; charset=ISO-8859-1"),
        (f"query={quote(COMBINED)}", f"{FORM}; charset=ISO-8859-1"),
    ],
)
def test_other_types_and_charsets_are_415(
    client: FlaskClient, data: str | bytes, kind: str | None
) -> None:
    problem(client.post("/sparql", data=data, content_type=kind), 415)


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("/sparql", COMBINED.encode("utf-16"), DIRECT),
        ("/sparql", b'ASK { ?s ?p "\xe9" }', DIRECT),
        ("/sparql", b'query=ASK { ?s ?p "\xe9" }', FORM),
        ("/sparql", b"query=ASK%20%7B%20%3Fs%20%3Fp%20%22%E9%22%20%7D", FORM),
        ("/sparql?default-graph-uri=urn:%E9", b"ASK {}", DIRECT),
    ],
)
def test_what_is_not_utf_8_is_400(client: FlaskClient, path: str, data: bytes, kind: str) -> None:
    assert "UTF-8" in problem(client.post(path, data=data, content_type=kind), 400)["detail"]


def test_an_address_that_is_not_utf_8_is_400(client: FlaskClient) -> None:
    query = "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%22%E9%22%20%7D"
    assert "UTF-8" in problem(client.get(query), 400)["detail"]


# 2.1: exactly one query -----------------------------------------------------------------------

TWICE = "query=ASK%7B%7D&query=ASK%7B%7D"


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        (f"/sparql?{TWICE}", None, None),
        ("/sparql", TWICE, FORM),
        ("/sparql?query=ASK%7B%7D", "query=ASK%7B%7D", FORM),
        ("/sparql?query=ASK%7B%7D", "ASK {}", DIRECT),
    ],
)
def test_several_queries_are_400_wherever_they_stand(
    client: FlaskClient, path: str, data: str | None, kind: str | None
) -> None:
    method = "GET" if data is None else "POST"
    response = client.open(path, method=method, data=data, content_type=kind)
    assert "send one" in problem(response, 400)["detail"]


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("/sparql?query=", None, None),
        ("/sparql?query=%20%0A", None, None),
        (f"/sparql?default-graph-uri={HARBOUR}", None, None),
        ("/sparql", "", FORM),
        ("/sparql", "query=", FORM),
        ("/sparql", "qeury=ASK%7B%7D", FORM),
        ("/sparql", "", DIRECT),
        ("/sparql", " \n", DIRECT),
    ],
)
def test_no_query_or_an_empty_one_is_400(
    client: FlaskClient, path: str, data: str | None, kind: str | None
) -> None:
    method = "GET" if data is None else "POST"
    problem(client.open(path, method=method, data=data, content_type=kind), 400)


# 2.1: methods ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
def test_other_methods_are_405_and_told_which_there_are(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql?query=ASK%7B%7D", method=method)
    assert method in problem(response, 405)["detail"]
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_options_tell_the_methods(client: FlaskClient) -> None:
    response = client.options("/sparql")
    assert response.status_code == 200
    assert {*response.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS", "POST"}
    assert response.data == b""


def test_pages_of_other_sites_may_ask(client: FlaskClient) -> None:
    response = client.options(
        "/sparql",
        headers={
            "Origin": "https://editor.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Content-Type, Accept",
        },
    )
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("path", ["/sparql?query=SELECT*{?s%20?p%20?o}LIMIT%203", "/sparql"])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_head_is_get_without_the_body(client: FlaskClient, path: str, accept: str) -> None:
    headers = {"Accept": accept}
    got, told = client.get(path, headers=headers), client.head(path, headers=headers)
    assert told.status_code == got.status_code == 200
    assert told.data == b""
    assert len(got.data) > 0
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Vary"):
        assert told.headers[name] == got.headers[name], name


# 2.1.4: the dataset ---------------------------------------------------------------------------


def test_the_graphs_of_the_protocol_are_the_dataset(client: FlaskClient) -> None:
    def ask(query: str, **graphs: Any) -> int:
        chosen = {name.replace("_", "-") + "-graph-uri": value for name, value in graphs.items()}
        asked = urlencode({"query": query.format(FROM=""), **chosen}, doseq=True)
        return number(client.get(f"/sparql?{asked}"))

    assert ask(COUNT, default=HARBOUR) == 3
    assert ask(COUNT, default=CREDIT) == 2
    assert ask(COUNT, default=[HARBOUR, CREDIT]) == 4  # one organisation stands in both
    assert ask(COUNT, default=[HARBOUR, HARBOUR]) == 3
    assert ask(COUNT, default=NOWHERE) == 0
    assert ask(COUNT, named=HARBOUR) == 0  # no default graph was chosen: it is empty
    assert ask(IN_GRAPHS, named=[HARBOUR, CREDIT, NOWHERE]) == 2
    assert ask(IN_GRAPHS, default=[HARBOUR, CREDIT]) == 0
    assert ask(IN_GRAPHS, default=HARBOUR, named=[CREDIT]) == 1
    assert ask(IN_GRAPHS, default=[HARBOUR, CREDIT], named=[CREDIT]) == 1
    assert ask(IN_GRAPHS) > 10


def test_the_protocol_overrides_what_the_query_says(client: FlaskClient) -> None:
    from_credit = f"FROM <{CREDIT}> FROM NAMED <{CREDIT}>"
    both = f"FROM <{CREDIT}> FROM <{HARBOUR}>"

    def ask(query: str, clause: str, **chosen: str) -> int:
        asked = {"query": query.format(FROM=clause), **chosen}
        return number(client.get("/sparql", query_string=asked))

    assert ask(COUNT, from_credit) == 2
    assert ask(COUNT, from_credit, **{"default-graph-uri": HARBOUR}) == 3
    assert ask(COUNT, both, **{"default-graph-uri": HARBOUR}) == 3
    assert ask(IN_GRAPHS, from_credit, **{"default-graph-uri": HARBOUR}) == 0
    assert ask(COUNT, from_credit, **{"named-graph-uri": HARBOUR}) == 0
    assert ask(IN_GRAPHS, both, **{"named-graph-uri": HARBOUR}) == 1


def test_several_from_count_a_triple_once(client: FlaskClient) -> None:
    def ask(clause: str) -> int:
        return number(client.get("/sparql", query_string={"query": COUNT.format(FROM=clause)}))

    assert ask(f"FROM <{HARBOUR}>") == 3
    assert ask(f"FROM <{HARBOUR}> FROM <{CREDIT}>") == 4
    assert ask(f"FROM <{HARBOUR}> FROM <{HARBOUR}>") == 3
    assert ask(f"FROM <{NOWHERE}> FROM <{CREDIT}>") == 2


@pytest.mark.parametrize("kind", [FORM, DIRECT])
def test_graphs_in_the_address_of_a_post_count(client: FlaskClient, kind: str) -> None:
    """Of a form the specification leaves it open; to ignore them would answer something else."""
    query = COUNT.format(FROM="")
    data = urlencode({"query": query}) if kind == FORM else query
    path = f"/sparql?{urlencode({'default-graph-uri': HARBOUR})}"
    assert number(client.post(path, data=data, content_type=kind)) == 3


@pytest.mark.parametrize("name", ["", "harbour-register", "//nowhere.example/x", "http://a b/"])
@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_a_graph_that_is_no_absolute_iri_is_400(
    client: FlaskClient, parameter: str, name: str
) -> None:
    problem(client.get("/sparql", query_string={"query": "ASK {}", parameter: name}), 400)


def test_the_downloads_of_a_page_keep_the_graphs_chosen(client: FlaskClient) -> None:
    asked = {
        "query": COUNT.format(FROM=""),
        "default-graph-uri": [HARBOUR, CREDIT],
        "named-graph-uri": [CREDIT],
    }
    page = client.get(f"/sparql?{urlencode(asked, doseq=True)}", headers={"Accept": "text/html"})
    kept = urlencode({name: asked[name] for name in list(asked)[1:]}, doseq=True)
    assert page.text.count(kept.replace("&", "&amp;")) >= 4


# 2.1.5 and 2.1.6: the answer ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        ("SELECT (1 AS ?x) {}", "application/sparql-results+json"),
        ("ASK {}", "application/sparql-results+json"),
        ("CONSTRUCT { <urn:a> <urn:b> 1 } {}", "text/turtle"),
        (f"DESCRIBE <{HARBOUR}>", "text/turtle"),
    ],
)
@pytest.mark.parametrize("accept", [None, "*/*"])
def test_each_form_of_query_has_its_own_type(
    client: FlaskClient, query: str, media_type: str, accept: str | None
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.get("/sparql", query_string={"query": query}, headers=headers)
    assert response.mimetype == media_type


def test_a_type_that_cannot_hold_the_answer_is_406(client: FlaskClient) -> None:
    for query, accept in (("ASK {}", "text/turtle"), ("CONSTRUCT WHERE {}", "text/csv")):
        response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
        assert problem(response, 406)["available"]


def test_an_answer_the_client_holds_is_304(client: FlaskClient) -> None:
    path = "/sparql?query=SELECT*{?s%20a%20?o}ORDER%20BY%20?s%20?o%20LIMIT%203"
    first = client.get(path)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
    ):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.data) == (304, b""), headers
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    # The time of the data says nothing of NOW(), of RAND() or of another server's answer.
    dated = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(path, headers=dated).status_code == 200
    assert client.get(path, headers={**dated, "Accept": "text/html"}).status_code == 200
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    as_csv = client.get(f"{path}&format=csv", headers={"If-None-Match": tag})
    assert as_csv.status_code == 200
    query = "SELECT*{?s a ?o}ORDER BY ?s ?o LIMIT 3"
    posted = client.post("/sparql", data=query, content_type=DIRECT, headers={"If-None-Match": tag})
    assert posted.status_code == 200


# 2.1.7: what fails ----------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["ASK {", "SELECT", "hello", "ASK { ?s x:p ?o }", "ASK {} {}"])
def test_what_is_no_sparql_is_400(client: FlaskClient, query: str) -> None:
    for response in (
        client.get("/sparql", query_string={"query": query}),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", data=query, content_type=DIRECT),
    ):
        problem(response, 400)


def test_a_body_that_is_too_long_is_413(client: FlaskClient, settings: Settings) -> None:
    long = "x" * (5 * settings.query_size_bytes + 20_000)
    problem(client.post("/sparql", data=long, content_type=DIRECT), 413)
    problem(client.post("/sparql", data=f"query={long}", content_type=FORM), 413)


def test_updates_are_403_however_they_come(client: FlaskClient) -> None:
    for response in (
        client.get("/sparql", query_string={"update": UPDATE}),
        client.post("/sparql", data={"update": UPDATE}),
        client.post("/sparql", data={"update": UPDATE, "query": "ASK {}"}),
        client.post("/sparql", data=UPDATE, content_type="application/sparql-update"),
        client.post("/sparql", data="", content_type="application/sparql-update"),
        client.post(f"/sparql?update={quote(UPDATE)}", data="ASK {}", content_type=DIRECT),
    ):
        assert "only reads" in problem(response, 403)["detail"]


def test_an_update_sent_as_a_query_is_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data=UPDATE, content_type=DIRECT), 400)


# 2.3: the base IRI ----------------------------------------------------------------------------


def test_relative_iris_are_resolved_against_the_endpoint(client: FlaskClient) -> None:
    assert iri_of(client, "<>") == ENDPOINT
    assert iri_of(client, "<x>") == "https://coops.example/x"
    assert iri_of(client, "<#x>") == f"{ENDPOINT}#x"
    assert iri_of(client, 'IRI("x")') == "https://coops.example/x"
    assert iri_of(client, "<x>", "BASE <https://other.example/y/>") == "https://other.example/y/x"


def test_the_host_of_a_request_is_not_the_base(client: FlaskClient) -> None:
    response = client.get(
        "/sparql?query=CONSTRUCT%7B<s><p><o>%7D%7B%7D&format=nt", base_url="http://evil.example"
    )
    [quad] = parse(response.data, format=RdfFormat.N_TRIPLES)
    assert quad.subject == NamedNode("https://coops.example/s")


def test_relative_names_of_graphs_are_resolved_too(client: FlaskClient) -> None:
    prologue = f"BASE <{STANDARD}graph/> "
    one = prologue + COUNT.format(FROM="FROM <harbour-register>")
    two = prologue + COUNT.format(FROM="FROM <harbour-register> FROM <credit-list>")
    assert number(client.get("/sparql", query_string={"query": one})) == 3
    assert number(client.get("/sparql", query_string={"query": two})) == 4


# Service description: 2 of https://www.w3.org/TR/sparql11-service-description/ ----------------


def test_the_endpoint_without_a_query_describes_itself(client: FlaskClient) -> None:
    for path in ("/sparql", "/sparql?format=ttl"):
        response = client.get(path, headers={"Accept": "text/turtle"})
        quads = list(parse(response.data, format=RdfFormat.TURTLE))
        assert NamedNode(ENDPOINT) in {quad.subject for quad in quads}
