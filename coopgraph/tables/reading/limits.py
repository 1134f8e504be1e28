"""How large a file may be, so that what is hostile or hopeless is refused before it is read.

Text is streamed and may be of any length; what must be in memory as a whole (workbooks, JSON)
may not. Workbooks are ZIP archives, whose own limits stand in ``archive``.
"""

from __future__ import annotations

from pathlib import Path

from coopgraph.errors import InputError

MOST_BYTES = 50 << 20
MOST_CELLS = 5_000_000
MOST_COLUMNS = 16_384  # as many as a sheet of Office Open XML has
LONGEST_CELL = 1 << 20  # characters
LONGEST_LINE = 1 << 24  # characters


def check_size(path: Path) -> None:
    """Raises InputError for a file that is too large to be read as a whole."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InputError(
            f"it has {size >> 20:,} MB, and workbooks and JSON are read up to "
            f"{MOST_BYTES >> 20} MB; save the table as CSV, which may be of any size.",
            source=path.name,
        )


def check_columns(count: int, source: str) -> None:
    """Raises InputError where a table is wider than any spreadsheet."""
    if count > MOST_COLUMNS:
        raise InputError(
            f"it has {count:,} columns, and at most {MOST_COLUMNS:,} are read; look whether rows "
            "and columns are exchanged.",
            source=source,
        )


def check_cells(rows: int, columns: int, source: str) -> None:
    """Raises InputError where so many cells do not fit into memory."""
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"its cells span {rows:,} rows and {columns:,} columns, more than {MOST_CELLS:,} "
            "cells. Delete what stands far from the table, or save the table as CSV.",
            source=source,
        )
