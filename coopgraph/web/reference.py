"""The standard laid out for reading: fields of the shapes, and codes.

In: a standard or the description of a concept. Out: rows for templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.entity import Description
from coopgraph.namespaces import iri
from coopgraph.rdf import Term
from coopgraph.standard import Field, Kind, Standard
from coopgraph.standard.context import field_terms
from coopgraph.web.facts import Row, Value, english
from coopgraph.web.terms import Page, reference

_CONCEPT = (
    ("skos:prefLabel", "Name"),
    ("skos:altLabel", "Other names"),
    ("skos:definition", "Definition"),
    ("skos:scopeNote", "Note"),
    ("skos:note", "Note"),
    ("skos:example", "Example"),
    ("skos:broader", "Broader"),
    ("coop:country", "Country"),
    ("foaf:homepage", "Homepage"),
    ("rdfs:seeAlso", "See also"),
    ("skos:exactMatch", "Same elsewhere"),
    ("skos:closeMatch", "Close elsewhere"),
    ("skos:broadMatch", "Broader elsewhere"),
    ("skos:narrowMatch", "Narrower elsewhere"),
)


@dataclass(frozen=True)
class FieldEntry:
    """One field of a shape."""

    name: str
    label: str
    column: str
    keys: tuple[str, ...]
    path: Value
    holds: Value
    how_many: str
    description: str
    rule: str
    example: str


@dataclass(frozen=True)
class EntityTable:
    """One shape with its fields."""

    name: str
    shape: str
    label: str
    description: str
    target: Value
    fields: tuple[FieldEntry, ...]


def entity_tables(standard: Standard, page: Page) -> list[EntityTable]:
    """Every entity type with its fields: organisations first, then what is inside them.

    A field that several types share has its name, and so its anchor, at the first of them.
    """
    named: set[NamedNode] = set()

    def entry(item: Field) -> FieldEntry:
        is_first = item.shape not in named
        named.add(item.shape)
        return _field(standard, item, page, is_first)

    return [
        EntityTable(
            name=entity.name,
            shape=entity.shape.value.rpartition("#")[2],
            label=english(entity.labels),
            description=english(entity.descriptions),
            target=reference(entity.target_class, page),
            fields=tuple(entry(item) for item in entity.fields),
        )
        for entity in standard.types_in_order()
    ]


def _field(standard: Standard, item: Field, page: Page, is_first: bool) -> FieldEntry:
    return FieldEntry(
        name=item.shape.value.rpartition("#")[2] if is_first else "",
        label=english(item.labels),
        column=item.column,
        keys=tuple(term.key for term in field_terms(standard, item)),
        path=reference(item.path, page),
        holds=_holds(standard, item, page),
        how_many=_how_many(item),
        description=english(item.descriptions),
        rule=english(item.messages),
        example=item.example,
    )


def _holds(standard: Standard, item: Field, page: Page) -> Value:
    """What a field takes, in words."""
    if item.kind is Kind.CODE:
        code_list = standard.code_lists[item.code_list]
        return Value(f"code: {english(code_list.labels)}", page(code_list.iri.value) or "")
    if item.kind is Kind.NODE:
        inner = standard.inner(item)
        return Value(english(inner.labels), f"#{inner.shape.value.rpartition('#')[2]}")
    if item.kind is Kind.DATE:
        precise = " or ".join(_DATES.get(t.value.rpartition("#")[2], "") for t in item.datatypes)
        return Value(precise)
    return Value(_WORDS.get(item.kind, item.kind.value))


_DATES = {"date": "day", "gYearMonth": "month", "gYear": "year"}
_WORDS = {
    Kind.TEXT: "text",
    Kind.LANGUAGE_TEXT: "text with language",
    Kind.NUMBER: "number",
    Kind.LINK: "web address",
    Kind.REFERENCE: "organisation",
    Kind.OTHER: "computed",
}


def _how_many(item: Field) -> str:
    least = "at least one" if item.is_required else "any number"
    if item.max_count == 1:
        return "one" if item.is_required else "at most one"
    return least


def concept_facts(description: Description, page: Page) -> list[Row]:
    """What is said about a concept, in a reading order, with what is narrower."""
    index, concept = description.index, description.iri
    rows = []
    for predicate, label in _CONCEPT:
        values = tuple(
            _named(description, term, page) for term in index.objects(concept, iri(predicate))
        )
        if values:
            rows.append(Row(predicate, label, values))
    narrower = index.subjects(iri("skos:broader"), concept)
    if narrower:
        values = tuple(_named(description, term, page) for term in narrower)
        rows.append(Row("narrower", "Narrower", tuple(sorted(values, key=lambda v: v.text))))
    return rows


def _named(description: Description, term: Term, page: Page) -> Value:
    labels = description.index.objects(term, iri("skos:prefLabel"))
    if isinstance(term, NamedNode) and labels:
        return Value(_english(labels), page(term.value) or "")
    return reference(term, page)


def _english(values: Iterable[Term]) -> str:
    found = {v.language or "": v.value for v in values if isinstance(v, Literal)}
    return english(found) if found else ""
