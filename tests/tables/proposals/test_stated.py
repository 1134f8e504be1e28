"""What metadata states of columns: candidates that nobody guesses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coopgraph.standard import Standard
from coopgraph.tables.describing import Facts
from coopgraph.tables.metadata import Matched, Metadata, MetadataColumn, Reference
from coopgraph.tables.metadata.vocabularies import expand
from coopgraph.tables.proposals import Entry, Proposal, propose
from coopgraph.tables.reading import Row, Table


def column(name: str, property_name: str = "", **said: Any) -> MetadataColumn:
    says = f"rdfType {property_name}" if property_name else ""
    return MetadataColumn(f"fields.{name}", name, (), expand(property_name), says, **said)


@pytest.fixture
def proposed(standard: Standard):
    """``proposed([column(…)], [cells], …)`` → what is proposed for a file with those columns."""

    def run(
        columns: list[MetadataColumn], *rows: str, language: str = "und", **said: Any
    ) -> Proposal:
        header = tuple(item.name for item in columns)
        cells = [Row(n, tuple(row.split("|"))) for n, row in enumerate(rows, 2)]
        table = Table(Path("list.csv"), header, iter(cells))
        metadata = Metadata("m.json", tuple(columns), **said)
        return propose(table, standard, language, None, Matched(metadata, header, "list.csv"))

    return run


def entries(found: Proposal) -> dict[str, Entry]:
    return {entry.target: entry for entry in found.tables[0].entries}


def test_a_property_decides_whatever_heading_and_values_say(proposed) -> None:
    found = proposed(
        [column("Country", "schema:name"), column("x", "coop:country")], "FR|DE", "A|IT"
    )
    lines = entries(found)
    assert lines["name"].sources == ("Country",)
    assert lines["country"].sources == ("x",)
    assert lines["name"].confidence == 1.0
    assert lines["name"].reason == "m.json: rdfType schema:name"
    assert found.guesses == ["kind"]


def test_what_is_withheld_is_taken_where_it_is_stated(proposed) -> None:
    columns = [column("name"), column("tel", "schema:telephone")]
    assert entries(proposed(columns, "A|+44 20 7946 0000"))["telephone"].sources == ("tel",)


def test_formats_are_those_of_the_metadata(proposed) -> None:
    found = proposed(
        [
            column("firm", "schema:name", blank=("k. A.",)),
            column("d", "schema:foundingDate", dates=("%m/%d/%Y",), default="01/01/1900"),
            column("y", "wgs:lat", decimal=",", grouping="'"),
            column("x", "wgs:long", decimal=","),
            column("k", "coop:kind", separator="|"),
        ],
        "A|05/06/1990|54,5|1,2|mutual",
    )  # fmt: skip
    lines = entries(found)
    assert lines["name"].content == {"column": "firm", "blank": ["k. A."]}
    assert lines["founded"].content == {"column": "d", "default": "01/01/1900", "date": "%m/%d/%Y"}
    assert lines["latitude"].content == {"column": "y", "decimal": ",", "remove": "'"}
    assert lines["kind"].content == {"column": "k", "split": "|"}
    assert found.guesses == []


def test_what_must_still_be_guessed_of_a_stated_column_is_told(proposed) -> None:
    found = proposed(
        [column("firm", "schema:name"), column("d", "schema:foundingDate")], "A|31/12/1990"
    )
    founded = entries(found)["founded"]
    assert founded.content["date"] == "%d/%m/%Y"
    assert founded.reason.startswith("m.json: rdfType schema:foundingDate; 100 % of its values")
    assert found.guesses == ["founded", "kind"]


def test_a_language_is_named_where_it_is_not_the_datasets(proposed) -> None:
    columns = [
        column("firm", "schema:name", language="de"),
        column("m", "schema:name", language="fr"),
        column("c", "coop:country", language="fr"),
    ]
    assert {"name", "name@fr", "country"} <= entries(
        proposed(columns, "A|B|FR", language="de")
    ).keys()


def test_a_heading_means_more_by_its_title_and_by_a_property_that_is_not_ours(proposed) -> None:
    columns = [
        MetadataColumn("f[0]", "f1", ("Nom de la coopérative",)),
        column("f2", "http://vocabulary.example/postalCode"),
    ]
    header = [
        MetadataColumn(item.where, item.name, item.titles, item.property_iri, item.says)
        for item in columns
    ]
    lines = entries(proposed(header, "A|SW1A 1AA"))
    assert "its name “Nom de la coopérative” means “name” in French" in lines["name"].reason
    assert "means “postal code”" in lines["postal_code"].reason
    assert lines["name"].confidence < 1


def test_keys_are_stated(proposed) -> None:
    found = proposed(
        [column("a"), column("b"), column("firm", "schema:name")], "1|1|A", "1|2|B", key=("a", "b")
    )
    [table] = found.tables
    assert table.key == ("a", "b")
    assert table.lines[0].reason == "m.json: primaryKey"


def test_a_key_to_its_own_rows_is_a_reference_where_the_heading_says_which(proposed) -> None:
    columns = [column("id"), column("firm", "schema:name"), column("Member of"), column("x")]
    found = proposed(
        columns, "1|A||", "2|B|1|1", key=("id",),
        references=(Reference(("Member of",), "", "fk[0]"), Reference(("x",), "", "fk[1]")),
    )  # fmt: skip
    line = entries(found)["member_of"]
    assert line.sources == ("Member of",)
    assert line.reason.startswith("m.json: fk[0] leads to its own rows; ")
    assert "x" not in found.feeds


def test_a_point_is_longitude_before_latitude(proposed) -> None:
    found = proposed([column("firm", "schema:name"), column("at", is_point=True)], "A|9.25, 54.5")
    lines = entries(found)
    assert "(-?\\d+(?:\\.\\d+)?)\\s*," in lines["longitude"].content["pattern"]
    assert lines["latitude"].sources == lines["longitude"].sources == ("at",)


def test_a_point_is_none_in_a_table_that_has_no_place_for_it(proposed) -> None:
    columns = [column("Company number"), column("Year"), column("Members", is_point=True)]
    assert proposed(columns, "7|2001|10", "7|2002|11", "8|2001|3")


def test_names_of_the_standard_are_meant_where_most_columns_have_one(proposed) -> None:
    columns = [
        column(name)
        for name in ("id", "name", "kind", "registration_scheme", "registration_number")
    ]
    found = proposed(columns, "1|A|mutual|GB-COH|7", key=("id",))
    assert entries(found)["registration_number"].reason == "m.json: name “registration_number”"
    assert found.guesses == []


def test_the_text_says_what_is_known_of_the_dataset(proposed, standard: Standard) -> None:
    facts = Facts(
        "the-list",
        "The list",
        "What: it # is.",
        "Northlight",
        "CC-BY-4.0",
        "",
        "https://l.example/",
    )
    found = proposed([column("firm", "schema:name")], "A", facts=facts)
    about = found.descriptor(Path("any"), standard).about
    assert (about.slug, about.title, about.description) == (
        "the-list",
        "The list",
        "What: it # is.",
    )
    assert (about.publisher.name, about.homepage) == ("Northlight", "https://l.example/")
    assert about.licence == "https://creativecommons.org/licenses/by/4.0/"
