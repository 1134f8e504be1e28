"""A sample of a table: what its columns hold, from rows spread over all of it.

In: an open table. Out: a :class:`Sample`. Rows are read once; the more there are, the wider apart
are those that are kept, so that the same file always gives the same sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopgraph.tables.cells import clean_row
from coopgraph.tables.reading import Table

MOST_ROWS = 1_000
_MOST_CELLS = 200_000  # that are kept
_MOST_READ = 1_000_000  # cells that are looked at
MOST_WORDS = 300  # distinct cells of a column that are all kept
_LEAST_DISTINCT = 0.8  # of the cells; below, a column names no rows
_LONGEST = 2_000  # characters of a cell; what a column holds shows before that


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the source.

    ``texts`` are its distinct cells that are not blank, with how often they stand there: of all
    rows that were read where there are few, else of the sample. ``distinct`` is the share of
    distinct ones among all cells that were read, 0 where it is small; ``is_full`` says that none
    is blank.
    """

    name: str
    position: int
    texts: Mapping[str, int]
    distinct: float
    is_full: bool

    @property
    def is_unique(self) -> bool:
        """Whether no cell stands twice."""
        return self.distinct == 1.0

    @property
    def count(self) -> int:
        """How many cells of the sample are not blank."""
        return sum(self.texts.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """The columns that have a name, and of how many rows they tell."""

    table: Table
    columns: tuple[SourceColumn, ...]
    rows: int


def take_sample(table: Table) -> Sample:
    """The sample of a table, whose rows are read for it. Raises InputError as reading does."""
    width = max(1, len(table.header))
    most = max(1, min(MOST_ROWS, _MOST_CELLS // width))
    tally = _Tally(width)
    kept: list[tuple[str, ...]] = []
    step = 1
    read = 0
    for row in table.rows:
        if read * width >= _MOST_READ:
            break
        cells = clean_row(row.cells)
        tally.add(cells)
        if read % step == 0:
            kept.append(tuple(cell[:_LONGEST] for cell in cells))
            if len(kept) > most:
                kept = kept[::2]
                step *= 2
        read += 1
    columns = (
        SourceColumn(
            name,
            place,
            tally.words.get(place) or Counter(row[place] for row in kept if row[place]),
            tally.distinct(place),
            place in tally.full,
        )
        for place, name in enumerate(table.header)
        if name
    )
    return Sample(table, tuple(columns), read)


class _Tally:
    """What is counted over all rows: distinct cells, few words, columns without blanks."""

    def __init__(self, width: int) -> None:
        self.full = set(range(width))
        self.words: dict[int, Counter[str]] = {place: Counter() for place in range(width)}
        self._seen: dict[int, set[int]] = {place: set() for place in range(width)}
        self._rows = 0

    def distinct(self, place: int) -> float:
        """The share of distinct cells of a column, 0 where it is small."""
        return len(self._seen.get(place, ())) / self._rows if self._rows else 0.0

    def add(self, cells: Sequence[str]) -> None:
        """Count one more row."""
        self._rows += 1
        self.full -= {place for place in self.full if not cells[place]}
        for place in list(self._seen):
            seen = self._seen[place]
            seen.add(hash(cells[place]))
            if len(seen) < _LEAST_DISTINCT * self._rows and self._rows > MOST_WORDS:
                del self._seen[place]
        for place in list(self.words):
            text = cells[place][:_LONGEST]
            if text:
                self.words[place][text] += 1
                if len(self.words[place]) > MOST_WORDS:
                    del self.words[place]
