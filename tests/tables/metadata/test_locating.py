"""Which metadata a file comes with, and what is told of what lies beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.errors import DescriptorError
from coopgraph.tables.metadata import find_metadata, is_metadata, read_metadata
from coopgraph.tables.metadata.documents import MOST_BYTES, parse_document

SCHEMA = {"fields": [{"name": "a"}]}
PACKAGE = {"resources": [{"name": "list", "path": "list.csv", "schema": SCHEMA}]}
RESOURCE = {"name": "list", "path": "list.csv", "schema": SCHEMA}
TABLE = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "list.csv",
    "tableSchema": {"columns": [{"titles": "a"}]},
}
BESIDE = {
    "list.csv-metadata.json": TABLE,
    "list.resource.json": RESOURCE,
    "datapackage.json": PACKAGE,
    "list.csv.schema.json": SCHEMA,
    "list.schema.json": SCHEMA,
    "csv-metadata.json": TABLE,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lists" / "list.csv"
    path.parent.mkdir()
    path.write_text("a\n1\n", encoding="utf-8")
    return path


def write(path: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_metadata_is_used(file: Path) -> None:
    assert find_metadata(file).metadata is None
    for name, content in reversed(BESIDE.items()):
        write(file.parent / name, content)
        found = find_metadata(file)
        assert found.metadata is not None
        assert (found.metadata.source, found.notes) == (name, ())


def test_a_package_may_hold_its_data_in_a_folder_below(file: Path) -> None:
    write(file.parent.parent / "datapackage.json", PACKAGE)
    assert find_metadata(file).metadata is None
    resource = {**RESOURCE, "path": "lists/list.csv"}
    write(file.parent.parent / "datapackage.json", {"resources": [resource]})
    found = find_metadata(file)
    assert found.metadata is not None
    assert found.metadata.source == "datapackage.json"


def test_what_is_of_another_file_is_told_and_not_used(file: Path) -> None:
    write(file.parent / "datapackage.json", {"resources": [{**RESOURCE, "path": "x.csv"}]})
    write(file.parent / "csv-metadata.json", {**TABLE, "url": "../list.csv"})
    write(file.parent / "list.schema.json", {"type": "object", "properties": {}})
    write(file.parent / "tableschema.json", SCHEMA)
    found = find_metadata(file)
    assert found.metadata is None
    assert [note.split(";")[0] for note in found.notes] == [
        "datapackage.json is there, and names no file list.csv",
        "list.schema.json is there, and is no Table Schema",
        "csv-metadata.json is there, and names no file list.csv",
        "tableschema.json is there, and nothing says for which file",
    ]


def test_a_schema_in_a_file_of_its_own_is_read_in_the_folder_alone(file: Path) -> None:
    write(file.parent / "datapackage.json", {"resources": [{**RESOURCE, "schema": "s.json"}]})
    write(file.parent / "s.json", SCHEMA)
    found = find_metadata(file).metadata
    assert found is not None
    assert found.columns[0].where == "fields[0]"
    (file.parent / "s.json").unlink()
    write(file.parent.parent / "s.json", SCHEMA)
    (file.parent / "s.json").symlink_to(file.parent.parent / "s.json")
    with pytest.raises(DescriptorError, match="leaves the folder"):
        find_metadata(file)


def test_a_file_whose_name_leaves_no_room_for_another_has_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / f"{'Кооперативы' * 11}.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    found = find_metadata(path)
    assert (found.metadata, found.notes) == (None, ())


@pytest.mark.parametrize(
    ("schema", "message"), [("a\0b.json", "no name of a file"), ("a" * 300, "there is no file")]
)
def test_a_schema_by_no_name_of_a_file_is_refused(schema: str, message: str, file: Path) -> None:
    write(file.parent / "datapackage.json", {"resources": [{**RESOURCE, "schema": schema}]})
    with pytest.raises(DescriptorError, match=message):
        find_metadata(file)


def test_titles_within_titles_are_not_followed_far(file: Path) -> None:
    text = json.dumps(TABLE)[:-1] + ', "dc:title": ' + '{"schema:name": ' * 200
    write(file.parent / "csv-metadata.json", text + '"x"' + "}" * 200 + "}")
    found = find_metadata(file).metadata
    assert found is not None
    assert found.facts.title == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no JSON .*line 1, character"),
        ('{"resources": [],}', "this is no JSON"),
        ("[]", "this must be a JSON object"),
        ('{"a": NaN}', "this is no JSON"),
        ('{"a":' * 5_000, "this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ('{"a": "' + "x" * MOST_BYTES + '"}', "more than 1 MB"),
    ],
)
def test_what_is_no_metadata_at_all_is_refused(text: str, message: str, file: Path) -> None:
    write(file.parent / "datapackage.json", text)
    with pytest.raises(DescriptorError, match=f"^datapackage.json: .*{message}"):
        find_metadata(file)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_bytes_are_a_document_or_refused(data: bytes) -> None:
    try:
        parse_document(data, "x.json")
    except DescriptorError as error:
        assert str(error).startswith("x.json: ")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "list.csv"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "@context resources tables url path name schema dialect fields columns type format "
                    "titles datatype tableSchema primaryKey foreignKeys reference licenses header null "
                    "headerRows missingValues contributors sources dc:title constraints".split()
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=25,
    )
)
def test_whatever_stands_there_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, content: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = write(folder / "list.csv", "a\n1\n")
    for wrapped in (
        {"resources": [{"path": "list.csv", "schema": content, "dialect": content}]},
        {"resources": content},
        {"resources": [{"path": "list.csv", "schema": {"fields": [content]}}], "licenses": content},
    ):
        write(folder / "datapackage.json", wrapped)
        _finds(path)
    (folder / "datapackage.json").unlink()
    for wrapped in (
        {**TABLE, "tableSchema": content},
        {**TABLE, "dialect": content, "dc:title": content},
        {**TABLE, "tables": content},
    ):
        write(folder / "csv-metadata.json", wrapped)
        _finds(path)


def _finds(path: Path) -> None:
    try:
        find_metadata(path)
    except DescriptorError as error:
        assert error.source


# Given by name --------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [SCHEMA, RESOURCE, PACKAGE, TABLE])
def test_metadata_is_known_whatever_it_is_called(content: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", content)
    assert is_metadata(path)
    assert len(read_metadata(path, "other.csv").columns) == 1  # it is of one table


@pytest.mark.parametrize("text", ["key: Nr", '{"columns": {"name": "a"}}', '{"tables": {}}', ""])
def test_a_mapping_is_none(text: str, tmp_path: Path) -> None:
    assert not is_metadata(write(tmp_path / "mapping.yaml", text))


def test_broken_json_is_told_where_the_name_says_that_it_is_json(tmp_path: Path) -> None:
    assert not is_metadata(write(tmp_path / "m.yaml", "{key: Nr}"))
    with pytest.raises(DescriptorError, match="m.json: this is no JSON"):
        is_metadata(write(tmp_path / "m.json", "{key: Nr}"))


def test_metadata_of_several_files_must_name_this_one(tmp_path: Path) -> None:
    several = {"resources": [{**RESOURCE, "path": name} for name in ("x.csv", "y.csv")]}
    path = write(tmp_path / "datapackage.json", several)
    assert len(read_metadata(path, "y.csv").columns) == 1
    with pytest.raises(DescriptorError, match="describes 2 tables, and none of them is called as"):
        read_metadata(path, "z.csv")
