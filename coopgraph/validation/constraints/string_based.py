"""String-based constraint components (section 4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.regex import NearRegexError, RegexError, compile_regex
from coopgraph.validation.shape import AllValues, EachValue
from coopgraph.validation.vocabulary import TRUE, component, sh

# Blank nodes have no text, so they break every constraint of this section.
_WITH_TEXT = frozenset({Literal, NamedNode})


def min_length(clause: Clause) -> Iterator[EachValue]:
    """Section 4.4.1, ``sh:minLength``: each value has at least so many characters."""
    least = clause.count()

    def accepts(graph: DataGraph, value: Term) -> bool:
        return type(value) in _WITH_TEXT and len(value.value) >= least

    yield EachValue(component("MinLength"), accepts)


def max_length(clause: Clause) -> Iterator[EachValue]:
    """Section 4.4.2, ``sh:maxLength``: each value has at most so many characters."""
    most = clause.count()

    def accepts(graph: DataGraph, value: Term) -> bool:
        return type(value) in _WITH_TEXT and len(value.value) <= most

    yield EachValue(component("MaxLength"), accepts)


def pattern(clause: Clause) -> Iterator[EachValue]:
    """Section 4.4.3, ``sh:pattern`` and ``sh:flags``: the expression is found in each value."""
    flags = clause.source.at_most_one(clause.header.node, sh("flags"))
    try:
        regex = compile_regex(clause.text(), clause.as_text(flags) if flags is not None else "")
    except NearRegexError as error:
        raise clause.not_compiled(f"uses {error}") from error
    except RegexError as error:
        raise clause.error(str(error)) from error
    search = regex.search

    def accepts(graph: DataGraph, value: Term) -> object:
        return type(value) in _WITH_TEXT and search(value.value)

    yield EachValue(component("Pattern"), accepts)


def language_in(clause: Clause) -> Iterator[EachValue]:
    """Section 4.4.4, ``sh:languageIn``: each value has a tag that one of the ranges matches."""
    ranges = [clause.as_text(member).lower() for member in clause.members(clause.single())]
    exact = frozenset(ranges)
    prefixes = tuple(f"{name}-" for name in ranges)

    def accepts(graph: DataGraph, value: Term) -> bool:
        tag = value.language if type(value) is Literal else None
        if tag is None:
            return False
        tag = tag.lower()
        return tag in exact or tag.startswith(prefixes) or "*" in exact

    yield EachValue(component("LanguageIn"), accepts)


def unique_lang(clause: Clause) -> Iterator[AllValues]:
    """Section 4.4.5, ``sh:uniqueLang``: no two values share a language tag."""
    clause.property_shapes_only()
    if clause.single() != TRUE:
        return

    def offences(graph: DataGraph, focus: Term, values: Values) -> list[None]:
        tags = Counter(
            value.language.lower() for value in values if type(value) is Literal and value.language
        )
        return [None for times in tags.values() if times > 1]

    yield AllValues(component("UniqueLang"), offences, fewest=2)
