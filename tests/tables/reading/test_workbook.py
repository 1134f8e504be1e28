"""Workbooks → rows: sheets, headers, values; and what is refused before it can do harm."""

from __future__ import annotations

import io
import time as clock
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from coopgraph.errors import InputError
from coopgraph.tables.reading import Layout, Row, Table, open_table

Sheets = dict[str, Sequence[Sequence[Any]]]
ROWS = [["id", "name"], ["1", "Aster"], ["2", "Beech"]]
SHEET = "xl/worksheets/sheet1.xml"


def excel(folder: Path, sheets: Sheets, change: Callable[[Any], object] | None = None) -> Path:
    """A workbook of those sheets; ``change`` may do more to it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def ods(folder: Path, tables: str) -> Path:
    """An OpenDocument spreadsheet whose sheets are that XML."""
    path = folder / "book.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
            ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
            ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def ods_sheet(rows: Iterable[Iterable[str]], name: str = "Sheet1") -> str:
    return (
        f'<table:table table:name="{name}">'
        + "".join(
            "<table:table-row>" + "".join(map(ods_cell, row)) + "</table:table-row>" for row in rows
        )
        + "</table:table>"
    )


def ods_cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    body = f"<text:p>{escape(text)}</text:p>"
    return f'<table:table-cell office:value-type="string">{body}</table:table-cell>'


def altered(path: Path, parts: dict[str, str | bytes]) -> Path:
    """The workbook with some of its parts replaced or added."""
    with zipfile.ZipFile(path) as source:
        content = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in {**content, **parts}.items():
            target.writestr(name, body)
    return path


def with_cells(folder: Path, cells: str) -> Path:
    """A workbook whose sheet data is that XML."""
    return altered(
        excel(folder, {"Sheet": ROWS}),
        {
            SHEET: '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{cells}</sheetData></worksheet>"
        },
    )


def read(path: Path, layout: Layout | None = None) -> tuple[Table, list[Row]]:
    table = open_table(path, layout)
    return table, list(table.rows)


def refused(path: Path, layout: Layout | None = None) -> str:
    """Why a workbook is refused: quickly, and in little memory."""
    tracemalloc.start()
    started = clock.monotonic()
    with pytest.raises(InputError) as caught:
        read(path, layout)
    assert clock.monotonic() - started < 10
    assert tracemalloc.get_traced_memory()[1] < 300 << 20
    tracemalloc.stop()
    assert caught.value.source.startswith(path.name)
    return str(caught.value)


# Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Café\nDeli", "Café\nDeli"),
        ("007", "007"),
        (1050, "1050"),
        (-3.0, "-3"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (True, "true"),
        (date(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
        (None, ""),
    ],
)
def test_values_become_text(tmp_path: Path, value: object, text: str) -> None:
    _, rows = read(excel(tmp_path, {"S": [["id", "value"], ["1", value]]}))
    assert rows == [Row(2, ("1", text))]


def test_a_percentage_is_its_number(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["S"]["B2"].number_format = "0%"

    _, rows = read(excel(tmp_path, {"S": [["id", "share"], ["1", 0.25]]}, change))
    assert rows[0].cells == ("1", "0.25")


def test_an_error_is_blank_with_a_finding_and_a_note(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["S"]["B3"].value = "#N/A"
        book["S"]["B3"].data_type = "e"

    table, rows = read(excel(tmp_path, {"S": ROWS}, change))
    assert rows[1].cells == ("2", "")
    [finding] = rows[1].findings
    assert (finding.column, finding.severity) == ("name", "warning")
    [note] = table.notes
    assert "1 cells hold errors like #N/A, the first in row 3, column “name”" in note


def test_the_value_of_a_formula_is_used_and_none_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "count"])
        sheet.write(1, 0, "1")
        sheet.write_formula(1, 1, "=1+1", value=7)
    assert read(path)[1] == [Row(2, ("1", "7"))]


def test_a_formula_whose_value_is_an_empty_text_has_one(tmp_path: Path) -> None:
    cells = (
        '<row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>x</t></is></c></row>'
        '<row><c><v>1</v></c><c t="str"><f>IF(1,"")</f><v></v></c></row>'
    )
    assert read(with_cells(tmp_path, cells))[1] == [Row(2, ("1", ""))]


def test_a_formula_without_its_value_is_an_error_at_its_cell(tmp_path: Path) -> None:
    rows = [*ROWS, [None, "=A2"], ["4", "=CONCAT(A2, A3)"]]
    _, found = read(excel(tmp_path, {"S": rows}))
    assert [row.number for row in found] == [2, 3, 4, 5]
    assert [row.findings for row in found[:2]] == [(), ()]
    for row in found[2:]:
        [finding] = row.findings
        assert (finding.column, finding.severity) == ("name", "error")
        assert "open the workbook in a spreadsheet program" in finding.message


# Sheets and headers ---------------------------------------------------------------------------


def test_the_only_sheet_with_something_needs_no_word(tmp_path: Path) -> None:
    table, rows = read(excel(tmp_path, {"Notes": [], "List": ROWS}))
    assert (table.sheet, table.source) == ("List", "book.xlsx, sheet “List”")
    assert [row.cells for row in rows] == [("1", "Aster"), ("2", "Beech")]
    assert read(excel(tmp_path, {"List": ROWS}))[0].source == "book.xlsx"


def test_several_sheets_want_one_named(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS, "Members": [["key"], ["7"]]})
    assert "several sheets, “A”, “Members”; name the one to read" in refused(path)
    assert read(path, Layout("members"))[1] == [Row(2, ("7",))]
    assert "no sheet “B”; it has “A”, “Members”" in refused(path, Layout("B"))


def test_a_sheet_that_is_not_shown_is_read_only_by_name(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["Lists"].sheet_state = "veryHidden"

    path = excel(tmp_path, {"A": ROWS, "Lists": [["x"], ["y"]]}, change)
    assert len(read(path)[1]) == 2
    assert read(path, Layout("Lists"))[1] == [Row(2, ("y",))]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert "no sheet that is shown holds anything" in refused(excel(tmp_path, {"A": []}))


def test_rows_are_numbered_as_they_are_shown(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["A"]
        for place, value in {"C4": "id", "D4": "name", "C5": "1", "C9": "2", "D9": "x"}.items():
            sheet[place] = value
        sheet["F9"] = "too far"

    table, rows = read(excel(tmp_path, {"A": []}, change))
    assert (table.header, table.header_row) == (("", "", "id", "name", "", ""), 4)
    assert [(row.number, row.cells) for row in rows] == [
        (5, ("", "", "1", "", "", "")),
        (9, ("", "", "2", "x", "", "too far")),
    ]


def test_titles_stand_above_and_the_header_may_be_named(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": [["Our members"], [], *ROWS]})
    assert read(path)[0].header_row == 3
    table, rows = read(path, Layout(header=4))
    assert (table.header, rows) == (("1", "Aster"), [Row(5, ("2", "Beech"))])


def test_a_group_tells_columns_of_one_name_apart(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for cells in ("A1:F1", "A2:A3", "B2:C2", "D2:F2"):
            book["A"].merge_cells(cells)

    rows = [
        ["Members and where they are", None, None, None, None, None],
        ["id", "Seat", None, "Shop", None, None],
        [None, "City", "Street", "City", "Street", "Opens\nat"],
        ["1", "a", "b", "c", "d", "e"],
    ]
    path = excel(tmp_path, {"A": rows}, change)
    names = ("id", "Seat / City", "Seat / Street", "Shop / City", "Shop / Street", "Opens at")
    for uses in (None, {"id", "Seat / City"}.__contains__):
        table = open_table(path, uses=uses)
        assert (table.header, table.header_row) == (names, 3)
        assert [row.number for row in table.rows] == [4]


def test_cells_merged_below_the_header_are_noted(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS}, lambda book: book["A"].merge_cells("B2:B3"))
    assert "merged below the header, first in row 2" in read(path)[0].notes[0]


def test_hidden_rows_are_read_and_noted(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["A"].row_dimensions[3].hidden = True

    table, rows = read(excel(tmp_path, {"A": ROWS}, change))
    assert [row.number for row in rows] == [2, 3]
    assert "1 rows are hidden, the first is row 3" in table.notes[0]


def test_macros_are_ignored(tmp_path: Path) -> None:
    path = altered(excel(tmp_path, {"A": ROWS}), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 99})
    assert len(read(path.rename(tmp_path / "book.xlsm"))[1]) == 2


def test_a_workbook_is_one_whatever_its_name(tmp_path: Path) -> None:
    assert len(read(excel(tmp_path, {"A": ROWS}).rename(tmp_path / "list.csv"))[1]) == 2


# OpenDocument ---------------------------------------------------------------------------------


def test_an_opendocument_spreadsheet_is_read(tmp_path: Path) -> None:
    kept = (
        '<table:table-row table:visibility="filter"><table:table-cell office:value-type="float"'
        ' office:value="3"><text:p>3</text:p></table:table-cell><table:table-cell'
        ' office:value-type="date" office:date-value="2020-01-02"><text:p>2. 1.</text:p>'
        "</table:table-cell></table:table-row>"
        '<table:table-row><table:table-cell office:value-type="float" office:value="4"/>'
        '<table:table-cell table:formula="of:=A1" calcext:value-type="error"'
        ' office:value-type="string" office:string-value=""><text:p>#N/A</text:p>'
        "</table:table-cell></table:table-row>"
    )
    blank = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    gap = '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
    sheet = ods_sheet(ROWS).replace("</table:table>", f"{gap}{kept}{blank}</table:table>")
    table, rows = read(ods(tmp_path, sheet))
    assert [(row.number, row.cells) for row in rows] == [
        (2, ("1", "Aster")),
        (3, ("2", "Beech")),
        (6, ("3", "2020-01-02")),
        (7, ("4", "")),
    ]
    assert rows[-1].findings[0].column == "name"
    assert "hidden, the first is row 6" in table.notes[0]


def test_opendocument_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    path = ods(tmp_path, ods_sheet(ROWS, "A") + ods_sheet([["x"], ["y"]], "B"))
    assert "“A”, “B”" in refused(path)
    assert read(path, Layout("B"))[1] == [Row(2, ("y",))]


@pytest.mark.parametrize(
    "row",
    [
        '<table:table-row><table:table-cell table:number-columns-repeated="1000000"'
        ' office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
        '<table:table-row table:number-rows-repeated="9000000"><table:table-cell'
        ' office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
        '<table:table-row><table:table-cell table:number-columns-repeated="x"/></table:table-row>',
    ],
)
def test_repetitions_without_end_are_refused(tmp_path: Path, row: str) -> None:
    sheet = ods_sheet(ROWS).replace("</table:table>", f"{row}</table:table>")
    refused(ods(tmp_path, sheet))


def test_a_locked_opendocument_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = altered(
        ods(tmp_path, ods_sheet(ROWS)),
        {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"},
    )
    assert "locked with a password" in refused(path)


# What is refused ------------------------------------------------------------------------------


def test_a_locked_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024 + stream + b"\0" * 1024)
    assert "locked with a password" in refused(path)


def test_a_workbook_of_before_2007_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024)
    assert "save it as .xlsx or CSV" in refused(path)


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", "id,name\n")
    assert "an archive and no spreadsheet" in refused(path)


@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.9, 0.99])
def test_a_workbook_that_is_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = excel(tmp_path, {"A": ROWS})
    content = path.read_bytes()
    path.write_bytes(content[: max(5, int(len(content) * share))])
    assert "damaged or cut off" in refused(path)


def test_a_damaged_sheet_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refused(with_cells(tmp_path, '<row><c r="A1"></row>'))
    assert "damaged" in refused(with_cells(tmp_path, '<row><c r="1A"><v>1</v></c></row>'))


def test_a_part_whose_bytes_changed_is_refused(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS})
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(SHEET).header_offset + 30 + len(SHEET)
    content = bytearray(path.read_bytes())
    content[start + 20 : start + 30] = b"0123456789"
    path.write_bytes(content)
    assert "damaged" in refused(path)


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = altered(excel(tmp_path, {"A": ROWS}), {SHEET: b" " * (64 << 20)})
    assert "packed more than 100 to 1" in refused(path)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = altered(excel(tmp_path, {"A": ROWS}), {SHEET: b" " * (64 << 20)})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(SHEET)
    content = path.read_bytes().replace(
        info.file_size.to_bytes(4, "little"), (9_000).to_bytes(4, "little")
    )
    path.write_bytes(content)
    assert "damaged" in refused(path)


def test_a_bomb_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS})
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    path.write_bytes(content.replace(size, (2 << 30).to_bytes(4, "little")))
    assert "unpacks to" in refused(path)


def test_an_archive_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS})
    path.write_bytes(path.read_bytes() + b"PK\x01\x02" * 20_000)
    assert "more than 10,000 parts" in refused(path)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = excel(tmp_path, {"A": ROWS})
    with path.open("r+b") as sparse:
        sparse.truncate(2 << 30)
    assert "2,048 MB" in refused(path)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZ1"><v>1</v></c></row>', "columns"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>', "span"),
        ("<row>" + "<c><v>1</v></c>" * 20_000 + "</row>", "columns"),
        ('<row r="1"><c r="A99999999"><v>1</v></c></row>', "damaged"),
    ],
)
def test_a_sheet_that_reaches_too_far_is_refused(tmp_path: Path, cells: str, why: str) -> None:
    assert why in refused(with_cells(tmp_path, cells))


def test_a_format_that_reaches_far_is_no_cell(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="XFD1" s="0"/></row>'
        '<row r="2"><c r="A2"><v>7</v></c></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    )
    assert read(with_cells(tmp_path, cells))[1] == [Row(2, ("7",))]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_are_refused(tmp_path: Path, part: str) -> None:
    body = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    refused(altered(excel(tmp_path, {"A": ROWS}), {part: body}))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
def test_parts_that_are_no_xml_are_refused(tmp_path: Path, part: str) -> None:
    refused(altered(excel(tmp_path, {"A": ROWS}), {part: "<<"}))


def test_a_sheet_without_names_of_columns_is_refused(tmp_path: Path) -> None:
    assert "no names of columns" in refused(excel(tmp_path, {"A": [[1, 2], [3, 4]]}))


# Round trips ----------------------------------------------------------------------------------

texts = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Co"], exclude_characters="_"),
    max_size=12,
)
lists = st.lists(st.tuples(texts, texts, texts), max_size=5)


def shown(written: list[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    return [row for row in written if any(cell.strip() for cell in row)]


@bounds(max_examples=40)
@given(lists)
def test_what_a_workbook_writer_writes_is_read_back(
    tmp_path: Path, written: list[tuple[str, str, str]]
) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("first", "second", "third"), *written]):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
    table, rows = read(path)
    assert table.header == ("first", "second", "third")
    assert [row.cells for row in rows] == shown(written)


@bounds(max_examples=40)
@given(
    st.integers(-(10**14), 10**14)
    | st.booleans()
    | st.dates(date(1900, 3, 1))
    | st.decimals(-9999, 9999, places=4)
)
def test_numbers_and_dates_are_read_back(tmp_path: Path, value: Any) -> None:
    _, rows = read(excel(tmp_path, {"A": [["id", "value"], ["1", value]]}))
    text = rows[0].cells[1]
    if isinstance(value, bool):
        assert text == str(value).lower()
    elif isinstance(value, date):
        assert text == value.isoformat()
    else:
        assert type(value)(text) == value


@bounds(max_examples=100)
@given(st.data())
def test_any_damage_gives_rows_or_an_input_error(tmp_path: Path, data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(excel(tmp_path, {"A": ROWS})) as source, zipfile.ZipFile(out, "w") as copy:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if name == data.draw(st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml"])):
                place = data.draw(st.integers(0, len(content)))
                content[place : place + data.draw(st.integers(0, 9))] = data.draw(
                    st.binary(max_size=9)
                )
            copy.writestr(name, bytes(content))
    path = tmp_path / "book.xlsx"
    path.write_bytes(out.getvalue())
    try:
        table, rows = read(path)
        assert all(len(row.cells) == len(table.header) for row in rows)
    except InputError as error:
        assert error.source.startswith("book.xlsx")
