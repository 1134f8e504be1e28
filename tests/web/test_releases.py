"""``/ns/{version}``: released versions stay as they were, beside the standard in use."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Quad, RdfFormat, Triple, parse

from coopgraph import resources
from coopgraph.namespaces import COOP, ONTOLOGY_GRAPH, SHAPES_GRAPH
from coopgraph.settings import Settings
from coopgraph.standard import Standard, read_standard
from coopgraph.standard.releases import FOLDER, canonical_quads, read_release, write_release
from coopgraph.web import create_app

LABEL = 'rdfs:label "Co-operative"@en'


def numbered(header: str, version: str) -> str:
    """The ontology's file with another version number."""
    text, count = re.subn(r'(?:(?<=/ns/)|(?<=Info "))\d+\.\d+\.\d+', version, header)
    assert count == 2
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A standard that was released, and changed since: one label, one property more."""
    root = tmp_path_factory.mktemp("standard")
    shutil.copytree(resources.ONTOLOGY, root / "ontology")
    shutil.copytree(resources.SHAPES, root / "shapes")
    header = (root / "ontology" / "coop.ttl").read_text("utf-8")
    assert LABEL in header
    (root / "ontology" / "coop.ttl").write_text(numbered(header, "1.0.0"), encoding="utf-8")
    releases = root / "ontology" / FOLDER
    shutil.rmtree(releases, ignore_errors=True)
    assert write_release(read_standard(root / "ontology", root / "shapes"), releases)
    text = numbered(header.replace(LABEL, 'rdfs:label "Coop"@en'), "1.1.0")
    text += "\ncoop:novelty a owl:DatatypeProperty ."
    (root / "ontology" / "coop.ttl").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def released(folder: Path) -> Standard:
    (path,) = (folder / "ontology" / FOLDER).glob("*.trig")
    return read_release(path)


@pytest.fixture(scope="module")
def past(folder: Path, home: Path) -> Iterator[FlaskClient]:
    """A client of a service that uses that standard."""
    settings = Settings(home=home, url="https://coops.example", standard=str(folder))
    with create_app(settings).test_client() as client:
        yield client


def triples(response: Any) -> set[Triple]:
    form = RdfFormat.from_media_type(response.mimetype)
    assert form is not None, response.mimetype
    return {quad.triple for quad in parse(response.data, format=form)}


def test_a_version_is_served_as_it_was(past: FlaskClient, released: Standard) -> None:
    for name, graph in (("ns", released.ontology), ("shapes", released.shapes)):
        for path in (f"/{name}/1.0.0.ttl", f"/{name}/1.0.0"):
            response = past.get(path, headers={"Accept": "text/turtle"})
            assert response.status_code == 200
            assert triples(response) == set(graph)
    assert "Coop" not in {getattr(t.object, "value", "") for t in released.ontology}


def test_every_form_of_rdf_is_there(past: FlaskClient, released: Standard) -> None:
    named = [t for t in released.ontology if "_:" not in str(t)]
    for extension in ("nt", "rdf", "jsonld"):
        found = triples(past.get(f"/ns/1.0.0.{extension}"))
        assert len(found) == len(set(released.ontology)), extension
        assert set(named) <= found, extension


def test_quads_hold_the_whole_release(past: FlaskClient, released: Standard, folder: Path) -> None:
    file = folder / "ontology" / FOLDER / "1.0.0.trig"
    assert past.get("/ns/1.0.0.trig").data == file.read_bytes()
    quads = set(parse(past.get("/shapes/1.0.0.nq").data, format=RdfFormat.N_QUADS))
    assert quads == set(canonical_quads(released))
    assert {ONTOLOGY_GRAPH, SHAPES_GRAPH} < {q.graph_name for q in quads if isinstance(q, Quad)}


def test_caches_may_keep_a_version_for_good(past: FlaskClient) -> None:
    response = past.get("/ns/1.0.0.ttl")
    assert "immutable" in response.headers["Cache-Control"]
    assert "max-age=31536000" in response.headers["Cache-Control"]
    etag, is_weak = response.get_etag()
    assert etag
    assert not is_weak
    again = past.get("/ns/1.0.0.ttl", headers={"If-None-Match": f'"{etag}"'})
    assert again.status_code == 304
    assert 'rel="latest-version"' in response.headers["Link"]


def test_a_page_lists_what_the_version_held(past: FlaskClient) -> None:
    for path in ("/ns/1.0.0", "/shapes/1.0.0"):
        response = past.get(path, headers={"Accept": "text/html"})
        assert response.mimetype == "text/html"
        assert "coop:Cooperative" in response.text
        assert "coop:novelty" not in response.text
        assert "postal_code" in response.text
        assert 'href="/ns/1.0.0/changes"' in response.text
        assert "immutable" not in response.headers["Cache-Control"]


def test_what_changed_since_is_told_to_people_and_programs(past: FlaskClient) -> None:
    found = past.get("/ns/1.0.0/changes").json
    assert found is not None
    assert (found["old"], found["new"], found["callsFor"]) == ("1.0.0", "1.1.0", "1.1.0")
    assert found["isHighEnough"] is True
    kinds = {(change["kind"], change["subject"]) for change in found["changes"]}
    assert ("term added", f"{COOP}novelty") in kinds
    assert ("wording changed", f"{COOP}Cooperative") in kinds
    page = past.get("/ns/1.0.0/changes", headers={"Accept": "text/html"})
    assert "coop:novelty" in page.text
    assert "Compatible (1)" in page.text


def test_an_unknown_version_is_404_with_those_there_are(past: FlaskClient) -> None:
    for path in ("/ns/1.0.9", "/ns/1.0.9.ttl", "/shapes/2", "/ns/9.9.9/changes"):
        response = past.get(path)
        assert response.status_code == 404, path
        assert "there are 1.0.0" in response.json["detail"]
    assert past.get("/ns/1.0.0", headers={"Accept": "image/png"}).status_code == 406


def test_without_a_release_the_answer_says_so(client: FlaskClient) -> None:
    response = client.get("/ns/0.0.0")
    assert response.status_code == 404
    assert "There is no released version “0.0.0”" in response.json["detail"]
