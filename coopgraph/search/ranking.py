"""Which of the organisations found is the obvious answer.

In: the words looked for, and what the index holds of each find. Out: the finds in order. It
depends on nothing else, neither on the other organisations nor on how the index came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from coopgraph.search.schema import Shown
from coopgraph.search.words import joined

Word = tuple[str, ...]  # its parts; most have one

_BEGUN, _MEANT = 0.9, 0.7  # beside 1 for a word as it is written
_IN_PLACE, _ELSEWHERE = 0.8, 0.3  # beside 1 for a word in a name


def slips(word: str) -> int:
    """How many letters of a word may be wrong, missing, too many or swapped.

    >>> [slips(word) for word in ("sun", "coop", "bakeries")]
    [0, 1, 2]
    """
    return (len(word) >= 4) + (len(word) >= 8)


def begins(word: str) -> bool:
    """Whether a word is also looked for as the beginning of others; a letter begins too many."""
    return len(word) > 1


def ranked(words: Sequence[Word], found: Iterable[Shown]) -> list[Shown]:
    """Best first: by how many of the words its names and places have, and how little else."""
    asked = " ".join(map(joined, words))
    likeness = cache(_likeness)

    def score(shown: Shown) -> float:
        places = shown.places.split()
        in_names = {word for name in shown.names for word in name.split()}

        def named(word: str) -> float:
            return max((likeness(word, other) for other in in_names), default=0)

        def met(word: str) -> float:
            placed = max((likeness(word, other) for other in places), default=0)
            return max(named(word), placed * _IN_PLACE, _ELSEWHERE)

        covered = sum(_cover(word, met) for word in words)
        in_name = sum(_cover(word, named) > 0 for word in words)
        closeness = max((fuzz.token_sort_ratio(asked, name) for name in shown.names), default=0)
        return (covered + in_name * closeness / 100) / len(words)

    return sorted(found, key=lambda shown: (-round(score(shown), 6), shown.iri))


def _cover(word: Word, met: Callable[[str], float]) -> float:
    """How well one word is met, as one or by its parts."""
    whole = met(joined(word))
    if len(word) == 1 or whole == 1:
        return whole
    return max(whole, sum(map(met, word)) / len(word))


def _likeness(word: str, other: str) -> float:
    if other == word:
        return 1
    if begins(word) and other.startswith(word):
        return _BEGUN
    return _MEANT if slips(word) and OSA.distance(word, other) <= slips(word) else 0
