"""Loading: what is committed and what is not, what is counted, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from coopgraph.errors import InputError, NotConforming, TooManyRemovals, UsageError
from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, LoadReport
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import read_descriptor

TEN = [f"{n},Name {n},mutual" for n in range(10)]


def sequence(home: Path) -> int:
    return Snapshots(home).current().sequence


def totals(report: LoadReport) -> tuple[int, int, int, int]:
    added, changed, gone, unchanged = (
        report.total(name) for name in ("added", "changed", "gone", "unchanged")
    )
    return added, changed, gone, unchanged


def rewrite(path: Path, change: object) -> None:
    """Read a CSV file, let ``change`` work on its rows (header first), and write them."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    with path.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output).writerows(change(rows))  # type: ignore[operator]


# The sample -----------------------------------------------------------------------------------


def test_every_row_of_the_sample_is_published(sample_home: Path) -> None:
    journal = Journal.open(Layout(sample_home).journal)
    assert [c.dataset for c in journal.commits()] == ["flipside", "northlight"]
    assert all(c.published_at for c in journal.commits())
    assert journal.counts("flipside") == {
        "organisations": 12, "offers": 3, "shops": 3, "figures": 4,
    }  # fmt: skip
    assert journal.counts("northlight") == {"cooperatives": 6}
    assert journal.quarantined("flipside") == journal.quarantined("northlight") == []
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize("name", ["flipside", "northlight"])
def test_the_same_files_again_commit_nothing(name, sample_home, sample, load) -> None:
    report = load(sample / name, edition="2023")
    assert not report.is_new_commit
    assert report.sequence == {"flipside": 1, "northlight": 2}[name]
    assert totals(report)[:3] == (0, 0, 0)
    assert sequence(sample_home) == 2


def test_order_spacing_and_encoding_of_rows_commit_nothing(sample_home, sample, load) -> None:
    def disorder(rows: list[list[str]]) -> list[list[str]]:
        order = list(reversed(range(len(rows[0]))))
        turned = [[f"  {row[place]} " if row[place] else "" for place in order] for row in rows]
        return [turned[0], [""] * len(order), *reversed(turned[1:])]

    for path in (sample / "flipside").glob("*-2023.csv"):
        if path.name != "shops-2023.csv":  # rows without a key are named by their cells
            rewrite(path, disorder)
    organisations = sample / "flipside" / "organisations-2023.csv"
    organisations.write_text(organisations.read_text("utf-8"), encoding="utf-16")
    report = load(sample / "flipside", edition="2023")
    assert not report.is_new_commit, json.dumps(report.as_json(), indent=1)


def test_quotes_line_ends_and_the_order_in_a_cell_commit_nothing(dataset, load) -> None:
    rows = ["1,A,federation;mutual,2;3,,1 High St", "2,B,mutual", "3,C,mutual,1"]
    folder = dataset("list", rows, shops=["s,1,Shop", "t,2,Shed"], figures=["1,2020,5"])
    assert load(folder).is_new_commit
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as source:
            header, *rest = csv.reader(source)
        turned = [[";".join(reversed(cell.split(";"))) for cell in row] for row in reversed(rest)]
        with path.open("w", encoding="utf-8-sig", newline="") as output:
            csv.writer(
                output, quoting=csv.QUOTE_ALL, lineterminator="\r\n", delimiter=";"
            ).writerows([header, *turned])
    assert not load(folder).is_new_commit


def test_inner_nodes_are_named_by_what_they_hold(sample_home: Path) -> None:
    journal = Journal.open(Layout(sample_home).journal)
    lines = [line for record in journal.all_records() for line in record.lines.splitlines()]
    journal.close()
    assert any("<open:self#address-" in line for line in lines)
    assert not [line for line in lines if line.startswith("_:") or " _:" in line.split('"')[0]]


def test_a_new_edition_says_what_changed_and_keeps_names(
    sample_home, sample, load, published
) -> None:
    before = {key: published.id("flipside", f"F{key:02d}") for key in range(1, 13)}
    report = load(sample / "flipside")
    assert (report.edition, report.sequence) == ("2024", 3)
    table = report.tables["organisations"]
    assert (table.read, table.published) == (12, 12)
    assert (table.added, table.changed, table.gone, table.unchanged) == (1, 2, 1, 9)
    assert before == {key: published.id("flipside", f"F{key:02d}") for key in range(1, 13)}


def test_what_is_gone_leaves_its_graph_and_the_merge(sample_home, sample, load, published) -> None:
    turnaround = published.iri("flipside", "F11")
    federation = published.iri("flipside", "F01")
    assert published.values(federation, "org:hasMember") >= {turnaround.value}
    assert published.about(turnaround)
    load(sample / "flipside")
    assert published.about(turnaround) == set()


def test_an_older_edition_can_be_loaded_again(sample_home, sample, load, published, quads) -> None:
    before = quads(sample_home)
    load(sample / "flipside")
    report = load(sample / "flipside", edition="2023", may_remove=True)
    assert (report.edition, totals(report)[:3]) == ("2023", (1, 2, 3))
    differing = {q.predicate.value.rpartition("/")[2] for q in before ^ quads(sample_home)}
    assert differing <= {"modified", "ns#sequence"}


def test_names_and_texts_come_through_as_written(sample_home, published) -> None:
    bakery = published.iri("flipside", "F02")
    assert published.values(bakery, "skos:prefLabel", "flipside") == {
        "Tableflip Bakery", "Boulangerie Tableflip",
    }  # fmt: skip
    assert published.values(bakery, "dcterms:description", "flipside") == {
        "A bakery that its bakers own.\nIt turns everything over at dawn."
    }
    aurora = published.iri("northlight", "N2")
    [address] = published.values(aurora, "locn:address", "northlight")
    assert published.values(NamedNode(address), "locn:thoroughfare") == {"12 rue de l’Aube"}
    assert published.values(NamedNode(address), "locn:poBox") == {"45"}
    assert published.values(NamedNode(address), "locn:postName") == {"Lumière"}


def test_classes_are_inferred_in_the_merge_alone(sample_home, published) -> None:
    union = published.iri("flipside", "F06")
    classes = {name.rpartition("#")[2] for name in published.values(union, "rdf:type")}
    assert {"CreditUnion", "Cooperative", "Organization"} <= classes
    asserted = published.values(union, "rdf:type", "flipside")
    assert {name.rpartition("#")[2] for name in asserted} == {"Organization"}


def test_memberships_lead_to_the_other_datasets_organisation(sample_home, published) -> None:
    members = published.values(published.iri("flipside", "F01"), "org:hasMember")
    assert published.iri("northlight", "N1").value in members
    assert published.iri("flipside", "F02").value in members


def test_no_blank_node_is_published(sample_home, quads, standard: Standard) -> None:
    standing = {triple.subject for triple in (*standard.ontology, *standard.shapes)}
    for quad in quads(sample_home):
        if quad.subject not in standing:
            assert isinstance(quad.subject, NamedNode), quad


def test_each_record_says_what_it_is_about(sample_home, published) -> None:
    records = [q for q in published.graph("flipside") if q.predicate.value.endswith("primaryTopic")]
    assert len(records) == 12 + 3 + 3 + 4
    bakery = published.iri("flipside", "F02")
    about = {q.subject.value.rpartition("/record/")[2] for q in records if q.object == bakery}
    assert about >= {"flipside/F02", "flipside/offers:loaves", "flipside/figures:F02,2021"}


# What is counted ------------------------------------------------------------------------------


def test_a_dry_run_reports_and_publishes_nothing(dataset, load, settings: Settings) -> None:
    report = load(dataset("list", [*TEN, "x,,mutual"]), is_dry_run=True)
    assert (report.sequence, report.is_new_commit) == (None, False)
    assert (report.total("read"), report.total("published")) == (11, 10)
    assert report.total("quarantined") == 1
    assert not Layout(settings.home).current.exists()


def test_a_dry_run_of_a_change_leaves_everything_as_it_is(sample_home, sample, load, quads) -> None:
    before = quads(sample_home)
    report = load(sample / "flipside", is_dry_run=True)
    assert totals(report)[0] == 3
    assert quads(sample_home) == before
    assert load(sample / "flipside", edition="2023").is_new_commit is False


def test_a_row_that_stands_twice_is_a_duplicate(dataset, load) -> None:
    report = load(dataset("list", ["1,A,mutual", "2,B,mutual", " 1 , A,mutual,"]), is_dry_run=True)
    table = report.tables["organisations"]
    assert (table.read, table.published, table.duplicate, table.quarantined) == (3, 2, 1, 0)


def test_a_missing_optional_table_leaves_its_records(dataset, load, published) -> None:
    folder = dataset("list", ["1,A,mutual"], shops=["s,1,Shop"])
    load(folder)
    (folder / "shops.csv").unlink()
    report = load(folder)
    assert not report.is_new_commit
    assert report.tables["shops"].file is None
    assert any("shops*.csv" in note for note in report.notes)
    assert published.values(published.iri("list", "1"), "org:hasSite")


def test_records_of_a_table_that_the_descriptor_drops_are_gone(dataset, load, published) -> None:
    folder = dataset("list", ["1,A,mutual"], shops=["s,1,Shop"])
    load(folder)
    path = folder / "dataset.yaml"
    path.write_text(re.sub(r"  shops: .*\n", "", path.read_text()))
    report = load(folder, may_remove=True)
    assert (report.tables["shops"].gone, report.total("unchanged")) == (1, 1)
    assert published.values(published.iri("list", "1"), "org:hasSite") == set()


def test_a_table_may_get_another_name(dataset, load, published) -> None:
    folder = dataset("list", ["1,A,mutual"], shops=["s,1,Shop"])
    load(folder)
    path = folder / "dataset.yaml"
    path.write_text(path.read_text().replace("  organisations:", "  societies:"))
    report = load(folder)
    assert report.total("gone") == 0
    assert published.values(published.iri("list", "1"), "skos:prefLabel") == {"A"}
    assert not load(folder).is_new_commit


def test_a_file_that_is_not_in_utf8_is_noted(sample, load) -> None:
    [note] = load(sample / "northlight", edition="2023", is_dry_run=True).notes
    assert note.startswith("organisations-2023.csv is not in UTF-8")


def test_unknown_columns_are_noted(dataset, load) -> None:
    folder = dataset("list", ["1,A,mutual"])
    path = folder / "organisations.csv"
    path.write_text(path.read_text().replace("homepage", "homepge"))
    [note] = [n for n in load(folder, is_dry_run=True).notes if "homepge" in n]
    assert "organisations.csv" in note


def test_a_changed_descriptor_is_a_commit(dataset, load, published) -> None:
    folder = dataset("list", ["1,A,mutual"])
    load(folder)
    report = load(dataset("list", ["1,A,mutual"], extra="attribution: Thanks\n"))
    assert (report.is_new_commit, totals(report)) == (True, (0, 0, 0, 1))
    assert any(
        q.predicate.value.endswith("/rights") and q.object.value == "Thanks"
        for q in published.graph("catalogue")
    )


def test_the_report_is_ready_for_json(dataset, load) -> None:
    content = json.loads(json.dumps(load(dataset("list", TEN)).as_json()))
    assert content["dataset"] == "list"
    assert content["sequence"] == 1
    assert content["committed"] is True
    assert content["tables"]["organisations"]["published"] == 10
    assert (content["added"], content["changed"], content["gone"]) == (10, 0, 0)
    assert content["seconds"] > 0


def test_progress_counts_every_row(dataset, publisher, standard: Standard) -> None:
    seen: dict[str, int] = {}

    def watch(what: str, rows: int) -> None:
        seen[what] = seen.get(what, 0) + rows

    rows = [f"{n},Name {n},mutual" for n in range(1_203)]
    folder = dataset("list", rows)
    descriptor = read_descriptor(folder, standard)
    publisher(progress=watch).load(descriptor, folder, LoadOptions(is_dry_run=True))
    assert seen == {"organisations": 1_203}


# What is refused ------------------------------------------------------------------------------


def test_removing_more_than_a_tenth_is_refused(dataset, load, published) -> None:
    load(dataset("list", TEN))
    before = published.quads()
    with pytest.raises(TooManyRemovals) as caught:
        load(dataset("list", TEN[2:]))
    assert (caught.value.gone, caught.value.held) == (2, 10)
    assert published.quads() == before
    assert totals(load(dataset("list", TEN[1:])))[2] == 1, "a tenth is not more than a tenth"


def test_removing_more_than_a_tenth_may_be_allowed(dataset, load) -> None:
    load(dataset("list", TEN))
    report = load(dataset("list", TEN[5:]), may_remove=True)
    assert totals(report) == (0, 0, 5, 5)


def test_a_cut_file_of_one_table_is_refused(dataset, load) -> None:
    """Half of the organisations gone is too many, however many figures there are beside."""
    figures = [f"{n},{year},5" for n in range(10) for year in range(2000, 2010)]
    load(dataset("list", TEN, figures=figures))
    with pytest.raises(TooManyRemovals):
        load(dataset("list", TEN[5:], figures=figures))


def test_strict_publishes_all_or_nothing(dataset, load, settings: Settings) -> None:
    folder = dataset("list", [*TEN, "x,,mutual"])
    with pytest.raises(NotConforming, match=r"organisations\.csv, row 12"):
        load(folder, is_strict=True)
    assert not Layout(settings.home).current.exists()
    assert load(dataset("list", TEN), is_strict=True).is_new_commit


def test_a_file_of_which_nothing_can_be_published_is_refused(dataset, load) -> None:
    with pytest.raises(NotConforming, match="no row"):
        load(dataset("list", ["1,,mutual"]))
    with pytest.raises(NotConforming, match="no rows"):
        load(dataset("list", []))


def test_a_folder_without_the_main_file_is_refused(dataset, load) -> None:
    folder = dataset("list", TEN)
    (folder / "organisations.csv").unlink()
    with pytest.raises(InputError, match=r"organisations\*\.csv"):
        load(folder)


def test_an_edition_before_the_first_is_refused(sample, load) -> None:
    with pytest.raises(InputError, match="up to edition 2020"):
        load(sample / "flipside", edition="2020")
    with pytest.raises(UsageError, match="no edition"):
        load(sample / "flipside", edition="latest")


def test_a_refused_load_leaves_no_trace(dataset, load, published) -> None:
    load(dataset("list", TEN))
    broken = dataset("list", [*TEN, "11,New,mutual"], shops=['"broken'])
    with pytest.raises(InputError) as caught:
        load(broken)
    assert caught.value.source == "shops.csv"
    (broken / "shops.csv").unlink()
    assert totals(load(broken)) == (1, 0, 0, 10)


def test_another_base_is_refused(sample_home, sample, load) -> None:
    other = Settings(home=sample_home, base="https://other.example/")
    with pytest.raises(UsageError, match="w3id.org"):
        load(sample / "flipside", into=other)


def test_names_hang_off_the_base(dataset, load, settings: Settings, quads) -> None:
    home = Settings(home=settings.home, base="https://coops.example/names/")
    load(dataset("list", ["1,A,mutual,,,1 High St"]), into=home)
    names = {q.subject.value for q in quads(settings.home) if "/id/" in str(q.subject)}
    assert names
    assert all(name.startswith("https://coops.example/names/id/") for name in names)
