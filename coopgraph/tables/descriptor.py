"""Dataset descriptors: ``dataset.yaml``, read and checked against the standard.

A descriptor says what a dataset is (title, publisher, licence …) and how each of its tables
becomes records: which files, which key, which source column feeds which column of the
standard. ``docs/descriptors.md`` documents every key. Everything wrong is a DescriptorError
that names the file and the dotted path of the fault.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from coopgraph.errors import DescriptorError
from coopgraph.iris import is_web_address
from coopgraph.licences import LICENCES, UNSTATED, find_licence, is_open
from coopgraph.standard import EntityType, Field, Standard
from coopgraph.tables.layouts import parse_layout
from coopgraph.tables.reading import Layout
from coopgraph.tables.sections import Section
from coopgraph.tables.values import POINT, is_date_format, is_language_tag

FILE_NAME = "dataset.yaml"
FILL_IN = "to be filled in"  # stands in proposed descriptors for what only a person knows
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Graphs beside those of datasets (architecture, “Named graphs and the merge”).
_OTHER_GRAPHS = {"catalogue", "description", "links", "merge"}
_NUMBERED = re.compile(r"(.+)_(\d+)")
# EU frequency code list, the part that registers use.
FREQUENCIES = (
    "continuous daily weekly monthly quarterly biannual annual irregular never unknown"
).split()


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who stands behind a dataset."""

    name: str
    homepage: str = ""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How one column of the standard is filled from a row of the source.

    ``columns``: the first of these that is not blank is used, or with ``join`` all of them, with
    that text between; none: ``constant``. Then, in this order: ``blank`` texts count as none;
    ``pattern`` extracts (its first group, or all); ``remove`` deletes what it matches; ``case:
    title`` mends capitals; ``split`` makes several values; ``values`` translates (``None``: leave
    out); ``crosswalk`` names the scheme whose codes the others are; what neither knows is
    ``otherwise`` (``None``: an error). ``dates`` are strptime formats, ``decimal`` is the mark
    before decimals. ``default`` is read where all of ``columns`` are blank.
    """

    columns: tuple[str, ...] = ()
    join: str = ""
    constant: str | None = None
    blank: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    remove: re.Pattern[str] | None = None
    case: str = ""
    split: str = ""
    values: Mapping[str, str | None] | None = None
    crosswalk: str = ""
    otherwise: str | None = None
    dates: tuple[str, ...] = ()
    decimal: str = POINT
    default: str = ""


Columns = Mapping[str, ColumnSpec]  # column of the standard → how it is filled
_Leading = Mapping[str, tuple[str, ...]]  # column of the standard → crosswalks to its codes


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a dataset. ``each`` makes several inner nodes of one row."""

    name: str
    pattern: str
    layout: Layout
    entity: EntityType
    key: tuple[str, ...]
    parent: tuple[str, ...]
    columns: Columns | None  # None: the file follows the template
    each: tuple[Columns, ...]
    language_column: str


@dataclass(frozen=True, slots=True)
class About:
    """What a dataset is, as its descriptor says; needs no standard to be read."""

    slug: str
    title: str
    description: str
    publisher: Publisher
    licence: str
    homepage: str
    frequency: str
    language: str
    is_merged: bool
    attribution: str


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A dataset: what it is, and how its tables are read. ``text`` is the YAML as written."""

    about: About
    tables: tuple[TableSpec, ...]
    folder: Path
    text: str

    @property
    def slug(self) -> str:
        """The short name of the dataset."""
        return self.about.slug

    @property
    def main(self) -> TableSpec:
        """The table of organisations, which the others hang off."""
        return self.tables[0]

    def require_filled_in(self) -> None:
        """Raises DescriptorError where a proposed descriptor was not made somebody's own."""
        if FILL_IN in (self.about.description, self.about.publisher.name):
            raise DescriptorError(
                "say whose data it is (publisher) and what it is (description), where "
                f"“{FILL_IN}” stands",
                source=f"{self.slug}/{FILE_NAME}",
            )


def is_dataset_name(text: str) -> bool:
    """Whether a dataset may have that short name.

    >>> is_dataset_name("my-list"), is_dataset_name("My list"), is_dataset_name("links")
    (True, False, False)
    """
    return SLUG.fullmatch(text) is not None and text not in _OTHER_GRAPHS


def read_descriptor(folder: Path, standard: Standard) -> Descriptor:
    """The descriptor in a dataset's folder. Raises DescriptorError."""
    return parse_descriptor(read_text(folder / FILE_NAME), folder, standard)


def read_text(path: Path) -> str:
    """The text of a descriptor or a mapping. Raises DescriptorError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptorError(f"cannot be read: {error}", source=path.name) from error


def parse_descriptor(text: str, folder: Path, standard: Standard) -> Descriptor:
    """The descriptor in a YAML text, as of ``folder``. Raises DescriptorError."""
    reader = _open(text, folder.name)
    about = _about(reader, folder.name)
    _require_licence(reader, about)
    tables = _tables(reader.below("tables"), standard)
    reader.finish()
    return Descriptor(about, tables, folder, text)


def parse_table(content: Any, name: str, source: str, standard: Standard) -> TableSpec:
    """One table by itself, as a descriptor would have it under ``tables``.

    Raises DescriptorError.
    """
    return _table(Section(source, content), name, standard)


def parse_about(text: str, slug: str) -> About:
    """What a descriptor says of its dataset, without its tables. Raises DescriptorError.

    Descriptors in the journal are read so: their tables may name columns of an older standard.
    """
    return _about(_open(text, slug), slug)


def parse_yaml(text: str, source: str) -> Any:
    """What a YAML text holds. Raises DescriptorError, whatever is wrong with it."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # the last two: hostile values
        raise DescriptorError(f"this is no YAML: {error}", source=source) from error


def _open(text: str, folder: str) -> Section:
    source = f"{folder}/{FILE_NAME}"
    return Section(source, parse_yaml(text, source))


def _about(reader: Section, folder: str) -> About:
    slug = reader.text("name", folder)
    if not SLUG.fullmatch(slug):
        raise reader.error("a name is lower-case words joined by hyphens", "name")
    if slug in _OTHER_GRAPHS:
        raise reader.error(f"the graph “{slug}” is not a dataset's; choose another name", "name")
    publisher = reader.below("publisher")
    frequency = reader.text("frequency", "unknown")
    if frequency not in FREQUENCIES:
        raise reader.error(f"use one of {', '.join(FREQUENCIES)}", "frequency")
    licence = _licence(reader)
    about = About(
        slug=slug,
        title=reader.text("title"),
        description=reader.text("description"),
        publisher=Publisher(publisher.text("name"), publisher.link("homepage", "")),
        licence=licence,
        homepage=reader.link("homepage", ""),
        frequency=frequency,
        language=_language(reader),
        is_merged=_is_merged(reader, licence),
        attribution=reader.text("attribution", ""),
    )
    publisher.finish()
    return about


def _licence(reader: Section) -> str:
    """The IRI of the licence, "" where none is stated."""
    text = reader.text("licence", UNSTATED)
    if text in ("", UNSTATED):
        return ""
    licence = find_licence(text)
    if not is_web_address(licence):
        raise reader.error(
            f"write the web address of a licence, {UNSTATED}, or one of {', '.join(LICENCES)}",
            "licence",
        )
    return licence


def _require_licence(reader: Section, about: About) -> None:
    """What is published needs a licence, or the word that nobody states one."""
    if not reader.content.get("licence"):
        raise reader.error(
            "say under which licence its publisher gives the data: its web address, or one of "
            f"{', '.join(LICENCES)}; where nobody states one, write {UNSTATED}",
            "licence",
        )
    if about.is_merged and not about.licence:
        raise reader.error("data whose licence is unstated cannot be merged with others", "merge")


def _language(reader: Section) -> str:
    tag = reader.text("language", "en")
    if not is_language_tag(tag):
        raise reader.error(f"“{tag}” is no BCP 47 tag; write one like en or pt-BR", "language")
    return tag


def _is_merged(reader: Section, licence: str) -> bool:
    chosen = reader.take("merge")
    if chosen is None:
        return is_open(licence)
    if not isinstance(chosen, bool):
        raise reader.error("this must be true or false", "merge")
    return chosen


def _tables(reader: Section, standard: Standard) -> tuple[TableSpec, ...]:
    tables = tuple(_table(reader.below(name), name, standard) for name in reader.content)
    mains = [table for table in tables if not table.parent]
    if len(mains) != 1:
        raise reader.error(
            "exactly one table must have no parent: the one with a row for each organisation"
        )
    if mains[0].entity.fragment:
        raise reader.error("the table without a parent must be of organisations", mains[0].name)
    for table in tables:
        _check_relation(reader, mains[0].entity, table)
    return (mains[0], *(table for table in tables if table.parent))


def relations(owner: EntityType, table: TableSpec) -> list[Field]:
    """The fields of the owner that may lead to the nodes of a child table.

    Where several lead to such nodes, the table is called as its field says (``coop:table``).
    """
    fields = [field for field in owner.fields if field.node == table.entity.shape]
    return [field for field in fields if field.table == table.name] or fields


def _check_relation(reader: Section, owner: EntityType, table: TableSpec) -> None:
    if not (table.parent and table.entity.fragment):
        return
    found = relations(owner, table)
    if not found:
        name = table.entity.name
        raise reader.error(f"an organisation has no {name} of its own", f"{table.name}.entity")
    if len(found) > 1:
        names = " or ".join(f"“{field.table}”" for field in found)
        raise reader.error(f"call this table {names}, to say what its rows are", table.name)


def _table(reader: Section, name: str, standard: Standard) -> TableSpec:
    if not SLUG.fullmatch(name):
        raise reader.error("a table's name is lower-case words joined by hyphens")
    entity_name = reader.text("entity", "Organization")
    known = {t.name: t for t in standard.entity_types.values() if any(standard.columns(t))}
    entity = known.get(entity_name)
    if entity is None:
        names = ", ".join(sorted(known))
        raise reader.error(f"there is no entity type “{entity_name}”; there are {names}", "entity")
    leading = _leading_crosswalks(entity, standard)
    columns = None
    if reader.content.get("columns") is not None:
        columns = _columns(reader.below("columns"), leading)
    reader.take("columns")
    spec = TableSpec(
        name=name,
        pattern=reader.text("file"),
        layout=parse_layout(reader),
        entity=entity,
        key=reader.texts("key"),
        parent=reader.texts("parent"),
        columns=columns,
        each=_each(reader, leading),
        language_column=reader.text("language_column", ""),
    )
    if spec.pattern.count("*") > 1 or "/" in spec.pattern or "\\" in spec.pattern:
        raise reader.error("give a file name, with at most one “*” for the edition", "file")
    reader.finish()
    return spec


def _leading_crosswalks(entity: EntityType, standard: Standard) -> _Leading:
    """The columns of an entity type, each with the crosswalks that lead to its codes."""
    return {
        field.column: tuple(
            slug for slug, known in standard.crosswalks.items() if field.code_list in known.lists
        )
        for _, field in standard.columns(entity)
    }


def _each(reader: Section, leading: _Leading) -> tuple[Columns, ...]:
    items = reader.take("each")
    if items is None:
        return ()
    if not isinstance(items, list) or not items:
        raise reader.error("this must be a list of column mappings", "each")
    where = reader.path("each")
    return tuple(
        _columns(Section(reader.source, item, f"{where}[{number}]"), leading)
        for number, item in enumerate(items)
    )


def _columns(reader: Section, leading: _Leading) -> Columns:
    specs = {}
    allowed = set(leading)
    for name in reader.content:
        plain = plain_column(name, allowed)
        if plain is None:
            near = difflib.get_close_matches(name, sorted(allowed), 1)
            hint = f"; did you mean “{near[0]}”?" if near else ""
            raise reader.error(f"the standard has no such column{hint}", name)
        if "@" in name and not is_language_tag(name.partition("@")[2]):
            raise reader.error("what follows the @ is no BCP 47 tag", name)
        specs[name] = _column(reader, name, leading[plain])
    return specs


def plain_column(name: str, allowed: set[str]) -> str | None:
    """The standard's column that ``name`` stands for: itself, ``name_2`` or ``name@fr``."""
    stem = name.partition("@")[0]
    if stem in allowed:
        return stem
    match = _NUMBERED.fullmatch(stem)
    return match[1] if match and match[1] in allowed else None


def _column(parent: Section, name: str, crosswalks: tuple[str, ...]) -> ColumnSpec:
    content = parent.content[name]
    if isinstance(content, str):
        return ColumnSpec(columns=(content,))
    reader = Section(parent.source, content, parent.path(name))
    spec = ColumnSpec(
        columns=reader.texts("column"),
        join=reader.exact("join"),
        constant=reader.text("value", "") or None,
        blank=frozenset(text.casefold() for text in reader.texts("blank")),
        pattern=reader.pattern("pattern"),
        remove=reader.pattern("remove"),
        case=reader.text("case", ""),
        split=reader.exact("split"),
        values=_translation(reader),
        crosswalk=reader.text("crosswalk", ""),
        otherwise=reader.text("otherwise", "") or None,
        dates=_date_formats(reader),
        decimal=reader.text("decimal", POINT),
        default=reader.text("default", ""),
    )
    reader.finish()
    if bool(spec.columns) == bool(spec.constant):
        raise reader.error("give either “column” or “value”")
    if spec.join and len(spec.columns) < 2:
        raise reader.error("there is nothing to join; give “column” a list of two or more", "join")
    if spec.case not in {"", "title"}:
        raise reader.error("the only case is “title”", "case")
    if spec.decimal not in {POINT, ","}:
        raise reader.error("the mark before decimals is “.” or “,”", "decimal")
    if spec.default and not spec.columns:
        raise reader.error("what is the same for all rows has no default", "default")
    if spec.crosswalk and spec.crosswalk not in crosswalks:
        known = ", ".join(crosswalks) or "none"
        raise reader.error(f"no such crosswalk leads to this column; {known} can", "crosswalk")
    return spec


def _date_formats(reader: Section) -> tuple[str, ...]:
    formats = reader.texts("date")
    for text in formats:
        if not is_date_format(text):
            raise reader.error(f"“{text}” is no strptime format of a day, month and year", "date")
    return formats


def _translation(reader: Section) -> Mapping[str, str | None] | None:
    content = reader.take("values")
    if content is None:
        return None
    if not isinstance(content, dict):
        raise reader.error("this must be a mapping from the source's words to ours", "values")
    for word in (*content, *content.values()):
        if isinstance(word, bool):  # YAML reads a bare Yes, No, On or Off so
            raise reader.error("put yes, no, on and off in quotation marks", "values")
    return {str(k).casefold(): None if v is None else str(v) for k, v in content.items()}
