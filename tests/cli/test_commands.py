"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from coopgraph.iris import is_organization_id
from coopgraph.journal import Journal
from coopgraph.store import Layout
from tests.conftest import WriteDataset

DESCRIPTOR = """\
title: Made-up list
description: For one test.
publisher: {name: Nobody}
licence: https://creativecommons.org/publicdomain/zero/1.0/
tables: {organisations: {file: organisations.csv, key: id}}
"""
ROWS = """\
id,name,kind,country,founded,homepage
a,Aster,cooperative,US,1901,https://aster.example/
b,Birch,federation,GB,1902-03,https://birch.example/
"""

Run = Callable[..., Result]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def dataset(rows: str = ROWS, descriptor: str = DESCRIPTOR) -> Path:
        folder = tmp_path / "made-up"
        folder.mkdir(exist_ok=True)
        (folder / "dataset.yaml").write_text(descriptor, encoding="utf-8")
        (folder / "organisations.csv").write_text(rows, encoding="utf-8")
        return folder

    return dataset


def test_load_publishes_and_says_so(whole_run: Run, write: Write) -> None:
    result = whole_run("load", write())
    assert result.exit_code == 0
    assert "published as commit 1" in result.stdout
    assert result.stderr == ""


def test_load_json_has_the_promised_shape(run: Run, write: Write) -> None:
    result = run("load", write(), "--json")
    report = json.loads(result.stdout)
    assert {
        "dataset",
        "sequence",
        "tables",
        "added",
        "changed",
        "gone",
        "unchanged",
        "seconds",
    } <= (report.keys())
    table = report["tables"]["organisations"]
    assert (table["read"], table["published"], table["duplicate"], table["quarantined"]) == (
        2,
        2,
        0,
        0,
    )
    assert (report["dataset"], report["sequence"], report["added"]) == ("made-up", 1, 2)


def test_loading_again_says_that_nothing_changed(run: Run, write: Write) -> None:
    folder = write()
    assert run("load", folder).exit_code == 0
    result = run("load", folder)
    assert result.exit_code == 0
    assert "nothing changed since commit 1" in result.stdout


def test_quarantined_rows_are_told_with_row_and_column(run: Run, write: Write) -> None:
    result = run("load", write(ROWS + "c,Cedar,cooperative,US,soon,https://cedar.example/\n"))
    assert result.exit_code == 0
    assert "1 row · organisations, founded: no date in the form" in result.stdout
    assert "e.g. row 4: “soon” is no date" in result.stdout


def test_strict_publishes_nothing_of_a_faulty_file(run: Run, write: Write) -> None:
    folder = write(ROWS + "c,Cedar,cooperative,US,soon,https://cedar.example/\n")
    result = run("load", folder, "--strict")
    assert result.exit_code == 1
    assert "row 4" in result.stderr
    assert run("datasets").exit_code != 0 or "made-up" not in run("datasets").stdout


def test_a_file_without_rows_is_refused(run: Run, write: Write) -> None:
    result = run("load", write("id,name,kind\n"))
    assert result.exit_code == 1
    assert "has a header and no rows" in result.stderr


def test_an_empty_file_is_refused(run: Run, write: Write) -> None:
    result = run("load", write(""))
    assert result.exit_code == 1
    assert "organisations.csv: the file is empty" in result.stderr


def test_a_missing_key_column_is_named_with_its_file(run: Run, write: Write) -> None:
    result = run("load", write(ROWS.replace("id,", "ident,", 1)))
    assert result.exit_code == 1
    assert "organisations.csv, row 1: the column “id” is missing" in result.stderr


def test_an_unknown_dataset_is_wrong_use(run: Run) -> None:
    result = run("load", "no-such-dataset")
    assert result.exit_code == 2
    assert "Bundled are coops-uk, germany-worker, ncua, susy, swiss-housing" in result.stderr


def test_a_broken_descriptor_is_wrong_use(run: Run, write: Write) -> None:
    result = run("load", write(descriptor=DESCRIPTOR.replace("title:", "titel:")))
    assert result.exit_code == 2
    assert "made-up/dataset.yaml" in result.stderr


def test_an_unknown_option_is_wrong_use(run: Run) -> None:
    assert run("load", "ncua", "--no-such-option").exit_code == 2


def test_a_second_load_says_that_one_runs(run: Run, write: Write, tmp_path: Path) -> None:
    folder = write()
    lock = Layout(tmp_path / "home").lock
    lock.parent.mkdir()
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        result = run("load", folder)
    assert result.exit_code == 3
    assert "Another process" in result.stderr
    assert run("load", folder, "--wait", "5").exit_code == 0


def test_too_many_removals_are_refused_until_allowed(run: Run, write: Write) -> None:
    run("load", write())
    fewer = "\n".join(ROWS.splitlines()[:2]) + "\n"
    result = run("load", write(fewer))
    assert result.exit_code == 1
    assert "--allow-removals" in result.stderr
    assert run("load", write(fewer), "--allow-removals").exit_code == 0


def test_dry_run_publishes_nothing(run: Run, write: Write) -> None:
    result = run("load", write(), "--dry-run")
    assert result.exit_code == 0
    assert "dry run, nothing published" in result.stdout
    assert "served        0" in run("status").stdout


def test_merge_datasets_and_status(run: Run, write: Write, tmp_path: Path) -> None:
    run("load", write())
    journal = Journal.open(Layout(tmp_path / "home").journal)
    a, b = (journal.organization_of("made-up", key) for key in "ab")
    journal.close()
    assert a is not None
    assert is_organization_id(a)
    assert "Merged as commit 2" in run("merge", a, b).stdout
    assert run("merge", a, b).exit_code == 1
    status = json.loads(run("status", "--json").stdout)
    assert (status["committed"], status["served"]) == (2, 2)
    result = run("split", f"https://w3id.org/coopgraph/id/org/{b}", "made-up/a")
    assert f"about {a} now" in result.stdout
    assert "Merged as commit 4" in run("merge", a, b).stdout
    record = "https://w3id.org/coopgraph/id/record/made-up/a"
    assert "Split as commit 5" in run("split", b, record).stdout
    assert run("split", b, record).exit_code == 2
    assert "DATASET/KEY" in run("split", b, "a").stderr
    listed = json.loads(run("datasets", "--json").stdout)
    assert [(item["dataset"], item["records"]) for item in listed] == [
        ("made-up", {"organisations": 2})
    ]


def test_rebuild_serves_the_same_commit(run: Run, write: Write) -> None:
    run("load", write())
    assert "commit 1 is served" in run("rebuild").stdout


def test_commands_without_a_journal_fail_clearly(run: Run) -> None:
    for command in (["datasets"], ["status"], ["rebuild"], ["describe", "x"]):
        result = run(*command)
        assert result.exit_code == 3, command
        assert "Nothing is published" in result.stderr


def test_a_state_folder_that_cannot_be_used_fails_clearly(
    run: Run, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file")
    result = run("load", write())
    assert result.exit_code == 3
    assert result.stderr.startswith("coopgraph: ")
    assert str(tmp_path / "home") in result.stderr


def test_a_damaged_journal_fails_clearly(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "journal.sqlite").write_bytes(b"nonsense" * 1_000)
    for command in (["status"], ["datasets"], ["rebuild"]):
        result = run(*command)
        assert result.exit_code == 3, command
        assert "cannot be read" in result.stderr


def test_a_setting_that_cannot_be_used_is_wrong_use(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOPGRAPH_PORT", "many")
    result = run("status")
    assert result.exit_code == 2
    assert "COOPGRAPH_PORT" in result.stderr


def test_several_datasets_load_in_their_order(run: Run, write: Write, tmp_path: Path) -> None:
    first = write()
    second = tmp_path / "second"
    second.mkdir()
    for name in ("dataset.yaml", "organisations.csv"):
        (second / name).write_text((first / name).read_text("utf-8"), encoding="utf-8")
    reports = json.loads(run("load", first, second, "--json").stdout)
    assert [(r["dataset"], r["sequence"]) for r in reports] == [("made-up", 1), ("second", 2)]


def test_a_broken_descriptor_of_several_publishes_none(
    run: Run, write: Write, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "dataset.yaml").write_text("title: [")
    assert run("load", write(), broken).exit_code == 2
    assert run("status").exit_code == 3


def test_files_may_lie_elsewhere(run: Run, write: Write, tmp_path: Path) -> None:
    folder = write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "organisations.csv").rename(elsewhere / "organisations.csv")
    assert run("load", folder).exit_code == 1
    assert run("load", folder, "--from", elsewhere).exit_code == 0
    assert run("load", folder, "--from", tmp_path / "nowhere").exit_code == 2


def test_an_edition_is_chosen(run: Run, sample: Path) -> None:
    report = json.loads(run("load", sample / "flipside", "--edition", "2023", "--json").stdout)
    assert report["edition"] == "2023"
    assert run("load", sample / "flipside", "--edition", "soon").exit_code == 2


def test_validate_json_says_where(whole_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<http://a.example/> a <https://w3id.org/coopgraph/ns#Organization> .")
    found = json.loads(whole_run("validate", path, "--json").stdout)
    assert {item["path"].rpartition("#")[2] for item in found} == {"prefLabel", "kind"}
    assert all(item["focus"] == "<http://a.example/>" and item["message"] for item in found)
    assert whole_run("validate", tmp_path / "none.ttl").exit_code == 2
    path = tmp_path / "data.txt"
    path.write_text("x")
    result = whole_run("validate", path)
    assert result.exit_code == 1
    assert "data.txt" in result.stderr


def test_describe_prints_an_organisation(run: Run, write: Write, tmp_path: Path) -> None:
    run("load", write())
    journal = Journal.open(Layout(tmp_path / "home").journal)
    name = journal.organization_of("made-up", "a")
    journal.close()
    turtle = run("describe", name).stdout
    assert '"Aster"@en' in turtle
    content = json.loads(run("describe", name, "--format", "jsonld").stdout)
    assert content["name"] == {"en": "Aster"}


def test_describe_says_when_what_no_source_lists_any_more_was_last_listed(
    run: Run, write_dataset: WriteDataset, tmp_path: Path
) -> None:
    for rows in (["1,Aster,mutual", "2,Birch,mutual"], ["1,Aster,mutual"]):
        folder = write_dataset("list", files={"organisations.csv": ["id,name,kind", *rows]})
        assert run("load", folder, "--allow-removals").exit_code == 0
    with closing(Journal.open(Layout(tmp_path / "home").journal)) as journal:
        name = journal.organization_of("list", "2")
    for thing in (name, f"https://w3id.org/coopgraph/id/org/{name}"):
        result = run("describe", thing)
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"No source lists Birch ({name}) any more." in result.stderr
        assert "list listed it as 2 until commit 1, " in result.stderr
        assert "and no more in commit 2, " in result.stderr
        assert f"coopgraph history {name}" in result.stderr
    never = run("describe", "0000000001-01")
    assert "Nothing is known of 0000000001-01" in never.stderr
    assert run("describe", "no id").exit_code == 1


def test_query_runs_stored_and_given_queries(whole_run: Run, write: Write) -> None:
    whole_run("load", write())
    stored = whole_run("query", "organisations-by-kind-and-country").stdout
    assert "Federation" in stored
    asked = whole_run("query", "-", stdin="SELECT (1 AS ?one) {}")
    assert asked.stdout.split() == ["one", "1"]
    assert whole_run("query", "no-such-query").exit_code == 1
    assert (
        whole_run("query", "-", stdin="SELECT * { SERVICE <http://a.example/> {} }").exit_code == 2
    )


def test_query_takes_values_of_each_kind(whole_run: Run, write: Write) -> None:
    whole_run("load", write())
    counted = whole_run("query", "organisations-by-kind", "--param", "country=United Kingdom")
    assert counted.exit_code == 0
    near = whole_run("query", "organisations-near", "--param", "near=51.5,-0.1", "--format", "json")
    assert json.loads(near.stdout)["head"]["vars"][0] == "organisation"


def test_query_says_what_was_wrong(whole_run: Run, write: Write) -> None:
    whole_run("load", write())
    for arguments, told in (
        (["organisations-near"], "needs the parameter “near”"),
        (["organisations-near", "--param", "near"], "--param takes NAME=VALUE"),
        (["organisations-near", "--param", "=1,2"], "--param takes NAME=VALUE"),
        (["organisations-near", "--param", "near=1"], "there must be 2 numbers"),
        (["organisations-of-kind", "--param", "kind=credit-unoin"], "Did you mean credit-union?"),
        (["organisations-neer"], "Did you mean organisations-near"),
    ):
        result = whole_run("query", *arguments)
        assert result.exit_code in (1, 2)
        assert told in result.stderr


def test_query_alone_lists_the_stored_queries(whole_run: Run) -> None:
    lines = whole_run("query").stdout.splitlines()
    place = lines.index("  organisations-near")
    assert lines[place + 1].strip().endswith("?")
    assert lines[place + 2 : place + 4] == [
        "    --param near=42.3251,-72.6412",
        "    --param [radius_km=25]",
    ]
    assert "Places" in lines


def test_validate_says_what_does_not_conform(whole_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<http://a.example/> a <https://w3id.org/coopgraph/ns#Organization> .")
    result = whole_run("validate", path)
    assert result.exit_code == 1
    assert "2 violations" in result.stderr
    path.write_text("this is not Turtle")
    assert whole_run("validate", path).exit_code == 1


def test_standard_check_is_clean(whole_run: Run) -> None:
    result = whole_run("standard", "check")
    assert result.exit_code == 0, result.stdout
    assert "no offender" in result.stdout
