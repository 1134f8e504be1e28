"""SPARQL's ``<`` and ``<=`` on literals (SPARQL 1.1 section 17.3), for sections 4.3 and 4.5.

``comparable`` turns a literal into a ``Point`` on one of several scales; points on different
scales cannot be compared. Scales: number, string, boolean, and one for each calendar type,
ordered as XML Schema orders them. A calendar value without a time zone may stand for any zone
within fourteen hours, so it is before a zoned one only if it is so in each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.datatypes import CALENDAR, INTEGER_BOUNDS, LexicalCheck, lexical_check
from coopgraph.validation.vocabulary import XSD

_FLOATING = ("float", "double")
_ORDERED_CALENDAR = ("dateTime", "dateTimeStamp", "date", "time", "gYearMonth", "gYear")
_WIDEST_ZONE_S = 14 * 3600


class Point(NamedTuple):
    """A value on a scale; ``is_zoned`` matters on calendar scales only."""

    scale: str
    value: float | Decimal | str
    is_zoned: bool = True


_Reader = Callable[[str], Point]


# A value is mostly held against a lower and an upper limit, one right after the other.
@lru_cache(maxsize=256)
def comparable(term: Term) -> Point | None:
    """The point ``term`` stands for; None if it is ill-typed or of no scale."""
    if type(term) is not Literal or term.language is not None:
        return None
    found = _READERS.get(term.datatype)
    if found is None:
        return None
    check, read = found
    text = term.value
    return read(text) if check is None or check(text) else None


def is_less(left: Point | None, right: Point | None) -> bool:
    """Whether ``left < right`` is true; False if they cannot be compared."""
    if left is None or right is None or left.scale != right.scale:
        return False
    a, b = _on_one_scale(left.value, right.value)
    if left.is_zoned == right.is_zoned:
        return bool(a < b)
    return bool(a + _WIDEST_ZONE_S < b)


def is_less_or_equal(left: Point | None, right: Point | None) -> bool:
    """Whether ``left <= right`` is true; False if they cannot be compared."""
    if left is None or right is None or left.scale != right.scale:
        return False
    a, b = _on_one_scale(left.value, right.value)
    if left.is_zoned == right.is_zoned:
        return bool(a <= b)
    return bool(a + _WIDEST_ZONE_S < b)


def _on_one_scale(a: Any, b: Any) -> tuple[Any, Any]:
    # SPARQL promotes a decimal to a double before it compares the two.
    if isinstance(a, float) and isinstance(b, Decimal):
        return a, float(b)
    if isinstance(b, float) and isinstance(a, Decimal):
        return float(a), b
    return a, b


def _calendar_reader(name: str) -> _Reader:
    pattern = CALENDAR[name]
    scale = "dateTime" if name == "dateTimeStamp" else name

    def read(text: str) -> Point:
        match = pattern.fullmatch(text)
        assert match is not None, "the lexical check came first"
        parts = match.groupdict()
        return Point(scale, _timeline_s(parts), is_zoned=parts["zone"] is not None)

    return read


def _timeline_s(parts: dict[str, str | None]) -> Decimal:
    """Seconds from the start of year 0, in UTC where there is a zone."""
    days = _days_before(
        int(parts.get("year") or 4), int(parts.get("month") or 1), int(parts.get("day") or 1)
    )
    seconds = Decimal(parts.get("second") or 0)
    hours = 24 if parts.get("midnight") else int(parts.get("hour") or 0)
    minutes = int(parts.get("minute") or 0)
    return (days * 24 + hours) * 3600 + (minutes - _offset_min(parts["zone"])) * 60 + seconds


def _offset_min(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    hours, minutes = zone[1:].split(":")
    offset = int(hours) * 60 + int(minutes)
    return -offset if zone[0] == "-" else offset


def _days_before(year: int, month: int, day: int) -> int:
    # Years that begin in March put the leap day at their end, which makes months regular.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    leap_days = year // 4 - year // 100 + year // 400
    return year * 365 + leap_days + (month * 153 + 2) // 5 + day


def _read_number(text: str) -> Point:
    return Point("number", Decimal(text))


def _read_floating(text: str) -> Point:
    return Point("number", float(text))


def _read_boolean(text: str) -> Point:
    return Point("boolean", int(text in ("true", "1")))


def _read_string(text: str) -> Point:
    return Point("string", text)


def _readers() -> dict[NamedNode, tuple[LexicalCheck | None, _Reader]]:
    by_name: dict[str, _Reader] = {
        "decimal": _read_number,
        "boolean": _read_boolean,
        "string": _read_string,
        **dict.fromkeys(INTEGER_BOUNDS, _read_number),
        **dict.fromkeys(_FLOATING, _read_floating),
        **{name: _calendar_reader(name) for name in _ORDERED_CALENDAR},
    }
    datatypes = {name: NamedNode(XSD + name) for name in by_name}
    return {datatypes[name]: (lexical_check(datatypes[name]), by_name[name]) for name in by_name}


_READERS = _readers()
