"""Documents as they were: Memento (RFC 7089) over commits that were really published."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from coopgraph.journal import Journal
from coopgraph.namespaces import ONTOLOGY_GRAPH, iri, organization_iri
from coopgraph.publish import LoadOptions, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.reading import make_standard
from coopgraph.store import Layout
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.web import create_app
from tests.web.conftest import BROWSER, Page

ROOT = "https://coops.example"
BODY = NamedNode("https://example.org/Body")
DESCRIPTOR = """\
title: {title}
description: For one test.
publisher: {{name: Nobody}}
licence: https://creativecommons.org/publicdomain/zero/1.0/
tables: {{organisations: {{file: organisations.csv, key: id}}}}
"""
TIMES = [datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2, 3, 4)]
FIRST = ["x,Old Name,federation,", "y,Yeast,food-cooperative,x", "z,Zest,food-cooperative,"]
THIRD = ["x,New Name,federation,", "y,Yeast,food-cooperative,x"]


class Past:
    """What was published, in four commits, of which the first was made under another standard."""

    def __init__(self, home: Path, folder: Path, standard: Standard) -> None:
        self.settings = Settings(home=home, url=ROOT, title="Teigwaren co-ops")
        self._folder = folder
        extra = Triple(iri("coop:Organization"), iri("rdfs:subClassOf"), BODY)
        older = make_standard(
            [*standard.ontology, extra], standard.shapes, standard.codes, "0" * 16,
            standard.mappings,
        )  # fmt: skip
        self.load(older, "a", FIRST, 1)
        self.load(standard, "b", ["w,Wheat,food-cooperative,"], 2)
        self.load(standard, "a", THIRD, 3)
        self.publisher(standard, 4).merge(self.id("b", "w"), self.id("a", "x"))

    def publisher(self, standard: Standard, number: int) -> Publisher:
        return Publisher(self.settings, standard, clock=lambda: TIMES[number - 1])

    def load(
        self, standard: Standard, name: str, rows: list[str], number: int, extra: str = ""
    ) -> None:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        text = DESCRIPTOR.format(title=f"List {name} {number}") + extra
        (folder / "dataset.yaml").write_text(text)
        text = "\n".join(["id,name,kind,member_of", *rows]) + "\n"
        (folder / "organisations.csv").write_text(text)
        descriptor = read_descriptor(folder, standard)
        publisher = self.publisher(standard, number)
        publisher.load(descriptor, folder, LoadOptions(may_remove=True))

    def id(self, dataset: str, key: str) -> str:
        with closing(Journal.open(Layout(self.settings.home).journal)) as journal:
            found = journal.organization_of(dataset, key, 3)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> Past:
    folder = tmp_path_factory.mktemp("past")
    return Past(folder / "home", folder, standard)


@pytest.fixture(scope="module")
def served(past: Past) -> Flask:
    return create_app(past.settings)


@pytest.fixture
def visitor(served: Flask) -> Iterator[FlaskClient]:
    with served.test_client() as client:
        yield client


@pytest.fixture
def said(visitor: FlaskClient) -> Callable[[str], set[Triple]]:
    """``said(path)`` → the triples of a document."""

    def get(path: str) -> set[Triple]:
        response = visitor.get(path, headers={"Accept": "application/n-triples"})
        assert response.status_code == 200, (path, response.status)
        return {quad.triple for quad in parse(response.data, format=RdfFormat.N_TRIPLES)}

    return get


def names(triples: set[Triple], organization: str) -> set[str]:
    node = organization_iri("https://w3id.org/coopgraph/", organization)
    path = iri("skos:prefLabel")
    return {t.object.value for t in triples if t.subject == node and t.predicate == path}  # type: ignore[union-attr]


def classes(triples: set[Triple]) -> set[object]:
    return {t.object for t in triples if t.predicate == iri("rdf:type")}


def links(response: TestResponse, relation: str) -> list[str]:
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', response.headers["Link"])
    return [target for target, names in found if relation in names.split()]


def test_an_organisation_is_told_as_each_commit_left_it(
    past: Past, said: Callable[[str], set[Triple]]
) -> None:
    x = past.id("a", "x")
    told = [names(said(f"/org/{x}?at={number}"), x) for number in (1, 2, 3, 4)]
    assert told == [{"Old Name"}, {"Old Name"}, {"New Name"}, {"New Name", "Wheat"}]


def test_a_version_is_inferred_with_the_standard_then_in_force(
    past: Past, visitor: FlaskClient, said: Callable[[str], set[Triple]]
) -> None:
    y = past.id("a", "y")
    first, second = (classes(said(f"/org/{y}?at={number}")) for number in (1, 2))
    assert first - second == {BODY}
    assert not second - first
    by_address = visitor.get(f"/org/{y}.jsonld?at=2").get_json()["@context"]
    assert by_address == f"{ROOT}/context.jsonld"
    assert isinstance(visitor.get(f"/org/{y}.jsonld?at=1").get_json()["@context"], dict)


def test_the_version_of_now_says_what_the_document_says(
    past: Past, said: Callable[[str], set[Triple]]
) -> None:
    y, x = past.id("a", "y"), past.id("a", "x")
    assert said(f"/org/{y}?at=4") == said(f"/org/{y}")
    whole, own = said(f"/org/{x}"), said(f"/org/{x}?at=4")
    assert not own - whole
    others = organization_iri("https://w3id.org/coopgraph/", y)
    assert {t for t in whole - own if others not in (t.subject, t.object)} == set()
    assert whole - own  # what its member's record says of it


def test_each_source_is_told_apart_in_a_version(past: Past, visitor: FlaskClient) -> None:
    x = past.id("a", "x")
    quads = list(parse(visitor.get(f"/org/{x}.nq?at=4").data, format=RdfFormat.N_QUADS))
    graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    stem = "https://w3id.org/coopgraph/graph/"
    assert {f"{stem}a", f"{stem}b"} <= graphs


def test_a_memento_says_of_what_and_of_when_it_is(past: Past, visitor: FlaskClient) -> None:
    y = past.id("a", "y")
    response = visitor.get(f"/org/{y}.ttl?at=3")
    assert response.headers["Memento-Datetime"] == http_date(TIMES[2])
    assert links(response, "original") == [f"{ROOT}/org/{y}.ttl"]
    assert links(response, "timegate") == [f"{ROOT}/org/{y}.ttl"]
    assert links(response, "timemap") == [f"{ROOT}/timemap/org/{y}.ttl"]
    assert response.headers["Content-Location"] == f"{ROOT}/org/{y}.ttl?at=3"
    assert f"{ROOT}/org/{y}.jsonld?at=3" in links(response, "alternate")
    tag = {"If-None-Match": response.headers["ETag"]}
    assert visitor.get(f"/org/{y}.ttl?at=3", headers=tag).status_code == 304
    assert visitor.get(f"/org/{y}.ttl?at=2", headers=tag).status_code == 200


@pytest.mark.parametrize(
    ("wished", "sequence"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), 1),
        (TIMES[0], 1),
        (datetime(2026, 2, 1, 11, 59, 59, tzinfo=UTC), 1),
        (TIMES[1], 2),
        (datetime(2026, 3, 20, tzinfo=UTC), 3),
        (datetime(2099, 1, 1, tzinfo=UTC), 4),
    ],
)
def test_a_document_leads_to_the_version_of_a_time(
    past: Past, visitor: FlaskClient, wished: datetime, sequence: int
) -> None:
    path = f"/org/{past.id('a', 'y')}"
    response = visitor.get(path, headers={"Accept-Datetime": http_date(wished)})
    assert (response.status_code, response.location) == (302, f"{ROOT}{path}?at={sequence}")
    assert "Accept-Datetime" in response.headers["Vary"]
    assert links(response, "original") == [f"{ROOT}{path}"]
    assert "Memento-Datetime" not in response.headers
    head = visitor.head(path, headers={"Accept-Datetime": http_date(wished)})
    assert head.location == response.location


def test_before_there_was_anything_the_first_version_is_given(
    past: Past, visitor: FlaskClient
) -> None:
    for path, first in ((f"/org/{past.id('b', 'w')}", 2), ("/dataset/b", 2), ("/ns", 1)):
        early = {"Accept-Datetime": http_date(datetime(2020, 1, 1, tzinfo=UTC))}
        assert visitor.get(path, headers=early).location == f"{ROOT}{path}?at={first}"


@pytest.mark.parametrize(
    ("at", "sequence"),
    [
        ("2026-02-01", 2),
        ("2026-01-31", 1),
        ("2026-03-01T12:00:00Z", 3),
        ("2026-03-01T11:59:59Z", 2),
        ("2026-03-01T13:00:00+01:00", 3),
        ("2026-03-01T13:00:00%2B01:00", 3),
        ("2026-03-01T12:59:59.5%2B01:00", 2),
    ],
)
def test_an_address_may_name_a_time(
    past: Past, visitor: FlaskClient, at: str, sequence: int
) -> None:
    path = f"/org/{past.id('a', 'y')}.ttl"
    response = visitor.get(f"{path}?at={at}&context=inline")
    assert response.status_code == 302
    assert response.location == f"{ROOT}{path}?at={sequence}&context=inline"


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("0", 404), ("5", 404), ("9" * 400, 404), ("", 400), ("-1", 400), ("yesterday", 400),
        ("2026-13-01", 400), ("2026-03-01T12:00:00", 400), ("٣", 400), ("20260301", 404),
        ("0001-01-01T00:00:00%2B23:59", 400), ("2026-W01-1", 400),
    ],
)  # fmt: skip
def test_what_names_no_version_is_told(
    past: Past, visitor: FlaskClient, at: str, status: int
) -> None:
    for path in (f"/org/{past.id('a', 'y')}", "/dataset/a", "/ns", "/code/country/US"):
        response = visitor.get(f"{path}?at={at}")
        assert response.status_code == status, (path, at, response.text)
        assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "wished",
    [
        "tomorrow", "", "Fri, 31 Dec 9999 23:59:59 -2300",
        "Sun, 01 Mar 99999999999999999999 12:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:00 +9999999999999999999999",
    ],
)  # fmt: skip
def test_a_wish_that_is_no_time_is_told(visitor: FlaskClient, wished: str) -> None:
    response = visitor.get("/dataset/a", headers={"Accept-Datetime": wished})
    assert response.status_code == 400
    assert "Accept-Datetime" in response.get_json()["detail"]


def test_an_organisation_was_not_before_it_was_listed(past: Past, visitor: FlaskClient) -> None:
    w = past.id("b", "w")
    assert visitor.get(f"/org/{w}?at=2").status_code == 200
    response = visitor.get(f"/org/{w}?at=1")
    assert response.status_code == 404
    assert "at commit 1" in response.get_json()["detail"]
    page = visitor.get(f"/org/{w}?at=1", headers={"Accept": BROWSER})
    assert page.status_code == 404
    assert 'class="version"' not in page.text  # it is no page of that time


def test_an_organisation_that_was_listed_is_told_though_it_is_gone(
    past: Past, visitor: FlaskClient, said: Callable[[str], set[Triple]]
) -> None:
    z = past.id("a", "z")
    assert names(said(f"/org/{z}?at=2"), z) == {"Zest"}
    for path in (f"/org/{z}", f"/org/{z}?at=3"):
        assert not names(said(path), z)
        assert iri("skos:historyNote") in {t.predicate for t in said(path)}
    assert visitor.get(f"/org/{z}?at=3").headers["Memento-Datetime"] == http_date(TIMES[2])


def test_a_merge_redirects_since_it_was_made(past: Past, visitor: FlaskClient) -> None:
    w, x = past.id("b", "w"), past.id("a", "x")
    assert visitor.get(f"/org/{w}.ttl?at=3").status_code == 200
    later = visitor.get(f"/org/{w}.ttl?at=4")
    assert (later.status_code, later.location) == (301, f"{ROOT}/org/{x}.ttl?at=4")
    assert "Memento-Datetime" not in later.headers
    thing = visitor.get(f"/id/org/{w}?at=3")
    assert (thing.status_code, thing.location) == (303, f"{ROOT}/org/{w}?at=3")
    assert visitor.get(f"/id/org/{w}").location == f"{ROOT}/id/org/{x}"
    wish = {"Accept-Datetime": http_date(TIMES[2])}
    assert visitor.get(f"/id/org/{w}", headers=wish).location == f"{ROOT}/org/{w}"
    assert visitor.get(f"/org/{w}", headers=wish).location == f"{ROOT}/org/{w}?at=3"


def test_a_dataset_is_described_as_it_was(
    visitor: FlaskClient, said: Callable[[str], set[Triple]]
) -> None:
    counts = []
    for number in (1, 2, 3):
        found = {t.predicate: t.object for t in said(f"/dataset/a?at={number}")}
        counts.append((found[iri("dcterms:title")].value, found[iri("coop:recordCount")].value))  # type: ignore[union-attr]
    assert counts == [("List a 1", "3"), ("List a 1", "3"), ("List a 3", "2")]
    node = "https://w3id.org/coopgraph/id/dataset/a"
    missing = said("/dataset/a") - said("/dataset/a?at=4")
    own = {t.predicate.value for t in missing if t.subject == NamedNode(node)}
    void = "http://rdfs.org/ns/void#"  # counts are made in the background, and are not kept
    assert f"{void}triples" in own
    assert all(path.startswith(void) for path in own - {iri("rdf:type").value})
    assert not said("/dataset/a?at=4") - said("/dataset/a")
    assert visitor.get("/dataset/b?at=1").status_code == 404


def test_the_standard_is_told_as_it_was(said: Callable[[str], set[Triple]]) -> None:
    first, second = said("/ns?at=1"), said("/ns?at=2")
    assert {t.object for t in first if t.predicate == iri("rdfs:subClassOf")} >= {BODY}
    assert BODY not in {t.object for t in second}
    for path in ("/ns", "/shapes", "/code", "/code/country/US", "/crosswalk/naics-2022"):
        assert said(f"{path}?at=4") == said(path), path
    assert said("/shapes?at=1") == said("/shapes")
    assert any(t.subject == ONTOLOGY_GRAPH for t in first)


def test_a_timemap_lists_versions_that_are_there(past: Past, visitor: FlaskClient) -> None:
    expected = {
        f"/org/{past.id('a', 'x')}": [1, 2, 3, 4],
        f"/org/{past.id('a', 'y')}.ttl": [1, 2],
        f"/org/{past.id('a', 'z')}": [1, 2, 3],
        "/dataset/a": [1, 3],
        "/ns.html": [1, 2],
        "/code/country/US": [1, 2],
    }
    for path, sequences in expected.items():
        response = visitor.get(f"/timemap{path}")
        assert response.mimetype == "application/link-format"
        found = re.findall(r'<([^>]*)>; rel="([^"]*memento)"; datetime="([^"]*)"', response.text)
        assert [int(address.partition("?at=")[2]) for address, _, _ in found] == sequences
        assert found[0][1].split()[0] == "first"
        assert "last" in found[-1][1]
        for address, _, at in found:
            memento = visitor.get(address.removeprefix(ROOT))
            assert memento.headers["Memento-Datetime"] == at
        assert f'<{ROOT}{path}>; rel="original timegate"' in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/org/7k3m9qx2c4-h8", "/dataset/none", "/organisations", "/", "/ns/1.0.0", "/code/nope",
        "/code/country/nope", "/crosswalk", "/crosswalk/nope", "/shapes/x/y",
    ],
)  # fmt: skip
def test_what_has_no_versions_has_no_timemap(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(f"/timemap{path}").status_code == 404


def test_pages_say_which_version_they_are_and_how_to_cite_it(
    past: Past, visitor: FlaskClient
) -> None:
    x, z = past.id("a", "x"), past.id("a", "z")
    paths = [f"/org/{x}", f"/org/{z}", "/dataset/a", "/ns", "/shapes", "/code", "/code/country"]
    for path in (*paths, "/code/country/US", "/crosswalk/naics-2022"):
        now = visitor.get(path, headers={"Accept": BROWSER})
        assert f"{ROOT}{path}?at=4" in Page(now.text).links
        assert 'class="version"' not in now.text
        then = visitor.get(f"{path}?at=2", headers={"Accept": BROWSER})
        page = Page(then.text)
        assert f"{ROOT}{path}?at=2" in page.links
        assert path in page.links
        assert 'name="robots" content="noindex"' in then.text
        assert "after commit 2" in then.text


def test_without_a_journal_only_versions_cannot_be_told(past: Past, tmp_path: Path) -> None:
    settings = replace(past.settings, home=tmp_path / "home")
    settings.home.mkdir()
    for name in ("snapshots", "current"):
        (settings.home / name).symlink_to(past.settings.home / name)
    (settings.home / "current").unlink()
    target = (past.settings.home / "current").readlink()
    (settings.home / "current").symlink_to(target)
    client = create_app(settings).test_client()
    path = f"/org/{past.id('a', 'y')}"
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?at=1").status_code == 503


@pytest.mark.parametrize("name", ["%22%3E", "%00", "a%20b", "%ff", "a%7Cb", "a%5Cb", "x" * 3000])
def test_what_is_no_id_had_no_versions(visitor: FlaskClient, name: str) -> None:
    for address in (f"/org/{name}?at=1", f"/org/{name}?at=2026-03-01", f"/timemap/org/{name}"):
        assert visitor.get(address).status_code == 404


def test_what_may_not_be_merged_any_more_is_told_by_no_version(
    tmp_path: Path, standard: Standard
) -> None:
    past = Past(tmp_path / "home", tmp_path, standard)
    x, y = past.id("a", "x"), past.id("a", "y")
    client = create_app(past.settings).test_client()

    def told(path: str, **headers: str) -> TestResponse:
        return client.get(path, headers={"Accept": "application/n-triples", **headers})

    address = f"/org/{y}?at=4"  # y is a member of x, which b calls Wheat
    before = told(address)
    assert "Wheat" in before.text
    past.load(standard, "b", ["w,Wheat,food-cooperative,"], 4, "merge: false\n")
    hidden = told(address)
    assert "New Name" in hidden.text
    assert "Wheat" not in hidden.text
    assert "Wheat" not in told(f"/org/{x}?at=4").text
    assert hidden.headers["ETag"] != before.headers["ETag"]
    held = {"If-None-Match": before.headers["ETag"]}
    assert told(address, **held).status_code == 200
    past.load(standard, "b", ["w,Wheat,food-cooperative,"], 4)  # and merged again, as commit 6
    for number, is_told in ((4, True), (5, False), (6, True)):
        for name in (x, y):
            assert ("Wheat" in told(f"/org/{name}?at={number}").text) == is_told


def test_a_version_is_the_same_byte_by_byte(past: Past) -> None:
    """However sets are ordered in the process that makes it."""
    code = (
        "import sys, hashlib, pathlib; from coopgraph.settings import Settings; "
        "from coopgraph.web import create_app; "
        "app = create_app(Settings(home=pathlib.Path(sys.argv[1]), url='https://coops.example')); "
        "print(hashlib.sha256(app.test_client().get(sys.argv[2]).data).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code, str(past.settings.home), f"/org/{past.id('a', 'x')}.nq?at=4"],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1
