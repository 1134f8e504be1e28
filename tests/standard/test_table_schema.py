"""Table Schema and CSVW: what they say of columns holds for files that load, and only for those."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coopgraph.namespaces import CODE, iri
from coopgraph.standard import Standard
from coopgraph.standard.columns import KEY, PARENT, Template, find_template, templates
from coopgraph.standard.csvw import csvw, csvw_group
from coopgraph.standard.table_schema import data_package, table_schema

SAMPLE = Path(__file__).parents[1] / "sample" / "flipside"
FILES = {"organization": "organisations-2024.csv", "offer": "offers-2024.csv"}
TYPES = {"string", "number", "integer", "date", "year", "yearmonth"}
VARIABLE = re.compile(r"\{\+?(\w+)\}")


@pytest.fixture(scope="module")
def known(standard: Standard) -> tuple[Template, ...]:
    return templates(standard)


def rows(slug: str) -> list[dict[str, str]]:
    with (SAMPLE / FILES[slug]).open(encoding="utf-8", newline="") as source:
        found = list(csv.DictReader(source))
    assert len(found) > 3
    return found


def breaches(schema: dict[str, Any], row: dict[str, str]) -> Iterator[str]:
    """Columns of a row that break a Table Schema, by the letter of the specification."""
    for field in schema["fields"]:
        rules, text = field.get("constraints", {}), row.get(field["name"], "")
        if not text:
            if rules.get("required"):
                yield field["name"]
            continue
        number = float(text) if field["type"] in ("number", "integer") else 0.0
        fits = (
            text in rules.get("enum", [text]),
            re.fullmatch(rules.get("pattern", ".*"), text, re.DOTALL) is not None,
            rules.get("minLength", 0) <= len(text) <= rules.get("maxLength", len(text)),
            rules.get("minimum", number) <= number <= rules.get("maximum", number),
        )
        if not all(fits):
            yield field["name"]


# Table Schema ----------------------------------------------------------------------------------


def test_fields_are_the_columns_with_types_of_the_specification(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    for item in known:
        schema = table_schema(standard, item)
        assert [f["name"] for f in schema["fields"]] == [c.name for c in item.columns]
        assert {f["type"] for f in schema["fields"]} <= TYPES
        assert schema["missingValues"] == [""]
        assert all(f["title"] and f["description"] for f in schema["fields"])


@pytest.mark.parametrize("slug", FILES)
def test_files_that_load_keep_to_their_schema(
    slug: str, standard: Standard, known: tuple[Template, ...]
) -> None:
    schema = table_schema(standard, find_template(known, slug))
    assert [list(breaches(schema, row)) for row in rows(slug)] == [[]] * len(rows(slug))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("name", ""),
        ("name", "x" * 301),
        ("id", ""),
        ("country", "Utopia"),
        ("founded", "1987-5"),
        ("founded", "soon"),
        ("postal_code", "?"),
        ("latitude", "91"),
    ],
)
def test_what_does_not_load_breaks_the_schema(
    column: str, text: str, standard: Standard, known: tuple[Template, ...]
) -> None:
    schema = table_schema(standard, find_template(known, "organization"))
    row = {**rows("organization")[1], column: text}
    assert list(breaches(schema, row)) == [column]


def test_types_follow_the_datatypes(standard: Standard, known: tuple[Template, ...]) -> None:
    fields = {
        f["name"]: f for f in table_schema(standard, find_template(known, "observation"))["fields"]
    }
    assert fields["year"]["type"] == "year"
    assert fields["period_end"]["type"] == "date"
    assert fields["value"]["type"] == "number"
    assert "members" in fields["measure"]["constraints"]["enum"]
    fields = {
        f["name"]: f for f in table_schema(standard, find_template(known, "organization"))["fields"]
    }
    assert fields["homepage"]["delimiter"] == ";"
    assert fields["postal_code"]["rdfType"] == iri("locn:postCode").value
    assert "constraints" not in fields["membership_type"]


def test_foreign_keys_lead_to_columns_of_the_package(standard: Standard) -> None:
    package = data_package(standard)
    columns = {r["name"]: {f["name"] for f in r["schema"]["fields"]} for r in package["resources"]}
    keys = [k for r in package["resources"] for k in r["schema"].get("foreignKeys", [])]
    assert len(keys) == len(columns) - 1
    for key in keys:
        assert key["fields"] == PARENT
        assert key["reference"]["fields"] in columns[key["reference"]["resource"]]


def test_titles_come_in_the_language_asked_for(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    schema = table_schema(standard, known[0], "fr")
    assert schema["fields"][0]["title"] == "Clé"
    assert "séparez" in json.dumps(schema, ensure_ascii=False).casefold()


# CSVW ------------------------------------------------------------------------------------------


def test_columns_stand_as_in_the_file_and_virtual_ones_after(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    for item in known:
        metadata = csvw(standard, item)
        assert metadata["url"] == f"{item.slug}.csv"
        columns = metadata["tableSchema"]["columns"]
        real = [column for column in columns if not column.get("virtual")]
        assert [column["titles"]["und"] for column in real] == [c.name for c in item.columns]
        assert columns[: len(real)] == real
        required = {column["name"] for column in real if column.get("required")}
        assert required == {column.name for column in item.columns if column.is_required}


def test_names_in_addresses_are_columns(standard: Standard, known: tuple[Template, ...]) -> None:
    for item in known:
        schema = csvw(standard, item)["tableSchema"]
        names = {column.name for column in item.columns}
        addresses = [schema["aboutUrl"]]
        for column in schema["columns"]:
            addresses += [column[key] for key in ("aboutUrl", "valueUrl") if key in column]
        used = [name for address in addresses for name in VARIABLE.findall(address)]
        assert used
        assert set(used) <= names


def test_datatypes_hold_for_files_that_load(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    columns = csvw(standard, find_template(known, "organization"))["tableSchema"]["columns"]
    checked = 0
    for column in columns:
        datatype = column.get("datatype")
        if not isinstance(datatype, dict) or datatype["base"] not in ("string", "anyURI"):
            continue
        for row in rows("organization"):
            text = row.get(column["name"], "")
            values = text.split(column["separator"]) if "separator" in column else [text]
            for value in filter(None, map(str.strip, values)):
                checked += 1
                assert re.fullmatch(datatype.get("format", ".*"), value, re.DOTALL), column["name"]
    assert checked > 50


def test_codes_lead_to_their_concepts(standard: Standard, known: tuple[Template, ...]) -> None:
    columns = {
        column["name"]: column
        for column in csvw(standard, known[0])["tableSchema"]["columns"]
        if "name" in column
    }
    assert columns["country"]["valueUrl"] == f"{CODE}country/{{country}}"
    assert columns["street"]["aboutUrl"] == "#{id}-address"
    assert columns["kind"]["separator"] == ";"
    for unsayable in ("kind", "registration_number", "member_of", KEY):
        assert columns[unsayable]["suppressOutput"] is True
        assert "propertyUrl" not in columns[unsayable]


def test_a_group_ties_child_tables_to_organisations(standard: Standard) -> None:
    tables = csvw_group(standard)["tables"]
    urls = {table["url"] for table in tables}
    keys = [key for table in tables for key in table["tableSchema"].get("foreignKeys", [])]
    assert len(keys) == len(tables) - 1
    for key in keys:
        assert key["columnReference"] == PARENT
        assert key["reference"]["resource"] in urls
        assert key["reference"]["columnReference"] == KEY
