"""What headings mean: synonyms in several languages, labels of the shapes, names of registers.

In: the standard and ``synonyms.toml``. Out: a :class:`Wordbook`, which tells what a heading may
mean, how surely, and why. Words are compared without case, accents and marks; near misses count
less, and so does a heading of which only the end or the beginning is known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz, process

from coopgraph.folding import fold
from coopgraph.standard import Standard
from coopgraph.standard.columns import templates

LANGUAGES: Final = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
}
COLUMN, MEASURE, SCHEME, CROSSWALK = "column", "measure", "scheme", "crosswalk"
_SAYS = {
    COLUMN: "“{}”",
    MEASURE: "the figure “{}”",
    SCHEME: "the register {}",
    CROSSWALK: "codes of {}",
}
EXACT, QUALIFIED, WEAKER = 0.97, 0.88, 0.8
SURE = 0.85  # a heading that scores less is a guess

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 200  # characters of a heading that are looked at
_MOST_WORDS = 10
_IN = ("in", "en", "auf", "em")  # a language
_NEAR = 88  # of 100
_SHORTEST_NEAR = 6  # characters; shorter words are near to too much


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading may mean: a column of the standard, a measure, a register, a crosswalk.

    ``language`` is a BCP 47 tag where the heading says in which language its texts are.
    """

    what: str
    target: str
    score: float
    reason: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    what: str
    target: str
    language: str
    strength: float


def words(text: str) -> tuple[str, ...]:
    """The words of a heading or a label, folded.

    >>> words("addr:postCode"), words("Créée le")
    (('addr', 'post', 'code'), ('creee', 'le'))
    """
    return tuple(_WORD.findall(fold(_CAMEL.sub(" ", text[:_LONGEST]))))


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, Any]:
    """The file of synonyms, as it is."""
    return tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text("utf-8"))


class Wordbook:
    """Tells what headings mean."""

    def __init__(self, standard: Standard) -> None:
        content = synonyms()
        self._qualifiers = {word for item in content["qualifiers"]["words"] for word in words(item)}
        self._languages = {tag: tag for tag in content["tags"]["words"]}
        for tag, names in content["languages"].items():
            self._languages.update({" ".join(words(name)): tag for name in names})
        self._entries: dict[str, list[_Entry]] = {}
        for phrase, entry in _phrases(standard, content):
            known = self._entries.setdefault(" ".join(words(phrase)), [])
            same = [x for x in known if (x.what, x.target) == (entry.what, entry.target)]
            if not same:
                known.append(entry)
            elif same[0].language != entry.language:  # a word of several languages
                known[known.index(same[0])] = replace(same[0], language="")
        self._entries.pop("", None)

    def meanings(self, heading: str) -> list[Meaning]:
        """What a heading may mean, surest first."""
        own = words(heading)[:_MOST_WORDS]
        found = list(self._known(own, heading, 1.0, "")) or self._in_language(own, heading)
        plain = tuple(word for word in own if word not in self._qualifiers)
        if not found and plain != own:
            found = list(self._known(plain, heading, QUALIFIED / EXACT, ""))
        found = found or list(self._near(own, heading)) or list(self._partly(own, heading))
        return sorted(found, key=lambda meaning: -meaning.score)

    def _known(
        self, own: tuple[str, ...], heading: str, factor: float, language: str
    ) -> Iterator[Meaning]:
        for entry in self._entries.get(" ".join(own), ()):
            yield _meaning(entry, heading, entry.strength * factor, language)

    def _in_language(self, own: tuple[str, ...], heading: str) -> list[Meaning]:
        """Meanings of a heading that ends with a language, as “description:fr” does."""
        tag = self._languages.get(own[-1]) if len(own) > 1 else None
        if tag is None:
            return []
        stem = own[:-2] if own[-2] in _IN and len(own) > 2 else own[:-1]
        found = self._known(stem, heading, 1.0, tag)
        return list(found) or list(self._near(stem, heading, tag))

    def _near(self, own: tuple[str, ...], heading: str, language: str = "") -> Iterator[Meaning]:
        text = " ".join(own)
        if len(text) < _SHORTEST_NEAR:
            return
        found = process.extractOne(
            text, self._entries.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR
        )
        if found is not None:
            for entry in self._entries[found[0]]:
                factor = found[1] / 100 * (1.0 if language else QUALIFIED / EXACT)
                yield _meaning(entry, heading, entry.strength * factor, language, "is nearly")

    def _partly(self, own: tuple[str, ...], heading: str) -> Iterator[Meaning]:
        """Meanings of the longest known end of a heading, and of its longest known beginning."""
        for parts in (
            [own[start:] for start in range(1, len(own))],
            [own[:-drop] for drop in range(1, len(own))],
        ):
            for part in parts:
                entries = self._entries.get(" ".join(part), ())
                for entry in entries:
                    score = entry.strength * (0.45 + 0.4 * len(part) / len(own))
                    yield _meaning(entry, heading, score, "", "is partly")
                if entries:
                    break


def _meaning(
    entry: _Entry, heading: str, score: float, language: str, how: str = "means"
) -> Meaning:
    said = f"its heading {how} {_SAYS[entry.what].format(entry.target.replace('_', ' '))}"
    if entry.language in LANGUAGES:
        said += f" in {LANGUAGES[entry.language]}"
    if language:
        said += f", and names the language “{language}”"
    return Meaning(entry.what, entry.target, round(score, 3), said, language)


def _phrases(standard: Standard, content: Mapping[str, Any]) -> Iterator[tuple[str, _Entry]]:
    """Every phrase that means something; the first to say a thing counts."""
    for template in templates(standard):
        for column in template.columns:
            yield column.name, _Entry(COLUMN, column.name, "", EXACT)
            for language, label in column.labels.items():
                yield label, _Entry(COLUMN, column.name, language, EXACT)
    for section, what in (("columns", COLUMN), ("measures", MEASURE)):
        for target, languages in content[section].items():
            yield from _listed(what, target, languages, EXACT)
    for target, languages in content["weaker"].items():
        yield from _listed(COLUMN, target, languages, WEAKER)
    for code in standard.code_lists["measure"].codes:
        for language, label in code.labels.items():
            yield label, _Entry(MEASURE, code.notation, language, EXACT)
    for section, what in (("schemes", SCHEME), ("crosswalks", CROSSWALK)):
        for target, names in content[section].items():
            yield from _listed(what, target, {"": names}, EXACT)
    for name, code in standard.code_lists["registration-scheme"].by_name.items():
        yield name, _Entry(SCHEME, code.notation, "", EXACT)


def _listed(
    what: str, target: str, languages: Mapping[str, Iterable[str]], strength: float
) -> Iterator[tuple[str, _Entry]]:
    for language, phrases in languages.items():
        for place, phrase in enumerate(phrases):
            yield phrase, _Entry(what, target, language, strength - place / 1000)
