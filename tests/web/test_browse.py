"""``/organisations``: narrowed, counted, page by page, as a page and as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Triple

from coopgraph.namespaces import iri

Triples = Callable[..., set[Triple]]
GetPage = Callable[[str], Any]


def test_pages_hold_everyone_once(client: FlaskClient) -> None:
    seen: list[str] = []
    path = "/organisations.jsonld"
    total = 0
    for _ in range(10):
        document = orjson.loads(client.get(path).data)
        seen += [member["id"] for member in document["hydra:member"]]
        total = int(document["hydra:totalItems"][0]["@value"])
        view = document["hydra:view"][0]
        if "hydra:next" not in view:
            break
        following = view["hydra:next"][0]["id"].removeprefix("https://coops.example")
        path = following.replace("/organisations", "/organisations.jsonld")
    assert len(seen) == len(set(seen)) == total == 140


def test_filters_narrow_and_count(triples: Triples) -> None:
    def total(query: str) -> int:
        found = [
            t.object
            for t in triples(f"/organisations{query}")
            if t.predicate == iri("hydra:totalItems")
        ]
        return int(found[0].value)  # type: ignore[union-attr]

    assert total("") == 140
    assert total("?country=US") == 5
    assert total("?country=US&region=US-MA") == 3
    assert total("?kind=credit-union") == 2
    assert total("?source=harbour-register") == 3
    assert total("?source=harbour-register&kind=mutual&country=GB") == 1
    assert total("?kind=no-such-kind") == 0


def test_data_names_the_organisations(triples: Triples) -> None:
    found = triples("/organisations?kind=credit-union")
    harbour = NamedNode("https://w3id.org/coopgraph/id/org/tzd8kz0kn3-0w")
    said = {t.predicate for t in found if t.subject == harbour}
    assert {iri("rdf:type"), iri("skos:prefLabel"), iri("coop:kind"), iri("coop:country")} <= said


def test_a_person_narrows_and_widens(page: GetPage) -> None:
    found = page("/organisations?country=US")
    assert "5 organisations that match" in found.text("main")
    assert "/organisations?kind=credit-union&country=US" in found.links
    assert "/organisations?country=US&region=US-MA" in found.links
    narrowed = page("/organisations?country=US&region=US-MA")
    assert "/organisations" in narrowed.links  # a region goes with its country
    assert "/organisations?country=US" in narrowed.links
    assert "No organisation matches" in page("/organisations?kind=no-such-kind").text("main")


def test_pages_are_linked_both_ways(page: GetPage) -> None:
    assert "/organisations?page=2" in page("/organisations").links
    middle = page("/organisations?page=2").links
    assert {"/organisations", "/organisations?page=3"} <= set(middle)
    last = page("/organisations?page=3")
    assert "Page 3 of 3" in last.text("main")


def test_numbers_in_names_sort_by_value(page: GetPage) -> None:
    names = [text for text in page("/organisations?country=CA").texts["a"] if "Crumb" in text]
    assert names[:3] == ["Crumb Society No. 1", "Crumb Society No. 2", "Crumb Society No. 3"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=4", 404),
        ("page=0", 400),
        ("page=x", 400),
        ("page=-1", 400),
        ("page=99999999999999999999", 400),
        ("page=²", 400),
        ("kind=a%20b", 400),
        ("kind=%3E%20%7D", 400),
        ("source=" + "x" * 100, 400),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/organisations?{query}").status_code == status


def test_each_page_of_the_list_has_addresses_of_its_own(client: FlaskClient) -> None:
    response = client.get("/organisations?country=CA&page=2", headers={"Accept": "text/turtle"})
    location = response.headers["Content-Location"]
    assert location == "https://coops.example/organisations.ttl?country=CA&page=2"
    again = client.get(location.removeprefix("https://coops.example"))
    assert again.data == response.data
