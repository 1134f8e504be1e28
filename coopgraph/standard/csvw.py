"""Templates as CSV on the Web metadata: what each column is, and which triples a row is.

In: templates. Out: metadata of one file, or of all of them as a group, whose foreign keys can be
followed. A row's thing is named by its key within its file; inner nodes hang off it. What CSVW
cannot say is suppressed rather than said wrongly: lists of codes, and cells of several inner
nodes that belong together by position. Specifications: https://www.w3.org/TR/tabular-metadata/
and https://www.w3.org/TR/csv2rdf/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coopgraph.namespaces import iri
from coopgraph.standard.columns import KEY, PARENT, SEPARATOR, Column, Template, templates
from coopgraph.standard.limits import date_pattern
from coopgraph.standard.model import Field, Kind, Labels, Standard
from coopgraph.standard.table_schema import describe, number, owner_of

_CONTEXT = "http://www.w3.org/ns/csvw"


def csvw(standard: Standard, template: Template, language: str = "en") -> dict[str, Any]:
    """The metadata of one file."""
    return {"@context": [_CONTEXT, {"@language": language}], **_table(standard, template, language)}


def csvw_group(standard: Standard, language: str = "en") -> dict[str, Any]:
    """The metadata of every file together, with the keys that tie them."""
    tables = []
    for item in templates(standard):
        table = _table(standard, item, language)
        if item.relation is not None:
            owner = owner_of(standard, item)
            reference = {"resource": f"{owner.slug}.csv", "columnReference": KEY}
            key = {"columnReference": PARENT, "reference": reference}
            table["tableSchema"]["foreignKeys"] = [key]
        tables.append(table)
    return {"@context": [_CONTEXT, {"@language": language}], "tables": tables}


def _table(standard: Standard, template: Template, language: str) -> dict[str, Any]:
    columns = [_column(column, template, language) for column in template.columns]
    return {
        "url": f"{template.slug}.csv",
        "dc:title": template.title(language),
        "dc:description": template.description(language),
        "tableSchema": {
            "columns": [*columns, *_virtual(standard, template)],
            "primaryKey": template.key[0] if len(template.key) == 1 else list(template.key),
            "aboutUrl": _about(template),
        },
    }


def _about(template: Template, path: tuple[Field, ...] = ()) -> str:
    """The name of a row's thing, or of the inner node at the end of a path."""
    keys = ",".join(f"{{{name}}}" for name in template.key)
    return "#" + "-".join([keys, *(step.key for step in path)])


def _column(column: Column, template: Template, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "titles": _titles(column),
        "dc:description": describe(column, language),
        "datatype": _datatype(column),
    }
    if column.is_list:
        found["separator"] = SEPARATOR
    if column.is_required:
        found["required"] = True
    if column.field is None or not _is_sayable(column):
        found["suppressOutput"] = True
        return found
    found["propertyUrl"] = column.field.path.value
    if column.kind is Kind.LANGUAGE_TEXT:
        found["lang"] = language
    if column.path:
        found["aboutUrl"] = _about(template, column.path)
    if column.code_list is not None:
        found["valueUrl"] = f"{column.code_list.iri.value}/{{{column.name}}}"
    elif column.kind is Kind.LINK:
        found["valueUrl"] = f"{{+{column.name}}}"
    return found


def _titles(column: Column) -> Labels:
    """The name as it stands in the header, of no language, beside its names in languages."""
    return {"und": column.name, **{tag or "en": text for tag, text in column.labels.items()}}


def _is_sayable(column: Column) -> bool:
    """Whether CSVW can turn a cell into the triples that import makes of it."""
    if any(step.is_list for step in column.path) or column.kind is Kind.REFERENCE:
        return False
    return not (column.is_list and column.kind in (Kind.CODE, Kind.LINK))


def _virtual(standard: Standard, template: Template) -> Iterator[dict[str, Any]]:
    """What a row says without a cell: its class, and how its nodes hang together."""
    yield _link(_about(template), iri("rdf:type").value, template.entity.target_class.value)
    if template.relation is not None:
        owner = f"{owner_of(standard, template).slug}.csv#{{{PARENT}}}"
        yield _link(owner, template.relation.path.value, _about(template))
    paths = (column.path[:end] for column in template.columns for end in _ends(column))
    for path in dict.fromkeys(paths):
        if not any(step.is_list for step in path):
            node = _about(template, path)
            yield _link(_about(template, path[:-1]), path[-1].path.value, node)
            inner = standard.inner(path[-1])
            yield _link(node, iri("rdf:type").value, inner.target_class.value)


def _ends(column: Column) -> range:
    return range(1, len(column.path) + 1)


def _link(about: str, predicate: str, value: str) -> dict[str, Any]:
    return {"virtual": True, "aboutUrl": about, "propertyUrl": predicate, "valueUrl": value}


def _datatype(column: Column) -> Any:
    item, bounds = column.field, column.limits
    if item is None:
        return "string"
    if item.kind is Kind.NUMBER:
        base = item.datatypes[0].value.rpartition("#")[2]
        return _with({"base": base}, minimum=number(bounds.minimum), maximum=number(bounds.maximum))
    if item.kind is Kind.DATE and len(item.datatypes) == 1:
        return item.datatypes[0].value.rpartition("#")[2]
    if item.kind is Kind.DATE:
        return {"base": "string", "format": date_pattern(item)}
    if item.kind is Kind.CODE:
        return "string"
    base = "anyURI" if item.kind is Kind.LINK else "string"
    if base == "anyURI":
        return _with({"base": base}, format=bounds.pattern)
    return _with(
        {"base": base},
        format=bounds.pattern,
        minLength=bounds.min_length,
        maxLength=bounds.max_length,
    )


def _with(content: dict[str, Any], **values: Any) -> Any:
    """A datatype with what is said of it; its name alone where nothing is."""
    found = content | {name: value for name, value in values.items() if value not in (None, "")}
    return found["base"] if len(found) == 1 else found
