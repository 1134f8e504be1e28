"""Loads of files that are no CSV: through the whole road, findings at their cells."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.conftest import Load, WriteDataset, minimal_descriptor


def book(folder: Path) -> None:
    """A workbook of two sheets; one organisation refers to one that is not there."""
    made = openpyxl.Workbook()
    made.active.title = "Notes"
    made.active.append(["Nothing to load here"])
    sheet = made.create_sheet("Members")
    for row in [
        ["Our members"],
        ["id", "name", "kind", "founded"],
        ["1", "Aster", "cooperative", 1987],
        ["2", "=A1", "cooperative", None],
        [3, "Beech", "no kind", None],
    ]:
        sheet.append(row)
    made.save(folder / "book.xlsx")


def test_a_sheet_of_a_workbook_is_published(write_dataset: WriteDataset, load: Load) -> None:
    descriptor = minimal_descriptor().replace("organisations.csv", "book.xlsx, sheet: Members")
    folder = write_dataset("members", descriptor)
    book(folder)
    report = load(folder)
    counts = report.tables["organisations"]
    assert (counts.file, counts.sheet) == ("book.xlsx", "Members")
    assert (counts.read, counts.published, counts.quarantined) == (3, 1, 2)
    found = [(row.row, row.key, row.findings[0]["column"]) for row in report.quarantined]
    assert found == [(4, "2", "name"), (5, "3", "kind")]
    assert not load(folder).is_new_commit
