"""The workbook, read back by another library: sheets, notes, drop-downs, formats, bytes."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from coopgraph.standard import Standard
from coopgraph.standard.columns import PARENT, Template, find_template, templates
from coopgraph.standard.workbook import workbook


@pytest.fixture(scope="module")
def known(standard: Standard) -> tuple[Template, ...]:
    return templates(standard)


@pytest.fixture(scope="module")
def book(standard: Standard, known: tuple[Template, ...]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook(standard, known)))


def rules(sheet: Worksheet) -> dict[str, DataValidation]:
    """Column → its drop-down or bounds."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        letter = str(rule.sqref).partition(":")[0].rstrip("0123456789")
        found[str(sheet[f"{letter}1"].value)] = rule
    return found


def letter(sheet: Worksheet, column: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == column)


def look(sheet: Worksheet, column: str) -> str:
    """The number format of a column; neighbours that look alike are stored as one."""
    place = next(cell.column for cell in sheet[1] if cell.value == column)
    found = [d for d in sheet.column_dimensions.values() if d.min <= place <= d.max]
    assert len(found) == 1
    return str(found[0].number_format)


def test_there_is_a_sheet_for_each_template_between_help_and_codes(
    book: Workbook, known: tuple[Template, ...]
) -> None:
    titles = [item.title("en") for item in known]
    assert book.sheetnames == ["Read me", *titles, "Examples", "Codes"]
    for sheet, item in zip(book.worksheets[1:], known, strict=False):
        assert [cell.value for cell in sheet[1]] == [column.name for column in item.columns]


def test_data_sheets_hold_a_header_and_no_row(book: Workbook, known: tuple[Template, ...]) -> None:
    for sheet in book.worksheets[1 : len(known) + 1]:
        assert sheet.max_row == 1
        assert sheet.freeze_panes == "B2"


def test_each_heading_has_a_note(book: Workbook, known: tuple[Template, ...]) -> None:
    for sheet, item in zip(book.worksheets[1:], known, strict=False):
        for cell, column in zip(sheet[1], item.columns, strict=True):
            text = cell.comment.text
            assert text.startswith(column.labels["en"])
            assert column.descriptions["en"] in text
            assert column.example in text
            assert ("(required)" in text.splitlines()[0]) == column.is_required


def test_required_headings_look_different(book: Workbook) -> None:
    cells = {cell.value: cell.fill.start_color.rgb for cell in book["Organisation"][1]}
    assert cells["id"] == cells["name"] == cells["kind"]
    assert cells["homepage"] == cells["street"]
    assert cells["name"] != cells["homepage"]


def test_columns_of_text_keep_leading_zeros(book: Workbook) -> None:
    sheet = book["Organisation"]
    for column in ("postal_code", "registration_number", "founded", "id"):
        assert look(sheet, column) == "@", column
    assert look(sheet, "latitude") == "General"


def test_each_code_list_is_a_drop_down_on_all_its_codes(
    book: Workbook, known: tuple[Template, ...]
) -> None:
    seen = set()
    for sheet, item in zip(book.worksheets[1:], known, strict=False):
        found = rules(sheet)
        for column in item.columns:
            if column.code_list is None:
                continue
            rule = found[column.name]
            title, _, cells = rule.formula1.lstrip("=").partition("!")
            notations = [
                str(row[0].value) for row in book[title.strip("'")][cells.replace("$", "")]
            ]
            assert notations == [code.notation for code in column.code_list.codes]
            assert rule.type == "list"
            assert bool(rule.showErrorMessage) is not column.is_list
            seen.add(column.code_list.slug)
    assert {"country", "subdivision", "legal-form", "organisation-kind"} <= seen


def test_a_drop_down_begins_under_the_header_and_leaves_room(book: Workbook) -> None:
    place = str(rules(book["Organisation"])["status"].sqref)
    assert place.partition(":")[0].endswith("2")
    assert int(place.partition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) > 10_000


def test_bounds_of_numbers_are_kept(book: Workbook) -> None:
    rule = rules(book["Organisation"])["latitude"]
    assert rule.type == "decimal"
    assert rule.operator in (None, "between")  # which is what none means
    assert (float(rule.formula1), float(rule.formula2)) == (-90, 90)


def test_codes_stand_beside_what_they_mean(book: Workbook, standard: Standard) -> None:
    header, first = list(book["Codes"].iter_rows(min_row=1, max_row=2, values_only=True))
    place = header.index("status")
    code = standard.code_lists["status"].codes[0]
    assert (first[place], first[place + 1]) == (code.notation, code.labels["en"])


def test_examples_stand_on_a_sheet_of_their_own(
    book: Workbook, known: tuple[Template, ...]
) -> None:
    lines = list(book["Examples"].iter_rows(values_only=True))
    for item in known:
        names = tuple(column.name for column in item.columns)
        place = next(n for n, line in enumerate(lines) if line[: len(names)] == names)
        assert [value or "" for value in lines[place + 1]][: len(names)] == [
            column.example for column in item.columns
        ]


def test_the_first_sheet_says_how_to_load_what_was_filled_in(
    book: Workbook, known: tuple[Template, ...]
) -> None:
    cells = {str(cell) for line in book["Read me"].iter_rows(values_only=True) for cell in line}
    assert "tables:" in cells
    for item in known:
        assert f"{item.slug}.csv" in cells
        assert item.description("en") in cells
        assert any(text.startswith(f"  {item.table}: {{file: {item.slug}.csv") for text in cells)


def test_a_workbook_of_one_template_has_only_its_codes(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    made = workbook(standard, [find_template(known, "observation")])
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames[0] == "Read me"
    assert len(book.sheetnames) == 4
    header = next(book["Codes"].iter_rows(values_only=True))
    assert header[::2] == ("measure",)
    assert book.worksheets[1]["A1"].value == PARENT


def test_hashtags_move_the_rows_down(standard: Standard, known: tuple[Template, ...]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(standard, known, hxl=True)))
    sheet = book["Organisation"]
    assert sheet[f"{letter(sheet, 'name')}2"].value == "#org+name"
    assert sheet.freeze_panes == "B3"
    assert str(rules(sheet)["status"].sqref).partition(":")[0].endswith("3")


def test_words_come_in_the_language_asked_for(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(standard, known, language="es")))
    assert (book.sheetnames[0], book.sheetnames[-1]) == ("Léame", "Códigos")
    assert "Ejemplo:" in book.worksheets[1]["B1"].comment.text
    header, first = list(book["Códigos"].iter_rows(min_row=1, max_row=2, values_only=True))
    assert first[header.index("status") + 1] == standard.code_lists["status"].codes[0].labels["es"]


def test_the_same_input_gives_the_same_bytes(
    standard: Standard, known: tuple[Template, ...]
) -> None:
    chosen = [find_template(known, "site")]
    first = workbook(standard, chosen)
    time.sleep(2.1)  # a zip file tells times apart by two seconds
    assert workbook(standard, chosen) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert len({item.date_time for item in archive.infolist()}) == 1
