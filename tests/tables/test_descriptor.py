"""Descriptors: what they say, and that each fault is named with its file and place."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from coopgraph.errors import DescriptorError
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import (
    FREQUENCIES,
    Descriptor,
    parse_about,
    parse_descriptor,
    plain_column,
    read_descriptor,
)
from coopgraph.tables.reading import Layout
from tests.tables.conftest import ABOUT

MINIMAL: dict[str, Any] = {
    **ABOUT,
    "tables": {"organisations": {"file": "o-*.csv", "key": "id"}},
}
SHOPS = {"file": "s.csv", "entity": "Site", "parent": "owner"}


def changed(**changes: Any) -> dict[str, Any]:
    """The minimal descriptor with values put in by dotted path, ``__`` for the dot."""
    content = deepcopy(MINIMAL)
    for path, value in changes.items():
        *above, last = path.split("__")
        place = content
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return content


def parse(content: object, standard: Standard) -> Descriptor:
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    return parse_descriptor(text, Path("somewhere/my-list"), standard)


def test_a_minimal_descriptor_has_defaults(standard: Standard) -> None:
    descriptor = parse(MINIMAL, standard)
    about = descriptor.about
    assert descriptor.slug == about.slug == "my-list"
    assert about.language == "en"
    assert about.frequency == "unknown"
    assert about.licence == about.homepage == about.attribution == ""
    assert not about.is_merged
    assert descriptor.main.entity.name == "Organization"
    assert descriptor.main.columns is None
    assert descriptor.main.key == ("id",)


def test_a_table_says_where_in_its_file_it_stands(standard: Standard) -> None:
    said = changed(tables__organisations__sheet="Members", tables__organisations__header=3)
    assert parse(said, standard).main.layout == Layout("Members", 3)
    assert parse(MINIMAL, standard).main.layout == Layout()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"column": "lat", "decimal": "·"}, "decimal: the mark before decimals is"),
        ({"value": "x", "default": "y"}, "default: what is the same for all rows"),
        ({"column": "x", "join": " "}, "join: there is nothing to join"),
    ],
)
def test_decimals_and_defaults_must_make_sense(
    column: dict[str, str], message: str, standard: Standard
) -> None:
    with pytest.raises(DescriptorError, match=message):
        parse(changed(tables__organisations__columns={"name": column}), standard)


@pytest.mark.parametrize("row", [0, 1_001, True, "three", 2.5])
def test_a_header_is_the_number_of_a_row(row: object, standard: Standard) -> None:
    with pytest.raises(DescriptorError, match="header: this is the number of a row"):
        parse(changed(tables__organisations__header=row), standard)


def test_the_table_of_organisations_comes_first(standard: Standard) -> None:
    tables = {"shops": SHOPS, **MINIMAL["tables"]}
    assert [t.name for t in parse({**MINIMAL, "tables": tables}, standard).tables] == [
        "organisations",
        "shops",
    ]


def test_texts_are_one_line(standard: Standard) -> None:
    assert parse(changed(title="A\n  list"), standard).about.title == "A list"


def test_a_licence_must_be_stated_or_said_to_be_unstated(standard: Standard) -> None:
    about = parse(changed(licence="unstated"), standard).about
    assert (about.licence, about.is_merged) == ("", False)
    without = {key: value for key, value in MINIMAL.items() if key != "licence"}
    for content in (without, changed(licence="")):
        with pytest.raises(DescriptorError, match="under which licence"):
            parse(content, standard)
    with pytest.raises(DescriptorError, match="cannot be merged"):
        parse(changed(licence="unstated", merge=True), standard)


def test_descriptors_of_old_may_lack_a_licence() -> None:
    without = {key: value for key, value in MINIMAL.items() if key != "licence"}
    assert parse_about(yaml.safe_dump(without), "made-up").licence == ""


@pytest.mark.parametrize(
    ("licence", "is_merged"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", True),
        ("https://creativecommons.org/licenses/by/4.0/", True),
        ("https://creativecommons.org/licenses/by-sa/4.0/", True),
        ("https://opendatacommons.org/licenses/odbl/1-0/", True),
        ("https://creativecommons.org/licenses/by-nc/4.0/", False),
        ("https://creativecommons.org/licenses/by-nd/4.0/", False),
        ("https://terms.example/all-rights-reserved", False),
        ("CC BY 4.0", True),
        ("odbl-1.0", True),
    ],
)
def test_known_open_licences_are_merged(licence: str, is_merged: bool, standard: Standard) -> None:
    assert parse(changed(licence=licence), standard).about.is_merged == is_merged
    assert (
        parse(changed(licence=licence, merge=not is_merged), standard).about.is_merged != is_merged
    )


def test_every_frequency_is_taken(standard: Standard) -> None:
    for frequency in FREQUENCIES:
        assert parse(changed(frequency=frequency), standard).about.frequency == frequency


def test_columns_are_names_or_mappings(standard: Standard) -> None:
    columns = {
        "name": "Title",
        "name@fr": {"column": ["Titre", "Nom"]},
        "kind": {"column": "Type", "values": {"Shop": "retail-cooperative", "?": None}},
        "kind_2": {"value": "cooperative"},
        "founded": {"column": "Since", "date": "%d/%m/%Y", "blank": "0"},
        "locality": {"column": "Town", "case": "title", "remove": r"\(.*\)", "pattern": ".+"},
        "activity": {"column": "SIC", "split": ";", "values": {"X": 47}, "otherwise": 94},
    }
    read = parse(changed(tables__organisations__columns=columns), standard).main.columns
    assert read is not None
    assert read["name"].columns == ("Title",)
    assert read["name@fr"].columns == ("Titre", "Nom")
    assert read["kind"].values == {"shop": "retail-cooperative", "?": None}
    assert read["kind_2"].constant == "cooperative"
    assert read["founded"].dates == ("%d/%m/%Y",)
    assert read["founded"].blank == {"0"}
    assert read["activity"].values == {"x": "47"}
    assert read["activity"].otherwise == "94"


def test_a_column_may_repeat_and_have_a_language() -> None:
    allowed = {"name", "registration_number"}
    assert plain_column("name", allowed) == "name"
    assert plain_column("name@fr", allowed) == "name"
    assert plain_column("registration_number_12", allowed) == "registration_number"
    assert plain_column("name_2@fr", allowed) == "name"
    assert plain_column("name_x", allowed) is None
    assert plain_column("names", allowed) is None


COLUMNS = "tables__organisations__columns"
EACH = "tables__organisations__each"
FAULTS: dict[str, tuple[object, str, str]] = {
    "not YAML": ("title: [", "", "no YAML"),
    "no mapping": ("- a\n- b\n", "", "mapping"),
    "nothing": ("", "", "mapping"),
    "an unknown key": (changed(titel="x"), "titel", "did you mean “title”?"),
    "an unknown key of the publisher": (
        changed(publisher__hompage="https://x.example/"),
        "publisher.hompage",
        "did you mean “homepage”?",
    ),
    "an unknown key of a table": (
        changed(tables__organisations__keys="id"),
        "tables.organisations.keys",
        "did you mean “key”?",
    ),
    "an unknown key of a column": (
        changed(**{COLUMNS: {"name": {"colum": "x"}}}),
        "tables.organisations.columns.name.colum",
        "did you mean “column”?",
    ),
    "an unknown column of the standard": (
        changed(**{COLUMNS: {"postcode": "x"}}),
        "tables.organisations.columns.postcode",
        "did you mean “postal_code”?",
    ),
    "a column of another entity": (
        changed(**{COLUMNS: {"offer_name": "x"}}),
        "tables.organisations.columns.offer_name",
        "no such column",
    ),
    "no title": ({k: v for k, v in MINIMAL.items() if k != "title"}, "title", "missing"),
    "no publisher": (
        {k: v for k, v in MINIMAL.items() if k != "publisher"},
        "publisher",
        "missing",
    ),
    "a publisher without a name": (changed(publisher={}), "publisher.name", "missing"),
    "a publisher that is a text": (changed(publisher="Nobody"), "publisher", "mapping"),
    "no tables": ({k: v for k, v in MINIMAL.items() if k != "tables"}, "tables", "missing"),
    "tables that are none": (changed(tables={}), "tables", "no parent"),
    "tables in a list": (changed(tables=[1]), "tables", "mapping"),
    "a table that is none": (changed(tables={"a": None}), "tables.a", "missing"),
    "a table without a file": (changed(tables={"a": {"key": "x"}}), "tables.a.file", "missing"),
    "two tables without a parent": (
        changed(tables__more={"file": "m.csv"}),
        "tables",
        "exactly one table",
    ),
    "every table with a parent": (
        changed(tables__organisations__parent="x"),
        "tables",
        "exactly one table",
    ),
    "a main table of sites": (
        changed(tables={"shops": {"file": "s.csv", "entity": "Site"}}),
        "tables.shops",
        "organisations",
    ),
    "an unknown entity": (
        changed(tables__organisations__entity="Shop"),
        "tables.organisations.entity",
        "Organization",
    ),
    "a table's name with capitals": (
        changed(tables={"Shops": {"file": "s.csv"}}),
        "tables.Shops",
        "lower-case",
    ),
    "a table's name that is a number": (
        changed(tables={2017: {"file": "s.csv"}}),
        "tables",
        "“2017”",
    ),
    "a path for a file": (
        changed(tables__organisations__file="../o.csv"),
        "tables.organisations.file",
        "file name",
    ),
    "two stars": (
        changed(tables__organisations__file="*-*.csv"),
        "tables.organisations.file",
        "at most one",
    ),
    "a name with spaces": (changed(name="My List"), "name", "lower-case"),
    "a name that is a number": (changed(name=5), "name", "lower-case"),
    "the catalogue's name": (changed(name="catalogue"), "name", "another"),
    "the name of the graph of links": (changed(name="links"), "name", "another"),
    "the name of the merge": (changed(name="merge"), "name", "another"),
    "a licence that is no address": (changed(licence="CC9"), "licence", "web address"),
    "a homepage that is no address": (
        changed(homepage="javascript:alert(1)"),
        "homepage",
        "web address",
    ),
    "an unknown frequency": (changed(frequency="yearly"), "frequency", "annual"),
    "merge that is neither": (changed(merge="maybe"), "merge", "true or false"),
    "a title that is a list": (changed(title=["a"]), "title", "text"),
    "a title that is a truth value": (changed(title=True), "title", "text"),
    "a language that YAML takes for no": ("language: no\n" + yaml.safe_dump(MINIMAL), "language", "text"),
    "a language that is none": (changed(language="English language"), "language", "BCP 47"),
    "a column's language that is none": (
        changed(**{COLUMNS: {"name@english language": "x"}}),
        "tables.organisations.columns.name@english language",
        "BCP 47",
    ),
    "a column that is a number": (
        changed(**{COLUMNS: {"activity": 64}}),
        "tables.organisations.columns.activity",
        "mapping",
    ),
    "neither column nor value": (
        changed(**{COLUMNS: {"name": {}}}),
        "tables.organisations.columns.name",
        "either",
    ),
    "both column and value": (
        changed(**{COLUMNS: {"name": {"column": "a", "value": "b"}}}),
        "tables.organisations.columns.name",
        "either",
    ),
    "another case": (
        changed(**{COLUMNS: {"name": {"column": "a", "case": "upper"}}}),
        "tables.organisations.columns.name.case",
        "title",
    ),
    "a pattern that is none": (
        changed(**{COLUMNS: {"name": {"column": "a", "pattern": "("}}}),
        "tables.organisations.columns.name.pattern",
        "regular expression",
    ),
    "values in a list": (
        changed(**{COLUMNS: {"kind": {"column": "a", "values": ["x"]}}}),
        "tables.organisations.columns.kind.values",
        "mapping",
    ),
    "values that YAML takes for truth values": (
        changed(**{COLUMNS: {"status": {"column": "a", "values": {True: "active"}}}}),
        "tables.organisations.columns.status.values",
        "quotation marks",
    ),
    "a blank that YAML takes for a truth value": (
        changed(**{COLUMNS: {"name": {"column": "a", "blank": [False]}}}),
        "tables.organisations.columns.name.blank",
        "text",
    ),
    "a date format that is none": (
        changed(**{COLUMNS: {"founded": {"column": "a", "date": "%Q"}}}),
        "tables.organisations.columns.founded.date",
        "%Q",
    ),
    "a date format without the day": (
        changed(**{COLUMNS: {"founded": {"column": "a", "date": ["%d/%m/%Y", "%m/%Y"]}}}),
        "tables.organisations.columns.founded.date",
        "%m/%Y",
    ),
    "each that is no list": (changed(**{EACH: {"name": "a"}}), "tables.organisations.each", "list"),
    "each with a fault": (
        changed(**{EACH: [{"name": "a"}, {"nam": "b"}]}),
        "tables.organisations.each[1].nam",
        "did you mean “name”?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_file_and_place(fault: str, standard: Standard) -> None:
    content, where, words = FAULTS[fault]
    with pytest.raises(DescriptorError) as caught:
        parse(content, standard)
    assert caught.value.source == "my-list/dataset.yaml"
    assert caught.value.where == where
    assert str(caught.value).startswith("my-list/dataset.yaml")
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_descriptor_that_cannot_be_read_is_named(tmp_path: Path, standard: Standard) -> None:
    with pytest.raises(DescriptorError, match="dataset.yaml"):
        read_descriptor(tmp_path, standard)
    (tmp_path / "dataset.yaml").write_bytes(b"title: caf\xe9")
    with pytest.raises(DescriptorError, match="dataset.yaml"):
        read_descriptor(tmp_path, standard)


def test_what_a_dataset_is_can_be_read_without_its_tables(standard: Standard) -> None:
    text = yaml.safe_dump(changed(tables__organisations__columns={"of_an_older_standard": "x"}))
    assert parse_about(text, "my-list") == parse(MINIMAL, standard).about


def test_descriptors_cannot_make_objects(standard: Standard) -> None:
    with pytest.raises(DescriptorError, match="no YAML"):
        parse("title: !!python/object/apply:os.system ['true']", standard)
