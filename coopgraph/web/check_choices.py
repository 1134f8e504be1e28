"""The drop-downs of ``/check``: for each column of a file, the columns of the standard.

In: a report of a check and the templates. Out: for each column its name, what it feeds, why, and
what else it may feed, in groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coopgraph.standard.columns import Column, Template
from coopgraph.standard.wording import best

Group = tuple[str, list[tuple[str, str]]]  # heading, and options: address, label


@dataclass(frozen=True)
class Choice:
    """What one column feeds. ``extra`` is an option of its own, which the groups do not have."""

    column: str
    target: str
    extra: str
    also: tuple[str, ...]
    sureness: str
    reason: str


@dataclass(frozen=True)
class Choices:
    """All of them, with the options that they share."""

    groups: Sequence[Group]
    columns: Sequence[Choice]


def choices(report: Mapping[str, Any], templates: Sequence[Template]) -> Choices:
    """The drop-downs for a report that says what each column feeds."""
    groups = list(_groups(report["entities"], templates))
    labels = {address: label for _, options in groups for address, label in options}
    return Choices(groups, [_choice(item, labels) for item in report["columns"]])


def _choice(item: Mapping[str, Any], labels: Mapping[str, str]) -> Choice:
    target = item["target"] or ""
    sure = item["confidence"]
    return Choice(
        item["column"],
        target,
        "" if target in labels else _label(target, labels),
        tuple(_label(other, labels) for other in item["also"]),
        "" if sure is None else f"{sure:.0%}".replace("%", " %"),
        item["reason"] or "",
    )


def _label(address: str, labels: Mapping[str, str]) -> str:
    """What an address is called; of a translation or a further value, its column and which."""
    plain, _, language = address.partition("@")
    if plain in labels:
        return f"{labels[plain]} ({language})" if language else labels[plain]
    stem, _, number = plain.rpartition("_")
    if stem in labels and number.isdigit():
        return f"{labels[stem]}, {number}"
    return address


def _groups(entities: Mapping[str, str], templates: Sequence[Template]) -> Iterator[Group]:
    """The columns of each table's template, by the inner thing that they are of."""
    by_entity = {item.entity.name: item for item in reversed(templates)}
    for place, (table, entity) in enumerate(entities.items()):
        template = by_entity[entity]
        stem = f"{table}." if place else ""
        found: dict[str, list[tuple[str, str]]] = {}
        for column in template.columns:
            heading = " · ".join([template.title("en"), *_inner(column)])
            label = best(column.labels, "en")
            found.setdefault(heading, []).append((f"{stem}{column.name}", label))
        yield from found.items()


def _inner(column: Column) -> list[str]:
    return [best(field.labels, "en") for field in column.path]
