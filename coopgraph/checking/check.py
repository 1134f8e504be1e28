"""The check: every row of every file, nothing stored. In: a subject. Out: a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from coopgraph.checking.checker import CheckedTable, Checker, RowCounts
from coopgraph.checking.groups import Group, Groups
from coopgraph.checking.rows import CheckedRow
from coopgraph.checking.subject import Subject
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import TableSpec
from coopgraph.tables.proposals import Proposal
from coopgraph.tables.records import Finding
from coopgraph.validation.checking import standard_validator

Progress = Callable[[str, int], None]  # (what, rows done)
Watch = Callable[[CheckedRow], None]
Marks = dict[int, list[Finding]]  # the findings of rows, by number

_TICK = 500


@dataclass(frozen=True)
class FileReport:
    """What was found in one file, the rows of one table. ``marks`` and ``first``, its first rows
    by number, only where they are asked for.
    """

    table: TableSpec
    path: Path
    counts: RowCounts
    header: tuple[str, ...]
    header_row: int | None
    keys: tuple[str, ...]
    marks: Marks
    first: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


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
    shown_rows: int = 0,
    watch: Watch = lambda checked: None,
) -> CheckReport:
    """Check the files of a subject; the findings of the first ``marked_rows`` rows of each are
    kept one by one, and the cells of the first ``shown_rows``.

    ``watch`` sees every row, and once more, not sound any longer, each that falls with another.

    Raises InputError where a file does not fit.
    """
    checker = Checker(subject.descriptor, standard, standard_validator(standard), subject.is_held)
    groups = Groups()
    files, notes = [], list(subject.notes)
    for table, path in subject.files:
        opened = checker.open(table, path, RowCounts())
        notes += opened.notes
        keeping = _Keeping(groups, marked_rows, shown_rows, watch)
        files.append(_check(opened, path, keeping, progress))
    return CheckReport(subject.name, tuple(files), tuple(groups), tuple(notes), subject.proposal)


class _Keeping:
    """What is kept of the rows of one table."""

    def __init__(self, groups: Groups, marked_rows: int, shown_rows: int, watch: Watch) -> None:
        self._groups = groups
        self._marked_rows = marked_rows
        self._shown_rows = shown_rows
        self._watch = watch
        self.marks: Marks = {}
        self.first: dict[int, tuple[str, ...]] = {}

    def add(self, checked: CheckedRow, opened: CheckedTable) -> None:
        """Gather what was found in a row."""
        number, read = checked.number, opened.counts.read
        if read <= self._shown_rows:
            self.first.setdefault(number, checked.cells)
        if checked.findings:
            self._groups.add(checked, opened.sheet)
            if read <= self._marked_rows or number in self.first:
                self.marks.setdefault(number, []).extend(checked.findings)
        self._watch(checked)


def _check(opened: CheckedTable, path: Path, keeping: _Keeping, progress: Progress) -> FileReport:
    for checked in opened.rows():
        if opened.counts.read % _TICK == 0:
            progress(opened.table.name, _TICK)
        keeping.add(checked, opened)
    for checked in opened.dangling():
        keeping.add(checked, opened)
    return FileReport(
        opened.table,
        path,
        opened.counts,
        opened.header,
        opened.header_row,
        opened.mapper.key_columns,
        keeping.marks,
        keeping.first,
        (*opened.mapper.unused_columns, *opened.mapper.unmapped_columns),
        opened.hashtags,
    )
