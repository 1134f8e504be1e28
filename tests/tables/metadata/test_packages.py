"""Descriptors of Frictionless Data: what is taken of them, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from coopgraph.errors import DescriptorError
from coopgraph.standard import Kind
from coopgraph.tables.metadata import Reference
from coopgraph.tables.reading import Dialect, Layout
from tests.tables.metadata.conftest import Reads

FIELDS = [{"name": "a"}, {"name": "b"}, {"name": "c"}]


def package(**resource: Any) -> dict[str, Any]:
    plain = {"name": "list", "path": "list.csv", "schema": {"fields": FIELDS}}
    return {
        "name": "the-list",
        "resources": [{"name": "x", "path": "x.csv"}, {**plain, **resource}],
    }


def field(**said: Any) -> dict[str, Any]:
    return package(schema={"fields": [{"name": "a", **said}]})


def test_a_resource_is_found_by_its_path(read: Reads) -> None:
    found = read("datapackage.json", package())
    assert found.source == "datapackage.json"
    assert [column.name for column in found.columns] == ["a", "b", "c"]
    assert found.columns[1].where == "resources[1].schema.fields[1]"
    assert found.layout == Layout()


@pytest.mark.parametrize("path", ["./list.csv", ["list.csv"], ["part.csv", "list.csv"]])
def test_a_path_may_be_written_in_several_ways(path: object, read: Reads) -> None:
    assert len(read("datapackage.json", package(path=path)).columns) == 3


def test_a_dialect_of_version_1_and_2_is_taken(read: Reads) -> None:
    said = {
        "delimiter": ";", "quoteChar": "'", "doubleQuote": False, "skipInitialSpace": True,
        "commentChar": "#", "headerRows": [3], "nullSequence": "NA", "csvddfVersion": 1.2,
        "lineTerminator": "\r\n", "caseSensitiveHeader": False,
    }  # fmt: skip
    found = read("datapackage.json", package(dialect=said, encoding="ISO-8859-1"))
    dialect = Dialect("iso8859-1", ";", "'", "\\", "#", True)
    assert found.layout == Layout(header=3, dialect=dialect)
    assert found.columns[0].blank == ("NA",)


def test_a_file_without_a_header_takes_the_names_of_its_schema(read: Reads) -> None:
    found = read("datapackage.json", package(dialect={"header": False}))
    assert found.layout == Layout(names=("a", "b", "c"))
    with pytest.raises(DescriptorError, match=r"resources\[1\].dialect.header: no row names"):
        read("datapackage.json", package(dialect={"header": False}, schema={"fields": []}))


def test_names_in_several_rows_are_told(read: Reads) -> None:
    found = read("datapackage.json", package(dialect={"headerRows": [1, 2]}))
    assert found.layout.header == 2
    assert "not joined" in found.notes[0]


def test_what_stands_above_a_usual_header_is_found(read: Reads) -> None:
    assert read("datapackage.json", package(dialect={"headerRows": [1]})).layout == Layout()


@pytest.mark.parametrize("name", ["links", "The list!", "coopgraph", ""])
def test_a_name_that_no_dataset_may_have_is_none(name: str, read: Reads) -> None:
    assert read("datapackage.json", {**package(name=""), "name": name}).facts.name == ""


@pytest.mark.parametrize("said", [{"sheetName": "M"}, {"property": "M"}])
def test_a_sheet_is_named(said: dict[str, str], read: Reads) -> None:
    assert read("datapackage.json", package(dialect=said)).layout.sheet == "M"


def test_a_column_says_what_it_is(read: Reads) -> None:
    said = {"title": "Name of it", "rdfType": "https://schema.org/name", "missingValues": ["", "-"]}
    [column] = read("datapackage.json", field(**said)).columns
    assert column.names == ("Name of it", "a")
    assert column.property_iri == "http://schema.org/name"
    assert column.says == "rdfType schema:name"
    assert column.changes(Kind.TEXT) == {"blank": ["-"]}


@pytest.mark.parametrize(
    ("said", "kind", "changes"),
    [
        ({"type": "date", "format": "%d.%m.%Y"}, Kind.DATE, {"date": "%d.%m.%Y"}),
        ({"type": "date", "format": "fmt:%d.%m.%Y"}, Kind.DATE, {"date": "%d.%m.%Y"}),
        ({"type": "date"}, Kind.DATE, {}),
        ({"type": "date", "format": "any"}, Kind.DATE, {}),
        ({"type": "datetime", "format": "%d/%m/%Y %H:%M"}, Kind.DATE, {"date": "%d/%m/%Y %H:%M"}),
        ({"type": "date", "format": "%d.%m.%Y"}, Kind.TEXT, {}),
        ({"type": "number", "decimalChar": ","}, Kind.NUMBER, {"decimal": ","}),
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, Kind.NUMBER, {"decimal": ","}),
        ({"type": "integer", "groupChar": "'"}, Kind.NUMBER, {"remove": "'"}),
        ({"type": "integer", "groupChar": "\u00a0"}, Kind.NUMBER, {"remove": " "}),
        ({"type": "integer", "groupChar": "^"}, Kind.NUMBER, {"remove": r"\^"}),
        ({"type": "list"}, Kind.TEXT, {"split": ","}),
        ({"type": "list", "delimiter": "|"}, Kind.CODE, {"split": "|"}),
        ({"type": "string", "delimiter": ";"}, Kind.TEXT, {}),
        ({"type": "string", "itemType": "string", "delimiter": ";"}, Kind.TEXT, {"split": ";"}),
        ({"constraints": {"pattern": "(a+)+$"}}, Kind.TEXT, {}),
    ],
)
def test_a_type_is_what_the_mapping_needs(
    said: dict[str, str], kind: Kind, changes: dict[str, str], read: Reads
) -> None:
    [column] = read("datapackage.json", field(**said)).columns
    assert column.changes(kind) == changes


def test_a_date_with_a_time_is_read_as_xml_schema_has_it(read: Reads) -> None:
    [column] = read("datapackage.json", field(type="datetime")).columns
    assert "%Y-%m-%dT%H:%M:%SZ" in column.changes(Kind.DATE)["date"]


def test_missing_values_of_a_column_take_the_place_of_the_schemas(read: Reads) -> None:
    fields = [{"name": "a"}, {"name": "b", "missingValues": []}]
    missing = ["", {"value": "-99", "label": "refused"}]
    found = read("datapackage.json", package(schema={"fields": fields, "missingValues": missing}))
    assert [column.blank for column in found.columns] == [("", "-99"), ()]


@pytest.mark.parametrize("own", [{"resource": ""}, {"resource": "list"}, {}])
def test_keys_are_taken(own: dict[str, str], read: Reads) -> None:
    schema = {
        "fields": FIELDS,
        "primaryKey": ["a", "b"],
        "foreignKeys": [{"fields": "c", "reference": {"fields": "a", **own}}],
    }
    found = read("datapackage.json", package(schema=schema))
    assert found.key == ("a", "b")
    assert found.references == (Reference(("c",), "", "resources[1].schema.foreignKeys[0]"),)


def test_what_it_says_of_the_dataset_is_taken(read: Reads) -> None:
    content = {
        **package(licenses=[{"name": "ODC-PDDL-1.0"}]),
        "name": "my_list.2026",
        "title": "The list",
        "homepage": "https://list.example/",
        "licenses": [{"name": "CC-BY-4.0"}],
        "contributors": [
            {"title": "A writer", "role": "author"},
            {"title": "Northlight", "roles": ["publisher"]},
        ],
    }
    facts = read("datapackage.json", content).facts
    assert (facts.name, facts.title, facts.publisher) == ("my-list-2026", "The list", "Northlight")
    assert facts.licence == "https://opendatacommons.org/licenses/pddl/1-0/"
    assert facts.homepage == "https://list.example/"


def test_the_only_source_is_the_publisher_where_none_is_named(read: Reads) -> None:
    one = {**package(), "sources": [{"title": "The agency"}]}
    assert read("datapackage.json", one).facts.publisher == "The agency"
    two = {**package(), "sources": [{"title": "The agency"}, {"title": "Another"}]}
    assert read("datapackage.json", two).facts.publisher == ""


def test_a_licence_that_is_none_is_told(read: Reads) -> None:
    found = read("datapackage.json", package(licenses=[{"name": "as-you-like"}]))
    assert found.facts.licence == ""
    assert "as-you-like" in found.notes[0]
    several = package(licenses=[{"name": "CC-BY-4.0"}, {"name": "ODbL-1.0"}])
    assert read("datapackage.json", several).facts.licence == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            field(type="strnig"),
            r"fields\[0\].type: there is no type “strnig”; did you mean “string",
        ),
        (field(type="date", format="%d"), r"fields\[0\].format: “%d” is no strptime format"),
        (field(type="number", decimalChar="·"), "decimalChar: this must be one character"),
        (package(schema={"fields": [{}]}), r"fields\[0\].name: this is missing"),
        (package(schema={"fields": ["a"]}), r"fields\[0\]: this must be a mapping"),
        (package(schema={"fields": FIELDS, "missingValues": [1]}), "missingValues: this must be"),
        (package(dialect={"delimiter": "ab"}), "dialect.delimiter: this must be one character"),
        (package(dialect={"headerRows": [0]}), "dialect.headerRows: this must be a list"),
        (package(encoding="rot13"), r"resources\[1\].encoding: “rot13” is no encoding"),
        (package(schema="https://s.example/s.json"), r"schema: “https://s.example/s.json” is else"),
        (package(dialect="http://s.example/d.json"), "dialect: “http://s.example/d.json” is else"),
        (package(schema="../s.json"), "schema: “../s.json” leaves the folder"),
        (package(schema="/etc/passwd"), "schema: “/etc/passwd” leaves the folder"),
        (package(schema="none.json"), "schema: there is no file “none.json”"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    content: dict[str, Any], message: str, read: Reads
) -> None:
    with pytest.raises(
        DescriptorError,
        match=rf"^datapackage.json, at resources\[1\].*{message}|^datapackage.json, at {message}",
    ):
        read("datapackage.json", content)
