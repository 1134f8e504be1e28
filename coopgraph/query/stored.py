"""Stored queries: files that a person can run by name and a program by address.

In: ``queries/*.rq``, each with ``#+`` lines that say what it is for. Out: :class:`StoredQuery`.
A parameter is a line ``VALUES ?name { UNDEF }``: it is dropped where there is no value, and holds
the value's serialised term where there is one, so a value is never pasted into the query as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from coopgraph.errors import QueryRefused, UsageError
from coopgraph.namespaces import CODE, dataset_iri
from coopgraph.query.parameters import Parameter, Term, declared
from coopgraph.standard import CodeList

SHOWS = ("table", "chart", "map")
_HEADER = re.compile(r"#\+ (\w+):\s*(.*)")
_MOST_ROWS = re.compile(r"\(at most ([0-9,]+) rows?\b")
_DECLARATIONS = re.compile(r"^#\+ (?:parameters:| .*)\n", re.MULTILINE)
_NO_LISTS: Mapping[str, CodeList] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One file of ``queries/``.

    ``shows`` says as what its answer is best seen: ``table``, ``chart`` or ``map``. The first of
    its ``keywords`` is the subject under which it is listed. ``empty`` says what may be the reason
    where there are no rows. One that ``is_starter`` is among the few to begin with.
    """

    name: str
    summary: str
    question: str
    returns: str
    parameters: tuple[Parameter, ...]
    text: str
    shows: str = "table"
    keywords: tuple[str, ...] = ()
    empty: str = ""
    is_starter: bool = False

    @property
    def subject(self) -> str:
        """What it is about, for lists."""
        return self.keywords[0] if self.keywords else "other"

    @property
    def most_rows(self) -> int | None:
        """After how many rows it stops though there may be more, as ``returns`` says; None where
        it gives all that its question asks for.
        """
        found = _MOST_ROWS.search(self.returns)
        return int(found[1].replace(",", "")) if found else None

    def bound(
        self,
        values: Mapping[str, str],
        base: str,
        code_lists: Mapping[str, CodeList] = _NO_LISTS,
        datasets: Collection[str] | None = None,
    ) -> str:
        """The query with these values, and with defaults for what they lack; it has no parameters
        any more.

        With ``code_lists``, by slug, a code has to be in its list, and goes by its label, too.
        With ``datasets``, a dataset has to be one of them. Raises UsageError for a value that is
        missing, unknown or of the wrong kind.
        """
        self._check_names(values)
        text = _DECLARATIONS.sub("", self.text)
        for parameter in self.parameters:
            value = self._value(parameter, values)
            if value and parameter.code_list in code_lists:
                value = _code(parameter.name, value, code_lists[parameter.code_list])
            term = parameter.term(value, base) if value else None
            if term is not None and parameter.kind == "dataset" and datasets is not None:
                _check_dataset(parameter.name, value, term, base, datasets)
            text = _bind(text, parameter.name, term)
        return text

    def _value(self, parameter: Parameter, values: Mapping[str, str]) -> str:
        """What is given, else the default, "" where there is none. Raises UsageError."""
        value = values.get(parameter.name, "").strip() or parameter.default
        if not value and parameter.is_required:
            like = f" Write it like {parameter.example}." if parameter.example else ""
            raise UsageError(f"The query {self.name} needs the parameter “{parameter.name}”.{like}")
        return value

    def _check_names(self, values: Mapping[str, str]) -> None:
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                hint = f"It takes {', '.join(known)}." if known else "It takes none."
                raise UsageError(f"The query {self.name} has no parameter “{name}”. {hint}")

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
        header.get("empty", ""),
        _yes(name, "starter", header),
    )


def _yes(name: str, line: str, header: Mapping[str, str]) -> bool:
    """Whether a header line says yes; no where it is left out. Raises UsageError."""
    said = header.get(line, "no")
    if said not in ("yes", "no"):
        raise UsageError(f"The query {name} says “#+ {line}: {said}”: write yes or no.")
    return said == "yes"


def _code(name: str, text: str, known: CodeList) -> str:
    """The IRI of a code by its notation, label or IRI. IRIs of other lists than ours stay.

    Raises UsageError.
    """
    notation = text.removeprefix(f"{CODE}{known.slug}/")
    if notation == text and text.startswith(("http://", "https://")):
        return text
    found = known.by_name.get(notation) or known.by_name.get(notation.casefold())
    if found is not None:
        return found.iri.value
    near = get_close_matches(notation.casefold(), known.by_name, 3)
    notations = dict.fromkeys(known.by_name[word].notation for word in near)
    hint = f" Did you mean {' or '.join(notations)}?" if notations else ""
    raise UsageError(f"{name}: “{text}” is not a code or an IRI of the list {known.slug}.{hint}")


def _check_dataset(name: str, text: str, term: Term, base: str, datasets: Collection[str]) -> None:
    if term not in [dataset_iri(base, slug) for slug in datasets]:
        known = ", ".join(sorted(datasets)) or "none at all"
        raise UsageError(f"{name}: there is no dataset “{text}” here. There are {known}.")


def _bind(text: str, name: str, value: Term | None) -> str:
    line = re.compile(rf"^[ \t]*VALUES \?{re.escape(name)} \{{ UNDEF \}}\n", re.MULTILINE)
    if len(line.findall(text)) != 1:
        raise QueryRefused(f"There must be one line “VALUES ?{name} {{ UNDEF }}”.")
    bound = f"  VALUES ?{name} {{ {value} }}\n" if value is not None else ""
    return line.sub(lambda _: bound, text)
