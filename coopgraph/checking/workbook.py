"""A report as a workbook: the rows with the cells coloured and commented (ECMA-376).

In: a report of one file, with its findings one by one. Out: an ``.xlsx`` file. A workbook comes
back as it was, as far as openpyxl keeps it; any other file becomes a sheet of its rows as read. A
sheet “Findings” stands first. Text stays text, whatever it begins with.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from coopgraph.checking.check import CheckReport, FileReport
from coopgraph.checking.groups import MOST_CELLS, SEVERITIES
from coopgraph.errors import InputError, UsageError
from coopgraph.standard import Standard
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import open_table
from coopgraph.tables.records import Finding

MOST_ROWS: Final = 50_000

_COLOURS = {"error": "F8C9C4", "warning": "FCE4A8", "hint": "CFE5F5"}
_WORDS = {"error": "Error", "warning": "Warning", "hint": "Hint"}
_OUTCOMES = {
    "error": "Error: the row is not published",
    "warning": "Warning: published and flagged",
    "hint": "Hint",
}
_COLUMNS = {
    "How bad": 30, "Sheet": 18, "Row": 8, "Column": 22, "Value": 32,
    "What is wrong": 70, "Should be": 32, "Cell": 12,
}  # fmt: skip
_FINDINGS = "Findings"
_AUTHOR = "coopgraph"
_LONGEST_TEXT = 32_767  # characters of a cell
_LONGEST_COMMENT = 1_000
_TITLE_LENGTH = 31
_WITH_MACROS = ".xlsm"
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'"))
_HEAD_ROW = 3
_COMMENT_WIDTH, _LINE_HEIGHT = 320, 20  # pixels


def write_workbook(report: CheckReport, standard: Standard, target: Path) -> None:
    """Write the rows of a file with what was found in them, in any of its tables.

    Raises UsageError where they are more than ``MOST_ROWS`` or of several files, InputError for a
    workbook that cannot be written back.
    """
    file = report.files[0]
    if any(item.path != file.path for item in report.files):
        raise UsageError(
            "a workbook is written of one file: name it, with --mapping and the dataset.yaml."
        )
    if sum(_rows_of_sheets(report).values()) > MOST_ROWS:
        raise UsageError(
            f"{file.path.name} has {sum(_rows_of_sheets(report).values()):,} rows, and a workbook "
            f"is written back up to {MOST_ROWS:,}; use --html or --json, or check a part of the "
            "file."
        )
    has_macros = zipfile.is_zipfile(file.path) and _has(file.path, "xl/vbaproject.bin")
    _check_name(target, has_macros=has_macros)
    book, sheets, shift = _book(report, standard, keep_macros=target.suffix.lower() == _WITH_MACROS)
    _mark(sheets, report, shift)
    _list(book, sheets, report, shift)
    book.save(target)


def _rows_of_sheets(report: CheckReport) -> dict[str | None, int]:
    """How many rows each sheet has; several tables may be of one."""
    return {file.counts.sheet: file.counts.read for file in report.files}


def _check_name(target: Path, *, has_macros: bool) -> None:
    """Raises UsageError for a name that spreadsheet programs would not open the workbook by."""
    allowed = [".xlsx", _WITH_MACROS] if has_macros else [".xlsx"]
    if target.suffix.lower() not in allowed:
        raise UsageError(f"Call the workbook something that ends in {' or '.join(allowed)}.")


def _book(
    report: CheckReport, standard: Standard, *, keep_macros: bool
) -> tuple[Any, dict[str, Any], int]:
    """The workbook, the sheet of each table, and how far rows stand below their numbers."""
    path = report.files[0].path
    if not (zipfile.is_zipfile(path) and _has(path, "xl/workbook.xml")):
        return _copied(report, standard)
    try:
        book = load_workbook(path, keep_vba=keep_macros)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise InputError(
            f"the workbook was read, but cannot be written back with comments ({error}). "
            "Save it anew in a spreadsheet program, or use --html.",
            source=path.name,
        ) from error
    return book, {file.table.name: _sheet(book, file) for file in report.files}, 0


def _sheet(book: Any, file: FileReport) -> Any:
    shown = [sheet for sheet in book.worksheets if sheet.title == file.counts.sheet]
    return (shown or _only(book, file))[0]


def _only(book: Any, file: FileReport) -> list[Any]:
    """The sheet that was read, where the workbook has one that holds the header."""
    names = [name for name in file.header if name]
    row = file.header_row or 1
    return [
        sheet
        for sheet in book.worksheets
        if any(str(cell.value or "").split() == names[0].split() for cell in sheet[row])
    ] or list(book.worksheets)


def _has(path: Path, part: str) -> bool:
    """Whether an archive has a part of that name."""
    with zipfile.ZipFile(path) as archive:
        return any(name.lower() == part for name in archive.namelist())


def _copied(report: CheckReport, standard: Standard) -> tuple[Any, dict[str, Any], int]:
    """A new workbook of the rows as read; each keeps its number where a row names the columns."""
    book = Workbook()
    book.remove(book.active)
    copies: dict[str | None, Any] = {}
    shift = 0 if report.files[0].header_row else 1
    for file in report.files:
        if file.counts.sheet not in copies:
            title = (file.counts.sheet or file.path.stem).translate(_FORBIDDEN)
            sheet = book.create_sheet(title[:_TITLE_LENGTH].strip() or "Rows")
            copies[file.counts.sheet] = sheet
            _copy(file, standard, sheet, shift)
    return book, {file.table.name: copies[file.counts.sheet] for file in report.files}, shift


def _copy(file: FileReport, standard: Standard, sheet: Any, shift: int) -> None:
    head = file.header_row or 1
    for place, name in enumerate(file.header, start=1):
        _put(sheet, head, place, name).font = Font(bold=True)
    source = open_table(file.path, file.table.layout, column_use(file.table, standard))
    for row in source.rows:
        for place, text in enumerate(row.cells, start=1):
            if text:
                _put(sheet, row.number + shift, place, text)
    sheet.freeze_panes = sheet.cell(head + 1, 1)


def _put(sheet: Any, row: int, column: int, text: str) -> Any:
    """A cell of text, which nothing takes for a formula, a number or an error."""
    cell = sheet.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:_LONGEST_TEXT]
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


# Marks ----------------------------------------------------------------------------------------


def _mark(sheets: dict[str, Any], report: CheckReport, shift: int) -> None:
    """Colour each cell at fault, and comment the first of each kind."""
    fills = {name: PatternFill("solid", colour, colour) for name, colour in _COLOURS.items()}
    commented: Counter[tuple[str, str, str]] = Counter()
    for (title, number, place), found in sorted(_by_cell(sheets, report).items()):
        sheet = next(item for item in sheets.values() if item.title == title)
        cell = _writable(sheet, sheet.cell(number + shift, place))
        worst = min((item.severity for item in found), key=SEVERITIES.index)
        cell.fill = fills[worst]
        kind = (title, found[0].column, found[0].kind)
        commented[kind] += 1
        if commented[kind] <= MOST_CELLS:
            _comment(cell, found)


def _writable(sheet: Any, cell: Any) -> Any:
    """The cell itself, or the first of the merged ones that it is part of."""
    if isinstance(cell, MergedCell):
        for merged in sheet.merged_cells.ranges:
            if cell.coordinate in merged:
                return sheet.cell(merged.min_row, merged.min_col)
    return cell


def _by_cell(
    sheets: dict[str, Any], report: CheckReport
) -> dict[tuple[str, int, int], list[Finding]]:
    """Findings by sheet and the numbers of row and column; those of a whole row are at its key."""
    found: dict[tuple[str, int, int], list[Finding]] = {}
    for file in report.files:
        title = sheets[file.table.name].title
        for number, findings in file.marks.items():
            for item in findings:
                found.setdefault((title, number, _place(file, item.column)), []).append(item)
    return found


def _place(file: FileReport, column: str) -> int:
    if column in file.header:
        return file.header.index(column) + 1
    key = next((name for name in file.keys if name in file.header), "")
    return file.header.index(key) + 1 if key else 1


def _comment(cell: Any, findings: list[Finding]) -> None:
    lines = [_words(item) for item in findings]
    if cell.comment is not None and cell.comment.text:
        lines.append(cell.comment.text)
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", "\n".join(lines))[:_LONGEST_COMMENT]
    shown = sum(1 + len(line) // 45 for line in text.split("\n"))
    cell.comment = Comment(
        text, _AUTHOR, height=_LINE_HEIGHT * min(shown + 1, 15), width=_COMMENT_WIDTH
    )


def _words(finding: Finding) -> str:
    mend = f" Should be: {finding.mend}" if finding.mend else ""
    return f"{_WORDS[finding.severity]}: {finding.message}.{mend}".replace("..", ".")


# The list -------------------------------------------------------------------------------------


def _list(book: Any, sheets: dict[str, Any], report: CheckReport, shift: int) -> None:
    """The sheet that lists the findings, first of all."""
    title = next(
        name
        for name in (_FINDINGS, *(f"{_FINDINGS} {number}" for number in range(2, 1_000)))
        if name not in book.sheetnames
    )
    listed = book.create_sheet(title, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    _put(listed, 1, 1, _summary(report)).font = Font(bold=True, size=14)
    for place, (name, width) in enumerate(_COLUMNS.items(), start=1):
        _put(listed, _HEAD_ROW, place, name).font = Font(bold=True)
        listed.column_dimensions[get_column_letter(place)].width = width
    row = _HEAD_ROW
    for row, (severity, values) in enumerate(_lines(sheets, report, shift), _HEAD_ROW + 1):
        for place, value in enumerate(values, start=1):
            if isinstance(value, int):
                listed.cell(row, place).value = value
            else:
                cell = _put(listed, row, place, value)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        fill = _COLOURS[severity]
        listed.cell(row, 1).fill = PatternFill("solid", fill, fill)
        link = listed.cell(row, len(_COLUMNS))
        target = f"{quote_sheetname(str(values[1]))}!{link.value}"
        link.hyperlink = Hyperlink(ref=link.coordinate, location=target)
        link.font = Font(color="1D5F8A", underline="single")
    last = get_column_letter(len(_COLUMNS))
    listed.auto_filter.ref = f"A{_HEAD_ROW}:{last}{max(row, _HEAD_ROW)}"
    listed.freeze_panes = f"A{_HEAD_ROW + 1}"


def _summary(report: CheckReport) -> str:
    refused, read = report.total("quarantined"), report.total("read")
    if refused:
        return f"{refused:,} of {read:,} rows would not be published"
    return f"All {read:,} rows would be published"


def _lines(
    sheets: dict[str, Any], report: CheckReport, shift: int
) -> Iterator[tuple[str, list[str | int]]]:
    """The lines of the list: of each group the cells that it lists, and what they leave out."""
    files = {file.table.name: file for file in report.files}
    for group in report.groups:
        column = get_column_letter(_place(files[group.table], group.column))
        title = sheets[group.table].title
        for place in group.places:
            row = place.row + shift
            at = f"{column}{row}"
            yield (
                group.severity,
                [
                    _OUTCOMES[group.severity], title, row, group.column, place.value,
                    place.message, place.mend, at,
                ],
            )  # fmt: skip
