"""What ``serve`` does before it serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopgraph.cli.serving import prepare
from coopgraph.errors import JournalError, StoreError
from coopgraph.publish import Publisher
from coopgraph.settings import Settings
from coopgraph.store import Layout, Snapshots


def test_a_damaged_journal_does_not_keep_the_last_snapshot_from_being_served(
    sample_home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    Layout(sample_home).journal.write_bytes(b"nonsense" * 1_000)
    prepare(settings)
    said = capsys.readouterr().err
    assert "backup" in said
    assert "Serving commit 2 as it is" in said
    assert Snapshots(sample_home).current().sequence == 2


def test_a_full_disk_does_not_keep_it_either(
    sample_home: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(_: Publisher) -> int:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Publisher, "recover", full)
    prepare(settings)
    assert "The disk is full.\nServing commit 2" in capsys.readouterr().err


def test_where_nothing_can_be_served_the_error_is_told(settings: Settings) -> None:
    settings.home.mkdir()
    Layout(settings.home).journal.write_bytes(b"nonsense" * 1_000)
    with pytest.raises(JournalError):
        prepare(settings)
