"""Proposals for the public registers, held against the mappings that a person wrote for them.

A column is meaningful where its descriptor uses it, and right where the proposal feeds the same
column of the standard from it. The table in ``docs/proposals.md`` is what this counts.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from coopgraph import resources
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import TableSpec, read_descriptor
from coopgraph.tables.editions import choose_file
from coopgraph.tables.proposals import open_source, propose

pytestmark = pytest.mark.registers
PAGE = Path(__file__).parents[2] / "docs" / "proposals.md"
DATASETS = ("ncua", "coops-uk", "susy", "swiss-housing", "germany-worker")

# What a proposal may do otherwise and be as right, and why.
AS_RIGHT = {
    # The file alone is proposed for, so it must name its organisations itself.
    ("coops-uk/outlets", "Registered Name"): {"name", "legal_name"},
    ("coops-uk/economy", "Registered Name"): {"name", "legal_name"},
    ("ncua/trade-names", "CU_NAME"): {"name"},
}


@dataclass(frozen=True)
class Outcome:
    """What became of the columns of one file."""

    table: str
    columns: int
    meaningful: int
    right: frozenset[str]
    wrong: frozenset[str]
    surplus: frozenset[str]

    @property
    def row(self) -> str:
        share = f"{len(self.right) / self.meaningful:.0%}".replace("%", " %")
        return (
            f"| {self.table} | {self.columns} | {self.meaningful} | {len(self.right)} | {share} "
            f"| {len(self.surplus)} |"
        )


def plain(target: str, known: set[str]) -> str:
    stem = target.partition("@")[0]
    return stem if stem in known else stem.rpartition("_")[0]


def written(table: TableSpec, known: set[str]) -> dict[str, set[str]]:
    """Each column that a descriptor uses, and what it feeds."""
    found = defaultdict(set)
    for columns in (table.columns or {}, *table.each):
        measures = [spec.constant for name, spec in columns.items() if name == "measure"]
        for target, spec in columns.items():
            for name in spec.columns:
                found[name].update(measures or {f"{plain(target, known)}"})
    for name in table.key:
        found[name].add("id")
    for name in table.parent:
        found[name].add("organisation")
    return dict(found)


def outcome(dataset: str, table: TableSpec, standard: Standard) -> Outcome:
    folder = Path(os.environ["COOPGRAPH_REGISTERS"], dataset)
    file = choose_file(folder, table.pattern, None)
    assert file is not None, table.pattern
    source = open_source(file.path)
    known = {item.column for _, item in standard.columns(table.entity)}
    name = f"{dataset}/{table.name}"
    wanted = written(table, known)
    for (where, column), targets in AS_RIGHT.items():
        if where == name:
            wanted[column] = targets
    proposal = propose(source, standard)
    proposal.descriptor(Path(dataset), standard)
    given = {
        column: {plain(target, known) for target in targets} | set(targets)
        for column, targets in proposal.feeds.items()
    }
    right = {column for column, targets in wanted.items() if targets & given.get(column, set())}
    return Outcome(
        name,
        len([column for column in source.header if column]),
        len(wanted),
        frozenset(right),
        frozenset(wanted.keys() - right),
        frozenset(given.keys() - wanted.keys()),
    )


@pytest.fixture(scope="module")
def outcomes(standard: Standard) -> list[Outcome]:
    found = []
    for dataset in DATASETS:
        descriptor = read_descriptor(resources.DATA / dataset, standard)
        found += [outcome(dataset, table, standard) for table in descriptor.tables]
    assert len(found) == 8
    return found


def test_nine_of_ten_meaningful_columns_are_right_in_every_file(outcomes: list[Outcome]) -> None:
    for found in outcomes:
        assert len(found.right) >= 0.9 * found.meaningful, (found.table, sorted(found.wrong))


def test_few_columns_are_mapped_that_no_person_mapped(outcomes: list[Outcome]) -> None:
    surplus = {(found.table, name) for found in outcomes for name in found.surplus}
    assert len(surplus) <= 2, sorted(surplus)


def test_the_page_tells_what_was_counted(outcomes: list[Outcome]) -> None:
    rows = "\n".join(found.row for found in outcomes)
    assert rows in PAGE.read_text("utf-8"), f"the table in docs/proposals.md should be\n{rows}"
