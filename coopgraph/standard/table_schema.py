"""Templates as Table Schema, and all of them as a Data Package.

In: templates. Out: JSON objects that frictionless tools check a filled-in file with.
Specifications: https://specs.frictionlessdata.io/table-schema/ and
https://specs.frictionlessdata.io/tabular-data-package/, version 1. That version has no lists in
CSV: a column with several values is a string, with its ``delimiter`` and ``itemType`` named as
version 2 names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from coopgraph.standard.columns import (
    KEY,
    PARENT,
    SEPARATOR,
    Column,
    Template,
    holds,
    remarks,
    templates,
)
from coopgraph.standard.limits import date_pattern
from coopgraph.standard.model import Kind, Standard
from coopgraph.standard.wording import best, say

PACKAGE = "coopgraph"  # the name of the package of all templates
_DATE_TYPES = {"date": "date", "gYearMonth": "yearmonth", "gYear": "year"}


def table_schema(standard: Standard, template: Template, language: str = "en") -> dict[str, Any]:
    """The Table Schema of one template."""
    schema: dict[str, Any] = {
        "name": template.slug,
        "title": template.title(language),
        "description": template.description(language),
        "fields": [_field(column, language) for column in template.columns],
        "missingValues": [""],
        "primaryKey": template.key[0] if len(template.key) == 1 else list(template.key),
    }
    if template.relation is not None:
        owner = owner_of(standard, template)
        reference = {"resource": owner.slug, "fields": KEY}
        schema["foreignKeys"] = [{"fields": PARENT, "reference": reference}]
    return schema


def data_package(standard: Standard, language: str = "en") -> dict[str, Any]:
    """Every template as a resource of one package, so that foreign keys can be followed."""
    return {
        "profile": "tabular-data-package",
        "name": PACKAGE,
        "version": standard.version,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": item.slug,
                "path": f"{item.slug}.csv",
                "encoding": "utf-8",
                "schema": table_schema(standard, item, language),
            }
            for item in templates(standard)
        ],
    }


def owner_of(standard: Standard, template: Template) -> Template:
    """The template whose rows those of a child table belong to."""
    relation = template.relation
    assert relation is not None
    return next(
        item
        for item in templates(standard)
        if item.relation is None and relation in item.entity.fields
    )


def _field(column: Column, language: str) -> dict[str, Any]:
    kind, form = _type(column)
    field: dict[str, Any] = {
        "name": column.name,
        "title": best(column.labels, language),
        "description": describe(column, language),
        "type": "string" if column.is_list else kind,
        "format": "default" if column.is_list else form,
    }
    if column.is_list:
        field |= {"delimiter": SEPARATOR, "itemType": kind}
    if column.field is not None:
        field["rdfType"] = column.field.path.value
    if column.example:
        field["example"] = column.example
    constraints = _constraints(column)
    if constraints:
        field["constraints"] = constraints
    return field


def describe(column: Column, language: str) -> str:
    """What a column means, holds, and asks for, as one text."""
    what = say("holds", language, what=holds(column, language))
    sentences = (best(column.descriptions, language), what, *remarks(column, language))
    return " ".join(filter(None, sentences))


def number(text: str | None) -> int | float | None:
    """A bound as JSON has it.

    >>> number("-90.0"), number("7"), number(None)
    (-90.0, 7, None)
    """
    if text is None:
        return None
    return float(text) if "." in text else int(text)


def _type(column: Column) -> tuple[str, str]:
    item = column.field
    if item is None:
        return "string", "default"
    if item.kind is Kind.NUMBER:
        is_whole = all(datatype.value.endswith("#integer") for datatype in item.datatypes)
        return "integer" if is_whole else "number", "default"
    if item.kind is Kind.DATE and len(item.datatypes) == 1:
        return _DATE_TYPES[item.datatypes[0].value.rpartition("#")[2]], "default"
    return "string", "uri" if item.kind is Kind.LINK else "default"


def _constraints(column: Column) -> dict[str, Any]:
    """What a cell must keep to; of a list only whether it may be blank."""
    found: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.is_list:
        return found
    bounds, item = column.limits, column.field
    pattern = bounds.pattern
    if item is not None and item.kind is Kind.DATE and len(item.datatypes) > 1:
        pattern = date_pattern(item)
    values: Iterable[tuple[str, Any]] = (
        ("enum", list(column.choices)),
        ("pattern", pattern),
        ("minLength", bounds.min_length),
        ("maxLength", bounds.max_length),
        ("minimum", number(bounds.minimum)),
        ("maximum", number(bounds.maximum)),
    )
    return found | {name: value for name, value in values if value not in (None, "", [])}
