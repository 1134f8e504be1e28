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


def test_points_of_geojson_are_published(write_dataset: WriteDataset, load: Load) -> None:
    descriptor = minimal_descriptor().replace("organisations.csv", "places.geojson")
    feature = (
        '{"type": "Feature", "properties": {"id": "%s", "name": "Aster", "kind": "cooperative"}, '
        '"geometry": {"type": "%s", "coordinates": [9.5, %s]}}'
    )
    items = [
        feature % item for item in (("a", "Point", 47.25), ("b", "Point", 99), ("c", "Line", 1))
    ]
    text = f'{{"type": "FeatureCollection", "features": [{", ".join(items)}]}}'
    report = load(write_dataset("places", descriptor, {"places.geojson": text}))
    assert [(row.row, row.key) for row in report.quarantined] == [(2, "b")]
    assert report.quarantined[0].findings[0]["column"] == "latitude"
    assert report.tables["organisations"].published == 2
    assert any("no point (the first, in row 3, is a Line)" in note for note in report.notes)
