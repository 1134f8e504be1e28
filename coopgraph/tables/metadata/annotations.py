"""Annotations of a table or a group of tables, as ``dc:title`` → facts about the dataset.

In: sections of CSV on the Web, the nearest first. Out: :class:`Facts`. Specification:
https://www.w3.org/TR/tabular-metadata/#common-properties, whose values are a subset of JSON-LD.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from coopgraph.licences import find_licence
from coopgraph.tables.describing import Facts
from coopgraph.tables.metadata.vocabularies import expand
from coopgraph.tables.sections import Section

# What is said → the properties that say it, the likelier first.
_TITLE: Final = ("dcterms:title", "dc11:title", "schema:name", "rdfs:label")
_DESCRIPTION: Final = ("dcterms:description", "dc11:description", "schema:description")
_LICENCE: Final = ("dcterms:license", "schema:license", "cc:license", "dcterms:rights")
_PUBLISHER: Final = ("dcterms:publisher", "dc11:publisher", "schema:publisher")
_HOMEPAGE: Final = ("dcat:landingPage", "foaf:homepage", "schema:url")
_NAMES: Final = ("foaf:name", "schema:name", "dcterms:title", "rdfs:label", "skos:prefLabel")

_DEEPEST: Final = 8  # things within things, of which a name is looked for


def facts_of(sections: Sequence[Section], language: str = "") -> Facts:
    """What sections say of the dataset; ``language`` is that of its texts."""

    def first(properties: Iterable[str]) -> str:
        found = (_said(section.content, properties) for section in sections)
        return next(filter(None, found), "")

    return Facts(
        name="",
        title=first(_TITLE),
        description=first(_DESCRIPTION),
        publisher=first(_PUBLISHER),
        licence=find_licence(first(_LICENCE)),
        language=language,
        homepage=first(_HOMEPAGE),
    )


def _said(content: Mapping[str, Any], properties: Iterable[str]) -> str:
    """The first of the properties that says one thing, as a text."""
    known = {expand(key): value for key, value in content.items() if expand(key)}
    found = (_text(known.get(expand(name))) for name in properties)
    return next(filter(None, found), "")


def _text(value: Any, depth: int = 0) -> str:
    """One value as a text: of a thing its name, else its address; “” of several."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        return _text(value[0], depth + 1) if len(value) == 1 else ""
    if isinstance(value, str):
        return " ".join(value.split())
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("@value"), str):
        return " ".join(str(value["@value"]).split())
    known = {expand(key): item for key, item in value.items() if expand(key)}
    names = (_text(known.get(expand(name)), depth + 1) for name in _NAMES)
    return next(filter(None, names), "") or str(value.get("@id", "") or "")
