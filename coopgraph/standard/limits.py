"""What a property shape allows of a single value, for formats that are not SHACL.

In: a field. Out: its lengths, bounds, pattern and choices. Patterns of SHACL match anywhere in a
value (https://www.w3.org/TR/shacl/#PatternConstraintComponent); those of Table Schema and CSVW
match all of it, and know no anchors: :func:`whole_pattern` turns one into the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import ShapeError
from coopgraph.namespaces import iri
from coopgraph.rdf import TripleIndex
from coopgraph.standard.model import Field, Standard

_CLASSES_AND_ESCAPES = re.compile(r"\\.|\[[^\]]*\]")
_DATES = {"date": r"\d{4}-\d{2}-\d{2}", "gYearMonth": r"\d{4}-\d{2}", "gYear": r"\d{4}"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one value; None or empty where there is none.

    ``pattern`` matches the whole value. ``choices`` are the texts of ``sh:in``.
    """

    min_length: int | None
    max_length: int | None
    minimum: str | None
    maximum: str | None
    pattern: str
    choices: tuple[str, ...]


def limits(standard: Standard, item: Field) -> Limits:
    """The limits that the shape of a field states."""

    def text(name: str) -> str | None:
        value = standard.index.value(item.shape, iri(name))
        return value.value if isinstance(value, Literal) else None

    head = standard.index.value(item.shape, iri("sh:in"))
    members = [] if head is None else standard.index.items(head)
    return Limits(
        count(standard.index, item.shape, "sh:minLength"),
        count(standard.index, item.shape, "sh:maxLength"),
        text("sh:minInclusive"),
        text("sh:maxInclusive"),
        whole_pattern(text("sh:pattern") or ""),
        tuple(member.value for member in members if isinstance(member, Literal)),
    )


def count(index: TripleIndex, shape: NamedNode, name: str) -> int | None:
    """A whole number that a shape states, None where it states none. Raises ShapeError."""
    value = index.value(shape, iri(name))
    if value is None:
        return None
    if not isinstance(value, Literal) or not value.value.isdecimal():
        text = f"{name} must be a whole number, not “{value.value}”"
        raise ShapeError(text, shape=shape.value)
    return int(value.value)


def whole_pattern(pattern: str) -> str:
    """A pattern without anchors that matches all of what SHACL's ``pattern`` finds.

    "" where there is none, or where alternatives have anchors of their own.

    >>> whole_pattern("^https?://"), whole_pattern("^[A-Z]{3}$"), whole_pattern("^a|b$")
    ('https?://.*', '[A-Z]{3}', '')
    """
    if not pattern or _has_alternatives(pattern):
        return ""
    is_begun = pattern.startswith("^")
    is_ended = bool(re.search(r"(?<!\\)(\\\\)*\$$", pattern))
    core = pattern[is_begun : len(pattern) - is_ended]
    return ("" if is_begun else ".*") + core + ("" if is_ended else ".*")


def _has_alternatives(pattern: str) -> bool:
    """Whether a bar stands outside of all brackets."""
    depth = 0
    for character in _CLASSES_AND_ESCAPES.sub("", pattern):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth == 0:
            return True
    return False


def date_pattern(item: Field) -> str:
    """What a date of a field looks like, in each precision that it may have."""
    forms = (_DATES.get(datatype.value.rpartition("#")[2], "") for datatype in item.datatypes)
    return "|".join(filter(None, forms))
