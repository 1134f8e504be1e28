"""Row → what is wrong with it by itself: its cells, its shapes, habits of spreadsheets.

What a row is beside others (``checker``) is not looked at here, so rows can be examined in any
order, and in several processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coopgraph.checking.habits import Habits
from coopgraph.checking.likeness import Traits, traits_of
from coopgraph.checking.placing import Placing
from coopgraph.journal import digest_of
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, TableSpec
from coopgraph.tables.mapping import Mapper, compile_table
from coopgraph.tables.reading import Row, Table
from coopgraph.tables.records import OPEN_SELF, Finding, Record
from coopgraph.validation import Validator
from coopgraph.validation.checking import standard_validator


@dataclass(frozen=True, slots=True)
class Heading:
    """What is known of an open table before its rows: enough to map them."""

    names: tuple[str, ...]
    source: str
    row: int | None
    hashtags: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> Heading:
        """That of a table that was opened."""
        return cls(table.header, table.source, table.header_row, tuple(table.hashtags))


@dataclass(frozen=True, slots=True)
class ExaminedRow:
    """A row's record, and the findings of its cells, of its shapes and of habits, apart.

    ``traits`` tell its organisation, in a table of organisations.
    """

    number: int
    key: str
    parent: str
    cells: tuple[str, ...]
    references: tuple[str, ...]
    lines: str
    digest: bytes
    of_cells: tuple[Finding, ...]
    of_shapes: tuple[Finding, ...]
    of_habits: tuple[Finding, ...]
    traits: Traits | None


class Examiner:
    """Examines the rows of one table."""

    def __init__(
        self,
        descriptor: Descriptor,
        table: TableSpec,
        standard: Standard,
        validator: Validator,
        heading: Heading,
    ) -> None:
        self.mapper = _mapper(descriptor, table, standard, heading)
        self._table = table
        self._validator = validator
        self._placing = Placing(standard, table, self.mapper)
        self._habits = Habits(self.mapper, heading.names)
        self._is_main = table.name == descriptor.main.name

    def __call__(self, rows: Sequence[Row]) -> list[ExaminedRow]:
        """The rows, examined."""
        return [self.examined(row) for row in rows]

    def examined(self, row: Row) -> ExaminedRow:
        """One row, examined."""
        record = self.mapper.record(row)
        lines = record.lines()
        return ExaminedRow(
            number=row.number,
            key=record.key,
            parent=record.parent,
            cells=record.cells,
            references=record.references,
            lines=lines,
            digest=digest_of(record.parent, lines),
            of_cells=record.findings,
            of_shapes=tuple(self._violations(record)),
            of_habits=tuple(self._habits.of_row(row, record)),
            traits=traits_of(record) if self._is_main else None,
        )

    def _violations(self, record: Record) -> Iterator[Finding]:
        """What breaks the shapes, beside the cells that are known to be at fault."""
        faulty = {found.column for found in record.findings if found.severity == "error"}
        if "" in faulty:  # of the row as a whole: its cells may stand in wrong places
            return
        violations = self._validator.validate(record.triples)
        entity = self._table.entity
        if self._table.parent and not entity.fragment:
            violations += self._validator.validate_node(
                record.triples, OPEN_SELF, entity.shape, partial=True
            )
        if violations:
            placed = self._placing.findings(record, violations)
            yield from (found for found in placed if found.column not in faulty)


def make_examiner(
    descriptor: Descriptor, table: str, standard: Standard, heading: Heading
) -> Examiner:
    """An examiner from what another process can be given."""
    [spec] = [spec for spec in descriptor.tables if spec.name == table]
    return Examiner(descriptor, spec, standard, standard_validator(standard), heading)


def _mapper(
    descriptor: Descriptor, table: TableSpec, standard: Standard, heading: Heading
) -> Mapper:
    return compile_table(
        descriptor,
        table,
        standard,
        heading.names,
        heading.source,
        heading.row,
        heading.hashtags,
    )
