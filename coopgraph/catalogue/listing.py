"""Lists of organisations to browse: by kind, country, region and source.

In: a snapshot and what to keep. Out: the organisations in the order of their names, and what
they can be narrowed by further. The patterns are fixed texts; what to keep is bound into them
as serialised terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, QuerySolutions

from coopgraph.namespaces import CODE, dataset_graph
from coopgraph.store.snapshots import Snapshot

_PROPERTIES = {"kind": "organisation-kind", "country": "country", "region": "subdivision"}
_NUMBER = re.compile(r"\d+")
_QUERY = """
PREFIX coop: <https://w3id.org/coopgraph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?organization ?name {{ {pattern} ?organization a coop:Organization ; skos:prefLabel ?name }}
"""
_FACET = """
PREFIX coop: <https://w3id.org/coopgraph/ns#>
SELECT ?value (COUNT(*) AS ?count) {{
  {pattern} ?organization a coop:Organization ; coop:{facet} ?value
}} GROUP BY ?value
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to keep: notations of codes and a dataset's short name; "" keeps all."""

    kind: str = ""
    country: str = ""
    region: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Organisations in the order of their names, and counts of the kinds, countries and regions
    that occur among them, largest first.
    """

    organizations: tuple[NamedNode, ...]
    facets: dict[str, tuple[tuple[NamedNode, int], ...]]


def list_organizations(snapshot: Snapshot, filters: Filters) -> Listing:
    """The organisations that pass. Takes about 10 µs for each."""
    pattern = _pattern(snapshot, filters)
    solutions = snapshot.store.query(_QUERY.format(pattern=pattern))
    assert isinstance(solutions, QuerySolutions)
    names: dict[NamedNode, tuple[bool, str]] = {}
    for organization, name in solutions:
        assert isinstance(organization, NamedNode)
        assert isinstance(name, Literal)
        key = (name.language != "en", sort_key(name.value))
        names[organization] = min(key, names.get(organization, key))
    in_order = sorted(names, key=lambda item: (names[item][1], item.value))
    facets = {
        facet: _facet(snapshot, pattern, facet)
        for facet in _PROPERTIES
        if not getattr(filters, facet) and (facet != "region" or filters.country)
    }
    return Listing(tuple(in_order), facets)


def _pattern(snapshot: Snapshot, filters: Filters) -> str:
    """Triple patterns made of serialised terms; an impossible notation makes no valid IRI."""
    parts = []
    for facet, scheme in _PROPERTIES.items():
        if notation := getattr(filters, facet):
            parts.append(f"?organization coop:{facet} {NamedNode(f'{CODE}{scheme}/{notation}')} .")
    if filters.source:
        graph = dataset_graph(snapshot.base, filters.source)
        parts.append(f"GRAPH {graph} {{ ?organization a coop:Organization }}")
    return " ".join(parts)


def _facet(snapshot: Snapshot, pattern: str, facet: str) -> tuple[tuple[NamedNode, int], ...]:
    solutions = snapshot.store.query(_FACET.format(pattern=pattern, facet=facet))
    assert isinstance(solutions, QuerySolutions)
    counts: Counter[NamedNode] = Counter()
    for value, count in solutions:
        if isinstance(value, NamedNode) and isinstance(count, Literal):
            counts[value] = int(count.value)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].value)))


def sort_key(name: str) -> str:
    """What to sort a name by: without accents or case, and with numbers by their value.

    >>> sorted(["Éclair 10", "eclair 9", "Zest"], key=sort_key)
    ['eclair 9', 'Éclair 10', 'Zest']
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c for c in plain if c.isalnum() or c == " ").strip()
    return _NUMBER.sub(lambda number: number[0].zfill(10), kept) or name
