"""``coopgraph history``: what it tells of organisations, records and datasets, and whom it names."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from coopgraph.folding import one_line
from coopgraph.journal import Journal
from coopgraph.store import Layout
from tests.conftest import WriteDataset, minimal_descriptor

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


@pytest.mark.parametrize("option", ["--page", "--commit"])
def test_a_number_that_no_page_or_commit_can_have_is_refused(
    run: Run, told: str, option: str
) -> None:
    for number in ("9" * 18, "9" * 40, "0"):
        result = run("history", told, option, number)
        assert result.exit_code == 2, number
        assert option in result.stderr


def test_an_argument_that_is_not_utf8_is_refused(run: Run, told: str) -> None:
    result = run("history", os.fsdecode(b"caf\xe9"))
    assert result.exit_code == 2
    assert "not UTF-8" in result.stderr


@pytest.mark.parametrize(("thing", "what"), [("list", "a dataset"), ("list/1", "a record")])
def test_one_commit_can_be_told_of_organisations_alone(
    run: Run, told: str, thing: str, what: str
) -> None:
    result = run("history", thing, "--commit", 1)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"did with an organisation; this is {what}." in result.stderr


@pytest.mark.parametrize(
    "typed", ["list/a b", "list/a%20b", "http://localhost:8000/record/list/a%20b"]
)
def test_a_key_may_be_typed_as_it_is_or_as_iris_have_it(
    run: Run, write_dataset: WriteDataset, typed: str
) -> None:
    folder = write_dataset("list", files={"organisations.csv": [HEADER, "a b,Aster,mutual,,"]})
    assert run("load", folder).exit_code == 0
    result = run("history", typed)
    assert result.exit_code == 0, result.stderr
    assert "list/a%20b listed" in result.stdout


@pytest.mark.parametrize(
    "typed",
    [
        "list/sites:1,North Gate",
        "list/sites:1,North%20Gate",
        "http://localhost:8000/record/list/sites:1,North%20Gate",
        "https://w3id.org/coopgraph/id/record/list/sites:1,North%20Gate",
    ],
)
def test_the_key_of_a_part_has_its_colon_and_comma_as_they_are(
    run: Run, write_dataset: WriteDataset, typed: str
) -> None:
    descriptor = minimal_descriptor().partition("tables:")[0] + (
        "tables:\n  organisations: {file: organisations.csv, key: id}\n"
        "  sites: {file: sites.csv, entity: Site, key: [owner, gate], parent: owner,\n"
        "    columns: {site_name: gate}}\n"
    )
    files = {
        "organisations.csv": [HEADER, "1,Aster,mutual,,"],
        "sites.csv": ["owner,gate", "1,North Gate"],
    }
    assert run("load", write_dataset("list", descriptor, files)).exit_code == 0
    result = run("history", typed)
    assert result.exit_code == 0, result.stderr
    assert "list/sites:1,North%20Gate listed" in result.stdout


def test_a_key_may_be_an_address(run: Run, write_dataset: WriteDataset) -> None:
    rows = [HEADER, "https://aster.example/,Aster,mutual,,"]
    assert run("load", write_dataset("list", files={"organisations.csv": rows})).exit_code == 0
    result = run("history", "list/https://aster.example/")
    assert result.exit_code == 0, result.stderr
    assert "Name: + Aster" in result.stdout
