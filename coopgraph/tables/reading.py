"""Text files → rows.

CSV and TSV (RFC 4180 and its common cousins): UTF-8 with or without a byte order mark, UTF-16
with one, else Windows-1252; comma, semicolon, tab or bar; quoted newlines. A file is streamed,
so memory does not grow with it. Rows are numbered as a spreadsheet shows them: the header is
row 1, and a quoted newline begins no new row. Hashtags of HXL in row 2 are passed over
(https://hxlstandard.org/standard/1-1final/).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from coopgraph.errors import InputError

_DELIMITERS = ",;\t|"
_BLOCK_BYTES = 1 << 20
_LONGEST_CELL = 1 << 20
_HASHTAG = re.compile(r"#[A-Za-z]\w*(\s*\+\s*[A-Za-z]\w*)*")
FALLBACK = "cp1252"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read. ``surplus`` counts cells beyond the header that are not blank."""

    number: int
    cells: tuple[str, ...]
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its header and how to read its rows (once)."""

    path: Path
    encoding: str
    header: tuple[str, ...]
    rows: Iterator[Row]

    @property
    def source(self) -> str:
        """The file's name, for messages."""
        return self.path.name


def open_table(path: Path) -> Table:
    """Open a CSV or TSV file. Raises InputError where it is empty, binary or has no header."""
    if path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        raise InputError(
            f"“{path.suffix}” files are not read; save the table as CSV.", source=path.name
        )
    encoding = detect_encoding(path)
    records = _records(path, encoding, _delimiter(path, encoding))
    header = next(records, None)
    if header is None or not any(cell.strip() for cell in header):
        raise InputError(
            "the file is empty; its first row must name the columns.", source=path.name
        )
    names = tuple(cell.strip() for cell in header)
    _check_header(path.name, names)
    return Table(path, encoding, names, _rows(records, len(names)))


def detect_encoding(path: Path) -> str:
    """``utf-8-sig``, ``utf-16`` or ``cp1252``: the first that reads the whole file.

    Raises InputError for a file that cannot be opened, is no text, or is UTF-8 but for some
    bytes: letters beyond ASCII that are UTF-8 are practically never Windows-1252.
    """
    try:
        with path.open("rb") as source:
            start = source.read(4)
            source.seek(0)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            return "utf-8-sig" if _is_utf8(source, path.name) else FALLBACK
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}.", source=str(path)) from error


def _is_utf8(source: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_letters = False
    is_whole = False
    while not is_whole:
        block = source.read(_BLOCK_BYTES)
        is_whole = not block
        if b"\0" in block:
            raise InputError("this is no text file; save it as CSV.", source=name)
        try:
            has_letters = not decoder.decode(block, final=is_whole).isascii() or has_letters
        except UnicodeDecodeError as error:
            if has_letters or not error.object[: error.start].isascii():
                raise InputError(
                    "it is UTF-8 but for some bytes; it may be cut off, or put together from "
                    "files of two encodings. Get it anew, or save it as UTF-8.",
                    source=name,
                ) from error
            return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that stands most often in the header line, outside quotes."""
    with path.open(encoding=encoding, errors="replace", newline="") as source:
        line = source.readline(_BLOCK_BYTES)
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=lambda mark: (outside.count(mark), -_DELIMITERS.index(mark)))


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    # Five bytes are undefined in Windows-1252; they become U+FFFD rather than end the reading.
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, errors="replace", newline="") as source:
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise InputError(
                    f"the quoting is broken ({error}); look for a quotation mark without its "
                    "partner.",
                    source=path.name,
                    row=number,
                ) from error


def _check_header(source: str, names: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise InputError(
                "stands twice in the header; rename one.", source=source, row=1, column=name
            )
        seen.add(name)


def _rows(records: Iterator[list[str]], width: int) -> Iterator[Row]:
    for number, cells in enumerate(records, start=2):
        if not any(cell.strip() for cell in cells) or (number == 2 and _is_hashtags(cells)):
            continue
        surplus = sum(1 for cell in cells[width:] if cell.strip())
        padded = cells[:width] + [""] * (width - len(cells))
        yield Row(number, tuple(padded), surplus)


def _is_hashtags(cells: list[str]) -> bool:
    """Whether a row holds HXL hashtags and nothing else."""
    return all(_HASHTAG.fullmatch(cell.strip()) for cell in cells if cell.strip())
