"""Postal codes that lose their zeros when a spreadsheet takes them for numbers.

Countries whose codes are digits alone, of one length, and may begin with a zero (Universal
Postal Union, addressing systems of its member countries).
"""

from __future__ import annotations

import re

# Country (ISO 3166-1) → how many digits its codes have.
_LENGTHS = {
    **dict.fromkeys("AU GE NO NZ PH ZA".split(), 4),
    **dict.fromkeys("DE DZ ES FI FR GT IT KR LT MX MY PE PR TR UA US".split(), 5),
    **dict.fromkeys("CN CO EC KZ RO SG".split(), 6),
    "BR": 8,
}
_EXTENDED = {"PR", "US"}  # four more digits may follow after a hyphen
_DIGITS = re.compile(r"(\d+)(-\d{4})?")


def lost_zero(code: str, country: str) -> str | None:
    """The postal code with the zero it lost; "" where it is too short by more; None where nothing
    is missing, or nothing is known.

    >>> lost_zero("2139", "US"), lost_zero("2139-1234", "US"), lost_zero("601", "PR")
    ('02139', '02139-1234', '')
    >>> lost_zero("02139", "US"), lost_zero("2139", "CH")
    (None, None)
    """
    length = _LENGTHS.get(country)
    match = _DIGITS.fullmatch(code)
    if length is None or match is None or len(match[1]) >= length:
        return None
    if match[2] and country not in _EXTENDED:
        return None
    return f"0{code}" if len(match[1]) == length - 1 else ""
