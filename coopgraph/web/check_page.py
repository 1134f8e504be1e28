"""The page of ``/check``: the form, and of a file that was checked what was found.

In: a task and its report as ``docs/checking.md`` documents it. Out: HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from coopgraph.handover import Task
from coopgraph.web.service import service

_SHOWN_CELLS = 20  # of a group
_SHOWN_UNUSED = 50
_LONGEST = 120  # characters of a cell
_SEVERITIES = {
    "error": "Error: not published",
    "warning": "Warning: published and flagged",
    "hint": "Hint",
}


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
    return render_template(
        "check.html",
        limits=limits(),
        task=task,
        report=report,
        problem=problem or None,
    )
