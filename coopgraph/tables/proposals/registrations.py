"""Numbers in registers: each needs to be said of which register it is.

A heading that names a register gives both; a number beside a column of registers takes that. A
number of which nothing says the register is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from coopgraph.standard.columns import Template
from coopgraph.tables.proposals.looks import Fit, Looks
from coopgraph.tables.proposals.model import Entry
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.proposals.wordbook import COLUMN, SCHEME, Meaning

NUMBER, REGISTER = "registration_number", "registration_scheme"
_LEAST = 0.6  # score of a heading
_LEAST_FIT = 0.4  # share of cells


def registrations(
    sample: Sample, template: Template, meanings: Mapping[int, Sequence[Meaning]], looks: Looks
) -> list[Entry]:
    """The lines of the registrations that a table holds, numbered from the second on."""
    columns = {column.name: column for column in template.columns}
    if NUMBER not in columns or REGISTER not in columns:
        return []
    pairs: list[tuple[Entry, Entry]] = []
    known: set[str] = set()
    for source in sample.columns:
        meaning = _best(meanings[source.position], SCHEME)
        fit = looks.fit(source, columns[NUMBER]) if meaning else Fit(0.0)
        if meaning is None or (fit.share or 0) < _LEAST_FIT or meaning.target in known:
            continue
        known.add(meaning.target)
        content = {"value": meaning.target}
        scheme = Entry(REGISTER, content, meaning.score, meaning.reason)
        pairs.append((scheme, _number(source, meaning, fit)))
    register = _named(sample, meanings, REGISTER)
    number = _named(sample, meanings, NUMBER)
    if register is not None and number is not None:
        pairs += _beside(register, number, columns=columns, looks=looks, taken=pairs)
    return list(_numbered(pairs))


def _beside(
    register: tuple[SourceColumn, Meaning],
    number: tuple[SourceColumn, Meaning],
    *,
    columns: Mapping[str, object],
    looks: Looks,
    taken: Sequence[tuple[Entry, Entry]],
) -> Iterator[tuple[Entry, Entry]]:
    """The registration of a number that stands beside a column of registers."""
    fit = looks.fit(register[0], columns[REGISTER])  # type: ignore[arg-type]
    own = looks.fit(number[0], columns[NUMBER])  # type: ignore[arg-type]
    is_taken = any(number[0].name in entry.sources for _, entry in taken)
    if is_taken or min(fit.share or 0, own.share or 0) < _LEAST_FIT:
        return
    content = {"column": register[0].name, **fit.changes}
    reason = f"{register[1].reason}; {fit.says}"
    scheme = Entry(REGISTER, content, register[1].score, reason, (register[0].name,))
    yield scheme, _number(*number, own)


def _number(source: SourceColumn, meaning: Meaning, fit: Fit) -> Entry:
    content = {"column": source.name, **fit.changes}
    share = fit.share or 0
    confidence = round(meaning.score * (0.6 + 0.4 * share), 2)
    return Entry(NUMBER, content, confidence, f"{meaning.reason}; {fit.says}", (source.name,))


def _best(meanings: Sequence[Meaning], what: str) -> Meaning | None:
    return next((m for m in meanings if m.what == what and m.score >= _LEAST), None)


def _named(
    sample: Sample, meanings: Mapping[int, Sequence[Meaning]], target: str
) -> tuple[SourceColumn, Meaning] | None:
    """The column whose heading means that column of the standard most surely."""
    found = [
        (source, meaning)
        for source in sample.columns
        for meaning in meanings[source.position]
        if meaning.what == COLUMN and meaning.target == target and meaning.score >= _LEAST
    ]
    return max(found, key=lambda pair: pair[1].score, default=None)


def _numbered(pairs: Sequence[tuple[Entry, Entry]]) -> Iterator[Entry]:
    for place, pair in enumerate(pairs, 1):
        for entry in pair:
            target = f"{entry.target}_{place}" if place > 1 else entry.target
            yield Entry(target, entry.content, entry.confidence, entry.reason, entry.sources)
