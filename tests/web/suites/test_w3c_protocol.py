"""W3C's cases for the SPARQL 1.1 Protocol: all 34.

The public service gets every case but those that change something, and refuses these; a service
that writes gets every case. Both read requests by the same code.
"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from werkzeug.test import TestResponse

from tests.web.suites.conftest import ROOT, Public
from tests.web.suites.manifests import ProtocolCase, Request, protocol_cases

pytestmark = pytest.mark.suites("sparql11")

CASES = {case.name: case for case in protocol_cases()}
UPDATES = [name for name in CASES if name.startswith("update_")]
# What the public service and the one that writes answer to bad updates. The last two have a type
# that does not say that they are updates.
BAD_UPDATES = {
    "bad_update_get": (403, 400),
    "bad_multiple_updates": (403, 400),
    "bad_update_non_utf8": (403, 415),
    "bad_update_syntax": (403, 400),
    "bad_update_dataset_conflict": (403, 400),
    "bad_update_wrong_media_type": (415, 415),
    "bad_update_missing_form_type": (415, 415),
}
# The types that the cases' titles allow for each form.
TYPES = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples"),
}


def quads(case: ProtocolCase) -> list[Quad]:
    return [
        Quad(*quad.triple, NamedNode(name))
        for name, path in case.graphs
        for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)
    ]


def sent(client: FlaskClient, request: Request) -> TestResponse:
    return client.open(
        request.path,
        method=request.method,
        headers=list(request.headers),
        data=request.body,
        base_url=ROOT,
    )


def check(response: TestResponse, request: Request) -> None:
    """The response is of the status, the form and the verdict that the case expects."""
    assert str(response.status_code)[0] in request.statuses, response.text
    if request.form:
        assert response.mimetype in TYPES[request.form]
    if request.form == "RDF":
        list(parse(response.data, format=RdfFormat.from_media_type(response.mimetype)))
    elif request.form:
        form = QueryResultsFormat.from_media_type(response.mimetype)
        found = parse_query_results(response.data, format=form)
        if request.form == "tabular":
            assert isinstance(found, QuerySolutions)
            assert len(list(found)) == 1
        else:
            assert isinstance(found, QueryBoolean)
            assert request.verdict in (bool(found), None)


def test_all_cases_are_there() -> None:
    assert len(CASES) == 34
    assert len(UPDATES) == 7
    assert set(BAD_UPDATES) == {name for name in CASES if "bad" in name and "update" in name}
    assert sum(len(case.graphs) for case in CASES.values()) > 10


@pytest.mark.parametrize("name", [name for name in CASES if name not in UPDATES])
def test_the_public_service_answers(public: Public, name: str) -> None:
    client = public.showing(quads(CASES[name]))
    for request in CASES[name].requests:
        check(sent(client, request), request)


@pytest.mark.parametrize("name", CASES)
def test_a_service_that_writes_answers(writable: FlaskClient, name: str) -> None:
    writable.application.extensions["store"].extend(quads(CASES[name]))
    for request in CASES[name].requests:
        check(sent(writable, request), request)


@pytest.mark.parametrize("name", UPDATES)
def test_the_public_service_refuses_updates(public: Public, name: str) -> None:
    response = sent(public.showing(()), CASES[name].requests[0])
    assert response.status_code in (403, 405)
    assert "only reads" in response.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize("name", BAD_UPDATES)
def test_bad_updates_are_refused_for_what_they_are(
    public: Public, writable: FlaskClient, name: str
) -> None:
    [request] = CASES[name].requests
    clients = (public.showing(()), writable)
    assert tuple(sent(client, request).status_code for client in clients) == BAD_UPDATES[name]
