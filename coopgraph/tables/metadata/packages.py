"""Descriptors of Frictionless Data → what they say of one file.

In: a Data Package, a Data Resource or a Table Schema, of version 1 or 2, and the name of a file.
Out: :class:`Metadata`. Specifications: https://datapackage.org/standard/data-package/ and
https://specs.frictionlessdata.io/. Patterns that cells must match are not run: the shapes say
what a cell must keep to.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from coopgraph.licences import LICENCES, find_licence
from coopgraph.standard.table_schema import PACKAGE
from coopgraph.tables.describing import Facts
from coopgraph.tables.descriptor import is_dataset_name
from coopgraph.tables.layouts import parse_dialect
from coopgraph.tables.metadata.documents import beside, check_count
from coopgraph.tables.metadata.model import ISO_TIMES, Metadata, MetadataColumn, Reference
from coopgraph.tables.metadata.vocabularies import expand, short
from coopgraph.tables.reading import Dialect, Layout
from coopgraph.tables.sections import Section
from coopgraph.tables.values import is_date_format

_TYPES = """
    string number integer boolean object array list date time datetime year yearmonth duration
    geopoint geojson any
""".split()
_DIALECT = {
    "delimiter": "delimiter",
    "quote": "quoteChar",
    "escape": "escapeChar",
    "comment": "commentChar",
    "spaced": "skipInitialSpace",
}
_LENIENT = {"superset", "partial"}  # of fieldsMatch: the file may have fewer fields
_ESCAPE = "\\"
_PUBLISHER: Final = "publisher"


def is_package(document: Section) -> bool:
    """Whether a document is a Data Package."""
    return isinstance(document.content.get("resources"), list)


def is_resource(document: Section) -> bool:
    """Whether a document is a Data Resource."""
    about = {"name", "schema", "dialect"}
    return "path" in document.content and not about.isdisjoint(document.content)


def is_schema(document: Section) -> bool:
    """Whether a document is a Table Schema."""
    return isinstance(document.content.get("fields"), list)


def resource_of(package: Section, name: str) -> Section | None:
    """The resource of a package whose data is in the file ``name``, None where there is none."""
    return next((item for item in package.items("resources") if names_file(item, name)), None)


def names_file(resource: Section, name: str) -> bool:
    """Whether a resource's data is in the file ``name``, a path from the descriptor's folder."""
    path = resource.content.get("path")
    paths = path if isinstance(path, list) else [path]
    return any(
        isinstance(item, str) and PurePosixPath(item) == PurePosixPath(name) for item in paths
    )


def read_resource(resource: Section, package: Section | None, folder: Path) -> Metadata:
    """What a resource, in a package or by itself, says of its file.

    Its schema and dialect may stand in files of ``folder``. Raises DescriptorError.
    """
    has_schema = resource.content.get("schema") is not None
    schema = beside(resource, "schema", folder) if has_schema else Section(resource.source, {})
    names = _names_of(resource, package)
    layout, blank, notes = _layout(resource, folder, schema)
    return Metadata(
        source=resource.source,
        columns=tuple(_fields(schema, blank)),
        layout=layout,
        key=schema.texts("primaryKey"),
        references=tuple(_references(schema, names)),
        facts=_facts(resource, package),
        may_lack=_may_lack(schema),
        notes=notes,
    )


def read_schema(schema: Section) -> Metadata:
    """What a Table Schema says of the file it comes with. Raises DescriptorError."""
    return Metadata(
        source=schema.source,
        columns=tuple(_fields(schema, ())),
        key=schema.texts("primaryKey"),
        references=tuple(_references(schema, set())),
        may_lack=_may_lack(schema),
    )


def _may_lack(schema: Section) -> bool:
    chosen = schema.texts("fieldsMatch")  # a text; once a list of one
    return bool(_LENIENT & set(chosen))


def _names_of(resource: Section, package: Section | None) -> set[str]:
    """What a foreign key may call the resource itself."""
    return {resource.text("name", "")} if package is not None else set()


def _references(schema: Section, own: set[str]) -> Iterable[Reference]:
    for key in schema.items("foreignKeys"):
        reference = key.below("reference")
        resource = reference.text("resource", "")
        yield Reference(key.texts("fields"), "" if resource in own else resource, key.where)


# Columns --------------------------------------------------------------------------------------


def _fields(schema: Section, blank: Sequence[str]) -> Iterable[MetadataColumn]:
    fields = schema.items("fields")
    check_count(schema, "fields", len(fields))
    missing = (*_missing(schema), *blank)
    for field in fields:
        own = _missing(field) if "missingValues" in field.content else missing
        yield _field(field, tuple(own))


def _missing(section: Section) -> tuple[str, ...]:
    """Texts that stand for nothing, in version 2 perhaps with a label."""
    values = section.take("missingValues")
    if values is None:
        return ()
    if not isinstance(values, list):
        raise section.error("this must be a list of texts", "missingValues")
    found = [item.get("value") if isinstance(item, dict) else item for item in values]
    texts = tuple(item for item in found if isinstance(item, str))
    if len(texts) < len(found):
        raise section.error("this must be a list of texts", "missingValues")
    return texts


def _field(field: Section, blank: tuple[str, ...]) -> MetadataColumn:
    kind = field.text("type", "string")
    if kind not in _TYPES:
        near = difflib.get_close_matches(kind, _TYPES, 1)
        hint = f"did you mean “{near[0]}”?" if near else f"there are {', '.join(_TYPES)}"
        raise field.error(f"there is no type “{kind}”; {hint}", "type")
    title = field.text("title", "")
    written = field.text("rdfType", "")
    return MetadataColumn(
        where=field.where,
        name=field.text("name"),
        titles=(title,) if title else (),
        property_iri=expand(written),
        says=f"rdfType {short(written)}" if written else "",
        blank=blank,
        separator=_separator(field, kind),
        dates=_dates(field, kind),
        decimal=_sign(field, "decimalChar", "."),
        grouping=_sign(field, "groupChar", ""),
        is_required=_is_required(field),
        is_point=kind == "geopoint" and field.text("format", "default") == "default",
    )


def _sign(field: Section, key: str, default: str) -> str:
    text = field.exact(key, default)
    if len(text) > 1 or (key == "decimalChar" and text not in (".", ",")):
        raise field.error("this must be one character, as “.” or “,”", key)
    return text


def _separator(field: Section, kind: str) -> str:
    """What stands between the values of a list; also of a string with an ``itemType``, as version
    1, which has no lists, is written by some.
    """
    if kind == "list":
        return field.exact("delimiter", ",")
    return field.exact("delimiter") if kind == "string" and "itemType" in field.content else ""


def _dates(field: Section, kind: str) -> tuple[str, ...]:
    form = field.exact("format", "default").removeprefix("fmt:")
    if kind == "datetime" and form == "default":
        return ISO_TIMES
    if kind not in ("date", "datetime") or form in ("default", "any"):
        return ()
    if not is_date_format(form):
        raise field.error(
            f"“{form}” is no strptime format of a day, month and year, as “%d/%m/%Y” is", "format"
        )
    return (form,)


def _is_required(field: Section) -> bool:
    limits = field.take("constraints")
    return isinstance(limits, dict) and limits.get("required") is True


# Layout ---------------------------------------------------------------------------------------


def _layout(
    resource: Section, folder: Path, schema: Section
) -> tuple[Layout, tuple[str, ...], tuple[str, ...]]:
    """Where the table stands, what counts as blank in it, and what could not be taken."""
    encoding = parse_dialect(resource, {"encoding": "encoding"}).encoding
    if resource.content.get("dialect") is None:
        return Layout(dialect=Dialect(encoding=encoding)), (), ()
    said = beside(resource, "dialect", folder)
    dialect = parse_dialect(said, _DIALECT)
    is_doubled = said.flag("doubleQuote", default=True)
    escape = dialect.escape or ("" if is_doubled else _ESCAPE)
    rows, notes = _header_rows(said)
    names = [item.text("name") for item in schema.items("fields")] if rows == [] else []
    if rows == [] and not names:
        raise said.error("no row names the columns, and no schema does; give the schema", "header")
    blank = said.exact("nullSequence")
    layout = Layout(
        sheet=said.text("sheetName", "") or said.text("property", ""),
        header=rows[-1] if rows else None,
        dialect=Dialect(
            encoding=encoding,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            escape=escape,
            comment=dialect.comment,
            is_spaced=dialect.is_spaced,
        ),
        names=tuple(names),
    )
    return layout, (blank,) if blank else (), notes


def _header_rows(said: Section) -> tuple[list[int] | None, tuple[str, ...]]:
    """The rows that name the columns, where a dialect says it, [] where there are none."""
    if not said.flag("header", default=True):
        return [], ()
    rows = said.take("headerRows")
    if rows is None:
        return None, ()
    if rows == [1]:  # as usual; what stands above is found
        return None, ()
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise said.error("this must be a list of numbers of rows, as [1]", "headerRows")
    notes = []
    if len(rows) > 1:
        notes.append(
            f"{said.source}: names of columns in several rows are not joined; the last of them, "
            f"row {rows[-1]}, was taken."
        )
    return rows, tuple(notes)


def _is_row(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000


# Facts ----------------------------------------------------------------------------------------


def _facts(resource: Section, package: Section | None) -> Facts:
    both = [resource] if package is None else [package, resource]
    nearest = both[::-1]
    name = next(filter(None, (_slug(item) for item in both)), "")
    return Facts(
        name=name,
        title=_first(both, "title"),
        description=_first(both, "description"),
        publisher=next(filter(None, map(_publisher, nearest)), ""),
        licence=next(filter(None, map(_licence, nearest)), ""),
        homepage=next(filter(None, (item.text("homepage", "") for item in both)), ""),
    )


def _first(sections: Iterable[Section], key: str) -> str:
    return next(filter(None, (item.text(key, "") for item in sections)), "")


def _slug(section: Section) -> str:
    """The name of a package as a dataset may have it; “” where it cannot, and where it is that of
    our templates.
    """
    name = "-".join(section.text("name", "").lower().replace("_", "-").replace(".", "-").split())
    return name if is_dataset_name(name) and name != PACKAGE else ""


def _licence(section: Section) -> str:
    """The licence, where one is stated and no more: nobody can say which of several holds."""
    licences = section.items("licenses")
    if len(licences) != 1:
        return ""
    [licence] = licences
    name, path = licence.text("name", ""), licence.text("path", "")
    known = find_licence(name.removeprefix("ODC-") if "PDDL" in name else name)
    if known in LICENCES.values():
        return known
    return path or known


def _publisher(section: Section) -> str:
    """Who is named as the publisher; else the only source."""
    for item in section.items("contributors"):
        roles = [*item.texts("role"), *item.texts("roles")]
        if _PUBLISHER in roles:
            return item.text("title", "") or item.text("organization", "")
    sources = section.items("sources")
    return sources[0].text("title", "") if len(sources) == 1 else ""
