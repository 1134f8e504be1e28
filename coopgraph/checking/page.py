"""A report as one page of HTML that needs nothing else: no script, no picture, no font.

In: a report. Out: the page's text. Everything that comes from a file is escaped, and isolated in
its own direction of writing.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from coopgraph.checking.check import CheckReport, FileReport
from coopgraph.checking.groups import Group

_TEMPLATE = "report.html"
_SHOWN = 50  # cells of a group; --json and --workbook have more
_LISTED = 50  # columns that are not used
_BESIDE = 4  # other columns in a preview
_LONGEST = 120  # characters of a cell


def page(report: CheckReport) -> str:
    """The page of a report."""
    environment = Environment(
        loader=PackageLoader("coopgraph.checking", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["cut"] = _cut
    files = {file.table.name: file for file in report.files}
    return environment.get_template(_TEMPLATE).render(
        report=report,
        groups=[(group, _preview(group, files[group.table])) for group in report.groups],
        shown=_SHOWN,
        listed=_LISTED,
    )


def _preview(group: Group, file: FileReport) -> dict[str, Any]:
    """The first rows of a group: its column, the keys, and a few that hold something."""
    filled = [
        place
        for place, name in enumerate(file.header)
        if name and any(cells[place] for _, cells in group.previews)
    ]
    first = [place for place, name in enumerate(file.header) if name in (*file.keys, group.column)]
    chosen = sorted({*first, *[place for place in filled if place not in first][:_BESIDE]})
    return {
        "columns": [file.header[place] for place in chosen],
        "rows": [(number, [cells[place] for place in chosen]) for number, cells in group.previews],
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
