"""``coopgraph check``: what it says, what it writes, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml
from click.testing import CliRunner, Result

from coopgraph.checking import check
from coopgraph.cli import check as command
from coopgraph.cli import main
from coopgraph.standard import Standard
from coopgraph.validation import Validator

GOOD = "id,name,kind\n1,A,mutual\n"
BAD = "id,name,kind,country,postal_code\n1,A,mutual,US,2139\n2,,pony,US,02139\n"
OFFICES = Path(__file__).parents[1] / "tables" / "proposals" / "offices"
WARNED = "id,name,kind,country,postal_code\n1,A,mutual,US,2139\n"

Run = Callable[..., Result]


@pytest.fixture
def run(
    tmp_path: Path, standard: Standard, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """``run(text, *options)`` checks a file of that text, or what is at a path."""
    monkeypatch.setattr(command, "standard_of", lambda settings: standard)
    monkeypatch.setattr(check, "standard_validator", lambda standard: validator)

    def invoke(what: str | Path, *options: object) -> Result:
        if isinstance(what, str) and "\n" in what:
            path = tmp_path / "list.csv"
            path.write_text(what, encoding="utf-8")
            what = path
        words = ["--home", str(tmp_path / "home"), "check", str(what), *map(str, options)]
        result = CliRunner().invoke(main, words)
        assert not (tmp_path / "home").exists(), "a check stores nothing"
        return result

    return invoke


def test_a_sound_file(run: Run) -> None:
    result = run(GOOD)
    assert result.exit_code == 0
    assert "list.csv: All 1 rows would be published." in result.stdout


def test_errors_are_told_by_kind_and_exit_with_1(run: Run) -> None:
    result = run(BAD)
    assert result.exit_code == 1
    assert "1 row · organization, kind: values that are not in the code list" in result.stdout
    assert "e.g. row 2: “2139” → “02139”" in result.stdout
    assert "1 of 2 rows would not be published." in result.stdout


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_warnings_are_errors_only_when_asked(options: tuple[str, ...], code: int, run: Run) -> None:
    result = run(WARNED, *options)
    assert result.exit_code == code
    assert "published, 1 with warnings" in result.stdout


def test_json_has_the_promised_shape(run: Run) -> None:
    report = json.loads(run(BAD, "--json").stdout)
    assert report.keys() == {"name", "conforms", "tables", "groups", "notes", "mapping"}
    assert report["mapping"] is None
    assert report["tables"]["organization"] == {
        "file": "list.csv", "sheet": None, "read": 2, "published": 1, "duplicate": 0,
        "quarantined": 1, "flagged": 1,
    }  # fmt: skip
    [code] = [group for group in report["groups"] if group["kind"] == "code"]
    assert code.keys() == {
        "table", "sheet", "column", "kind", "severity", "title", "rows", "cells", "mendable",
        "listed",
    }  # fmt: skip
    assert code["listed"][0].keys() == {"row", "value", "message", "mend"}


def test_page_and_workbook_are_written(run: Run, tmp_path: Path) -> None:
    page, book = tmp_path / "report.html", tmp_path / "mended.xlsx"
    assert run(BAD, "--html", page, "--workbook", book).exit_code == 1
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert openpyxl.load_workbook(book).sheetnames == ["Findings", "list"]


def test_the_file_itself_is_never_written_over(run: Run, tmp_path: Path) -> None:
    for option in ("--html", "--workbook"):
        result = run(BAD, option, tmp_path / "list.csv")
        assert (result.exit_code, (tmp_path / "list.csv").read_text("utf-8")) == (2, BAD)
        assert "is the file that is checked" in result.stderr


def test_a_bundled_dataset_is_sound(run: Run) -> None:
    result = run("us-directory", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["name"] == "us-directory"


def test_a_descriptor_stands_for_its_dataset(run: Run, write_dataset) -> None:
    folder = write_dataset("made-up", files={"organisations.csv": GOOD})
    for what in (folder, folder / "dataset.yaml"):
        assert json.loads(run(what, "--json").stdout)["name"] == "made-up"


def test_a_mapping_says_what_columns_hold(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("key: Nr\ncolumns: {name: Firm, kind: {value: mutual}}", encoding="utf-8")
    assert run("Nr,Firm\n1,A\n", "--mapping", mapping).exit_code == 0
    result = run("Nr,Thing\n1,A\n")
    assert result.exit_code == 1
    assert "--mapping FILE" in result.stderr


def test_a_mapping_is_proposed_where_there_is_none(run: Run) -> None:
    result = run(OFFICES / "spanish.csv")
    assert result.exit_code == 0
    assert "This mapping is proposed" in result.stdout
    assert "its heading means “postal code” in Spanish" in " ".join(result.stdout.split())
    mapping = json.loads(run(OFFICES / "spanish.csv", "--json").stdout)["mapping"]
    assert mapping.keys() == {"lines", "unused", "metadata", "descriptor"}
    assert mapping["metadata"] is None
    [line] = [line for line in mapping["lines"] if line["target"] == "postal_code"]
    assert line.keys() == {"table", "columns", "value", "target", "confidence", "reason"}
    assert (line["columns"], line["confidence"] > 0.9) == (["C.P."], True)
    assert [item["column"] for item in mapping["unused"]] == ["Socios", "Teléfono"]


def test_a_proposed_mapping_is_written_and_checks_the_file_as_before(
    run: Run, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    for name, language in (("spanish.csv", "es"), ("sites.csv", "en")):
        options = ("--json", "--language", language, "--write-mapping", mapping)
        proposed = json.loads(run(OFFICES / name, *options).stdout)
        assert yaml.safe_load(mapping.read_text("utf-8"))["language"] == language
        checked = json.loads(run(OFFICES / name, "--json", "--mapping", mapping).stdout)
        assert (checked["tables"], checked["groups"]) == (proposed["tables"], proposed["groups"])
        mapping.unlink()


def test_metadata_beside_a_file_says_what_it_holds(run: Run, tmp_path: Path) -> None:
    fields = [{"name": "Firma", "rdfType": "schema:name"}, {"name": "Nr"}, {"name": "Art"}]
    package = {
        "resources": [{"path": "list.csv", "schema": {"fields": fields, "primaryKey": "Nr"}}]
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    text = "Nr,Firma,Art\n1,Teigwaren eG,x\n"
    shown = run(text).stdout
    assert "The columns are read as datapackage.json says" in shown
    assert "datapackage.json was used: it describes 3 of 3 columns." in shown
    mapping = json.loads(run(text, "--json").stdout)["mapping"]
    assert mapping["metadata"] == "datapackage.json"
    reasons = {line["target"]: line["reason"] for line in mapping["lines"]}
    assert reasons["name"] == "datapackage.json: rdfType schema:name"
    page = tmp_path / "report.html"
    assert run(text, "--html", page).exit_code == 0
    assert "datapackage.json: rdfType schema:name" in page.read_text("utf-8")
    target = tmp_path / "mapping.yaml"
    words = ("--mapping", tmp_path / "datapackage.json", "--write-mapping", target)
    assert run(text, *words).exit_code == 0
    assert run(text, "--mapping", target).exit_code == 0
    assert run(text, "--mapping", target, "--write-mapping", tmp_path / "x.yaml").exit_code == 2


def test_a_mapping_is_never_written_over(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "dataset.yaml"
    target.write_text("mine", encoding="utf-8")
    result = run(OFFICES / "spanish.csv", "--write-mapping", target)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("what", "options", "words"),
    [
        ("nothing.csv", (), "There is no file “nothing.csv”"),
        ("no-such-dataset", (), "There is no dataset"),
        (GOOD, ("--edition", "2020"), "are for datasets"),
        (GOOD, ("--entity", "pony"), "There is no template"),
        (GOOD, ("--language", "not a tag"), "is no BCP 47 tag"),
        (GOOD, ("--mapping", __file__, "--sheet", "A"), "in the mapping"),
        (GOOD, ("--mapping", __file__, "--write-mapping", "m.yaml"), "nothing is proposed"),
        (GOOD, ("--entity", "site", "--write-mapping", "m.yaml"), "nothing is proposed"),
        ("world-directory", ("--mapping", __file__), "There is no file"),
    ],
)
def test_wrong_use_is_told(what: str, options: tuple[str, ...], words: str, run: Run) -> None:
    result = run(what, *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_sheet_is_named_where_there_are_several(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "name", "kind"])
    book.active.append(["1", "A", "pony"])
    book.create_sheet("Notes")["A1"] = "ask Ann"
    book.save(tmp_path / "members.xlsx")
    refused = run(tmp_path / "members.xlsx")
    assert (refused.exit_code, "--sheet" in refused.stderr) == (1, True)
    out = tmp_path / "out.xlsx"
    assert run(tmp_path / "members.xlsx", "--sheet", "Sheet", "--workbook", out).exit_code == 1
    written = openpyxl.load_workbook(out)
    assert (written["Sheet"]["C2"].comment is None, written["Notes"]["A1"].value) == (
        False,
        "ask Ann",
    )


def test_a_workbook_is_of_one_file(run: Run, write_dataset, tmp_path: Path) -> None:
    descriptor = """
title: A list
description: For one test.
publisher: {name: Nobody}
licence: unstated
tables:
  organisations: {file: o.csv, key: id}
  shops: {file: s.csv, entity: Site, key: shop, parent: owner}
"""
    files = {"o.csv": GOOD, "s.csv": "shop,owner,site_name\ns,1,S\n"}
    folder = write_dataset("made-up", descriptor, files)
    result = run(folder, "--workbook", tmp_path / "out.xlsx")
    assert result.exit_code == 2
    assert "a workbook is written of one file" in result.stderr
