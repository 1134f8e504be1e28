"""Proposals as a whole: any table gives one, and it reads back as a descriptor."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.standard import Standard
from coopgraph.tables.proposals import Proposal, propose
from coopgraph.tables.proposals.sampling import MOST_ROWS, take_sample
from coopgraph.tables.reading import Row, Table

CELLS = st.text(max_size=30) | st.sampled_from(
    ["https://a.example", "1990", "31/12/1990", "DE", "42.1, -71.2", "n/a", "a;b", "yes", "France"]
)
HEADINGS = st.text(max_size=20) | st.sampled_from(
    ["name", "ID", "PLZ", "Land", "Branch", "Year", "Members", "CIF", "lat", "lon", "name:fr"]
)


def table(header: list[str], rows: list[list[str]], hashtags: tuple[str, ...] = ()) -> Table:
    numbered = (Row(place, tuple(cells)) for place, cells in enumerate(rows, 2))
    return Table(Path("made-up.csv"), tuple(header), numbered, hashtags=hashtags)


def proposed(standard: Standard, header: str, *rows: str) -> Proposal:
    cells = list(csv.reader(rows))
    return propose(table(next(csv.reader([header])), cells), standard)


@given(st.dictionaries(HEADINGS, st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=8))
def test_any_table_gives_a_descriptor(standard: Standard, columns: dict[str, list[str]]) -> None:
    rows = [list(cells) for cells in zip(*columns.values(), strict=True)]
    found = propose(table(list(columns), rows), standard)
    descriptor = found.descriptor(Path("made-up"), standard)
    assert {spec.name for spec in descriptor.tables} == {item.name for item in found.tables}
    for spec, item in zip(descriptor.tables, found.tables, strict=True):
        assert list(spec.columns or {}) == [entry.target for entry in item.entries]
        for entry in item.entries:
            assert spec.columns is not None
            assert spec.columns[entry.target].columns == entry.sources
    used = set(found.feeds) | {item.name for item in found.unmapped}
    assert used == set(filter(None, columns))


def test_the_same_table_gives_the_same_text(standard: Standard) -> None:
    rows = ["1,A co-op,DE", "2,B co-op,FR"]
    texts = {proposed(standard, "id,Name,Land", *rows).text for _ in range(2)}
    assert len(texts) == 1


def test_each_line_has_its_confidence_and_reason(standard: Standard) -> None:
    text = proposed(standard, "id,Name,PLZ", "1,A co-op,01067", "2,B co-op,80331").text
    assert "# 93 %: its heading means “postal code” in German" in text
    assert yaml.safe_load(text)["tables"]["organisations"]["columns"]["postal_code"] == "PLZ"


def test_hashtags_decide(standard: Standard) -> None:
    tagged = table(["A", "B"], [["1", "One"], ["2", "Two"]], ("#meta+id", "#org+name+i_fr"))
    found = propose(tagged, standard).feeds
    assert found == {"A": ["id"], "B": ["name@fr"]}


def test_figures_by_year_are_a_table_of_their_own(standard: Standard) -> None:
    rows = ["7,A co-op,2001,10,5", "7,A co-op,2002,11,5", "8,B co-op,2001,3,1"]
    found = proposed(standard, "Company number,Name,Year,Members,Turnover", *rows)
    main, figures = found.tables
    assert (main.key, figures.parent) == (("Company number",), ("Company number",))
    assert figures.key == ("Company number", "Year")
    assert [entry.target for entry in figures.each] == ["members", "turnover"]
    assert "currency" in figures.each[1].reason


def test_a_latitude_without_its_longitude_is_left_out(standard: Standard) -> None:
    found = proposed(standard, "Name,Latitude", "A co-op,42.1", "B co-op,42.2")
    assert "Latitude" not in found.feeds


def test_a_second_column_of_the_same_meaning_is_fallen_back_on(standard: Standard) -> None:
    found = proposed(standard, "Name,Website,Web", "A,a.example,", "B,,b.example")
    lines = {entry.target: entry.content for entry in found.tables[0].entries}
    assert lines["homepage"] == {"column": ["Website", "Web"]}


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("Nr,Name,Straße,Hausnummer", ["1,A eG,Hauptstr.,12a", "2,B eG,Am Weg,5"],
         {"column": ["Straße", "Hausnummer"], "join": " "}),
        ("id,Name,House number,Street", ["1,A Ltd,12,Mill Lane", "2,B Ltd,,New Road"],
         {"column": ["House number", "Street"], "join": " "}),
        ("Nr,Name,Straße,Hausnummer", ["1,A eG,Hauptstr. 12a,12a", "2,B eG,Am Weg 5,5"], "Straße"),
        ("Nr,Name,Straße,Hausnummer", ["1,A eG,Hauptstr.,links", "2,B eG,Am Weg,oben"], "Straße"),
    ],
    ids=["after", "before", "streets that have numbers", "no numbers"],
)  # fmt: skip
def test_house_numbers_are_joined_to_their_street(
    standard: Standard, header: str, rows: list[str], expected: object
) -> None:
    found = proposed(standard, header, *rows)
    columns = yaml.safe_load(found.text)["tables"]["organisations"]["columns"]
    assert columns["street"] == expected
    found.descriptor(Path("made-up"), standard)


def test_a_number_of_no_known_register_is_no_registration(standard: Standard) -> None:
    found = proposed(standard, "Reg no,Name", "1A,A", "2B,B")
    assert found.feeds["Reg no"] == ["id"]


def test_a_sample_is_spread_over_the_table() -> None:
    rows = [[str(place), "same"] for place in range(5 * MOST_ROWS)]
    sample = take_sample(table(["number", "word"], rows))
    numbers = sorted(map(int, sample.columns[0].texts))
    assert len(numbers) <= MOST_ROWS
    assert numbers[0] == 0
    assert numbers[-1] > 4.9 * MOST_ROWS
    assert sample.columns[0].is_unique
    assert sample.columns[1].texts == {"same": 5 * MOST_ROWS}
    assert sample.columns[1].distinct < 0.5
