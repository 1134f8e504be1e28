"""What passes between the server and the process that checks: the same on both sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.handover import Ending, Reply, Task, safe_name


def test_a_task_and_a_reply_come_out_as_they_went_in() -> None:
    task = Task("list.csv", "json", "One", "de", chosen=(("Firma", "name"), ("Ort", "")))
    assert Task.from_bytes(task.to_bytes()) == task
    reply = Reply(Ending.UNREADABLE, "it is “broken”", "list.csv", 3, "Ort")
    assert Reply.from_bytes(reply.to_bytes()) == reply


def test_a_long_reason_is_cut_so_that_it_fits_into_a_pipe() -> None:
    reply = Reply(Ending.MISUSED, "é" * 100_000, column="x" * 100_000)
    assert len(reply.to_bytes()) < 20_000


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"ending": "gone"}', b'{"ending": "done", "x": 1}']
)
def test_anything_else_is_no_reply(data: bytes) -> None:
    with pytest.raises(ValueError, match="This is no reply"):
        Reply.from_bytes(data)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("members.csv", "members.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\lists\\Mitglieder Süd.xlsx", "Mitglieder Süd.xlsx"),
        ("../../.ssh/", "file"),
        ("...", "file"),
        ("", "file"),
        ("a\0b\r\nc.csv", "abc.csv"),
        ("no suffix", "no suffix"),
        (".csv", "csv"),
    ],
)
def test_a_name_is_as_like_as_can_be(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_any_name_becomes_one_in_the_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe not in (".", "..")
    assert "/" not in safe
    assert "\0" not in safe
    assert len(safe.encode()) <= 255
    assert safe_name(safe) == safe
