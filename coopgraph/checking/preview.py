"""What a page shows of a check beside its report: the first rows, and what each column feeds.

In: a report. Out: plain values, whose keys ``docs/checking.md`` documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from coopgraph.checking.check import CheckReport, FileReport
from coopgraph.checking.document import group_json
from coopgraph.checking.following import template_targets
from coopgraph.standard import Standard
from coopgraph.standard.columns import find_template, templates
from coopgraph.tables.proposals import Line, Proposal

PREVIEWED_ROWS: Final = 20
MOST_COLUMNS: Final = 300  # of which it is said what they feed
BRIEF_CELLS: Final = 20  # of a group
_BRIEF_GROUPS = 100
_SHOWN_COLUMNS = 40
_LONGEST = 200  # characters of a cell


def preview_json(report: CheckReport) -> dict[str, Any]:
    """The first rows with what was found in them, in the columns that are used or at fault; of
    the first sheet, where there are several.
    """
    file = report.files[0]
    places = _shown(report, file)
    at_fault = _findings(report)
    rows = []
    for number, cells in file.first.items():
        found = at_fault.get(number, [])
        rows.append(
            {
                "row": number,
                "cells": [_cut(cells[place]) if place < len(cells) else "" for place in places],
                "findings": found,
            }
        )
    return {"columns": [file.header[place] for place in places], "rows": rows}


def brief_json(report: CheckReport) -> dict[str, Any]:
    """No more of the report than a page shows, whatever the file: ``omitted`` groups are not in
    it, and of the mapping it says only whether one was proposed.
    """
    groups = [group_json(group) for group in report.groups[:_BRIEF_GROUPS]]
    for group in groups:
        group["listed"] = group["listed"][:BRIEF_CELLS]
    return {
        "name": report.name,
        "tables": {file.table.name: dict(vars(file.counts)) for file in report.files},
        "groups": groups,
        "omitted": len(report.groups) - len(groups),
        "notes": [_cut(note) for note in report.notes],
        "is_proposed": report.proposal is not None,
    }


def entities_json(report: CheckReport) -> dict[str, str]:
    """What a row of each table is: the name of its entity type."""
    return {file.table.name: file.table.entity.name for file in report.files}


def columns_json(report: CheckReport, standard: Standard) -> list[dict[str, Any]] | None:
    """What each column of the file feeds; None where a mapping was given, or several sheets follow
    the template, which say it.

    ``target`` is a column of the standard, in further tables with the table's name before it.
    """
    header = [name for name in report.files[0].header if name][:MOST_COLUMNS]
    if report.proposal is not None:
        return list(_proposed(header, report.proposal))
    file = report.files[-1]
    if file.table.columns is not None or len(report.files) > 1:
        return None
    template = find_template(templates(standard), file.table.entity.name)
    targets = template_targets(template, file.table, standard, file.header, file.hashtags)
    return [_column(name, list(filter(None, [targets[name]]))) for name in header]


def _proposed(header: list[str], proposal: Proposal) -> Iterator[dict[str, Any]]:
    feeds = proposal.addresses
    lines: dict[tuple[str, str], Line] = {}
    for line in proposal.lines:
        for column in line.columns:
            lines.setdefault((column, line.target), line)
    left_out = {item.name: item.reason for item in proposal.unmapped}
    for name in header:
        targets = feeds.get(name, [])
        feeding = lines.get((name, targets[0].rpartition(".")[2])) if targets else None
        found = _column(name, targets)
        if feeding is not None:
            found |= {"confidence": feeding.confidence, "reason": feeding.reason}
        else:
            found["reason"] = left_out.get(name) or None
        yield found


def _column(name: str, targets: list[str]) -> dict[str, Any]:
    return {
        "column": name,
        "target": targets[0] if targets else None,
        "also": targets[1:],
        "confidence": None,
        "reason": None,
    }


def _shown(report: CheckReport, file: FileReport) -> list[int]:
    """The places of the columns that are shown: those used or at fault, then others."""
    used = set(report.proposal.feeds) if report.proposal else set(file.header) - set(file.unused)
    used |= {group.column for group in report.groups}
    named = [place for place, name in enumerate(file.header) if name]
    ranked = sorted(named, key=lambda place: file.header[place] not in used)
    return sorted(ranked[:_SHOWN_COLUMNS])


def _findings(report: CheckReport) -> dict[int, list[dict[str, Any]]]:
    """What was found in each of the first rows, in any table of the file."""
    found: dict[int, list[dict[str, Any]]] = {}
    for file in report.files:
        if file.counts.sheet != report.files[0].counts.sheet:
            continue
        for number in file.first:
            found.setdefault(number, []).extend(
                {
                    "column": item.column or None,
                    "severity": item.severity,
                    "message": _cut(item.message),
                    "mend": _cut(item.mend) or None,
                }
                for item in file.marks.get(number, ())
            )
    return found


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
