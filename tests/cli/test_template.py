"""``coopgraph template``: each format, into a file and onto the terminal, and what is refused."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from coopgraph.cli import main, template


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["template", *map(str, arguments)])


def test_a_csv_header_is_the_default_for_one() -> None:
    result = run("site")
    assert result.exit_code == 0
    assert result.stdout.startswith("id,organisation,site_name,")
    assert len(result.stdout.splitlines()) == 1
    assert run("Site").stdout == result.stdout


def test_hashtags_are_added_when_asked_for() -> None:
    _, tags = run("site", "--hxl").stdout.splitlines()
    assert tags.startswith("#meta+id,#meta+id+org,")


def test_a_workbook_of_everything_is_the_default_for_all(tmp_path: Path) -> None:
    path = tmp_path / "coopgraph.xlsx"
    assert run("-o", path).exit_code == 0
    book = openpyxl.load_workbook(path)
    assert {"Read me", "Organisation", "Sites", "Codes"} <= set(book.sheetnames)
    assert run("all").stdout_bytes == path.read_bytes()


def test_a_workbook_of_one_goes_through_a_pipe_in_the_language_asked_for() -> None:
    made = run("organization", "--format", "xlsx", "--language", "fr").stdout_bytes
    assert openpyxl.load_workbook(io.BytesIO(made)).sheetnames[0] == "Lisez-moi"


@pytest.mark.parametrize(
    ("name", "form", "key"),
    [
        ("site", "table-schema", "fields"),
        ("site", "csvw", "tableSchema"),
        ("all", "table-schema", "resources"),
        ("all", "csvw", "tables"),
    ],
)
def test_descriptions_for_programs_are_json(name: str, form: str, key: str) -> None:
    assert key in json.loads(run(name, "--format", form).stdout)


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    result = run("shop")
    assert result.exit_code == 2
    assert "“shop”; there are organization, site" in result.stderr


def test_all_do_not_fit_into_one_csv_file() -> None:
    result = run("--format", "csv")
    assert result.exit_code == 2
    assert "organization" in result.stderr


def test_a_workbook_is_not_written_onto_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    class System:
        stdout = Terminal()

    monkeypatch.setattr(template, "sys", System)
    result = run("site", "--format", "xlsx")
    assert result.exit_code == 2
    assert "-o coopgraph.xlsx" in result.stderr
    assert not sys.stdout.isatty() or System.stdout.getvalue() == ""


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    result = run("site", "-o", tmp_path / "none" / "site.csv")
    assert result.exit_code == 3
    assert "none/site.csv" in result.stderr
