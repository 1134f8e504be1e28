"""Work on batches, shared out to processes where there is much of it; results in order.

The processes are spawned, so they hold nothing of this one's; what they are to work with is
pickled once, into a file that they read. They end when the work does, or this process.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar, cast

from coopgraph.errors import CoopgraphError
from coopgraph.isolation import die_with_parent

Item = TypeVar("Item")
Batch = TypeVar("Batch")
Result = TypeVar("Result")

_WAITING = 2  # batches for each process that are under way or wait


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of ``size``, the last perhaps shorter.

    >>> list(batched("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def shared_out(
    batches: Iterable[Batch],
    own: Callable[[Batch], Result],
    make: Callable[..., Callable[[Batch], Result]],
    arguments: tuple[object, ...],
    processes: int,
    *,
    alone: int = 1,
) -> Generator[Result, None, None]:
    """What each batch leads to, in the order of the batches.

    The first ``alone`` batches, or all with fewer than two ``processes``, are done here by
    ``own``; the others by what ``make(*arguments)`` gives in each process. At most two batches
    for each process are taken in advance. Closing it ends the processes. Raises CoopgraphError
    where a process dies.
    """
    source = iter(batches)
    few = source if processes < 2 else islice(source, alone)
    for batch in few:
        yield own(batch)
    for first in source:  # there is more, and at least two processes
        yield from _by_processes(_joined(first, source), make, arguments, processes)


def _by_processes(
    batches: Iterable[Batch],
    make: Callable[..., Callable[[Batch], Result]],
    arguments: tuple[object, ...],
    processes: int,
) -> Iterator[Result]:
    with NamedTemporaryFile(prefix="coopgraph-") as shared:
        # Not by the pipe that starts a process: to one that dies meanwhile, it blocks for ever.
        pickle.dump((make, arguments), shared)
        shared.flush()
        pool = ProcessPoolExecutor(
            processes,
            multiprocessing.get_context("spawn"),
            _set_up,
            (os.getpid(), shared.name),
        )
        yield from _by_pool(pool, batches, _WAITING * processes)


def _by_pool(pool: ProcessPoolExecutor, batches: Iterable[Batch], most: int) -> Iterator[Result]:
    work = cast("Callable[[Batch], Result]", _work)
    under_way: deque[Future[Result]] = deque()
    try:
        for batch in batches:
            under_way.append(pool.submit(work, batch))
            if len(under_way) > most:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        raise CoopgraphError(
            "A process that shared in the work has ended: for want of memory, or because the "
            "program that called has no “if __name__ == '__main__':” around its call. Make room, "
            "or let one process do it all: COOPGRAPH_LOAD_PROCESSES=1."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _joined(first: Batch, rest: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    yield from rest


class _Member:
    """What this process, where it is one of a crew, was made to do."""

    hand: Callable[..., object]


def _set_up(owner: int, shared: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner is interrupted, and ends the work
    if sys.platform == "linux":
        die_with_parent(owner)
    make, arguments = pickle.loads(Path(shared).read_bytes())  # written by the owner
    _Member.hand = make(*arguments)


def _work(batch: object) -> object:
    return _Member.hand(batch)
