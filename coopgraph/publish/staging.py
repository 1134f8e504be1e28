"""Files → rows → records → checked records: everything of a load before its commit.

Records are checked one by one against the shapes, with nothing inferred; then set-wise for
what spans records: a key used twice, a child without its organisation, a reference to a row
that is not published. Each row read ends as published, duplicate or quarantined.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import InputError
from coopgraph.journal import Commit, Journal, QuarantinedRow, State, digest_of
from coopgraph.namespaces import curie, iri
from coopgraph.publish.report import TableCounts
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, TableSpec
from coopgraph.tables.editions import EditionFile, choose_file
from coopgraph.tables.mapping import Mapper, compile_table
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import Table, open_table
from coopgraph.tables.records import OPEN_SELF, Finding, Record
from coopgraph.validation import Validator, Violation

Progress = Callable[[str, int], None]  # (what, rows done)

_NODE_CONSTRAINT = iri("sh:NodeConstraintComponent")
_CHUNK = 5_000
_TICK = 500
_LISTED = 20  # names in a note


@dataclass
class Staged:
    """What staging found, beside the states that it wrote into the open commit."""

    counts: dict[str, TableCounts] = field(default_factory=dict)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    organizations: list[str] = field(default_factory=list)  # published keys of the main table
    editions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Kept:
    """A published row of the table at hand, as little of it as later checks need."""

    number: int
    digest: bytes
    references: tuple[str, ...] = ()


class Staging:
    """Stages one load of one dataset into an open commit."""

    def __init__(
        self,
        descriptor: Descriptor,
        standard: Standard,
        validator: Validator,
        journal: Journal,
        commit: Commit,
        progress: Progress,
    ) -> None:
        self._descriptor = descriptor
        self._standard = standard
        self._validator = validator
        self._journal = journal
        self._commit = commit
        self._progress = progress
        self._heads: dict[str, dict[str, bytes]] = {}
        self._held_parents: dict[str, str] = {}
        for head in journal.heads(descriptor.slug):
            self._heads.setdefault(head.table, {})[head.key] = head.digest
            self._held_parents[head.key] = head.parent
        self._seen: set[str] = set()  # keys of rows that were published or refused
        self._parents: set[str] = set()
        self._staged = Staged()

    def run(self, folder: Path, edition: str | None) -> Staged:
        """Stage every table that the folder has a file for. Raises InputError, UsageError."""
        chosen = {
            table.name: choose_file(folder, table.pattern, edition)
            for table in self._descriptor.tables
        }
        main = self._descriptor.main
        if chosen[main.name] is None:
            until = f" up to edition {edition}" if edition else ""
            raise InputError(
                f"there is no file like {main.pattern}{until}, which the table “{main.name}” "
                "needs; name the folder that holds it with --from.",
                source=str(folder),
            )
        for table in self._descriptor.tables:
            self._stage(table, chosen[table.name], folder)
        self._drop_tables({table.name for table in self._descriptor.tables})
        return self._staged

    def _drop_tables(self, named: set[str]) -> None:
        """Records of tables that the descriptor names no longer are gone."""
        for name in sorted(self._heads.keys() - named):
            gone = [key for key in self._heads[name] if key not in self._seen]
            if gone:
                self._staged.counts[name] = TableCounts(gone=len(gone))
                self._remove(name, gone)

    def _stage(self, table: TableSpec, file: EditionFile | None, folder: Path) -> None:
        counts = self._staged.counts.setdefault(table.name, TableCounts())
        if file is None:
            self._staged.notes.append(
                f"There is no file like {table.pattern} in {folder.name}; the table "
                f"“{table.name}” stays as it is."
            )
            return
        counts.file = file.path.name
        if file.edition:
            self._staged.editions.append(file.edition)
        source = self._open(table, file.path)
        counts.sheet = source.sheet or None
        mapper = compile_table(
            self._descriptor,
            table,
            self._standard,
            source.header,
            source.source,
            source.header_row,
            source.hashtags,
        )
        self._staged.notes.extend(source.notes)
        if mapper.unused_columns:
            self._staged.notes.append(
                f"{source.source}: the standard has no columns called "
                f"{', '.join(mapper.unused_columns)}; they are kept in the record and not used."
            )
        if source.header_row is None and mapper.unmapped_columns:
            # Nobody declared the keys of objects: some are slips.
            unused = mapper.unmapped_columns
            more = f" and {len(unused) - _LISTED:,} more" if len(unused) > _LISTED else ""
            self._staged.notes.append(
                f"{source.source}: {len(unused):,} keys are not used: "
                f"{', '.join(unused[:_LISTED])}{more}."
            )
        self._stage_rows(table, source, mapper, counts)

    def _open(self, table: TableSpec, path: Path) -> Table:
        return open_table(path, table.layout, column_use(table, self._standard))

    def _stage_rows(
        self, table: TableSpec, source: Table, mapper: Mapper, counts: TableCounts
    ) -> None:
        heads = self._heads.get(table.name, {})
        kept: dict[str, _Kept] = {}
        refused: set[str] = set()
        chunk: list[State] = []
        for row in source.rows:
            counts.read += 1
            if counts.read % _TICK == 0:
                self._progress(table.name, _TICK)
            record = mapper.record(row)
            lines = record.lines()
            digest = digest_of(record.parent, lines)
            findings = [*record.findings, *self._check(table, mapper, record, kept, digest)]
            if any(finding.severity == "error" for finding in findings):
                refused.add(record.key)
                self._quarantine(record, source.header, findings, counts)
                continue
            if record.key in kept:
                counts.duplicate += 1
                continue
            kept[record.key] = _Kept(row.number, digest, record.references)
            if heads.get(record.key) != digest:
                chunk.append(self._state(record, source.header, lines))
            if len(chunk) >= _CHUNK:
                self._commit.write(chunk)
                chunk.clear()
        self._commit.write(chunk)
        self._progress(table.name, counts.read % _TICK)
        refused |= self._drop_dangling(table, source, mapper, kept, counts)
        self._count(table, heads, kept, refused, counts)

    def _check(
        self,
        table: TableSpec,
        mapper: Mapper,
        record: Record,
        kept: Mapping[str, _Kept],
        digest: bytes,
    ) -> Iterator[Finding]:
        """What is wrong with a record beyond its cells."""
        earlier = kept.get(record.key)
        if earlier is not None:
            if earlier.digest != digest:
                yield Finding(
                    f"the key “{unquote(record.key)}” already stands in row {earlier.number}, "
                    "with other values; give each row its own key, or remove one",
                    mapper.source_column(table.key[0]) if table.key else "",
                )
            return
        if table.parent and not self._is_known(record.parent):
            yield Finding(
                f"no organisation with the key “{unquote(record.parent)}” is published; correct "
                f"the key, or add its row to the table “{self._descriptor.main.name}”",
                mapper.source_column(table.parent[0]),
                record.parent,
            )
        if record.is_sound:
            yield from self._violations(table, mapper, record)

    def _is_known(self, key: str) -> bool:
        return bool(key) and (
            key in self._parents or self._journal.has_identity(self._descriptor.slug, key)
        )

    def _violations(self, table: TableSpec, mapper: Mapper, record: Record) -> Iterator[Finding]:
        violations = self._validator.validate(record.triples)
        if table.parent and not table.entity.fragment:
            violations += self._validator.validate_node(
                record.triples, OPEN_SELF, table.entity.shape, partial=True
            )
        # An inner node is judged by its own shape; that its owner's fails for it adds nothing.
        telling = [v for v in violations if v.component != _NODE_CONSTRAINT] or violations
        for violation in telling:
            yield self._finding(table, mapper, violation)

    def _finding(self, table: TableSpec, mapper: Mapper, violation: Violation) -> Finding:
        """A violation in the words of its shape, at the source's column."""
        text = violation.message or f"breaks {violation.component.value}"
        value = violation.value
        shown = value.value if isinstance(value, Literal | NamedNode) else ""
        column = self._column(table, mapper, violation.path) if violation.path else ""
        if not column and violation.path:
            text = f"{curie(violation.path)}: {text}"
        severity = violation.severity.value.rpartition("#")[2]
        return Finding(
            text, column, shown, "error" if severity == "Violation" else severity.lower()
        )

    def _column(self, table: TableSpec, mapper: Mapper, path: str) -> str:
        """The source's name of the column that feeds a property."""
        names = [
            field.column
            for _, field in self._standard.columns(table.entity)
            if field.path.value == path
        ]
        for name in names:
            spec = (table.columns or {}).get(name)
            if spec is not None and spec.columns:
                return spec.columns[0]
        return mapper.source_column(names[0]) if names else ""

    def _drop_dangling(
        self,
        table: TableSpec,
        source: Table,
        mapper: Mapper,
        kept: dict[str, _Kept],
        counts: TableCounts,
    ) -> set[str]:
        """Quarantine rows that refer to rows which are not published, until none is left."""
        dropped: dict[int, tuple[str, str]] = {}
        if table.name == self._descriptor.main.name:
            self._parents = set(kept)
        while True:
            found = [
                (key, row, target)
                for key, row in kept.items()
                for target in row.references
                if not self._resolves(target)
            ]
            if not found:
                break
            for key, row, target in found:
                dropped[row.number] = (key, target)
                kept.pop(key, None)
                self._parents.discard(key)
        if dropped:
            self._commit.drop(self._descriptor.slug, [key for key, _ in dropped.values()])
            self._report_dangling(table, source, mapper, dropped, counts)
        if table.name == self._descriptor.main.name:
            self._staged.organizations = list(kept)
        return {key for key, _ in dropped.values()}

    def _resolves(self, target: str) -> bool:
        dataset, _, key = target.partition("/")
        if dataset == self._descriptor.slug and key in self._parents:
            return True
        return self._journal.has_identity(dataset, key)

    def _report_dangling(
        self,
        table: TableSpec,
        source: Table,
        mapper: Mapper,
        dropped: Mapping[int, tuple[str, str]],
        counts: TableCounts,
    ) -> None:
        """Read the file once more for the rows at fault; they are few, the file may be long."""
        again = self._open(table, source.path)
        for row in again.rows:
            if row.number in dropped:
                record = mapper.record(row)
                target = dropped[row.number][1]
                finding = Finding(
                    f"refers to “{unquote(target)}”, which is not published; correct the key, or "
                    "mend that row first",
                    value=target,
                )
                self._quarantine(record, source.header, [finding], counts)

    def _quarantine(
        self,
        record: Record,
        header: tuple[str, ...],
        findings: list[Finding],
        counts: TableCounts,
    ) -> None:
        counts.quarantined += 1
        self._staged.quarantined.append(
            QuarantinedRow(
                table=record.table,
                row=record.number,
                key=record.key,
                columns=header,
                cells=record.cells,
                findings=tuple(asdict(finding) for finding in findings),
            )
        )

    def _state(self, record: Record, header: tuple[str, ...], lines: str | None) -> State:
        return State(
            dataset=self._descriptor.slug,
            key=record.key,
            table=record.table,
            parent=record.parent,
            columns=header,
            cells=record.cells,
            lines=lines,
        )

    def _count(
        self,
        table: TableSpec,
        heads: Mapping[str, bytes],
        kept: Mapping[str, _Kept],
        refused: set[str],
        counts: TableCounts,
    ) -> None:
        """Compare with what is held, and write a removal for each record that is gone.

        A record whose row turned invalid is not gone: it keeps its last valid state.
        """
        for key, row in kept.items():
            if key not in heads:
                counts.added += 1
            elif heads[key] == row.digest:
                counts.unchanged += 1
            else:
                counts.changed += 1
        counts.published = len(kept)
        gone = [key for key in heads if key not in kept and key not in refused]
        counts.gone = len(gone)
        self._seen.update(kept, refused)
        self._remove(table.name, gone)

    def _remove(self, table: str, keys: list[str]) -> None:
        self._commit.write(
            State(self._descriptor.slug, key, table, self._held_parents[key], (), (), None)
            for key in keys
        )

    def held(self) -> dict[str, int]:
        """How many records each table of the dataset holds before this load."""
        return {table: len(heads) for table, heads in self._heads.items()}


def findings_digest(rows: list[QuarantinedRow]) -> bytes:
    """What two quarantines are compared by: rows and findings, not row numbers."""
    texts = sorted(json.dumps([r.table, r.key, r.cells, r.findings], sort_keys=True) for r in rows)
    return hashlib.sha256("\0".join(texts).encode()).digest()
