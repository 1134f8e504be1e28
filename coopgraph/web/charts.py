"""Charts of query results: which picture suits a table.

In: the columns and rows of a SELECT answer, each cell a term of SPARQL 1.1 JSON results. Out: an
SVG drawn by :mod:`coopgraph.web.plots`, or None where no chart fits. Names with a number become
bars; years with a number, columns; years and names with a number, a line for each name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from coopgraph.web import plots
from coopgraph.web.cells import NUMERIC, Cell, Row, capital, in_words, is_text, is_year
from coopgraph.web.plots import Heading, Lines, clean

_YEAR = re.compile(r"(-?[0-9]{4,6})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_UNIT_ALONE = re.compile("per .*|percent")
_MOST_VALUE = 1e18


class Draw(Protocol):
    """What makes the chart of a table: :func:`chart`, or it with the words over the picture."""

    def __call__(
        self, columns: Sequence[str], rows: Sequence[Row], *, has_more: bool
    ) -> str | None: ...


def chart(
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    title: str = "",
    subtitle: str = "",
    has_more: bool = False,
) -> str | None:
    """The chart that suits a table, or None. ``has_more`` says that rows were left out of it.

    The last column of numbers is drawn; the first columns of text that tell rows apart name them.
    Under a ``title`` stands what is drawn, and the ``subtitle``: of what it is said.
    """
    table = _Table(columns, rows)
    period = next(filter(table.is_period, table.places), None)
    numbers = [place for place in table.places if table.is_number(place)]
    if not numbers:
        return None
    number, measure = numbers[-1], table.measure(numbers)

    def heading(sides: Sequence[int]) -> Heading:
        drawn = f"{measure} by {' and '.join(table.said(side) for side in sides)}"
        under = filter(None, (measure if title else "", subtitle))
        return Heading(capital(title or drawn), capital(" · ".join(under)))

    if period is not None and (lines := table.lines(period, number)):
        draw = plots.columns if plots.fit_columns(lines) else plots.lines
        return draw(heading([period]), lines, has_more)
    names = table.names(number)
    if not names:
        return None
    return plots.bars(heading(names), table.bars(names, number), has_more)


@dataclass(frozen=True)
class _Table:
    """What is asked of a table; columns are told by their places."""

    columns: Sequence[str]
    rows: Sequence[Row]

    @property
    def places(self) -> range:
        return range(len(self.columns))

    def cells(self, place: int) -> list[Mapping[str, str]]:
        return [cell for row in self.rows if (cell := row[place]) is not None]

    def said(self, place: int) -> str:
        """A column's name in words."""
        return in_words(self.columns[place])

    def measure(self, numbers: Sequence[int]) -> str:
        """What the last of the columns of numbers counts; where it names but a unit, what it is a
        unit of stands in the one before.
        """
        *before, last = map(self.said, numbers)
        return f"{before[-1]}, {last}" if before and _UNIT_ALONE.fullmatch(last) else last

    def is_period(self, place: int) -> bool:
        """Whether it holds years, and nothing else."""
        cells = self.cells(place)
        return bool(cells) and all(is_year(self.columns[place], cell) for cell in cells)

    def is_number(self, place: int) -> bool:
        """Whether it holds numbers that can be drawn, and nothing else."""
        cells = self.cells(place)
        return (
            all(cell.get("datatype") in NUMERIC for cell in cells)
            and any(_number(cell) is not None for cell in cells)
            and not self.is_period(place)
        )

    def texts(self) -> list[int]:
        """Columns that may name rows: those of text, or those of IRIs where there are none."""
        places = [
            place
            for place in self.places
            if self.cells(place) and not self.is_period(place) and not self.is_number(place)
        ]
        texts = [p for p in places if all(is_text(cell) for cell in self.cells(p))]
        links = [p for p in places if all(cell["type"] != "literal" for cell in self.cells(p))]
        return texts or links

    def names(self, number: int, period: int | None = None) -> list[int]:
        """As few columns of names as tell rows, or those of one period, apart."""
        rows = self.drawn(number, period)
        chosen: list[int] = []
        for place in self.texts():
            chosen.append(place)
            if len({_key(row, chosen, period) for row in rows}) == len(rows):
                break
        return chosen

    def drawn(self, number: int, period: int | None = None) -> list[Row]:
        """Rows that have what a chart needs."""
        return [
            row
            for row in self.rows
            if _number(row[number]) is not None
            and (period is None or _year(row[period]) is not None)
        ]

    def bars(self, names: Sequence[int], number: int) -> list[tuple[str, float]]:
        """Names and numbers, in the order of the rows."""
        return [(_name(row, names), _number(row[number]) or 0.0) for row in self.drawn(number)]

    def lines(self, period: int, number: int) -> Lines:
        """Numbers by year for each name; none where that would be a point for each name."""
        rows = self.drawn(number, period)
        is_one = len({_year(row[period]) for row in rows}) == len(rows)
        names = [] if is_one else self.names(number, period)
        lines: Lines = {}
        for row in rows:
            years = lines.setdefault(_name(row, names), {})
            years[_year(row[period]) or 0] = _number(row[number]) or 0.0
        if len(lines) == len(rows):
            return {}
        return {name: dict(sorted(years.items())) for name, years in lines.items()}


def _number(cell: Cell) -> float | None:
    """A finite number of a size that can be drawn."""
    if cell is None or cell.get("datatype") not in NUMERIC:
        return None
    try:
        value = float(cell["value"])
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= _MOST_VALUE else None


def _year(cell: Cell) -> int | None:
    found = _YEAR.fullmatch(cell["value"]) if cell else None
    return int(found[1]) if found else None


def _key(row: Row, names: Iterable[int], period: int | None) -> tuple[str, int | None]:
    return _name(row, names), None if period is None else _year(row[period])


def _name(row: Row, places: Iterable[int]) -> str:
    words = [_word(cell) for place in places if (cell := row[place]) is not None]
    return " · ".join(filter(None, words))


def _word(cell: Mapping[str, str]) -> str:
    """What a cell is called: a text, or the last part of an IRI."""
    value = cell["value"]
    if cell["type"] == "uri":
        value = re.split("[/#]", value.rstrip("/#"))[-1] or value
    return clean(value)
