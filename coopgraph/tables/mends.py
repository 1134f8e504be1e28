"""What a cell should have held, where that is certain.

In: a text that is no number, date or web address as the standard writes them. Out: the same in
the standard's form, or nothing where it may be read in two ways.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from coopgraph.iris import is_web_address

YEAR_TAIL: Final = re.compile(r"[12]\d{3}\.0+")  # a year that a program took for a number

# With three digits behind it, as in 1,234, a comma may part thousands instead.
_COMMA = re.compile(r"[+-]?(?:\d+,(?!\d{3}$)\d+|(?:0|\d{4,}),\d{3})")
_POINTS_AND_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ ’'\u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_TIME = re.compile(
    r"(.+?)[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[AaPp][Mm])?(?:Z|[+-]\d\d:?\d\d)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_DIGITS = re.compile(r"([12]\d{3})(\d{2})(\d{2})")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_SCHEME = re.compile(r"h{0,2}t{1,3}p{1,2}(s?)[:;/]+(?=[\w-]+\.)", re.IGNORECASE)


def number_mend(text: str, *, is_whole: bool = False) -> str:
    """A number with a decimal comma, or with groups of digits, as the standard writes it.

    >>> number_mend("48,8566"), number_mend("1.234,5"), number_mend("1 050"), number_mend("12 m")
    ('48.8566', '1234.5', '1050', '')
    """
    plain = text.replace("\u2212", "-")
    if _SPACED.fullmatch(plain):
        plain = re.sub(r"[ ’'\u00a0\u202f]", "", plain).replace(",", ".")
    elif _POINTS_AND_COMMA.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif plain == text or not re.fullmatch(r"-\d+(?:\.\d+)?", plain):
        return ""
    return "" if is_whole and "." in plain else plain


def plain_date(text: str) -> date | None:
    """The day that a text names without a doubt, in whatever form.

    Day and month may stand in either order only where one of them is above 12, or both are the
    same; with points between them the day is first everywhere.

    >>> str(plain_date("31/12/2020")), str(plain_date("3.4.2020")), plain_date("3/4/2020")
    ('2020-12-31', '2020-04-03', None)
    """
    timed = _TIME.fullmatch(text)
    if timed:
        text = timed[1]
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[3], match[4])
    if match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." or first > 12 or first == second:
            return _date(match[4], second, first)
        return _date(match[4], first, second) if second > 12 else None
    if match := _DIGITS.fullmatch(text):
        return _date(*match.groups())
    if match := _DAY_NAMED.fullmatch(text):
        return _date(match[3], _month(match[2]), match[1])
    if match := _MONTH_NAMED.fullmatch(text):
        return _date(match[3], _month(match[1]), match[2])
    return None


def is_ambiguous_date(text: str) -> bool:
    """Whether a text is a date whose day and month may be exchanged.

    >>> is_ambiguous_date("3/4/2020"), is_ambiguous_date("31/4/2020")
    (True, False)
    """
    timed = _TIME.fullmatch(text)
    match = _YEAR_LAST.fullmatch(timed[1] if timed else text)
    return match is not None and 0 < int(match[1]) <= 12 and 0 < int(match[3]) <= 12


def address_mend(text: str) -> str:
    """A web address whose ``http://`` is misspelt, with it mended.

    >>> address_mend("http//www.example.coop"), address_mend("htp://a.example"), address_mend("no")
    ('http://www.example.coop', 'http://a.example', '')
    """
    match = _SCHEME.match(text)
    rest = text[match.end() :] if match else ""
    if match is None:
        return ""
    mended = f"http{match[1].lower()}://{rest}"
    return mended if mended != text and is_web_address(mended) else ""


def _month(name: str) -> int:
    """The number of a month by its English name or the beginning of it, else 0."""
    found = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())]
    return found[0] if len(found) == 1 else 0


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
