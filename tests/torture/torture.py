"""Lives enough to reach a number of kills and of power cuts, and a table of what came of them.

In: numbers, and a seed from which all chance comes. Out: a tally, or :class:`~tests.torture.life.Broken`
naming the seed of the life that broke.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from unittest.mock import patch

from coopgraph.namespaces import STANDARD
from coopgraph.publish import inference
from coopgraph.upkeep import Doctor
from tests.torture.life import Broken, Life, Nursery, Tally, nursery
from tests.torture.nursery import light_standard
from tests.torture.replay import Replay
from tests.torture.stages import STAGES
from tests.torture.visitor import Visits, visited
from tests.torture.world import KINDS

LIFE_KILLS = 50


def torture(kills: int, cuts: int, seed: int, watch: Callable[[str], None]) -> Tally:
    """Live until there were so many kills, and so many power cuts that lost bytes of a log."""
    replaying = Replay(*light_standard())
    total, number, began = Tally(), 0, time.monotonic()
    with nursery() as born:
        while total.killed < kills:
            share = min(1.0, LIFE_KILLS / (kills - total.killed))
            wanted = Wanted(
                kills=math.ceil((kills - total.killed) * share),
                cuts=math.ceil((cuts - total.cuts.total()) * share),
            )
            total.add(live(born, replaying, seed + number, wanted))
            number += 1
            watch(
                f"life {number} (seed {seed + number - 1}): {total.killed} kills, "
                f"{total.cuts.total()} cuts, {time.monotonic() - began:.0f} s"
            )
    return total


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many kills a life is to see, and how many cuts of a log that lose something."""

    kills: int
    cuts: int

    def is_reached(self, tally: Tally) -> bool:
        """Whether there were enough."""
        return tally.killed >= self.kills and tally.cuts.total() >= self.cuts

    def is_power_due(self, tally: Tally) -> bool:
        """Whether cuts are behind kills."""
        return tally.cuts.total() * self.kills < self.cuts * (tally.killed + 1)


def live(born: Nursery, replaying: Replay, seed: int, wanted: Wanted) -> Tally:
    """One life, while a server answers. Raises Broken."""
    with tempfile.TemporaryDirectory(prefix="torture-", dir=_memory()) as folder:
        life = Life(Path(folder), born, replaying, seed)
        try:
            life.begin()
            with visited(life.home) as visits:
                kinds = cycle(KINDS)
                while not wanted.is_reached(life.tally):
                    life.round(next(kinds), with_power=wanted.is_power_due(life.tally))
            require_steady(visits, life.served)
            require_well(life, replaying)
        except Broken as error:
            raise Broken(f"seed {seed}: {error}") from error
        life.tally.answers = visits.answers
        return life.tally


def _memory() -> str | None:
    """A file system in memory if there is one: what a power cut takes is imitated anyway."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and os.access(folder, os.W_OK) else None


def require_steady(visits: Visits, served: Sequence[int]) -> None:
    """The server answered all along, and showed what was served in that order. Raises Broken."""
    if visits.faults:
        raise Broken(f"the server failed {len(visits.faults)} times: {visits.faults[0]}")
    rest = iter(served)
    if not visits.answers or not all(sequence in rest for sequence in visits.shown):
        raise Broken(f"the server showed {visits.shown}, and served were {served}")


def require_well(life: Life, replaying: Replay) -> None:
    """The doctor finds nothing but what killed publishers left, and after a rebuild not even that.
    Raises Broken.
    """
    _require_only({"leftovers", "numbers", "disk"}, life.home, replaying)
    life.round_on("rebuild", nullcontext())
    _require_only({"disk"}, life.home, replaying)


def _require_only(abouts: set[str], home: Path, replaying: Replay) -> None:
    with patch.object(inference, "compile_rules", lambda _: replaying.rules):
        found = Doctor(home, STANDARD, replaying.standard).examine()
    wrong = [finding for finding in found.findings if finding.about not in abouts]
    if wrong or found.not_looked_at:
        raise Broken(f"the doctor says: {wrong} {found.not_looked_at}")


def report(tally: Tally) -> str:
    """The table for the documentation."""
    kinds = [*KINDS, "recovery"]
    lines = [
        f"| killed in | {' | '.join(kinds)} | all |",
        f"|---|{'---:|' * (len(kinds) + 1)}",
    ]
    for stage in STAGES:
        row = [tally.kills[kind, stage] for kind in kinds]
        lines.append(f"| {stage} | {' | '.join(f'{n:,}' for n in row)} | {sum(row):,} |")
    sums = [sum(tally.kills[kind, stage] for stage in STAGES) for kind in kinds]
    lines.append(f"| all | {' | '.join(f'{n:,}' for n in sums)} | {sum(sums):,} |")
    lines += [
        "",
        f"{tally.killed:,} kills, {tally.committed:,} of them after the commit; "
        f"{tally.commits:,} commits. {tally.power_cuts:,} times the power failed, too: "
        f"{tally.cuts['journal']:,} cuts lost {tally.lost_bytes['journal']:,} bytes of the "
        f"journal's log, {tally.cuts['store']:,} lost {tally.lost_bytes['store']:,} bytes of "
        f"the store's. {tally.checks:,} recoveries were checked, {tally.quads:,} quads compared "
        f"with the journal replayed. Acknowledged commits lost: 0; half commits visible: 0; "
        f"states other than the journal replayed: 0; answers of the server: {tally.answers:,}, "
        f"of them failed: 0.",
    ]
    return "\n".join(lines) + "\n"
