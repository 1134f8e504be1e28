"""Hashtags of HXL (https://hxlstandard.org/standard/1-1final/): what a column holds, in any
language: ``#org+name +i_fr`` is a name in French.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_HASHTAG = re.compile(r"#[A-Za-z]\w*(\s*\+\s*[A-Za-z]\w*)*")
_LANGUAGE = "i_"


class Hashtag(NamedTuple):
    """A hashtag with its attributes, in whatever order; ``language`` is “” or a BCP 47 tag."""

    tag: str
    attributes: frozenset[str]
    language: str = ""


def parse_hashtag(text: str) -> Hashtag | None:
    """The hashtag that a cell holds and nothing else.

    >>> parse_hashtag("#Org +name+i_fr")
    Hashtag(tag='#org', attributes=frozenset({'name'}), language='fr')
    """
    text = text.strip()
    if not _HASHTAG.fullmatch(text):
        return None
    tag, *attributes = (part.strip().lower() for part in text.split("+"))
    languages = [part for part in attributes if part.startswith(_LANGUAGE)]
    language = languages[0].removeprefix(_LANGUAGE).replace("_", "-") if languages else ""
    return Hashtag(tag, frozenset(attributes) - frozenset(languages), language)


def is_hashtags(cells: Sequence[str]) -> bool:
    """Whether a row holds hashtags and nothing else."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(_HASHTAG.fullmatch(cell.strip()) for cell in filled)
