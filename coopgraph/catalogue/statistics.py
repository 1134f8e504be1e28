"""Counts over the merge: how many organisations, of what kinds, where."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from coopgraph.store.snapshots import Snapshot

_PREFIX = "PREFIX coop: <https://w3id.org/coopgraph/ns#> "
_COUNT = f"{_PREFIX} SELECT (COUNT(*) AS ?n) {{ ?o a coop:Organization }}"
_BY_COUNTRY = (
    f"{_PREFIX} SELECT ?c (COUNT(*) AS ?n) {{ ?o coop:country ?c . ?o a coop:Organization }}"
    " GROUP BY ?c"
)
_BY_KIND = (
    f"{_PREFIX} SELECT ?c (COUNT(*) AS ?n) {{ ?o coop:kind ?c . ?o a coop:Organization }}"
    " GROUP BY ?c"
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of organisations; each table has the largest first."""

    organizations: int
    by_country: tuple[tuple[NamedNode, int], ...]
    by_kind: tuple[tuple[NamedNode, int], ...]


def read_statistics(snapshot: Snapshot) -> Statistics:
    """Count. Takes about a second a million organisations, so ask once for each snapshot."""
    return Statistics(
        organizations=sum(count for _, count in _counts(snapshot.store, _COUNT)),
        by_country=tuple(_table(snapshot.store, _BY_COUNTRY)),
        by_kind=tuple(_table(snapshot.store, _BY_KIND)),
    )


def _counts(store: Store, query: str) -> list[tuple[object, int]]:
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    found = []
    for solution in solutions:
        *key, number = solution
        assert isinstance(number, Literal)
        found.append((key[0] if key else None, int(number.value)))
    return found


def _table(store: Store, query: str) -> list[tuple[NamedNode, int]]:
    rows = [(key, n) for key, n in _counts(store, query) if isinstance(key, NamedNode)]
    return sorted(rows, key=lambda row: (-row[1], row[0].value))
