"""Metadata of CSV on the Web: what is taken of it, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from coopgraph.errors import DescriptorError
from coopgraph.standard import Kind
from coopgraph.tables.metadata import Reference
from coopgraph.tables.reading import Dialect, Layout
from tests.tables.metadata.conftest import Reads

NAME = "list.csv-metadata.json"
CONTEXT = "http://www.w3.org/ns/csvw"
COLUMNS = [{"name": "a"}, {"name": "b"}, {"name": "c"}]


def metadata(**said: Any) -> dict[str, Any]:
    plain = {"@context": CONTEXT, "url": "list.csv", "tableSchema": {"columns": COLUMNS}}
    return {**plain, **said}


def column(**said: Any) -> dict[str, Any]:
    return metadata(tableSchema={"columns": [{"titles": "a", **said}]})


def test_columns_are_taken_but_for_those_that_no_cell_fills(read: Reads) -> None:
    virtual = {"virtual": True, "propertyUrl": "rdf:type", "valueUrl": "schema:Thing"}
    found = read(NAME, metadata(tableSchema={"columns": [*COLUMNS, virtual]}))
    assert [item.names for item in found.columns] == [("a",), ("b",), ("c",)]
    assert found.columns[2].where == "tableSchema.columns[2]"


@pytest.mark.parametrize(
    ("context", "url"),
    [
        (CONTEXT, "./list.csv"),
        ([CONTEXT, {"@language": "en"}], "list.csv"),
        ([CONTEXT, {"@base": "https://data.example/lists/"}], "list.csv"),
        (CONTEXT, "https://data.example/lists/list.csv?version=2"),
    ],
)
def test_a_file_is_named_by_its_url_and_nothing_is_fetched(
    context: object, url: str, read: Reads
) -> None:
    assert len(read(NAME, metadata(**{"@context": context}, url=url)).columns) == 3


def test_a_table_of_a_group_inherits_what_the_group_says(read: Reads) -> None:
    other = {"url": "other.csv", "tableSchema": {"columns": [{"titles": "x"}]}}
    own = {"url": "list.csv", "tableSchema": {"null": "-", "columns": [{"titles": "a"}]}}
    group = {
        "@context": CONTEXT, "tables": [other, own], "lang": "de", "null": ["n/a"],
        "dialect": {"delimiter": ";"}, "dc:title": "All lists",
    }  # fmt: skip
    found = read("csv-metadata.json", group)
    [item] = found.columns
    assert (item.blank, item.language, found.facts.language) == (("-",), "de", "de")
    assert found.layout.dialect.delimiter == ";"
    assert found.facts.title == "All lists"


def test_titles_in_any_language_may_stand_in_the_header(read: Reads) -> None:
    [item] = read(NAME, column(titles={"en": ["Name", "Label"], "de": "Bezeichnung"})).columns
    assert item.names == ("Name", "Label", "Bezeichnung")


def test_a_dialect_is_taken(read: Reads) -> None:
    said = {
        "encoding": "windows-1252", "delimiter": "\t", "quoteChar": None, "commentPrefix": "#",
        "skipInitialSpace": True, "skipRows": 2, "headerRowCount": 1, "lineTerminators": ["\n"],
    }  # fmt: skip
    dialect = Dialect("cp1252", "\t", "", "", "#", True)
    assert read(NAME, metadata(dialect=said)).layout == Layout(header=3, dialect=dialect)


def test_a_file_without_a_header_takes_the_names_of_its_columns(read: Reads) -> None:
    assert read(NAME, metadata(dialect={"header": False})).layout.names == ("a", "b", "c")
    assert read(NAME, metadata(dialect={"headerRowCount": 0})).layout.names == ("a", "b", "c")


def test_what_stands_above_a_usual_header_is_found(read: Reads) -> None:
    for said in ({"headerRowCount": 1}, {"skipRows": 0}, {"header": True}):
        assert read(NAME, metadata(dialect=said)).layout == Layout()
    assert read(NAME, metadata(dialect={"headerRowCount": 2})).layout.header == 2


@pytest.mark.parametrize(
    ("said", "kind", "changes"),
    [
        ({"datatype": {"base": "date", "format": "d.M.yyyy"}}, Kind.DATE, {"date": "%d.%m.%Y"}),
        ({"datatype": {"base": "date", "format": "MM/dd/yyyy"}}, Kind.DATE, {"date": "%m/%d/%Y"}),
        ({"datatype": "date"}, Kind.DATE, {}),
        ({"datatype": "gYear"}, Kind.DATE, {}),
        (
            {"datatype": {"base": "datetime", "format": "yyyy-MM-dd HH:mm"}},
            Kind.DATE,
            {"date": "%Y-%m-%d %H:%M"},
        ),
        (
            {"datatype": {"base": "decimal", "format": {"decimalChar": ",", "groupChar": " "}}},
            Kind.NUMBER,
            {"decimal": ",", "remove": " "},
        ),
        ({"datatype": {"base": "integer", "format": "#,##0"}}, Kind.NUMBER, {}),
        ({"datatype": {"base": "string", "format": "(a+)+$"}}, Kind.TEXT, {}),
        ({"separator": ";", "null": ["-", ""]}, Kind.TEXT, {"split": ";", "blank": ["-"]}),
        ({"default": "GB"}, Kind.CODE, {"default": "GB"}),
    ],
)
def test_a_datatype_is_what_the_mapping_needs(
    said: dict[str, Any], kind: Kind, changes: dict[str, str], read: Reads
) -> None:
    [item] = read(NAME, column(**said)).columns
    assert item.changes(kind) == changes


@pytest.mark.parametrize(
    "name", ["schema:telephone", "http://schema.org/telephone", "https://schema.org/telephone"]
)
def test_a_property_is_an_iri_however_it_is_written(name: str, read: Reads) -> None:
    [item] = read(NAME, column(propertyUrl=name)).columns
    assert item.property_iri == "http://schema.org/telephone"
    assert item.says == "propertyUrl schema:telephone"


@pytest.mark.parametrize("name", ["#a", "https://x.example/{a}", "x:y"])
def test_what_is_no_property_is_none(name: str, read: Reads) -> None:
    [item] = read(NAME, column(propertyUrl=name)).columns
    assert item.property_iri == ""


def test_keys_are_taken(read: Reads) -> None:
    schema = {
        "columns": COLUMNS,
        "primaryKey": "a",
        "foreignKeys": [
            {"columnReference": "c", "reference": {"resource": "list.csv", "columnReference": "a"}},
            {"columnReference": "b", "reference": {"resource": "x.csv", "columnReference": "x"}},
        ],
    }
    found = read(NAME, metadata(tableSchema=schema))
    assert found.key == ("a",)
    assert [item.resource for item in found.references] == ["", "x.csv"]
    assert found.references[0] == Reference(("c",), "", "tableSchema.foreignKeys[0]")


def test_annotations_say_what_the_dataset_is(read: Reads) -> None:
    said = {
        "dc:title": {"@value": "Die Liste", "@language": "de"},
        "http://purl.org/dc/terms/description": "Was sie ist.",
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "schema:publisher": [
            {"schema:name": "Northlight", "schema:url": {"@id": "https://n.example"}}
        ],
        "dcat:landingPage": {"@id": "https://list.example/"},
    }
    facts = read(NAME, metadata(**said)).facts
    assert (facts.title, facts.description) == ("Die Liste", "Was sie ist.")
    assert (facts.publisher, facts.homepage) == ("Northlight", "https://list.example/")
    assert facts.licence == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            metadata(**{"@context": "https://c.example/"}),
            "@context: “https://c.example/” is never fe",
        ),
        (
            metadata(**{"@context": [CONTEXT, "https://c.example/"]}),
            "@context: “https://c.example/”",
        ),
        (metadata(**{"@context": {"x": "y"}}), "@context: the context of metadata is"),
        (
            column(datatype="strnig"),
            r"columns\[0\].datatype: there is no datatype “strnig”; did you",
        ),
        (column(datatype={"base": "dtae"}), r"columns\[0\].datatype.base: there is no datatype"),
        (
            column(datatype={"base": "date", "format": "DD.MM.YYYY"}),
            "format: “DD.MM.YYYY” is no form",
        ),
        (
            column(datatype={"base": "date", "format": "yyyy"}),
            "format: “yyyy” is no format of dates",
        ),
        (column(lang="Deutsch (DE)"), "lang: “Deutsch"),
        (column(titles=7), "titles: this must be a text"),
        (
            metadata(tableSchema="https://s.example/s.json"),
            "tableSchema: “https://s.example/s.json”",
        ),
        (metadata(tableSchema="../s.json"), "tableSchema: “../s.json” leaves the folder"),
        (
            metadata(dialect={"skipColumns": 1}),
            "dialect.skipColumns: columns that are to be skipped",
        ),
        (metadata(dialect={"skipRows": -1}), "dialect.skipRows: this must be a number of rows"),
        (metadata(dialect={"header": False, "skipRows": 1}), "dialect.header: no row names"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    content: dict[str, Any], message: str, read: Reads
) -> None:
    with pytest.raises(DescriptorError, match=f"^{NAME}, at .*{message}|^{NAME}, at {message}"):
        read(NAME, content)
