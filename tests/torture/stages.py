"""Where a publisher is, told to whoever tortures it; and where it is to die.

In a publisher's process the functions that its stages consist of are wrapped, so that a page of
memory that both share says which stage it is in and which commit it has acknowledged. That page
outlives a SIGKILL. A :class:`Moment` is a stage, and in it either a step (a statement of SQL, an
operation on files, an edit of the store) or a time.
"""

from __future__ import annotations

import mmap
import os
import signal
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coopgraph.journal import Commit, Journal
from coopgraph.journal import journal as journal_module
from coopgraph.publish import derive, indexing
from coopgraph.publish.staging import Staging
from coopgraph.store import EmbeddedStore, Loading, snapshots
from coopgraph.upkeep import backup, restore
from tests.torture import logs

# Stage → the functions that it consists of.
PLACES: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "rows": ((Staging, "run"),),
    "commit": ((Commit, "identify"), (Commit, "assign"), (Commit, "finish")),
    "edits": ((derive.Derivation, "_apply"),),
    "fresh store": ((derive.Derivation, "rebuild"),),
    "swap of stores": ((derive, "replace_folder"), (indexing, "replace_folder")),
    "description": ((derive.Derivation, "describe"),),
    "index": ((indexing.TextIndex, "bring_up"),),
    "snapshot": ((derive, "make_snapshot"),),
    "swap of snapshots": ((snapshots, "swap_current"),),
    "old snapshots": ((snapshots, "_remove_old"),),
    "mark": ((Journal, "mark_published"),),
    "backup": ((backup, "_copy"), (backup, "_put")),
    "swap of journals": ((restore.Restoring, "_swap"),),
}
BEGIN = "beginning"
STAGES = (BEGIN, *PLACES)
_STEPS = (
    (EmbeddedStore, "apply"),
    (EmbeddedStore, "set_sequence"),
    (EmbeddedStore, "forget_sequence"),
    (Loading, "add"),
    (Loading, "_load"),
)
_FILES = frozenset(
    "open os.rename os.link os.remove os.rmdir os.mkdir os.symlink sqlite3.connect".split()
)
_PAGE = struct.Struct("<IIQQ")


@dataclass(frozen=True, slots=True)
class Moment:
    """When to die: at a step of a stage, or ``delay_s`` seconds after it begins.

    ``is_unheard``: right after a commit is written and before anybody is told.
    """

    stage: str
    step: int | None = None
    delay_s: float = 0.0
    is_unheard: bool = False


class Page:
    """The shared page: the stage, the last commit acknowledged, and how far the journal's log is
    known to be on the disk: its generation and length in bytes.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_PAGE.size))
        with path.open("r+b") as handle:
            self._memory = mmap.mmap(handle.fileno(), _PAGE.size)

    def read(self) -> tuple[str, int, logs.Known]:
        """The stage, the acknowledged commit, and what of the journal's log is safe."""
        stage, acknowledged, generation, size = _PAGE.unpack(self._memory[:])
        return STAGES[stage], acknowledged, logs.Known(generation, size)

    def clear(self) -> None:
        """Forget what a publisher before this one did; what is on the disk stays there."""
        self._memory[:8] = bytes(8)

    def stage(self, name: str) -> None:
        """Say that a stage is under way."""
        self._memory[:4] = struct.pack("<I", STAGES.index(name))

    def acknowledge(self, sequence: int) -> None:
        """Say that a commit was acknowledged."""
        self._memory[4:8] = struct.pack("<I", sequence)

    def know(self, known: logs.Known) -> None:
        """Say how far the journal's log is on the disk."""
        self._memory[8:] = struct.pack("<QQ", known.generation, known.size_bytes)


@dataclass
class Trace:
    """What happens in one publisher; ``seconds`` is how long it was in each stage."""

    page: Page
    journal: Path
    moment: Moment | None
    reached: Callable[[], None]
    seconds: dict[str, float] = field(default_factory=dict)
    _now: str = BEGIN
    _since: float = 0.0
    _steps: int = 0
    _is_reached: bool = False
    _is_synchronised: bool = False
    _known: logs.Known | None = None

    def begin(self) -> None:
        """Wrap the functions, for good: call it in a process that ends with the publisher."""
        self._since = time.monotonic()
        for stage, places in PLACES.items():
            for owner, name in places:
                setattr(owner, name, self._staged(stage, getattr(owner, name)))
        for owner, name in _STEPS:
            setattr(owner, name, self._stepped(getattr(owner, name)))
        Commit.finish = self._acknowledging(Commit.finish)  # type: ignore[method-assign]
        connect = journal_module._connect
        journal_module._connect = lambda path: self._traced(connect(path))
        sys.addaudithook(lambda event, _: self.step() if event in _FILES else None)
        self._enter(BEGIN)

    def step(self) -> None:
        """One step further; dies here if this is the moment."""
        moment = self.moment
        if moment is None or moment.step is None or moment.stage != self._now:
            return
        self._steps += 1
        if self._steps > moment.step:
            os.kill(os.getpid(), signal.SIGKILL)

    def _enter(self, stage: str) -> None:
        moment = time.monotonic()
        self.seconds[self._now] = self.seconds.get(self._now, 0.0) + moment - self._since
        self._now, self._since = stage, moment
        self.page.stage(stage)
        if self.moment is not None and stage == self.moment.stage:
            self.step()
            if self.moment.step is None and not self._is_reached and not self.moment.is_unheard:
                self._is_reached = True
                self.reached()

    def _staged(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def staged(*values: Any, **named: Any) -> Any:
            outer = self._now
            self._enter(stage)
            try:
                return call(*values, **named)
            finally:
                self._enter(outer)

        return staged

    def _stepped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*values: Any, **named: Any) -> Any:
            self.step()
            return call(*values, **named)

        return stepped

    def _acknowledging(self, finish: Callable[..., int]) -> Callable[..., int]:
        def acknowledging(*values: Any, **named: Any) -> int:
            sequence = finish(*values, **named)
            if self.moment is not None and self.moment.is_unheard:
                self.page.stage("commit")
                os.kill(os.getpid(), signal.SIGKILL)
            self.page.know(logs.known(self.journal))
            self.page.acknowledge(sequence)
            return sequence

        return acknowledging

    def _traced(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        self._known = logs.known(self.journal)
        connection.set_trace_callback(self._statement)
        return connection

    def _statement(self, text: str) -> None:
        """Before a statement: what the one before it synchronised is on the disk."""
        if self._is_synchronised and (known := logs.known(self.journal)) != self._known:
            self._known = known  # a commit that writes nothing synchronises nothing either
            self.page.know(known)
        self._is_synchronised = text == "COMMIT"
        self.step()
