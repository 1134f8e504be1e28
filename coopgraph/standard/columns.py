"""Which tables can be filled in, and the columns of each.

In: the standard. Out: a :class:`Template` for organisations and for each child table of theirs,
with its columns in the order of the shapes. Spreadsheets, Table Schema, CSVW and the reference
pages are made from these; a file with these columns loads with no mapping
(``docs/descriptors.md``). The names of the two columns that no shape describes are here alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coopgraph.errors import ShapeError, UsageError
from coopgraph.standard.limits import Limits, limits
from coopgraph.standard.model import CodeList, EntityType, Field, Kind, Labels, Standard
from coopgraph.standard.wording import best, say, words

KEY = "id"  # names a row
PARENT = "organisation"  # in a child table: the key of the organisation's row
SEPARATOR = ";"
KEY_HASHTAGS = {KEY: "#meta+id", PARENT: "#meta+id+org"}
_TITLE_LENGTH = 31  # of a sheet
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'"))
_NO_LIMITS = Limits(None, None, None, None, "", ())
_FORMS = {"date": "YYYY-MM-DD", "gYearMonth": "YYYY-MM", "gYear": "YYYY"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. ``field`` is None for keys; ``path`` are the node fields that lead to it.

    ``beside`` are the columns of the same inner node, itself included. ``is_required`` says that
    every row needs it, ``is_needed`` that each row which gives another of ``beside`` does.
    """

    name: str
    labels: Labels
    descriptions: Labels
    field: Field | None
    path: tuple[Field, ...]
    beside: tuple[str, ...]
    is_required: bool
    is_needed: bool
    is_list: bool
    hxl: str
    example: str
    limits: Limits
    code_list: CodeList | None

    @property
    def kind(self) -> Kind:
        """What its cells hold."""
        return self.field.kind if self.field else Kind.TEXT

    @property
    def is_text(self) -> bool:
        """Whether a spreadsheet must take its cells as they are written."""
        return self.kind is not Kind.NUMBER

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts that a cell may hold, where there is a list of them."""
        if self.code_list is not None:
            return tuple(code.notation for code in self.code_list.codes)
        return self.limits.choices


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A table that can be filled in.

    ``slug`` is its name in file names and addresses, ``table`` in descriptors. ``relation`` leads
    to its rows from their organisation; None for organisations themselves. ``key`` are the
    columns that name a row.
    """

    slug: str
    entity: EntityType
    relation: Field | None
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def table(self) -> str:
        """The name of the table in a dataset descriptor."""
        return self.relation.table if self.relation else self.slug

    def title(self, language: str) -> str:
        """What its rows are called."""
        return best((self.relation or self.entity).labels, language)

    def description(self, language: str) -> str:
        """What a row is."""
        return best(self.entity.descriptions, language)


def slug_of(name: str) -> str:
    """The name of an entity type in kebab case.

    >>> slug_of("ProductOffer"), slug_of("Organization")
    ('product-offer', 'organization')
    """
    return _WORD.sub("-", name).lower()


def sheet_titles(chosen: Iterable[Template], language: str) -> dict[str, str]:
    """Template → the title of its sheet in a workbook: short, and no two alike."""
    taken = {say(key, language).casefold() for key in ("readme", "examples", "codes")}
    found = {}
    for item in chosen:
        title = item.title(language).translate(_NOT_IN_TITLES)[:_TITLE_LENGTH]
        if title.casefold() in taken or not title.strip():
            title = item.slug[:_TITLE_LENGTH]
        taken.add(title.casefold())
        found[item.slug] = title
    return found


def templates(standard: Standard) -> tuple[Template, ...]:
    """Organisations first, then their child tables in the order of the shape.

    Raises ShapeError where inner nodes lead back to themselves, or a column is there twice.
    """
    found = []
    for entity in tops(standard):
        found.append(_template(standard, entity, None))
        for item in entity.fields:
            if item.kind is Kind.NODE and item.table:
                found.append(_template(standard, standard.inner(item), item))
    return tuple(found)


def tops(standard: Standard) -> list[EntityType]:
    """The entity types with IRIs and columns of their own: organisations, in a word.

    Those with child tables come first.
    """
    found = [
        entity
        for entity in standard.entity_types.values()
        if not entity.fragment and any(item.column for item in entity.fields)
    ]
    return sorted(found, key=lambda entity: (not any(f.table for f in entity.fields), entity.name))


def find_template(known: tuple[Template, ...], name: str) -> Template:
    """The template of an entity type, by its name or slug. Raises UsageError."""
    for item in known:
        if slug_of(name) == item.slug or name.casefold() == item.slug:
            return item
    names = ", ".join(item.slug for item in known)
    raise UsageError(f"There is no template “{name}”; there are {names}.")


def _template(standard: Standard, entity: EntityType, relation: Field | None) -> Template:
    _check_nesting(standard, entity, ())
    own = tuple(_own_columns(standard, entity))
    key = _key(entity, relation)
    lead = [KEY] if KEY in key else []
    lead += [PARENT] if relation else []
    columns = (*(_key_column(name) for name in lead), *own)
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise ShapeError(f"the column “{name}” is there twice", shape=entity.shape.value)
    return Template(_slug(standard, entity, relation), entity, relation, columns, key)


def _slug(standard: Standard, entity: EntityType, relation: Field | None) -> str:
    """The name of the type, and of the table where several tables are of that type."""
    slug = slug_of(entity.name)
    owners = (item for owner in tops(standard) for item in owner.fields)
    is_shared = sum(bool(item.table) and item.node == entity.shape for item in owners) > 1
    return f"{slug}-{relation.table}" if relation and is_shared else slug


def _key(entity: EntityType, relation: Field | None) -> tuple[str, ...]:
    """What names a row: the fields that name its node, else a column for it."""
    keys = entity.key_fields
    if relation and keys and all(item.column for item in keys):
        return (PARENT, *(item.column for item in keys))
    return (KEY,)


def _key_column(name: str) -> Column:
    what = "key" if name == KEY else "parent"
    return Column(
        name=name,
        labels=words(what),
        descriptions=words(f"{what}_description"),
        field=None,
        path=(),
        beside=(),
        is_required=True,
        is_needed=False,
        is_list=False,
        hxl=KEY_HASHTAGS[name],
        example="1",
        limits=_NO_LIMITS,
        code_list=None,
    )


def _own_columns(standard: Standard, entity: EntityType) -> Iterator[Column]:
    found = list(standard.columns(entity))
    for path, item in found:
        is_whole = all(step.is_required for step in path)
        yield Column(
            name=item.column,
            labels=item.labels,
            descriptions=item.descriptions,
            field=item,
            path=path,
            beside=tuple(field.column for steps, field in found if path and steps == path),
            is_required=item.is_required and is_whole,
            is_needed=item.is_required and not is_whole,
            is_list=item.is_list or any(step.is_list for step in path),
            hxl=item.hxl,
            example=item.example,
            limits=limits(standard, item),
            code_list=standard.code_lists.get(item.code_list),
        )


def _check_nesting(standard: Standard, entity: EntityType, above: tuple[EntityType, ...]) -> None:
    if entity in above:
        raise ShapeError("its inner nodes lead back to itself", shape=entity.shape.value)
    for item in entity.fields:
        if item.kind is Kind.NODE and not item.table:
            _check_nesting(standard, standard.inner(item), (*above, entity))


# In words ---------------------------------------------------------------------------------


def holds(column: Column, language: str) -> str:
    """What a cell of the column holds, in a few words."""
    item = column.field
    if column.code_list is not None:
        return say("code", language, list=best(column.code_list.labels, language))
    if item is None or item.kind in (Kind.TEXT, Kind.LANGUAGE_TEXT, Kind.OTHER):
        return say("text", language)
    if item.kind is Kind.DATE:
        forms = [_FORMS[datatype.value.rpartition("#")[2]] for datatype in item.datatypes]
        return say("date", language, forms=_either(forms, language))
    if item.kind is Kind.NUMBER and item.datatypes[0].value.endswith("#integer"):
        return say("integer", language)
    return say(item.kind.value, language)


def remarks(column: Column, language: str) -> list[str]:
    """What else whoever fills the column in should know, a sentence each."""
    found = []
    if column.is_list:
        found.append(say("several", language))
    beside = ", ".join(column.beside)
    if len(column.beside) > 1 and any(step.is_list for step in column.path):
        found.append(say("side_by_side", language, columns=beside))
    if column.is_needed and len(column.beside) > 1:
        found.append(say("together", language, columns=beside))
    if column.kind is Kind.LANGUAGE_TEXT:
        found.append(say("translated", language, column=column.name))
    bounds = column.limits
    if bounds.max_length is not None:
        found.append(say("at_most", language, count=bounds.max_length))
    if bounds.minimum is not None and bounds.maximum is not None:
        found.append(say("from_to", language, least=bounds.minimum, most=bounds.maximum))
    return found


def _either(texts: list[str], language: str) -> str:
    """``a, b or c``."""
    last = f" {say('or', language)} "
    return last.join(filter(None, (", ".join(texts[:-1]), texts[-1])))
