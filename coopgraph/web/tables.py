"""Tables of query results, as pages show them.

In: the columns and rows of an answer, and what finds the page about a thing. Out: headings, and
values for a template: for those who wrote the query all that they selected, for those who asked a
stored one names instead of IRIs. Downloads do not pass through here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coopgraph.iris import is_web_address
from coopgraph.namespaces import curie
from coopgraph.query import coordinates
from coopgraph.web.cells import INTEGER, NUMERIC, WKT, Row, capital, in_words, is_text, is_year
from coopgraph.web.facts import Value, short_address

Page = Callable[[str], str | None]  # the link to the page about a thing, None for what is not ours

# Columns whose things are named by a column ``name``; others by ``countryName`` and its like.
_BODIES = frozenset({"organisation", "organization", "member", "federation", "cooperative"})
_COMPACT = re.compile(r"[a-z-]+:\w[\w-]*", re.ASCII)
_LARGE_WHOLE = re.compile(r"[-+]?[0-9]{4,}")
_LONGEST_SHAPE = 40


@dataclass(frozen=True)
class Column:
    """The head of a column. ``is_number`` says that it holds numbers, and no years."""

    heading: str
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """What a template draws: as many values in each row as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


def whole_table(columns: Sequence[str], rows: Sequence[Row], page: Page) -> Table:
    """Every column, under the name of its variable; names of ours are shortened."""
    answer = _Answer(columns, rows, page)
    return Table(
        [Column(name, answer.is_number(place)) for place, name in enumerate(columns)],
        [[answer.value(row, place) for place in answer.places] for row in rows],
    )


def reading_table(
    columns: Sequence[str], rows: Sequence[Row], page: Page, *, has_map: bool = False
) -> Table:
    """Headings in words; names as links in place of the IRIs that they name, where that is beyond
    doubt; and no points where a map shows them.
    """
    answer = _Answer(columns, rows, page)
    named = answer.named()
    hidden = {*named.values(), *(filter(answer.is_geometry, answer.places) if has_map else ())}
    places = [place for place in answer.places if place not in hidden]
    return Table(
        [
            Column(capital(in_words(columns[named.get(place, place)])), answer.is_number(place))
            for place in places
        ],
        [[answer.read(row, place, named.get(place)) for place in places] for row in rows],
    )


@dataclass(frozen=True)
class _Answer:
    """What is asked of an answer; columns are told by their places."""

    columns: Sequence[str]
    rows: Sequence[Row]
    page: Page

    @property
    def places(self) -> range:
        return range(len(self.columns))

    def _holds(self, place: int, wanted: Callable[[Mapping[str, str]], object]) -> bool:
        """Whether a column holds something, and nothing but what is wanted."""
        cells = [cell for row in self.rows if (cell := row[place]) is not None]
        return bool(cells) and all(map(wanted, cells))

    def is_number(self, place: int) -> bool:
        column = self.columns[place]
        return self._holds(
            place, lambda cell: cell.get("datatype") in NUMERIC and not is_year(column, cell)
        )

    def is_geometry(self, place: int) -> bool:
        return self._holds(place, lambda cell: cell.get("datatype") == WKT)

    def is_name(self, place: int) -> bool:
        return self._holds(place, is_text)

    def is_thing(self, place: int) -> bool:
        """Whether a column holds things of ours."""
        return self._holds(place, self._page)

    def named(self) -> dict[int, int]:
        """Columns of names, each with the one column of things that it names."""
        names = {self.columns[place]: place for place in self.places if self.is_name(place)}
        found: dict[int, list[int]] = {}
        for place in filter(self.is_thing, self.places):
            called = [names[name] for name in _names_of(self.columns[place]) if name in names]
            if called:
                found.setdefault(called[0], []).append(place)
        return {name: things[0] for name, things in found.items() if len(things) == 1}

    def value(self, row: Row, place: int) -> Value:
        """One value, whatever it is; its ``title`` holds what was shortened."""
        cell = row[place]
        if cell is None:
            return Value("")
        value = cell["value"]
        if cell["type"] == "uri":
            page = self._page(cell)
            link = page or (value if is_web_address(value) else "")
            return _titled(_short(value, is_ours=page is not None), value, link)
        if cell["type"] == "bnode":
            return Value(f"_:{value}")
        if cell.get("datatype") == WKT:
            return _titled(_place(value), value)
        if cell.get("datatype") == INTEGER and not is_year(self.columns[place], cell):
            return Value(_grouped(value) + cell.get("cut", ""))
        return Value(value + cell.get("cut", ""), language=cell.get("xml:lang", ""))

    def read(self, row: Row, place: int, thing: int | None) -> Value:
        """A value for readers: with a link to the ``thing`` that it names, or that thing itself
        where it has no name; addresses elsewhere as people write them.
        """
        value = self.value(row, place)
        if thing is not None:
            named = self.value(row, thing)
            return replace(value, href=named.href, title=named.title) if value.text else named
        if value.href and value.href == value.text:
            return replace(value, text=short_address(value.text), title=value.text)
        return value

    def _page(self, cell: Mapping[str, str]) -> str | None:
        return self.page(cell["value"]) if cell["type"] == "uri" else None


def _names_of(column: str) -> Iterator[str]:
    """What the column with the names of a column's things may be called.

    >>> list(_names_of("otherDataset")), list(_names_of("member"))
    (['otherDatasetName', 'otherDatasetLabel', 'otherTitle'], ['memberName', 'memberLabel', 'name'])
    """
    yield f"{column}Name"
    yield f"{column}Label"
    if column in _BODIES:
        yield "name"
    if column == "dataset":
        yield "title"
    elif column.endswith("Dataset"):
        yield column.removesuffix("Dataset") + "Title"


def _titled(text: str, whole: str, href: str = "") -> Value:
    return Value(text, href, title="" if text == whole else whole)


def _short(name: str, is_ours: bool) -> str:
    """A compact name that SPARQL reads; of other names of ours the last part, or of a record's,
    which is told apart by its dataset, the last two. What is not ours stays whole.
    """
    compact = curie(name)
    if compact != name and _COMPACT.fullmatch(compact):
        return compact
    if not is_ours:
        return name
    parts = name.rstrip("/").rsplit("/", 2)
    return "/".join(parts[-2:]) if "/record/" in name else parts[-1]


def _place(text: str) -> str:
    """A point as latitude and longitude, to some ten metres; as much of another shape as fits."""
    if found := coordinates(text):
        longitude, latitude = (f"{degrees:.4f}".rstrip("0").rstrip(".") for degrees in found)
        return f"{latitude}, {longitude}"
    return text if len(text) <= _LONGEST_SHAPE else f"{text[:_LONGEST_SHAPE].rstrip()}…"


def _grouped(text: str) -> str:
    """A whole number with separators for thousands.

    >>> _grouped("-1250400"), _grouped("many")
    ('-1,250,400', 'many')
    """
    return f"{int(text):,}" if _LARGE_WHOLE.fullmatch(text) else text
