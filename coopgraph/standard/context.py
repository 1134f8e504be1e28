"""Derive the JSON-LD 1.1 context from the standard.

In: the fields and classes of a :class:`~coopgraph.standard.model.Standard`. Out: the terms that
JSON documents use (:func:`field_terms`, :data:`GENERAL_TERMS`, :func:`class_terms`) and the
context that says what they mean (:func:`context`). The writer in ``entity`` and the context are
made from the same terms, so they cannot drift apart. ``ontology/context.jsonld`` is this
context, committed. Specification: https://www.w3.org/TR/json-ld11/#context-definitions
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from coopgraph.errors import ShapeError
from coopgraph.namespaces import COOP, PREFIXES, curie, iri
from coopgraph.standard.model import EntityType, Field, Kind, Standard

IRI_VALUE = "@id"
LANGUAGE_VALUE = "@language"

_AS_IRI = {Kind.LINK, Kind.CODE, Kind.REFERENCE, Kind.NODE}
_DATE_SUFFIX = {"gYearMonth": "Month", "gYear": "Year"}


@dataclass(frozen=True, slots=True)
class ContextTerm:
    """One key of our JSON documents.

    ``coercion`` is ``@id``, ``@language`` or the IRI of the datatype its strings have; ``many``
    says that its value is always an array; ``is_link`` that it is a web address, written as a
    string where other things are objects; ``reverse`` that it points from object to subject.
    """

    key: str
    path: NamedNode
    coercion: str
    many: bool = False
    is_link: bool = False
    reverse: bool = False

    def definition(self) -> str | dict[str, Any]:
        """The term as the context defines it."""
        if self.reverse:
            return {"@reverse": curie(self.path.value), "@container": "@set"}
        out: dict[str, Any] = {"@id": curie(self.path.value)}
        container = ["@set"] if self.many else []
        if self.coercion == LANGUAGE_VALUE:
            container.insert(0, "@language")
        elif self.coercion == IRI_VALUE:
            out["@type"] = "@id"
        elif self.coercion != _STRING:
            out["@type"] = curie(self.coercion)
        if container:
            out["@container"] = container[0] if len(container) == 1 else container
        return out


_STRING = f"{PREFIXES['xsd']}string"
_DATE_TIME = f"{PREFIXES['xsd']}dateTime"


def _general(
    key: str, path: str, coercion: str, *, many: bool = False, is_link: bool = False
) -> ContextTerm:
    return ContextTerm(key, iri(path), coercion, many, is_link)


# What records, datasets and concepts say, which no shape describes.
GENERAL_TERMS: tuple[ContextTerm, ...] = (
    _general("name", "skos:prefLabel", LANGUAGE_VALUE),
    _general("title", "dcterms:title", LANGUAGE_VALUE),
    _general("label", "rdfs:label", LANGUAGE_VALUE),
    _general("description", "dcterms:description", LANGUAGE_VALUE, many=True),
    _general("comment", "rdfs:comment", LANGUAGE_VALUE),
    _general("definition", "skos:definition", LANGUAGE_VALUE),
    _general("notation", "skos:notation", _STRING),
    _general("key", "dcterms:identifier", _STRING),
    _general("about", "foaf:primaryTopic", IRI_VALUE),
    _general("dataset", "dcterms:isPartOf", IRI_VALUE),
    _general("license", "dcterms:license", IRI_VALUE, is_link=True),
    _general("modified", "dcterms:modified", _DATE_TIME),
    _general("publisher", "dcterms:publisher", IRI_VALUE),
    _general("homepage", "foaf:homepage", IRI_VALUE, many=True, is_link=True),
    _general("landingPage", "dcat:landingPage", IRI_VALUE, is_link=True),
    _general("datasets", "dcat:dataset", IRI_VALUE, many=True),
    _general("scheme", "skos:inScheme", IRI_VALUE),
    _general("broader", "skos:broader", IRI_VALUE),
)
SOURCES = ContextTerm("sources", iri("foaf:primaryTopic"), IRI_VALUE, many=True, reverse=True)


def field_terms(standard: Standard, item: Field) -> list[ContextTerm]:
    """The keys of one field: one, or one for each datatype its dates may have.

    ``founded`` may be a day, a month or a year: ``founded``, ``foundedMonth``, ``foundedYear``.
    """
    many = item.max_count != 1
    if item.kind in _AS_IRI:
        return [ContextTerm(item.key, item.path, IRI_VALUE, many, item.kind is Kind.LINK)]
    if item.kind is Kind.LANGUAGE_TEXT:
        one_a_language = standard.index.value(item.shape, iri("sh:uniqueLang")) is not None
        many = many and not one_a_language
        return [ContextTerm(item.key, item.path, LANGUAGE_VALUE, many)]
    plain = item.datatypes[0] if len(item.datatypes) == 1 else iri("xsd:date")
    return [
        ContextTerm(
            item.key if datatype == plain else item.key + _suffix(datatype),
            item.path,
            datatype.value,
            many,
        )
        for datatype in item.datatypes
    ]


def _suffix(datatype: NamedNode) -> str:
    local = datatype.value.rpartition("#")[2]
    return _DATE_SUFFIX.get(local, local[:1].upper() + local[1:])


def entity_terms(standard: Standard, entity: EntityType) -> list[ContextTerm]:
    """The keys of an entity type, in the order of its shape."""
    return [term for item in entity.fields for term in field_terms(standard, item)]


def class_terms(standard: Standard) -> dict[str, str]:
    """Short names of classes → their IRIs: all of ours, and those that shapes describe."""
    ours = {
        subject.value
        for subject in standard.index.subjects(iri("rdf:type"), iri("owl:Class"))
        if isinstance(subject, NamedNode) and subject.value.startswith(COOP)
    }
    described = {entity.target_class.value for entity in standard.entity_types.values()}
    found: dict[str, str] = {}
    for name in sorted(described - ours) + sorted(ours):
        found[name.rpartition("#")[2].rpartition("/")[2]] = name
    return found


def all_terms(standard: Standard) -> dict[str, ContextTerm]:
    """Every key → its meaning; a general key that a field has too is the field's.

    Raises ShapeError where two fields claim one key with different meanings.
    """
    entities = standard.types_in_order()
    fields = [term for entity in entities for term in entity_terms(standard, entity)]
    found: dict[str, ContextTerm] = {}
    for term in [*fields, *GENERAL_TERMS, SOURCES]:
        known = found.setdefault(term.key, term)
        if (known.path, known.coercion, known.reverse) != (term.path, term.coercion, term.reverse):
            raise ShapeError(f"the key “{term.key}” already means {known.definition()}")
    return found


def context(standard: Standard) -> dict[str, Any]:
    """The whole context document, ``{"@context": …}``. Raises ShapeError like all_terms."""
    content: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type", **PREFIXES}
    for name, class_iri in sorted(class_terms(standard).items()):
        content[name] = curie(class_iri)
    for key, term in all_terms(standard).items():
        content[key] = term.definition()
    return {"@context": content}


def context_document(standard: Standard) -> str:
    """The text of ``ontology/context.jsonld``."""
    return json.dumps(context(standard), indent=2, ensure_ascii=False) + "\n"
