"""A process that has left the network cannot reach even its own machine."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pyoxigraph import Store

from coopgraph.isolation import can_reach_network, leave_network


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
