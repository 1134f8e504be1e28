"""Which column names a row, and which the organisation that several rows belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopgraph.standard.columns import KEY, KEY_HASHTAGS, PARENT
from coopgraph.tables.hashtags import tagged_names
from coopgraph.tables.proposals.registrations import NUMBER
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.proposals.wordbook import COLUMN, SCHEME, SURE, Meaning

_LEAST = 0.5
_NUMBERS = 0.9  # what a register's number is worth as a key
_TAGGED = 1.0
_NEARLY_UNIQUE = 0.95  # of the cells; a sure key may have a few rows that repeat it


@dataclass(frozen=True, slots=True)
class Key:
    """A column that names rows or organisations, and how much its heading says so."""

    source: SourceColumn
    score: float


def row_key(sample: Sample, meanings: Mapping[int, Sequence[Meaning]]) -> Key | None:
    """The column that names each row: none of its cells is blank or stands twice."""
    return _best(sample, meanings, {KEY}, is_unique=True)


def owner_key(sample: Sample, meanings: Mapping[int, Sequence[Meaning]]) -> Key | None:
    """The column that names the organisation of each of several rows."""
    return _best(sample, meanings, {KEY, PARENT}, is_unique=False)


def _best(
    sample: Sample,
    meanings: Mapping[int, Sequence[Meaning]],
    names: set[str],
    *,
    is_unique: bool,
) -> Key | None:
    tags = tagged_names(sample.table.hashtags, KEY_HASHTAGS)
    found = []
    for source in sample.columns:
        if not source.texts or not source.is_full:
            continue
        is_tagged = source.position < len(tags) and tags[source.position] in names
        score = _TAGGED if is_tagged else _score(meanings[source.position], names)
        least = _LEAST if source.is_unique else SURE
        is_nearly = source.distinct >= _NEARLY_UNIQUE
        if score >= (least if is_unique else _LEAST) and is_nearly == is_unique:
            found.append(Key(source, score))
    return max(found, key=lambda key: (key.source.is_unique, key.score), default=None)


def _score(meanings: Sequence[Meaning], names: set[str]) -> float:
    best = 0.0
    for meaning in meanings:
        if meaning.what == COLUMN and meaning.target in names:
            best = max(best, meaning.score)
        is_number = meaning.what == COLUMN and meaning.target == NUMBER
        if is_number or meaning.what == SCHEME:
            best = max(best, meaning.score * _NUMBERS)
    return best
