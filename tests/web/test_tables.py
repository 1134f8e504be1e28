"""Tables of results: what is shortened, which names stand for IRIs, and how numbers are written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pyoxigraph import Store

from coopgraph.namespaces import CODE, COOP, PREFIXES, STANDARD
from coopgraph.web.cells import WKT, Cell
from coopgraph.web.facts import Value
from coopgraph.web.tables import Table, reading_table, whole_table
from coopgraph.web.urls import Urls

PAGE = Urls("https://coops.example", STANDARD).page
BAKERY = f"{STANDARD}id/org/zx73q7nn6v-sm"
WEAVERS = f"{STANDARD}id/org/ncvd9an9qa-t0"
XSD = PREFIXES["xsd"]


def link(value: str) -> Cell:
    return {"type": "uri", "value": value}


def text(value: str, language: str = "") -> Cell:
    return {"type": "literal", "value": value, **({"xml:lang": language} if language else {})}


def typed(value: object, datatype: str = f"{XSD}integer") -> Cell:
    return {"type": "literal", "value": str(value), "datatype": datatype}


def headings(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


def shown(cell: Cell, column: str = "x") -> Value:
    """A value as it stands in the table of whoever asked for it."""
    return whole_table([column], [[cell]], PAGE).rows[0][0]


def read(columns: Sequence[str], *rows: Sequence[Cell], has_map: bool = False) -> Table:
    return reading_table(columns, rows, PAGE, has_map=has_map)


# As it was selected ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (BAKERY, "zx73q7nn6v-sm"),
        (f"{BAKERY}#address-1f", "zx73q7nn6v-sm#address-1f"),
        (f"{STANDARD}id/dataset/us-directory", "us-directory"),
        (f"{STANDARD}graph/us-directory", "us-directory"),
        (f"{STANDARD}id/record/us-directory/a%2F7", "us-directory/a%2F7"),
        (f"{CODE}organisation-kind/credit-union", "credit-union"),
        (f"{CODE}organisation-kind", "code:organisation-kind"),
        (f"{COOP}WorkerCooperative", "coop:WorkerCooperative"),
        (f"{PREFIXES['skos']}prefLabel", "skos:prefLabel"),
    ],
)
def test_names_are_shortened_and_can_be_had_whole(name: str, said: str) -> None:
    value = shown(link(name))
    assert (value.text, value.title) == (said, name)
    assert value.href


@pytest.mark.parametrize(
    "name", ["https://tableflip.example/a/b", "urn:isbn:1", f"{PREFIXES['schema']}a/b", "mailto:a"]
)
def test_names_that_are_not_ours_stay_whole(name: str) -> None:
    value = shown(link(name))
    assert (value.text, value.title) == (name, "")


@pytest.mark.parametrize("local", ["Thing", "a-b", "7", "-a", "a/b", "a.b", "", "é", "a~", "a%20b"])
def test_a_compact_name_is_one_that_sparql_reads(local: str) -> None:
    name = COOP + local
    value = shown(link(name)).text
    if value.startswith("coop:"):
        asked = f"PREFIX coop: <{COOP}> ASK {{ FILTER(STR({value}) = '{name}') }}"
        assert bool(Store().query(asked))
    assert value.startswith("coop:") is (local in ("Thing", "a-b", "7"))


def test_all_columns_keep_the_names_of_their_variables() -> None:
    columns = ["organisation", "name", "distanceKm"]
    table = whole_table(columns, [[link(BAKERY), text("Tableflip"), typed(1.5)]], PAGE)
    assert headings(table) == columns
    assert [value.text for value in table.rows[0]] == ["zx73q7nn6v-sm", "Tableflip", "1.5"]


def test_places_are_coordinates() -> None:
    point = shown(typed("POINT(-72.64123456 42.3)", WKT))
    assert (point.text, point.title) == ("42.3, -72.6412", "POINT(-72.64123456 42.3)")
    shape = "POLYGON((-73 42,-72 42,-72 43,-73 43,-73 42))"
    area = shown(typed(shape, WKT))
    assert len(area.text) < len(shape)
    assert area.text.endswith("…")
    assert area.title == shape


@pytest.mark.parametrize(
    ("cell", "column", "said"),
    [
        (typed(1250400), "members", "1,250,400"),
        (typed(-1234), "change", "-1,234"),
        (typed(999), "members", "999"),
        (typed(1998), "year", "1998"),
        (typed(1990), "decade", "1990"),
        (typed(1844), "foundedYear", "1844"),
        (typed(1998, f"{XSD}gYear"), "when", "1998"),
        (typed("12345.5", f"{XSD}decimal"), "total", "12345.5"),
        (typed("1.0E6", f"{XSD}double"), "total", "1.0E6"),
        (typed("many"), "total", "many"),
        (text("12345"), "number", "12345"),
    ],
)
def test_whole_numbers_get_separators_and_years_none(cell: Cell, column: str, said: str) -> None:
    assert shown(cell, column).text == said


def test_columns_of_numbers_are_told_from_years_and_texts() -> None:
    columns = ["year", "name", "members", "mixed", "none", "when"]
    rows = [
        [typed(1998), text("A"), typed(3), typed(3), None, typed(1998, f"{XSD}gYear")],
        [typed(1999), text("B"), None, text("?"), None, typed(1999, f"{XSD}gYear")],
    ]
    table = whole_table(columns, rows, PAGE)
    assert [column.heading for column in table.columns if column.is_number] == ["members"]


# For readers ----------------------------------------------------------------------------------


def test_a_name_leads_to_what_it_names() -> None:
    table = read(["organisation", "name"], [link(BAKERY), text("Tableflip", "es")])
    assert headings(table) == ["Organisation"]
    [[value]] = table.rows
    assert (value.text, value.href, value.title) == ("Tableflip", "/org/zx73q7nn6v-sm", BAKERY)
    assert value.language == "es"


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (["organization", "name"], ["Organisation"]),
        (["member", "name"], ["Member"]),
        (["country", "countryName"], ["Country"]),
        (["kind", "kindLabel"], ["Kind"]),
        (["dataset", "title"], ["Dataset"]),
        (["otherDataset", "otherTitle"], ["Other dataset"]),
        (["record", "title"], ["Record", "Title"]),
        (["dataset", "name"], ["Dataset", "Name"]),
    ],
)
def test_names_are_told_by_what_their_columns_are_called(
    columns: list[str], wanted: list[str]
) -> None:
    assert headings(read(columns, [link(BAKERY), text("A name")])) == wanted


def test_each_thing_has_its_own_name() -> None:
    table = read(
        ["country", "countryName", "organisation", "name"],
        [link(f"{CODE}country/US"), text("United States"), link(BAKERY), text("Tableflip")],
    )
    assert headings(table) == ["Country", "Organisation"]
    assert [value.href for value in table.rows[0]] == ["/code/country/US", "/org/zx73q7nn6v-sm"]


def test_where_a_name_could_be_of_two_things_it_is_of_none() -> None:
    table = read(["federation", "member", "name"], [link(BAKERY), link(WEAVERS), text("Weavers")])
    assert headings(table) == ["Federation", "Member", "Name"]
    texts = [value.text for value in table.rows[0]]
    assert texts == ["zx73q7nn6v-sm", "ncvd9an9qa-t0", "Weavers"]


@pytest.mark.parametrize(
    "other", [link("https://elsewhere.example/x"), text("x"), {"type": "bnode", "value": "b"}]
)
def test_only_a_column_of_our_things_gives_way_to_names(other: Cell) -> None:
    table = read(["member", "name"], [link(BAKERY), text("A")], [other, text("B")])
    assert headings(table) == ["Member", "Name"]


def test_a_thing_without_a_name_stands_for_itself() -> None:
    table = read(["member", "name"], [link(BAKERY), text("A")], [link(WEAVERS), None], [None, None])
    assert [row[0].text for row in table.rows] == ["A", "ncvd9an9qa-t0", ""]
    assert [row[0].href for row in table.rows] == ["/org/zx73q7nn6v-sm", "/org/ncvd9an9qa-t0", ""]


def test_points_are_left_out_where_a_map_shows_them() -> None:
    columns, row = ["name", "point"], [text("A"), typed("POINT(1 2)", WKT)]
    assert headings(read(columns, row, has_map=True)) == ["Name"]
    assert headings(read(columns, row)) == ["Name", "Point"]


def test_addresses_elsewhere_are_written_as_people_do() -> None:
    [[value]] = read(["homepage"], [link("https://tableflip.example/")]).rows
    assert (value.text, value.href) == ("tableflip.example", "https://tableflip.example/")
