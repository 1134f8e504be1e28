"""What a load did: counts for each table, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from coopgraph.checking import Group, RowCounts
from coopgraph.journal import QuarantinedRow


@dataclass
class TableCounts(RowCounts):
    """What became of the rows of a table, and how its records differ from those held."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class LoadReport:
    """The outcome of one load; ``sequence`` is None for a dry run."""

    dataset: str
    sequence: int | None
    is_new_commit: bool
    edition: str
    tables: dict[str, TableCounts]
    quarantined: tuple[QuarantinedRow, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    seconds: float = field(default=0.0, compare=False)

    def total(self, name: str) -> int:
        """A count over all tables."""
        return sum(getattr(table, name) for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """What ``coopgraph load --json`` prints."""
        totals = {name: self.total(name) for name in ("added", "changed", "gone", "unchanged")}
        return {
            "dataset": self.dataset,
            "sequence": self.sequence,
            "committed": self.is_new_commit,
            "edition": self.edition,
            "tables": {name: table.as_json() for name, table in self.tables.items()},
            **totals,
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }
