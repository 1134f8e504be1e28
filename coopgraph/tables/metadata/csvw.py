"""CSV on the Web → what it says of one file.

In: a document of metadata and the name of a file. Out: :class:`Metadata`. Specifications:
https://www.w3.org/TR/tabular-metadata/ and https://www.w3.org/TR/tabular-data-model/, of which
nothing is fetched. Patterns that texts must match are not run: the shapes say what a cell must
keep to.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from coopgraph.tables.layouts import parse_dialect
from coopgraph.tables.metadata.annotations import facts_of
from coopgraph.tables.metadata.dates import strptime_format
from coopgraph.tables.metadata.documents import beside, check_count
from coopgraph.tables.metadata.model import ISO_TIMES, Metadata, MetadataColumn, Reference
from coopgraph.tables.metadata.vocabularies import expand, short
from coopgraph.tables.reading import Dialect, Layout
from coopgraph.tables.sections import Section
from coopgraph.tables.values import POINT, is_date_format, is_language_tag

CONTEXT: Final = "http://www.w3.org/ns/csvw"
_DATATYPES = """
    anyAtomicType anyURI base64Binary boolean date dateTime dateTimeStamp decimal integer long int
    short byte nonNegativeInteger positiveInteger unsignedLong unsignedInt unsignedShort
    unsignedByte nonPositiveInteger negativeInteger double duration dayTimeDuration
    yearMonthDuration float gDay gMonth gMonthDay gYear gYearMonth hexBinary QName string
    normalizedString token language Name NMTOKEN xml html json time number binary datetime any
""".split()
_TIMES = {"dateTime", "datetime", "dateTimeStamp"}
_DIALECT = {
    "encoding": "encoding",
    "delimiter": "delimiter",
    "comment": "commentPrefix",
    "spaced": "skipInitialSpace",
}
_UNSAID = "und"
_ESCAPE = "\\"


def is_csvw(document: Section) -> bool:
    """Whether a document says that it is of CSV on the Web."""
    context = document.content.get("@context")
    first = context[0] if isinstance(context, list) and context else context
    return first == CONTEXT or (
        "@context" in document.content and bool({"tableSchema", "tables"} & document.content.keys())
    )


def tables_of(document: Section) -> list[Section]:
    """The tables that a document describes. Raises DescriptorError for a context that it cannot
    have.
    """
    _check_context(document)
    return document.items("tables") if "tables" in document.content else [document]


def names_file(table: Section, document: Section, name: str) -> bool:
    """Whether a table is in the file ``name``, a path from the document's folder. At a web
    address, what counts is the last part of it.
    """
    url = table.content.get("url")
    if not isinstance(url, str):
        return False
    base = str(_settings(document).get("@base", ""))
    address = unquote(url if "://" in url else base + url).partition("?")[0]
    if "://" in address:
        return address.rpartition("/")[2] == name
    return address.removeprefix("./") == name


def read_table(table: Section, document: Section, folder: Path) -> Metadata:
    """What is said of one table of a document. Raises DescriptorError."""
    has_schema = table.content.get("tableSchema") is not None
    schema = beside(table, "tableSchema", folder) if has_schema else Section(table.source, {})
    outer = [schema, table, *([document] if document is not table else [])]
    columns = tuple(_columns(schema, outer))
    holder = next((item for item in outer[1:] if item.content.get("dialect") is not None), None)
    layout, notes = _layout(holder, folder, columns)
    own = str(table.content.get("url", ""))
    language = _common_language(columns)
    return Metadata(
        source=document.source,
        columns=columns,
        layout=layout,
        key=schema.texts("primaryKey"),
        references=tuple(_references(schema, own)),
        facts=facts_of(outer[1:], language),
        notes=notes,
    )


def _check_context(document: Section) -> None:
    context = document.take("@context")
    parts = context if isinstance(context, list) else [context]
    settings = parts[1:]
    if parts[0] != CONTEXT or not all(isinstance(part, dict) for part in settings):
        foreign = next((x for x in parts if isinstance(x, str) and x != CONTEXT), None)
        said = f"“{foreign}” is never fetched; " if foreign else ""
        raise document.error(f"{said}the context of metadata is “{CONTEXT}”", "@context")


def _settings(document: Section) -> dict[str, Any]:
    context = document.content.get("@context")
    found = context[1] if isinstance(context, list) and len(context) > 1 else {}
    return found if isinstance(found, dict) else {}


def _references(schema: Section, own: str) -> Iterable[Reference]:
    for key in schema.items("foreignKeys"):
        reference = key.below("reference")
        resource = reference.text("resource", "") or reference.text("schemaReference", "")
        columns = key.texts("columnReference")
        yield Reference(columns, "" if resource == own else resource, key.where)


# Columns --------------------------------------------------------------------------------------


def _columns(schema: Section, outer: Sequence[Section]) -> Iterable[MetadataColumn]:
    columns = schema.items("columns")
    check_count(schema, "columns", len(columns))
    for number, column in enumerate(columns, 1):
        if not column.flag("virtual", default=False):
            yield _column(column, [column, *outer], number)


def _column(column: Section, scopes: Sequence[Section], number: int) -> MetadataColumn:
    titles = _titles(column)
    written = _inherited(scopes, "propertyUrl").exact("propertyUrl")
    datatype = _datatype(scopes)
    language = _inherited(scopes, "lang").text("lang", "")
    if language and not is_language_tag(language):
        raise column.error(f"“{language}” is no BCP 47 tag; write one like en or pt-BR", "lang")
    name = column.text("name", "")
    decimal, grouping = _number_signs(datatype)
    return MetadataColumn(
        where=column.where,
        name=unquote(name) or ("" if titles else f"_col.{number}"),
        titles=titles,
        property_iri=expand(written),
        says=f"propertyUrl {short(written)}" if written else "",
        language="" if language == _UNSAID else language,
        blank=_inherited(scopes, "null").texts("null"),
        default=_inherited(scopes, "default").exact("default"),
        separator=_inherited(scopes, "separator").exact("separator"),
        dates=_dates(datatype),
        decimal=decimal,
        grouping=grouping,
        is_required=_inherited(scopes, "required").flag("required", default=False),
    )


def _inherited(scopes: Sequence[Section], key: str) -> Section:
    """The nearest of a column, its schema, its table and their group that says something."""
    return next((scope for scope in scopes if scope.content.get(key) is not None), scopes[0])


def _titles(column: Section) -> tuple[str, ...]:
    """The titles in whatever language: any of them may stand in the header."""
    value = column.take("titles")
    parts = value.values() if isinstance(value, dict) else [value]
    found: list[str] = []
    for part in parts:
        found += part if isinstance(part, list) else [] if part is None else [part]
    if not all(isinstance(title, str) for title in found):
        raise column.error("this must be a text, a list of texts, or texts by language", "titles")
    return tuple(dict.fromkeys(found))


def _datatype(scopes: Sequence[Section]) -> Section:
    """The datatype of a column, with its ``base``. Raises DescriptorError for an unknown one."""
    scope = _inherited(scopes, "datatype")
    value = scope.take("datatype")
    is_plain = value is None or isinstance(value, str)
    content = {"base": value or "string"} if is_plain else value
    datatype = Section(scope.source, content, scope.path("datatype"))
    base = datatype.text("base", "string")
    if base not in _DATATYPES:
        near = difflib.get_close_matches(base, _DATATYPES, 1)
        hint = f"did you mean “{near[0]}”?" if near else "write one of CSVW, like string or date"
        raise datatype.error(f"there is no datatype “{base}”; {hint}", "" if is_plain else "base")
    return datatype


def _dates(datatype: Section) -> tuple[str, ...]:
    base, form = datatype.text("base", "string"), datatype.take("format")
    if base in _TIMES and form is None:
        return ISO_TIMES
    if base not in _TIMES | {"date"} or form is None:
        return ()
    found = strptime_format(form) if isinstance(form, str) else ""
    if not is_date_format(found):
        raise datatype.error(
            f"“{form}” is no format of dates that CSV on the Web knows, as “dd.MM.yyyy” is",
            "format",
        )
    return (found,)


def _number_signs(datatype: Section) -> tuple[str, str]:
    """The mark before decimals and that between thousands; of a pattern by itself the usual."""
    form = datatype.take("format")
    if not isinstance(form, dict):
        return POINT, ""
    numeric = datatype.below("format")
    decimal, grouping = numeric.exact("decimalChar", POINT), numeric.exact("groupChar")
    if decimal not in (POINT, ",") or len(grouping) > 1:
        raise numeric.error("the mark before decimals is “.” or “,”, that of groups one character")
    return decimal, grouping


def _common_language(columns: Iterable[MetadataColumn]) -> str:
    """The language of all the columns that have one, “” where they differ."""
    found = {column.language for column in columns if column.language}
    return found.pop() if len(found) == 1 else ""


# Layout ---------------------------------------------------------------------------------------


def _layout(
    holder: Section | None, folder: Path, columns: Sequence[MetadataColumn]
) -> tuple[Layout, tuple[str, ...]]:
    """Where the table stands, and what could not be taken."""
    if holder is None:
        return Layout(), ()
    said = beside(holder, "dialect", folder)
    dialect = parse_dialect(said, _DIALECT)
    quote = _quote(said)
    above = _count(said, "skipRows", 0)
    names_rows = _count(said, "headerRowCount", int(said.flag("header", default=True)))
    notes = []
    if names_rows > 1:
        notes.append(
            f"{said.source}: names of columns in several rows are not joined; the last of them, "
            f"row {above + names_rows}, was taken."
        )
    if _count(said, "skipColumns", 0):
        raise said.error("columns that are to be skipped are not; take them out", "skipColumns")
    names = () if names_rows else tuple(column.names[0] for column in columns)
    if not names_rows and (above or not names):
        raise said.error("no row names the columns; insert one, and say that it is there", "header")
    is_placed = names_rows > 1 or bool(names_rows and above)  # else what stands above is found
    return (
        Layout(
            header=above + names_rows if is_placed else None,
            dialect=Dialect(
                encoding=dialect.encoding,
                delimiter=dialect.delimiter,
                quote=quote,
                escape="" if said.flag("doubleQuote", default=True) else _ESCAPE,
                comment=dialect.comment,
                is_spaced=dialect.is_spaced,
            ),
            names=names,
        ),
        tuple(notes),
    )


def _quote(said: Section) -> str:
    if "quoteChar" in said.content and said.content["quoteChar"] is None:
        return ""
    return parse_dialect(said, {"quote": "quoteChar"}).quote


def _count(said: Section, key: str, default: int) -> int:
    value = said.take(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000:
        raise said.error("this must be a number of rows", key)
    return value
