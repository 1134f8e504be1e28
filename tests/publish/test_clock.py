"""A clock that goes backwards: commits keep their order in time, and the operator is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, Publisher
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import read_descriptor

LATER = datetime(2031, 5, 1, 12, tzinfo=UTC)
EARLIER = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def load_at(settings, light, publisher):
    """``load_at(time, folder)`` publishes by a clock that stands still; gives what was told."""
    publisher()  # the compiled shapes of the session

    def load(time: datetime, folder) -> list[str]:
        told: list[str] = []
        at = Publisher(settings, light, clock=lambda: time, tell=told.append)
        at.load(read_descriptor(folder, light), folder, LoadOptions())
        return told

    return load


def test_commits_never_go_back_in_time(dataset, load_at, settings, publisher) -> None:
    assert load_at(LATER, dataset("list", ["1,A,mutual"])) == []
    [told] = load_at(EARLIER, dataset("list", ["1,B,mutual"]))
    assert "2026-05-01 12:00:00" in told
    assert "2031-05-01 12:00:00" in told
    assert "Set the clock" in told
    journal = Journal.open(Layout(settings.home).journal)
    assert [commit.at for commit in journal.commits()] == [LATER.isoformat()] * 2
    assert [commit.published_at for commit in journal.commits()] == [LATER.isoformat()] * 2
    assert journal.verify() == []
    journal.close()
    assert Snapshots(settings.home).current().manifest.published == LATER


def test_a_clock_that_was_set_right_is_believed_again(dataset, load_at, settings) -> None:
    load_at(EARLIER, dataset("list", ["1,A,mutual"]))
    assert load_at(LATER, dataset("list", ["1,B,mutual"])) == []
    journal = Journal.open(Layout(settings.home).journal)
    assert journal.last_time() == LATER
    journal.close()
