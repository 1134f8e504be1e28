"""Formats of dates, as CSV on the Web writes them (``dd.MM.yyyy``) → ``strptime``.

Specification: https://www.w3.org/TR/tabular-data-primer/#date-format and Unicode's UTS 35, of
which CSVW takes the numeric part.
"""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = {
    "yyyy": "%Y", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
    "HH": "%H", "mm": "%M", "ss": "%S", "S": "%f", "X": "%z",
}  # fmt: skip
_TOKEN = re.compile(r"yyyy|MM?|dd?|HH|mm|ss|S+|[Xx]+|'T'|[-/.: T,]")
_LONGEST = 40  # characters


def strptime_format(text: str) -> str:
    """The format for ``strptime``, “” for one that CSV on the Web does not know.

    >>> strptime_format("d.M.yyyy"), strptime_format("yyyy-MM-ddTHH:mm:ss.SSS")
    ('%d.%m.%Y', '%Y-%m-%dT%H:%M:%S.%f')
    """
    found, place = [], 0
    while place < len(text[:_LONGEST]):
        match = _TOKEN.match(text, place)
        if match is None:
            return ""
        sign = match[0]
        stem = "X" if sign[0] in "Xx" else "S" if sign[0] == "S" else sign
        found.append(_PARTS.get(stem, sign.strip("'")))
        place = match.end()
    return "".join(found) if len(text) <= _LONGEST else ""
