"""Findings of one kind, gathered: “212 rows: postal codes that lost their leading zero”.

In: checked rows. Out: groups, the worst first. What a group keeps is bounded, so that memory does
not grow with the file; what it counts is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from coopgraph.checking.kinds import TITLES
from coopgraph.checking.rows import CheckedRow
from coopgraph.tables.records import Finding

SEVERITIES: Final = ("error", "warning", "hint")  # the worst first
MOST_CELLS: Final = 1_000  # listed in one group
MOST_PREVIEWS: Final = 3  # rows shown whole
MOST_EXAMPLES: Final = 5
_LONGEST = 300  # characters of a value that is kept


@dataclass(frozen=True, slots=True)
class Place:
    """One cell at fault, or one row where ``Group.column`` is ""."""

    row: int
    value: str
    message: str
    mend: str


@dataclass(slots=True)
class Group:
    """The findings of one kind in one column of one table.

    ``rows`` and ``cells`` are exact counts; ``places`` the first of them, at most ``MOST_CELLS``;
    ``previews`` are the first rows, number and cells.
    """

    table: str
    sheet: str
    column: str
    kind: str
    severity: str
    title: str
    rows: int = 0
    cells: int = 0
    mendable: int = 0
    places: list[Place] = field(default_factory=list)
    previews: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    _last: int = -1

    def add(self, number: int, cells: tuple[str, ...], finding: Finding) -> None:
        """Count a finding of this kind in row ``number``."""
        self.cells += 1
        self.mendable += bool(finding.mend)
        if number != self._last:
            self.rows += 1
            self._last = number
            if len(self.previews) < MOST_PREVIEWS:
                self.previews.append((number, tuple(cell[:_LONGEST] for cell in cells)))
        if len(self.places) < MOST_CELLS:
            value = finding.value[:_LONGEST]
            mend = finding.mend if len(finding.mend) <= _LONGEST else ""
            self.places.append(Place(number, value, finding.message[: 2 * _LONGEST], mend))

    @property
    def first_rows(self) -> list[int]:
        """The numbers of its first rows."""
        return list(dict.fromkeys(place.row for place in self.places[: 2 * MOST_EXAMPLES]))[
            :MOST_EXAMPLES
        ]

    @property
    def examples(self) -> list[Place]:
        """The first of its places with different values."""
        distinct = {place.value: place for place in reversed(self.places)}
        first = sorted(distinct.values(), key=lambda place: place.row)
        return first[:MOST_EXAMPLES]


class Groups:
    """Gathers the findings of checked rows by table, column, kind and severity."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, str], Group] = {}

    def add(self, checked: CheckedRow, sheet: str = "") -> None:
        """Gather what was found in a row; a repeated row adds nothing."""
        for found in checked.findings:
            key = (checked.table, found.column, found.kind, found.severity)
            group = self._known.get(key)
            if group is None:
                title = TITLES.get(found.kind) or found.message
                group = self._known[key] = Group(
                    checked.table, sheet, found.column, found.kind, found.severity, title
                )
            group.add(checked.number, checked.cells, found)

    def __iter__(self) -> Iterator[Group]:
        """The worst first; then those of most rows."""
        return iter(
            sorted(
                self._known.values(),
                key=lambda group: (
                    SEVERITIES.index(group.severity),
                    -group.rows,
                    group.table,
                    group.column,
                    group.kind,
                ),
            )
        )
