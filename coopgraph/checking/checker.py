"""Files → rows → records → checked records.

Records are checked one by one against the shapes, with nothing inferred; then set-wise for
what spans records: a key used twice, a child without its organisation, a reference to a row
that is not published. Each row read ends as published, duplicate or quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pyoxigraph import NamedNode

from coopgraph.checking.habits import Habits
from coopgraph.checking.likeness import Likeness
from coopgraph.checking.placing import Placing
from coopgraph.journal import digest_of
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, TableSpec
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import Row, Table, open_table
from coopgraph.tables.records import OPEN_REFERENCE, OPEN_SELF, Finding, Record
from coopgraph.validation import Validator

Held = Callable[[str, str], bool]  # whether (dataset, key) was published before

_LISTED = 20  # names in a note


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


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row's record and what is wrong with it. ``lines`` and ``digest`` are of its triples."""

    record: Record
    findings: tuple[Finding, ...]
    lines: str
    digest: bytes
    is_duplicate: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether no finding forbids its publication."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def is_flagged(self) -> bool:
        """Whether it has a warning."""
        return any(finding.severity == "warning" for finding in self.findings)


@dataclass(slots=True)
class Kept:
    """A published row of the table at hand, as little of it as later checks need."""

    number: int
    digest: bytes
    is_flagged: bool
    references: tuple[str, ...] = ()


class Checker:
    """Checks the tables of one dataset, that of organisations first.

    ``is_held`` tells which records count as published beside those of the files themselves.
    """

    def __init__(
        self, descriptor: Descriptor, standard: Standard, validator: Validator, is_held: Held
    ) -> None:
        self.descriptor = descriptor
        self.standard = standard
        self.validator = validator
        self.is_held = is_held
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
        self.mapper = compile_table(
            checker.descriptor,
            table,
            checker.standard,
            source.header,
            source.source,
            source.header_row,
            source.hashtags,
        )
        self._placing = Placing(checker.standard, table, self.mapper)
        self._habits = Habits(self.mapper, source.header)
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
        for row in self._source.rows:
            counts.read += 1
            checked = self._checked(row)
            key = checked.record.key
            if not checked.is_sound:
                counts.quarantined += 1
            elif checked.is_duplicate:
                counts.duplicate += 1
            else:
                self.kept[key] = Kept(
                    row.number, checked.digest, checked.is_flagged, checked.record.references
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

    def _checked(self, row: Row) -> CheckedRow:
        record = self.mapper.record(row)
        lines = record.lines()
        digest = digest_of(record.parent, lines)
        earlier = self.kept.get(record.key)
        findings = [*record.findings]
        if earlier is None:
            findings += self._beyond_cells(record)
        elif earlier.digest != digest:
            findings.append(self._repeated(record, earlier))
        findings += self._habits.of_row(row, record)
        if earlier is None and self._likeness and all(f.severity != "error" for f in findings):
            findings += self._likeness.of_record(record)
        is_duplicate = earlier is not None
        return CheckedRow(record, tuple(findings), lines, digest, is_duplicate)

    def _repeated(self, record: Record, earlier: Kept) -> Finding:
        key = self.table.key
        return Finding(
            f"the key “{unquote(record.key)}” already stands in row {earlier.number}, with other "
            "values; give each row its own key, or remove one",
            self.mapper.source_column(key[0]) if key else "",
            kind="key-repeated",
        )

    def _beyond_cells(self, record: Record) -> Iterator[Finding]:
        """What is wrong with a record as a whole."""
        if self.table.parent and not self._checker.is_known(record.parent):
            main = self._checker.descriptor.main.name
            yield Finding(
                f"no organisation with the key “{unquote(record.parent)}” is published; correct "
                f"the key, or add its row to the table “{main}”",
                self.mapper.source_column(self.table.parent[0]),
                unquote(record.parent),
                kind="no-organisation",
            )
        yield from self._violations(record)

    def _violations(self, record: Record) -> Iterator[Finding]:
        """What breaks the shapes, beside the cells that are known to be at fault."""
        faulty = {found.column for found in record.findings if found.severity == "error"}
        if "" in faulty:  # of the row as a whole: its cells may stand in wrong places
            return
        violations = self._checker.validator.validate(record.triples)
        entity = self.table.entity
        if self.table.parent and not entity.fragment:
            violations += self._checker.validator.validate_node(
                record.triples, OPEN_SELF, entity.shape, partial=True
            )
        if violations:
            placed = self._placing.findings(record, violations)
            yield from (found for found in placed if found.column not in faulty)

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
                record = self.mapper.record(row)
                lines = record.lines()
                finding = self._unresolved(record, dropped[row.number])
                digest = digest_of(record.parent, lines)
                yield CheckedRow(record, (finding,), lines, digest)

    def _unresolved(self, record: Record, target: str) -> Finding:
        name = f"{OPEN_REFERENCE}{target}"
        shown = target.removeprefix(f"{self._checker.descriptor.slug}/")
        return Finding(
            f"refers to “{unquote(shown)}”, which is not published; correct the key, or mend "
            "that row first",
            self.mapper.origins(record).column_of(NamedNode(name)),
            unquote(shown),
            kind="reference-unpublished",
        )
