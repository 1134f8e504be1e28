"""``/queries``: the list, each query as results in each form, and its text."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from coopgraph import resources
from coopgraph.formats import CHART, GEOJSON, RESULT_FORMATS
from coopgraph.namespaces import CODE, STANDARD
from coopgraph.query import StoredQuery, prepare, read_queries
from coopgraph.settings import Settings
from coopgraph.web.cells import capital, in_words

GetPage = Callable[..., Any]  # the parsed page of a path
QUERIES = read_queries(resources.QUERIES)
NAMES = sorted(QUERIES)
# What this sample has an answer to; tests/query/test_competency.py asks all of them.
ANSWERED = {
    "credit-unions-by-state", "facts-with-several-sources", "figures-of-organisation",
    "members-of-federation", "organisations-by-kind-and-country", "organisations-by-words",
    "organisations-in-region",
}  # fmt: skip
BAKERY, FEDERATION = "zx73q7nn6v-sm", "4vkgmgbt4t-tw"


def arguments(client: FlaskClient, name: str) -> dict[str, str]:
    """What the query must be given: the examples of its parameters."""
    [entry] = [item for item in client.get("/queries").json if item["name"] == name]  # type: ignore[union-attr]
    values = dict(entry["example"])
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
def test_each_answers_programs_and_people(client: FlaskClient, page: GetPage, name: str) -> None:
    values = arguments(client, name)
    columns = [word.strip() for word in QUERIES[name].returns.partition("(")[0].split(",")]
    response = client.get(f"/queries/{name}", query_string=values)
    assert response.status_code == 200
    found = parse_query_results(response.data, format=QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    assert [column.value for column in found.variables] == columns
    rows = list(found)
    assert rows or name not in ANSWERED
    shown = page(f"/queries/{name}?{urlencode(values)}")
    assert shown.texts["h1"] == [QUERIES[name].question]
    said = {capital(in_words(column)) for column in columns}
    assert set(shown.texts.get("th", said)) <= said
    assert len(shown.texts.get("tr", ["head"])) == len(rows) + 1


@pytest.mark.parametrize("name", ["cooperatives-by-country", "organisations-near"])
def test_each_form_goes_by_extension_type_and_parameter(client: FlaskClient, name: str) -> None:
    values = arguments(client, name)
    for form in (*RESULT_FORMATS, GEOJSON if name == "organisations-near" else CHART):
        by_extension = client.get(f"/queries/{name}.{form.extension}", query_string=values)
        assert by_extension.status_code == 200
        assert by_extension.mimetype == form.media_type
        by_type = client.get(
            f"/queries/{name}", query_string=values, headers={"Accept": form.media_type}
        )
        assert by_type.data == by_extension.data
        by_parameter = client.get(
            f"/queries/{name}", query_string={**values, "format": form.extension}
        )
        assert by_parameter.data == by_extension.data


@pytest.mark.parametrize("name", NAMES)
def test_each_has_its_text(client: FlaskClient, name: str) -> None:
    response = client.get(f"/queries/{name}.rq?source=yes")
    assert response.mimetype == "application/sparql-query"
    assert response.text == QUERIES[name].text


@pytest.mark.parametrize("name", NAMES)
def test_the_text_with_values_runs_as_it_is(client: FlaskClient, name: str) -> None:
    values = QUERIES[name].examples()
    response = client.get(f"/queries/{name}.rq", query_string=values)
    assert response.mimetype == "application/sparql-query"
    assert "UNDEF" not in response.text
    assert "#+ parameters" not in response.text
    assert prepare(response.text, Settings()).form == "SELECT"
    for parameter in QUERIES[name].parameters:
        is_bound = bool(values.get(parameter.name) or parameter.default)
        assert (f"VALUES ?{parameter.name} {{" in response.text) == is_bound


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
        ("/queries/members-of-federation.rq", 400),
        ("/queries/credit-unions-by-state.csv?source=yes", 400),
        ("/queries/organisations-in-region.csv?region=%7D%20UNION%20%7B", 400),
        ("/queries/credit-unions-by-state.ttl", 404),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


# Parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("organisations-near.csv?near=42.3", "there must be 2 numbers"),
        ("organisations-near.csv?near=99,7", "the latitude 99 is not from -90 to 90"),
        ("organisations-near.csv?near=42,-72&radius_km=0", "“0” is out of range: it must be from"),
        ("organisations-in-area.csv?area=1,2,3", "there must be 4 numbers"),
        ("figures-in-year.csv?year=22", "not a year of four digits"),
        ("labels-valid-on.csv?day=2026-13-01", "there is no such day"),
        ("oldest-cooperatives.csv?closed_too=perhaps", "not true or false"),
        ("organisations-by-kind.csv?country=XX", "not a code or an IRI of the list country"),
        ("organisations-of-kind.csv?kind=credit-unoin", "Did you mean credit-union?"),
        ("coverage-of-datasets.csv?dataset=Not%20one", "a dataset's short name"),
        (
            "coverage-of-datasets.csv?dataset=nosuch",
            "no dataset “nosuch” here. There are credit-list",
        ),
        ("organisations-of-kind.csv?kind=mutual&kind=cooperative", "“kind” is given 2 times"),
        ("organisations-of-kind.rq?kind=mutual&kind=mutual", "“kind” is given 2 times"),
        ("organisations-of-kind.csv?kind=mutual&utm=x", "no parameter “utm”. It takes kind."),
    ],
)
def test_a_value_that_cannot_be_is_told_apart(client: FlaskClient, path: str, told: str) -> None:
    response = client.get(f"/queries/{path}")
    assert response.status_code == 400
    assert told in response.json["detail"]  # type: ignore[index]


def test_people_get_their_form_back_with_what_was_wrong(client: FlaskClient) -> None:
    response = client.get(
        "/queries/organisations-near?near=here&radius_km=7", headers={"Accept": "text/html"}
    )
    assert response.status_code == 400
    assert "“here” is not a point" not in response.text.partition('role="alert"')[0]
    assert "“here” is not a point" in response.text
    assert "This cannot be asked" in response.text
    assert 'value="here"' in response.text
    assert 'value="7"' in response.text


def test_people_are_told_that_a_value_stands_twice(client: FlaskClient) -> None:
    path = "/queries/organisations-of-kind?kind=mutual&kind=federation"
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "“kind” is given 2 times" in response.text
    assert 'name="kind"' in response.text


def test_what_tracks_readers_is_no_parameter(client: FlaskClient) -> None:
    plain = client.get("/queries/organisations-of-kind.csv?kind=credit-union")
    shared = client.get(
        "/queries/organisations-of-kind.csv?kind=credit-union&utm_source=a&utm_source=b&fbclid=c&gclid=d"
    )
    assert (shared.status_code, shared.data) == (200, plain.data)


@pytest.mark.parametrize(
    "address",
    [
        f"https://coops.example/org/{FEDERATION}",
        f"https://coops.example/org/{FEDERATION}.html",
        f"https://coops.example/org/{FEDERATION}?context=inline#members",
        f"https://coops.example/id/org/{FEDERATION}",
        f"{STANDARD}id/org/{FEDERATION}",
    ],
)
def test_an_address_of_this_service_stands_for_what_is_there(
    client: FlaskClient, address: str
) -> None:
    path = "/queries/members-of-federation.csv"
    by_id = client.get(path, query_string={"organization": FEDERATION})
    by_address = client.get(path, query_string={"organization": address})
    assert len(by_id.text.splitlines()) > 1
    assert by_address.data == by_id.data


@pytest.mark.parametrize(
    ("path", "values", "same"),
    [
        (
            "coverage-of-datasets",
            {"dataset": "https://coops.example/dataset/movement-directory"},
            {"dataset": "movement-directory"},
        ),
        (
            "organisations-by-kind",
            {"country": "https://coops.example/code/country/CA.html"},
            {"country": f"{CODE}country/CA"},
        ),
    ],
)
def test_addresses_of_datasets_and_codes_do_too(
    client: FlaskClient, path: str, values: dict[str, str], same: dict[str, str]
) -> None:
    found, wanted = (
        client.get(f"/queries/{path}.csv", query_string=given) for given in (values, same)
    )
    assert len(wanted.text.splitlines()) > 1
    assert found.data == wanted.data


@pytest.mark.parametrize("stem", ["https://coops.example/org/", f"{STANDARD}id/org/"])
def test_an_id_that_cannot_be_is_told_apart_in_an_address(client: FlaskClient, stem: str) -> None:
    response = client.get(
        "/queries/members-of-federation.csv", query_string={"organization": f"{stem}4vkgmgbt4t-zz"}
    )
    assert response.status_code == 400
    assert "its check characters do not fit" in response.json["detail"]  # type: ignore[index]


def test_a_text_is_no_address(client: FlaskClient) -> None:
    words = "https://coops.example/org/bakery"
    response = client.get("/queries/organisations-in-town.rq", query_string={"town": words})
    assert f'VALUES ?town {{ "{words}" }}' in response.text


def test_a_label_names_a_code_too(client: FlaskClient) -> None:
    by_code, by_label = (
        client.get("/queries/organisations-of-kind.csv", query_string={"kind": kind})
        for kind in ("credit-union", "Credit Union")
    )
    assert by_label.data == by_code.data
    assert len(by_code.text.splitlines()) > 1


def test_defaults_are_used_and_can_be_replaced(client: FlaskClient) -> None:
    here = {"near": "42.6,-72.6412"}  # 30.6 km from the bakery
    default = client.get("/queries/food-cooperatives-near.csv", query_string=here)
    assert len(default.text.splitlines()) == 1
    empty = client.get(
        "/queries/food-cooperatives-near.csv", query_string={**here, "radius_km": ""}
    )
    assert empty.data == default.data
    wider = client.get(
        "/queries/food-cooperatives-near.csv", query_string={**here, "radius_km": "31"}
    )
    assert [row["distanceKm"] for row in csv.DictReader(io.StringIO(wider.text))] == ["30.57"]


def test_the_text_of_a_query_comes_with_its_values(client: FlaskClient) -> None:
    response = client.get("/queries/organisations-near.rq?near=42.3251,-72.6412&radius_km=3")
    assert 'VALUES ?near { "POINT(-72.6412 42.3251)"^^' in response.text
    assert 'VALUES ?radius_km { "3"^^' in response.text
    assert client.get("/queries/organisations-near.rq?near=x").status_code == 400


def fields(found: Any) -> dict[str, Mapping[str, str]]:
    """The fields of a page's form, by name."""
    kinds = ("input", "select")
    return {a["name"]: a for tag, a in found.attributes if tag in kinds and "name" in a}


def test_a_form_asks_for_each_value_in_its_way(page: GetPage) -> None:
    near = fields(page("/queries/organisations-near"))
    assert near["near"]["placeholder"] == "42.3251,-72.6412"
    assert "required" in near["near"]
    assert (near["radius_km"]["type"], near["radius_km"]["value"]) == ("number", "25")
    assert (near["radius_km"]["min"], near["radius_km"]["step"]) == ("0.1", "any")
    assert "required" not in near["radius_km"]
    assert fields(page("/queries/labels-valid-on"))["day"]["type"] == "date"
    assert "type" not in fields(page("/queries/oldest-cooperatives"))["closed_too"]


def test_a_form_suggests_codes_and_datasets_by_their_names(page: GetPage) -> None:
    found = page("/queries/organisations-near")
    assert fields(found)["kind"]["list"] in found.ids
    assert ("option", {"value": "credit-union"}) in found.attributes
    assert "Credit union" in found.texts["option"]
    datasets = page("/queries/coverage-of-datasets")
    assert ("option", {"value": "movement-directory"}) in datasets.attributes


def test_the_choice_of_yes_or_no_is_kept(page: GetPage) -> None:
    for asked in ("true", "yes", "1"):
        options = page(f"/queries/oldest-cooperatives?closed_too={asked}").attributes
        assert ("option", {"value": "true", "selected": ""}) in options


def test_an_example_is_one_click_away(page: GetPage) -> None:
    found = page("/queries/organisations-near")
    [example] = [link for link in found.links if "near=42.3251" in link and ".rq" not in link]
    assert "Tableflip Bakery Co-operative" in page(example).text("table")
    assert "Try an example" in page("/queries/members-of-federation").text("form")
    assert "Try an example" not in page("/queries/credit-unions-by-state").text("main")


def test_an_example_is_of_a_dataset_that_is_there(client: FlaskClient, page: GetPage) -> None:
    found = page("/queries/completeness-of-dataset")
    [example] = [link for link in found.links if "dataset=" in link]
    assert example.endswith("dataset=movement-directory")
    assert client.get(example).status_code == 200


def test_the_form_leads_to_the_answer(page: GetPage) -> None:
    found = page("/queries/organisations-of-kind?kind=credit-union")
    [form] = [a for tag, a in found.attributes if tag == "form" and "parameters" in a["class"]]
    assert form["action"] == "/queries/organisations-of-kind#answer"
    assert "answer" in found.ids


def test_an_empty_answer_says_what_may_be_the_reason(page: GetPage) -> None:
    assert "Perhaps no dataset here lists labels." in page(
        "/queries/labels-valid-on?day=1900-01-01"
    ).text("section")
    assert "Perhaps" not in page("/queries/organisations-of-kind?kind=credit-union").text("section")


def test_a_text_comes_as_the_answer_was_made(page: GetPage) -> None:
    [before] = [link for link in page("/queries/organisations-of-kind").links if ".rq" in link]
    assert before == "/queries/organisations-of-kind.rq?source=yes"
    [after] = [link for link in page("/queries/oldest-cooperatives").links if ".rq" in link]
    assert after == "/queries/oldest-cooperatives.rq"


# Charts and maps ------------------------------------------------------------------------------


def test_an_answer_of_numbers_stands_as_a_chart_beside_its_table(page: GetPage) -> None:
    found = page("/queries/cooperatives-by-country")
    [picture] = [attributes for tag, attributes in found.attributes if tag == "svg"]
    assert picture["role"] == "img"
    assert set(picture["aria-labelledby"].split()) <= found.ids
    bars = [attributes for tag, attributes in found.attributes if tag == "rect"]
    assert len(bars) == len(found.texts["tr"]) - 1 > 1
    assert not [a for tag, a in found.attributes if "style" in a]


def test_a_chart_stands_alone_as_a_file(client: FlaskClient) -> None:
    response = client.get("/queries/cooperatives-by-country.svg")
    assert response.mimetype == "image/svg+xml"
    svg = ET.fromstring(response.data)
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}rect"))) > 1
    assert client.get("/queries/organisations-in-region.svg?region=US-MA").status_code == 406


def test_a_chart_says_what_is_drawn_on_its_page_as_in_its_file(
    client: FlaskClient, page: GetPage
) -> None:
    svg = ET.fromstring(client.get("/queries/organisations-by-kind.svg?country=US").data)
    heading = [found.text for found in svg.iter("{http://www.w3.org/2000/svg}text")][:2]
    assert heading == [
        QUERIES["organisations-by-kind"].summary,
        "Organisations · country: United States",
    ]
    assert page("/queries/organisations-by-kind?country=US").texts["text"][:2] == heading


def test_names_are_links_and_points_are_left_to_the_map(page: GetPage) -> None:
    found = page("/queries/organisations-near?near=42.3,-72.6&radius_km=10")
    assert found.texts["th"] == ["Organisation", "Locality", "Distance in km"]
    assert f"/org/{BAKERY}" in found.links
    assert "POINT" not in found.text("table")
    assert BAKERY not in found.text("table")


def test_points_stand_on_a_map_with_their_features(client: FlaskClient, page: GetPage) -> None:
    found = page("/queries/organisations-near?near=42.3,-72.6&radius_km=10")
    [place] = [a["data-geojson"] for tag, a in found.attributes if "data-geojson" in a]
    assert parse_qs(urlsplit(place).query) == {"near": ["42.3,-72.6"], "radius_km": ["10"]}
    content = client.get(place).json
    assert content is not None
    [feature] = content["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-72.6412, 42.3251]}
    assert feature["properties"]["distanceKm"] == 4.39
    assert feature["properties"]["organisation"].endswith(f"/id/org/{BAKERY}")
    scripts = [a["src"] for tag, a in found.attributes if tag == "script" and "src" in a]
    assert any("/static/map.js" in source for source in scripts)


def test_what_cannot_be_drawn_is_not_offered(page: GetPage) -> None:
    nowhere = page("/queries/organisations-near?near=0,0")
    assert "The answer has no rows." in nowhere.text("section")
    assert not [a for tag, a in nowhere.attributes if "data-geojson" in a]
    assert not [link for link in nowhere.links if ".geojson" in link]
    table = page("/queries/organisations-in-region?region=US-MA")
    assert not [link for link in table.links if ".svg?" in link or ".geojson?" in link]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/queries/cooperatives-by-country", "svg"),
        ("/queries/organisations-near?near=42.3,-72.6", "geojson"),
    ],
)
def test_every_form_of_an_answer_is_a_link(
    client: FlaskClient, page: GetPage, path: str, form: str
) -> None:
    stem, _, arguments = path.partition("?")
    links = set(page(path).links)
    for extension in (form, "json", "xml", "csv", "tsv", "rq"):
        [link] = {link for link in links if link.startswith(f"{stem}.{extension}")}
        assert parse_qs(urlsplit(link).query) == parse_qs(arguments)
        assert client.get(link).status_code == 200


# Lists ----------------------------------------------------------------------------------------


def test_programs_are_told_types_defaults_and_downloads(client: FlaskClient) -> None:
    entries = {entry["name"]: entry for entry in client.get("/queries.json").json}  # type: ignore[union-attr]
    near = entries["organisations-near"]
    assert (near["shows"], near["most_rows"]) == ("map", 1000)
    assert entries["oldest-cooperatives"]["most_rows"] is None
    source = urlsplit(near["source"])
    assert client.get(f"{source.path}?{source.query}").text == QUERIES["organisations-near"].text
    assert near["keywords"] == ["places", "distance"]
    radius = {item["name"]: item for item in near["parameters"]}["radius_km"]
    assert (radius["kind"], radius["default"], radius["required"]) == ("decimal", "25", False)
    assert (radius["from"], radius["to"]) == ("0.1", "20100")
    assert near["example"] == {"near": "42.3251,-72.6412"}
    kinds = {item["media_type"]: item["url"] for item in near["downloads"]}
    assert {GEOJSON.media_type, "text/csv", "application/sparql-query"} <= kinds.keys()
    path = urlsplit(kinds[GEOJSON.media_type])
    assert client.get(f"{path.path}?{path.query}").status_code == 200
    assert CHART.media_type in {
        item["media_type"] for item in entries["cooperatives-by-country"]["downloads"]
    }
    assert "default" not in {i["name"]: i for i in near["parameters"]}["near"]


def test_the_list_is_grouped_by_subject(page: GetPage) -> None:
    found = page("/queries")
    subjects = {query.subject for query in QUERIES.values()}
    assert len(subjects) >= 8
    headings = [text.lower() for text in found.texts["h2"]]
    assert headings == ["subjects", *sorted(subjects)]
    anchors = [link[1:] for link in found.links if link.startswith("#") and link != "#main"]
    assert len(anchors) == len(subjects)
    assert set(anchors) <= found.ids
    listed = {link.removeprefix("/queries/") for link in found.links if "/queries/" in link}
    assert listed == set(NAMES)


def test_every_example_is_answered(client: FlaskClient) -> None:
    for entry in client.get("/queries.json").json:  # type: ignore[union-attr]
        assert (
            client.get(f"/queries/{entry['name']}", query_string=entry["example"]).status_code
            == 200
        )


def short(query: StoredQuery, most: str) -> StoredQuery:
    """The query, stopping after so many rows."""
    text = query.text.replace("LIMIT 1000", f"LIMIT {most.replace(',', '')}")
    return replace(
        query, text=text, returns=query.returns.replace("at most 1,000", f"at most {most}")
    )


def test_an_answer_that_stops_early_says_so(
    client: FlaskClient, page: GetPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/queries/organisations-near?near=42.3,-72.6"
    assert "stops at" not in page(path).text("section")
    known = client.application.extensions["coopgraph"].queries
    monkeypatch.setitem(known, "organisations-near", short(QUERIES["organisations-near"], "1"))
    assert "This query stops at 1 row;" in page(path).text("section")


def test_an_answer_that_is_longer_than_a_page_says_where_the_query_stops(
    client: FlaskClient, page: GetPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(
        QUERIES["commit-shown"],
        text="SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 2000",
        returns="s, p, o (at most 2,000 rows)",
    )
    known = client.application.extensions["coopgraph"].queries
    monkeypatch.setitem(known, "commit-shown", long)
    told = page("/queries/commit-shown").text("section")
    assert "more than 1,000 rows" in told
    assert "This query stops at 2,000 rows; there may be more." in told


@pytest.mark.parametrize("name", ["commit-shown", "oldest-cooperatives", "largest-federations"])
def test_what_is_the_very_question_is_no_early_stop(page: GetPage, name: str) -> None:
    assert "stops at" not in page(f"/queries/{name}").text("section")
