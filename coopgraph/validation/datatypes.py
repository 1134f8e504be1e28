"""Which lexical forms a datatype allows (XML Schema 1.1 part 2, sections 3.3 and 3.4).

Section 4.1.2 of SHACL makes an ill-typed literal a violation for the datatypes SPARQL
supports; the calendar types are checked as well, as a day that does not exist helps nobody.
A datatype that is not listed here allows every lexical form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from pyoxigraph import NamedNode

from coopgraph.validation.vocabulary import XSD

LexicalCheck = Callable[[str], object]

_INTEGER = re.compile(r"[+-]?[0-9]+").fullmatch
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
# XML Schema leaves the longest year to the implementation; nine digits reach past the dinosaurs.
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,8}|0[0-9]{3}))"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = (
    r"(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9](?:\.[0-9]+)?)"
    r"|(?P<midnight>24:00:00(?:\.0+)?))"
)
_DURATION_DATE = r"(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?"
_DURATION_TIME = r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"

# Patterns of the datatypes that name a point or a stretch of the calendar.
CALENDAR: dict[str, re.Pattern[str]] = {
    "dateTime": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}"),
    "dateTimeStamp": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE[:-1]}"),
    "date": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}"),
    "time": re.compile(f"{_TIME}{_ZONE}"),
    "gYearMonth": re.compile(f"{_YEAR}-{_MONTH}{_ZONE}"),
    "gYear": re.compile(f"{_YEAR}{_ZONE}"),
    "gMonthDay": re.compile(f"--{_MONTH}-{_DAY}{_ZONE}"),
    "gDay": re.compile(f"---{_DAY}{_ZONE}"),
    "gMonth": re.compile(f"--{_MONTH}{_ZONE}"),
}

_PLAIN = {
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "float": r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|INF)|NaN",
    "duration": rf"-?P(?=[0-9T]){_DURATION_DATE}{_DURATION_TIME}",
    "dayTimeDuration": rf"-?P(?=[0-9T])(?:[0-9]+D)?{_DURATION_TIME}",
    "yearMonthDuration": r"-?P(?=[0-9])(?:[0-9]+Y)?(?:[0-9]+M)?",
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
}
_PLAIN["double"] = _PLAIN["float"]

# Least and greatest value of each type derived from xsd:integer; None is no bound.
INTEGER_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    **{name: (-(2 ** (n - 1)), 2 ** (n - 1) - 1)
       for name, n in (("long", 64), ("int", 32), ("short", 16), ("byte", 8))},
    **{name: (0, 2**n - 1)
       for name, n in (("unsignedLong", 64), ("unsignedInt", 32),
                       ("unsignedShort", 16), ("unsignedByte", 8))},
}  # fmt: skip


def lexical_check(datatype: NamedNode) -> LexicalCheck | None:
    """A function that is truthy for the lexical forms of ``datatype``; None if all are allowed.

    >>> check = lexical_check(NamedNode(XSD + "date"))
    >>> bool(check("2024-02-29")), bool(check("2023-02-29"))
    (True, False)
    """
    name = datatype.value.removeprefix(XSD)
    if name == datatype.value:
        return None
    if name in INTEGER_BOUNDS:
        return _integer_check(*INTEGER_BOUNDS[name])
    if name in CALENDAR:
        return _calendar_check(CALENDAR[name])
    if name in _PLAIN:
        return re.compile(_PLAIN[name]).fullmatch
    return None


def days_in_month(year: int, month: int) -> int:
    """Days of a month of the proleptic Gregorian calendar, for any year."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _integer_check(least: int | None, greatest: int | None) -> LexicalCheck:
    if least is None and greatest is None:
        return _INTEGER

    def check(text: str) -> bool:
        if not _INTEGER(text):
            return False
        # Unlike int(), Decimal() takes any number of digits.
        number = Decimal(text)
        return (least is None or number >= least) and (greatest is None or number <= greatest)

    return check


def _calendar_check(pattern: re.Pattern[str]) -> LexicalCheck:
    if not {"month", "day"} <= pattern.groupindex.keys():
        return pattern.fullmatch
    has_year = "year" in pattern.groupindex

    def check(text: str) -> bool:
        match = pattern.fullmatch(text)
        if match is None:
            return False
        if match["day"] <= "28":
            return True
        # --02-29 is a day of some years, so a missing year counts as a leap year.
        year = int(match["year"]) if has_year else 4
        return int(match["day"]) <= days_in_month(year, int(match["month"]))

    return check
