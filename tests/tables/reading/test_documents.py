"""JSON → rows: lists, wrapped lists, lines, GeoJSON; and what is broken, told by its place."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from coopgraph.errors import InputError
from coopgraph.tables.reading import Layout, Row, Table, documents, open_table


def document(folder: Path, content: object, name: str = "t.json") -> Path:
    path = folder / name
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(path: Path, layout: Layout | None = None) -> tuple[Table, list[Row]]:
    table = open_table(path, layout)
    return table, list(table.rows)


def shown(folder: Path, content: object) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    table, rows = read(document(folder, content))
    return table.header, [row.cells for row in rows]


def refused(path: Path, layout: Layout | None = None) -> InputError:
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        read(path, layout)
    assert time.monotonic() - started < 20
    assert caught.value.source.startswith(path.name)
    return caught.value


# Lists ----------------------------------------------------------------------------------------


def test_each_object_is_a_row_and_each_key_a_column(tmp_path: Path) -> None:
    table, rows = read(document(tmp_path, [{"id": 1, "name": "Aster"}, {"id": 2, "kind": "x"}]))
    assert (table.header, table.header_row, table.notes) == (("id", "name", "kind"), None, ())
    assert rows == [Row(1, ("1", "Aster", "")), Row(2, ("2", "", "x"))]


def test_rows_that_say_nothing_are_passed_over_and_counted(tmp_path: Path) -> None:
    _, rows = read(document(tmp_path, [{}, {"id": None}, {"id": ""}, {"id": "x"}]))
    assert rows == [Row(4, ("x",))]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ("12345678901234567890123", "12345678901234567890123"),
        ("0.10", "0.10"),
        ("23.33513259888", "23.33513259888"),
        ('"a\\u00e9\\n"', "aé\n"),
        ("[]", ""),
        ('["a", 1, null, true]', "a;1;true"),
    ],
)
def test_values_become_text_to_the_letter(tmp_path: Path, value: str, text: str) -> None:
    assert shown(tmp_path, f'[{{"id": "1", "v": {value}}}]') == (("id", "v"), [("1", text)])


def test_what_is_within_has_a_name_of_its_parts(tmp_path: Path) -> None:
    item = {"seat": {"city": "A", "geo": {"lat": 1}}, "shops": [{"city": "B"}, {"city": "C"}]}
    assert shown(tmp_path, [item]) == (
        ("seat.city", "seat.geo.lat", "shops.1.city", "shops.2.city"),
        [("A", "1", "B", "C")],
    )


def test_a_semicolon_in_a_list_is_noted(tmp_path: Path) -> None:
    table, _ = read(document(tmp_path, [{"a": ["x"]}, {"a": ["x; y", "z"]}]))
    assert "1 lists hold a text with a semicolon in it, the first in row 2, “a”" in table.notes[0]


def test_names_that_meet_are_refused(tmp_path: Path) -> None:
    error = refused(document(tmp_path, [{"a.b": 1}, {"a.b": 1, "a": {"b": 2}}]))
    assert (error.row, error.column) == (2, "a.b")


@pytest.mark.parametrize("name", ["t.json", "t.geojson", "t.csv", "t.txt", "t"])
def test_json_is_told_by_what_it_holds(tmp_path: Path, name: str) -> None:
    assert read(document(tmp_path, ' [\n {"id": 1}]', name))[1] == [Row(1, ("1",))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_of_json(tmp_path: Path, encoding: str) -> None:
    path = document(tmp_path, '[{"id": "é"}]'.encode(encoding))
    assert read(path)[1] == [Row(1, ("é",))]


# Wrapped lists and lines ----------------------------------------------------------------------


def test_the_only_list_of_objects_is_the_table(tmp_path: Path) -> None:
    content = {"meta": {"n": 2}, "tags": ["a"], "members": [{"id": 1}, {"id": 2}], "end": True}
    table, rows = read(document(tmp_path, content))
    assert (table.sheet, rows) == ("", [Row(1, ("1",)), Row(2, ("2",))])


def test_several_lists_want_one_named(tmp_path: Path) -> None:
    path = document(tmp_path, {"a": [{"id": 1}], "b": [{"key": 2}]})
    assert "several lists, “a”, “b”; name one" in str(refused(path))
    table, rows = read(path, Layout("b"))
    assert (table.source, table.header, rows) == ("t.json, sheet “b”", ("key",), [Row(1, ("2",))])
    assert "no list of objects “c”; it has “a”, “b”" in str(refused(path, Layout("c")))
    assert "no choice of lists" in str(refused(document(tmp_path, [{"id": 1}]), Layout("a")))
    assert "has no header" in str(refused(path, Layout("b", 2)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", " ", ""])
def test_objects_on_lines_are_rows(tmp_path: Path, end: str) -> None:
    path = document(tmp_path, end.join(['{"id": 1}', '{"id": 2, "a": [{"b": 1}]}', ""]))
    table, rows = read(path)
    assert table.header == ("id", "a.1.b")
    assert [row.number for row in rows] == [1, 2]


def test_one_object_is_one_row(tmp_path: Path) -> None:
    assert shown(tmp_path, {"id": 1, "tags": ["a", "b"]}) == (("id", "tags"), [("1", "a;b")])


# GeoJSON --------------------------------------------------------------------------------------


def feature(properties: object, geometry: object, **more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def point(*coordinates: Any) -> dict[str, object]:
    return {"type": "Point", "coordinates": list(coordinates)}


def features(*items: object, **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", **more, "features": list(items)}


def test_properties_and_points_are_columns(tmp_path: Path) -> None:
    content = features(
        feature({"name": "Aster"}, point(9.5, 47.25), id=7),
        feature({"name": "Beech", "tags": {"a": 1}}, None),
        feature(None, point(8, 46, 400)),
    )
    assert shown(tmp_path, content) == (
        ("name", "id", "latitude", "longitude", "tags.a"),
        [
            ("Aster", "7", "47.25", "9.5", ""),
            ("Beech", "", "", "", "1"),
            ("", "", "46", "8", ""),
        ],
    )


def test_properties_keep_their_names_before_points(tmp_path: Path) -> None:
    header, rows = shown(
        tmp_path, features(feature({"latitude": "x", "id": "y"}, point(1, 2), id=3))
    )
    assert header == ("latitude", "id", "geometry.latitude", "longitude")
    assert rows == [("x", "y", "2", "1")]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]},
        {"type": "GeometryCollection", "geometries": []},
        point("1", 2),
        point(1),
        "somewhere",
    ],
)
def test_other_geometries_are_said_to_be_left_out(tmp_path: Path, geometry: object) -> None:
    table, rows = read(document(tmp_path, features(feature({"id": 1}, geometry))))
    assert table.header == ("id",)
    assert rows[0].findings[0].severity == "warning"
    assert "1 rows have a geometry that is no point" in table.notes[0]


def test_an_empty_point_is_no_point(tmp_path: Path) -> None:
    assert read(document(tmp_path, features(feature({"id": 1}, point()))))[0].notes == ()


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"])
def test_wgs84_may_be_named(tmp_path: Path, name: str) -> None:
    system = {"type": "name", "properties": {"name": name}}
    shown(tmp_path, features(feature({"id": 1}, point(1, 2)), crs=system))


def test_coordinates_in_another_system_are_refused(tmp_path: Path) -> None:
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    path = document(tmp_path, features(feature({"id": 1}, point(1, 2)), crs=system))
    assert "export it in WGS 84" in str(refused(path))


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why", "row"),
    [
        ("", "a list of objects", None),
        ("7", "a list of objects", None),
        ("[]", "nothing to read", None),
        ("[{}]", "nothing to read", None),
        ("[1]", "no object of keys and values", 1),
        ('[["id"], ["1"]]', "no object of keys and values", 1),
        ('[{"id": 1}, {"id": NaN}]', "NaN is no value of JSON", 2),
        ('[{"id": -Infinity}]', "-Infinity is no value", 1),
        ('[{"id": 1, "id": 2}]', "this key twice", 1),
        ('[{"a": 1}, {"b": {"c": 1, "c": 1}}]', "this key twice", 2),
        ('{"a": [{"id": 1}], "a": [{"id": 2}]}', "this key twice", None),
        ('[{"id": 1}, {"id": ', "cut off", 2),
        ('[{"id": 1}, {"id": 2}', "cut off", 3),
        ('[{"id": 1},', "cut off", 2),
        ('[{"id": "1', "no JSON from here", 1),
        ('{"a": [{"id": 1}', "cut off", None),
        ('{"a": [{"id": 1}]', "cut off", None),
        ('[{"id": 1}] x', "something follows", None),
        ('[{"id": 1} {"id": 2}]', "“,” is wanted", 2),
        ("[{'id': 1}]", "no JSON from here", 1),
        ("{1: 2}", "a key in quotation marks", None),
        ('[{"a": ' + "[" * 100 + "1" + "]" * 100 + "}]", "nested too deeply", 1),
        ('[{"a": ' + "[" * 100_000, "nested too deeply", 1),
        ('{"a":' * 100_000, "nested too deeply", None),
    ],
)
def test_broken_json_is_refused_with_its_place(
    tmp_path: Path, content: str, why: str, row: int | None
) -> None:
    error = refused(document(tmp_path, content))
    assert why in str(error)
    assert error.row == row


def test_a_fault_is_told_by_line_and_character(tmp_path: Path) -> None:
    error = refused(document(tmp_path, '[\n {"id": 1},\n {"id": x}\n]'))
    assert "row 2: line 3, character 9" in str(error)


def test_json_of_another_encoding_is_refused(tmp_path: Path) -> None:
    assert "not in UTF-8" in str(refused(document(tmp_path, b'[{"id": "caf\xe9"}]')))


def test_text_that_is_no_json_but_says_so_is_refused(tmp_path: Path) -> None:
    refused(document(tmp_path, "id,name\n1,a\n"))


def test_a_large_document_is_refused_unread(tmp_path: Path) -> None:
    path = document(tmp_path, '[{"id": 1}]')
    with path.open("r+b") as sparse:
        sparse.truncate(2 << 30)
    assert "2,048 MB" in str(refused(path))


def test_very_many_values_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_CELLS", 10)
    assert "more than 20 values" in str(refused(document(tmp_path, [[1]] * 30)))


def test_very_many_columns_are_refused(tmp_path: Path) -> None:
    content = [{f"k{number}": 1} for number in range(17_000)]
    assert "columns" in str(refused(document(tmp_path, content)))


def test_many_rows_of_many_columns_are_refused(tmp_path: Path) -> None:
    content = [{f"k{number}": 1} for number in range(10_000)]
    assert "10,000 rows and 10,000 columns" in str(refused(document(tmp_path, content)))


# Round trips ----------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
pairs = st.builds(lambda first, second: {"first": first, "second": second}, texts, texts)
objects = st.lists(pairs, min_size=1, max_size=5)


@bounds(max_examples=100)
@given(objects, st.sampled_from(["list", "wrapped", "lines", "geojson"]), st.booleans())
def test_what_is_written_is_read_back(
    tmp_path: Path, written: list[dict[str, str]], form: str, is_ascii: bool
) -> None:
    content: Any = written
    if form == "wrapped":
        content = {"n": len(written), "items": written}
    if form == "geojson":
        content = features(*(feature(item, None) for item in written))
    body = json.dumps(content, ensure_ascii=is_ascii)
    if form == "lines":
        body = "\n".join(json.dumps(item, ensure_ascii=is_ascii) for item in written)
    header, rows = shown(tmp_path, body)
    assert header == ("first", "second")
    assert rows == [tuple(item.values()) for item in written if any(item.values())]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)


@bounds(max_examples=150)
@given(values | st.lists(st.dictionaries(texts, values, max_size=3), max_size=3), st.data())
def test_any_json_and_any_damage_gives_rows_or_an_input_error(
    tmp_path: Path, value: object, data: st.DataObject
) -> None:
    text = json.dumps(value)
    cut = data.draw(st.integers(0, len(text)))
    for body in (
        text,
        text[:cut],
        text[:cut] + data.draw(st.sampled_from('[]{},:"x')) + text[cut:],
    ):
        try:
            table, rows = read(document(tmp_path, body))
            assert all(len(row.cells) == len(table.header) for row in rows)
        except InputError as error:
            assert error.source == "t.json"
