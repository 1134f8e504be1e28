"""Names of towns, as they are compared: without case, accents and marks."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[\W_]+")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


def fold(name: str) -> str:
    """A name as it is looked up.

    >>> fold("Bad Münder am Deister"), fold("L’Haÿ-les-Roses"), fold("ŁÓDŹ")
    ('bad munder am deister', 'l hay les roses', 'lodz')
    """
    apart = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", apart)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _MARKS.sub(" ", bare).strip()
