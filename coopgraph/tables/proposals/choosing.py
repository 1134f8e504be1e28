"""A proposal under a person's choices: what they say of a column holds, the rest is kept.

In: proposed tables, and for columns of the source what each is to feed. Out: the tables changed
so. A column whose choice is what was proposed anyway keeps all that was found for it; another is
looked at anew, for formats of dates and words as codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from coopgraph.errors import UsageError
from coopgraph.standard import Kind
from coopgraph.standard.columns import KEY, PARENT, Column, Template
from coopgraph.tables.proposals.arranging import assumed, in_order
from coopgraph.tables.proposals.looks import Looks
from coopgraph.tables.proposals.model import Entry, ProposedTable, addresses
from coopgraph.tables.proposals.sampling import Sample, SourceColumn
from coopgraph.tables.values import is_language_tag

_SAID = "chosen by hand"


class Choices:
    """What columns of a sample are to feed. ``chosen`` are addresses by name, "" for nothing.

    Raises UsageError for a column that the source does not have.
    """

    def __init__(self, sample: Sample, chosen: Mapping[str, str], looks: Looks) -> None:
        known = {_evened(source.name): source for source in sample.columns}
        for name in chosen:
            if _evened(name) not in known:
                raise UsageError(f"The file has no column “{name}”; nothing can be chosen for it.")
        self._sources = {source.name: source for source in sample.columns}
        self._chosen = {known[_evened(name)].name: target for name, target in chosen.items()}
        self._looks = looks

    def leave_out(self, source: SourceColumn) -> bool:
        """Whether a column is to feed nothing."""
        return self._chosen.get(source.name) == ""

    def apply(
        self, tables: Sequence[ProposedTable], templates: Mapping[str, Template]
    ) -> list[ProposedTable]:
        """The tables as they were chosen; ``templates`` by the name of their entity type.

        Raises UsageError where the standard has no such column.
        """
        feeds = addresses(tables)
        changed = {
            name: target
            for name, target in self._chosen.items()
            if (target not in feeds[name] if name in feeds else target)
        }
        if not changed:
            return list(tables)
        wanted: dict[str, dict[str, str]] = {table.name: {} for table in tables}
        for name, target in changed.items():
            if target:
                table, plain = _place(target, tables)
                _check(plain, table, templates[table.entity])
                wanted[table.name][name] = plain
        applied = [
            self._applied(table, templates[table.entity], changed, wanted[table.name])
            for table in tables
        ]
        main = templates[applied[0].entity]
        entries = applied[0].entries
        applied[0] = replace(applied[0], entries=(*entries, *assumed(main, entries)))
        return applied

    def _applied(
        self,
        table: ProposedTable,
        template: Template,
        changed: Mapping[str, str],
        wanted: Mapping[str, str],
    ) -> ProposedTable:
        """One table; ``changed`` are no longer what was proposed, ``wanted`` are for this one."""
        entries = list(filter(None, (_without(entry, changed) for entry in table.entries)))
        for target in dict.fromkeys(wanted.values()):
            if target not in (KEY, PARENT):
                new = [self._sources[name] for name, own in wanted.items() if own == target]
                entries = self._with(entries, target, new, template)
        entries = [entry for entry in entries if _is_of_use(entry, entries, template)]
        return replace(
            table,
            key=self._named(table.key, KEY, changed, wanted),
            parent=self._named(table.parent, PARENT, changed, wanted),
            entries=tuple(in_order(template, entries)),
            each=tuple(filter(None, (_without(entry, changed) for entry in table.each))),
        )

    def _named(
        self,
        proposed: Sequence[str],
        target: str,
        changed: Mapping[str, str],
        wanted: Mapping[str, str],
    ) -> tuple[str, ...]:
        """The columns of a key: those chosen, and with them what was proposed and confirmed."""
        new = {name for name, own in wanted.items() if own == target}
        kept = {name for name in proposed if name not in changed}
        if new:
            kept &= self._chosen.keys()
        return tuple(name for name in self._sources if name in new | kept)

    def _with(
        self,
        entries: Sequence[Entry],
        target: str,
        sources: Sequence[SourceColumn],
        template: Template,
    ) -> list[Entry]:
        """Lines with one more, which others of the same target make room for, or go before."""
        column = _column(target, template)
        before = [entry for entry in entries if entry.target == target]
        others = [entry for entry in entries if entry.target != target]
        confirmed = [e for e in before if e.sources and set(e.sources) <= self._chosen.keys()]
        if not confirmed:
            return [*others, self._entry(target, column, sources)]
        if column.is_list and column.kind in (Kind.TEXT, Kind.LANGUAGE_TEXT) and not column.path:
            taken = {entry.target for entry in entries}
            numbers = (f"{target}_{number}" for number in range(2, len(taken) + 3))
            free = next(name for name in numbers if name not in taken)
            return [*entries, self._entry(free, column, sources)]
        [first] = confirmed
        known = [self._sources[name] for name in first.sources]
        return [*others, self._entry(target, column, [*known, *sources])]

    def _entry(self, target: str, column: Column, sources: Sequence[SourceColumn]) -> Entry:
        """A line for columns, of which each stands in where those before are blank."""
        fits = [self._looks.fit(source, column) for source in sources]
        names = [source.name for source in sources]
        content: dict[str, Any] = {"column": names[0] if len(names) == 1 else names}
        for fit in fits:
            for change, value in fit.changes.items():
                content.setdefault(change, value)
        reason = f"{_SAID}; {fits[0].says}" if fits[0].says else _SAID
        if len(names) > 1:
            reason += f"; where it is blank, “{'”, “'.join(names[1:])}”"
        return Entry(target, content, 1.0, reason, tuple(names))


def _place(target: str, tables: Sequence[ProposedTable]) -> tuple[ProposedTable, str]:
    """The table that an address is in, and the rest of it."""
    stem, _, plain = target.rpartition(".")
    found = next((table for table in tables[1:] if table.name == stem), None)
    return (found or tables[0], plain if found else target)


def _check(target: str, table: ProposedTable, template: Template) -> None:
    """Raises UsageError where a table cannot have that column."""
    plain, _, language = target.partition("@")
    column = next((item for item in template.columns if item.name == plain), None)
    if column is None:
        raise UsageError(
            f"The standard has no column “{target}” for the table “{table.name}”; choose one of "
            f"the template “{template.slug}”."
        )
    if language and (column.kind is not Kind.LANGUAGE_TEXT or not is_language_tag(language)):
        raise UsageError(f"“{target}” cannot be: write a text's column, and a language like fr.")


def _column(target: str, template: Template) -> Column:
    plain = target.partition("@")[0]
    return next(item for item in template.columns if item.name == plain)


def _without(entry: Entry, changed: Iterable[str]) -> Entry | None:
    """A line without those columns, None where nothing is left of it."""
    gone = set(changed)
    kept = tuple(name for name in entry.sources if name not in gone)
    if kept == entry.sources:
        return entry
    if not kept or "column" not in entry.content:
        return None
    content = {**entry.content, "column": kept[0] if len(kept) == 1 else list(kept)}
    return replace(entry, content=content, sources=kept)


def _is_of_use(entry: Entry, entries: Sequence[Entry], template: Template) -> bool:
    """Whether a line that is the same for all rows still stands beside one that is not."""
    plain = entry.target.partition("@")[0]
    column = next((item for item in template.columns if item.name == plain), None)
    if entry.sources or column is None or not column.path:
        return True
    beside = set(column.beside)
    return any(other.sources and other.target.partition("@")[0] in beside for other in entries)


def _evened(name: str) -> str:
    return " ".join(name.split())
