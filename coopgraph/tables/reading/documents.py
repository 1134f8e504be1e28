"""JSON documents → rows: lists of objects, GeoJSON (RFC 7946), JSON lines (https://jsonlines.org/).

Each object is a row, numbered from 1, and each of its keys a column (``flattening``). Numbers keep
their form to the letter. The text is in memory, but its objects are read one by one, twice: for
their keys, and for their values.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

from coopgraph.errors import InputError
from coopgraph.tables.reading.flattening import (
    Number,
    Seen,
    Value,
    check_reference_system,
    feature_columns,
    object_columns,
)
from coopgraph.tables.reading.limits import MOST_CELLS, check_cells, check_columns, check_size
from coopgraph.tables.reading.table import Layout, Row, Table, place
from coopgraph.tables.records import Finding

_BLANK = re.compile(r"[ \t\n\r]*")

Columns = dict[str, str]


@dataclass(frozen=True, slots=True)
class _List:
    """Where in a document the objects stand that are its rows."""

    start: int
    name: str = ""
    is_lines: bool = False
    is_geojson: bool = False

    def columns(self, item: Mapping[str, Value], number: int, source: str, seen: Seen) -> Columns:
        """The columns of a row and their texts."""
        columns_of = feature_columns if self.is_geojson else object_columns
        return columns_of(item, number, source, seen)


class _Member(NamedTuple):
    """A member of the outermost object: ``value`` is None for lists."""

    key: str
    start: int
    value: Value
    is_objects: bool


def open_document(path: Path, layout: Layout) -> Table:
    """Open the list of objects in a JSON document.

    ``layout.sheet`` is the key of the list, where there are several. Raises InputError where the
    document is too large, broken, or holds no such list.
    """
    if layout.header is not None:
        raise InputError(
            "JSON has no header; remove “header” from the dataset's table.", source=path.name
        )
    document = _Document(path)
    rows, several = document.find_rows(layout.sheet)
    source = place(path, rows.name if several else "")
    seen = Seen()
    for number, item in document.objects(rows):
        seen.rows = number
        seen.columns.update(dict.fromkeys(rows.columns(item, number, source, seen)))
        check_columns(len(seen.columns), source)
    if not seen.columns:
        raise InputError("no object in it has a key; there is nothing to read.", source=source)
    check_cells(seen.rows, len(seen.columns), source)
    header = tuple(seen.columns)
    return Table(
        path,
        header,
        _rows(document, rows, header, source),
        encoding="utf-8",
        sheet=rows.name if several else "",
        header_row=None,
        notes=tuple(_notes(seen, source)),
    )


def _rows(document: _Document, rows: _List, header: tuple[str, ...], source: str) -> Iterator[Row]:
    for number, item in document.objects(rows):
        seen = Seen()
        found = rows.columns(item, number, source, seen)
        cells = tuple(found.get(name, "") for name in header)
        if any(cells):
            yield Row(number, cells, findings=tuple(_shapeless(shape) for _, shape in seen.shapes))


def _shapeless(shape: str) -> Finding:
    message = f"is a {shape}, and only points are read; it gives no coordinates"
    return Finding(message, "geometry", severity="warning", kind="geometry")


def _notes(seen: Seen, source: str) -> Iterator[str]:
    if seen.shapes:
        number, shape = seen.shapes[0]
        yield (
            f"{source}: {len(seen.shapes):,} rows have a geometry that is no point (the first, in "
            f"row {number}, is a {shape}); they have no coordinates."
        )
    if seen.joined:
        number, column = seen.joined[0]
        yield (
            f"{source}: {len(seen.joined):,} lists hold a text with a semicolon in it, the first "
            f"in row {number}, “{column}”; where the list is split, it falls apart."
        )


# Documents ------------------------------------------------------------------------------------


class _Document:
    """The text of a JSON document and how to read values in it."""

    def __init__(self, path: Path) -> None:
        check_size(path)
        content = path.read_bytes()
        self._source = path.name
        try:
            self._text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise InputError(
                "it is not in UTF-8, as JSON must be; save it so.", source=path.name
            ) from error
        # Each value has one of these before it, so that memory is bounded before reading.
        if sum(map(self._text.count, ",[{")) > 2 * MOST_CELLS:
            raise InputError(
                f"it holds more than {2 * MOST_CELLS:,} values; save the table as CSV.",
                source=path.name,
            )
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._pairs,
            parse_float=Number,
            parse_int=Number,
            parse_constant=self._constant,
        )
        self._row: int | None = None
        self._at = 0

    def find_rows(self, wanted: str) -> tuple[_List, bool]:
        """Where the rows are, and whether there are several lists to choose from."""
        start = self._skip(0)
        mark = self._text[start : start + 1]
        if mark == "[":
            return self._only(_List(start), wanted)
        if mark != "{":
            self._fail(start, "a list of objects, or an object that holds one, is wanted")
        members = list(self._members(start))
        if self._skip(self._at) < len(self._text):
            return self._only(_List(start, is_lines=True), wanted)
        said = {member.key: member.value for member in members}
        lists = [member for member in members if member.is_objects]
        if said.get("type") == "FeatureCollection":
            check_reference_system(said, self._source)
            features = [member for member in members if member.key == "features"]
            if features and self._text.startswith("[", features[0].start):
                return self._only(_List(features[0].start, is_geojson=True), wanted)
        if not lists:
            return self._only(_List(start, is_lines=True), wanted)
        return self._chosen(lists, wanted), len(lists) > 1

    def _only(self, rows: _List, wanted: str) -> tuple[_List, bool]:
        if wanted:
            raise InputError(
                f"it has no choice of lists with a key “{wanted}”; remove “sheet” from the "
                "dataset's table.",
                source=self._source,
            )
        return rows, False

    def _chosen(self, lists: list[_Member], wanted: str) -> _List:
        names = ", ".join(f"“{member.key}”" for member in lists)
        if not wanted and len(lists) > 1:
            raise InputError(
                f"it has several lists, {names}; name one in the dataset's table, like “sheet: "
                f"{lists[0].key}”.",
                source=self._source,
            )
        for member in lists:
            if member.key == wanted or not wanted:
                return _List(member.start, member.key)
        raise InputError(
            f"it has no list of objects “{wanted}”; it has {names}.", source=self._source
        )

    def objects(self, rows: _List) -> Iterator[tuple[int, dict[str, Value]]]:
        """The objects of a list, each with its number. Raises InputError for anything else."""
        items = self._lines(rows.start) if rows.is_lines else self._elements(rows.start)
        for number, (value, at) in enumerate(self._counted(items), start=1):
            if not isinstance(value, dict):
                self._fail(at, "this is no object of keys and values")
            yield number, value
        self._row = None
        is_whole = not (rows.name or rows.is_geojson)
        if is_whole and self._skip(self._at) < len(self._text):
            self._fail(self._skip(self._at), "something follows the end of the list")

    def _counted(self, items: Iterator[tuple[Value, int]]) -> Iterator[tuple[Value, int]]:
        """The items, with errors at them telling the number of their row."""
        for number in itertools.count(1):
            self._row = number
            item = next(items, None)
            if item is None:
                return
            yield item

    # Walking: each of these leaves ``_at`` where what it walked ends.

    def _lines(self, at: int) -> Iterator[tuple[Value, int]]:
        """Values that follow each other with nothing but blanks between."""
        while at < len(self._text):
            value, self._at = self._value(at)
            yield value, at
            at = self._skip(self._at)

    def _elements(self, start: int) -> Iterator[tuple[Value, int]]:
        """The elements of the list that begins there."""
        at = self._skip(start + 1)
        if self._text.startswith("]", at):
            self._at = at + 1
            return
        while True:
            value, end = self._value(at)
            yield value, at
            at = self._skip(end)
            if self._text.startswith("]", at):
                self._at = at + 1
                return
            at = self._past(",", at)

    def _members(self, start: int) -> Iterator[_Member]:
        """The members of the object that begins there; lists are walked and not kept."""
        at = self._skip(start + 1)
        keys: set[str] = set()
        self._at = at + 1
        while not (self._text.startswith("}", at) and not keys):
            key, end = self._value(at)
            if not isinstance(key, str) or isinstance(key, Number):
                self._fail(at, "a key in quotation marks is wanted")
            if key in keys:
                raise self._twice(key)
            keys.add(key)
            at = self._past(":", self._skip(end))
            if self._text.startswith("[", at):
                kinds = {isinstance(value, dict) for value, _ in self._elements(at)}
                yield _Member(key, at, None, True in kinds)
            else:
                value, self._at = self._value(at)
                yield _Member(key, at, value, False)
            at = self._skip(self._at)
            if self._text.startswith("}", at):
                self._at = at + 1
                return
            at = self._past(",", at)

    def _past(self, mark: str, at: int) -> int:
        if not self._text.startswith(mark, at):
            self._fail(at, f"“{mark}” is wanted")
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        assert match is not None  # it may be of no length
        return match.end()

    def _value(self, at: int) -> tuple[Value, int]:
        try:
            return self._decoder.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            self._fail(
                error.pos, f"it is no JSON from here: {error.msg[:1].lower()}{error.msg[1:]}"
            )
        except RecursionError:
            self._fail(at, "it is nested too deeply")

    def _fail(self, at: int, why: str) -> NoReturn:
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        cut = "; the file may be cut off" if self._skip(at) >= len(self._text) else ""
        raise InputError(
            f"line {line}, character {column}: {why}{cut}.", source=self._source, row=self._row
        )

    def _pairs(self, pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    raise self._twice(key)
                seen.add(key)
        return found

    def _twice(self, key: str) -> InputError:
        return InputError(
            "an object has this key twice; remove one.",
            source=self._source,
            row=self._row,
            column=key,
        )

    def _constant(self, name: str) -> NoReturn:
        raise InputError(
            f"{name} is no value of JSON; write null where nothing is known.",
            source=self._source,
            row=self._row,
        )
