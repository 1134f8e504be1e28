"""What is to be checked: the files of a dataset, or one file, with a mapping or without.

In: a path, and how its columns are to be read: by a mapping, by the names of the template, or, for
any other file, by a mapping that is proposed. Out: a descriptor, made in memory where there is
none, and the file of each table. Nothing is looked up in a state folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from coopgraph.checking.checker import Held
from coopgraph.checking.following import (
    filled_templates,
    follows,
    listed,
    own_facts,
    plain_table,
    stated_template,
    template_table,
)
from coopgraph.errors import InputError, UsageError
from coopgraph.standard import Standard
from coopgraph.standard.columns import find_template, templates
from coopgraph.tables.describing import Facts
from coopgraph.tables.descriptor import (
    SLUG,
    About,
    Descriptor,
    Publisher,
    TableSpec,
    parse_descriptor,
    parse_table,
    parse_yaml,
    read_text,
)
from coopgraph.tables.editions import choose_file, find_files
from coopgraph.tables.metadata import (
    Matched,
    Metadata,
    find_metadata,
    is_metadata,
    read_metadata,
)
from coopgraph.tables.proposals import Proposal, open_source, propose
from coopgraph.tables.reading import Layout

_SLUG = "file"
_LISTED = 12  # names in a message
_LANGUAGE = "en"  # of a file that follows a template, where nobody says another
UNSAID: Final = "und"


@dataclass(frozen=True)
class Subject:
    """What is checked. ``is_held`` says which records elsewhere are taken to be there.

    ``proposal`` is the mapping by which the file is read, where nobody gave one; ``facts`` are what
    the file's metadata says of the dataset, None where it comes with none.
    """

    name: str
    descriptor: Descriptor
    files: tuple[tuple[TableSpec, Path], ...]
    is_held: Held
    notes: tuple[str, ...] = ()
    proposal: Proposal | None = None
    facts: Facts | None = None


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


def of_mapped_file(
    path: Path, mapping: Path, standard: Standard, *, is_proposed: bool = False
) -> Subject:
    """A file with a mapping: one table as a descriptor has it, a whole descriptor, or metadata, of
    which ``is_proposed`` asks for a mapping in any case.

    Raises DescriptorError, UsageError.
    """
    if is_metadata(mapping):
        metadata = read_metadata(mapping, path.name)
        return of_described_file(path, metadata, standard, is_proposed=is_proposed)
    text = read_text(mapping)
    content = parse_yaml(text, mapping.name)
    if isinstance(content, dict) and "tables" in content:
        folder = mapping.resolve().parent
        named = folder if SLUG.fullmatch(folder.name) else Path(_SLUG)
        descriptor = parse_descriptor(text, named, standard)
        return _some_tables(descriptor, _tables_of(descriptor, path), path)
    given: Any = {"file": path.name, **content} if isinstance(content, dict) else content
    table = parse_table(given, _SLUG, mapping.name, standard)
    return _some_tables(_descriptor(path, (table,), standard), (table,), path)


def of_file(
    path: Path,
    standard: Standard,
    sheet: str = "",
    language: str = UNSAID,
    *,
    chosen: Mapping[str, str] | None = None,
) -> Subject:
    """A file of organisations that nobody has mapped: as its metadata says, where it comes with
    some; all sheets with rows, where it is the workbook that the template is; as the template has
    it, where most of its columns are called as there and no other thing is chosen for them; else
    as :func:`of_proposed_file` has it.
    """
    found = find_metadata(path)
    if found.metadata is not None:
        subject = of_described_file(path, found.metadata, standard, sheet, language, chosen=chosen)
    else:
        subject = _unstated(path, standard, sheet, language, chosen)
    return replace(subject, notes=(*found.notes, *subject.notes))


def _unstated(
    path: Path, standard: Standard, sheet: str, language: str, chosen: Mapping[str, str] | None
) -> Subject:
    if not sheet and not chosen:
        filled = filled_templates(path, standard)
        if filled:
            tables = tuple(plain.table for plain in filled)
            notes = [note for plain in filled for note in plain.notes]
            return _some_tables(_descriptor(path, tables, standard), tables, path, notes)
    template = templates(standard)[0]
    if follows(template, path, standard, sheet, chosen or {}):
        return of_plain_file(path, template.entity.name, standard, sheet)
    return _proposed(path, standard, _Reading(Layout(sheet), language), chosen)


def of_described_file(
    path: Path,
    metadata: Metadata,
    standard: Standard,
    sheet: str = "",
    language: str = UNSAID,
    *,
    chosen: Mapping[str, str] | None = None,
    is_proposed: bool = False,
) -> Subject:
    """A file as its metadata says, and where that says nothing, as is proposed. Where it says what
    a template does, the file is one that follows it, unless ``is_proposed`` asks for a mapping.

    Raises DescriptorError where the metadata is not that of the file.
    """
    layout = replace(metadata.layout, sheet=sheet or metadata.layout.sheet)
    header = open_source(path, layout, metadata).header
    matched = Matched(metadata, header, path.name)
    count = sum(1 for name in header if name)
    used = f"{metadata.source} was used: it describes {len(matched.columns)} of {count} columns."
    notes = [used, *metadata.notes]
    language = metadata.facts.language or UNSAID if language == UNSAID else language
    template = stated_template(matched, path, standard)
    if template is None:
        notes += matched.notes
    else:
        metadata = replace(metadata, facts=own_facts(metadata.facts, template))
        matched = Matched(metadata, header, path.name)
    if template is None or chosen or is_proposed:
        subject = _proposed(path, standard, _Reading(layout, language, matched), chosen)
    else:
        plain = plain_table(template, path, standard, layout)
        spoken = _LANGUAGE if language == UNSAID else language
        descriptor = _descriptor(path, (plain.table,), standard, spoken)
        subject = _some_tables(descriptor, (plain.table,), path, plain.notes)
    return replace(subject, notes=(*notes, *subject.notes), facts=metadata.facts)


def of_proposed_file(
    path: Path,
    standard: Standard,
    sheet: str = "",
    language: str = UNSAID,
    *,
    chosen: Mapping[str, str] | None = None,
) -> Subject:
    """A file with the mapping that is proposed for it. ``language`` is that of its texts.

    ``chosen`` says of columns what they feed, None where nobody could. Raises UsageError for a
    choice that cannot be, and InputError where there is none and no column is like any of the
    standard.
    """
    found = find_metadata(path)
    if found.metadata is None:
        subject = _proposed(path, standard, _Reading(Layout(sheet), language), chosen)
    else:
        subject = of_described_file(
            path, found.metadata, standard, sheet, language, chosen=chosen, is_proposed=True
        )
    return replace(subject, notes=(*found.notes, *subject.notes))


@dataclass(frozen=True)
class _Reading:
    """How a file is opened, the language of its texts, and what its metadata says."""

    layout: Layout
    language: str
    matched: Matched | None = None


def _proposed(
    path: Path, standard: Standard, reading: _Reading, chosen: Mapping[str, str] | None
) -> Subject:
    metadata = reading.matched.metadata if reading.matched else None
    source = open_source(path, reading.layout, metadata)
    proposal = propose(source, standard, reading.language, chosen, reading.matched, reading.layout)
    feeds = any(entry.sources for table in proposal.tables for entry in table.entries)
    if chosen is None and not feeds:
        raise InputError(
            f"none of its columns ({listed(source)}) is like any of the standard, so nobody knows "
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
    plain = plain_table(template, path, standard, Layout(sheet))
    return _some_tables(
        _descriptor(path, (plain.table,), standard), (plain.table,), path, plain.notes
    )


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


def _elsewhere(slug: str) -> Held:
    """Records of other datasets are taken to be there: nobody can look them up."""
    return lambda dataset, key: dataset != slug


def _everything(dataset: str, key: str) -> bool:
    return True


def _descriptor(
    path: Path, tables: tuple[TableSpec, ...], standard: Standard, language: str = _LANGUAGE
) -> Descriptor:
    """A dataset of those tables, and of one of organisations where all of them have a parent."""
    about = About(
        slug=_SLUG,
        title=path.name,
        description="",
        publisher=Publisher(""),
        licence="",
        homepage="",
        frequency="unknown",
        language=language,
        is_merged=False,
        attribution="",
    )
    if all(table.parent for table in tables):
        tables = (template_table(templates(standard)[0], path), *tables)
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
