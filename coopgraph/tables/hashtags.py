"""Hashtags of HXL (https://hxlstandard.org/standard/1-1final/): what a column holds, in any
language: ``#org+name +i_fr`` is a name in French.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


def tagged_names(hashtags: Iterable[str], columns: Mapping[str, str]) -> tuple[str, ...]:
    """The standard's name of each column by its hashtag, "" where it has none that is known.

    ``columns`` are the standard's, each with its hashtag. A hashtag that stands again is a
    further value, ``name_2``; one with a language is a translation, ``name@fr``.

    >>> tagged_names(["#org +name", "#x", "#org+name", "#org+name+i_fr"], {"name": "#org+name"})
    ('name', '', 'name_2', 'name@fr')
    """
    known = {parsed: name for name, tag in columns.items() if (parsed := parse_hashtag(tag))}
    counts: Counter[Hashtag] = Counter()
    found = []
    for text in hashtags:
        tag = parse_hashtag(text)
        name = known.get(tag._replace(language="")) if tag else None
        if tag is None or name is None:
            found.append("")
            continue
        counts[tag] += 1
        numbered = f"{name}_{counts[tag]}" if counts[tag] > 1 else name
        found.append(f"{numbered}@{tag.language}" if tag.language else numbered)
    return tuple(found)
