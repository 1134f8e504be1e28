"""Where a record says that its organisation is."""

from __future__ import annotations

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.tables.records import OPEN_SELF, Record

_COUNTRY, _REGION = iri("coop:country"), iri("coop:region")


def country_of(record: Record) -> str:
    """The code of the country that a record names, or that its region begins with, else ""."""
    return _code(record, _COUNTRY) or region_of(record).partition("-")[0]


def region_of(record: Record) -> str:
    """The code of the subdivision that a record names, else ""."""
    return _code(record, _REGION)


def _code(record: Record, path: NamedNode) -> str:
    found = (
        triple.object.value.rpartition("/")[2]
        for triple in record.triples
        if triple.predicate == path
        and triple.subject == OPEN_SELF
        and isinstance(triple.object, NamedNode)
    )
    return next(found, "")
