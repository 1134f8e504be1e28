"""What the metadata of a file says of its columns → candidates that nobody need guess.

In: metadata, held against the header of its file. Out: candidates where it names a property that
the ontology has, or one that is aligned with it; else further headings, and what a mapping of the
column needs, for the others to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from coopgraph.standard import Kind, Standard
from coopgraph.standard.columns import Column, Template
from coopgraph.tables.metadata import Matched, Properties
from coopgraph.tables.proposals.looks import Looks
from coopgraph.tables.proposals.model import Candidate
from coopgraph.tables.proposals.sampling import SourceColumn
from coopgraph.tables.proposals.wordbook import COLUMN, Meaning, Wordbook

_REFERS = 0.95  # a foreign key is a reference for certain; which, its heading says
_POINT = {  # of Table Schema: “longitude, latitude”
    "longitude": r"^\s*(-?\d+(?:\.\d+)?)\s*,",
    "latitude": r",\s*(-?\d+(?:\.\d+)?)\s*$",
}


class Stated:
    """What is stated of the columns of a file; nothing where it comes with no metadata.

    ``language`` is that of the dataset, which columns need not say again.
    """

    def __init__(self, standard: Standard, matched: Matched | None, language: str) -> None:
        self._matched = matched
        self._columns = matched.columns if matched else {}
        self._references = matched.own_references() if matched else {}
        self._properties = Properties(standard) if matched else None
        self._language = language

    @property
    def source(self) -> str:
        """The name of the file of metadata, “” where there is none."""
        return self._matched.metadata.source if self._matched else ""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row, as they are called in the file."""
        return self._matched.key if self._matched else ()

    def changes(self, source: SourceColumn, target: Column) -> dict[str, Any]:
        """What a mapping of a column needs, by what is said of it."""
        said = self._columns.get(source.name)
        return said.changes(target.kind) if said else {}

    def meanings(self, source: SourceColumn, wordbook: Wordbook) -> Iterator[Meaning]:
        """What the other names of a column may mean, and that of a property that is not ours."""
        said = self._columns.get(source.name)
        if said is None:
            return
        others = {name: f"its name “{name}”" for name in said.names if name != source.name}
        others |= {_local(said.property_iri): said.says} if said.property_iri else {}
        for name, says in others.items():
            for meaning in wordbook.meanings(name):
                reason = meaning.reason.removeprefix("its heading")
                yield replace(meaning, reason=f"{self.source}: {says}{reason}")

    def decides(self, source: SourceColumn, template: Template) -> bool:
        """Whether it is said which column of a template a column is."""
        return bool(self._targets(source, template)) or self._is_point(source, template)

    def candidates(
        self,
        source: SourceColumn,
        template: Template,
        looks: Looks,
        meanings: Sequence[Meaning],
    ) -> Iterator[Candidate]:
        """The candidates of a column by what is said of it, none where nothing is."""
        targets = self._targets(source, template)
        if self._is_point(source, template):
            says = f"{self.source}: type geopoint, longitude before latitude"
            for name, pattern in _POINT.items():
                yield Candidate(
                    source, name, 1.0, says, {"pattern": pattern}, True, is_stated=True,
                    is_guessed=False,
                )  # fmt: skip
        elif targets:
            yield self._stated(source, _likeliest(targets, meanings), looks)
        elif source.name in self._references:
            yield from self._referring(source, template, meanings)

    def _is_point(self, source: SourceColumn, template: Template) -> bool:
        said = self._columns.get(source.name)
        names = {column.name for column in template.columns}
        return bool(said and said.is_point) and names >= _POINT.keys()

    def _targets(self, source: SourceColumn, template: Template) -> list[Column]:
        said = self._columns.get(source.name)
        if said is None or self._properties is None:
            return []
        if said.property_iri:
            return self._properties.columns(said.property_iri, template, said.name)
        own = [c for c in template.columns if c.name == said.name and c.field is not None]
        return own if own and self._is_like(template) else []

    def _is_like(self, template: Template) -> bool:
        """Whether most of the columns are called as a template has them: then all of those are
        meant so.
        """
        names = {column.name for column in template.columns}
        return 2 * sum(said.name in names for said in self._columns.values()) >= len(self._columns)

    def _stated(self, source: SourceColumn, target: Column, looks: Looks) -> Candidate:
        said = self._columns[source.name]
        given = said.changes(target.kind)
        fit = looks.fit(source, target, given=given)
        guessed = {key: value for key, value in fit.changes.items() if given.get(key) != value}
        is_foreign = bool(said.language) and said.language != self._language
        is_text = target.kind is Kind.LANGUAGE_TEXT
        reason = f"{self.source}: {said.says or f'name “{said.name}”'}"
        return Candidate(
            source,
            f"{target.name}@{said.language}" if is_foreign and is_text else target.name,
            1.0,
            f"{reason}; {fit.says}" if guessed else reason,
            fit.changes,
            True,
            is_stated=True,
            is_guessed=bool(guessed),
        )

    def _referring(
        self, source: SourceColumn, template: Template, meanings: Iterable[Meaning]
    ) -> Iterator[Candidate]:
        """A reference to another row of the file, where the heading says which."""
        known: Mapping[str, Column] = {
            column.name: column for column in template.columns if column.kind is Kind.REFERENCE
        }
        for meaning in meanings:
            if meaning.what == COLUMN and meaning.target in known:
                where = self._references[source.name].where
                because = meaning.reason.removeprefix(f"{self.source}: ")
                reason = f"{self.source}: {where} leads to its own rows; {because}"
                changes = self.changes(source, known[meaning.target])
                yield Candidate(source, meaning.target, _REFERS, reason, changes, True)
                return


def _local(property_iri: str) -> str:
    """The last part of an IRI.

    >>> _local("http://schema.org/memberOf")
    'memberOf'
    """
    return property_iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _likeliest(targets: Sequence[Column], meanings: Sequence[Meaning]) -> Column:
    """Of columns that hold values of the same property, the one that the heading means."""
    meant = [meaning.target for meaning in meanings if meaning.what == COLUMN]
    return min(targets, key=lambda c: meant.index(c.name) if c.name in meant else len(meant))
