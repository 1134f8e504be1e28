"""Cells of a query's answer, and what their columns are called.

In: terms in the form of SPARQL 1.1 JSON results, and the names of variables. Out: what they are
for a table or a chart: numbers, years, texts, places, words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from coopgraph.namespaces import iri
from coopgraph.query import coordinates

Cell = Mapping[str, str] | None
Row = Sequence[Cell]

INTEGER = iri("xsd:integer").value
YEAR = iri("xsd:gYear").value
WKT = iri("geo:wktLiteral").value
NUMERIC = frozenset(
    iri(f"xsd:{name}").value
    for name in (
        "integer decimal double float int long short byte nonNegativeInteger positiveInteger"
        " nonPositiveInteger negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
    ).split()
)
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PERIOD = re.compile(r"(?<!per )\b(?:year|decade|century)$")
_SPELLINGS = (
    (re.compile(r"\borganiz"), "organis"),
    (re.compile(r"\bcooperative"), "co-operative"),
    (re.compile(r" km$"), " in km"),
    (re.compile(r"^is (?=.)|(?<=.) name$"), ""),
)


def in_words(column: str) -> str:
    """What a column, or a parameter, is called in words.

    >>> in_words("countryName"), in_words("distanceKm"), in_words("isDirect"), in_words("name")
    ('country', 'distance in km', 'direct', 'name')
    """
    words = _NEW_WORD.sub(" ", column).replace("_", " ").lower()
    for spelling, wanted in _SPELLINGS:
        words = spelling.sub(wanted, words)
    return words


def capital(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def says_period(column: str) -> bool:
    """Whether whole numbers in a column are years: where its last word says so.

    >>> says_period("decade"), says_period("foundedYear"), says_period("membersPerYear")
    (True, True, False)
    """
    return _PERIOD.search(in_words(column)) is not None


def is_year(column: str, cell: Mapping[str, str]) -> bool:
    """Whether a cell is a year: by its datatype, or a whole number where the column says so."""
    datatype = cell.get("datatype")
    return datatype == YEAR or (datatype == INTEGER and says_period(column))


def is_point(cell: Cell) -> bool:
    """Whether a cell can be put on a map."""
    if cell is None or cell.get("datatype") != WKT:
        return False
    return coordinates(cell["value"]) is not None


def is_text(cell: Mapping[str, str]) -> bool:
    """Whether a cell is for reading: a literal that is no geometry."""
    return cell["type"] == "literal" and cell.get("datatype") != WKT
