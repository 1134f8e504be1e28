"""Columns of a source × columns of the standard → candidates, each with its reason.

A heading, or a hashtag of HXL, suggests; the values confirm, or refuse. Values alone suggest only
what can hardly be anything else, as web addresses are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from coopgraph.standard import Kind, Standard
from coopgraph.standard.columns import Column, Template
from coopgraph.tables.hashtags import tagged_names
from coopgraph.tables.proposals.looks import PAIR, Fit, Looks
from coopgraph.tables.proposals.model import Candidate
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.proposals.stated import Stated
from coopgraph.tables.proposals.wordbook import (
    COLUMN,
    CROSSWALK,
    SURE,
    Meaning,
    Wordbook,
    synonyms,
)

SOURCE = "source_"  # before the name of a column of codes: what the source says itself
_LEAST_FIT = 0.5  # share of cells below which a field is refused
_LEAST_CODES = 0.4  # the same for codes, where others are left out
_LEAST_OTHERWISE = 0.2  # the same where others become the general code
_ALONE = 0.65  # what values without a heading are worth
_ALONE_FIT = 0.8  # share of cells
_FEW = 20  # distinct cells that are looked at first
_MOST_UNHEADED = 1_000  # columns of which the values are looked at without a heading
_MOST_ASKED = 100  # columns of a source that are compared with one of the standard
_PAIR_PATTERNS = {
    "latitude": r"^\s*[(\[]?(-?\d{1,3}\.\d+)",
    "longitude": r"(-?\d{1,3}\.\d+)[)\]]?\s*$",
}


class Matcher:
    """Finds candidates; made once for a standard."""

    def __init__(self, standard: Standard) -> None:
        self.wordbook = Wordbook(standard)
        self.looks = Looks(standard)
        self._standard = standard
        self._alone = set(synonyms()["by_values"]["columns"])

    def meanings(self, sample: Sample, stated: Stated) -> Mapping[int, list[Meaning]]:
        """What the heading of each column may mean, by the column's position, and what else it is
        called in the file's metadata.
        """
        return {
            item.position: sorted(
                [*self.wordbook.meanings(item.name), *stated.meanings(item, self.wordbook)],
                key=lambda meaning: -meaning.score,
            )
            for item in sample.columns
        }

    def candidates(
        self,
        sample: Sample,
        template: Template,
        meanings: Mapping[int, list[Meaning]],
        stated: Stated,
    ) -> list[Candidate]:
        """Every candidate for the columns of a template, surest first. What is ``stated`` decides,
        then hashtags.
        """
        columns = {column.name: column for column in template.columns if column.field}
        tags = tagged_names(
            sample.table.hashtags, {name: column.hxl for name, column in columns.items()}
        )
        found: list[Candidate] = []
        asked: Counter[str] = Counter()
        unheaded = 0
        for source in sample.columns:
            tag = tags[source.position] if source.position < len(tags) else ""
            known = meanings[source.position]
            own = list(stated.candidates(source, template, self.looks, known))
            own = own or (list(self._tagged(source, tag, columns)) if tag else [])
            own = own or list(self._headed(source, columns, known, asked, stated))
            if not own and unheaded < _MOST_UNHEADED:
                unheaded += 1
                own = list(self._unheaded(source, columns))
            found += own
        order = {name: place for place, name in enumerate(columns)}
        found.sort(key=lambda c: (-c.confidence, order[_stem(c, order)], c.source.position))
        return found

    def _tagged(
        self, source: SourceColumn, tag: str, columns: Mapping[str, Column]
    ) -> Iterator[Candidate]:
        plain = tag.partition("@")[0]
        stem = plain if plain in columns else plain.rpartition("_")[0]
        fit = self.looks.fit(source, columns[stem])
        yield Candidate(source, tag, 1.0, "its HXL hashtag says so", fit.changes, True)

    def _headed(
        self,
        source: SourceColumn,
        columns: Mapping[str, Column],
        meanings: Sequence[Meaning],
        asked: Counter[str],
        stated: Stated,
    ) -> Iterator[Candidate]:
        """What the heading tells. ``asked`` counts how often columns were compared with one."""
        hinted = next((m.target for m in meanings if m.what == CROSSWALK), "")
        for meaning in meanings:
            for name in self._targets(meaning, columns):
                asked[name] += 1
                if asked[name] > _MOST_ASKED:
                    continue
                column = columns[name]
                fit = self.looks.fit(source, column, hinted, stated.changes(source, column))
                is_text = column.kind is Kind.LANGUAGE_TEXT
                target = f"{name}@{meaning.language}" if meaning.language else name
                if meaning.language and not is_text:
                    continue
                if _is_fit(fit, column):
                    yield _candidate(source, target, meaning, fit)
                elif meaning.score >= SURE and SOURCE + name in columns:
                    own = self.looks.fit(source, columns[SOURCE + name])
                    yield _candidate(source, SOURCE + name, meaning, own)

    def _targets(self, meaning: Meaning, columns: Mapping[str, Column]) -> list[str]:
        if meaning.what == COLUMN:
            return [meaning.target] if meaning.target in columns else []
        if meaning.what != CROSSWALK:
            return []
        lists = self._standard.crosswalks[meaning.target].lists
        return [
            name
            for name, column in columns.items()
            if column.code_list is not None and column.code_list.slug in lists
        ][:1]

    def _unheaded(self, source: SourceColumn, columns: Mapping[str, Column]) -> Iterator[Candidate]:
        """What the values alone tell."""
        if not source.texts:
            return
        pairs = sum(count for text, count in source.texts.items() if PAIR.fullmatch(text))
        if pairs >= _ALONE_FIT * source.count and _PAIR_PATTERNS.keys() <= columns.keys():
            for name, pattern in _PAIR_PATTERNS.items():
                says = "its values are pairs of coordinates"
                yield Candidate(source, name, 0.8, says, {"pattern": pattern})
            return
        few = replace(source, texts=dict.fromkeys(islice(source.texts, _FEW), 1))
        for name in self._alone & columns.keys():
            if (self.looks.fit_alone(few, columns[name]).share or 0) < _LEAST_FIT:
                continue
            fit = self.looks.fit_alone(source, columns[name])
            if fit.is_telling and (fit.share or 0) >= _ALONE_FIT:
                confidence = round(_ALONE * (fit.share or 0), 2)
                yield Candidate(source, name, confidence, fit.says, fit.changes)


def _stem(candidate: Candidate, known: Mapping[str, int]) -> str:
    plain = candidate.plain
    return plain if plain in known else plain.rpartition("_")[0]


def _is_fit(fit: Fit, column: Column) -> bool:
    least = _LEAST_CODES if column.kind is Kind.CODE else _LEAST_FIT
    if "otherwise" in fit.changes:
        least = _LEAST_OTHERWISE
    return fit.share is None or fit.share >= least


def _candidate(source: SourceColumn, target: str, meaning: Meaning, fit: Fit) -> Candidate:
    share = fit.share or 0.0
    # Values that would fit many fields confirm less than those that hardly fit another.
    weight = 0.4 if fit.is_telling else 0.36
    confidence = round(meaning.score * (1 - weight + weight * share - (0.4 - weight)), 3)
    reason = f"{meaning.reason}; {fit.says}" if fit.says else meaning.reason
    return Candidate(source, target, confidence, reason, fit.changes, meaning.score >= SURE)
