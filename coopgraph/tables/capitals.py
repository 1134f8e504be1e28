"""Names in capitals → names as a careful person would write them."""

from __future__ import annotations

import re

_SMALL_WORDS = frozenset("and at for in of on or the to".split())
_KEPT = frozenset(
    "abc aea aft afscme usa us uaw ibew ibm nasa ufcw cu fcu ii iii iv vi usx upa ucla uc usc ub "
    "atu ua ge ups usps epa fbi irs hud ne nw se sw eecu etfcu io tva".split()
)
_ABBREVIATIONS = frozenset("ST DR MT FT JR SR MR MRS BLVD RD LN CT PKWY HWY STR SQ".split())


def title_case(text: str) -> str:
    """Text in capitals as a careful person would write it; mixed case is left alone.

    Words that cannot be read aloud (no vowel), words with a digit or a dot, single letters, and
    a name that is one word of three letters stay in capitals; small words inside go to lower
    case.

    >>> title_case("THE NEW ORLEANS FIREMEN'S"), title_case("IBEW LOCAL 175"), title_case("PenFed")
    ("The New Orleans Firemen's", 'IBEW Local 175', 'PenFed')
    """
    if text != text.upper() or len(text) <= 3:
        return text
    return re.sub(r"[^\W\d_][\w'’.&]*|\d\w*", lambda match: _cased(match[0], match.start()), text)


def _cased(word: str, place: int) -> str:
    lower = word.lower()
    if place > 0 and lower in _SMALL_WORDS:
        return lower
    if lower in _KEPT or len(word) == 1 or "&" in word:
        return word
    if re.fullmatch(r"\d+(ST|ND|RD|TH)", word):
        return lower
    if any(c.isdigit() for c in word) or re.fullmatch(r"(\w\.)+\w?", word):
        return word
    if not re.search(r"[AEIOUYÀ-Ý]", word):
        return word if word.rstrip(".") not in _ABBREVIATIONS else word.capitalize()
    if lower.startswith("mc") and len(lower) > 4:
        return "Mc" + lower[2:].capitalize()
    return word[0] + lower[1:]
