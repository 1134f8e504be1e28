"""A street and its house numbers in two columns → one line that joins them.

In: the lines for organisations, and a sample. Out: the same lines, that of the street with the
house numbers before or after it, as the language of their heading has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from coopgraph.tables.proposals.model import Entry
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.proposals.wordbook import synonyms, words

_STREET = "street"
_KEPT = {"column", "case", "blank"}  # what may be said of a street that is joined
_MOST_NUMBERED = 0.3  # share of streets that have a number of their own
_LEAST_NUMBERS = 0.8  # share of cells that begin with a digit


def with_house_numbers(entries: Sequence[Entry], sample: Sample, used: set[str]) -> Iterator[Entry]:
    """The lines; a column among ``used`` is taken for something else."""
    for entry in entries:
        found = _house_numbers(entry, sample, used) if entry.target == _STREET else None
        yield _joined(entry, *found) if found else entry


def _house_numbers(
    entry: Entry, sample: Sample, used: set[str]
) -> tuple[SourceColumn, bool] | None:
    """The column of a street's house numbers, and whether they stand before it."""
    if not set(entry.content) <= _KEPT or len(entry.sources) != 1:
        return None
    columns = {column.name: column for column in sample.columns}
    if _share(columns[entry.sources[0]], lambda text: any(map(str.isdigit, text))) > _MOST_NUMBERED:
        return None
    for column in sample.columns:
        place = _place(column.name)
        if place and column.name not in used and _is_numbers(column):
            return column, place == "before"
    return None


def _share(column: SourceColumn, holds: Callable[[str], bool]) -> float:
    """The share of a column's cells of which something holds."""
    fit = sum(times for text, times in column.texts.items() if holds(text))
    return fit / column.count if column.count else 0.0


def _is_numbers(column: SourceColumn) -> bool:
    return _share(column, lambda text: text[:1].isdigit()) >= _LEAST_NUMBERS


def _place(heading: str) -> str:
    """``before`` or ``after``, for a heading of house numbers; else nothing."""
    own = words(heading)
    for place, languages in synonyms()["house_numbers"].items():
        if any(words(phrase) == own for phrases in languages.values() for phrase in phrases):
            return str(place)
    return ""


def _joined(entry: Entry, numbers: SourceColumn, is_before: bool) -> Entry:
    street = entry.sources[0]
    sources = (numbers.name, street) if is_before else (street, numbers.name)
    content = {**entry.content, "column": list(sources), "join": " "}
    reason = f"{entry.reason}; with the house number from “{numbers.name}”"
    return replace(entry, content=content, sources=sources, reason=reason)
