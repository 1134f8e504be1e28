"""Files → rows: text (CSV, TSV), workbooks (XLSX, ODS) and JSON.

``open_table`` tells them apart by what they hold and not by their names, and gives a
:class:`Table` of any of them. What is no table is refused with what to do.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from coopgraph.errors import InputError
from coopgraph.tables.reading.dialects import Dialect, find_encoding
from coopgraph.tables.reading.documents import open_document
from coopgraph.tables.reading.table import Layout, Row, Table, Uses
from coopgraph.tables.reading.text import FALLBACK, detect_encoding, open_text
from coopgraph.tables.reading.workbook import filled_sheets, open_workbook

__all__ = [
    "FALLBACK",
    "Dialect",
    "Layout",
    "Row",
    "Table",
    "Uses",
    "detect_encoding",
    "find_encoding",
    "open_table",
    "sheets_of",
]

_START_BYTES = 4096
_SEARCHED_BYTES = 50 << 20
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|table|meta|\?xml|[a-z]+:)", re.IGNORECASE)
_JSON_NAMES = {".json", ".geojson", ".jsonl", ".ndjson"}
_JSON = re.compile(r"\ufeff?\s*(\[\s*[\[{\]]|\{\s*[\"}])")
_FOREIGN = {
    b"%PDF": "a PDF; ask its publisher for the spreadsheet",
    b"\x1f\x8b": "compressed; unpack it",
    b"Rar!": "an archive; unpack it",
    b"7z\xbc\xaf": "an archive; unpack it",
    b"PAR1": "a Parquet file; save the table as CSV",
}


def open_table(path: Path, layout: Layout | None = None, uses: Uses | None = None) -> Table:
    """Open the table in a file, as ``layout`` says where it stands.

    ``uses`` tells which columns a mapping uses, which helps to find the header. Raises InputError
    where the file is empty, broken, too large or of another kind.
    """
    layout = layout or Layout()
    start = _start(path)
    _check_kind(start, path)
    is_archive = start.startswith(_ARCHIVE)
    if is_archive or path.suffix.lower() in _JSON_NAMES or _is_json(start):
        if layout.names:
            raise InputError(
                "only of a text file can it be said what the columns are called; insert a row "
                "above the data that names them.",
                source=path.name,
            )
        return open_workbook(path, layout, uses) if is_archive else open_document(path, layout)
    return open_text(path, layout, uses)


def sheets_of(path: Path) -> tuple[str, ...]:
    """The sheets with rows of a file that is a workbook, none of another. Raises InputError."""
    return filled_sheets(path) if _start(path).startswith(_ARCHIVE) else ()


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(_START_BYTES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}.", source=str(path)) from error


def _is_json(start: bytes) -> bool:
    """Whether a file begins as a list of objects or an object does, which no header would."""
    return bool(_JSON.match(start.decode(json.detect_encoding(start), "replace")))


def _check_kind(start: bytes, path: Path) -> None:
    """Raises InputError for kinds of file that hold no table."""
    for mark, what in _FOREIGN.items():
        if start.startswith(mark):
            raise InputError(f"this is {what}.", source=path.name)
    if start.startswith(_COMPOUND):
        raise _compound(path)
    if _MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        raise InputError(
            "this is a web page or other markup, whatever its name says; open it in a "
            "spreadsheet program and save it as .xlsx or CSV.",
            source=path.name,
        )


def _compound(path: Path) -> InputError:
    """What to say of a Microsoft Compound File: a locked workbook, or one of before 2007."""
    with path.open("rb") as source:
        is_locked = "EncryptedPackage".encode("utf-16-le") in source.read(_SEARCHED_BYTES)
    if is_locked:
        return InputError(
            "the workbook is locked with a password; save it without one.", source=path.name
        )
    return InputError(
        "workbooks of before 2007 (.xls) are not read; save it as .xlsx or CSV.", source=path.name
    )
