"""The check: every row of every file, nothing stored. In: a subject. Out: a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coopgraph.checking.checker import CheckedRow, CheckedTable, Checker, RowCounts
from coopgraph.checking.groups import Group, Groups
from coopgraph.checking.subject import Subject
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import TableSpec
from coopgraph.tables.proposals import Proposal
from coopgraph.tables.records import Finding
from coopgraph.validation.checking import standard_validator

Progress = Callable[[str, int], None]  # (what, rows done)
Marks = dict[int, list[Finding]]  # the findings of rows, by number

_TICK = 500


@dataclass(frozen=True)
class FileReport:
    """What was found in one file, the rows of one table. ``marks`` only where they are asked."""

    table: TableSpec
    path: Path
    counts: RowCounts
    header: tuple[str, ...]
    header_row: int | None
    keys: tuple[str, ...]
    marks: Marks


@dataclass(frozen=True)
class CheckReport:
    """The outcome of a check; ``groups`` stand the worst first.

    ``proposal`` is the mapping by which the file was read, where nobody gave one.
    """

    name: str
    files: tuple[FileReport, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    proposal: Proposal | None = None

    def total(self, name: str) -> int:
        """A count over all files."""
        return sum(getattr(file.counts, name) for file in self.files)

    def conforms(self, *, is_strict: bool = False) -> bool:
        """Whether every row may be published; with ``is_strict``, without a warning."""
        wrong = {"error", "warning"} if is_strict else {"error"}
        return not any(group.severity in wrong for group in self.groups)


def run_check(
    subject: Subject,
    standard: Standard,
    *,
    progress: Progress = lambda what, rows: None,
    marked_rows: int = 0,
) -> CheckReport:
    """Check the files of a subject; the findings of the first ``marked_rows`` rows of each are
    kept one by one.

    Raises InputError where a file does not fit.
    """
    checker = Checker(subject.descriptor, standard, standard_validator(standard), subject.is_held)
    groups = Groups()
    files, notes = [], list(subject.notes)
    for table, path in subject.files:
        opened = checker.open(table, path, RowCounts())
        notes += opened.notes
        files.append(_check(opened, path, groups, progress, marked_rows))
    return CheckReport(subject.name, tuple(files), tuple(groups), tuple(notes), subject.proposal)


def _check(
    opened: CheckedTable, path: Path, groups: Groups, progress: Progress, marked_rows: int
) -> FileReport:
    counts, marks = opened.counts, Marks()

    def gather(checked: CheckedRow) -> None:
        if checked.findings:
            groups.add(checked, opened.sheet)
            if counts.read <= marked_rows:
                marks.setdefault(checked.record.number, []).extend(checked.findings)

    for checked in opened.rows():
        if counts.read % _TICK == 0:
            progress(opened.table.name, _TICK)
        gather(checked)
    for checked in opened.dangling():
        gather(checked)
    return FileReport(
        opened.table,
        path,
        counts,
        opened.header,
        opened.header_row,
        opened.mapper.key_columns,
        marks,
    )
