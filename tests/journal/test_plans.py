"""Small commits ask the journal for what they touch, and never look through all that it holds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coopgraph.journal import Journal, QuarantinedRow, State, build_dictionary
from coopgraph.publish import identities
from coopgraph.publish.held import Asked

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
LARGE = ("states", "heads", "identities", "organizations", "catalogued")
_NAMES = rf"({'|'.join(LARGE)}|[a-z])\b"  # or short for one of them
_SCANNED = re.compile(rf"^(SCAN {_NAMES}|SEARCH {_NAMES}.*\(dataset=\?\)$)")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.create(tmp_path / "journal.sqlite", "https://example.org/", WORDS)
    edit(journal, *(state(str(number)) for number in range(50)), state("1.1", parent="1"))
    yield journal
    journal.close()


WORDS = build_dictionary([])


def state(key: str, lines: str | None = "said", *, parent: str = "") -> State:
    return State("a", key, "parts" if parent else "main", parent, ("id",), (key,), lines)


def finish(journal: Journal, commit: object, action: str) -> None:
    commit.finish(  # type: ignore[attr-defined]
        at=NOON, who="", action=action, dataset="a", edition="", message="", report={}
    )


def edit(journal: Journal, *states: State, action: str = "load") -> None:
    commit = journal.begin()
    commit.write(states)
    commit.identify("a", [s.key for s in states if not s.parent and s.lines is not None])
    row = QuarantinedRow("main", 1, "9", ("id",), ("9",), ({"message": "no"},))
    commit.quarantine("a", [row])
    commit.describe("a", "title: A")
    finish(journal, commit, action)


def everything_of_an_edit(journal: Journal) -> None:
    """What publishing some records asks, and merging organisations."""
    held = Asked(journal, "a")
    assert not held.is_news("main", "5", b"") or held.digest("main", "5")
    edit(journal, state("5", "other"), state("1.1", parent="2"), state("6", None), action="update")
    one, two = (journal.organization_of("a", key) for key in "12")
    assert one is not None
    assert two is not None
    commit = journal.begin()
    identities.merge(journal, commit, one, two)
    finish(journal, commit, "merge")
    journal.abandon_unfinished()
    for sequence in (2, 3):
        journal.reassigned(sequence)
        journal.count_touched(sequence)
        for name in journal.touched(sequence):
            journal.records_of(name, sequence)
    assert journal.counts("a") == {"main": 49, "parts": 1}
    journal.count_organizations("a")
    journal.last_commit("a")
    assert not journal.is_catalogued("a", 2)
    journal.catalogue("a", 2, ["said"], is_merged=True)
    journal.is_marked(3)
    journal.mark_published(3, NOON)


def test_an_edit_looks_through_nothing_large(journal: Journal) -> None:
    asked: list[str] = []
    journal._db.set_trace_callback(asked.append)
    everything_of_an_edit(journal)
    journal._db.set_trace_callback(None)
    statements = [text for text in asked if text.startswith(("SELECT", "DELETE", "INSERT"))]
    assert len(statements) > 50
    assert [found for text in statements for found in scans(journal._db, text)] == []


def test_a_look_through_all_is_noticed(journal: Journal) -> None:
    for text in (
        "SELECT * FROM heads",
        "SELECT count(*) FROM states s WHERE digest IS NULL",
        "DELETE FROM identities WHERE organization > 'x' OR key = 'y'",
        "SELECT * FROM states s WHERE dataset = 'a' AND (key = '1' OR parent = '1')",
    ):
        assert scans(journal._db, text), text


def scans(db: sqlite3.Connection, statement: str) -> list[str]:
    """The steps of a statement that read a whole table, or a whole dataset, of what grows."""
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    return [f"{step}: {statement}" for step in steps if _SCANNED.match(step)]
