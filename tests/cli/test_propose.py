"""``coopgraph propose``: to the terminal, into a file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from coopgraph.cli import main

OFFICES = Path(__file__).parents[1] / "tables" / "proposals" / "offices"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["propose", *map(str, arguments)])


def test_a_descriptor_is_printed() -> None:
    result = run(OFFICES / "spanish.csv", "--language", "es")
    assert result.exit_code == 0
    content = yaml.safe_load(result.stdout)
    assert content["language"] == "es"
    assert content["tables"]["organisations"]["columns"]["postal_code"] == "C.P."


def test_a_mapping_is_written_and_counted(tmp_path: Path) -> None:
    target = tmp_path / "dataset.yaml"
    result = run(OFFICES / "spanish.csv", "--write-mapping", target)
    assert result.exit_code == 0
    assert "10 columns are mapped, 2 are not" in result.stdout
    assert yaml.safe_load(target.read_text("utf-8"))["tables"]


def test_a_mapping_is_never_written_over(tmp_path: Path) -> None:
    target = tmp_path / "dataset.yaml"
    target.write_text("mine", encoding="utf-8")
    result = run(OFFICES / "spanish.csv", "--write-mapping", target)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert target.read_text("utf-8") == "mine"


def test_a_language_that_is_none_is_refused() -> None:
    assert run(OFFICES / "spanish.csv", "--language", "not a tag").exit_code == 2


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text("<!doctype html>", encoding="utf-8")
    result = run(path)
    assert result.exit_code == 1
    assert "web page" in result.stderr
