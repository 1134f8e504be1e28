"""``/history/…``, and the page of what no source lists any more."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.test import TestResponse

from coopgraph.entity import Description
from coopgraph.journal import Journal
from coopgraph.namespaces import STANDARD, iri, organization_iri
from coopgraph.settings import Settings
from coopgraph.store import Layout
from coopgraph.web import create_app
from coopgraph.web.service import View
from tests.conftest import Load, MakePublisher, WriteDataset, minimal_descriptor
from tests.web.past import MESSAGE

TABLEFLIP = "zx73q7nn6v-sm"
FOLDED = "k1qxcbjsy3-qf"
UNKNOWN = "0000000001-01"
GetPage = Callable[[str], Any]


def words(text: str) -> str:
    return " ".join(text.split())


# The page -----------------------------------------------------------------------------------


def test_the_page_tells_what_changed_field_by_field(page: GetPage) -> None:
    found = page(f"/history/org/{TABLEFLIP}")
    assert found.text("h1") == "History of Tableflip Bakery Co-operative"
    assert found.texts["time"][:2] == ["1 May 2026", "1 April 2026"]
    text = found.text("main")
    assert (
        "Harbour Register of Mutual Societies, edition 2025 · commit 5 · 1 record changed" in text
    )
    assert words("".join(found.texts["del"][:1])) == "TABLEFLIP BAKERY CO-OPERATIVE"
    assert words("".join(found.texts["ins"][:1])) == "TABLEFLIP BAKERY CO-OPERATIVE, INC."
    assert "Street: 1 Toad Lane → is now 12 Rochdale Road" in text
    assert "Forming → is now Active" in text
    assert "commit 4 · 56 records 1 changed, 55 gone" not in text
    assert "55 gone" in text
    assert "/record/movement-directory/tableflip" in found.links
    assert "clerk" not in text.replace("As the clerk had it", "")


def test_what_came_and_went_is_gathered_and_a_large_commit_has_pages(page: GetPage) -> None:
    path = f"/history/org/{TABLEFLIP}"
    found = page(path)
    assert "24 records of stalls no longer listed" in found.texts["summary"]
    assert "31 more records of this commit" in found.texts["a"]
    assert f"{path}?commit=4" in found.links
    whole = page(f"{path}?commit=4")
    assert whole.texts["time"][:-1] == ["1 April 2026"]
    assert "55 records of stalls no longer listed" in whole.texts["summary"]
    assert path in whole.links


def test_pages_lead_to_histories(page: GetPage, client: FlaskClient) -> None:
    assert f"/history/org/{TABLEFLIP}" in page(f"/org/{TABLEFLIP}").links
    assert "/history/dataset/credit-list" in page("/dataset/credit-list").links
    for path in (f"/org/{TABLEFLIP}", "/dataset/credit-list"):
        links = client.get(path).headers["Link"]
        assert f'<https://coops.example/history{path}>; rel="version-history"' in links


def test_a_record_leads_to_the_history_of_what_it_is_about(
    page: GetPage, client: FlaskClient
) -> None:
    path = "/record/harbour-register/economy:R000017,2025"
    history = f"/history/org/{TABLEFLIP}"
    assert history in page(path).links
    for address in (path, f"{path}.ttl"):
        links = client.get(address).headers["Link"]
        assert f'<https://coops.example{history}>; rel="version-history"' in links


def test_a_record_is_described_once_for_its_page_and_links(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[NamedNode] = []
    describe = View.describe

    def counted(view: View, thing: NamedNode, **how: Any) -> Description | None:
        asked.append(thing)
        return describe(view, thing, **how)

    monkeypatch.setattr(View, "describe", counted)
    for extension in ("html", "ttl", "jsonld"):
        response = client.get(f"/record/harbour-register/economy:R000017,2025.{extension}")
        assert response.status_code == 200
        assert len(asked) == 1, extension
        asked.clear()


def test_hostile_texts_are_texts(client: FlaskClient) -> None:
    text = client.get("/history/org/xdwzptktxd-cb.html").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("path", [f"org/{TABLEFLIP}", "dataset/movement-directory"])
def test_messages_do_not_turn_the_direction_of_writing(client: FlaskClient, path: str) -> None:
    text = client.get(f"/history/{path}.html").text
    assert "As the clerk had it" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_the_page_of_a_dataset_has_its_commits_in_numbers(page: GetPage) -> None:
    found = page("/history/dataset/movement-directory")
    assert found.texts["h2"][:2] == ["Edition 2026", "Edition 2025"]
    assert [cell.strip() for cell in found.texts["td"][:3]] == ["9", "1", "0"]


# As data --------------------------------------------------------------------------------------


def test_programs_get_json(client: FlaskClient) -> None:
    for path, accept in (
        (f"/history/org/{TABLEFLIP}", "*/*"),
        (f"/history/org/{TABLEFLIP}.json", "text/html"),
    ):
        response = client.get(path, headers={"Accept": accept})
        assert response.mimetype == "application/json"
        content = response.json
        assert content is not None
        assert content["organization"] == organization_iri(STANDARD, TABLEFLIP).value
        assert (content["upToCommit"], content["commits"], content["listed"]) == (7, 4, True)
        [first, second, *_] = content["entries"]
        assert (first["commit"], first["edition"], first["message"]) == (5, "2025", MESSAGE)
        assert second["counts"] == {"changed": 1, "gone": 55}
        assert (len(second["records"]), second["omitted"]) == (25, 31)
        assert '"who"' not in response.text
        links = response.headers["Link"]
        assert f'<https://coops.example/org/{TABLEFLIP}>; rel="up"' in links


def test_links_lead_from_page_to_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopgraph.history.history.COMMITS_ON_PAGE", 3)
    monkeypatch.setattr("coopgraph.history.history.RECORDS_ON_PAGE", 50)
    path = f"/history/org/{TABLEFLIP}.json"
    start = f"https://coops.example{path}"
    assert f'<{start}?page=2>; rel="next"' in client.get(path).headers["Link"]
    assert f'<{start}>; rel="prev"' in client.get(f"{path}?page=2").headers["Link"]
    links = client.get(f"{path}?commit=4").headers["Link"]
    assert f'<{start}?commit=4&page=2>; rel="next"' in links
    html = client.get(f"{path.removesuffix('.json')}.html?commit=4&page=2").text
    assert f'rel="prev" href="{path.removesuffix(".json")}?commit=4"' in html


def test_other_forms_are_not_to_be_had(client: FlaskClient) -> None:
    response = client.get(f"/history/org/{TABLEFLIP}", headers={"Accept": "text/turtle"})
    assert response.status_code == 406
    assert response.json is not None
    assert response.json["available"] == ["text/html", "application/json"]


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/history/org/zx73q7nn6v-sn", [f"https://coops.example/history/org/{TABLEFLIP}"]),
        (f"/history/org/{UNKNOWN}", None),
        ("/history/org/no such id", None),
        (f"/history/org/{TABLEFLIP}?commit=2", [f"https://coops.example/history/org/{TABLEFLIP}"]),
        (f"/history/org/{TABLEFLIP}?page=9", [f"https://coops.example/history/org/{TABLEFLIP}"]),
        ("/history/dataset/nope", ["https://coops.example/catalog"]),
        ("/history/dataset/credit-list?page=2", ["https://coops.example/catalog"]),
    ],
)
def test_what_is_not_there_is_404_with_near_ones(
    client: FlaskClient, path: str, near: list[str] | None
) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json is not None
    assert response.json.get("didYouMean") == near


@pytest.mark.parametrize("number", ["x", "0", "-1", "٣", "", "1" * 30])
def test_a_wrong_number_is_400(client: FlaskClient, number: str) -> None:
    for path in (f"/history/org/{TABLEFLIP}?page=", f"/history/org/{TABLEFLIP}?commit="):
        assert client.get(path + number).status_code == 400
    assert client.get(f"/history/dataset/credit-list?page={number}").status_code == 400


# Listed no more ---------------------------------------------------------------------------------


def test_the_page_of_what_no_source_lists_says_when_it_was_last_listed(page: GetPage) -> None:
    found = page(f"/org/{FOLDED}")
    assert found.text("h1") == "Folded Paper Society"
    text = found.text("main")
    assert "No source lists this organisation any more" in text
    assert "until edition 2025, loaded on 1 March 2026, as folded" in text
    assert "no longer in edition 2026, loaded on 1 April 2026" in text
    assert f"/history/org/{FOLDED}" in found.links
    history = page(f"/history/org/{FOLDED}")
    assert history.text("h1") == "History of Folded Paper Society"
    assert "No source lists it any more." in history.text("main")


def test_its_data_say_no_more_than_that(triples: Callable[..., set[Triple]]) -> None:
    thing = organization_iri(STANDARD, FOLDED)
    record = NamedNode(f"{STANDARD}id/record/movement-directory/folded")
    since = Literal("2026-04-01T12:00:00+00:00", datatype=iri("xsd:dateTime"))
    note = (
        "Directory of the Teigwaren Co-operative Movement last listed it as “Folded Paper Society” "
        "in edition 2025, loaded on 1 March 2026, and no longer in edition 2026, loaded on "
        "1 April 2026."
    )
    for accept in ("text/turtle", "application/n-quads", "application/rdf+xml"):
        found = triples(f"/org/{FOLDED}", accept)
        assert {t for t in found if t.subject == thing} == {
            Triple(thing, iri("dcterms:identifier"), Literal(FOLDED)),
            Triple(thing, iri("skos:historyNote"), Literal(note, language="en")),
            Triple(
                thing,
                iri("rdfs:seeAlso"),
                NamedNode(f"https://coops.example/history/org/{FOLDED}"),
            ),
        }
        assert Triple(record, iri("prov:invalidatedAtTime"), since) in found
        assert Triple(record, iri("foaf:primaryTopic"), thing) in found


def test_its_json_ld_names_its_sources(client: FlaskClient) -> None:
    content = client.get(f"/org/{FOLDED}.jsonld").json
    assert content is not None
    assert content["id"] == organization_iri(STANDARD, FOLDED).value
    [source] = content["sources"]
    assert source["dataset"]["id"] == f"{STANDARD}id/dataset/movement-directory"
    assert "type" not in content


def test_its_name_leads_to_that_page(client: FlaskClient) -> None:
    response = client.get(f"/id/org/{FOLDED}")
    assert response.status_code == 303
    assert response.headers["Location"] == f"https://coops.example/org/{FOLDED}"


# Without a journal ------------------------------------------------------------------------------


@pytest.fixture
def bare(home: Path, settings: Settings, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of a service whose journal is gone."""
    folder = tmp_path / "bare"
    shutil.copytree(home, folder, symlinks=True, ignore=shutil.ignore_patterns("journal.sqlite*"))
    with create_app(replace(settings, home=folder)).test_client() as client:
        yield client
    assert not list(folder.glob("journal.sqlite*"))


def test_without_a_journal_histories_wait_and_all_else_goes_on(bare: FlaskClient) -> None:
    for path in (f"/history/org/{TABLEFLIP}", "/history/dataset/credit-list", f"/org/{FOLDED}"):
        response = bare.get(path)
        assert response.status_code == 503, path
        assert response.json is not None
        assert "journal.sqlite cannot be found" in response.json["detail"]
        assert "Retry-After" in response.headers
    assert bare.get(f"/org/{TABLEFLIP}").status_code == 200
    assert bare.get("/org/zx73q7nn6v-sn").status_code == 404
    assert bare.get("/dataset/credit-list").status_code == 200


# As published -----------------------------------------------------------------------------------

DESCRIPTOR = minimal_descriptor().replace(
    "tables: {organisations: {file: organisations.csv, key: id}}",
    """tables:
  organisations: {file: organisations.csv, key: id}
  shops: {file: shops.csv, entity: Site, key: shop, parent: owner}""",
)


class Service:
    """A state folder to publish into, and a client of what is published there."""

    def __init__(self, home: Path, load: Load, publisher: MakePublisher, write: WriteDataset):
        self.settings = Settings(home=home, load_processes=1, url="https://coops.example")
        self._load, self._publisher, self._write = load, publisher, write

    def load(self, *organizations: str, shops: tuple[str, ...] = ()) -> None:
        files = {
            "organisations.csv": ["id,name,kind", *organizations],
            "shops.csv": ["shop,owner,site_name", *shops],
        }
        folder = self._write("list", DESCRIPTOR, files)
        self._load(folder, into=self.settings, may_remove=True)

    def merge(self, old: str, new: str) -> None:
        self._publisher(self.settings).merge(old, new)

    def id(self, key: str) -> str:
        with closing(Journal.open(Layout(self.settings.home).journal)) as journal:
            found = journal.organization_of("list", key)
        assert found is not None
        return found

    def get(self, path: str, accept: str = "text/html") -> TestResponse:
        with create_app(self.settings).test_client() as client:
            return client.get(path, headers={"Accept": accept})


@pytest.fixture
def here(
    tmp_path: Path, load: Load, publisher: MakePublisher, write_dataset: WriteDataset
) -> Service:
    return Service(tmp_path / "home", load, publisher, write_dataset)


def test_a_merged_organisation_keeps_its_history_and_says_where_it_goes_on(
    here: Service, parse_page: Callable[[str], Any]
) -> None:
    here.load("1,Aster,mutual", "2,Birch,mutual")
    aster, birch = here.id("1"), here.id("2")
    here.merge(birch, aster)
    assert here.get(f"/org/{birch}").headers["Location"] == f"https://coops.example/org/{aster}"
    old = parse_page(here.get(f"/history/org/{birch}").text)
    assert old.text("h1") == "History of Birch"
    assert "It was merged into Aster, whose history goes on from there." in old.text("main")
    assert {f"/org/{aster}", f"/history/org/{aster}"} <= set(old.links)
    content = here.get(f"/history/org/{birch}.json").json
    assert content is not None
    assert content["mergedInto"] == organization_iri(STANDARD, aster).value
    new = parse_page(here.get(f"/history/org/{aster}").text)
    assert "Birch was merged into it." in new.text("main")
    assert "2 came from Birch" in new.texts["summary"]


def test_an_organisation_of_which_parts_remain_has_its_page_and_its_name(
    here: Service, parse_page: Callable[[str], Any]
) -> None:
    here.load("1,Aster,mutual", "2,Birch,mutual", shops=("s,2,Quay",))
    birch = here.id("2")
    here.load("1,Aster,mutual", shops=("s,2,Quay",))
    found = parse_page(here.get(f"/org/{birch}").text)
    assert found.text("h1") == "Birch"
    text = found.text("main")
    assert "No source lists this organisation any more." in text
    assert "until what was loaded" not in text
    assert "as 2" in text
    assert "Quay" in text
    Layout(here.settings.home).journal.unlink()
    assert here.get(f"/org/{birch}").status_code == 200


def test_a_journal_ahead_of_the_snapshot_is_told_up_to_it(here: Service, tmp_path: Path) -> None:
    here.load("1,Aster,mutual")
    behind = tmp_path / "behind"
    shutil.copytree(here.settings.home, behind, symlinks=True)
    here.load("1,Aster & Co,mutual", "2,Birch,mutual")
    aster, birch = here.id("1"), here.id("2")
    shutil.copy(Layout(here.settings.home).journal, behind / "restored")
    (behind / "restored").rename(Layout(behind).journal)
    here.settings = replace(here.settings, home=behind)
    content = here.get(f"/history/org/{aster}.json").json
    assert content is not None
    assert [entry["commit"] for entry in content["entries"]] == [1]
    assert content["name"] == "Aster"
    assert here.get(f"/history/org/{birch}").status_code == 404
    assert here.get(f"/org/{birch}").status_code == 404


def test_a_damaged_state_is_503_and_what_is_published_stays_up(here: Service) -> None:
    here.load("1,Aster,mutual", "2,Birch,mutual")
    aster = here.id("1")
    with closing(sqlite3.connect(Layout(here.settings.home).journal)) as db, db:
        db.execute("UPDATE states SET content = zeroblob(9) WHERE key = '1'")
    response = here.get(f"/history/org/{aster}", "application/json")
    assert response.status_code == 503
    assert response.json is not None
    assert "The journal is damaged at list/1" in response.json["detail"]
    assert "Aster" in here.get(f"/org/{aster}").text


def test_a_journal_of_another_history_is_not_told(here: Service, tmp_path: Path) -> None:
    here.load("1,Aster,mutual", "2,Birch,mutual")
    aster, birch = here.id("1"), here.id("2")
    journal = Layout(here.settings.home).journal
    short, other = tmp_path / "short", tmp_path / "other"
    shutil.copy(journal, short)
    shutil.copytree(here.settings.home, other, symlinks=True)
    here.load("1,Alpha,mutual")
    there = replace(here.settings, home=other)
    here.settings, mine = there, here.settings
    here.load("1,Beta,mutual")
    here.settings = mine
    for source, reason in (
        (short, "the journal does not have it"),
        (Layout(other).journal, "the journal has another commit of that number"),
    ):
        shutil.copy(source, tmp_path / "put")
        (tmp_path / "put").rename(journal)
        for path in (f"/history/org/{aster}", "/history/dataset/list", f"/org/{birch}"):
            response = here.get(path, "application/json")
            assert response.status_code == 503, path
            assert response.json is not None
            assert f"shows commit 2, and {reason}; restore" in response.json["detail"]
        assert "Alpha" in here.get(f"/org/{aster}").text


def test_a_dataset_outside_the_merge_tells_nothing_of_organisations(
    here: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    licence = "licence: https://creativecommons.org/publicdomain/zero/1.0/"
    monkeypatch.setattr(f"{__name__}.DESCRIPTOR", DESCRIPTOR.replace(licence, "licence: unstated"))
    here.load("1,Aster,mutual", "2,Birch,mutual")
    aster = here.id("1")
    for _ in range(2):
        for path in (f"/org/{aster}", f"/history/org/{aster}", f"/history/org/{aster}.json"):
            response = here.get(path)
            assert response.status_code == 404, path
            assert "Aster" not in response.text
        assert here.get("/history/dataset/list").status_code == 200
        here.load("2,Birch,mutual")
