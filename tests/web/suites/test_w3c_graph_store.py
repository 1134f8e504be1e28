"""W3C's cases for the SPARQL 1.1 Graph Store HTTP Protocol: all 18 of the manifest.

They are one session in 18 steps: each test plays the writes before its own on a service that
writes. Reads are then sent to the public service as well, over what the session had stored by
then; writes are refused there.

The manifest leaves some things out, and contradicts itself in one; what is done about each stands
below. Its older home, W3C's page of tests, shows the steps that it forgot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from werkzeug.test import TestResponse

from tests.web.suites.conftest import ROOT, Public
from tests.web.suites.manifests import GraphStoreCase, graph_store_cases

pytestmark = pytest.mark.suites("sparql11")

CASES = {case.name: case for case in graph_store_cases()}
WRITES = [name for name in CASES if not name.startswith(("get_", "head_"))]
READS = [name for name in CASES if name not in WRITES]

# “person/2.ttl” is deleted as an existing graph, and no case creates it.
PUT_BEFORE = {"delete__existing_graph": "<urn:s> <urn:p> <urn:o> ."}
# “After noop” names no such operation: it is a POST without a body, which changes nothing.
NOOP_BEFORE = "get_of_post__after_noop"
# These bodies lack the full stop that Turtle ends statements with; as they are they are 400.
UNFINISHED = ("post__existing_graph", "post__multipart_formdata")
# The response expected here is of neither state before: the graph says “Jane” since it was put
# anew, and POST adds to it. RFC and specification ask for the merge of the two.
MERGED = {
    "get_of_post__existing_graph": ("get_of_put__graph_already_in_store", "post__existing_graph")
}


class Session:
    """The steps so far, played on a service that writes."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.new_path = ""

    def play(self, name: str, *, is_mended: bool = True) -> TestResponse:
        """One case's request, after what it takes for granted."""
        case = CASES[name]
        path = self.target(case)
        if name in PUT_BEFORE:
            put = self.client.put(path, data=PUT_BEFORE[name], content_type="text/turtle")
            assert put.status_code == 201
        if name == NOOP_BEFORE:
            assert self.client.post(path, content_type="text/turtle").status_code == 204
        body = finished(case) if is_mended else filled(case.request.body)
        response = self.send(self.client, case, path, body)
        self.new_path = urlsplit(response.headers.get("Location", "")).path or self.new_path
        return response

    def play_writes_before(self, name: str) -> None:
        for earlier in list(CASES)[: list(CASES).index(name)]:
            if earlier in WRITES:
                self.play(earlier)

    def target(self, case: GraphStoreCase) -> str:
        """The path of a request, with the graph's IRI or the new path put in."""
        return filled(case.request.start.split()[1]).replace("$NEWPATH$", self.new_path)

    def send(self, client: FlaskClient, case: GraphStoreCase, path: str, body: str) -> TestResponse:
        headers = {name: filled(value) for name, value in case.request.headers}
        if headers.get("Content-Type", "").startswith("multipart/"):
            body = body.replace("\n", "\r\n")
        return client.open(
            path,
            method=case.request.start.split()[0],
            headers=headers,
            data=body.encode() if body else None,
            base_url=ROOT,
        )


def filled(text: str) -> str:
    """A text with the places of this service put in: its graphs are at ``/graph/…``."""
    text = text.replace("http://$HOST$/$GRAPHSTORE$", f"{ROOT}/graph")
    return text.replace("$GRAPHSTORE$", "/graph").replace("$HOST$", urlsplit(ROOT).netloc)


def finished(case: GraphStoreCase) -> str:
    """A body, its last statements ended with a full stop."""
    body = filled(case.request.body)
    return re.sub(r'^(<.*")$', r"\1 .", body, flags=re.M) if case.name in UNFINISHED else body


def expected_graph(name: str) -> set[Quad]:
    if name in MERGED:
        read, written = MERGED[name]
        return canonical(filled(CASES[read].response.body), finished(CASES[written]))
    return canonical(filled(CASES[name].response.body))


def canonical(*documents: str | bytes) -> set[Quad]:
    """The triples of Turtle documents, merged, with blank nodes named by what is said of them."""
    dataset = Dataset(quad for document in documents for quad in parsed(document))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def parsed(document: str | bytes) -> Iterator[Quad]:
    return iter(parse(document, format=RdfFormat.TURTLE, rename_blank_nodes=True))


def check(response: TestResponse, name: str) -> None:
    """Status, headers and graph are what the case expects."""
    expected = CASES[name].response
    assert response.status_code == int(expected.start.split()[0]), response.text
    for header, value in expected.headers:
        if header == "Content-Length":
            assert int(response.headers[header]) > 0
        elif header == "Location":
            assert response.headers[header].startswith(f"{ROOT}/graph/")
        else:
            assert response.headers[header] == value
    if expected.body:
        assert canonical(response.data) == expected_graph(name)


def test_all_cases_are_there() -> None:
    assert len(CASES) == 18
    assert len(READS) == 10
    assert {case.request.start.split()[0] for case in CASES.values()} == {
        "GET", "HEAD", "PUT", "POST", "DELETE",
    }  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_service_that_writes_answers(writable: FlaskClient, name: str) -> None:
    session = Session(writable)
    session.play_writes_before(name)
    check(session.play(name), name)


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_body_that_is_no_turtle_is_400_and_changes_nothing(
    writable: FlaskClient, name: str
) -> None:
    session = Session(writable)
    session.play_writes_before(name)
    before = set(writable.application.extensions["store"])
    assert session.play(name, is_mended=False).status_code == 400
    assert set(writable.application.extensions["store"]) == before


@pytest.mark.parametrize("name", READS)
def test_the_public_service_reads_the_same(
    writable: FlaskClient, public: Public, name: str
) -> None:
    session = Session(writable)
    session.play_writes_before(name)
    session.play(name)
    client = public.showing(writable.application.extensions["store"])
    case = CASES[name]
    path = session.target(case).replace("/graph?", "/data?")
    check(session.send(client, case, path, ""), name)


@pytest.mark.parametrize("name", WRITES)
def test_the_public_service_refuses_writes(
    writable: FlaskClient, public: Public, name: str
) -> None:
    session, case = Session(writable), CASES[name]
    path = re.sub(r"/graph($|\?)", r"/data\1", session.target(case))
    response = session.send(public.showing(()), case, path, finished(case))
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "only reads" in response.json["detail"]  # type: ignore[index]
