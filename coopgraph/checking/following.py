"""Files that follow the template → their tables.

In: a template and a file whose columns are called as there, in whatever order, or have its
hashtags; or the workbook that all templates are, filled in. Out: tables as a descriptor has them,
and what to tell of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from coopgraph.errors import InputError
from coopgraph.standard import Standard
from coopgraph.standard.columns import (
    PARENT,
    SEPARATOR,
    Column,
    Template,
    sheet_titles,
    templates,
)
from coopgraph.standard.wording import LANGUAGES
from coopgraph.tables.describing import Facts
from coopgraph.tables.descriptor import TableSpec
from coopgraph.tables.hashtags import parse_hashtag, tagged_names
from coopgraph.tables.metadata import Matched, MetadataColumn
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import Layout, Table, open_table, sheets_of

_LISTED = 12  # names in a message


@dataclass(frozen=True)
class PlainTable:
    """A table whose columns are those of a template, and sentences about what it lacks."""

    table: TableSpec
    notes: tuple[str, ...] = ()


def plain_table(
    template: Template, path: Path, standard: Standard, layout: Layout | None = None
) -> PlainTable:
    """The table of a file that follows a template. Raises InputError where it does not."""
    table = template_table(template, path, layout)
    source = open_table(path, table.layout, column_use(table, standard))
    present = _present(template, source)
    if not present & {column.name for column in template.columns if column.field is not None}:
        raise InputError(
            f"none of its columns ({listed(source)}) has a name of the standard, so nobody knows "
            "what they hold. Say it in a mapping (--mapping FILE; docs/descriptors.md shows how), "
            f"or copy the rows into the template: coopgraph template {template.slug} -o "
            "template.csv.",
            source=source.source,
            row=source.header_row,
        )
    notes = list(_missing(template, present))
    if not present.issuperset(table.key):
        missing = ", ".join(f"“{name}”" for name in table.key if name not in present)
        notes.append(f"There is no column {missing}; rows are told apart by all of their cells.")
        table = replace(table, key=())
    return PlainTable(table, tuple(notes))


def follows(
    template: Template, path: Path, standard: Standard, sheet: str, chosen: Mapping[str, str]
) -> bool:
    """Whether most of a file's columns are called as the template has them, and ``chosen`` (column
    → what it feeds) says nothing else.
    """
    table = template_table(template, path, Layout(sheet))
    is_used = column_use(table, standard)
    source = open_table(path, table.layout, is_used)
    names = [name for name in source.header if name]
    known = max(sum(map(is_used, names)), len(_present(template, source)))
    targets = template_targets(template, table, standard, source.header, source.hashtags)
    is_as_chosen = all(targets.get(name) == target for name, target in chosen.items())
    return 2 * known >= len(names) and is_as_chosen


def filled_templates(path: Path, standard: Standard) -> tuple[PlainTable, ...]:
    """The tables of a workbook of all templates, by the titles of its sheets in any language: that
    of organisations, and those that have rows; none where the file is no such workbook.
    """
    sheets = {name.strip().casefold(): name for name in sheets_of(path)}
    if len(sheets) < 2:
        return ()
    known = templates(standard)
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for template, title in zip(known, sheet_titles(known, language).values(), strict=True):
            if title.casefold() in sheets:
                found.setdefault(template.slug, sheets[title.casefold()])
    if known[0].slug not in found or not follows(
        known[0], path, standard, found[known[0].slug], {}
    ):
        return ()
    return tuple(
        plain_table(template, path, standard, Layout(found[template.slug]))
        for template in known
        if template.slug in found and follows(template, path, standard, found[template.slug], {})
    )


def stated_template(matched: Matched, path: Path, standard: Standard) -> Template | None:
    """The template of which a file's metadata says nothing else than the template does itself."""
    known = sorted(templates(standard), key=lambda template: template.slug != path.stem)
    return next((item for item in known if _is_stated(item, matched)), None)


def own_facts(facts: Facts, template: Template) -> Facts:
    """What metadata says of a dataset, without what a template's says of the template."""
    titles = {template.title(language) for language in LANGUAGES}
    texts = {template.description(language) for language in LANGUAGES}
    return replace(
        facts,
        title="" if facts.title in titles else facts.title,
        description="" if facts.description in texts else facts.description,
    )


def _is_stated(template: Template, matched: Matched) -> bool:
    own = {column.name: column for column in template.columns}
    is_keyed = not matched.key or matched.key == template.key
    return (
        bool(matched.columns)
        and is_keyed
        and all(
            name in own and _is_as_there(said, own[name]) for name, said in matched.columns.items()
        )
    )


def _is_as_there(said: MetadataColumn, column: Column) -> bool:
    path = column.field.path.value if column.field else ""
    usual = {"split": SEPARATOR} if column.is_list else {}
    is_no_more = said.changes(column.kind) in ({}, usual) and not said.is_point
    return said.name == column.name and said.property_iri in ("", path) and is_no_more


def template_targets(
    template: Template,
    table: TableSpec,
    standard: Standard,
    header: Sequence[str],
    hashtags: Sequence[str],
) -> dict[str, str]:
    """What each column of a file that follows a template feeds, by hashtag or by name; "" for
    nothing.
    """
    tags = tagged_names(hashtags, {column.name: column.hxl for column in template.columns})
    is_used = column_use(table, standard)
    return {
        name: tag or (name if is_used(name) else "")
        for name, tag in zip_longest(header, tags, fillvalue="")
        if name
    }


def template_table(template: Template, path: Path, layout: Layout | None = None) -> TableSpec:
    """The table of a template, in a file or where in it ``layout`` says."""
    return TableSpec(
        name=template.table,
        pattern=path.name,
        layout=layout or Layout(),
        entity=template.entity,
        key=template.key,
        parent=(PARENT,) if template.relation else (),
        columns=None,
        each=(),
        language_column="",
    )


def listed(source: Table) -> str:
    """The first of a table's columns, for a sentence."""
    return ", ".join(f"“{name}”" for name in source.header[:_LISTED] if name)


def _present(template: Template, source: Table) -> set[str]:
    """The columns of a template that a file has, by name or by hashtag."""
    tags = {
        parsed._replace(language="") for tag in source.hashtags if (parsed := parse_hashtag(tag))
    }
    return {
        column.name
        for column in template.columns
        if column.name in source.header or parse_hashtag(column.hxl) in tags
    }


def _missing(template: Template, present: set[str]) -> Iterable[str]:
    for column in template.columns:
        if column.field is not None and column.is_required and column.name not in present:
            yield f"There is no column “{column.name}”, which every row needs."
