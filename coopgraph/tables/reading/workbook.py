"""Workbooks → rows: Office Open XML (``.xlsx``, ``.xlsm``) and OpenDocument (``.ods``).

calamine reads the cells, after the archive (``archive``) and the XML of its sheets (``scanning``)
were looked through. Values are what was computed when the workbook was saved; nothing is
evaluated, and macros are not even unpacked. Numbers become text as a spreadsheet shows them
without a format (a quarter is 0.25, also as 25 %), dates ISO 8601.
"""

from __future__ import annotations

import io
import itertools
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine

from coopgraph.errors import InputError
from coopgraph.tables.reading.archive import Archive, Watch
from coopgraph.tables.reading.heading import SEARCHED_ROWS, Heading, find_heading
from coopgraph.tables.reading.scanning import (
    OfficeOpenScan,
    OpenDocumentScan,
    Scan,
    SharedStringsScan,
    SheetFacts,
)
from coopgraph.tables.reading.table import Layout, Row, Table, Uses, place
from coopgraph.tables.reading.text import numbered_rows
from coopgraph.tables.records import Finding

_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedstrings.xml"
_OTHER_PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/styles.xml", "xl/theme/theme1.xml")
_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

_BROKEN = "holds an error of the spreadsheet, like #N/A; it is read as blank"
_UNVALUED = (
    "holds a formula without its value; open the workbook in a spreadsheet program and save it"
)


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook that was looked through: packed anew, and its sheets."""

    packed: io.BytesIO
    sheets: tuple[SheetFacts, ...]


def open_workbook(path: Path, layout: Layout, uses: Uses | None) -> Table:
    """Open the sheet of a workbook that holds the table.

    Raises InputError where the workbook is damaged, locked or too large, where several sheets
    hold something and the layout names none, or where no row names the columns.
    """
    archive = Archive(path)
    book = _look_through(archive, path)
    facts = _choose(book.sheets, layout.sheet, path)
    sheet = facts.name if len(book.sheets) > 1 else ""
    source = place(path, sheet)
    sample = list(
        itertools.islice(
            _records(book, facts, archive), max(SEARCHED_ROWS, (layout.header or 0) + 1)
        )
    )
    heading = find_heading(sample, source, row=layout.header, uses=uses, merges=facts.merges)
    records = itertools.islice(_records(book, facts, archive), heading.first_row - 1, None)
    unvalued = {row + 1 for row, _ in facts.unvalued}
    rows = numbered_rows(records, heading.first_row, len(heading.names), kept=unvalued)
    return Table(
        path,
        heading.names,
        _with_findings(rows, facts, heading),
        sheet=sheet,
        header_row=heading.row,
        hashtags=heading.hashtags,
        notes=(*heading.notes, *_notes(facts, heading, source)),
    )


def filled_sheets(path: Path) -> tuple[str, ...]:
    """The sheets of a workbook that are shown and hold more than one row. Raises InputError."""
    sheets = _look_through(Archive(path), path).sheets
    return tuple(sheet.name for sheet in sheets if sheet.is_shown and sheet.bottom > sheet.top)


# Looking through ------------------------------------------------------------------------------


def _look_through(archive: Archive, path: Path) -> _Book:
    if _BOOK in archive and _RELATIONS in archive:
        return _office_open(archive, path)
    if _CONTENT in archive and _MANIFEST in archive:
        return _open_document(archive, path)
    if "xl/workbook.bin" in archive:
        raise InputError(
            "binary workbooks are not read; save it as .xlsx or CSV.", source=path.name
        )
    raise InputError(
        "this is an archive and no spreadsheet; unpack it, and load the table in it.",
        source=path.name,
    )


def _office_open(archive: Archive, path: Path) -> _Book:
    relations = {
        item.get("Id"): posixpath.normpath(posixpath.join("/xl", item.get("Target", "")))[1:]
        for item in _xml(archive, _RELATIONS)
    }
    scans: dict[str, tuple[str, OfficeOpenScan]] = {}
    for item in _xml(archive, _BOOK).iterfind(".//{*}sheets/{*}sheet"):
        part = relations.get(item.get(_RELATION) or item.get(_STRICT_RELATION), "")
        name = item.get("name", "")
        if part in archive:
            scan = OfficeOpenScan(place(path, name))
            scan.facts.name, scan.facts.is_shown = name, item.get("state", "visible") == "visible"
            scans[name] = (part, scan)
    strings = SharedStringsScan(path.name)
    parts: dict[str, Watch | None] = {_BOOK: None, _RELATIONS: None}
    parts.update({part: None for part in _OTHER_PARTS if part in archive})
    parts.update(dict(scans.values()))
    if _STRINGS in archive:
        parts["xl/sharedStrings.xml"] = strings
    packed = archive.repack(parts)
    for watch in parts.values():
        if isinstance(watch, Scan):
            watch.finish()
    return _Book(packed, tuple(sheet.facts for _, sheet in scans.values()))


def _open_document(archive: Archive, path: Path) -> _Book:
    manifest = archive.read(_MANIFEST)
    if b"encryption-data" in manifest:
        raise InputError(
            "the workbook is locked with a password; save it without one.", source=path.name
        )
    scan = OpenDocumentScan(path.name)
    parts: dict[str, Watch | None] = {"mimetype": None} if "mimetype" in archive else {}
    packed = archive.repack({**parts, _MANIFEST: None, _CONTENT: scan})
    scan.finish()
    return _Book(packed, tuple(scan.sheets))


def _xml(archive: Archive, name: str) -> ElementTree.Element:
    content = archive.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise archive.damaged()
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise archive.damaged() from error


def _choose(sheets: Sequence[SheetFacts], wanted: str, path: Path) -> SheetFacts:
    """The sheet of that name, or the only one that is shown and holds something."""
    names = ", ".join(f"“{sheet.name}”" for sheet in sheets)
    if wanted:
        for fold in (str, str.casefold):
            for sheet in sheets:
                if fold(sheet.name.strip()) == fold(wanted):
                    return sheet
        raise InputError(f"it has no sheet “{wanted}”; it has {names}.", source=path.name)
    filled = [sheet for sheet in sheets if sheet.cells and sheet.is_shown]
    if len(filled) > 1:
        raise InputError(
            f"it has several sheets, {names}; name the one to read: in the dataset's table, like "
            f"“sheet: {filled[0].name}”, or for a check as its sheet (--sheet).",
            source=path.name,
        )
    if not filled:
        raise InputError(
            f"no sheet that is shown holds anything; it has {names or 'none'}.", source=path.name
        )
    return filled[0]


# Rows -----------------------------------------------------------------------------------------


def _records(book: _Book, facts: SheetFacts, archive: Archive) -> Iterator[list[str]]:
    """The rows of a sheet from its first, as texts."""
    book.packed.seek(0)
    broken = {row for row, _ in facts.errors}
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(book.packed)
        sheet = workbook.get_sheet_by_name(facts.name)
        rows = sheet.iter_rows()
        before = [""] * (sheet.start[1] if sheet.start else 0)
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise archive.damaged() from error  # a panic in Rust is no Exception
    for number, values in enumerate(rows):
        cells = [*before, *map(text_of, values)]
        if number in broken:
            cells = ["" if (number, at) in facts.errors else cell for at, cell in enumerate(cells)]
        yield cells


def text_of(value: Any) -> str:
    """A cell's value as text.

    >>> text_of(1050.0), text_of(0.1 + 0.2), text_of(True), text_of(datetime(2020, 1, 2))
    ('1050', '0.3', 'true', '2020-01-02')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(value.isoformat())


def _number(value: float) -> str:
    if float(value).is_integer():
        return str(int(value))
    return format(Decimal(format(value, ".15g")), "f")  # as many digits as spreadsheets keep


def _with_findings(rows: Iterable[Row], facts: SheetFacts, heading: Heading) -> Iterator[Row]:
    """Rows, with a finding at each cell that has no value and should have one."""
    faults: dict[int, list[Finding]] = {}
    for places, message, severity, kind in (
        (facts.unvalued, _UNVALUED, "error", "formula-without-value"),
        (facts.errors, _BROKEN, "warning", "cell-error"),
    ):
        for number, column in sorted(places):
            if column < len(heading.names) and heading.names[column]:
                finding = Finding(message, heading.names[column], severity=severity, kind=kind)
                faults.setdefault(number + 1, []).append(finding)
    for row in rows:
        found = faults.get(row.number)
        yield Row(row.number, row.cells, row.surplus, tuple(found)) if found else row


def _notes(facts: SheetFacts, heading: Heading, source: str) -> Iterator[str]:
    hidden = [row + 1 for row in facts.hidden if row + 1 >= heading.first_row]
    if hidden:
        yield (
            f"{source}: {len(hidden):,} rows are hidden, the first is row {hidden[0]}; they are "
            "read as well, as a row that a filter hides is still data."
        )
    merged = [m.top + 1 for m in facts.merges if m.top + 1 >= heading.first_row]
    if merged:
        yield (
            f"{source}: cells are merged below the header, first in row {min(merged)}; only the "
            "first of each has the value."
        )
    errors = sorted((row, column) for row, column in facts.errors if row + 1 >= heading.first_row)
    if errors:
        row, column = errors[0]
        name = heading.names[column] if column < len(heading.names) else ""
        yield (
            f"{source}: {len(errors):,} cells hold errors like #N/A, the first in row {row + 1}, "
            f"column “{name}”; they are read as blank."
        )
