"""One publisher at a time; readers never wait."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from coopgraph.errors import Locked
from coopgraph.publish import lock
from coopgraph.publish.lock import holder, publishing_lock
from coopgraph.store import Layout, Snapshots


def test_a_second_holder_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "home" / "publish.lock"
    with publishing_lock(path, 0):
        with pytest.raises(Locked) as caught, publishing_lock(path, 0):
            pass
        assert f"({os.getpid()})" in str(caught.value)
        assert "--wait" in str(caught.value)
    with publishing_lock(path, 0):
        pass


def test_a_second_holder_may_wait(tmp_path: Path) -> None:
    path = tmp_path / "publish.lock"
    order = []

    def hold() -> None:
        with publishing_lock(path, 0):
            held.set()
            time.sleep(0.3)
            order.append("first")

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with publishing_lock(path, 30):
        order.append("second")
    holder.join()
    assert order == ["first", "second"]


def test_waiting_ends(tmp_path: Path) -> None:
    path = tmp_path / "publish.lock"
    with publishing_lock(path, 0):
        began = time.monotonic()
        with pytest.raises(Locked), publishing_lock(path, 0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 5


def test_an_error_lets_the_lock_go(tmp_path: Path) -> None:
    path = tmp_path / "publish.lock"
    with pytest.raises(RuntimeError), publishing_lock(path, 0):
        raise RuntimeError
    with publishing_lock(path, 0):
        pass


def test_nothing_is_published_beside_a_publisher(
    sample_home, sample, load, publisher, published
) -> None:
    before = published.quads()
    with publishing_lock(Layout(sample_home).lock, 0):
        for step in (
            lambda: load(sample / "flipside"),
            lambda: publisher().merge("a", "b"),
            publisher().rebuild,
        ):
            with pytest.raises(Locked):
                step()
        assert Snapshots(sample_home).current().sequence == 2, "readers need no lock"
        assert publisher().recover() == 2, "nor does a start where all is well"
    assert published.quads() == before


def test_a_load_waits_for_another(sample_home, sample, publisher, light) -> None:
    from coopgraph.publish import LoadOptions
    from coopgraph.tables.descriptor import read_descriptor

    reports = []

    def publish(name: str) -> None:
        descriptor = read_descriptor(sample / name, light)
        reports.append(publisher(wait_s=60).load(descriptor, sample / name, LoadOptions()))

    threads = [threading.Thread(target=publish, args=(n,)) for n in ("flipside", "northlight")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.sequence for report in reports) == [3, 4]
    assert Snapshots(sample_home).current().sequence == 4


def test_who_holds_the_lock_can_be_looked_up_and_nobody_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "publish.lock"
    assert holder(path) is None
    assert not path.exists()
    with publishing_lock(path, 0):
        assert holder(path) == str(os.getpid())
    assert holder(path) is None
    with publishing_lock(path, 0):
        pass


def test_a_look_at_the_lock_is_not_taken_for_a_publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "publish.lock"
    path.touch()
    look = path.open("rb")
    fcntl.flock(look, fcntl.LOCK_SH)
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: look.close())
    with publishing_lock(path, 0):
        assert look.closed
