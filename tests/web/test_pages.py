"""Pages for people: what stands on each, and that every link on it leads somewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

TABLEFLIP = "/org/zx73q7nn6v-sm"
FEDERATION = "/org/4vkgmgbt4t-tw"
KINDS = [
    "/",
    TABLEFLIP,
    FEDERATION,
    "/org/xdwzptktxd-cb",
    "/history/org/zx73q7nn6v-sm",
    "/history/org/zx73q7nn6v-sm?commit=4",
    "/history/dataset/movement-directory",
    "/org/k1qxcbjsy3-qf",
    "/organisations",
    "/organisations?country=US&kind=credit-union",
    "/organisations?page=3",
    "/dataset/movement-directory",
    "/dataset/credit-list",
    "/catalog",
    "/licences",
    "/record/movement-directory/a%2Fb%20c%25.ttl",
    "/record/harbour-register/economy:R000017,2025",
    "/ns",
    "/shapes",
    "/templates",
    "/code",
    "/code/organisation-kind",
    "/code/organisation-kind/cooperative",
    "/code/legal-form/AZFE",
    "/sparql",
    "/sparql?query=SELECT+*+%7B%3Fs+?p+?o%7D+LIMIT+20",
    "/data?graph=https://w3id.org/coopgraph/code/status",
    "/queries",
    "/queries/credit-unions-by-state",
    "/queries/members-of-federation",
    "/queries/members-of-federation?organization=4vkgmgbt4t-tw",
    "/api",
]
GetPage = Callable[[str], Any]


@pytest.mark.parametrize("path", KINDS)
def test_every_page_has_its_landmarks(page: GetPage, path: str) -> None:
    found = page(path)
    tags = [tag for tag, _ in found.attributes]
    for landmark in ("header", "nav", "main", "footer", "h1", "title"):
        assert landmark in tags, landmark
    assert tags.count("main") == tags.count("h1") == 1
    assert "#main" in found.links
    assert "main" in found.ids
    assert ("html", {"lang": "en"}) in found.attributes
    labelled = {a.get("for") for tag, a in found.attributes if tag == "label"}
    for tag, attributes in found.attributes:
        if tag in ("input", "textarea", "select"):
            assert attributes["id"] in labelled
        if tag == "img":
            assert "alt" in attributes


def test_every_internal_link_of_every_kind_of_page_leads_somewhere(
    client: FlaskClient, page: GetPage
) -> None:
    origins: dict[str, str] = {}
    for path in KINDS:
        for link in page(path).links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                target = link if link.startswith("/") else f"{path.partition('#')[0]}{link}"
                origins.setdefault(target, path)
    assert len(origins) > 400
    fragments: dict[str, set[str]] = {}
    for target, origin in origins.items():
        path, _, fragment = target.partition("#")
        if path not in fragments:
            response = client.get(path, headers={"Accept": "text/html,*/*"}, buffered=True)
            assert response.status_code == 200, (origin, target, response.status)
            fragments[path] = page(path).ids if response.mimetype == "text/html" else set()
        if fragment:
            assert fragment in fragments[path], (origin, target)


# The organisation -----------------------------------------------------------------------------


def test_the_page_of_an_organisation_shows_its_facts(page: GetPage) -> None:
    found = page(TABLEFLIP)
    text = found.text("main")
    assert found.text("h1") == "Tableflip Bakery Co-operative"
    for fact in (
        "Cooperativa Panadera Tableflip",
        "TABLEFLIP BAKERY CO-OPERATIVE, INC.",
        "Food co-operative",
        "Worker co-operative",
        "14 May 1987",
        "tableflip.example",
        "+1 413 555 0100",
        "12 Rochdale Road, Northampton, 01060",
        "42.3251, -72.6412",
        "00-0000017",
        "Own declaration",
        "Teigwaren Co-operative Union",
        "Tableflip at the Quay",
        "Mo-Sa 07:00-22:00",
        "Sourdough loaves, wholesale",
        "https://w3id.org/coopgraph/id/org/zx73q7nn6v-sm",
    ):
        assert fact in text, fact


def test_each_fact_names_its_sources(page: GetPage) -> None:
    found = page(TABLEFLIP)
    assert {"source-1", "source-2"} <= found.ids
    said = {text.partition("Source")[0].strip(): text for text in found.texts["dd"]}
    assert said["Tableflip Bakery Co-operative"].split("Source")[1:] == [" 1", " 2"]
    assert said["311811"].split("Source")[1:] == [" 1"]
    assert said["14 May 1987"].split("Source")[1:] == [" 2"]
    assert "CC BY 4.0" in found.text("aside")
    assert "Open Government Licence 3.0" in found.text("aside")
    assert "20 November 2026" in found.text("aside")


def test_figures_stand_in_a_table_by_year(page: GetPage) -> None:
    found = page(TABLEFLIP)
    headings = found.texts["th"]
    assert headings == [
        "Year",
        "Members",
        "Surplus (USD)",
        "Turnover (USD)",
        "2025",
        "2024",
        "2023",
    ]
    cells = [" ".join(text.partition("Source")[0].split()) for text in found.texts["td"]]
    assert cells == ["19", "−2 200", "1 310 000", "17", "", "1 250 400.5", "14", "", ""]


def test_a_federation_lists_its_members_up_to_a_cap(page: GetPage) -> None:
    found = page(FEDERATION)
    text = found.text("main")
    assert "Members 133" in text
    assert "60 of 133 are shown" in text
    assert "Crumb Society No. 2" in text
    assert "/queries/members-of-federation?organization=4vkgmgbt4t-tw" in found.links


def test_names_in_other_scripts_keep_their_direction(page: GetPage) -> None:
    attributes = page("/org/279qpw0k4w-gh").attributes
    assert ("bdi", {"dir": "auto", "lang": "ar"}) in attributes


def test_text_of_sources_is_text(client: FlaskClient, page: GetPage) -> None:
    for path in ("/org/xdwzptktxd-cb", "/organisations?country=US"):
        assert "<script>alert" in page(path).text("main")
        assert b"<script>" not in client.get(path, headers={"Accept": "text/html"}).data


# Others ---------------------------------------------------------------------------------------


def test_the_first_page_counts(page: GetPage) -> None:
    found = page("/")
    text = found.text("main")
    assert "140 organisations" in text
    assert "5 countries" in text
    assert "3 datasets" in text
    assert "/organisations?kind=credit-union" in found.links
    assert "/organisations?country=US" in found.links
    assert "curl" in text


def test_the_page_of_a_dataset_says_who_what_and_when(page: GetPage) -> None:
    found = page("/dataset/movement-directory")
    text = found.text("main")
    for fact in (
        "Directory of the Teigwaren Co-operative Movement",
        "Teigwaren Co-operative Union",
        "CC BY 4.0",
        "Contains the yearbook",
        "2 November 2026",
        "1 October 2026",
        "yearly",
        "9 organisations",
        "https://w3id.org/coopgraph/graph/movement-directory",
    ):
        assert fact in text, fact
    assert "/organisations?source=movement-directory" in found.links
    [example] = [link for link in found.links if link.startswith("/sparql?query=")]
    assert "Loom" in page(example).text("tbody") or page(example).texts["tr"]


def test_the_licences_say_how_to_credit(page: GetPage) -> None:
    text = page("/licences").text("main")
    assert "© GeoNames, under Creative Commons Attribution 4.0" in text
    assert "Open Government Licence 3.0" in text
    assert "Credit: Harbour Registrar" in text
    assert "Contains the yearbook of the Teigwaren Co-operative Union" in text


def test_a_record_leads_to_what_it_is_about(page: GetPage) -> None:
    found = page("/record/harbour-register/economy:R000017,2025")
    assert found.text("h1") == "Record economy:R000017,2025"
    assert TABLEFLIP in found.links
    assert "/dataset/harbour-register" in found.links


def test_the_vocabulary_has_an_anchor_for_each_term(page: GetPage) -> None:
    found = page("/ns")
    assert {"Organization", "CreditUnion", "kind", "observation"} <= found.ids
    fields = page("/shapes")
    assert {"OrganizationShape", "AddressShape", "postalCode", "name"} <= fields.ids
    assert "foundedYear" in fields.text("main")


def test_a_code_leads_to_its_organisations(page: GetPage) -> None:
    assert "/organisations?country=US" in page("/code/country/US").links
    assert "/organisations?region=US-MA" in page("/code/subdivision/US-MA").links
    assert "Cooperativa" in page("/code/organisation-kind/cooperative").text("main")


def test_a_person_sees_results_as_a_table(page: GetPage) -> None:
    found = page("/sparql?query=SELECT+%3Fs+%7B%3Fs+a+?t%7D+LIMIT+3")
    assert len(found.texts["tr"]) == 4
    downloads = [link for link in found.links if "format=" in link]
    assert len(downloads) == 8  # in the head and in the body
    assert "SELECT ?s" in found.text("textarea")
    assert "The answer is yes" in page("/sparql?query=ASK%7B%7D").text("main")
    assert "no rows" in page("/sparql?query=SELECT*%7B?s+%3Curn:x%3E+?o%7D").text("main")


def test_a_long_table_says_that_it_is_cut(page: GetPage) -> None:
    found = page("/sparql?query=SELECT*%7B?s+?p+?o%7D")
    assert len(found.texts["tr"]) == 1_001
    assert "The first 1,000 rows are shown" in found.text("main")


def test_a_stored_query_asks_for_what_it_needs(client: FlaskClient, page: GetPage) -> None:
    assert "required" in dict(
        next(a for tag, a in page("/queries/members-of-federation").attributes if tag == "input")
    )
    answered = page("/queries/members-of-federation?organization=4vkgmgbt4t-tw")
    assert "Tableflip Bakery Co-operative" in answered.text("table")
    wrong = client.get(
        "/queries/members-of-federation?organization=x", headers={"Accept": "text/html"}
    )
    assert wrong.status_code == 400
    assert wrong.mimetype == "text/html"
