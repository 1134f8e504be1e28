"""What is to be checked: the files of a dataset, or one file, with a mapping or without.

In: a path, and how its columns are to be read: by a mapping, by the names of the template, or, for
any other file, by a mapping that is proposed. Out: a descriptor, made in memory where there is
none, and the file of each table. Nothing is looked up in a state folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from coopgraph.checking.checker import Held
from coopgraph.errors import DescriptorError, InputError, UsageError
from coopgraph.standard import Standard
from coopgraph.standard.columns import PARENT, Template, find_template, templates
from coopgraph.tables.descriptor import (
    About,
    Descriptor,
    Publisher,
    TableSpec,
    parse_descriptor,
    parse_table,
)
from coopgraph.tables.editions import choose_file, find_files
from coopgraph.tables.hashtags import parse_hashtag, tagged_names
from coopgraph.tables.plans import column_use
from coopgraph.tables.proposals import Proposal, open_source, propose
from coopgraph.tables.reading import Layout, Table, open_table

_SLUG = "file"
_LISTED = 12  # names in a message


@dataclass(frozen=True)
class Subject:
    """What is checked. ``is_held`` says which records elsewhere are taken to be there.

    ``proposal`` is the mapping by which the file is read, where nobody gave one.
    """

    name: str
    descriptor: Descriptor
    files: tuple[tuple[TableSpec, Path], ...]
    is_held: Held
    notes: tuple[str, ...] = ()
    proposal: Proposal | None = None


def of_dataset(descriptor: Descriptor, folder: Path, edition: str | None = None) -> Subject:
    """The newest files of a dataset's tables, or those of an edition.

    Raises InputError where there is none for its organisations, UsageError.
    """
    chosen = [(t, choose_file(folder, t.pattern, edition)) for t in descriptor.tables]
    if chosen[0][1] is None:
        raise InputError(
            f"there is no file like {descriptor.main.pattern}, which the table "
            f"“{descriptor.main.name}” needs; name the folder that holds it with --from.",
            source=str(folder),
        )
    files = tuple((table, file.path) for table, file in chosen if file is not None)
    notes = [
        f"There is no file like {table.pattern}; the table “{table.name}” was not checked."
        for table, file in chosen
        if file is None
    ]
    return Subject(descriptor.slug, descriptor, files, _elsewhere(descriptor.slug), tuple(notes))


def of_mapped_file(path: Path, mapping: Path, standard: Standard) -> Subject:
    """A file with a mapping: one table as a descriptor has it, or a whole descriptor.

    Raises DescriptorError, UsageError.
    """
    try:
        text = mapping.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DescriptorError(f"cannot be read: {error}", source=str(mapping)) from error
    if isinstance(content, dict) and "tables" in content:
        descriptor = parse_descriptor(text, mapping.resolve().parent, standard)
        return _some_tables(descriptor, _tables_of(descriptor, path), path)
    given: Any = {"file": path.name, **content} if isinstance(content, dict) else content
    table = parse_table(given, _SLUG, mapping.name, standard)
    return _some_tables(_descriptor(path, table, standard), (table,), path)


def of_file(
    path: Path,
    standard: Standard,
    sheet: str = "",
    language: str = "und",
    *,
    chosen: Mapping[str, str] | None = None,
) -> Subject:
    """A file of organisations that nobody has mapped: as the template has it, where most of its
    columns are called as there and no other thing is chosen for them, else as
    :func:`of_proposed_file` has it.
    """
    template = templates(standard)[0]
    table = replace(_template_table(template, path), layout=Layout(sheet))
    is_used = column_use(table, standard)
    source = open_table(path, table.layout, is_used)
    names = [name for name in source.header if name]
    known = sum(map(is_used, names))
    if 2 * max(known, len(_present(template, source))) >= len(names):
        targets = template_targets(template, table, standard, source.header, source.hashtags)
        if all(targets.get(name) == target for name, target in (chosen or {}).items()):
            return of_plain_file(path, template.entity.name, standard, sheet)
    return of_proposed_file(path, standard, sheet, language, chosen=chosen)


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


def of_proposed_file(
    path: Path,
    standard: Standard,
    sheet: str = "",
    language: str = "und",
    *,
    chosen: Mapping[str, str] | None = None,
) -> Subject:
    """A file with the mapping that is proposed for it. ``language`` is that of its texts.

    ``chosen`` says of columns what they feed, None where nobody could. Raises UsageError for a
    choice that cannot be, and InputError where there is none and no column is like any of the
    standard.
    """
    source = open_source(path, Layout(sheet))
    proposal = propose(source, standard, language, chosen)
    feeds = any(entry.sources for table in proposal.tables for entry in table.entries)
    if chosen is None and not feeds:
        raise InputError(
            f"none of its columns ({_names(source)}) is like any of the standard, so nobody knows "
            "what they hold. Say it in a mapping (--mapping FILE; docs/descriptors.md shows how), "
            "or copy the rows into the template: coopgraph template organization -o template.csv.",
            source=source.source,
            row=source.header_row,
        )
    descriptor = proposal.descriptor(Path(_SLUG), standard)
    files = tuple((table, path) for table in descriptor.tables)
    return Subject(path.name, descriptor, files, _elsewhere(_SLUG), (), proposal)


def of_plain_file(path: Path, entity: str, standard: Standard, sheet: str = "") -> Subject:
    """A file whose columns are those of the template of ``entity``; ``sheet`` where it has several.

    Raises InputError where it has none of them, UsageError where there is no such template.
    """
    template = find_template(templates(standard), entity)
    table = replace(_template_table(template, path), layout=Layout(sheet))
    source = open_table(path, table.layout, column_use(table, standard))
    present = _present(template, source)
    if not present & {column.name for column in template.columns if column.field is not None}:
        raise InputError(
            f"none of its columns ({_names(source)}) has a name of the standard, so nobody knows "
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
    return _some_tables(_descriptor(path, table, standard), (table,), path, notes)


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


def _names(source: Table) -> str:
    return ", ".join(f"“{name}”" for name in source.header[:_LISTED] if name)


def _some_tables(
    descriptor: Descriptor, tables: Sequence[TableSpec], path: Path, notes: Iterable[str] = ()
) -> Subject:
    """The tables of a descriptor that a file is for."""
    is_held = _elsewhere(descriptor.slug)
    if descriptor.main not in tables:
        notes = [*notes, "Whether the organisations of the rows exist was not looked up."]
        is_held = _everything
    return Subject(
        path.name, descriptor, tuple((table, path) for table in tables), is_held, tuple(notes)
    )


def _missing(template: Template, present: set[str]) -> Iterable[str]:
    for column in template.columns:
        if column.field is not None and column.is_required and column.name not in present:
            yield f"There is no column “{column.name}”, which every row needs."


def _elsewhere(slug: str) -> Held:
    """Records of other datasets are taken to be there: nobody can look them up."""
    return lambda dataset, key: dataset != slug


def _everything(dataset: str, key: str) -> bool:
    return True


def _template_table(template: Template, path: Path) -> TableSpec:
    return TableSpec(
        name=template.table,
        pattern=path.name,
        layout=Layout(),
        entity=template.entity,
        key=template.key,
        parent=(PARENT,) if template.relation else (),
        columns=None,
        each=(),
        language_column="",
    )


def _descriptor(path: Path, table: TableSpec, standard: Standard) -> Descriptor:
    """A dataset of that table, and of one of organisations beside it where it has a parent."""
    about = About(
        slug=_SLUG,
        title=path.name,
        description="",
        publisher=Publisher(""),
        licence="",
        homepage="",
        frequency="unknown",
        language="en",
        is_merged=False,
        attribution="",
    )
    known = templates(standard)
    tables = (_template_table(known[0], path), table) if table.parent else (table,)
    return Descriptor(about, tables, path.parent, "")


def _tables_of(descriptor: Descriptor, path: Path) -> tuple[TableSpec, ...]:
    """The tables of a descriptor that a file is for, by its name. Raises UsageError."""
    found = tuple(
        table
        for table in descriptor.tables
        if any(file.path.name == path.name for file in find_files(path.parent, table.pattern))
    )
    if found or len(descriptor.tables) == 1:
        return found or descriptor.tables
    names = ", ".join(f"{table.pattern} ({table.name})" for table in descriptor.tables)
    raise UsageError(
        f"The mapping has several tables, and none is for a file called {path.name}: they are for "
        f"{names}. Rename the file, or give a mapping of one table."
    )
