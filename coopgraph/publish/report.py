"""What a load did: counts for each table, and what was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from coopgraph.journal import QuarantinedRow


@dataclass
class TableCounts:
    """``read`` = ``published`` + ``duplicate`` + ``quarantined``.

    ``sheet`` is that of the file, where it has several.
    """

    file: str | None = None
    sheet: str | None = None
    read: int = 0
    published: int = 0
    duplicate: int = 0
    quarantined: int = 0
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


def reasons(rows: Iterable[QuarantinedRow]) -> list[tuple[str, str, int, int]]:
    """Why rows were quarantined: (table, reason, rows, an example's row number), commonest first.

    Values in “quotes” differ from row to row, so reasons are counted by their first finding's
    column and words outside the quotes.
    """
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        finding = row.findings[0]
        words = finding["message"].split("“")[0] + finding["message"].split("”")[-1]
        name = (row.table, finding["column"] + words)
        counts[name] += 1
        text = f"{finding['column']}: {finding['message']}".removeprefix(": ")
        examples.setdefault(name, (text, row.row))
    return [(name[0], *_example(examples[name], n)) for name, n in counts.most_common()]


def _example(example: tuple[str, int], count: int) -> tuple[str, int, int]:
    text, row = example
    return text, count, row
