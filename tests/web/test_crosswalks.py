"""The pages of crosswalks: mappings for people, SSSOM for programs."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from coopgraph.namespaces import CROSSWALK, iri
from coopgraph.standard import Standard

HTML = {"Accept": "text/html"}


def test_a_page_shows_every_mapping(client: FlaskClient, standard: Standard) -> None:
    known = standard.crosswalks["naics-2022"]
    text = client.get("/crosswalk/naics-2022", headers=HTML).text
    assert text.count("<tr>") == len(known.matches) + 1
    assert "Mining, Quarrying, and Oil and Gas Extraction" in text
    assert 'href="/code/activity/B"' in text


def test_programs_get_the_mappings_with_their_justification(
    client: FlaskClient, standard: Standard
) -> None:
    response = client.get("/crosswalk/nace-2", headers={"Accept": "text/turtle"})
    triples = {quad.triple for quad in parse(response.data, format=RdfFormat.TURTLE)}
    justified = {t.subject for t in triples if t.predicate.value.endswith("mapping_justification")}
    assert len(justified) == len(standard.crosswalks["nace-2"].matches) > 88
    assert {t.predicate for t in triples} >= {iri("owl:annotatedSource"), iri("dcterms:license")}


def test_a_code_that_is_named_here_leads_to_its_crosswalk(client: FlaskClient) -> None:
    response = client.get("/crosswalk/naics-2022/22")
    assert response.status_code == 303
    assert response.location.endswith("/crosswalk/naics-2022")


@pytest.mark.parametrize(
    "path", ["/crosswalk/none", "/crosswalk/naics-2022/x", "/crosswalk/none/1"]
)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_each_crosswalk_is_listed_beside_the_code_lists(
    client: FlaskClient, standard: Standard
) -> None:
    text = client.get("/code", headers=HTML).text
    assert len(standard.crosswalks) > 5
    for slug, known in standard.crosswalks.items():
        assert known.iri.value == f"{CROSSWALK}{slug}"
        assert f'href="/crosswalk/{slug}"' in text
