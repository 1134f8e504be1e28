"""Stored queries: files that a person can run by name and a program by address.

In: ``queries/*.rq``, each with ``#+`` lines that say what it is for. Out: :class:`StoredQuery`.
A parameter is a line ``VALUES ?name { UNDEF }``: it is dropped where no value is given, and holds
the value's serialised term where one is, so a value is never pasted into the query as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import QueryRefused, UsageError
from coopgraph.iris import is_organization_id
from coopgraph.namespaces import CODE, organization_iri

_HEADER = re.compile(r"^#\+ (\w+):\s*(.*)$")
_PARAMETER = re.compile(r"^#\+\s{2,}(\w+) \(([\w -]+?)(, required)?(?:, like ([^)]+))?\): (.+)$")
_NOTATION = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value a stored query takes. ``kind`` is ``organization``, ``text`` or ``code`` and the
    slug of a code list.
    """

    name: str
    kind: str
    is_required: bool
    example: str
    description: str

    def term(self, text: str, base: str) -> NamedNode | Literal:
        """The value as a term. Raises UsageError where it cannot be one."""
        if self.kind == "text":
            return Literal(text)
        if text.startswith(("http://", "https://")):
            try:
                return NamedNode(text)
            except ValueError:
                raise UsageError(f"{self.name}: “{text}” is no IRI.") from None
        if self.kind == "organization" and is_organization_id(text):
            return organization_iri(base, text)
        if self.kind.startswith("code ") and _NOTATION.fullmatch(text):
            return NamedNode(f"{CODE}{self.kind.removeprefix('code ')}/{text}")
        wanted = "an id or an IRI" if self.kind == "organization" else "a code or an IRI"
        raise UsageError(f"{self.name}: “{text}” is not {wanted}.")


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One file of ``queries/``."""

    name: str
    summary: str
    question: str
    returns: str
    parameters: tuple[Parameter, ...]
    text: str

    def bound(self, values: Mapping[str, str], base: str) -> str:
        """The query with these values. Raises UsageError for a value that is missing, unknown
        or of the wrong kind.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise UsageError(f"The query {self.name} has no parameter “{name}”.")
        text = self.text
        for parameter in self.parameters:
            value = values.get(parameter.name, "").strip()
            if not value and parameter.is_required:
                raise UsageError(f"The query {self.name} needs the parameter “{parameter.name}”.")
            text = _bind(text, parameter.name, parameter.term(value, base) if value else None)
        return text


def read_queries(folder: Path) -> dict[str, StoredQuery]:
    """All stored queries by name. Raises UsageError for one without its header."""
    return {
        path.stem: read_query(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.rq"))
    }


def read_query(name: str, text: str) -> StoredQuery:
    """A stored query from its text. Raises UsageError where its header lacks a line."""
    header: dict[str, str] = {}
    parameters = []
    for line in text.splitlines():
        if found := _PARAMETER.match(line):
            called, kind, required, example, description = found.groups()
            parameters.append(Parameter(called, kind, bool(required), example or "", description))
        elif found := _HEADER.match(line):
            header[found[1]] = found[2]
    for wanted in ("summary", "question", "returns"):
        if not header.get(wanted):
            raise UsageError(f"The query {name} has no “#+ {wanted}:” line.")
    for parameter in parameters:
        _bind(text, parameter.name, None)
    return StoredQuery(
        name, header["summary"], header["question"], header["returns"], tuple(parameters), text
    )


def _bind(text: str, name: str, value: NamedNode | Literal | None) -> str:
    line = re.compile(rf"^[ \t]*VALUES \?{re.escape(name)} \{{ UNDEF \}}\n", re.MULTILINE)
    if len(line.findall(text)) != 1:
        raise QueryRefused(f"There must be one line “VALUES ?{name} {{ UNDEF }}”.")
    bound = f"  VALUES ?{name} {{ {value} }}\n" if value is not None else ""
    return line.sub(lambda _: bound, text)
