"""What reading gives, whatever the file: an open table and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coopgraph.tables.reading.dialects import Dialect
from coopgraph.tables.records import Finding

Uses = Callable[[str], bool]  # whether a mapping uses a column of that name


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read.

    ``number`` is the one that a spreadsheet shows, in JSON that of the object. ``surplus`` counts
    cells beyond the header that are not blank; ``findings`` are of cells that hold no value.
    """

    number: int
    cells: tuple[str, ...]
    surplus: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a file a table stands, as its descriptor says; by itself: look for it.

    ``sheet`` names a sheet of a workbook or a list of a JSON document, ``header`` is the number
    of the row that names the columns. ``names`` are what the columns of a text file are called
    of which no row does. ``dialect`` is how a text file is written.
    """

    sheet: str = ""
    header: int | None = None
    dialect: Dialect = field(default_factory=Dialect)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its header and how to read its rows (once).

    ``sheet`` is the name of its sheet where the file has several. ``header_row`` is None where no
    row names the columns, as in JSON. ``hashtags`` are those of HXL, one for each column, where
    the table has a row of them. ``notes`` are sentences on how the file was read.
    """

    path: Path
    header: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str = ""
    sheet: str = ""
    header_row: int | None = 1
    hashtags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The name of the file, and of the sheet where there are several, for messages."""
        return place(self.path, self.sheet)


def place(path: Path, sheet: str = "") -> str:
    """A file and the sheet in it, as messages name them."""
    return f"{path.name}, sheet “{sheet}”" if sheet else path.name
