"""The coloured workbook, read back: colours, comments, other sheets, and text that stays text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from coopgraph.checking import workbook
from coopgraph.checking.workbook import write_workbook
from coopgraph.errors import UsageError
from coopgraph.standard import Standard
from coopgraph.standard.columns import sheet_titles, templates
from coopgraph.standard.workbook import workbook as template_workbook

HEAD = ["id", "name", "kind", "country", "postal_code", "founded"]
ROWS = [
    ["1", "Aster", "mutual", "US", "2139", "1901"],
    ["2", "=SUM(A1:A9)", "pony", "US", "02139", "31/12/1985"],
    ["3", "", "mutual", "GB", "LS1 4AP", "1985"],
]
RED, YELLOW = "00F8C9C4", "00FCE4A8"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A workbook as an office keeps them: titles, formats, a second sheet, formulas, a note."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Members"
    sheet.append(["Our members"])
    sheet.append([])
    sheet.append(HEAD)
    for row in ROWS:
        sheet.append(row)
    sheet["B5"].data_type = "s"
    sheet["A1"].font = Font(bold=True, size=20)
    sheet["B4"].fill = PatternFill("solid", "00FF00", "00FF00")
    sheet["F5"].comment = Comment("ask Ann", "Ann")
    sheet.column_dimensions["B"].width = 44
    sheet.merge_cells("A1:C1")
    other = book.create_sheet("Findings")
    other["A1"], other["A2"] = 2, "=A1*2"
    other.sheet_state = "hidden"
    path = tmp_path / "members.xlsx"
    book.save(path)
    return path


@pytest.fixture
def written(checked, standard: Standard, tmp_path: Path) -> Any:
    """``written(what)`` → the workbook of its check."""

    def write(what: str | Path, **options: str) -> openpyxl.Workbook:
        report = checked(what, marked_rows=workbook.MOST_ROWS, **options)
        target = tmp_path / "out.xlsx"
        write_workbook(report, standard, target)
        return openpyxl.load_workbook(target)

    return write


def csv(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in [HEAD, *rows])


def test_cells_are_coloured_and_commented(written) -> None:
    sheet = written(csv(ROWS))["list"]
    assert [sheet[name].fill.fgColor.rgb for name in ("E2", "C3", "F3", "B4")] == [
        YELLOW, RED, RED, RED,
    ]  # fmt: skip
    assert "Should be: 02139" in sheet["E2"].comment.text
    assert sheet["F3"].comment.text.startswith("Error: “31/12/1985”")
    assert "Should be: 1985-12-31" in sheet["F3"].comment.text
    assert sheet["A2"].comment is None


def test_a_workbook_comes_back_with_what_else_it_holds(source: Path, written) -> None:
    before = source.read_bytes()
    book = written(source)
    assert source.read_bytes() == before
    assert book.sheetnames == ["Findings 2", "Members", "Findings"]
    sheet = book["Members"]
    assert [sheet[name].fill.fgColor.rgb for name in ("E4", "C5", "B6")] == [YELLOW, RED, RED]
    assert (sheet["A1"].font.sz, sheet.column_dimensions["B"].width) == (20, 44)
    assert sheet["B4"].fill.fgColor.rgb == "0000FF00"
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:C1"]
    assert sheet["F5"].comment.text.endswith("ask Ann")
    assert (book["Findings"]["A2"].value, book["Findings"].sheet_state) == ("=A1*2", "hidden")


def test_the_list_stands_first_and_leads_to_the_cells(source: Path, written) -> None:
    book = written(source)
    listed = book.worksheets[0]
    assert listed["A1"].value == "2 of 3 rows would not be published"
    rows = [[cell.value for cell in row] for row in listed.iter_rows(min_row=4)]
    assert [(row[2], row[3], row[4], row[6], row[7]) for row in rows] == [
        (5, "founded", "31/12/1985", "1985-12-31", "F5"),
        (5, "kind", "pony", None, "C5"),
        (6, "name", None, None, "B6"),
        (4, "postal_code", "2139", "02139", "E4"),
    ]
    assert listed["H4"].hyperlink.location == "'Members'!F5"
    assert listed.auto_filter.ref == "A3:H7"


def test_rows_of_json_stand_below_a_header(written, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[{"id": "1", "name": "A", "kind": "pony"}]', encoding="utf-8")
    book = written(path)
    sheet = book["list"]
    assert [cell.value for cell in sheet[1]] == ["id", "name", "kind"]
    assert sheet["C2"].fill.fgColor.rgb == RED
    assert book["Findings"]["C4"].value == 2


DANGEROUS = st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@", "\t=", "#", "1", "'", "=HYPERLINK("]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)  # fmt: skip


@given(st.lists(DANGEROUS, min_size=3, max_size=3))
def test_text_stays_text(texts: list[str]) -> None:
    book = openpyxl.Workbook()
    for column, text in enumerate(texts, start=1):
        cell = workbook._put(book.active, 1, column, text)
        assert (cell.data_type, cell.value) == ("s", text)


def test_formulas_of_a_text_file_are_text_in_the_workbook(written) -> None:
    book = written(csv([["1", "=cmd|' /C calc'!A0", "pony", "US", "@x", "+1"]]))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}
    assert any(cell.value == "=cmd|' /C calc'!A0" for cell in cells)


def test_control_characters_are_shown_as_unknown(written) -> None:
    book = written(csv([["1", "A\x07B", "mutual", "US", "", ""]]))
    assert book["list"]["B2"].value == "A\ufffdB"


def test_all_tables_of_one_file_are_marked(written) -> None:
    book = written(
        "Society ID,Society,Branch,Town\n1,,North,Leeds\n1,,South,York\n"
        "2,B co-op,,Hull\n2,B co-op,Main,Hull\n"
    )
    sheet = book["list"]
    assert [sheet[name].fill.fgColor.rgb for name in ("B2", "C4")] == [RED, RED]
    links = {row[7].value for row in book["Findings"].iter_rows(min_row=4)}
    assert {"B2", "C4"} <= links


def test_comments_are_no_longer_than_a_note(written) -> None:
    book = written(csv([["1", "x" * 5_000, "y" * 5_000, "US", "", ""]]))
    comments = [cell.comment for row in book["list"].iter_rows() for cell in row if cell.comment]
    assert comments
    assert all(len(comment.text) <= 1_000 and comment.height <= 300 for comment in comments)


def test_a_mark_in_a_merged_cell_stands_at_its_first(checked, source: Path, written) -> None:
    book = openpyxl.load_workbook(source)
    book["Members"].merge_cells("B6:B7")
    book["Members"]["A7"], book["Members"]["C7"] = "4", "mutual"
    book.save(source)
    sheet = written(source)["Members"]
    assert sheet["B6"].comment is not None


def test_a_workbook_is_called_as_one(checked, standard, tmp_path) -> None:
    report = checked(csv(ROWS), marked_rows=9)
    for name in ("out.csv", "out.xlsm", "out"):
        with pytest.raises(UsageError, match=r"ends in \.xlsx"):
            write_workbook(report, standard, tmp_path / name)


def test_too_many_rows_are_refused(checked, standard, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    report = checked(csv(ROWS), marked_rows=2)
    with pytest.raises(UsageError, match="3 rows.*up to 2;.*--html"):
        write_workbook(report, standard, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_beyond_so_many_cells_are_coloured_and_not_commented(written, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 1)
    sheet = written(csv([[str(n), "A", "pony", "US", "", ""] for n in range(3)]))["list"]
    assert [sheet[f"C{n}"].fill.fgColor.rgb for n in (2, 3, 4)] == [RED] * 3
    assert [sheet[f"C{n}"].comment is not None for n in (2, 3, 4)] == [True, False, False]


@pytest.fixture
def filled(standard: Standard, tmp_path: Path) -> Path:
    """The workbook of all templates, with two organisations, a site of one and a stray one."""
    path = tmp_path / "bakeries.xlsx"
    path.write_bytes(template_workbook(standard, templates(standard), language="fr"))
    book = openpyxl.load_workbook(path)
    titles = sheet_titles(templates(standard), "fr")
    rows = {
        "organization": [{"id": "1", "name": "A", "kind": "mutual"}, {"id": "2", "kind": "mutual"}],
        "site": [
            {"id": "1", "organisation": "1", "site_name": "Shop"},
            {"id": "2", "organisation": "9", "site_name": "Stray"},
        ],
    }
    for slug, filling in rows.items():
        sheet = book[titles[slug]]
        names = [cell.value for cell in sheet[1]]
        for number, row in enumerate(filling, 2):
            for name, value in row.items():
                sheet.cell(number, names.index(name) + 1).value = value
    book.save(path)
    return path


def test_a_filled_template_is_checked_and_marked_on_all_its_sheets(
    filled: Path, checked, standard: Standard, written
) -> None:
    report = checked(filled)
    assert [(file.table.name, file.counts.read) for file in report.files] == [
        ("organization", 2),
        ("sites", 2),
    ]
    faults = {(group.table, group.column) for group in report.groups}
    assert faults == {("organization", "name"), ("sites", "organisation")}
    book = written(filled)
    titles = sheet_titles(templates(standard), "fr")
    places = {"organization": ("name", 3), "site": ("organisation", 3)}
    for slug, (name, row) in places.items():
        sheet = book[titles[slug]]
        column = [cell.value for cell in sheet[1]].index(name) + 1
        assert sheet.cell(row, column).fill.fgColor.rgb == RED
    listed = book.worksheets[0]
    sheets = {row[1].value for row in listed.iter_rows(min_row=4)}
    assert sheets == {titles["organization"], titles["site"]}
