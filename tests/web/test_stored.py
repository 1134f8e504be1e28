"""``/queries``: the list, each query as results in each form, and its text."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QuerySolutions, parse_query_results

from coopgraph import resources
from coopgraph.formats import RESULT_FORMATS
from coopgraph.query import read_queries

QUERIES = read_queries(resources.QUERIES)
NAMES = sorted(QUERIES)
# What this sample has an answer to; tests/query/test_competency.py asks all of them.
ANSWERED = {
    "credit-unions-by-state", "facts-with-several-sources", "figures-of-organisation",
    "members-of-federation", "organisations-by-kind-and-country", "organisations-in-region",
}  # fmt: skip
BAKERY, FEDERATION = "zx73q7nn6v-sm", "4vkgmgbt4t-tw"


def arguments(client: FlaskClient, name: str) -> dict[str, str]:
    """What the query must be given: the examples of its parameters."""
    [entry] = [item for item in client.get("/queries").json if item["name"] == name]  # type: ignore[union-attr]
    required = [item for item in entry["parameters"] if item["required"]]
    values = {item["name"]: item["example"] for item in required}
    if "organization" in values:
        values["organization"] = FEDERATION if name == "members-of-federation" else BAKERY
    return values


def test_the_list_is_there_for_programs(client: FlaskClient) -> None:
    response = client.get("/queries")
    assert response.mimetype == "application/json"
    assert [item["name"] for item in response.json] == NAMES  # type: ignore[union-attr]
    assert client.get("/queries.json", headers={"Accept": "text/html"}).data == response.data
    assert client.get("/queries.html").mimetype == "text/html"
    assert client.get("/queries", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("name", NAMES)
def test_each_answers_in_each_form(client: FlaskClient, name: str) -> None:
    values = arguments(client, name)
    columns = [word.strip() for word in QUERIES[name].returns.partition("(")[0].split(",")]
    for form in RESULT_FORMATS:
        response = client.get(f"/queries/{name}.{form.extension}", query_string=values)
        assert response.status_code == 200
        assert response.mimetype == form.media_type
        by_accept = client.get(
            f"/queries/{name}", query_string=values, headers={"Accept": form.media_type}
        )
        assert by_accept.mimetype == form.media_type
        if form.extension != "csv":
            found = parse_query_results(response.data, format=form.results)
            assert isinstance(found, QuerySolutions)
            assert [column.value for column in found.variables] == columns
            assert bool(list(found)) or name not in ANSWERED


@pytest.mark.parametrize("name", NAMES)
def test_each_has_its_text(client: FlaskClient, name: str) -> None:
    response = client.get(f"/queries/{name}.rq")
    assert response.mimetype == "application/sparql-query"
    assert response.text == (resources.QUERIES / f"{name}.rq").read_text(encoding="utf-8")


def test_independent_sources_agree(client: FlaskClient) -> None:
    response = client.get("/queries/facts-with-several-sources.csv?organization=zx73q7nn6v-sm")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    agreed = {row["value"]: row["sources"] for row in rows}
    assert agreed["Tableflip Bakery Co-operative"] == "2"
    assert "Cooperativa Panadera Tableflip" not in agreed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/queries/none", 404),
        ("/queries/members-of-federation.csv", 400),
        ("/queries/members-of-federation.csv?organization=x", 400),
        ("/queries/members-of-federation.csv?organization=4vkgmgbt4t-tw&colour=red", 400),
        ("/queries/organisations-in-region.csv?region=%7D%20UNION%20%7B", 400),
        ("/queries/credit-unions-by-state.ttl", 404),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
