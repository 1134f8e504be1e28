"""Rows with keys of their own that look like one organisation.

In: the traits of a table's organisations, one by one. Out: a warning at those that look like an
earlier one: by a registration, or by a name and a place. Which is right only a person can tell.
Names are compared without case, marks and words for legal forms, at the same postal code also by
likeness (rapidfuzz).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal
from rapidfuzz import fuzz, process

from coopgraph.checking.whereabouts import country_of, region_of
from coopgraph.namespaces import iri
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.proposals.wordbook import words
from coopgraph.tables.records import OPEN_SELF, Finding, Record

_NAME = iri("skos:prefLabel")
_POSTAL_CODE, _LOCALITY = iri("locn:postCode"), iri("locn:postName")
_SCHEME, _NUMBER = iri("coop:scheme"), iri("skos:notation")
_USED = {_NAME, _POSTAL_CODE, _LOCALITY, _SCHEME, _NUMBER}
_NEAR = 92  # of 100
_MOST_NEIGHBOURS = 100  # at one postal code that are compared by likeness
_DIGITS = re.compile(r"\d+")
# Words that say what form a company has, and joints; not which company it is.
_FORMS: Final = frozenset(
    "ab ag and as asbl bv bvba co company corp corporation cv de e eg ev eu et gmbh inc "
    "incorporated kg la le limited llc llp lp ltd mbh nv o of oy plc s sa sarl sas sc sca scic "
    "scop scrl sl spa srl the und v y".split()
)

_SELF = str(OPEN_SELF)

_Facts = dict[str, dict[str, str]]  # node → predicate → value


@dataclass(frozen=True, slots=True)
class Traits:
    """What may tell an organisation: values by node and predicate, and where it is."""

    facts: _Facts
    country: str
    region: str


def traits_of(record: Record) -> Traits:
    """The traits of a record's organisation; of several values of a property, the first."""
    facts: _Facts = {}
    for triple in record.triples:
        if triple.predicate in _USED:
            value = triple.object
            text = value.value if isinstance(value, Literal) else str(value)
            facts.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, text)
    return Traits(facts, country_of(record), region_of(record))


class Likeness:
    """Remembers the organisations of one table: of each a few numbers and its name."""

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._rows: dict[int, int] = {}  # hash of what tells an organisation → its row
        self._neighbours: dict[int, dict[int, str]] = {}  # at a postal code: row → name

    def of_row(self, number: int, cells: tuple[str, ...], traits: Traits) -> Iterator[Finding]:
        """The warning where a row looks like an earlier one; it is remembered."""
        name = traits.facts.get(_SELF, {}).get(_NAME.value, "")
        found = self._registered(number, traits.facts) or self._named(number, traits, name)
        if found is None:
            return
        origins = self._mapper.origins(cells)
        row, why = found
        yield Finding(
            f"looks like row {row:,}, {why}; if they are one organisation, keep one row",
            origins.column(OPEN_SELF, _NAME.value),
            name,
            "warning",
            "near-duplicate",
        )

    def _registered(self, number: int, facts: _Facts) -> tuple[int, str] | None:
        found = None
        for node in facts.values():
            if _SCHEME.value in node and _NUMBER.value in node:
                scheme, given = node[_SCHEME.value], node[_NUMBER.value]
                row = self._rows.setdefault(hash((scheme, given)), number)
                if row != number and found is None:
                    found = row, f"which has the same registration, “{given}”"
        return found

    def _named(self, number: int, traits: Traits, name: str) -> tuple[int, str] | None:
        plain = plain_name(name)
        if not plain:
            return None
        land = traits.country, traits.region
        found = None
        for node in traits.facts.values():
            for kind in (_POSTAL_CODE.value, _LOCALITY.value):
                place = "".join(words(node.get(kind, "")))
                if not place:
                    continue
                row = self._rows.setdefault(hash((plain, place, land)), number)
                if row != number and found is None:
                    found = row, f"whose name and place are the same: “{node[kind]}”"
            code = "".join(words(node.get(_POSTAL_CODE.value, "")))
            near = self._near(number, plain, hash((code, land[0]))) if code else None
            if near is not None and found is None:
                found = near, "which has a name like it and the same postal code"
        return found

    def _near(self, number: int, plain: str, place: int) -> int | None:
        """The row at the same postal code whose name is nearly the same."""
        neighbours = self._neighbours.setdefault(place, {})
        digits = _DIGITS.findall(plain)
        found = process.extractOne(
            plain,
            {row: name for row, name in neighbours.items() if _DIGITS.findall(name) == digits},
            scorer=fuzz.ratio,
            score_cutoff=_NEAR,
        )
        if len(neighbours) < _MOST_NEIGHBOURS:
            neighbours[number] = plain
        return found[2] if found else None


def plain_name(name: str) -> str:
    """The words that tell a name from others, in alphabetical order.

    >>> plain_name("The Bakers' Co-operative Ltd."), plain_name("BAKERS COOPERATIVE LIMITED")
    ('bakers cooperative', 'bakers cooperative')
    """
    joined = re.sub(r"\bco-?op(?:s|eratives?)?\b", "cooperative", name, flags=re.IGNORECASE)
    found = [word for word in words(joined.replace("'", "").replace("’", "")) if word]
    return " ".join(sorted(word for word in found if word not in _FORMS) or sorted(found))
