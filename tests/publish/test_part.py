"""Loads of a part of a dataset: what it names changes, and nothing else."""

from __future__ import annotations

import json

import pytest
import yaml

from coopgraph.errors import InputError, NotConforming, UsageError
from coopgraph.journal import Journal
from coopgraph.store import Layout

WHOLE = ["1,A,mutual", "2,B,mutual", "3,C,mutual,1"]


def journal_of(published) -> Journal:
    return Journal.open(Layout(published.home).journal)


def refused(published) -> list[tuple[str, tuple[str, ...]]]:
    """Key and cells of each row that is not published."""
    journal = journal_of(published)
    rows = [(row.key, row.cells) for row in journal.quarantined("list")]
    journal.close()
    return rows


def names(published, *keys: str) -> list[set[str]]:
    return [published.values(published.iri("list", key), "skos:prefLabel") for key in keys]


def test_a_part_changes_what_it_names_and_nothing_else(
    dataset, load, published, rebuilt, settings
) -> None:
    load(dataset("list", WHOLE))
    report = load(dataset("list", ["2,New,mutual", "4,D,mutual,2", "1,A,mutual"]), is_part=True)
    counts = report.tables["organisations"]
    assert (counts.added, counts.changed, counts.unchanged, counts.gone) == (1, 1, 1, 0)
    assert names(published, "1", "2", "3", "4") == [{"A"}, {"New"}, {"C"}, {"D"}]
    assert published.quads() == rebuilt(settings.home)
    journal = journal_of(published)
    first, second = journal.commits("list")
    assert (first.action, second.action) == ("load", "update")
    assert (report.sequence, second.report["organisations"]["changed"]) == (2, 1)
    journal.close()


def test_a_whole_load_afterwards_takes_back_what_its_files_do_not_say(
    dataset, load, published
) -> None:
    load(dataset("list", WHOLE))
    load(dataset("list", ["2,New,mutual", "4,D,mutual"]), is_part=True)
    report = load(dataset("list", WHOLE), may_remove=True)
    assert (report.total("changed"), report.total("gone")) == (1, 1)
    assert names(published, "2", "4") == [{"B"}, set()]


def test_a_part_that_says_nothing_new_is_no_commit(dataset, load) -> None:
    load(dataset("list", [*WHOLE, "4,,mutual"]))
    report = load(dataset("list", ["2,B,mutual", "4,,mutual"]), is_part=True)
    assert (report.is_new_commit, report.sequence) == (False, 1)


def test_a_part_of_another_table_needs_no_organisations(dataset, load, published, tmp_path) -> None:
    folder = dataset("list", WHOLE, shops=["s1,1,Shop"])
    load(folder)
    (folder / "organisations.csv").unlink()
    header, row = (folder / "shops.csv").read_text().splitlines()
    (folder / "shops.csv").write_text(f"{header}\n{row.replace('Shop', 'Store')}\n")
    report = load(folder, is_part=True)
    assert report.tables["shops"].changed == 1
    assert report.notes == ()
    assert names(published, "1", "3") == [{"A"}, {"C"}]


def test_a_part_is_told_by_the_keys_that_the_whole_was(dataset, load, published) -> None:
    folder = dataset("list", WHOLE, shops=["s1,1,Shop"])
    load(folder)
    before, descriptor = published.quads(), folder / "dataset.yaml"
    whole = yaml.safe_load(descriptor.read_text())
    for table, change, match in (
        ("organisations", {"key": "name"}, "“key” of the table “organisations” was “id”"),
        ("shops", {"parent": "name"}, "“parent” of the table “shops”"),
    ):
        tables = {**whole["tables"], table: {**whole["tables"][table], **change}}
        descriptor.write_text(yaml.safe_dump({**whole, "tables": tables}))
        with pytest.raises(UsageError, match=match):
            load(folder, is_part=True)
    # The former child table as the table of organisations.
    alone = {"shops": {"file": "organisations.csv", "key": "id"}}
    descriptor.write_text(yaml.safe_dump({**whole, "tables": alone}))
    with pytest.raises(UsageError, match="of the table “shops” was"):
        load(folder, is_part=True)
    assert published.quads() == before


def test_a_record_that_stands_in_another_table_now_is_not_gone(
    dataset, load, published, rebuilt, settings
) -> None:
    folder = dataset("list", WHOLE)
    load(folder)
    descriptor = folder / "dataset.yaml"
    descriptor.write_text(descriptor.read_text().replace("  organisations:", "  members:"))
    report = load(folder)
    assert report.tables["members"].added == 3
    assert names(published, "1", "2", "3") == [{"A"}, {"B"}, {"C"}]
    assert published.quads() == rebuilt(settings.home)
    journal = journal_of(published)
    assert (journal.verify(), journal.counts("list")) == ([], {"members": 3})
    journal.close()


# What is not published ------------------------------------------------------------------------


def test_rows_that_a_part_refuses_keep_their_last_state_and_stay_refused(
    dataset, load, published
) -> None:
    load(dataset("list", [*WHOLE, "5,,mutual"]))
    load(dataset("list", ["2,,mutual", "4,D,mutual"]), is_part=True)
    assert names(published, "2", "4") == [{"B"}, {"D"}]
    assert [key for key, _ in refused(published)] == ["5", "2"]


@pytest.mark.parametrize("mended", ["2,B,mutual", "2,Other,mutual"])
def test_a_row_that_was_refused_is_so_until_it_is_mended(
    mended: str, dataset, load, published
) -> None:
    load(dataset("list", WHOLE))
    load(dataset("list", ["2,,mutual", "3,C,mutual,1"]), is_part=True)
    assert [key for key, _ in refused(published)] == ["2"]
    report = load(dataset("list", [mended]), is_part=True)
    assert report.is_new_commit
    assert refused(published) == []


def test_a_row_refused_twice_is_told_as_it_was_last(dataset, load, published) -> None:
    load(dataset("list", [*WHOLE, "4,,mutual"]))
    assert load(dataset("list", ["4,D,pony", "1,A,mutual"]), is_part=True).is_new_commit
    [(key, cells)] = refused(published)
    assert (key, cells[:3]) == ("4", ("4", "D", "pony"))


# What is no part ------------------------------------------------------------------------------


def test_what_was_never_loaded_has_no_parts(dataset, load, published) -> None:
    with pytest.raises(UsageError, match="“list” was never loaded: load it whole first"):
        load(dataset("list", WHOLE), is_part=True)


def test_a_part_is_of_tables_that_the_whole_has(dataset, load) -> None:
    folder = dataset("list", WHOLE)
    load(folder)
    text = (folder / "dataset.yaml").read_text().replace("  organisations:", "  others:")
    (folder / "dataset.yaml").write_text(text)
    with pytest.raises(UsageError, match="no table “others”; its tables are organisations, "):
        load(folder, is_part=True)


@pytest.mark.parametrize(
    ("rows", "words"), [([], "has a header and no rows"), (["2,,mutual"], "no row of")]
)
def test_a_part_without_sound_rows_is_refused(rows: list[str], words: str, dataset, load) -> None:
    load(dataset("list", WHOLE))
    with pytest.raises(NotConforming, match=words):
        load(dataset("list", rows), is_part=True)


def test_a_part_without_any_file_is_refused(dataset, load) -> None:
    folder = dataset("list", WHOLE)
    load(folder)
    (folder / "organisations.csv").unlink()
    with pytest.raises(InputError, match="there is no file like organisations"):
        load(folder, is_part=True)


def test_a_dry_run_of_a_part_publishes_nothing(dataset, load, published) -> None:
    load(dataset("list", WHOLE))
    report = load(dataset("list", ["2,New,mutual"]), is_part=True, is_dry_run=True)
    assert json.dumps(report.as_json())
    assert (report.sequence, names(published, "2")) == (None, [{"B"}])
