"""A made-up world that changes, and what is to be published of it: the expected state.

In: chance. Out: the files of small datasets, and what a publisher is told to do with them; and
for each commit the names that every source gives every organisation once it is published.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coopgraph.iris import mint
from coopgraph.tables.descriptor import FILE_NAME

Record = tuple[str, str]  # (dataset, key)
Names = set[tuple[str, str, str]]  # dataset, id of the organisation, name

KINDS = (
    "load", "reload", "update", "backup", "removal", "merge", "split", "rebuild", "restore",
)  # fmt: skip
BACKUP = "backup.sqlite"  # beside the folder of the files
MOST_DATASETS = 4
ROWS = 12
_DESCRIPTOR = """\
title: Torture test
description: For one test.
publisher: {name: Nobody}
licence: https://creativecommons.org/publicdomain/zero/1.0/
tables:
  organisations: {file: organisations.csv, key: id}
  shops: {file: shops.csv, entity: Site, key: shop, parent: owner}
"""


@dataclass
class World:
    """The records that are published, by name, and the organisations that they are about."""

    names: dict[Record, str] = field(default_factory=dict)
    owners: dict[Record, str] = field(default_factory=dict)  # of each record that ever was
    given: set[str] = field(default_factory=set)
    merged: list[tuple[str, str, frozenset[Record]]] = field(default_factory=list)
    version: int = 0

    def expected(self) -> Names:
        """What the graphs of the datasets say."""
        return {
            (dataset, self.owners[dataset, key], name)
            for (dataset, key), name in self.names.items()
        }

    @property
    def datasets(self) -> list[str]:
        """Those that are loaded, by name."""
        return sorted({dataset for dataset, _ in self.owners})

    def records(self, organization: str) -> list[Record]:
        """The published records of an organisation."""
        return sorted(r for r in self.names if self.owners[r] == organization)

    def identify(self) -> None:
        """Give each record that never had one an organisation."""
        for record in sorted(self.names.keys() - self.owners.keys()):
            self.owners[record] = self.found(record)

    def found(self, record: Record) -> str:
        """The id that an organisation named after a record gets."""
        attempt = 0
        while (organization := mint(*record, attempt)) in self.given:
            attempt += 1
        self.given.add(organization)
        return organization


@dataclass(frozen=True, slots=True)
class Act:
    """What a publisher is told to do, and the world after it."""

    kind: str
    order: dict[str, Any]
    after: World


@dataclass(frozen=True, slots=True)
class Saved:
    """A world of which there is a backup: its last commit, and the hash of that."""

    world: World
    sequence: int
    chain: str


def act(
    world: World, kind: str, folder: Path, chance: random.Random, saved: Saved | None = None
) -> Act:
    """An act of a kind, or of another kind where the world does not allow that one."""
    file = str(folder.with_name(BACKUP))
    if kind == "restore" and saved:
        return Act(kind, {"do": kind, "file": file}, deepcopy(saved.world))
    if kind == "backup" and world.datasets:
        return Act(kind, {"do": kind, "file": file}, world)
    after = deepcopy(world)
    after.version += 1
    if kind == "load" and len(world.datasets) >= MOST_DATASETS:
        kind = "reload"
    if not world.datasets:
        kind = "load"
    if kind == "restore":
        kind = "rebuild"
    if kind == "split" and not _shared(world):
        kind = "merge"
    order = _ACTS[kind](after, folder, chance)
    return Act(kind, order, after)


def _load(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    slug = f"list-{len(world.datasets)}"
    _rename(world, [(slug, str(n)) for n in range(ROWS)])
    return _written(world, slug, folder)


def _reload(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    slug = chance.choice(world.datasets)
    _rename(world, [(slug, str(n)) for n in range(ROWS)])
    return _written(world, slug, folder)


def _update(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    slug, key = chance.choice(sorted(world.names))
    _rename(world, [(slug, key)])
    return _written(world, slug, folder)


def _removal(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    slug = chance.choice(world.datasets)
    held = sorted(record for record in world.names if record[0] == slug)
    if len(held) < ROWS // 2:
        return _reload(world, folder, chance)
    for record in chance.sample(held, len(held) // 3):
        del world.names[record]
    return _written(world, slug, folder)


def _merge(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    listed = sorted({world.owners[record] for record in world.names})
    old, new = chance.sample(listed, 2)
    moved = frozenset(record for record, owner in world.owners.items() if owner == old)
    for record in moved:
        world.owners[record] = new
    world.merged.append((old, new, moved))
    return {"do": "merge", "old": old, "new": new}


def _split(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    """Takes the last merge back where that can be told for certain, else one record off."""
    organization = chance.choice(_shared(world))
    records = world.records(organization)
    leaving = records[: chance.randint(1, len(records) - 1)]
    target = _former(world, organization, set(leaving))
    if target is None:
        target = world.found(min(leaving))
        moved = set(leaving)
    else:
        target, moved = target
    for record in moved:
        world.owners[record] = target
    return {"do": "split", "old": organization, "records": leaving, "expected": target}


def _former(
    world: World, organization: str, leaving: set[Record]
) -> tuple[str, set[Record]] | None:
    """The id, and the records, of the last merge that moved just these."""
    for old, _, moved in reversed(world.merged):
        is_idle = old not in world.owners.values()
        if is_idle and moved & world.names.keys() == leaving:
            return old, {record for record in moved if world.owners[record] == organization}
    return None


def _rebuild(world: World, folder: Path, chance: random.Random) -> dict[str, Any]:
    return {"do": "rebuild"}


_ACTS: dict[str, Callable[[World, Path, random.Random], dict[str, Any]]] = {
    "load": _load,
    "reload": _reload,
    "update": _update,
    "removal": _removal,
    "merge": _merge,
    "split": _split,
    "rebuild": _rebuild,
}


def _shared(world: World) -> list[str]:
    """Organisations that several published records are about."""
    owners = [world.owners[record] for record in world.names]
    return sorted({owner for owner in owners if owners.count(owner) > 1})


def _rename(world: World, records: list[Record]) -> None:
    for dataset, key in records:
        world.names[dataset, key] = f"{dataset} {key} v{world.version}"
    world.identify()


def _written(world: World, slug: str, folder: Path) -> dict[str, Any]:
    """Writes a dataset's files as the world is; each has a row that cannot be published."""
    target = folder / slug
    target.mkdir(parents=True, exist_ok=True)
    keys = sorted(key for dataset, key in world.names if dataset == slug)
    rows = ["id,name,kind,member_of"]
    rows += [f"{k},{world.names[slug, k]},{_kind(k)},{_federation(keys, k)}" for k in keys]
    rows.append(f"broken,No kind v{world.version},no-such-kind,")
    shops = ["shop,owner,site_name"]
    shops += [f"s{key},{key},Shop of {world.names[slug, key]}" for key in keys[::3]]
    for name, lines in (("organisations", rows), ("shops", shops)):
        (target / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (target / FILE_NAME).write_text(_DESCRIPTOR, encoding="utf-8")
    return {"do": "load", "folder": str(target)}


def _kind(key: str) -> str:
    return ("mutual", "credit-union", "federation")[int(key) % 3]


def _federation(keys: list[str], key: str) -> str:
    """The first other organisation of the list, for every second one to be a member of."""
    others = [other for other in keys if other != key]
    return others[0] if others and int(key) % 2 else ""
