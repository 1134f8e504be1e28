"""Stored queries: files that a person can run by name and a program by address.

In: ``queries/*.rq``, each with ``#+`` lines that say what it is for. Out: :class:`StoredQuery`.
A parameter is a line ``VALUES ?name { UNDEF }``: it is dropped where there is no value, and holds
the value's serialised term where there is one, so a value is never pasted into the query as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from coopgraph.errors import QueryRefused, UsageError
from coopgraph.query.parameters import Parameter, Term, declared
from coopgraph.standard import CodeList

SHOWS = ("table", "chart", "map")
_HEADER = re.compile(r"#\+ (\w+):\s*(.*)")
_LIMIT = re.compile(r"^\s*LIMIT (\d+)$", re.MULTILINE)
_NO_LISTS: Mapping[str, CodeList] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One file of ``queries/``.

    ``shows`` says as what its answer is best seen: ``table``, ``chart`` or ``map``. The first of
    its ``keywords`` is the subject under which it is listed.
    """

    name: str
    summary: str
    question: str
    returns: str
    parameters: tuple[Parameter, ...]
    text: str
    shows: str = "table"
    keywords: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about, for lists."""
        return self.keywords[0] if self.keywords else "other"

    @property
    def most_rows(self) -> int | None:
        """After how many rows it stops by itself, None where it gives all there are."""
        found = _LIMIT.findall(self.text)
        return int(found[-1]) if found else None

    def bound(
        self,
        values: Mapping[str, str],
        base: str,
        code_lists: Mapping[str, CodeList] = _NO_LISTS,
    ) -> str:
        """The query with these values, and with defaults for what they lack.

        With ``code_lists``, by slug, a code has to be in its list, and goes by its label, too.
        Raises UsageError for a value that is missing, unknown or of the wrong kind.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise UsageError(f"The query {self.name} has no parameter “{name}”.")
        text = self.text
        for parameter in self.parameters:
            value = values.get(parameter.name, "").strip() or parameter.default
            if not value and parameter.is_required:
                raise UsageError(f"The query {self.name} needs the parameter “{parameter.name}”.")
            if value and parameter.code_list in code_lists:
                value = _code(parameter.name, value, code_lists[parameter.code_list])
            text = _bind(text, parameter.name, parameter.term(value, base) if value else None)
        return text

    def examples(self) -> dict[str, str]:
        """Values to try it with: for what has to be given and has no default."""
        return {p.name: p.example for p in self.parameters if p.is_required}


def read_queries(folder: Path) -> dict[str, StoredQuery]:
    """All stored queries by name. Raises UsageError for one whose header is not right."""
    return {
        path.stem: read_query(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.rq"), key=lambda path: path.stem)
    }


def read_query(name: str, text: str) -> StoredQuery:
    """A stored query from its text. Raises UsageError where its header is not right."""
    header: dict[str, str] = {}
    parameters = []
    for line in text.splitlines():
        if line.startswith("#+  "):
            parameters.append(declared(line))
        elif found := _HEADER.fullmatch(line):
            header[found[1]] = found[2].strip()
    for wanted in ("summary", "question", "returns"):
        if not header.get(wanted):
            raise UsageError(f"The query {name} has no “#+ {wanted}:” line.")
    shows = header.get("shows", SHOWS[0])
    if shows not in SHOWS:
        raise UsageError(f"The query {name} cannot show “{shows}”: {', '.join(SHOWS)}.")
    for parameter in parameters:
        _bind(text, parameter.name, None)
    return StoredQuery(
        name,
        header["summary"],
        header["question"],
        header["returns"],
        tuple(parameters),
        text,
        shows,
        tuple(filter(None, map(str.strip, header.get("keywords", "").split(",")))),
    )


def _code(name: str, text: str, known: CodeList) -> str:
    """The IRI of a code by its notation or label; other IRIs stay. Raises UsageError."""
    if text.startswith(("http://", "https://")):
        return text
    found = known.by_name.get(text) or known.by_name.get(text.casefold())
    if found is not None:
        return found.iri.value
    near = get_close_matches(text.casefold(), known.by_name, 3)
    notations = dict.fromkeys(known.by_name[word].notation for word in near)
    hint = f" Did you mean {' or '.join(notations)}?" if notations else ""
    raise UsageError(f"{name}: “{text}” is not a code or an IRI of the list {known.slug}.{hint}")


def _bind(text: str, name: str, value: Term | None) -> str:
    line = re.compile(rf"^[ \t]*VALUES \?{re.escape(name)} \{{ UNDEF \}}\n", re.MULTILINE)
    if len(line.findall(text)) != 1:
        raise QueryRefused(f"There must be one line “VALUES ?{name} {{ UNDEF }}”.")
    bound = f"  VALUES ?{name} {{ {value} }}\n" if value is not None else ""
    return line.sub(lambda _: bound, text)
