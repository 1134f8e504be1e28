"""Language tags that are well formed and of no language that is known.

In: a tag. Out: whether ISO 639 has its language. The languages are those that pycountry carries,
read at the first question.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pycountry

_PRIVATE = re.compile(r"q[a-t][a-z]|[ix]", re.IGNORECASE)  # RFC 5646, sections 2.2.1 and 2.2.7
_FORMER = {"in", "iw", "ji", "jw", "mo", "sh"}  # still valid, and still in use


@lru_cache(1_024)
def is_known_language(tag: str) -> bool:
    """Whether there is a language to a tag.

    >>> is_known_language("pt-BR"), is_known_language("gr")
    (True, False)
    """
    language = tag.partition("-")[0].lower()
    if language in _FORMER or _PRIVATE.fullmatch(language):
        return True
    kind = {2: "alpha_2", 3: "alpha_3"}.get(len(language))
    return kind is not None and pycountry.languages.get(**{kind: language}) is not None
