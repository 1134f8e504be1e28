"""Text → words to search by: the same for what is indexed and for what is looked for.

Case, accents and other marks are folded away (``folding``). ``Co-op``, ``U.S.`` and ``l’Aube``
are found as one word and by their parts. Scripts that put no space between words are taken sign by
sign.
"""

from __future__ import annotations

import re

from coopgraph.folding import fold

LONGEST = 40  # characters; what is longer is found by its beginning

# Thai to Burmese, Khmer, kana, Chinese characters.
_SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_LETTER = rf"[^\W_{_SIGNS}]"
_WORD = re.compile(rf"[{_SIGNS}]|{_LETTER}+(?:['’.&+·‐‑-]{_LETTER}+)*")
_PART = re.compile(r"[^\W_]+")


def compounds(text: str) -> list[tuple[str, ...]]:
    """The words of a text, each as its parts: most have one.

    >>> compounds("The Co-op, U.S.")
    [('the',), ('co', 'op'), ('u', 's')]
    """
    return [
        (word[:LONGEST],)
        if word.isalnum()
        else tuple(part[:LONGEST] for part in _PART.findall(word))
        for word in _WORD.findall(fold(text))
    ]


def joined(parts: tuple[str, ...]) -> str:
    """The parts of a word as one."""
    return "".join(parts)[:LONGEST]


def key(text: str) -> str:
    """The words of a text side by side, for comparing names.

    >>> key("Ocean-State Co-op, Inc.")
    'oceanstate coop inc'
    """
    return " ".join(map(joined, compounds(text)))


def terms(text: str) -> list[str]:
    """What a text is indexed under: its words, their parts, and neighbouring parts as one.

    >>> terms("Co-operative-bank")
    ['co', 'cooperative', 'operative', 'operativebank', 'bank', 'cooperativebank']
    """
    found: dict[str, None] = {}
    for parts in compounds(text):
        for place, part in enumerate(parts[:-1]):
            found[part] = found[joined(parts[place : place + 2])] = None
        found[parts[-1]] = None
        if len(parts) > 2:
            found[joined(parts)] = None
    return list(found)
