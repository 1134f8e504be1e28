"""What the journal keeps of standards and of the catalogue, for versions of the past."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from coopgraph.errors import JournalError
from coopgraph.journal import Journal, Lookups, ask, build_dictionary
from coopgraph.standard import Standard
from coopgraph.standard.graphs import from_nquads, graphs_of, to_nquads
from tests.journal.older import make_older

BASE = "https://example.org/"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Answer = TypeVar("Answer")


class Kept:
    """A journal of empty commits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        Journal.create(path, BASE, build_dictionary([])).close()

    def commit(self, standard: Standard | None) -> int:
        with closing(Journal.open(self.path)) as journal:
            commit = journal.begin()
            if standard:
                commit.under(standard)
            return commit.finish(
                at=NOON + timedelta(days=commit.sequence), who="", action="load", dataset="a",
                edition="", message="", report={},
            )  # fmt: skip

    def ask(self, question: Callable[[Lookups], Answer]) -> Answer:
        return ask(self.path, question, BASE)

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            for statement in statements:
                db.execute(statement)

    def problems(self) -> list[str]:
        with closing(Journal.open(self.path)) as journal:
            return journal.verify()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "journal.sqlite")


@pytest.fixture
def other(standard: Standard) -> Standard:
    return replace(standard, digest="f" * 16, version="0.0.1")


def test_a_standard_is_read_again_as_it_was_kept(standard: Standard) -> None:
    again = from_nquads(to_nquads(standard), standard.digest)
    assert dict(graphs_of(again)) == {name: tuple(held) for name, held in graphs_of(standard)}
    assert (again.version, again.digest) == (standard.version, standard.digest)
    assert list(again.entity_types) == list(standard.entity_types)
    assert list(again.code_lists) == list(standard.code_lists)
    assert again.crosswalks.keys() == standard.crosswalks.keys()


def test_each_commit_is_under_the_standard_that_it_was_made_with(
    kept: Kept, light: Standard, other: Standard
) -> None:
    for standard in (light, light, other, other, light):
        kept.commit(standard)
    digests = kept.ask(lambda lookups: [lookups.in_force(n).digest for n in range(1, 6)])
    assert digests == [s.digest for s in (light, light, other, other, light)]
    changes = kept.ask(lambda lookups: lookups.changes_of_standard(4))
    assert [(c.sequence, c.version) for c in changes] == [(1, light.version), (3, "0.0.1")]
    with closing(sqlite3.connect(kept.path)) as db:
        assert db.execute("SELECT count(*) FROM standards").fetchone() == (2,)
    assert kept.ask(lambda lookups: lookups.read_kept("f" * 16)).ontology == other.ontology


def test_of_commits_before_the_record_the_first_known_counts(kept: Kept, light: Standard) -> None:
    assert kept.commit(None) == 1
    assert kept.ask(lambda lookups: lookups.in_force(1)) is None
    kept.commit(light)
    found = kept.ask(lambda lookups: lookups.in_force(1))
    assert found is not None
    assert (found.sequence, found.digest) == (2, light.digest)


@pytest.mark.parametrize("schema", [1, 2])
def test_an_older_journal_knows_no_standard_and_no_description(
    kept: Kept, light: Standard, schema: int
) -> None:
    kept.commit(light)
    make_older(kept.path, schema)
    before = kept.path.read_bytes()
    assert kept.ask(lambda lookups: lookups.in_force(1)) is None
    assert kept.ask(lambda lookups: lookups.catalogued_at("a", 1)) is None
    assert kept.path.read_bytes() == before


def test_a_commit_that_was_never_finished_leaves_no_standard(kept: Kept, light: Standard) -> None:
    with closing(Journal.open(kept.path)) as journal:
        journal.begin().under(light)
        journal.abandon_unfinished()
    with closing(sqlite3.connect(kept.path)) as db:
        assert db.execute("SELECT count(*) FROM standards").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM in_force").fetchone() == (0,)


def test_a_damaged_standard_is_noticed(kept: Kept, light: Standard) -> None:
    kept.commit(light)
    assert kept.problems() == []
    kept.run("UPDATE standards SET content = substr(content, 1, 900)")
    assert kept.problems() == [f"the standard {light.digest} is damaged"]
    kept.run("DELETE FROM standards")
    assert kept.problems() == [f"the standard {light.digest} is missing"]
    noted = kept.ask(lambda lookups: lookups.in_force(1))
    assert noted is not None
    assert noted.digest == light.digest  # no other takes its place
    for digest in (light.digest, "unknown"):
        with pytest.raises(JournalError, match="cannot be read"):
            kept.ask(lambda lookups, digest=digest: lookups.read_kept(digest))  # type: ignore[misc]


def test_a_standard_without_organisations_is_not_taken_for_one(kept: Kept, light: Standard) -> None:
    kept.commit(light)
    with closing(sqlite3.connect(kept.path)) as db, db:
        db.execute("UPDATE standards SET content = ?", (zlib.compress(b""),))
    with pytest.raises(JournalError, match="no shape of organisations"):
        kept.ask(lambda lookups: lookups.read_kept(light.digest))


def test_a_dataset_is_told_as_the_last_commit_until_then_described_it(kept: Kept) -> None:
    for number in (1, 2, 3):
        kept.commit(None)
        with closing(Journal.open(kept.path)) as journal:
            assert not journal.is_catalogued("a", number)
            if number != 2:
                journal.catalogue("a", number, [f"line {number}", "x"], is_merged=number == 1)
                assert journal.is_catalogued("a", number)
    found = kept.ask(lambda lookups: [lookups.catalogued_at("a", n) for n in range(4)])
    assert found[0] is None
    told = [(c.sequence, c.is_merged, c.lines) for c in found[1:] if c]
    assert told == [
        (1, True, ("line 1", "x")),
        (1, True, ("line 1", "x")),
        (3, False, ("line 3", "x")),
    ]
    assert kept.ask(lambda lookups: lookups.first_catalogued("a")) == 1
    assert kept.ask(lambda lookups: lookups.first_catalogued("b")) == 0
    commits = kept.ask(lambda lookups: lookups.catalogued_commits("a", 3))
    assert [commit.sequence for commit in commits] == [1, 3]
    kept.run("UPDATE catalogued SET content = X'00' WHERE sequence = 3")
    assert kept.problems() == ["how a was described at 3 is damaged"]
    with pytest.raises(JournalError, match="damaged"):
        kept.ask(lambda lookups: lookups.catalogued_at("a", 3))


def test_the_commit_of_a_moment_is_the_last_until_then(kept: Kept) -> None:
    for _ in range(3):
        kept.commit(None)
    moments = [
        (NOON, 0), (NOON + timedelta(days=1), 1), (NOON + timedelta(days=1, hours=23), 1),
        (NOON + timedelta(days=3), 3), (NOON + timedelta(days=900), 3),
        (datetime.fromisoformat("2026-01-03T13:00:00+01:00"), 2),
    ]  # fmt: skip
    for moment, sequence in moments:
        assert kept.ask(lambda lookups, m=moment: lookups.sequence_at(m)) == sequence  # type: ignore[misc]
