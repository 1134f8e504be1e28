"""The first rows of a check, and what each column feeds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from coopgraph.checking import check, preview
from coopgraph.checking.check import CheckReport, run_check
from coopgraph.checking.preview import (
    PREVIEWED_ROWS,
    columns_json,
    entities_json,
    preview_json,
)
from coopgraph.checking.subject import of_file
from coopgraph.standard import Standard
from coopgraph.validation import Validator

Checked = Callable[..., CheckReport]


@pytest.fixture
def checked(
    tmp_path: Path, standard: Standard, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> Checked:
    """``checked("id,name\\n…", Firma="name")`` → the report of a file under choices."""
    monkeypatch.setattr(check, "standard_validator", lambda standard: validator)

    def run(rows: str, **chosen: str) -> CheckReport:
        path = tmp_path / "list.csv"
        path.write_text(rows, encoding="utf-8")
        subject = of_file(path, standard, chosen=chosen)
        return run_check(subject, standard, shown_rows=PREVIEWED_ROWS)

    return run


def test_the_first_rows_are_shown_with_their_findings(checked: Checked) -> None:
    rows = "".join(f"{n},A,cooperative,{'x' * 500}\n" for n in range(50))
    found = preview_json(checked(f"id,name,kind,founded\n{rows}"))
    assert found["columns"] == ["id", "name", "kind", "founded"]
    assert [row["row"] for row in found["rows"]] == list(range(2, 2 + PREVIEWED_ROWS))
    assert {row["findings"][0]["column"] for row in found["rows"]} == {"founded"}
    assert len(found["rows"][0]["cells"][3]) < 250


def test_wide_tables_show_the_columns_that_are_used(checked: Checked) -> None:
    names = [f"column {n}" for n in range(60)]
    rows = (
        ",".join(["id", *names, "name", "kind"])
        + "\n"
        + ",".join(["1", *["x"] * 61, "cooperative"])
    )
    found = preview_json(checked(rows, **{"column 50": "description"}))
    assert len(found["columns"]) == 40
    assert {"id", "column 50", "name", "kind"} <= set(found["columns"])


def test_columns_of_a_template_feed_what_they_are_called(
    checked: Checked, standard: Standard
) -> None:
    report = checked("id,name,kind,shoe size\n1,A,cooperative,43\n")
    columns = columns_json(report, standard)
    assert columns is not None
    assert [item["target"] for item in columns] == ["id", "name", "kind", None]
    assert entities_json(report) == {"organization": "Organization"}


def test_hashtags_tell_what_columns_of_a_template_feed(
    checked: Checked, standard: Standard
) -> None:
    rows = "Nr,Nom,Genre\n#meta+id,#org+name,#org+kind\n1,A,cooperative\n"
    report = checked(rows)
    columns = columns_json(report, standard)
    assert columns is not None
    assert {item["column"]: item["target"] for item in columns}["Nom"] == "name"


def test_a_template_under_other_choices_is_mapped(checked: Checked, standard: Standard) -> None:
    rows = "id,name,kind,description\n1,A,cooperative,B\n"
    same = {name: name for name in ("id", "name", "kind", "description")}
    assert checked(rows, **same).proposal is None
    report = checked(rows, **{**same, "description": "legal_name"})
    columns = columns_json(report, standard)
    assert columns is not None
    assert columns[3]["target"] == "legal_name"
    assert columns[1]["target"] == "name"
    assert columns[3]["reason"].startswith("chosen by hand")


def test_a_brief_report_is_short_whatever_the_file(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{n},A,ship,never\n" for n in range(50))
    report = checked(f"id,name,kind,founded\n{rows}")
    brief = preview.brief_json(report)
    assert [len(group["listed"]) for group in brief["groups"]] == [20, 20]
    assert [group["rows"] for group in brief["groups"]] == [50, 50]
    assert brief["omitted"] == 0
    monkeypatch.setattr(preview, "_BRIEF_GROUPS", 1)
    brief = preview.brief_json(report)
    assert (len(brief["groups"]), brief["omitted"]) == (1, 1)


def test_of_several_sheets_the_first_is_shown(
    standard: Standard, tmp_path: Path, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "standard_validator", lambda standard: validator)
    book = openpyxl.Workbook()
    book.active.title = "Organisation"
    for row in (["id", "name", "kind"], ["1", "A", "mutual"], ["2", "B", "pony"]):
        book.active.append(row)
    sites = book.create_sheet("Sites")
    for row in (["id", "organisation", "site_name"], ["1", "9", "S"], ["2", "1", "T"]):
        sites.append(row)
    book.save(tmp_path / "bakeries.xlsx")
    subject = of_file(tmp_path / "bakeries.xlsx", standard)
    report = run_check(subject, standard, shown_rows=PREVIEWED_ROWS)
    assert [file.counts.sheet for file in report.files] == ["Organisation", "Sites"]
    assert columns_json(report, standard) is None
    rows = preview_json(report)["rows"]
    assert [[found["column"] for found in row["findings"]] for row in rows] == [[], ["kind"]]
