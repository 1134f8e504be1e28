"""``coopgraph history``: what it tells of organisations, records and datasets, and whom it names."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from coopgraph.folding import one_line
from coopgraph.journal import Journal
from coopgraph.store import Layout
from tests.conftest import WriteDataset

Run = Callable[..., Result]
MESSAGE = "as \x1b[31mtold"
KEPT = "as [31mtold"
HEADER = "id,name,kind,street,locality"


@pytest.fixture
def told(run: Run, write_dataset: WriteDataset, tmp_path: Path) -> str:
    """Two commits of a dataset; the id of an organisation that the second one changed."""
    for aster in ("1,Aster,mutual,1 High St,Leeds", "1,Aster & Co,mutual,2 High St,Leeds"):
        rows = [HEADER, aster, "2,Birch,mutual,,"]
        folder = write_dataset("list", files={"organisations.csv": rows})
        assert run("load", folder, "--message", MESSAGE).exit_code == 0
    with closing(Journal.open(Layout(tmp_path / "home").journal)) as journal:
        found = journal.organization_of("list", "1")
    assert found is not None
    return found


def test_an_organisation_is_told_field_by_field(run: Run, told: str) -> None:
    result = run("history", told)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0].startswith("Aster")
    assert f"load of list, by {getpass.getuser()}" in result.stdout
    assert "Street: 1 High St → 2 High St" in lines
    assert "Address: + Street 1 High St; Locality Leeds" in lines
    assert "Kind: + Mutual" in lines or "Kind: + mutual" in lines


def test_a_message_is_kept_without_what_steers_a_terminal(run: Run, told: str) -> None:
    content = json.loads(run("history", told, "--json").stdout)
    assert {entry["message"] for entry in content["entries"]} == {KEPT}
    assert KEPT in run("history", told).stdout


@pytest.mark.parametrize("sign", [*"\x00\x1b\x7f\x9f\u061c\u200e\u200f\u202a\u202e\u2066\u2069"])
def test_one_line_has_no_sign_that_steers(sign: str) -> None:
    assert one_line(f"a{sign}b") == "ab"
    assert one_line(sign) == ""


def test_one_line_keeps_what_scripts_need() -> None:
    assert one_line("می\u200cخواهم – é") == "می\u200cخواهم – é"
    assert one_line(" why\n\tnot ") == "why not"


def test_what_an_older_commit_says_does_not_steer_the_terminal(
    run: Run, write_dataset: WriteDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopgraph.publish.pipeline.one_line", str)  # as it was kept before
    rows = [HEADER, "1,Aster,mutual,,"]
    folder = write_dataset("list", files={"organisations.csv": rows})
    assert run("load", folder, "--message", MESSAGE).exit_code == 0
    assert "as \N{REPLACEMENT CHARACTER}[31mtold" in run("history", "list/1").stdout


@pytest.mark.parametrize(
    "thing",
    ["https://w3id.org/coopgraph/id/org/{}", "https://w3id.org/coopgraph/id/org/{}#address-1"],
)
def test_an_organisation_may_be_named_by_its_iri(run: Run, told: str, thing: str) -> None:
    assert run("history", thing.format(told)).stdout == run("history", told).stdout


@pytest.mark.parametrize("thing", ["list/2", "https://w3id.org/coopgraph/id/record/list/2"])
def test_a_record_has_a_history(run: Run, told: str, thing: str) -> None:
    result = run("history", thing)
    assert "list/2 listed" in result.stdout
    assert "Name: + Birch" in result.stdout
    assert "Commit 2" not in result.stdout


@pytest.mark.parametrize("thing", ["list", "https://w3id.org/coopgraph/id/dataset/list"])
def test_a_dataset_is_told_in_numbers(run: Run, told: str, thing: str) -> None:
    result = run("history", thing)
    assert result.exit_code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines()]
    second, first = [row for row in rows if row]
    assert [second[0], *second[-4:]] == ["2", "organisations", "0", "1", "0"]
    assert [first[0], *first[-4:]] == ["1", "organisations", "2", "0", "0"]


def test_as_json_it_names_who_made_each_commit(run: Run, told: str) -> None:
    for thing, entries in ((told, "entries"), ("list", "commits")):
        content = json.loads(run("history", thing, "--json").stdout)
        assert [entry["commit"] for entry in content[entries]] == [2, 1]
        assert {entry["who"] for entry in content[entries]} == {getpass.getuser()}
        assert {entry["message"] for entry in content[entries]} == {KEPT}


def test_one_commit_can_be_told_by_itself(run: Run, told: str) -> None:
    result = run("history", told, "--commit", 1)
    assert "Commit 1" in result.stdout
    assert "Commit 2" not in result.stdout
    assert run("history", told, "--commit", 9).exit_code == 1


def test_what_is_unknown_is_said_to_be(run: Run, told: str) -> None:
    wrong = f"{told[:-1]}{'0' if told[-1] != '0' else '1'}"
    result = run("history", wrong)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"Did you mean {told}?" in result.stderr
    assert run("history", "list/9").exit_code == 1
    assert run("history", told, "--page", 2).exit_code == 1


def test_before_anything_is_published_there_is_no_history(run: Run) -> None:
    result = run("history", "0000000001-01")
    assert result.exit_code == 3
    assert "coopgraph load" in result.stderr
