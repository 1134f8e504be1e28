"""Derive the JSON-LD frame that gives organisations the form in which the service writes them.

In: the standard. Out: a frame for flat JSON-LD, such as a dump or the answer to a CONSTRUCT
query. It is made from the terms of the context (``standard.context``). The frame's context scopes
the keys of each class to that class, as ``entity`` chooses them: a site's name and an
organisation's are one property and two keys. ``ontology/frame.jsonld`` is this frame, committed.
Specifications: https://www.w3.org/TR/json-ld11-framing/ and
https://www.w3.org/TR/json-ld11/#type-scoped-contexts
"""

from __future__ import annotations

import json
from typing import Any

from coopgraph.standard.columns import tops
from coopgraph.standard.context import (
    GENERAL_TERMS,
    LANGUAGE_VALUE,
    SOURCES,
    ContextTerm,
    all_terms,
    class_terms,
    context,
    entity_terms,
)
from coopgraph.standard.model import EntityType, Standard


def frame(standard: Standard) -> dict[str, Any]:
    """The frame of an organisation with all that belongs to it."""
    top = tops(standard)[0]
    names = {value: name for name, value in class_terms(standard).items()}
    source = {term.key: {"@omitDefault": True} for term in GENERAL_TERMS if _is_of_source(term)}
    return {
        "@context": _scoped_context(standard, names),
        "type": names[top.target_class.value],
        "@embed": "@always",
        SOURCES.key: {"@explicit": True, "@omitDefault": True, "type": {}, **source},
    }


def frame_document(standard: Standard) -> str:
    """The text of ``ontology/frame.jsonld``."""
    return json.dumps(frame(standard), indent=2, ensure_ascii=False) + "\n"


def _is_of_source(term: ContextTerm) -> bool:
    """Whether a record may say it: no text, and not the link back, which ``sources`` itself is."""
    return term.path != SOURCES.path and term.coercion != LANGUAGE_VALUE


def _scoped_context(standard: Standard, names: dict[str, str]) -> dict[str, Any]:
    """The context, in which each class has its own keys and general ones are everywhere."""
    content: dict[str, Any] = dict(context(standard)["@context"])
    general = {term.key for term in (*GENERAL_TERMS, SOURCES)}
    for key in all_terms(standard).keys() - general:
        del content[key]
    for entity in standard.entity_types.values():
        name = names[entity.target_class.value]
        content[name] = {"@id": content[name], "@context": _own_keys(standard, entity)}
    return content


def _own_keys(standard: Standard, entity: EntityType) -> dict[str, Any]:
    """The keys of a class; general keys that mean what one of them does are none there."""
    own = {(term.path, term.coercion): term for term in reversed(entity_terms(standard, entity))}
    keys = {term.key for term in own.values()}
    hidden = [
        term.key
        for term in GENERAL_TERMS
        if (term.path, term.coercion) in own and term.key not in keys
    ]
    defined = {term.key: term.definition() for term in reversed(own.values())}
    return {**dict.fromkeys(hidden), **defined}
