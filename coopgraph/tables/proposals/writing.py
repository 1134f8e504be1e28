"""A proposal as the text of a dataset descriptor (``docs/descriptors.md``).

In: proposed tables. Out: YAML in which each line has the confidence and the reason for it above,
and the columns that are left out stand as comments.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from coopgraph.licences import UNSTATED
from coopgraph.tables.describing import Facts
from coopgraph.tables.descriptor import FILL_IN, is_dataset_name
from coopgraph.tables.layouts import write_layout
from coopgraph.tables.metadata import Metadata
from coopgraph.tables.proposals.model import Entry, ProposedTable, Unmapped, percent
from coopgraph.tables.proposals.sampling import Sample
from coopgraph.tables.proposals.wordbook import words
from coopgraph.tables.reading import Layout

_WIDTH = 96
_MOST_LISTED = 100  # columns that are left out, with their reasons
_LONGEST_NAME = 200  # characters, in comments


def write(
    sample: Sample,
    tables: Sequence[ProposedTable],
    unmapped: Sequence[Unmapped],
    language: str,
    metadata: Metadata | None,
    layout: Layout,
) -> str:
    """The descriptor that says the proposal; ``layout`` is how the file was opened."""
    table = sample.table
    by = f"what {metadata.source} says, its" if metadata else "its"
    lines = [
        *_comment(
            f"A mapping proposed from {table.source}, by {by} headings and {sample.rows:,} of its "
            "rows. Each line has how sure it is, and why; correct it, and say above all whose "
            "data it is and under which licence.",
            0,
        ),
        *_about(table.path, metadata.facts if metadata else Facts(""), language),
        "",
        "tables:",
    ]
    for item in tables:
        lines += [*_table(item, sample, layout), ""]
    lines += _left_out(unmapped)
    return "\n".join(lines).rstrip("\n") + "\n"


def _about(path: Path, facts: Facts, language: str) -> Iterator[str]:
    """What the dataset is, as far as anything says it."""
    yield f"name: {_value(facts.name or _name(path.stem))}"
    yield f"title: {_value(facts.title or path.stem or path.name)}"
    yield from _line("description", facts.description or FILL_IN, 0)
    yield f"publisher: {_value({'name': facts.publisher or FILL_IN})}"
    yield f"licence: {_value(facts.licence or UNSTATED)}"
    if facts.homepage:
        yield f"homepage: {_value(facts.homepage)}"
    yield f"language: {_value(language)}"


def _name(stem: str) -> str:
    """A dataset's name, after its file's."""
    name = "-".join(re.findall("[a-z0-9]+", " ".join(words(stem))))
    return name if is_dataset_name(name) else "dataset"


def _table(item: ProposedTable, sample: Sample, layout: Layout) -> Iterator[str]:
    table = sample.table
    yield f"  {item.name}:"
    yield f"    file: {_value(table.path.name)}"
    is_below = table.header_row is not None and table.header_row > 1
    header = table.header_row if is_below else None
    opened = replace(layout, sheet=table.sheet, header=header)
    for key, value in write_layout(opened).items():
        yield from _line(key, value, 4)
    if item.entity != "Organization":
        yield f"    entity: {item.entity}"
    for what, names in (("key", item.key), ("parent", item.parent)):
        if names:
            yield from _line(what, names[0] if len(names) == 1 else list(names), 4)
    if not item.key:
        yield "    # No column names each row; a hash of its cells does."
    yield "    columns:" if item.entries else "    columns: {}"
    for entry in item.entries:
        yield from _comment(_why(entry), 6)
        yield from _line(entry.target, _content(entry.content), 6)
    if item.each:
        yield "    each:"
    for entry in item.each:
        yield from _comment(_why(entry), 6)
        yield from _indented(f"- {_value(dict(entry.content))}", 6)


def _why(entry: Entry) -> str:
    return f"{percent(entry.confidence)}: {entry.reason}"


def _content(content: Any) -> Any:
    """A mapping as short as a descriptor takes it."""
    plain = dict(content)
    return (
        plain["column"] if list(plain) == ["column"] and plain["column"].__class__ is str else plain
    )


def _left_out(unmapped: Sequence[Unmapped]) -> Iterator[str]:
    told = [item for item in unmapped if item.reason][:_MOST_LISTED]
    known = {item.name for item in told}
    others = [item.name[:_LONGEST_NAME] for item in unmapped if item.name not in known]
    if told:
        yield "# Not mapped:"
    for item in told:
        yield from _comment(f"- {_value(item.name[:_LONGEST_NAME])}: {item.reason}", 0)
    if others:
        more = f" and {len(others) - _MOST_LISTED:,} more" if len(others) > _MOST_LISTED else ""
        names = ", ".join(map(_value, others[:_MOST_LISTED]))
        yield from _comment(f"Nothing was found for {names}{more}.", 0)


def _line(key: str, value: Any, indent: int) -> Iterator[str]:
    yield from _indented(f"{_value(key)}: {_value(value)}", indent)


def _value(value: Any) -> str:
    """A value in the flow style of YAML, over several lines where it is long."""
    text = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, sort_keys=False, width=_WIDTH - 10
    )
    return text.strip()[1:-1]


def _indented(text: str, indent: int) -> Iterator[str]:
    first, *rest = text.split("\n")
    yield " " * indent + first
    for line in rest:
        yield " " * (indent + 2) + line.strip(" ") if line.strip(" ") else ""


def _comment(text: str, indent: int) -> Iterator[str]:
    """A comment, on as many lines as it needs, without anything that would end it."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    margin = " " * indent + "# "
    yield from textwrap.wrap(
        plain, _WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )
