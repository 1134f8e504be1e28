"""Names of things lead to their documents; keys of records survive every spelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Triple

from coopgraph.namespaces import STANDARD, iri
from coopgraph.store import Snapshot

SITE = "https://coops.example"


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("/id/org/zx73q7nn6v-sm", "/org/zx73q7nn6v-sm"),
        ("/id/dataset/harbour-register", "/dataset/harbour-register"),
        ("/id/record/harbour-register/R000017", "/record/harbour-register/R000017"),
        (
            "/id/record/harbour-register/economy:R000017,2025",
            "/record/harbour-register/economy:R000017,2025",
        ),
        (
            "/id/record/movement-directory/a%2Fb%20c%25.ttl",
            "/record/movement-directory/a%2Fb%20c%25.ttl",
        ),
        ("/id/catalogue", "/catalog"),
    ],
)
def test_a_name_leads_to_its_document(client: FlaskClient, name: str, document: str) -> None:
    response = client.get(name)
    assert response.status_code == 303
    assert response.location == SITE + document
    assert client.get(document).status_code == 200


def test_every_subject_of_the_graph_has_a_document(client: FlaskClient, snapshot: Snapshot) -> None:
    """Whatever IRI of ours the data names, a program can look it up here."""
    names = {
        quad.subject.value.partition("#")[0]
        for quad in snapshot.store
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(f"{STANDARD}id/")
    }
    assert len(names) > 150
    for name in sorted(names)[::7]:
        response = client.get(name.removeprefix(STANDARD.rstrip("/")))
        assert response.status_code == 303, name
        assert client.get(response.location.removeprefix(SITE)).status_code == 200, name


@pytest.mark.parametrize(
    "spelling",
    [
        "a%2Fb%20c%25.ttl",
        "a%2fb%20c%25.ttl",
        "a/b%20c%25.ttl",
        "%61%2Fb%20c%25%2Ettl",
    ],
)
def test_a_record_is_found_by_every_spelling_of_its_key(
    client: FlaskClient, triples: Callable[..., set[Triple]], spelling: str
) -> None:
    found = triples(f"/record/movement-directory/{spelling}")
    subject = NamedNode(f"{STANDARD}id/record/movement-directory/a%2Fb%20c%25.ttl")
    [identifier] = [t.object for t in found if t.predicate == iri("dcterms:identifier")]
    assert subject in {triple.subject for triple in found}
    assert identifier.value == "a/b c%.ttl"  # type: ignore[union-attr]


def test_separators_may_be_encoded(client: FlaskClient) -> None:
    path = "/record/harbour-register/economy%3AR000017%2C2025"
    assert client.get(path).status_code == 200


def test_a_key_that_ends_like_an_extension_is_a_key_first(client: FlaskClient) -> None:
    path = "/record/movement-directory/a%2Fb%20c%25.ttl"
    assert client.get(path, headers={"Accept": "text/html"}).mimetype == "text/html"
    assert client.get(f"{path}.ttl", headers={"Accept": "text/html"}).mimetype == "text/turtle"
    assert client.get(f"{path}.rdf").mimetype == "application/rdf+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/record/harbour-register/none",
        "/record/none/R000017",
        "/record/harbour-register/a//b",
        "/record/harbour-register/%00%0A%3C%3E",
        "/graph/none",
        "/id/thing/x",
        "/dataset/none",
        "/dataset/harbour-register.txt",
        "/org/none",
        "/org/%3Cx%3E",
        "/org/a%20b",
        "/nothing",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_the_host_header_takes_no_part(client: FlaskClient) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    response = client.get("/id/org/zx73q7nn6v-sm", headers=headers)
    assert response.location == f"{SITE}/org/zx73q7nn6v-sm"
    for path in ("/org/zx73q7nn6v-sm", "/", "/catalog", "/openapi.json", "/api", "/nope"):
        for accept in ("text/html", "*/*"):
            answer = client.get(path, headers={**headers, "Accept": accept})
            assert b"evil.example" not in answer.data
            assert "evil.example" not in str(answer.headers)
