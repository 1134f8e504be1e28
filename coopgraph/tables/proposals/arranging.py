"""Which tables a file holds: organisations, or several rows for each of them.

A file with a row for each organisation is one table. One with a row for each site, each further
name or each year names its organisations again and again: it is two tables of the same file, one
of organisations, whose repeated rows are duplicates, and one of what they have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from coopgraph.standard import Standard
from coopgraph.standard.columns import Template, templates
from coopgraph.tables.proposals.candidates import Matcher
from coopgraph.tables.proposals.codelists import notation
from coopgraph.tables.proposals.filling import fill
from coopgraph.tables.proposals.joining import with_house_numbers
from coopgraph.tables.proposals.keys import Key, owner_key, row_key
from coopgraph.tables.proposals.model import Candidate, Entry, ProposedTable
from coopgraph.tables.proposals.registrations import NUMBER, REGISTER, registrations
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.proposals.stated import Stated
from coopgraph.tables.proposals.wordbook import MEASURE, SURE, Meaning, synonyms, words

MAIN = "organisations"
_OWN = ("name", "legal_name")  # what a file of other things says of its organisations
_ASSUMED = 0.5
_LEAST_FIGURES = 0.5  # share of cells that are numbers


class Arranger:
    """Makes the tables of one sample."""

    def __init__(
        self, standard: Standard, matcher: Matcher, sample: Sample, stated: Stated
    ) -> None:
        known = {(item.entity.name, item.table): item for item in templates(standard)}
        self._standard = standard
        self._matcher = matcher
        self._sample = sample
        self._templates = known
        self._stated = stated
        self._meanings = matcher.meanings(sample, stated)
        self.candidates: list[Candidate] = []  # for organisations, for whoever asks what else

    def tables(self) -> list[ProposedTable]:
        """The tables, organisations first."""
        own = self._template("Organization")
        self.candidates = self._candidates(own)
        if self._stated.key:
            return [self._organizations(self._stated.key, own)]
        key = row_key(self._sample, self._meanings)
        owner = owner_key(self._sample, self._meanings)
        if owner is not None and (key is None or owner.score > key.score):
            child = self._child(owner, key)
            if child is not None:
                return [self._owners(owner, own, child), child]
        return [self._organizations(_names(key), own)]

    def _candidates(self, template: Template) -> list[Candidate]:
        return self._matcher.candidates(self._sample, template, self._meanings, self._stated)

    def figures(self) -> list[tuple[SourceColumn, Meaning]]:
        """Columns of figures, as their headings say, with the measure of each."""
        value = next(c for c in self._template("Observation").columns if c.name == "value")
        found = []
        seen: set[str] = set()
        for source in self._sample.columns:
            meaning = _meaning(self._meanings[source.position], MEASURE)
            if meaning is None or meaning.target in seen:
                continue
            if (self._matcher.looks.fit(source, value).share or 0) >= _LEAST_FIGURES:
                seen.add(meaning.target)
                found.append((source, meaning))
        return found

    @property
    def templates(self) -> dict[str, Template]:
        """The templates that a table may have, by the name of their entity type."""
        return {name: item for (name, _), item in reversed(self._templates.items())}

    def _template(self, entity: str) -> Template:
        return next(item for (name, _), item in self._templates.items() if name == entity)

    def _organizations(self, key: tuple[str, ...], own: Template) -> ProposedTable:
        entries = self._entries(key, own)
        entries += self._country(entries)
        return ProposedTable(
            MAIN,
            "Organization",
            key,
            (),
            (*entries, *assumed(own, entries)),
            key_reason=self._key_reason(key, own),
        )

    def _key_reason(self, key: tuple[str, ...], own: Template) -> str:
        """Why the key is no guess, where there is metadata; else nothing."""
        source = self._stated.source
        if self._stated.key:
            return f"{source}: primaryKey"
        return f"{source} has it, called as the standard’s own" if source and key == own.key else ""

    def _entries(self, key: tuple[str, ...], own: Template) -> list[Entry]:
        """The lines of organisations, of which registrations need their register beside them."""
        stated = {item.source.name for item in self.candidates if item.is_stated}
        used = set(key) - stated if len(key) == 1 else set()
        numbers: list[Entry] = []
        candidates, template = self.candidates, own
        if not any(item.is_stated and item.plain == NUMBER for item in candidates):
            numbers = registrations(self._sample, own, self._undecided(own), self._matcher.looks)
            used |= {name for entry in numbers for name in entry.sources}
            candidates = [item for item in candidates if item.plain not in (NUMBER, REGISTER)]
            template = _with_registrations(own, numbers)
        taken = [item.position for item in self._sample.columns if item.name in used]
        entries = [*fill(candidates, template, taken), *numbers]
        used |= {name for entry in entries for name in entry.sources} | set(key)
        return in_order(own, list(with_house_numbers(entries, self._sample, used)))

    def _undecided(self, own: Template) -> dict[int, list[Meaning]]:
        """What the headings may mean of columns of which nobody states it."""
        return {
            item.position: [] if self._stated.decides(item, own) else self._meanings[item.position]
            for item in self._sample.columns
        }

    def _country(self, entries: Sequence[Entry]) -> list[Entry]:
        """The country, where subdivisions of it stand in a column and no country does."""
        region = next((entry for entry in entries if entry.target == "region"), None)
        if region is None or any(entry.target == "country" for entry in entries):
            return []
        source = next(item for item in self._sample.columns if item.name in region.sources)
        if "split" in region.content or "pattern" in region.content:
            return []
        given: Mapping[str, str | None] = region.content.get("values", {})
        regions = self._standard.code_lists["subdivision"]
        values = {word: given.get(word) or notation(word, regions) for word in source.texts}
        countries = {word: code.partition("-")[0] for word, code in values.items() if code}
        reason = "the country of its region"
        if len(set(countries.values())) == 1 and len(countries) == len(values):
            content: dict[str, object] = {"value": next(iter(countries.values()))}
            return [Entry("country", content, region.confidence, reason)]
        known = self._standard.code_lists["country"]
        for word in values:
            found = notation(word, known)
            if word not in countries and found:
                countries[word] = found
        content = {
            "column": region.content["column"],
            "values": {word: countries.get(word) for word in values},
        }
        return [Entry("country", content, region.confidence, reason, region.sources)]

    def _owners(self, owner: Key, own: Template, child: ProposedTable) -> ProposedTable:
        """The table of organisations of a file whose rows are of other things."""
        used = set(child.feeds)
        taken = [item.position for item in self._sample.columns if item.name in used]
        candidates = [item for item in self.candidates if item.plain in _OWN]
        entries = fill(candidates, own, taken)
        return ProposedTable(
            MAIN, "Organization", _names(owner), (), (*entries, *assumed(own, entries))
        )

    def _child(self, owner: Key, key: Key | None) -> ProposedTable | None:
        return self._years(owner) or self._sites(owner, key) or self._further_names(owner, key)

    def _years(self, owner: Key) -> ProposedTable | None:
        """Figures by year, each in a column of its own."""
        figures = self.figures()
        template = self._template("Observation")
        candidates = self._candidates(template)
        taken = [owner.source.position, *(source.position for source, _ in figures)]
        shared = [item for item in candidates if item.plain in ("year", "period_end")]
        entries = fill(shared, template, taken)
        years = [name for entry in entries if entry.target == "year" for name in entry.sources]
        if not figures or not years:
            return None
        each = tuple(
            Entry(
                meaning.target,
                {"measure": {"value": meaning.target}, "value": source.name},
                meaning.score,
                meaning.reason + _money(meaning.target),
                (source.name,),
            )
            for source, meaning in figures
        )
        key = (owner.source.name, *years)
        return ProposedTable(
            self._name("figures"), "Observation", key, _names(owner), tuple(entries), each
        )

    def _sites(self, owner: Key, key: Key | None) -> ProposedTable | None:
        template = self._template("Site")
        candidates = self._candidates(template)
        candidates = [item for item in candidates if item.source is not owner.source]
        if not any(item.plain == "site_name" and item.is_sure for item in candidates):
            return None
        taken = [owner.source.position, *([key.source.position] if key else [])]
        entries = fill(candidates, template, taken)
        return ProposedTable(
            self._name("sites"), "Site", _names(key), _names(owner), tuple(entries)
        )

    def _further_names(self, owner: Key, key: Key | None) -> ProposedTable | None:
        own = self._template("Organization")
        names = [item for item in self.candidates if item.plain == "alternate_name"]
        sure = [item for item in names if item.is_sure and item.source is not owner.source]
        if not sure or (key is None and sure[0].source.is_unique):
            return None
        entries = fill(sure, own, [owner.source.position])
        return ProposedTable(
            self._name("names"), "Organization", _names(key), _names(owner), tuple(entries)
        )

    def _name(self, otherwise: str) -> str:
        """A name for a table beside organisations: that of its file, if it can be one."""
        stem = "-".join(words(self._sample.table.path.stem))
        is_fit = stem.isascii() and stem[:1].isalpha() and stem != MAIN
        return stem if is_fit else otherwise


def _money(measure: str) -> str:
    if measure not in synonyms()["cells"]["money"]:
        return ""
    return "; add of which currency it is, like currency: {value: EUR}"


def _names(key: Key | None) -> tuple[str, ...]:
    return (key.source.name,) if key else ()


def _meaning(meanings: Sequence[Meaning], what: str) -> Meaning | None:
    """The first meaning of a kind that is sure."""
    return next((m for m in meanings if m.what == what and m.score >= SURE), None)


def _with_registrations(template: Template, numbers: Sequence[Entry]) -> Template:
    """The template without what needs a registration beside it, where there is none."""
    beside = next((c.beside for c in template.columns if c.name == NUMBER), ())
    without = set(beside) if not numbers else {NUMBER, REGISTER}
    return replace(
        template,
        columns=tuple(
            replace(c, beside=()) if c.name in beside else c
            for c in template.columns
            if c.name not in without
        ),
    )


def in_order(template: Template, entries: Sequence[Entry]) -> list[Entry]:
    """Lines in the order of the template's columns."""
    order = {column.name: place for place, column in enumerate(template.columns)}

    beside = next((c.beside for c in template.columns if c.name == NUMBER), ())
    last = max((order[name] for name in beside), default=0)

    def place(entry: Entry) -> tuple[int, str, int, str]:
        plain = entry.target.partition("@")[0]
        if plain in order:
            return order[plain], "", 0, entry.target
        stem, _, number = plain.rpartition("_")
        # A second registration stands whole after the first.
        return (last if stem in beside else order[stem]), number, order[stem], entry.target

    return sorted(entries, key=place)


def assumed(template: Template, entries: Sequence[Entry]) -> list[Entry]:
    """Lines for required columns that nothing feeds."""
    filled = {entry.target for entry in entries}
    assumed: Mapping[str, str] = synonyms()["assumed"]
    return [
        Entry(
            column.name,
            {"value": assumed[column.name]},
            _ASSUMED,
            "no column says it, and every row needs it: correct this where it is not so",
        )
        for column in template.columns
        if column.is_required and column.name in assumed and column.name not in filled
    ]
