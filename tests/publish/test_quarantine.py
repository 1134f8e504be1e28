"""Rows that may not be published: which, why, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coopgraph.journal import Journal
from coopgraph.publish import LoadReport
from coopgraph.store import Layout

Found = list[tuple[str, int, str, str]]


@pytest.fixture
def checked(dataset, load) -> Callable[..., LoadReport]:
    """``checked(rows, shops=…)`` → the report of a dry run over them."""
    return lambda rows, **tables: load(dataset("list", rows, **tables), is_dry_run=True)


def found(report: LoadReport) -> Found:
    """Table, row, column and message of each quarantined row's first finding."""
    for counts in report.tables.values():
        assert counts.read == counts.published + counts.duplicate + counts.quarantined
    return [
        (row.table, row.row, row.findings[0]["column"], row.findings[0]["message"])
        for row in report.quarantined
    ]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("2,,mutual", "name", "name"),
        ("2,B,", "kind", "kind"),
        ("2,B,pony", "kind", "“pony”"),
        (",B,mutual", "id", "key is blank"),
        ("2,B,mutual,,javascript:alert(1)", "homepage", "no web address"),
        ("2,B,mutual,,,,surplus", "", "1 more cells"),
        ("2,B,mutual,9", "member_of", "“9”"),
        ("2,B,mutual,nowhere/1", "member_of", "“nowhere/1”"),
        ("2,B,mutual,A B/1", "member_of", "dataset/key"),
        ("2,B\x07,mutual", "name", "U+0007"),
        ("2," + "B" * 301 + ",mutual", "name", "300 characters"),
    ],
)
def test_a_row_that_does_not_conform_is_quarantined_with_its_place(
    row: str, column: str, words: str, checked
) -> None:
    [(table, number, where, message)] = found(checked(["1,A,mutual", row, "3,C,mutual"]))
    assert (table, number, where) == ("organisations", 3, column)
    assert words in message


def test_the_rest_is_published(dataset, load, published) -> None:
    report = load(dataset("list", ["1,A,mutual", "2,,mutual", "3,C,mutual"]))
    assert report.tables["organisations"].published == 2
    assert published.values(published.iri("list", "3"), "skos:prefLabel") == {"C"}
    journal = Journal.open(Layout(published.home).journal)
    [row] = journal.quarantined("list")
    assert row == report.quarantined[0]
    assert (row.row, row.key) == (3, "2")
    assert row.columns == ("id", "name", "kind", "member_of", "homepage", "street")
    assert row.cells == ("2", "", "mutual", "", "", "")
    assert journal.organization_of("list", "2") is None
    journal.close()


def test_every_fault_of_a_row_is_told(checked) -> None:
    [row] = checked(["1,A,mutual", "2,B,pony,,nowhere at all"]).quarantined
    assert sorted(finding["column"] for finding in row.findings) == ["homepage", "kind"]


def test_a_record_that_turns_invalid_keeps_its_last_valid_state(dataset, load, published) -> None:
    load(dataset("list", ["1,A,mutual", "2,B,mutual"], shops=["s,2,Shop"]))
    before = published.graph("list")
    report = load(dataset("list", ["1,A,mutual", "2,,mutual"], shops=["s,2,Shop"]))
    table = report.tables["organisations"]
    assert (table.published, table.quarantined, table.gone) == (1, 1, 0)
    assert report.is_new_commit
    assert published.graph("list") == before
    assert report.tables["shops"].published == 1, "its organisation is still published"
    again = load(dataset("list", ["1,A,mutual", "2,,mutual"], shops=["s,2,Shop"]))
    assert not again.is_new_commit
    mended = load(dataset("list", ["1,A,mutual", "2,New,mutual"], shops=["s,2,Shop"]))
    assert mended.tables["organisations"].changed == 1
    assert published.values(published.iri("list", "2"), "skos:prefLabel") == {"New"}


def test_a_mended_quarantine_is_a_commit(dataset, load, published) -> None:
    load(dataset("list", ["1,A,mutual", "2,,mutual"]))
    assert load(dataset("list", ["1,A,mutual"])).is_new_commit
    journal = Journal.open(Layout(published.home).journal)
    assert journal.quarantined("list") == []
    journal.close()


# Keys -----------------------------------------------------------------------------------------


def test_a_key_used_again_with_other_values_is_quarantined(checked) -> None:
    report = checked(["1,A,mutual", "2,B,mutual", "1,C,mutual", "1,A,mutual"])
    assert found(report) == [
        (
            "organisations", 4, "id",
            "the key “1” already stands in row 2, with other values; give each row its own key, "
            "or remove one",
        )
    ]  # fmt: skip
    assert report.tables["organisations"].duplicate == 1


def test_a_key_used_again_for_another_organisation_is_quarantined(checked) -> None:
    report = checked(["1,A,mutual", "2,B,mutual"], shops=["s,1,Shop", "s,2,Shop"])
    [(table, number, column, message)] = found(report)
    assert (table, number, column) == ("shops", 3, "shop")
    assert "row 2" in message


def test_a_sound_row_may_use_the_key_of_a_faulty_one(checked) -> None:
    report = checked(["1,,mutual", "1,A,mutual"])
    assert [row for _, row, *_ in found(report)] == [2]
    assert report.tables["organisations"].published == 1


# Children -------------------------------------------------------------------------------------


def test_a_child_without_its_organisation_is_quarantined(checked) -> None:
    report = checked(["1,A,mutual", "2,,mutual"], shops=["s,1,A", "t,2,B", "u,9,C", "v,,D"])
    rows = found(report)
    assert [(table, row) for table, row, *_ in rows] == [
        ("organisations", 3), ("shops", 3), ("shops", 4), ("shops", 5),
    ]  # fmt: skip
    assert all(column == "owner" for _, _, column, _ in rows[1:])
    assert "“9”" in rows[2][3]
    assert "“organisations”" in rows[2][3]


def test_a_child_of_an_organisation_of_an_earlier_edition_is_published(
    dataset, load, published
) -> None:
    many = [f"{n},N{n},mutual" for n in range(20)]
    load(dataset("list", [*many, "x,X,mutual"]))
    report = load(dataset("list", many, shops=["s,x,Shop"]))
    assert report.tables["organisations"].gone == 1
    assert report.tables["shops"].published == 1
    gone = published.iri("list", "x")
    assert published.values(gone, "skos:prefLabel") == set()
    assert published.values(gone, "org:hasSite") == {f"{gone.value}#site-list-s"}


def test_a_child_that_moves_to_another_organisation_moves(dataset, load, published) -> None:
    rows = ["1,A,mutual", "2,B,mutual"]
    load(dataset("list", rows, shops=["s,1,Shop"]))
    report = load(dataset("list", rows, shops=["s,2,Shop"]))
    assert report.tables["shops"].changed == 1
    assert published.values(published.iri("list", "1"), "org:hasSite") == set()
    assert len(published.values(published.iri("list", "2"), "org:hasSite")) == 1


# References -----------------------------------------------------------------------------------


def test_a_reference_to_a_quarantined_row_quarantines_the_row_that_makes_it(checked) -> None:
    report = checked(["1,A,mutual", "2,B,mutual,3", "3,,mutual"])
    assert [(row, words) for _, row, _, words in found(report)][1:] == [
        (3, "refers to “3”, which is not published; correct the key, or mend that row first")
    ]


def test_a_chain_of_references_falls_whole(checked) -> None:
    rows = [
        "1,A,mutual",
        "2,B,mutual,3",
        "3,C,mutual,4",
        "4,D,mutual,5;1",
        "5,,mutual",
        "6,F,mutual,1",
    ]
    report = checked(rows)
    assert sorted(row for _, row, *_ in found(report)) == [3, 4, 5, 6]
    assert report.tables["organisations"].published == 2


def test_children_of_a_row_that_falls_fall_with_it(checked) -> None:
    report = checked(["1,A,mutual", "2,B,mutual,9"], shops=["s,2,Shop", "t,1,Shop"])
    assert [(table, row) for table, row, *_ in found(report)] == [
        ("organisations", 3),
        ("shops", 2),
    ]


def test_references_may_point_forward_in_circles_and_at_oneself(checked) -> None:
    assert found(checked(["1,A,mutual,2", "2,B,mutual,3", "3,C,mutual,1;3"])) == []


def test_a_reference_to_a_record_that_was_published_once_holds(dataset, load, published) -> None:
    many = [f"{n},N{n},mutual" for n in range(20)]
    load(dataset("list", [*many, "x,X,mutual"]))
    load(dataset("list", many))
    report = load(dataset("list", [*many, "y,Y,mutual,x"]))
    assert report.total("quarantined") == 0
    assert published.values(published.iri("list", "y"), "org:memberOf") == {
        published.iri("list", "x").value
    }


def test_a_reference_across_datasets_waits_for_the_other(dataset, load) -> None:
    member = dataset("members", ["1,A,mutual", "2,B,mutual,bodies/1"])
    assert load(member).total("quarantined") == 1
    load(dataset("bodies", ["1,Body,federation"]))
    report = load(member)
    assert (report.total("quarantined"), report.total("added")) == (0, 1)


# Groups ---------------------------------------------------------------------------------------


def test_findings_are_grouped_whatever_the_values(checked) -> None:
    report = checked(["1,A,pony", "2,B,cat", ",C,mutual", "4,D,mutual"])
    found = [(g.severity, g.column, g.kind, g.rows, g.first_rows) for g in report.groups]
    assert found == [
        ("error", "kind", "code", 2, [2, 3]),
        ("error", "id", "key-blank", 1, [4]),
    ]


def test_warnings_on_published_rows_are_told(checked) -> None:
    report = checked(["1,A,mutual,,,12.0", "2,B,mutual"])
    counts = report.tables["organisations"]
    assert (counts.published, counts.quarantined, counts.flagged) == (2, 0, 1)
    [group] = report.groups
    assert (group.severity, group.column, group.kind) == ("warning", "street", "number-tail")
    assert group.places[0].mend == "12"


def test_a_flagged_row_that_falls_is_flagged_no_more(checked) -> None:
    report = checked(["1,A,mutual,9,,12.0", "2,B,mutual"])
    counts = report.tables["organisations"]
    assert (counts.published, counts.quarantined, counts.flagged) == (1, 1, 0)
