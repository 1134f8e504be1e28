"""Text files → rows.

CSV and TSV (RFC 4180 and its common cousins): UTF-8 with or without a byte order mark, UTF-16,
else Windows-1252; comma, semicolon, tab or bar; any line ends; quoted newlines; Excel's
``sep=;`` above the table; or as a layout says. A file is streamed, so memory does not grow with
it. Rows are numbered as a spreadsheet shows them: a quoted newline begins no new row, and ``sep=``
is none.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from coopgraph.errors import InputError
from coopgraph.tables.reading.dialects import Dialect
from coopgraph.tables.reading.heading import (
    SEARCHED_ROWS,
    Heading,
    find_heading,
    names_at,
    used_names,
)
from coopgraph.tables.reading.limits import LONGEST_CELL, LONGEST_LINE
from coopgraph.tables.reading.table import Layout, Row, Table, Uses

_DELIMITERS = ",;\t|"
_BLOCK_BYTES = 1 << 20
_SAMPLE = 1 << 16  # characters
_SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
FALLBACK = "cp1252"
_NOT_WIDE = (
    "it begins as UTF-16 and does not go on so; it may be cut off. Get it anew, or "
    "save it as UTF-8."
)


class _Written(NamedTuple):
    """How a text file is written, with its encoding and its delimiter. ``is_declared``: a line
    ``sep=`` stands above the table.
    """

    dialect: Dialect
    is_declared: bool


def open_text(path: Path, layout: Layout, uses: Uses | None) -> Table:
    """Open a CSV or TSV file. Raises InputError where it is empty, binary or has no header."""
    if layout.sheet:
        raise InputError(
            f"a text file has no sheet “{layout.sheet}”; remove “sheet” from the dataset's table.",
            source=path.name,
        )
    encoding = layout.dialect.encoding
    if encoding:
        check_encoding(path, encoding)
    else:
        encoding = detect_encoding(path)
    depth = max(SEARCHED_ROWS, (layout.header or 0) + 1)
    written, sample = _written(path, replace(layout.dialect, encoding=encoding), depth, uses)
    if layout.names:
        heading = Heading(layout.names, 0, 1, (), ())
    else:
        heading = find_heading(sample, path.name, row=layout.header, uses=uses)
    records = itertools.islice(_records(path, written), heading.first_row - 1, None)
    notes = list(heading.notes)
    if encoding == FALLBACK and not layout.dialect.encoding:
        notes.append(
            f"{path.name} is not in UTF-8; it was read as Windows-1252. If letters with accents "
            "came out wrong, save it as UTF-8."
        )
    return Table(
        path,
        heading.names,
        numbered_rows(records, heading.first_row, len(heading.names)),
        encoding=encoding,
        header_row=heading.row or None,
        hashtags=heading.hashtags,
        notes=tuple(notes),
    )


# Encodings ------------------------------------------------------------------------------------


def detect_encoding(path: Path) -> str:
    """``utf-8-sig``, ``utf-16`` (``utf-16-le``, ``-be`` without a mark) or ``cp1252``: the first
    that reads the whole file.

    Raises InputError for a file that cannot be opened, is no text, or is UTF-8 but for some
    bytes: letters beyond ASCII that are UTF-8 are practically never Windows-1252.
    """
    try:
        with path.open("rb") as source:
            wide = _wide(source.read(1 << 12))
            source.seek(0)
            if wide:
                _check_decodes(source, wide, path.name, _NOT_WIDE)
                return wide
            return "utf-8-sig" if _is_utf8(source, path.name) else FALLBACK
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}.", source=str(path)) from error


def _wide(start: bytes) -> str:
    """UTF-16 by its mark; or by its zero bytes, which then stand at every other place alone."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[::2].count(0), start[1::2].count(0)
    for ours, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if not others and ours > len(start) // 20:
            text = start.decode(encoding, errors="replace")
            return encoding if "\n" in text or "\r" in text else ""
    return ""


def check_encoding(path: Path, encoding: str) -> None:
    """Raises InputError for a file that cannot be opened, is no text, or not in that encoding."""
    wrong = (
        f"it is not in {encoding.removesuffix('-sig')}, in which it is said to be. Correct what "
        "says so, or save the file in it."
    )
    try:
        with path.open("rb") as source:
            _check_decodes(source, encoding, path.name, wrong)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}.", source=str(path)) from error


def _check_decodes(source: BinaryIO, encoding: str, name: str, wrong: str) -> None:
    """Raises InputError, with what is ``wrong``, for a file that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    is_whole = False
    while not is_whole:
        block = source.read(_BLOCK_BYTES)
        is_whole = not block
        try:
            text = decoder.decode(block, final=is_whole)
        except UnicodeError as error:
            raise InputError(wrong, source=name) from error
        if "\0" in text:
            raise _no_text(name)


def _no_text(name: str) -> InputError:
    return InputError("this is no text file; save it as CSV.", source=name)


def _is_utf8(source: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_letters = False
    is_utf8 = True
    while block := source.read(_BLOCK_BYTES):
        if b"\0" in block:
            raise _no_text(name)
        if is_utf8:
            is_utf8, has_letters = _continues(decoder, block, has_letters, name)
    return is_utf8 and _continues(decoder, b"", has_letters, name)[0]


def _continues(
    decoder: codecs.IncrementalDecoder, block: bytes, has_letters: bool, name: str
) -> tuple[bool, bool]:
    """Whether a block goes on in UTF-8, and whether letters beyond ASCII were seen so far."""
    try:
        text = decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        if has_letters or not error.object[: error.start].isascii():
            raise InputError(
                "it is UTF-8 but for some bytes; it may be cut off, or put together from "
                "files of two encodings. Get it anew, or save it as UTF-8.",
                source=name,
            ) from error
        return False, False
    return True, has_letters or not text.isascii()


# Dialects -------------------------------------------------------------------------------------


def _written(
    path: Path, dialect: Dialect, depth: int, uses: Uses | None
) -> tuple[_Written, list[list[str]]]:
    """How the file is written, and its first rows so read. ``dialect`` has its encoding."""
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as source:
        text = source.read(_SAMPLE * (1 + depth // SEARCHED_ROWS))
    declared = _SEPARATOR.match(text)
    # What marks quotations can separate nothing, whatever is declared.
    not_marks = ("\n", "\r", dialect.quote, dialect.escape)
    is_declared = declared is not None and declared[1] not in not_marks
    if declared is not None and is_declared:
        text = text[declared.end() :]
    marks = dialect.delimiter or (declared[1] if declared and is_declared else _DELIMITERS)
    known = [
        replace(dialect, delimiter=mark)
        for mark in marks
        if mark not in (dialect.quote, dialect.escape)
    ]
    samples = [(item, _sample(text, item, depth)) for item in known]
    chosen, rows = max(samples, key=lambda pair: _fitness(pair[1], uses))
    return _Written(chosen, is_declared), rows


def _sample(text: str, dialect: Dialect, depth: int) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), **dialect.options())
    return list(itertools.islice(_without_comments(reader, dialect.comment), depth))


def _without_comments(records: Iterable[list[str]], comment: str) -> Iterator[list[str]]:
    """Records in which comments are blank rows, so that the others keep their numbers."""
    for cells in records:
        yield [] if comment and cells and cells[0].startswith(comment) else cells


def _fitness(rows: Sequence[Sequence[str]], uses: Uses | None) -> tuple[int, bool, int, int]:
    """How well rows look that were cut at a delimiter; larger is better.

    A mapping knows its columns. Without one: nearly every row is cut, and the first that is
    names columns in words, which decimal commas below “a;b;c” do not; then the more columns.
    """
    cut = [place for place, cells in enumerate(rows) if len(cells) > 1]
    if not cut:
        return 0, False, 0, 0
    first = next((place for place in cut if _count(rows[place]) > 1), cut[0])
    used = max(used_names(names_at(rows, place, ()), uses) for place in cut) if uses else 0
    filled = sum(1 for cells in rows[first:] if _count(cells))
    is_even = 2 * sum(1 for place in cut if place >= first) > filled
    is_worded = all(cell.strip()[:1].isdecimal() is False for cell in rows[first] if cell.strip())
    return used, is_even and is_worded, _count(rows[first]), -first


def _count(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


# Rows -----------------------------------------------------------------------------------------


def _records(path: Path, written: _Written) -> Iterator[list[str]]:
    records = _all_records(path, written)
    comment = written.dialect.comment
    return _without_comments(records, comment) if comment else records


def _all_records(path: Path, written: _Written) -> Iterator[list[str]]:
    # Five bytes are undefined in Windows-1252; they become U+FFFD rather than end the reading.
    csv.field_size_limit(LONGEST_CELL)
    dialect = written.dialect
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as source:
        if written.is_declared:
            source.readline()
        lines = _lines(source, path.name)
        reader = csv.reader(lines, strict=True, **dialect.options())
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


def _lines(source: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines of a file, none of them so long that it fills the memory."""
    number = 0
    while line := source.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise InputError(
                f"line {number} has more than {LONGEST_LINE:,} characters; this is no table.",
                source=name,
            )
        yield line


def numbered_rows(
    records: Iterable[Sequence[str]], first: int, width: int, kept: Container[int] = ()
) -> Iterator[Row]:
    """Records as rows of that many cells, numbered from ``first``: those that are not blank, and
    ``kept`` ones.
    """
    for number, cells in enumerate(records, start=first):
        if number not in kept and not any(cell.strip() for cell in cells):
            continue
        surplus = sum(1 for cell in cells[width:] if cell.strip())
        yield Row(number, (*cells[:width], *[""] * (width - len(cells))), surplus)
