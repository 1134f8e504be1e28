"""The journal: what a commit writes, who sees it when, and that changes to it are noticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from coopgraph.errors import JournalError, UsageError
from coopgraph.iris import is_organization_id, mint
from coopgraph.journal import Commit, Journal, QuarantinedRow, State, build_dictionary, upgrading
from coopgraph.journal import commit as commit_module
from tests.journal.older import SCHEMAS, make_older

BASE = "https://w3id.org/coopgraph/"
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
DICTIONARY = build_dictionary(["http://www.w3.org/2004/02/skos/core#prefLabel"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal.create(path, BASE, DICTIONARY)
    yield journal
    journal.close()


def state(key: str, lines: str | None = "said", *, dataset: str = "a", parent: str = "") -> State:
    table = "parts" if parent else "main"
    return State(dataset, key, table, parent, ("id", "name"), (key, "x"), lines)


def finish(commit: Commit, dataset: str = "a", action: str = "load") -> int:
    return commit.finish(
        at=NOON, who="somebody", action=action, dataset=dataset, edition="2024", message="",
        report={"main": {"read": 1}},
    )  # fmt: skip


def commit(journal: Journal, *states: State, dataset: str = "a") -> int:
    opened = journal.begin()
    opened.write(states)
    opened.identify(dataset, [s.key for s in states if not s.parent and s.lines is not None])
    opened.describe(dataset, "title: A")
    return finish(opened, dataset)


def keys(journal: Journal, dataset: str = "a") -> set[str]:
    return {head.key for head in journal.heads(dataset)}


def organization(journal: Journal, key: str, at: int | None = None) -> str:
    found = journal.organization_of("a", key, at)
    assert found is not None
    return found


# Commits --------------------------------------------------------------------------------------


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert journal.base == BASE
    assert journal.last_sequence() == 0
    assert journal.commits() == journal.datasets() == journal.verify() == []
    assert journal.last_load("a") is None
    assert journal.descriptor("a") is None
    assert journal.quarantined("a") == []


def test_a_commit_can_be_read_back(journal: Journal) -> None:
    assert commit(journal, state("1"), state("p:1", parent="1")) == 1
    [info] = journal.commits()
    assert (info.sequence, info.who, info.action, info.dataset) == (1, "somebody", "load", "a")
    assert (info.edition, info.at, info.published_at) == ("2024", "2024-01-01T12:00:00+00:00", None)
    assert info.report == {"main": {"read": 1}}
    assert journal.last_load("a") == info
    assert journal.datasets() == ["a"]
    assert journal.descriptor("a") == "title: A"
    assert journal.counts("a") == {"main": 1, "parts": 1}
    assert journal.count_organizations("a") == 1
    assert journal.count_touched(1) == 2
    records = journal.records_of(organization(journal, "1"), 1)
    assert [(r.dataset, r.key, r.table, r.lines) for r in records] == [
        ("a", "1", "main", "said"),
        ("a", "p:1", "parts", "said"),
    ]
    assert list(journal.all_records()) == records


def test_nothing_is_seen_before_a_commit_is_finished(path: Path, journal: Journal) -> None:
    commit(journal, state("1"))
    opened = journal.begin()
    opened.write([state("1", "other"), state("2")])
    opened.identify("b", ["9"])
    opened.redirect("old", "new")
    opened.describe("b", "title: B")
    opened.quarantine("a", [QuarantinedRow("main", 3, "3", ("id",), ("3",), ({"message": "no"},))])
    reader = Journal.open(path)
    assert reader.last_sequence() == 1
    assert keys(reader) == {"1"}
    assert reader.datasets() == ["a"]
    assert reader.descriptor("b") is None
    assert reader.redirects() == {}
    assert reader.organization_of("b", "9") is None
    assert reader.quarantined("a") == []
    assert [r.lines for r in reader.all_records()] == ["said"]
    assert reader.verify() == []
    reader.close()


def test_what_is_not_finished_is_abandoned(journal: Journal) -> None:
    commit(journal, state("1"))
    opened = journal.begin()
    opened.write([state("2")])
    opened.identify("a", ["2"])
    journal.abandon_unfinished()
    assert commit(journal, state("3")) == 2
    assert keys(journal) == {"1", "3"}
    assert journal.organization_of("a", "2") is None
    assert journal.verify() == []


def test_beginning_abandons_what_a_dead_writer_left(journal: Journal) -> None:
    journal.begin().write([state("1")])
    assert commit(journal, state("2")) == 1
    assert keys(journal) == {"2"}


def test_states_may_be_taken_back_before_the_end(journal: Journal) -> None:
    opened = journal.begin()
    opened.write([state("1"), state("2")])
    opened.drop("a", ["2"])
    finish(opened)
    assert keys(journal) == {"1"}


def test_a_removal_takes_a_record_out_and_keeps_its_past(journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    commit(journal, state("1", None))
    assert keys(journal) == {"2"}
    name = organization(journal, "1")
    assert journal.records_of(name, 2) == []
    assert [r.lines for r in journal.records_of(name, 1)] == ["said"]
    assert [r.key for r in journal.all_records()] == ["2"]
    commit(journal, state("1", "again"))
    assert organization(journal, "1") == name
    assert [r.lines for r in journal.records_of(name, 3)] == ["again"]


def test_the_latest_states_are_the_heads(journal: Journal) -> None:
    commit(journal, state("1", "one"), state("2", "two"))
    commit(journal, state("2", "second"), state("3", "three"))
    expected = {"1": state("1", "one"), "2": state("2", "second"), "3": state("3", "three")}
    assert {h.key: h.digest for h in journal.heads("a")} == {
        key: item.digest for key, item in expected.items()
    }
    assert {r.key: r.lines for r in journal.all_records()} == {
        key: item.lines for key, item in expected.items()
    }


def test_datasets_do_not_mix(journal: Journal) -> None:
    commit(journal, state("1", "of a"))
    commit(journal, state("1", "of b", dataset="b"), dataset="b")
    assert keys(journal, "a") == keys(journal, "b") == {"1"}
    assert journal.organization_of("a", "1") != journal.organization_of("b", "1")
    assert [c.sequence for c in journal.commits("b")] == [2]


def test_commits_are_marked_when_they_are_published(journal: Journal) -> None:
    commit(journal, state("1"))
    commit(journal, state("2"))
    journal.mark_published(1, NOON)
    assert [c.published_at for c in journal.commits()] == [NOON.isoformat(), None]
    later = NOON.replace(hour=13)
    journal.mark_published(2, later)
    assert [c.published_at for c in journal.commits()] == [NOON.isoformat(), later.isoformat()]
    assert journal.verify() == []


def test_records_are_counted_as_they_come_change_and_go(journal: Journal, path: Path) -> None:
    def counted() -> tuple[dict[str, int], int]:
        assert journal.verify() == []
        return journal.counts("a"), journal.count_organizations("a")

    assert counted() == ({}, 0)
    commit(journal, state("1"), state("2"), state("1.1", parent="1"), state("1.2", parent="1"))
    assert counted() == ({"main": 2, "parts": 2}, 2)
    commit(journal, state("1", "other"), state("1.2", parent="2"), state("3"), state("4", None))
    assert counted() == ({"main": 3, "parts": 2}, 3)
    # A record that was a part stands by itself, in another table.
    commit(journal, state("1.2"), state("1.1", None), state("2", None))
    assert counted() == ({"main": 3}, 3)
    commit(journal, state("9", dataset="b"), dataset="b")
    assert (journal.counts("b"), counted()) == ({"main": 1}, ({"main": 3}, 3))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE tallies SET records = records + 1 WHERE dataset = 'b'")
    db.close()
    assert journal.verify() == ["the records of b are not as many as are counted"]


def test_quarantined_rows_are_those_of_the_last_load(journal: Journal) -> None:
    row = QuarantinedRow("main", 3, "3", ("id", "name"), ("3", "é"), ({"message": "no"},))
    for rows in ([row], []):
        opened = journal.begin()
        opened.quarantine("a", rows)
        finish(opened)
        assert journal.quarantined("a") == rows


# Digests --------------------------------------------------------------------------------------


def test_equal_states_have_equal_digests_whatever_their_rows() -> None:
    one = State("a", "1", "main", "", ("id",), ("1",), "said")
    other = State("a", "1", "main", "", ("id", "x"), ("1", "y"), "said")
    assert one.digest == other.digest


def test_states_differ_by_what_they_say_and_of_whom() -> None:
    digests = {
        state("p", lines, parent=parent).digest
        for lines in ("said", "other", "")
        for parent in ("1", "2")
    }
    assert len(digests) == 6
    assert state("1", None).digest is None


# Identities -----------------------------------------------------------------------------------


def test_an_organisation_is_minted_once(journal: Journal) -> None:
    commit(journal, state("1"))
    first = organization(journal, "1")
    assert is_organization_id(first)
    assert first == mint("a", "1")
    commit(journal, state("1", "changed"))
    assert organization(journal, "1") == first


def test_a_taken_id_is_not_given_again(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_module, "mint", lambda d, k, attempt: f"id-{attempt}")
    commit(journal, state("1"), state("2"))
    commit(journal, state("3"))
    assert [organization(journal, key) for key in "123"] == ["id-0", "id-1", "id-2"]


def test_identities_are_as_of_a_sequence(journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    one, two = organization(journal, "1"), organization(journal, "2")
    opened = journal.begin()
    opened.assign("a", "2", one)
    opened.redirect(two, one)
    finish(opened, action="merge")
    assert organization(journal, "2") == one
    assert organization(journal, "2", at=1) == two
    assert journal.keys_of(one) == [("a", "1"), ("a", "2")]
    assert journal.keys_of(two) == []
    assert journal.keys_of(two, at=1) == [("a", "2")]
    assert journal.redirects() == {two: one}
    assert journal.reassigned(2) == [two]
    assert journal.reassigned(1) == []
    assert {r.organization for r in journal.all_records()} == {one}
    assert [r.key for r in journal.records_of(one, 2)] == ["1", "2"]
    assert [r.key for r in journal.records_of(one, 1)] == ["1"]


def test_an_id_that_has_got_records_back_redirects_no_more(journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    one, two = organization(journal, "1"), organization(journal, "2")
    for new in (one, two):
        opened = journal.begin()
        opened.assign("a", "2", new)
        if new == one:
            opened.redirect(two, one)
        finish(opened, action="merge")
    assert journal.redirects() == {}
    assert journal.former_of("a", "2") == [(two, 2), (one, 3)]
    assert journal.former_of("a", "1") == []
    assert journal.ever_of(one) == [("a", "1"), ("a", "2")]


def test_published_records_have_a_parent_or_stand_by_themselves(journal: Journal) -> None:
    commit(journal, state("1"), state("p:1", parent="1"))
    assert [journal.parent_of("a", key) for key in ("1", "p:1", "9")] == ["", "1", None]
    commit(journal, state("1", None))
    assert journal.parent_of("a", "1") is None


def test_a_commit_touches_the_organisations_of_its_records(journal: Journal) -> None:
    commit(journal, state("1"), state("2"), state("3"))
    one, two = organization(journal, "1"), organization(journal, "2")
    commit(journal, state("1", "changed"), state("p:1", parent="2"))
    assert journal.touched(2) == sorted([one, two])
    commit(journal, state("1", None))
    assert journal.touched(3) == [one]


def test_a_commit_touches_organisations_before_and_after_a_merge(journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    one, two = organization(journal, "1"), organization(journal, "2")
    opened = journal.begin()
    opened.assign("a", "2", one)
    finish(opened, action="merge")
    assert journal.touched(2) == sorted([one, two])


def test_a_record_that_moves_touches_the_organisation_it_leaves(journal: Journal) -> None:
    commit(journal, state("1"), state("2"), state("p:1", parent="1"))
    one, two = organization(journal, "1"), organization(journal, "2")
    commit(journal, state("p:1", parent="2"))
    assert journal.touched(2) == sorted([one, two])
    assert [r.key for r in journal.records_of(one, 2)] == ["1"]
    assert [r.key for r in journal.records_of(two, 2)] == ["2", "p:1"]


# Damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE commits SET who = 'another' WHERE sequence = 1",
        "UPDATE commits SET report = '{}' WHERE sequence = 1",
        "UPDATE commits SET at = '2020-01-01T00:00:00+00:00' WHERE sequence = 2",
        "UPDATE commits SET states_hash = zeroblob(32) WHERE sequence = 1",
        "UPDATE commits SET chain = zeroblob(32) WHERE sequence = 1",
        "DELETE FROM commits WHERE sequence = 1",
        "DELETE FROM states WHERE key = '1'",
        "UPDATE states SET hash = zeroblob(32) WHERE key = '1'",
        "UPDATE states SET salt = zeroblob(16) WHERE key = '1'",
        "UPDATE states SET key = '9' WHERE key = '1'",
        "UPDATE states SET parent = '9' WHERE key = 'p:1'",
        "UPDATE states SET tbl = 'other' WHERE key = '1'",
        "UPDATE states SET content = zeroblob(20) WHERE key = '1'",
        "UPDATE states SET content = (SELECT content FROM states WHERE key = '2') WHERE key = '1'",
    ],
)
def test_tampering_is_found(tampering: str, path: Path, journal: Journal) -> None:
    commit(journal, state("1", "one"), state("2", "two"), state("p:1", parent="1"))
    commit(journal, state("3"))
    assert journal.verify() == []
    with sqlite3.connect(path) as db:
        assert db.execute(tampering).rowcount == 1
    db.close()
    assert journal.verify()


def test_erased_content_still_verifies(path: Path, journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE states SET content = NULL, salt = NULL WHERE key = '1'")
    db.close()
    assert journal.verify() == []


def test_a_missing_journal_is_refused(path: Path) -> None:
    with pytest.raises(JournalError, match="no journal"):
        Journal.open(path)


@pytest.mark.parametrize("content", [b"this is no database at all", b"\0" * 5000])
def test_a_file_that_is_no_journal_is_refused_and_kept(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match="cannot be read"):
        Journal.open_or_create(path, BASE, b"")
    assert path.read_bytes() == content


def test_a_journal_of_another_version_is_refused(path: Path, journal: Journal) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    db.close()
    for opening in (Journal.open, lambda path: Journal.open_or_create(path, BASE, b"")):
        with pytest.raises(JournalError, match="schema 99.*newer version"):
            opening(path)


def _made_of(path: Path) -> dict[str, str]:
    """Tables and indexes, and the columns of each."""
    db = sqlite3.connect(path)
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master")]
    columns = {name: str(db.execute(f"PRAGMA table_xinfo({name})").fetchall()) for name in names}
    columns |= {name: str(db.execute(f"PRAGMA index_info({name})").fetchall()) for name in names}
    db.close()
    return columns


@pytest.mark.parametrize("schema", [1, 2])
def test_a_journal_of_an_older_schema_is_brought_up_by_a_publisher_alone(
    path: Path, tmp_path: Path, schema: int
) -> None:
    journal = Journal.create(path, BASE, DICTIONARY)
    commit(journal, state("1"), state("2"), state("1.1", parent="1"))
    commit(journal, state("2", None))
    counts, made_of = journal.counts("a"), _made_of(path)
    journal.close()
    make_older(path, schema)
    first = tmp_path / "first.sqlite"
    with sqlite3.connect(first) as db:
        db.executescript(SCHEMAS[schema].read_text())
    db.close()
    assert _made_of(path) == _made_of(first)
    for open_it, is_upgraded in (
        (partial(Journal.open, to_read=True), False),
        (Journal.open, False),
        (partial(Journal.open_or_create, base=BASE, words=b""), True),
        (Journal.open, True),
    ):
        journal = open_it(path)
        assert (journal.verify(), journal.counts("a")) == ([], counts)
        assert journal.count_organizations("a") == 1
        journal.close()
        assert _made_of(path) == (made_of if is_upgraded else _made_of(first))


def test_an_upgrade_that_is_cut_short_leaves_the_older_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(path, BASE, DICTIONARY)
    commit(journal, state("1"))
    journal.close()
    make_older(path, 1)
    before = _made_of(path)
    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "count_anew", lambda db: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            Journal.open_or_create(path, BASE, DICTIONARY)
    assert _made_of(path) == before
    journal = Journal.open_or_create(path, BASE, DICTIONARY)
    assert (journal.verify(), journal.counts("a")) == ([], {"main": 1})
    journal.close()


def test_an_unfinished_new_journal_is_made_again(path: Path) -> None:
    path.touch()
    path.with_name("journal.sqlite-wal").write_bytes(b"junk")
    journal = Journal.open_or_create(path, BASE, DICTIONARY)
    assert commit(journal, state("1")) == 1
    journal.close()


def test_a_base_is_fixed_by_the_first(path: Path, journal: Journal) -> None:
    with pytest.raises(UsageError, match=r"https://other\.example/"):
        Journal.open_or_create(path, "https://other.example/", b"")
    again = Journal.open_or_create(path, BASE, b"")
    assert again.base == BASE
    again.close()


def test_what_was_finished_survives_without_a_clean_end(path: Path, journal: Journal) -> None:
    commit(journal, state("1"))
    copies = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    folder = path.parent / "copy"
    folder.mkdir()
    for name, content in copies.items():
        (folder / name).write_bytes(content)
    crashed = Journal.open(folder / path.name)
    assert crashed.last_sequence() == 1
    assert keys(crashed) == {"1"}
    crashed.close()


def test_what_can_be_read_is_settled_though_others_read(path: Path, journal: Journal) -> None:
    commit(journal, state("1"))
    reader = Journal.open(path)
    writer = Journal.open(path)
    writer.settle()
    bare = path.with_name("bare.sqlite")  # without its log, as if that had been lost
    bare.write_bytes(path.read_bytes())
    settled = Journal.open(bare)
    assert settled.last_sequence() == 1
    for opened in (reader, writer, settled):
        opened.close()


def test_another_program_s_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (n)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="no such table: meta"):
        Journal.open_or_create(path, BASE, b"")
    assert path.read_bytes() == before or b"theirs" in path.read_bytes()


def test_damage_to_what_no_hash_covers_is_found(path: Path, journal: Journal) -> None:
    commit(journal, state("1", "one"), state("2", "two"), state("p:1", parent="1"))
    commit(journal, state("1", "changed"))
    for damage, problem in (
        ("UPDATE identities SET organization = '7k3m9qx2c4-h9' WHERE key = '1'", "no id"),
        ("DELETE FROM identities WHERE key = '2'", "about no organisation"),
        ("UPDATE heads SET digest = zeroblob(16) WHERE key = '1'", "not published as"),
        ("DELETE FROM heads WHERE key = 'p:1'", "not published as"),
        ("UPDATE heads SET state = 1 WHERE key = '1'", "not published as"),
    ):
        with sqlite3.connect(path) as db:
            assert db.execute(damage).rowcount == 1
        db.close()
        assert [found for found in journal.verify() if problem in found], damage


def test_a_damaged_state_is_an_error_that_names_it(path: Path, journal: Journal) -> None:
    commit(journal, state("1"), state("2"))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE states SET content = zeroblob(20) WHERE key = '2'")
    db.close()
    with pytest.raises(JournalError, match="damaged at a/2.*backup"):
        list(journal.all_records())


def test_the_last_commit_s_time_is_known(journal: Journal) -> None:
    assert journal.last_time() is None
    commit(journal, state("1"))
    assert journal.last_time() == NOON


# Size -----------------------------------------------------------------------------------------


def test_states_are_small(journal: Journal, path: Path) -> None:
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    states = [
        state(str(n), f'<open:self> {label} "Number {n}"@en .\n<open:self> {label} "N{n}"@fr .')
        for n in range(500)
    ]
    commit(journal, *states)
    with sqlite3.connect(path) as db:
        [(size,)] = db.execute("SELECT avg(length(content)) FROM states")
    db.close()
    plain = sum(len(item.lines or "") for item in states) / len(states)
    assert size < plain * 0.6, "the dictionary no longer helps"
