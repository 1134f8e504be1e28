"""A process that has left the network cannot reach even its own machine."""

from __future__ import annotations

import ctypes
import errno
import gc
import mmap
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from pyoxigraph import Store

from coopgraph.errors import ShapeError
from coopgraph.isolation import (
    can_reach_network,
    die_with_parent,
    enter_own_network,
    forgo_privileges,
    leave_network,
    limit_growth,
    refuse_sockets,
    run_apart,
)
from coopgraph.rdf import read_turtle


@contextmanager
def sink() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine that listens, and what it has heard."""
    heard: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    heard.append(connection.recv(1_000))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            over.set()
            thread.join()


def in_child(act: Callable[[], bool]) -> bool:
    """What a function says in a child process, which it may change for good."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = 0 if act() else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 1), "the child failed"
    return code == 0


def connects(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"hello")
            return True
    except OSError:
        return False


def asks(port: int) -> bool:
    """Whether the query engine gets a SERVICE request out."""
    query = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
    try:
        list(Store().query(query))  # type: ignore[arg-type]
    except OSError as error:
        return "Connection refused" not in str(error)
    return True


@pytest.mark.parametrize("act", [connects, asks])
def test_nothing_gets_out_of_a_process_that_left_the_network(act: Callable[[int], bool]) -> None:
    with sink() as (port, heard):
        in_child(lambda: act(port))
        assert len(heard) == 1, "the sink hears what is let out"
        heard.clear()
        has_left = in_child(leave_network)
        in_child(lambda: leave_network() and act(port))
        assert bool(heard) is False
        assert in_child(lambda: leave_network() and connects(port)) is False
        assert has_left or in_child(lambda: connects(port))


def test_it_says_truly_whether_it_left() -> None:
    assert can_reach_network()
    assert in_child(lambda: leave_network() is not can_reach_network())


def test_sockets_it_had_before_keep_working() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        child = os.fork()
        if child == 0:
            leave_network()
            connection, _ = listener.accept()
            connection.sendall(b"here")
            connection.close()
            os._exit(0)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            assert connection.recv(10) == b"here"
        os.waitpid(child, 0)


def test_leaving_twice_is_leaving_once() -> None:
    assert in_child(lambda: leave_network() is leave_network())


def test_files_stay_readable_and_one_stays_oneself() -> None:
    def act() -> bool:
        before = os.geteuid(), os.getegid()
        leave_network()
        with open(__file__, encoding="utf-8") as source:
            return bool(source.read()) and before == (os.geteuid(), os.getegid())

    assert in_child(act)


def test_sockets_are_refused_where_the_machine_is_known() -> None:
    def act() -> bool:
        if not refuse_sockets():
            return platform.machine() not in ("x86_64", "aarch64")
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
            with pytest.raises(PermissionError), socket.socket(family):
                pass
        ours, theirs = socket.socketpair()
        with ours, theirs, open(__file__, encoding="utf-8") as source:
            ours.sendall(b"still here")
            return theirs.recv(20) == b"still here" and bool(source.read())

    assert in_child(act)


@pytest.mark.parametrize("act", [connects, asks])
def test_a_filter_alone_lets_nothing_out(act: Callable[[int], bool]) -> None:
    with sink() as (port, heard):
        in_child(lambda: refuse_sockets() and act(port))
        assert not heard


def test_a_network_of_its_own_leads_to_itself_and_nowhere_else() -> None:
    def act(port: int) -> bool:
        if not enter_own_network():
            return can_reach_network()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            return connects(listener.getsockname()[1]) and not connects(port)

    with sink() as (port, heard):
        assert in_child(lambda: act(port))
        assert not heard


def test_memory_and_files_grow_to_their_limits_and_no_further() -> None:
    def act() -> bool:
        gc.collect()  # what other tests left must not be given back after the limit is set
        limit_growth(64 << 20, 1 << 20, 16 << 20)
        kept = bytearray(32 << 20)
        with pytest.raises(MemoryError):
            bytearray(96 << 20)
        file = os.memfd_create("file")
        assert os.write(file, bytes(2 << 20)) == 1 << 20
        with pytest.raises(OSError, match="too large"):
            os.write(file, b"x")
        return len(kept) == 32 << 20

    assert in_child(act)


def grow_stack() -> None:
    """Make this process's stack some MB larger, which it stays, and no part of its data."""
    sys.setrecursionlimit(100_000)
    nested: list[object] = []
    for _ in range(20_000):
        nested = [nested]
    repr(nested)


def test_address_space_held_in_reserve_is_no_way_round_the_limit() -> None:
    def act() -> bool:
        grow_stack()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        size = 200 << 20
        private_anonymous = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        reserve = libc.mmap(None, ctypes.c_size_t(size), 0, private_anonymous, -1, 0)
        limit_growth(64 << 20, 1 << 20, 16 << 20)

        def fill(megabytes: int) -> int:
            place, length = ctypes.c_void_p(reserve), ctypes.c_size_t(megabytes << 20)
            return int(libc.mprotect(place, length, mmap.PROT_READ | mmap.PROT_WRITE))

        filled = next(number for number in range(1, 200) if fill(number) != 0)
        return ctypes.get_errno() == errno.ENOMEM and 32 < filled <= 65

    assert in_child(act)


def test_privileges_once_forgone_stay_so() -> None:
    def act() -> bool:
        forgo_privileges()
        with open("/proc/self/status", encoding="utf-8") as status:
            return "NoNewPrivs:\t1" in status.read()

    assert in_child(act)


def test_a_process_dies_with_the_one_that_started_it() -> None:
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        parent = os.getpid()
        if os.fork() == 0:
            die_with_parent(parent)
            theirs.sendall(b"r")
            time.sleep(60)
            os._exit(0)
        theirs.recv(0)
        signal.pause()
    theirs.close()
    with ours:
        ours.settimeout(20)
        assert ours.recv(1) == b"r"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert ours.recv(1) == b"", "the grandchild holds the other end"


def test_a_process_whose_parent_is_gone_already_ends_at_once() -> None:
    child = os.fork()
    if child == 0:
        die_with_parent(parent=1)
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


# A function that runs apart -----------------------------------------------------------------------


def test_a_function_apart_has_no_network_and_gives_its_result() -> None:
    assert run_apart(can_reach_network) is False
    assert can_reach_network()


def test_an_error_apart_is_raised_here_with_its_data(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("no Turtle")
    with pytest.raises(ShapeError, match="is no Turtle") as caught:
        run_apart(read_turtle, [path])
    assert caught.value.shape == "a.ttl"


def test_a_process_apart_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = "from coopgraph.isolation import *; run_apart(Path.read_bytes, Path({!r}))"
    with (
        subprocess.Popen([sys.executable, "-c", script.format(str(pipe))]) as parent,
        open(_reader_waits(pipe), "wb", buffering=0) as writing,
    ):
        parent.kill()
        parent.wait()
        with pytest.raises(BrokenPipeError):
            _write_until_nobody_reads(writing)


def _write_until_nobody_reads(pipe: IO[bytes]) -> None:
    """Give up after 20 s."""
    for _ in range(2_000):
        pipe.write(b"x")
        time.sleep(0.01)


def _reader_waits(pipe: Path) -> int:
    """The writing end, once someone reads."""
    for _ in range(2_000):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    raise AssertionError("nobody reads")


def test_the_end_of_a_process_apart_is_told() -> None:
    with pytest.raises(BrokenProcessPool):
        run_apart(os._exit, 1)
