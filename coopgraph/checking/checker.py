"""Files → rows → records → checked records.

Records are checked one by one against the shapes, with nothing inferred; then set-wise for
what spans records: a key used twice, a child without its organisation, a reference to a row
that is not published. Each row read ends as published, duplicate or quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pyoxigraph import NamedNode

from coopgraph.checking.examining import ExaminedRow, Examiner, Heading, make_examiner
from coopgraph.checking.likeness import Likeness
from coopgraph.checking.rows import CheckedRow
from coopgraph.crew import batched, shared_out
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, TableSpec
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import Table, open_table
from coopgraph.tables.records import OPEN_REFERENCE, Finding
from coopgraph.validation import Validator

Held = Callable[[str, str], bool]  # whether (dataset, key) was published before

_LISTED = 20  # names in a note
_BATCH = 500  # rows that are examined together
_ALONE = 4  # batches that are not worth a process


@dataclass
class RowCounts:
    """``read`` = ``published`` + ``duplicate`` + ``quarantined``; ``flagged`` are those published
    rows that have a warning.

    ``sheet`` is that of the file, where it has several.
    """

    file: str | None = None
    sheet: str | None = None
    read: int = 0
    published: int = 0
    duplicate: int = 0
    quarantined: int = 0
    flagged: int = 0


@dataclass(slots=True)
class Kept:
    """A published row of the table at hand, as little of it as later checks need."""

    number: int
    digest: bytes
    is_flagged: bool
    references: tuple[str, ...] = ()


class Checker:
    """Checks the tables of one dataset, that of organisations first.

    ``is_held`` tells which records count as published beside those of the files themselves. Long
    files are examined in ``processes`` processes.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        standard: Standard,
        validator: Validator,
        is_held: Held,
        processes: int = 1,
    ) -> None:
        self.descriptor = descriptor
        self.standard = standard
        self.validator = validator
        self.is_held = is_held
        self.processes = processes
        self.organizations: set[str] = set()  # keys of the organisations that are published

    def open(self, table: TableSpec, path: Path, counts: RowCounts) -> CheckedTable:
        """Open the file of a table, to be checked; ``counts`` are counted on.

        Raises InputError where it is no such table.
        """
        return CheckedTable(self, table, path, counts)

    def is_known(self, key: str) -> bool:
        """Whether an organisation of the dataset is published, or was before."""
        return bool(key) and (key in self.organizations or self.is_held(self.descriptor.slug, key))

    def resolves(self, target: str) -> bool:
        """Whether a reference, ``dataset/key``, leads to an organisation that is published."""
        dataset, _, key = target.partition("/")
        if dataset == self.descriptor.slug and key in self.organizations:
            return True
        return self.is_held(dataset, key)


class CheckedTable:
    """One open table; made by ``Checker.open``.

    First :meth:`rows` is read to its end, then :meth:`dangling`. ``kept`` are the rows to be
    published, by key.
    """

    def __init__(self, checker: Checker, table: TableSpec, path: Path, counts: RowCounts) -> None:
        self.table = table
        self.kept: dict[str, Kept] = {}
        self._checker = checker
        self._path = path
        self.counts = counts
        self._source = self._open()
        source = self._source
        self.header, self.sheet = source.header, source.sheet
        self.header_row, self.hashtags = source.header_row, tuple(source.hashtags)
        self._examiner = Examiner(
            checker.descriptor, table, checker.standard, checker.validator, Heading.of(source)
        )
        self.mapper = self._examiner.mapper
        is_main = table.name == checker.descriptor.main.name
        self._likeness = Likeness(self.mapper) if is_main else None
        counts.file, counts.sheet = path.name, source.sheet or None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on how the file was read, and on columns that are not used."""
        notes = list(self._source.notes)
        name, unused = self._source.source, self.mapper.unused_columns
        if unused:
            notes.append(
                f"{name}: the standard has no columns called {', '.join(unused)}; they are kept "
                "in the record and not used."
            )
        if self.header_row is None and self.mapper.unmapped_columns:
            # Nobody declared the keys of objects: some are slips.
            unmapped = self.mapper.unmapped_columns
            more = f" and {len(unmapped) - _LISTED:,} more" if len(unmapped) > _LISTED else ""
            notes.append(
                f"{name}: {len(unmapped):,} keys are not used: "
                f"{', '.join(unmapped[:_LISTED])}{more}."
            )
        return tuple(notes)

    def rows(self) -> Iterator[CheckedRow]:
        """Each row as it was found, counted. Raises InputError where the file breaks off."""
        counts = self.counts
        for examined in self._examined():
            counts.read += 1
            checked = self._checked(examined)
            if not checked.is_sound:
                counts.quarantined += 1
            elif checked.is_duplicate:
                counts.duplicate += 1
            else:
                self.kept[checked.key] = Kept(
                    checked.number, checked.digest, checked.is_flagged, checked.references
                )
                counts.published += 1
                counts.flagged += checked.is_flagged
            yield checked

    def dangling(self) -> Iterator[CheckedRow]:
        """The rows that refer to rows which are not published, until none is left.

        They were given as sound before, and are taken back.
        """
        dropped = self._dropped()
        if dropped:
            yield from self._again(dropped)

    def _open(self) -> Table:
        use = column_use(self.table, self._checker.standard)
        return open_table(self._path, self.table.layout, use)

    # One row ------------------------------------------------------------------------------

    def _examined(self) -> Iterator[ExaminedRow]:
        """Each row with what is wrong with it by itself."""
        checker = self._checker
        for examined in shared_out(
            batched(self._source.rows, _BATCH),
            self._examiner,
            make_examiner,
            (checker.descriptor, self.table.name, checker.standard, Heading.of(self._source)),
            checker.processes,
            alone=_ALONE,
        ):
            yield from examined

    def _checked(self, row: ExaminedRow) -> CheckedRow:
        """A row beside those before it."""
        earlier = self.kept.get(row.key)
        findings = [*row.of_cells]
        if earlier is None:
            findings += [*self._parentless(row), *row.of_shapes]
        elif earlier.digest != row.digest:
            findings.append(self._repeated(row, earlier))
        findings += row.of_habits
        is_new = earlier is None and all(found.severity != "error" for found in findings)
        if is_new and row.traits and self._likeness:
            findings += self._likeness.of_row(row.number, row.cells, row.traits)
        return self._row(row, findings, is_duplicate=earlier is not None)

    def _row(
        self, row: ExaminedRow, findings: Sequence[Finding], *, is_duplicate: bool = False
    ) -> CheckedRow:
        return CheckedRow(
            self.table.name,
            row.number,
            row.key,
            row.parent,
            row.cells,
            row.references,
            tuple(findings),
            row.lines,
            row.digest,
            is_duplicate,
        )

    def _repeated(self, row: ExaminedRow, earlier: Kept) -> Finding:
        key = self.table.key
        return Finding(
            f"the key “{unquote(row.key)}” already stands in row {earlier.number}, with other "
            "values; give each row its own key, or remove one",
            self.mapper.source_column(key[0]) if key else "",
            kind="key-repeated",
        )

    def _parentless(self, row: ExaminedRow) -> Iterator[Finding]:
        """What is wrong with a row of a child table whose organisation is not published."""
        if self.table.parent and not self._checker.is_known(row.parent):
            main = self._checker.descriptor.main.name
            yield Finding(
                f"no organisation with the key “{unquote(row.parent)}” is published; correct "
                f"the key, or add its row to the table “{main}”",
                self.mapper.source_column(self.table.parent[0]),
                unquote(row.parent),
                kind="no-organisation",
            )

    # Rows that fall with others -----------------------------------------------------------

    def _dropped(self) -> dict[int, str]:
        """The rows at fault, each with what it refers to."""
        dropped: dict[int, str] = {}
        checker = self._checker
        is_main = self.table.name == checker.descriptor.main.name
        if is_main:
            checker.organizations = set(self.kept)
        while True:
            found = [
                (key, row, target)
                for key, row in self.kept.items()
                for target in row.references
                if not checker.resolves(target)
            ]
            if not found:
                return dropped
            for key, row, target in found:
                dropped[row.number] = target
                if self.kept.pop(key, None) is not None:
                    self.counts.published -= 1
                    self.counts.flagged -= row.is_flagged
                    self.counts.quarantined += 1
                if is_main:
                    checker.organizations.discard(key)

    def _again(self, dropped: dict[int, str]) -> Iterator[CheckedRow]:
        """Read the file once more for the rows at fault; they are few, the file may be long."""
        for row in self._open().rows:
            if row.number in dropped:
                examined = self._examiner.examined(row)
                yield self._row(examined, [self._unresolved(examined, dropped[row.number])])

    def _unresolved(self, row: ExaminedRow, target: str) -> Finding:
        name = f"{OPEN_REFERENCE}{target}"
        shown = target.removeprefix(f"{self._checker.descriptor.slug}/")
        return Finding(
            f"refers to “{unquote(shown)}”, which is not published; correct the key, or mend "
            "that row first",
            self.mapper.origins(row.cells).column_of(NamedNode(name)),
            unquote(shown),
            kind="reference-unpublished",
        )
