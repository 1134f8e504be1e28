"""Histories as JSON: what ``/history/…`` and ``coopgraph history --json`` give.

In: a history and what names of things begin with. Out: mappings ready for JSON. Whoever made a
commit is left out: names of local accounts are for the command line.
"""

from __future__ import annotations

from typing import Any

from coopgraph.history.datasets import DatasetHistory
from coopgraph.history.history import Entry, History, RecordChange
from coopgraph.history.listing import Departure, LastListed
from coopgraph.history.telling import FieldChange, Said, Told
from coopgraph.history.timelines import Move
from coopgraph.journal import CommitInfo
from coopgraph.namespaces import dataset_iri, organization_iri, record_iri


def history_json(history: History, base: str) -> dict[str, Any]:
    """A page of the history of an organisation or a record."""
    return {
        "organization": _organization(base, history.organization),
        "name": history.name,
        "listed": history.is_listed,
        "mergedInto": _organization(base, history.heir),
        "upToCommit": history.at,
        "commit": history.commit or None,
        "commits": history.commits,
        "page": history.page,
        "pages": history.pages,
        "leftOutBeforeCommit": history.since or None,
        "entries": [_entry(entry, base) for entry in history.entries],
    }


def dataset_json(history: DatasetHistory, base: str) -> dict[str, Any]:
    """A page of the history of a dataset."""
    return {
        "dataset": dataset_iri(base, history.dataset).value,
        "upToCommit": history.at,
        "page": history.page,
        "commits": [
            {**commit_json(item.commit), "tables": item.tables} for item in history.commits
        ],
    }


def commit_json(commit: CommitInfo) -> dict[str, Any]:
    """A commit, without who made it."""
    return {
        "commit": commit.sequence,
        "at": commit.at,
        "action": commit.action,
        "dataset": commit.dataset or None,
        "edition": commit.edition or None,
        "message": commit.message or None,
    }


def last_listed_json(found: LastListed, base: str) -> dict[str, Any]:
    """When an organisation was last listed."""
    return {
        "organization": _organization(base, found.organization),
        "name": found.name or None,
        "lastListed": [_departure(departure, base) for departure in found.departures],
    }


def _departure(departure: Departure, base: str) -> dict[str, Any]:
    return {
        "record": record_iri(base, departure.dataset, departure.key).value,
        "dataset": dataset_iri(base, departure.dataset).value,
        "lastListed": commit_json(departure.listed),
        "noLongerListed": commit_json(departure.gone),
    }


def _entry(entry: Entry, base: str) -> dict[str, Any]:
    return {
        **commit_json(entry.commit),
        "counts": {kind.value: count for kind, count in entry.counts.items()},
        "moved": [_move(move, base) for move in entry.moves],
        "records": [_record(record, base) for record in entry.records],
        "omitted": entry.omitted,
    }


def _move(move: Move, base: str) -> dict[str, Any]:
    return {
        "record": record_iri(base, move.dataset, move.key).value,
        "from": _organization(base, move.old),
        "to": _organization(base, move.new),
    }


def _record(record: RecordChange, base: str) -> dict[str, Any]:
    change = record.change
    found: dict[str, Any] = {
        "record": record_iri(base, change.dataset, change.key).value,
        "dataset": change.dataset,
        "table": change.table,
        "change": change.kind.value,
        "nodes": [_node(node) for node in record.nodes],
    }
    if change.other:
        found["organization"] = _organization(base, change.other)
    if change.moved:
        found["partOf"] = [
            record_iri(base, change.dataset, key).value if key else None for key in change.moved
        ]
    return found


def _node(node: Told) -> dict[str, Any]:
    return {
        "node": node.node or None,
        "which": node.which or None,
        "change": node.kind,
        "fields": [_field(field) for field in node.fields],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "field": field.label,
        "key": field.key or None,
        "property": field.path,
        "removed": [_said(said) for said in field.removed],
        "added": [_said(said) for said in field.added],
    }


def _said(said: Said) -> dict[str, str]:
    found = {"text": said.text}
    if said.iri:
        found["id"] = said.iri
    if said.language:
        found["language"] = said.language
    return found


def _organization(base: str, organization: str) -> str | None:
    return organization_iri(base, organization).value if organization else None
