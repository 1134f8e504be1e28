"""The life of one state folder: publishers act on it, are killed, and it is looked at each time.

A life begins with an empty folder. Each round a publisher is told to do something and when to
die; sometimes the power fails with it. Then ``recover``, which may be killed as well, and all of
these must hold, or :class:`Broken` is raised:

- every commit that was acknowledged is in the journal, with at most the one under way after it;
- the journal's hashes agree;
- what was served when the publisher died, and what is served after recovery, is a whole commit:
  the names that the world (``world``) gave at that commit, every one and no other;
- what is served after recovery is the journal replayed (``replay``), quad for quad;
- a rebuild changes nothing;
- a backup is whole, and of the commit that it was made of or of one before that;
- what was restored is the journal of the backup, or nothing was.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from pyoxigraph import NamedNode, QuerySolutions, Store

from coopgraph.errors import CoopgraphError
from coopgraph.journal import Journal
from coopgraph.namespaces import STANDARD, iri
from coopgraph.store import Layout, open_snapshot
from tests.torture import logs, replay
from tests.torture.stages import STAGES, Moment, Page
from tests.torture.world import BACKUP, Act, Names, Saved, World, act

ROOT = Path(__file__).parents[2]
_RECOVERY_KILLED = 0.4
# Stages that write to a log, with the store's, which is seldom long, more often.
_LOGGED = ("rows", "commit", "edits", "edits", "description", "description", "fresh store")
_OWN = {"backup": "backup", "restore": "swap of journals"}  # stages that no other act has
_NO_TIME_S = 0.02
_NAMES = f"SELECT ?g ?o ?n {{ GRAPH ?g {{ ?o {iri('skos:prefLabel')} ?n }} }}"


class Broken(AssertionError):
    """The state folder is not as it must be."""


@dataclass
class Tally:
    """What happened, over one life or many."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  # (act, stage)
    committed: int = 0  # kills after which the commit was there
    checks: int = 0
    quads: int = 0  # compared with the journal replayed
    cuts: Counter[str] = field(default_factory=Counter)  # log → cuts that lost something
    power_cuts: int = 0
    lost_bytes: Counter[str] = field(default_factory=Counter)
    answers: int = 0  # of the server
    commits: int = 0

    def add(self, other: Tally) -> None:
        """Count another life, too."""
        for name in self.__dataclass_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            mine.update(theirs) if isinstance(mine, Counter) else setattr(self, name, mine + theirs)

    @property
    def killed(self) -> int:
        """How many processes were killed."""
        return self.kills.total()


class Nursery:
    """Forks publishers (``nursery``); see there for what passes to and fro."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders: IO[str] = process.stdin
        self._said: IO[str] = process.stdout

    def run(self, order: dict[str, Any], delay_s: float = 0.0) -> dict[str, Any]:
        """Have a publisher do something; kill it when it has reached its moment, and so many
        seconds have passed. Returns all that was said.
        """
        self._tell(json.dumps(order))
        said: dict[str, Any] = {}
        while "ended" not in said:
            line = self._said.readline()
            if not line:
                raise Broken("the nursery ended")
            said |= json.loads(line)
            if said.pop("reached", False):
                time.sleep(delay_s)
                os.kill(said["pid"], signal.SIGKILL)  # it may have ended; its number is its own
        self._tell("")
        return said

    def _tell(self, line: str) -> None:
        self._orders.write(f"{line}\n")
        self._orders.flush()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery that is ready, while the block runs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.nursery"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        made = Nursery(process)
        assert process.stdout is not None
        if "ready" not in process.stdout.readline():
            raise Broken("the nursery does not start")
        yield made
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait()
        process.stdout.close()


class Life:
    """One state folder in ``folder``, and what chance makes of it."""

    def __init__(
        self,
        folder: Path,
        nursery: Nursery,
        replaying: replay.Replay,
        seed: int,
        fault: str = "",
        home: Path | None = None,
    ) -> None:
        self.home = home or folder / "home"
        self.tally = Tally()
        self._sources = folder / "sources"
        self._nursery = nursery
        self._replaying = replaying
        self._chance = random.Random(seed)
        self._fault = fault
        self._page_path = folder / "page"
        self._page = Page(self._page_path)
        self._world = World()
        self._at: dict[int, Names] = {0: set()}  # commit → what is published by it
        self._saved: Saved | None = None
        self.served: list[int] = [0]  # the commits that were, in order
        self._seconds: dict[str, float] = {}  # of each stage
        self._passed: dict[str, set[str]] = {}  # kind of act → stages

    @property
    def sequence(self) -> int:
        """The last commit."""
        return max(self._at)

    def begin(self) -> None:
        """Publish a first dataset, however often its publisher is killed."""
        while not self.sequence:
            self.round("load", with_power=False)

    def round(self, kind: str, *, with_power: bool) -> None:
        """One act, one death, one recovery, one look."""
        deed = self._act(kind)
        said = self._run(deed, deed.order, with_power=with_power)
        self._look_at_what_is_served(deed)
        self._recover(deed, with_power=with_power)
        self._settle(deed, said)

    def round_on(self, kind: str, disk: AbstractContextManager[None], **limits: int) -> str:
        """An act on a disk that may refuse, nobody killed; then the disk is well again. Returns the
        error that the operator sees, "" where the act was done.
        """
        deed = self._act(kind)
        with disk:
            said = self._do({**deed.order, **limits}, None)
            if said["ended"] and "error" not in said:
                raise Broken(f"{deed.kind} failed without a word")
            self._look_at_what_is_served(deed)
        self._recover(deed, with_power=False)
        self._settle(deed, said)
        return str(said.get("error", ""))

    def _act(self, kind: str) -> Act:
        return act(self._world, kind, self._sources, self._chance, self._saved)

    # Killing --------------------------------------------------------------------------------

    def _run(
        self, deed: Act, order: dict[str, Any], *, with_power: bool, is_recovery: bool = False
    ) -> dict[str, Any]:
        kind = "recovery" if is_recovery else deed.kind
        moment = self._moment(kind, with_power=with_power)
        said = self._do(order, moment)
        self._passed.setdefault(kind, set()).update(said.get("seconds", ()))
        if said["ended"] == -signal.SIGKILL:
            stage, acknowledged, safe = self._page.read()
            self.tally.kills[kind, stage] += 1
            if with_power:
                self._cut(safe)
            said["acknowledged"] = acknowledged
        elif said["ended"]:
            raise Broken(f"{deed.kind} failed: {said.get('error', said)}")
        return said

    def _do(self, order: dict[str, Any], moment: Moment | None) -> dict[str, Any]:
        self._page.clear()
        said = self._nursery.run(
            {
                **order,
                "home": str(self.home),
                "page": str(self._page_path),
                "moment": asdict(moment) if moment else None,
                "fault": self._fault,
            },
            moment.delay_s if moment else 0.0,
        )
        for stage, seconds in said.get("seconds", {}).items():
            self._seconds[stage] = max(self._seconds.get(stage, 0.0) * 0.8, seconds)
        return said

    def _moment(self, kind: str, *, with_power: bool) -> Moment:
        """When to die: in a stage that acts of this kind are known to pass, if any is known."""
        stages = _LOGGED if with_power else STAGES
        passed = self._passed.get(kind, stages)
        stage = self._chance.choice([name for name in stages if name in passed] or stages)
        if kind in _OWN and self._chance.random() < 0.5:
            stage = _OWN[kind]
        if self._chance.random() < (0.3 if with_power else 0.1):
            return Moment("commit", is_unheard=True)
        if self._chance.random() < 0.5:
            return Moment(stage, step=int(self._chance.expovariate(1 / 4)))
        most = self._seconds.get(stage, _NO_TIME_S)
        return Moment(stage, delay_s=self._chance.uniform(0, most))

    def _cut(self, safe: logs.Known) -> None:
        layout = Layout(self.home)
        self.tally.power_cuts += 1
        lost = {
            "journal": logs.cut_journal(layout.journal, safe, self._chance),
            "store": logs.cut_store(layout.store, self._chance),
        }
        for name, size in lost.items():
            self.tally.lost_bytes[name] += size
            self.tally.cuts[name] += size > 0

    # Looking --------------------------------------------------------------------------------

    def _look_at_what_is_served(self, deed: Act) -> None:
        """What a publisher that died leaves to be served is a whole commit."""
        if not Layout(self.home).current.is_symlink():
            return
        next_one = {self.sequence + 1: deed.after.expected()}
        sequence, store = self._served()
        self._note_served(sequence, deed)
        self._require_names(sequence, store, {**self._at, **next_one})

    def _note_served(self, sequence: int, deed: Act) -> None:
        """What is served does not go back, but to the commit that is being restored."""
        is_back = deed.kind == "restore" and self._saved and sequence == self._saved.sequence
        if sequence < self.served[-1] and not is_back:
            raise Broken(f"commit {self.served[-1]} was served, and now {sequence} is")
        if sequence != self.served[-1]:
            self.served.append(sequence)

    def _recover(self, deed: Act, *, with_power: bool) -> None:
        while self._chance.random() < _RECOVERY_KILLED:
            self._run(deed, {"do": "recover"}, with_power=with_power, is_recovery=True)
            self._look_at_what_is_served(deed)
        said = self._do({"do": "recover"}, None)
        if said["ended"]:
            raise Broken(f"recovery failed: {said.get('error', said)}")

    def _settle(self, deed: Act, said: dict[str, Any]) -> None:
        """Take the act for done or not, as the journal says, and check everything."""
        before, last = self.sequence, self._verified()
        is_told = said["ended"] == 0
        if deed.kind == "restore" and self._saved and last == self._saved.sequence:
            self._world = deed.after
            self._at = {number: names for number, names in self._at.items() if number <= last}
        elif deed.kind in ("rebuild", "backup") or (not is_told and last == before):
            pass
        elif last == before + 1:
            self._world = deed.after
            self._at[last] = deed.after.expected()
            self.tally.committed += not is_told
        if last != self.sequence:
            raise Broken(f"{deed.kind} after commit {before} left commit {last} as the last one")
        if last < said.get("acknowledged", 0):
            raise Broken(f"commit {said['acknowledged']} was acknowledged and is lost")
        if is_told and said["answer"] != last:
            raise Broken(f"commit {said['answer']} was promised, {last} is there")
        self.tally.commits = last
        self.tally.checks += 1
        if last:
            self._check_served(last, deed)
        self._look_at_the_backup(is_new=is_told and deed.kind == "backup")

    def _verified(self) -> int:
        """The journal's last commit; its hashes agree."""
        path = Layout(self.home).journal
        return _checked(path)[0] if path.exists() else 0

    def _look_at_the_backup(self, *, is_new: bool) -> None:
        """It is whole, and the one there was before or of the last commit."""
        path = self._sources.with_name(BACKUP)
        if not path.exists() and not self._saved:
            return
        sequence, chain = _checked(path)
        with closing(Journal.open(Layout(self.home).journal)) as journal:
            is_of_now = chain == journal.chain_at(self.sequence)
        if is_of_now:
            self._saved = Saved(deepcopy(self._world), sequence, chain)
        elif is_new or not self._saved or chain != self._saved.chain:
            raise Broken(f"the backup is of commit {sequence}, and {self.sequence} is the last")

    def _check_served(self, last: int, deed: Act) -> None:
        sequence, store = self._served()
        self._note_served(sequence, deed)
        if sequence != last:
            raise Broken(f"commit {sequence} is served after recovery, not {last}")
        self._require_names(sequence, store, self._at)
        held = replay.lines(store)
        expected = self._replaying.lines(Layout(self.home).journal, store)
        if replay.digest(held) != replay.digest(expected):
            more, fewer = set(held) - set(expected), set(expected) - set(held)
            raise Broken(
                f"commit {last} is not the journal replayed: {len(more)} quads too many "
                f"({sorted(more)[:3]}), {len(fewer)} too few ({sorted(fewer)[:3]})"
            )
        self.tally.quads += len(held)

    def _served(self) -> tuple[int, Store]:
        try:
            snapshot = open_snapshot(Layout(self.home).current)
        except CoopgraphError as error:
            raise Broken(f"what is served cannot be opened: {error}") from error
        return snapshot.sequence, snapshot.store

    def _require_names(self, sequence: int, store: Store, at: dict[int, Names]) -> None:
        held, expected = _names(store), at.get(sequence)
        if held != expected:
            differing = sorted(held ^ (expected or set()))
            raise Broken(f"half a commit is visible at {sequence}: {differing[:4]}")


def _checked(path: Path) -> tuple[int, str]:
    """The last commit of a journal and its hash; all hashes agree."""
    with closing(Journal.open(path)) as journal:
        problems = journal.verify()
        if problems:
            raise Broken(f"{path.name}: {problems[0]}")
        last = journal.last_sequence()
        return last, journal.chain_at(last)


def _names(store: Store) -> Names:
    """The name that each dataset gives each organisation."""
    solutions = store.query(_NAMES)
    assert isinstance(solutions, QuerySolutions)
    stem, found = f"{STANDARD}id/org/", set()
    for graph, thing, name in solutions:
        assert isinstance(graph, NamedNode)
        assert isinstance(thing, NamedNode)
        if thing.value.startswith(stem) and "#" not in thing.value:
            slug = graph.value.removeprefix(f"{STANDARD}graph/")
            found.add((slug, thing.value.removeprefix(stem), name.value))
    return found
