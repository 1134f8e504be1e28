"""Candidates → the lines of a mapping: which column feeds which.

A column of the standard that holds one value takes one column of the source, and a column of the
source feeds one of the standard, with few exceptions that ``synonyms.toml`` names. The surest
candidates are served first, required columns before others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from coopgraph.standard import Kind
from coopgraph.standard.columns import Column, Template
from coopgraph.tables.proposals.candidates import SOURCE
from coopgraph.tables.proposals.model import Candidate, Entry
from coopgraph.tables.proposals.sampling import SourceColumn
from coopgraph.tables.proposals.wordbook import synonyms

LEAST = 0.55  # confidence of what is mapped
_PLAIN = {"blank", "split", "case"}  # changes that do not tie a mapping to one column


def fill(
    candidates: Sequence[Candidate], template: Template, taken: Iterable[int] = ()
) -> list[Entry]:
    """The lines of one table. ``taken`` are positions of columns that other tables use."""
    filling = _Filling(template, set(taken))
    for column in template.columns:
        if column.is_required:
            own = (item for item in candidates if item.target == column.name)
            best = next(filter(filling.is_free, own), None)
            if best is not None:
                filling.take(best)
    for candidate in candidates:
        filling.take(candidate)
    return filling.entries()


class _Filling:
    """What is filled so far."""

    def __init__(self, template: Template, taken: set[int]) -> None:
        content = synonyms()
        self._columns = {column.name: column for column in template.columns if column.field}
        self._withheld = content["withheld"]
        self._shared: dict[str, list[str]] = content["shared"]
        self._used: dict[int, str] = dict.fromkeys(taken, "")
        self._chosen: dict[str, list[Candidate]] = {}

    def is_free(self, candidate: Candidate) -> bool:
        """Whether a candidate may be taken: sure enough, and its column not in use."""
        if candidate.plain in self._withheld and not candidate.is_stated:
            return False
        if candidate.confidence < LEAST:
            return False
        user = self._used.get(candidate.source.position)
        is_pair = user is not None and "pattern" in candidate.changes and user in self._columns
        if is_pair and {user, candidate.target} == {"latitude", "longitude"}:
            return True
        return user is None or candidate.plain in self._shared.get(user, ())

    def take(self, candidate: Candidate) -> None:
        """Take a candidate where there is room for it."""
        if not self.is_free(candidate):
            return
        target = candidate.target
        others = self._chosen.get(target)
        if others is not None and others[0].source is candidate.source:
            return
        if others is None:
            self._chosen[target] = [candidate]
        elif not candidate.is_sure:
            return
        elif self._is_repeated(target):
            self._chosen[self._numbered(target)] = [candidate]
        elif others[0].is_sure and _is_plain(candidate) and _is_plain(others[0]):
            others.append(candidate)
        else:
            return
        self._used.setdefault(candidate.source.position, candidate.plain)

    def _is_repeated(self, target: str) -> bool:
        column = self._columns.get(target)
        is_text = column is not None and column.kind in (Kind.TEXT, Kind.LANGUAGE_TEXT)
        return column is not None and is_text and column.is_list and not column.path

    def _numbered(self, target: str) -> str:
        number = 2
        while f"{target}_{number}" in self._chosen:
            number += 1
        return f"{target}_{number}"

    def entries(self) -> list[Entry]:
        """The lines, in the order of the template, with what the source itself says of codes."""
        for target, others in self._shared.items():
            self._fall_back(target, others)
        found = {target: _entry(target, own) for target, own in self._chosen.items()}
        for target, own in list(self._chosen.items()):
            beside = SOURCE + target
            is_open = beside not in self._chosen or not self._chosen[beside][0].is_sure
            is_changed = bool(own[0].changes) and own[0].is_guessed
            if beside in self._columns and is_open and is_changed:
                says = f"what the source itself says, beside {target}"
                found[beside] = Entry(
                    beside, {"column": own[0].source.name}, own[0].confidence, says,
                    (own[0].source.name,),
                )  # fmt: skip
        order = {name: place for place, name in enumerate(self._columns)}
        known = sorted(found.values(), key=lambda e: (order[self._stem(e.target)], e.target))
        return [entry for entry in known if self._is_whole(self._column(entry), found)]

    def _fall_back(self, target: str, others: Sequence[str]) -> None:
        """Let a name that some rows lack fall back on another."""
        for other in others:
            own, more = self._chosen.get(target), self._chosen.get(other)
            if own and more and not own[0].source.is_full and own[0].source not in _sources(more):
                own.append(more[0])

    def _stem(self, target: str) -> str:
        plain = target.partition("@")[0]
        return plain if plain in self._columns else plain.rpartition("_")[0]

    def _column(self, entry: Entry) -> Column:
        return self._columns[self._stem(entry.target)]

    def _is_whole(self, column: Column, found: dict[str, Entry]) -> bool:
        """Whether all is there that a column needs beside it, as a latitude its longitude."""
        needed = (self._columns[name] for name in column.beside if name in self._columns)
        return all(not item.is_needed or item.name in found for item in needed)


def _sources(chosen: Sequence[Candidate]) -> list[SourceColumn]:
    return [item.source for item in chosen]


def _is_plain(candidate: Candidate) -> bool:
    return candidate.changes.keys() <= _PLAIN


def _entry(target: str, chosen: Sequence[Candidate]) -> Entry:
    names = [item.source.name for item in chosen]
    content: dict[str, Any] = {"column": names[0] if len(names) == 1 else names}
    for item in chosen:
        for change, value in item.changes.items():
            content.setdefault(change, value)
    reason = chosen[0].reason
    if len(names) > 1:
        reason += f"; where it is blank, “{'”, “'.join(names[1:])}”"
    is_guessed = any(item.is_guessed for item in chosen)
    return Entry(target, content, chosen[0].confidence, reason, tuple(names), is_guessed)
