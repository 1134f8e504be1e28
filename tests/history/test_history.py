"""What the history of an organisation tells: changes, parts, merges, pages, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from coopgraph.errors import UnknownThing
from coopgraph.history import Historian, History, Kind, dataset_history, history_json, last_listed
from coopgraph.history.history import COMMITS_ON_PAGE, RECORDS_ON_PAGE, RECORDS_SHOWN
from coopgraph.journal import Lookups
from coopgraph.namespaces import CODE, STANDARD, organization_iri, record_iri
from coopgraph.standard import Standard
from tests.history.conftest import Book, inner, said, site, told

ASTER = said("Aster")
KIND = f"{CODE}organisation-kind/"


def kinds(book: Book, organization: str) -> list[list[str]]:
    """Commit by commit, newest first: what became of each record."""
    entries = book.history(organization).entries
    return [[f"{r.change.key} {r.change.kind.value}" for r in entry.records] for entry in entries]


def test_the_first_commit_lists_an_organisation_with_all_it_says(book: Book) -> None:
    book.load({"1": said("Aster", "1 High St", "Leeds", **{"coop:kind": f"<{KIND}mutual>"})})
    history = book.history(book.id("1"))
    assert told(history) == [
        "1 · 1 · listed · Name:  → Aster",
        "1 · 1 · listed · Kind:  → MUTUAL",
        "1 · 1 · listed · Address · Street:  → 1 High St",
        "1 · 1 · listed · Address · Locality:  → Leeds",
    ]
    assert (history.name, history.is_listed, history.heir) == ("Aster", True, "")
    [entry] = history.entries
    commit = entry.commit
    assert (commit.dataset, commit.edition, commit.action) == ("a", "2024", "load")
    assert (commit.message, commit.at) == ("load it", "2024-01-01T13:00:00+00:00")


def test_a_changed_value_is_told_with_what_was_before(book: Book) -> None:
    book.load({"1": said("Aster", **{"coop:kind": f"<{KIND}mutual>"})})
    book.load({"1": said("Aster & Co", **{"coop:kind": f"<{KIND}mutual>"})}, edition="2025")
    newest, oldest = book.history(book.id("1")).entries
    assert (newest.commit.sequence, newest.commit.edition) == (2, "2025")
    assert oldest.commit.sequence == 1
    assert told(book.history(book.id("1")))[:1] == ["2 · 1 · changed · Name: Aster → Aster & Co"]
    assert dict(newest.counts) == {Kind.CHANGED: 1}


def test_values_that_come_and_go_are_told_by_label(book: Book) -> None:
    book.load({"1": said("Aster", **{"coop:kind": f"<{KIND}mutual>|<{KIND}union>"})})
    both = {"coop:kind": f"<{KIND}mutual>|<{KIND}shop>|<{KIND}farm>", "schema:telephone": "+441"}
    book.load({"1": said("Aster", **both)})
    assert told(book.history(book.id("1")))[:2] == [
        "2 · 1 · changed · Kind: UNION → FARM, SHOP",
        "2 · 1 · changed · Telephone:  → +441",
    ]


def test_a_changed_address_is_told_by_its_values(book: Book) -> None:
    book.load({"1": said("Aster", "1 High St", "Leeds")})
    book.load({"1": said("Aster", "2 High St", "Leeds")})
    assert told(book.history(book.id("1")))[:1] == [
        "2 · 1 · changed · Address · Street: 1 High St → 2 High St"
    ]


def test_what_is_only_named_anew_is_not_told(book: Book) -> None:
    address = {"locn:thoroughfare": "1 High St"}
    for name in ("address-old", "address-new"):
        lines = [ASTER, *inner("locn:address", "address", "locn:Address", address, name)]
        book.load({"1": "\n".join(sorted(lines))})
    assert kinds(book, book.id("1")) == [["1 listed"]]


def test_parts_belong_to_the_organisation(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")}, {("s", "1"): site("Shop", "s")})
    book.load({}, {("s", "1"): site("Store", "s"), ("t", "1"): site("Quay", "t")})
    book.load({}, {("t", "1"): None})
    assert told(book.history(book.id("1"))) == [
        "3 · t · gone · Site · Site name: Quay → ",
        "2 · s · changed · Site · Site name: Shop → Store",
        "2 · t · listed · Site · Site name:  → Quay",
        "1 · 1 · listed · Name:  → Aster",
        "1 · s · listed · Site · Site name:  → Shop",
    ]
    assert kinds(book, book.id("2")) == [["2 listed"]]


def test_a_part_that_moves_leaves_one_and_joins_the_other(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")}, {("s", "1"): site("Shop", "s")})
    book.load({}, {("s", "2"): site("Shop", "s")})
    aster, birch = book.id("1"), book.id("2")
    assert told(book.history(aster))[0] == f"2 · s · left · {birch} · Site · Site name: Shop → "
    assert told(book.history(birch))[0] == f"2 · s · joined · {aster} · Site · Site name:  → Shop"


def test_a_part_that_moves_within_an_organisation_says_so(book: Book) -> None:
    book.load({"1": ASTER, "2": ASTER}, {("s", "1"): site("Shop", "s")})
    aster = book.id("1")
    book.merge(book.id("2"), aster)
    book.load({}, {("s", "2"): site("Shop", "s")})
    [record] = book.history(aster).entries[0].records
    assert (record.change.kind, record.change.moved, record.nodes) == (Kind.CHANGED, ("1", "2"), ())


def test_what_is_removed_and_listed_again_is_told(book: Book) -> None:
    book.load({"1": ASTER})
    book.load({"1": None})
    aster = book.id("1")
    assert not book.history(aster).is_listed
    book.load({"1": ASTER})
    assert kinds(book, aster) == [["1 listed again"], ["1 gone"], ["1 listed"]]
    assert told(book.history(aster))[:2] == [
        "3 · 1 · listed again · Name:  → Aster",
        "2 · 1 · gone · Name: Aster → ",
    ]
    assert book.history(aster).is_listed


# Merges -----------------------------------------------------------------------------------------


def test_a_merge_is_told_on_both_sides(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")}, {("s", "2"): site("Shop", "s")})
    aster, birch = book.id("1"), book.id("2")
    book.merge(birch, aster)
    book.load({"2": said("Birch Ltd")})
    assert told(book.history(aster)) == [
        "3 · 2 · changed · Name: Birch → Birch Ltd",
        f"2 · 2 · joined · {birch} · Name:  → Birch",
        f"2 · s · joined · {birch} · Site · Site name:  → Shop",
        "1 · 1 · listed · Name:  → Aster",
    ]
    old = book.history(birch)
    assert [entry.commit.sequence for entry in old.entries] == [2, 1]
    assert told(old)[:2] == [
        f"2 · 2 · left · {aster} · Name: Birch → ",
        f"2 · s · left · {aster} · Site · Site name: Shop → ",
    ]
    assert (old.heir, old.is_listed, old.name) == (aster, False, "Birch")
    [move] = old.entries[0].moves
    assert (move.key, move.old, move.new) == ("2", birch, aster)
    assert old.entries[0].commit.action == "merge"


def test_an_undone_merge_is_told_and_ends(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")})
    aster, birch = book.id("1"), book.id("2")
    book.merge(birch, aster)
    book.split(aster, ("a", "2"))
    assert book.id("2") == birch
    history = book.history(birch)
    assert (history.heir, history.is_listed) == ("", True)
    assert kinds(book, birch) == [["2 joined"], ["2 left"], ["2 listed"]]
    assert kinds(book, aster) == [["2 left"], ["2 joined"], ["1 listed"]]


def test_a_split_founds_an_organisation_that_begins_with_it(book: Book) -> None:
    book.load({"1": ASTER}, dataset="a")
    aster = book.id("1")
    book.load({"1": said("Aster 2")}, dataset="b")
    book.merge(book.id("1", "b"), aster)
    book.load({"3": said("Cedar")}, dataset="b")
    book.merge(book.id("3", "b"), aster)
    book.split(aster, ("b", "1"), ("b", "3"))
    new = book.id("1", "b")
    assert new not in (aster, "")
    assert kinds(book, new) == [["1 joined", "3 joined"]]


def test_merges_one_after_another_lead_to_the_last(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch"), "3": said("Cedar")})
    first, second, third = (book.id(key) for key in "123")
    book.merge(first, second)
    book.merge(second, third)
    assert book.history(first).heir == book.history(second).heir == third
    assert [entry.commit.sequence for entry in book.history(first).entries] == [2, 1]


def test_a_merge_of_what_nobody_lists_any_more_is_told(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")})
    aster, birch = book.id("1"), book.id("2")
    book.load({"2": None})
    book.merge(birch, aster)
    [entry, *_] = book.history(birch).entries
    assert (entry.commit.action, entry.records, len(entry.moves)) == ("merge", (), 1)
    assert [entry.commit.sequence for entry in book.history(aster).entries] == [3, 1]


# What is left out ---------------------------------------------------------------------------------


def test_commits_above_the_snapshot_are_not_there(book: Book) -> None:
    book.load({"1": ASTER})
    aster = book.id("1")
    book.load({"1": said("Aster 2"), "2": said("Birch")})
    book.merge(aster, book.id("2"))
    history = book.history(aster, at=1)
    assert [entry.commit.sequence for entry in history.entries] == [1]
    assert (history.heir, history.is_listed, history.name) == ("", True, "Aster")
    with pytest.raises(UnknownThing, match="ever had the id"):
        book.history(book.id("2"), at=1)


def test_a_commit_that_is_being_written_is_not_there(book: Book) -> None:
    book.load({"1": ASTER})
    with closing(sqlite3.connect(book.path)) as db:
        db.execute(
            "INSERT INTO states SELECT 99, 2, dataset, key, tbl, parent, NULL, NULL, hash, header, "
            "dictionary, NULL FROM states"
        )
        db.commit()
    assert kinds(book, book.id("1")) == [["1 listed"]]


def test_an_unknown_id_is_said_to_be_unknown_with_a_near_one(book: Book) -> None:
    book.load({"1": ASTER})
    known = book.id("1")
    wrong = known[:-1] + ("0" if known[-1] != "0" else "1")
    with pytest.raises(UnknownThing, match="ever had the id") as caught:
        book.history(wrong)
    assert caught.value.suggestion == known


# Pages ----------------------------------------------------------------------------------------


def test_long_histories_come_in_pages(book: Book) -> None:
    for number in range(COMMITS_ON_PAGE + 2):
        book.load({"1": said(f"Aster {number}")})
    aster = book.id("1")
    first, second = book.history(aster), book.history(aster, 2)
    assert (first.commits, first.pages, second.page) == (COMMITS_ON_PAGE + 2, 2, 2)
    shown = [entry.commit.sequence for page in (first, second) for entry in page.entries]
    assert shown == list(range(COMMITS_ON_PAGE + 2, 0, -1))
    with pytest.raises(UnknownThing, match="has 2 pages"):
        book.history(aster, 3)


def test_of_a_large_commit_the_first_records_are_shown_and_all_by_themselves(book: Book) -> None:
    count = RECORDS_ON_PAGE + 5
    parts = {(f"s{n:03}", "1"): site(f"Shop {n}", f"s{n:03}") for n in range(count)}
    book.load({"1": ASTER}, parts)
    book.load({"1": said("Aster 2")}, {("s000", "1"): site("Store", "s000")})
    aster = book.id("1")
    newest, oldest = book.history(aster).entries
    assert [r.change.key for r in newest.records] == ["1", "s000"]
    assert [r.change.key for r in oldest.records][:2] == ["1", "s000"]
    assert (len(oldest.records), oldest.omitted) == (RECORDS_SHOWN, count + 1 - RECORDS_SHOWN)
    assert dict(oldest.counts) == {Kind.LISTED: count + 1}
    pages = [book.history(aster, number, commit=1) for number in (1, 2)]
    assert [(page.commit, page.pages) for page in pages] == [(1, 2), (1, 2)]
    shown = [r.change.key for page in pages for entry in page.entries for r in entry.records]
    assert shown == ["1", *(key for key, _ in parts)]
    with pytest.raises(UnknownThing, match="Commit 3 changed nothing here"):
        book.history(aster, commit=3)


def test_of_too_much_the_newest_is_told(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopgraph.history.history.MOST_STATES", 3)
    book.load({"1": ASTER}, {("s", "1"): site("0", "s")})
    for number in range(1, 6):
        book.load({}, {("s", "1"): site(str(number), "s")})
    history = book.history(book.id("1"))
    assert history.since == 4
    assert [line.rpartition(": ")[2] for line in told(history)] == ["4 → 5", "3 → 4", "2 → 3"]


def test_every_look_up_goes_by_an_index(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")}, {("s", "1"): site("Shop", "s")})
    aster = book.id("1")
    book.load({"3": said("Cedar")})
    book.load({"3": None})
    gone = book.id("3")
    book.merge(book.id("2"), aster)
    asked: list[str] = []
    with closing(sqlite3.connect(book.path)) as db:
        db.set_trace_callback(asked.append)
        book.historian(Lookups(db)).organization(aster)
        book.historian(Lookups(db)).record("a", "s")
        dataset_history(Lookups(db), "a", 9)
        last_listed(Lookups(db), gone, 9)
        db.set_trace_callback(None)
        plans = {
            row[3] for query in set(asked) for row in db.execute(f"EXPLAIN QUERY PLAN {query}")
        }
    assert len(asked) > 10
    read = {plan for plan in plans if plan.startswith(("SCAN", "SEARCH"))}
    scanned = {re.sub(r"\d+", "N", plan) for plan in read if plan.startswith("SCAN")}
    assert scanned <= {"SCAN parts", "SCAN (subquery-N)"}, "whole tables are read"
    assert any("USING INDEX states_by_parent (dataset=? AND parent=?)" in plan for plan in read)


# Records, and JSON ----------------------------------------------------------------------------


def test_a_record_has_a_history_of_its_own(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch")}, {("s", "1"): site("Shop", "s")})
    book.load({}, {("s", "2"): site("Store", "s")})
    history = book.ask(lambda lookups: book.historian(lookups).record("a", "s"))
    assert told(history) == [
        "2 · s · changed · Site · Site name: Shop → Store",
        "1 · s · listed · Site · Site name:  → Shop",
    ]
    with pytest.raises(UnknownThing, match="never a record “a/9”"):
        book.ask(lambda lookups: book.historian(lookups).record("a", "9"))


def test_as_json_it_names_things_and_nobody(book: Book) -> None:
    book.load({"1": said("Aster", **{"foaf:homepage": "<https://a.example/>"})})
    aster = book.id("1")
    content = history_json(book.history(aster), STANDARD)
    assert content["organization"] == organization_iri(STANDARD, aster).value
    [entry] = content["entries"]
    [record] = entry["records"]
    assert record["record"] == record_iri(STANDARD, "a", "1").value
    assert record["nodes"][0]["fields"] == [
        {"field": "Name", "key": "name", "property": "http://www.w3.org/2004/02/skos/core#prefLabel",
         "removed": [], "added": [{"text": "Aster", "language": "en"}]},
        {"field": "Homepage", "key": "homepage", "property": "http://xmlns.com/foaf/0.1/homepage",
         "removed": [], "added": [{"text": "https://a.example/", "id": "https://a.example/"}]},
    ]  # fmt: skip
    assert "somebody" not in str(content)


def test_references_lead_to_organisations(book: Book) -> None:
    book.load({"1": ASTER, "2": said("Birch", **{"org:memberOf": "<open:ref/a/1>"})})
    assert told(book.history(book.id("2")))[1] == (
        f"1 · 2 · listed · org:memberOf:  → {book.id('1').upper()}"
    )


def test_what_hidden_datasets_say_is_not_there(book: Book, standard: Standard) -> None:
    def history(organization: str) -> History:
        def question(lookups: Lookups) -> History:
            historian = Historian(lookups, standard, STANDARD, 99, book.name_of, ["b"])
            return historian.organization(organization)

        return book.ask(question)

    book.load({"1": said("Aster")})
    book.load({"9": said("Secret")}, dataset="b")
    aster, secret = book.id("1"), book.id("9", "b")
    book.merge(secret, aster)
    found = history(aster)
    assert [entry.commit.sequence for entry in found.entries] == [1]
    assert "Secret" not in str(found)
    assert "Secret" in str(book.history(aster))
    with pytest.raises(UnknownThing, match=secret):
        history(secret)
