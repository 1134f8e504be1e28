"""Text as it is compared: in lower case and without marks, in any script.

Unicode normalisation form KD without its marks, then full case folding; letters that no
normalisation form takes apart are written as people do who have no such keys.
"""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def fold(text: str) -> str:
    """A text in lower case and without marks.

    >>> fold("Boulangerie ÉTOILÉE, Straße, Łódź")
    'boulangerie etoilee, strasse, lodz'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in apart if unicodedata.category(sign)[0] != "M")
    return unicodedata.normalize("NFC", plain.casefold().translate(_LETTERS))
