"""Text as it is compared, in lower case and without marks, in any script; and text in one line.

Unicode normalisation form KD without its marks, then full case folding; letters that no
normalisation form takes apart are written as people do who have no such keys.
"""

from __future__ import annotations

import unicodedata

# C0 and C1 controls; marks, embeddings, overrides and isolates of direction (UAX #9, 2).
_STEERING = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x061C,
        *range(0x200E, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
)
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


def one_line(text: str) -> str:
    r"""A text in one line, without what steers a terminal or turns the direction of writing.

    >>> one_line("why\nnot \u202ered")
    'why not red'
    """
    plain = " ".join(text.split()).translate(_STEERING)
    return " ".join(plain.split())
