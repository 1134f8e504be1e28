"""The page of ``/check``: the form, and of a file that was checked what was found.

In: a task and its report in brief (``checking.preview``). Out: HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from coopgraph.handover import Task
from coopgraph.web.check_choices import choices
from coopgraph.web.service import service

_OUTCOMES = (
    ("xlsx", "Workbook with the cells coloured"),
    ("report", "Report to send around"),
    ("yaml", "Mapping (YAML)"),
    ("ttl", "RDF (Turtle)"),
    ("jsonld", "JSON-LD"),
)


def limits() -> dict[str, int]:
    """What a check may take here."""
    settings = service().settings
    return {
        "fileMegabytes": settings.check_file_mb,
        "rows": settings.check_rows,
        "seconds": settings.check_seconds,
        "memoryMegabytes": settings.check_memory_mb,
        "resultMegabytes": settings.check_result_mb,
    }


def check_page(
    task: Task | None = None, report: Mapping[str, Any] | None = None, **problem: Any
) -> str:
    """The page before a check, after one, or with what kept it from being done."""
    known = service().templates.known
    return render_template(
        "check.html",
        is_offered=bool(service().settings.check_processes),
        limits=limits(),
        task=task,
        report=report,
        totals=_totals(report) if report else {},
        choices=choices(report, known) if report and report["columns"] is not None else None,
        rows=list(map(_row, report["preview"]["rows"])) if report else [],
        problem=problem or None,
        entities=[(item.slug, item.title("en")) for item in known],
        outcomes=_OUTCOMES,
    )


def _totals(report: Mapping[str, Any]) -> dict[str, int]:
    """Counts over all tables."""
    tables = report["tables"].values()
    return {
        name: sum(table[name] for table in tables)
        for name in ("read", "published", "quarantined", "flagged")
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the preview: its findings by column, those of the row as a whole under ""."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in row["findings"]:
        found.setdefault(item["column"] or "", []).append(item)
    return {**row, "findings": found}
