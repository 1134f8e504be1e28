"""A report as JSON. In: a report. Out: plain values, whose keys ``docs/checking.md`` documents."""

from __future__ import annotations

from typing import Any

from coopgraph.checking.check import CheckReport
from coopgraph.checking.groups import Group
from coopgraph.tables.proposals import Proposal


def report_json(report: CheckReport, *, is_strict: bool = False) -> dict[str, Any]:
    """What ``coopgraph check --json`` prints."""
    return {
        "name": report.name,
        "conforms": report.conforms(is_strict=is_strict),
        "tables": {file.table.name: dict(vars(file.counts)) for file in report.files},
        "groups": [group_json(group) for group in report.groups],
        "notes": list(report.notes),
        "mapping": mapping_json(report.proposal) if report.proposal else None,
    }


def mapping_json(proposal: Proposal) -> dict[str, Any]:
    """A proposed mapping: its lines, what is left out, and the descriptor that says it."""
    return {
        "lines": [
            {
                "table": line.table,
                "columns": list(line.columns),
                "value": line.value or None,
                "target": line.target,
                "confidence": line.confidence,
                "reason": line.reason,
            }
            for line in proposal.lines
        ],
        "unused": [
            {"column": item.name, "reason": item.reason or None} for item in proposal.unmapped
        ],
        "metadata": proposal.metadata or None,
        "descriptor": proposal.text,
    }


def group_json(group: Group) -> dict[str, Any]:
    """A group with the cells that are listed of it; ``rows`` and ``cells`` count all."""
    return {
        "table": group.table,
        "sheet": group.sheet or None,
        "column": group.column or None,
        "kind": group.kind,
        "severity": group.severity,
        "title": group.title,
        "rows": group.rows,
        "cells": group.cells,
        "mendable": group.mendable,
        "listed": [
            {
                "row": place.row,
                "value": place.value,
                "message": place.message,
                "mend": place.mend or None,
            }
            for place in group.places
        ],
    }
