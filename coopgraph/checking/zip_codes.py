"""ZIP codes of the United States, held against the state and the town beside them.

In: a record. Out: a warning where a ZIP code lies in another state; hints at cells that are blank
beside a ZIP code that tells what belongs there. The codes and their places are those of the
package ``zipcodes``, which reads them at the first question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import zipcodes
from pyoxigraph import Literal, Triple

from coopgraph.checking.whereabouts import country_of, region_of
from coopgraph.namespaces import iri
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.plans import Leaf
from coopgraph.tables.records import OPEN_SELF, Finding, Record
from coopgraph.tables.values import BadValue

_POSTAL_CODE, _LOCALITY, _REGION = iri("locn:postCode"), iri("locn:postName"), iri("coop:region")
_ADDRESS = iri("locn:address")
_ZIP = re.compile(r"([0-9]{5})(?:-[0-9]{4})?")
_COUNTRY = "US"
_ARMED_FORCES = {"AA", "AE", "AP"}


class ZipPlace(NamedTuple):
    """Where a ZIP code is: the town that its post office names, and the state (ISO 3166-2)."""

    town: str
    region: str


def place_of(code: str) -> ZipPlace | None:
    """Where a ZIP code, of five digits or of nine, is; None where that is not known.

    >>> place_of("02139-4307")
    ZipPlace(town='Cambridge', region='US-MA')
    """
    match = _ZIP.fullmatch(code)
    return _places().get(match[1]) if match else None


@lru_cache(1)
def _places() -> dict[str, ZipPlace]:
    """The codes that have one place; those of the armed forces are in no state."""
    found: dict[str, set[tuple[str, str]]] = {}
    for item in zipcodes.list_all():  # type: ignore[no-untyped-call]
        found.setdefault(item["zip_code"], set()).add((item["city"], item["state"]))
    single = {code: next(iter(places)) for code, places in found.items() if len(places) == 1}
    return {
        code: ZipPlace(town, f"{_COUNTRY}-{state}")
        for code, (town, state) in single.items()
        if state not in _ARMED_FORCES
    }


class ZipCodes:
    """Looks at the ZIP codes of one table."""

    def __init__(self, mapper: Mapper, header: Sequence[str]) -> None:
        self._mapper = mapper
        self._header = header
        fed = {leaf.path: leaf for leaf in mapper.leaves if leaf.columns}
        self._locality, self._region = fed.get(_LOCALITY), fed.get(_REGION)

    def of_record(self, record: Record) -> Iterator[Finding]:
        """What the ZIP code of a record's organisation says of its state and town."""
        if country_of(record) != _COUNTRY:
            return
        addresses = {
            triple.object
            for triple in record.triples
            if triple.subject == OPEN_SELF and triple.predicate == _ADDRESS
        }
        for triple in record.triples:
            if triple.predicate == _POSTAL_CODE and triple.subject in addresses:
                assert isinstance(triple.object, Literal)
                place = place_of(triple.object.value)
                if place:
                    yield from self._of_place(record, triple, place)

    def _of_place(self, record: Record, triple: Triple, place: ZipPlace) -> Iterator[Finding]:
        region = region_of(record)
        if region and region != place.region:
            yield self._elsewhere(record, triple, place, region)
        if self._region and not region:
            yield from self._missing(record, self._region, place.region, triple)
        is_named = any(
            other.subject == triple.subject and other.predicate == _LOCALITY
            for other in record.triples
        )
        if self._locality and not is_named:
            yield from self._missing(record, self._locality, place.town, triple)

    def _elsewhere(self, record: Record, triple: Triple, place: ZipPlace, region: str) -> Finding:
        origins = self._mapper.origins(record.cells)
        column = origins.column(triple.subject, _POSTAL_CODE.value, triple.object)
        words = (
            f"the ZIP code “{_text(triple)}” is that of {place.town} in {place.region}, and the "
            f"row says {region}; correct one of them"
        )
        return Finding(words, column, origins.cell(column), "warning", "postal-code-elsewhere")

    def _missing(self, record: Record, leaf: Leaf, value: str, triple: Triple) -> Iterator[Finding]:
        """A cell that is blank, though the ZIP code tells what belongs there."""
        places = [self._header.index(name) for name in leaf.columns]
        if any(record.cells[place] for place in places):
            return
        words = f"is blank; the ZIP code “{_text(triple)}” is that of “{value}”"
        cells = [*record.cells]
        cells[places[0]] = value
        mend = value if _reads(leaf, cells, value) else ""
        yield Finding(words, leaf.columns[0], "", "hint", "place-of-postal-code", mend)


def _reads(leaf: Leaf, cells: Sequence[str], value: str) -> bool:
    """Whether a value may be written as it is; a mapping may have words of its own for it."""
    try:
        return leaf.pick(cells) == [value]
    except BadValue:
        return False


def _text(triple: Triple) -> str:
    assert isinstance(triple.object, Literal)
    return triple.object.value
