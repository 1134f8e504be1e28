"""Files → checked records → states: everything of a load before its commit.

The records of each table are checked (``coopgraph.checking``) and compared with what the journal
holds. Each row read ends as published, duplicate or quarantined.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coopgraph.checking import CheckedRow, CheckedTable, Checker, Groups
from coopgraph.errors import InputError
from coopgraph.journal import Commit, Head, Journal, QuarantinedRow, State
from coopgraph.publish.held import Asked, Held, Whole
from coopgraph.publish.report import TableCounts
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, TableSpec
from coopgraph.tables.editions import EditionFile, choose_file
from coopgraph.validation import Validator

Progress = Callable[[str, int], None]  # (what, rows done)

_CHUNK = 5_000
_TICK = 500


@dataclass
class Staged:
    """What staging found, beside the states that it wrote into the open commit."""

    counts: dict[str, TableCounts] = field(default_factory=dict)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    organizations: list[str] = field(default_factory=list)  # published keys of the main table
    editions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    groups: Groups = field(default_factory=Groups)


class Staging:
    """Stages one load of one dataset into an open commit; ``is_part``: of some of its rows."""

    def __init__(
        self,
        descriptor: Descriptor,
        standard: Standard,
        validator: Validator,
        journal: Journal,
        commit: Commit,
        progress: Progress,
        processes: int = 1,
        *,
        is_part: bool = False,
    ) -> None:
        self._descriptor = descriptor
        self._checker = Checker(descriptor, standard, validator, journal.has_identity, processes)
        self._commit = commit
        self._progress = progress
        self._is_part = is_part
        self._held: Held = (Asked if is_part else Whole)(journal, descriptor.slug)
        self._seen: set[str] = set()  # keys of rows that were published or refused
        self._staged = Staged()

    def run(self, folder: Path, edition: str | None) -> Staged:
        """Stage every table that the folder has a file for: that of organisations at least, or any
        of a part. Raises InputError, UsageError.
        """
        chosen = {
            table.name: choose_file(folder, table.pattern, edition)
            for table in self._descriptor.tables
        }
        main = self._descriptor.main
        is_enough = any(chosen.values()) if self._is_part else chosen[main.name] is not None
        if not is_enough:
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
        expected = self._held.expected()
        for name in sorted(expected.keys() - named):
            gone = [head for key, head in expected[name].items() if key not in self._seen]
            if gone:
                self._staged.counts[name] = TableCounts(gone=len(gone))
                self._remove(gone)

    def _stage(self, table: TableSpec, file: EditionFile | None, folder: Path) -> None:
        counts = self._staged.counts.setdefault(table.name, TableCounts())
        if file is None:
            if not self._is_part:
                self._staged.notes.append(
                    f"There is no file like {table.pattern} in {folder.name}; the table "
                    f"“{table.name}” stays as it is."
                )
            return
        if file.edition:
            self._staged.editions.append(file.edition)
        opened = self._checker.open(table, file.path, counts)
        self._staged.notes.extend(opened.notes)
        refused = self._stage_rows(opened, counts)
        refused |= self._drop_dangling(opened)
        if table.name == self._descriptor.main.name:
            self._staged.organizations = list(opened.kept)
        self._count(opened, refused, counts)

    def _stage_rows(self, opened: CheckedTable, counts: TableCounts) -> set[str]:
        """Write the states of sound rows. Returns the keys of the others."""
        name = opened.table.name
        refused: set[str] = set()
        chunk: list[State] = []
        for checked in opened.rows():
            if counts.read % _TICK == 0:
                self._progress(name, _TICK)
            key = checked.key
            if not checked.is_sound:
                refused.add(key)
                self._quarantine(checked, opened)
                continue
            if checked.is_duplicate:
                continue
            if checked.findings:
                self._staged.groups.add(checked, opened.sheet)
            if self._held.is_news(name, key, checked.digest):
                chunk.append(self._state(checked, opened.header))
            if len(chunk) >= _CHUNK:
                self._commit.write(chunk)
                chunk.clear()
        self._commit.write(chunk)
        self._progress(name, counts.read % _TICK)
        return refused

    def _drop_dangling(self, opened: CheckedTable) -> set[str]:
        """Take back the rows that refer to what is not published. Returns their keys."""
        dropped = set()
        for checked in opened.dangling():
            dropped.add(checked.key)
            self._quarantine(checked, opened)
        if dropped:
            self._commit.drop(self._descriptor.slug, sorted(dropped))
        return dropped

    def _quarantine(self, checked: CheckedRow, opened: CheckedTable) -> None:
        self._staged.groups.add(checked, opened.sheet)
        self._staged.quarantined.append(
            QuarantinedRow(
                table=checked.table,
                row=checked.number,
                key=checked.key,
                columns=opened.header,
                cells=checked.cells,
                findings=tuple(asdict(finding) for finding in checked.findings),
            )
        )

    def _state(self, checked: CheckedRow, header: tuple[str, ...]) -> State:
        return State(
            dataset=self._descriptor.slug,
            key=checked.key,
            table=checked.table,
            parent=checked.parent,
            columns=header,
            cells=checked.cells,
            lines=checked.lines,
        )

    def _count(self, opened: CheckedTable, refused: set[str], counts: TableCounts) -> None:
        """Compare with what is held, and write a removal for each record that is gone.

        A record whose row turned invalid is not gone: it keeps its last valid state.
        """
        name, kept = opened.table.name, opened.kept
        for key, row in kept.items():
            held = self._held.digest(name, key)
            if held is None:
                counts.added += 1
            elif held == row.digest:
                counts.unchanged += 1
            else:
                counts.changed += 1
        expected = self._held.expected().get(name, {})
        self._seen.update(kept, refused)
        # What stands in another table now was written with it, and is not gone.
        gone = [head for key, head in expected.items() if key not in self._seen]
        counts.gone = len(gone)
        self._remove(gone)

    def _remove(self, gone: Iterable[Head]) -> None:
        self._commit.write(
            State(self._descriptor.slug, head.key, head.table, head.parent, (), (), None)
            for head in gone
        )

    def held(self) -> dict[str, int]:
        """How many records each table of the dataset has that the load must name again."""
        return {table: len(heads) for table, heads in self._held.expected().items()}


def findings_of(rows: list[QuarantinedRow]) -> Counter[bytes]:
    """What two quarantines are compared by: rows and findings, not row numbers."""
    texts = (json.dumps([r.table, r.key, r.cells, r.findings], sort_keys=True) for r in rows)
    return Counter(hashlib.sha256(text.encode()).digest() for text in texts)
