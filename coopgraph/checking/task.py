"""One task of the web server, done: a file checked, and what was asked for written.

In: a task (``handover``) and the folder with its file. Out: the outcome in a file of that folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from coopgraph.checking.check import CheckReport, run_check
from coopgraph.checking.document import report_json
from coopgraph.checking.graph import SoundRows
from coopgraph.checking.page import page
from coopgraph.checking.preview import (
    PREVIEWED_ROWS,
    brief_json,
    columns_json,
    entities_json,
    preview_json,
)
from coopgraph.checking.rows import CheckedRow
from coopgraph.checking.subject import (
    Subject,
    of_file,
    of_mapped_file,
    of_plain_file,
    of_proposed_file,
)
from coopgraph.checking.workbook import MOST_ROWS, write_workbook
from coopgraph.errors import CoopgraphError, UsageError
from coopgraph.handover import GIVEN, MAPPING, OUTCOME, Task
from coopgraph.standard import Standard
from coopgraph.standard.context import context
from coopgraph.tables.values import is_language_tag


class TooManyRows(CoopgraphError):
    """The file has more rows than are checked."""


class Desk:
    """Does one task in its folder; at most so many rows are checked."""

    def __init__(self, task: Task, folder: Path, standard: Standard, most_rows: int) -> None:
        self._task = task
        self._folder = folder
        self._standard = standard
        self._most_rows = most_rows
        self._rows: SoundRows | None = None
        self._read: Counter[str] = Counter()  # rows of each table
        self._last: dict[str, int] = {}

    def work(self) -> None:
        """Write the outcome. Raises InputError, UsageError, TooManyRows."""
        form = self._task.form
        subject = self._subject()
        target = self._folder / f"{OUTCOME}.{form}"
        if form == "yaml":
            target.write_text(self._mapping(subject), encoding="utf-8")
            return
        if form in ("ttl", "jsonld"):
            self._rows = SoundRows(subject.descriptor.slug)
        report = run_check(
            subject,
            self._standard,
            marked_rows=MOST_ROWS if form == "xlsx" else 0,
            shown_rows=PREVIEWED_ROWS if form == "json" else 0,
            watch=self._watch,
        )
        if form == "xlsx":
            write_workbook(report, self._standard, target)
        else:
            target.write_bytes(_WRITERS[form](self, report))

    def report(self, report: CheckReport) -> bytes:
        """The report with a preview, as JSON."""
        is_said = bool(self._task.entity) or self._task.is_mapped
        content = {
            **(brief_json(report) if self._task.is_brief else report_json(report)),
            "entities": entities_json(report),
            "columns": None if is_said else columns_json(report, self._standard),
            "preview": preview_json(report),
        }
        return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def page(self, report: CheckReport) -> bytes:
        """The report as a page to keep."""
        return page(report).encode()

    def turtle(self, report: CheckReport) -> bytes:
        """What would be published, as Turtle."""
        assert self._rows is not None
        return self._rows.turtle()

    def json_ld(self, report: CheckReport) -> bytes:
        """What would be published, as JSON-LD."""
        assert self._rows is not None
        chosen = self._task.context_url or context(self._standard)["@context"]
        return self._rows.json_ld(self._standard, chosen)

    # What is checked ----------------------------------------------------------------------

    def _subject(self) -> Subject:
        """The file, read as the task says. Raises UsageError where that is at odds."""
        task, standard = self._task, self._standard
        [path] = (self._folder / GIVEN).iterdir()
        is_asked = task.form == "yaml"
        if task.is_mapped:
            if task.sheet or task.language or task.entity or task.chosen:
                raise UsageError(
                    "With a mapping, leave out sheet, language, entity and choices of columns: "
                    "the mapping says them, like “sheet: Members”."
                )
            return of_mapped_file(path, self._given_mapping, standard, is_proposed=is_asked)
        if task.language and not is_language_tag(task.language):
            raise UsageError(f"“{task.language}” is no BCP 47 tag; write one like en or pt-BR.")
        if task.entity:
            if task.chosen or is_asked:
                raise UsageError(
                    "With “a row is” the columns are those of a template: they need no mapping, "
                    "and feed what they are called."
                )
            return of_plain_file(path, task.entity, standard, task.sheet)
        language, chosen = task.language or "und", dict(task.chosen)
        find = of_proposed_file if is_asked else of_file
        return find(path, standard, task.sheet, language, chosen=chosen)

    @property
    def _given_mapping(self) -> Path:
        [path] = (self._folder / MAPPING).iterdir()
        return path

    def _mapping(self, subject: Subject) -> str:
        if subject.proposal is not None:
            return subject.proposal.text
        return self._given_mapping.read_text(encoding="utf-8")

    def _watch(self, checked: CheckedRow) -> None:
        table, number = checked.table, checked.number
        if number > self._last.get(table, 0):  # one that falls with another is seen twice
            self._last[table] = number
            self._read[table] += 1
        if self._read[table] > self._most_rows:
            raise TooManyRows(f"The file has more than {self._most_rows:,} rows.")
        if self._rows is not None:
            self._rows.watch(checked)


_WRITERS: Final[dict[str, Callable[[Desk, CheckReport], bytes]]] = {
    "json": Desk.report,
    "html": Desk.page,
    "ttl": Desk.turtle,
    "jsonld": Desk.json_ld,
}
