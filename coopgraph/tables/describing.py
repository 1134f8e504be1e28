"""Facts about a dataset and what its one file holds → the dataset's descriptor.

In: who publishes what under which licence, and the tables of a mapping. Out: the text of a
descriptor, as :mod:`coopgraph.tables.descriptor` reads it. So a file without a ``dataset.yaml``
goes the same road as one that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from coopgraph.errors import DescriptorError
from coopgraph.tables.descriptor import FILL_IN, TableSpec, parse_yaml
from coopgraph.tables.layouts import write_layout

MAIN = "organisations"
_ABOUT: Final = ("title", "description", "licence", "language", "homepage")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a dataset; “” where nothing is said, and what was said before holds."""

    name: str
    title: str = ""
    description: str = ""
    publisher: str = ""
    licence: str = ""
    language: str = ""
    homepage: str = ""


def read_mapping(text: str, source: str) -> dict[str, Any]:
    """The content of a mapping: of a whole descriptor, or of one table of organisations.

    Raises DescriptorError.
    """
    content = parse_yaml(text, source)
    if not isinstance(content, dict):
        raise DescriptorError("this must be a mapping of keys to values", source=source)
    return content if "tables" in content else {"tables": {MAIN: content}}


def plain_tables(tables: Iterable[TableSpec]) -> dict[str, Any]:
    """The tables of a file that follows the template."""
    return {"tables": {MAIN if not table.parent else table.name: _plain(table) for table in tables}}


def _plain(table: TableSpec) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if table.parent:
        said |= {"entity": table.entity.name, "parent": list(table.parent)}
    if table.key:
        said["key"] = list(table.key)
    return said | write_layout(table.layout)


def stated_facts(facts: Facts) -> dict[str, Any]:
    """What a descriptor says of the facts that are stated, but for the name."""
    given: dict[str, Any] = {key: value for key in _ABOUT if (value := getattr(facts, key))}
    if facts.publisher:
        given["publisher"] = {"name": facts.publisher}
    return given


def describe(path: Path, facts: Facts, content: Mapping[str, Any]) -> str:
    """The descriptor of the dataset in a file. What the facts say takes the place of ``content``.

    The tables of the file that is named first, or that name none, are in ``path`` from now on.
    Raises DescriptorError where ``content`` has no tables.
    """
    tables = content["tables"]
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise DescriptorError("this must be a mapping of names to tables", source="tables")
    file = next((table.get("file") for table in tables.values()), None)
    given = stated_facts(facts)
    held = {key: value for key, value in content.items() if value != FILL_IN}
    title = facts.name.replace("-", " ").capitalize()
    said = {"title": title, "description": title, **held, **given, "name": facts.name}
    said["tables"] = {
        name: {**table, "file": path.name} if table.get("file") == file else table
        for name, table in said.pop("tables").items()
    }
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=96)
