"""What spreadsheet programs and people do to values that still pass for sound.

In: a row as it was read and its record. Out: warnings and hints at their cells, with a mend where
it is certain: zeros lost before postal codes, decimals and exponents that numbers got, letters
read in the wrong encoding, addresses without their ``https://``, points elsewhere, spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pyoxigraph import Literal

from coopgraph.checking.contacts import Contacts
from coopgraph.checking.coordinates import LATITUDE, of_coordinates
from coopgraph.checking.languages import is_known_language
from coopgraph.checking.postal_codes import lost_zero
from coopgraph.checking.whereabouts import country_of
from coopgraph.checking.zip_codes import ZipCodes
from coopgraph.namespaces import iri
from coopgraph.standard import Kind
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.reading import Row
from coopgraph.tables.records import Finding, Record
from coopgraph.tables.values import is_bare_host

_POSTAL_CODE = iri("locn:postCode")
_TAIL = re.compile(r"(\d+)\.0+")
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
# A letter of UTF-8 that was read as Windows-1252: “é” becomes “Ã©”, an apostrophe “â€™”.
_MISREAD = re.compile("[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")

_LONGEST_LINE = 120  # characters; nobody minds spaces in prose

_Places = tuple[tuple[int, str], ...]  # where columns stand, and their names


class Habits:
    """Looks through the rows of one table."""

    def __init__(self, mapper: Mapper, header: Sequence[str]) -> None:
        self._mapper = mapper
        leaves = list(mapper.leaves)
        paths = {leaf.path for leaf in leaves}
        self._has_postal_codes = _POSTAL_CODE in paths
        self._has_points = LATITUDE in paths
        self._zip_codes = ZipCodes(mapper, header)
        self._contacts = Contacts(mapper)
        language = mapper.language_column
        self._language = ((header.index(language), language),) if language else ()

        def places(*kinds: Kind) -> _Places:
            names = [name for leaf in leaves if leaf.field.kind in kinds for name in leaf.columns]
            return tuple((header.index(name), name) for name in dict.fromkeys(names))

        keys = ((header.index(name), name) for name in mapper.key_columns)
        self._texts = tuple(dict.fromkeys((*places(Kind.TEXT), *keys)))
        self._words = places(Kind.TEXT, Kind.LANGUAGE_TEXT)
        self._links = places(Kind.LINK)
        self._used = places(*Kind)

    def of_row(self, row: Row, record: Record) -> Iterator[Finding]:
        """What is suspicious in a row."""
        cells = record.cells
        for place, name in self._texts:
            cell = cells[place]
            if cell[-1:].isdecimal() and ("." in cell or "+" in cell):
                yield from _spoilt_number(name, cell)
        for place, name in self._words:
            if not cells[place].isascii() and _MISREAD.search(cells[place]):
                yield _misread(name, cells[place])
        for place, name in self._links:
            if is_bare_host(cells[place]):
                yield _without_scheme(name, cells[place])
        if row.cells != cells:
            yield from self._spaces(row, cells)
        if self._has_postal_codes:
            yield from self._postal_codes(record)
            yield from self._zip_codes.of_record(record)
        if self._has_points:
            yield from of_coordinates(record, self._mapper)
        yield from self._contacts.of_record(record)
        for place, name in self._language:
            if cells[place] and not is_known_language(cells[place]):
                yield _unknown_language(name, cells[place])

    def _spaces(self, row: Row, cells: Sequence[str]) -> Iterator[Finding]:
        for place, name in self._used:
            raw, clean = row.cells[place], cells[place]
            if raw == clean or not clean or len(clean) > _LONGEST_LINE:
                continue
            if raw != raw.strip() or "  " in raw or "\xa0" in raw:
                yield Finding(
                    "has spaces around it or too many within; they are left out",
                    name,
                    raw,
                    "hint",
                    "spaces",
                    clean,
                )

    def _postal_codes(self, record: Record) -> Iterator[Finding]:
        country = country_of(record)
        for triple in record.triples:
            value = triple.object
            if triple.predicate != _POSTAL_CODE or not isinstance(value, Literal):
                continue
            full = lost_zero(value.value, country)
            if full is None:
                continue
            origins = self._mapper.origins(record.cells)
            column = origins.column(triple.subject, _POSTAL_CODE.value, value)
            cell = origins.cell(column)
            if full:
                words = f"the postal code “{value.value}” lost its leading zero"
                mend = full if cell == value.value else ""
                yield Finding(words, column, cell, "warning", "postal-code-zero", mend)
            else:
                words = (
                    f"the postal code “{value.value}” is too short for the country {country}; "
                    "look whether zeros at its beginning are lost"
                )
                yield Finding(words, column, cell, "warning", "postal-code-short")


def _unknown_language(name: str, cell: str) -> Finding:
    words = f"“{cell}” is the tag of no known language; Greek is el, Czech cs, Japanese ja"
    return Finding(words, name, cell, "warning", "language-unknown")


def _spoilt_number(name: str, cell: str) -> Iterator[Finding]:
    tail = _TAIL.fullmatch(cell)
    if tail:
        yield Finding(
            f"“{cell}” ends in a decimal that a spreadsheet added",
            name,
            cell,
            "warning",
            "number-tail",
            tail[1],
        )
    elif _EXPONENT.fullmatch(cell):
        yield Finding(
            f"“{cell}” was a longer number that a spreadsheet shortened; its last digits are lost. "
            "Copy it anew from where it came from, into a column formatted as text",
            name,
            cell,
            "warning",
            "exponent",
        )


def _misread(name: str, cell: str) -> Finding:
    words = "has letters that came out wrong: it was saved in one encoding and opened in another"
    try:
        mend = cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        mend = ""
    return Finding(words, name, cell, "warning", "misread-letters", mend)


def _without_scheme(name: str, cell: str) -> Finding:
    mend = f"http://{cell}"
    words = f"“{cell}” lacks the beginning of a web address; it is read as {mend}"
    return Finding(words, name, cell, "hint", "address-without-scheme", mend)
