"""Words of a source → codes of a list: by notation, label or synonym, and near misses.

In: the distinct cells of a column and a code list. Out: a :class:`Translation`. What converts by
itself (``tables.values.code``) needs no translation; a crosswalk may know the codes; a country's
subdivisions may stand without their country; other words are taken to the nearest label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from coopgraph.standard import CodeList, Crosswalk
from coopgraph.tables.proposals.wordbook import words
from coopgraph.tables.values import BadValue, code, crossed

_NEAR = 85  # of 100
_WITHIN = 92  # what a label is worth that stands whole among the few words of a cell
_FEW_WORDS = 3
_LARGE = 100  # codes; in so large a list only whole labels are compared
_SHORTEST = 4  # characters of a label that is compared for likeness
_MOST_WORDS = 150  # distinct cells beyond which a column holds free text
_LONGEST = 80  # characters; what is longer is no word for a code
_PREFIXED = r"^(?:[A-Za-z]\w*-)?(\d[\d.]*)"  # UKSIC07-4711
_FLAT_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Translation:
    """How much of a column is codes of a list, and how it becomes them.

    ``share`` is that of its cells. ``values`` are words → notations, None for those that say
    nothing that the list knows; empty where all convert by themselves. ``near`` are those that
    were guessed by likeness.
    """

    share: float
    values: Mapping[str, str | None] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    crosswalk: str = ""
    pattern: str = ""
    is_direct: bool = False


def translate(
    texts: Mapping[str, int],
    code_list: CodeList,
    labels: Mapping[str, str | None],
    crosswalks: Iterable[Crosswalk] = (),
    hinted: str = "",
) -> Translation:
    """The best translation of a column. ``labels`` are those that :func:`plain_labels` gives;
    ``hinted`` is the crosswalk that the heading names.
    """
    usable = {text: count for text, count in texts.items() if len(text) <= _LONGEST}
    total = sum(texts.values())
    if not total or not usable:
        return Translation(0.0)
    found = [_by_names(usable, total, code_list, labels)]
    found += [
        _by_crosswalk(usable, total, code_list, item, pattern)
        for item in crosswalks
        if code_list.slug in item.lists and (item.slug == hinted or not item.is_nested)
        for pattern in ("", _PREFIXED)
    ]
    return max(found, key=lambda item: (item.share, item.is_direct))


def _share(texts: Mapping[str, int], total: int, knows: Callable[[str], bool]) -> float:
    return sum(count for text, count in texts.items() if knows(text)) / total


def _by_crosswalk(
    texts: Mapping[str, int], total: int, code_list: CodeList, crosswalk: Crosswalk, pattern: str
) -> Translation:
    shape = re.compile(pattern) if pattern else None

    def knows(text: str) -> bool:
        match = shape.search(text) if shape else None
        try:
            crossed(match[1] if match else text, crosswalk, code_list)
        except BadValue:
            return False
        return shape is None or match is not None

    share = _share(texts, total, knows)
    if not crosswalk.is_nested and share < _FLAT_SHARE:
        share = 0.0
    return Translation(share, crosswalk=crosswalk.slug, pattern=pattern)


def _by_names(
    texts: Mapping[str, int],
    total: int,
    code_list: CodeList,
    labels: Mapping[str, str | None],
) -> Translation:
    if _share(texts, total, lambda text: _direct(text, code_list)) == 1.0:
        return Translation(1.0, is_direct=True)
    if len(texts) > _MOST_WORDS:
        return Translation(_share(texts, total, lambda text: _direct(text, code_list)))
    country = _country_of(texts, code_list)
    known = [label for label in labels if len(label) >= _SHORTEST]
    values: dict[str, str | None] = {}
    near = []
    for text in sorted(texts, key=lambda text: (-texts[text], text)):
        found = notation(text, code_list) or notation(f"{country}-{text}", code_list)
        if found is None:
            found = _nearest(text, labels, known, is_large=len(code_list.codes) > _LARGE)
            near += [text] if found else []
        values[text] = found
    return Translation(_share(texts, total, lambda t: bool(values[t])), values, tuple(near))


def _direct(text: str, code_list: CodeList) -> bool:
    return notation(text, code_list) is not None


def notation(text: str, code_list: CodeList) -> str | None:
    """The code that a load reads in a text by itself."""
    try:
        return code(text, code_list).value.rpartition("/")[2]
    except BadValue:
        return None


def _country_of(texts: Mapping[str, int], code_list: CodeList) -> str:
    """The country whose subdivisions the texts are, where most are so: TX is US-TX."""
    countries: Counter[str] = Counter()
    notations = {item.notation for item in code_list.codes}
    for country in {n.partition("-")[0] for n in notations if "-" in n and n[2:3] == "-"}:
        countries[country] = sum(c for t, c in texts.items() if f"{country}-{t}" in notations)
    best = max(countries, key=lambda country: (countries[country], country), default="")
    return best if best and countries[best] * 2 > sum(texts.values()) else ""


def plain_labels(
    code_list: CodeList, more: Mapping[str, Iterable[str]]
) -> Mapping[str, str | None]:
    """Names without the words that most of them share, each with its code if it names one only.

    ``more`` are further words for codes.
    """
    named = [(words(name), item.notation) for name, item in code_list.by_name.items()]
    counts = Counter(word for parts, _ in named for word in set(parts))
    common = {word for word, count in counts.items() if count * 5 > len(named) > 10}
    found: dict[str, str | None] = {}
    for parts, notation in named:
        own = " ".join(part for part in parts if part not in common)
        if own:
            found[own] = notation if found.get(own, notation) == notation else None
    for notation, texts in more.items():
        found |= {" ".join(words(text)): notation for text in texts}
    return found


def _nearest(
    text: str, labels: Mapping[str, str | None], known: Sequence[str], *, is_large: bool
) -> str | None:
    own = " ".join(words(text))
    if own in labels:
        return labels[own]
    if len(own) < _SHORTEST:
        return None
    found = process.extractOne(own, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    if found is None and not is_large:
        found = process.extractOne(own, known, scorer=_within, score_cutoff=_NEAR)
    return labels[found[0]] if found else None


def _within(text: str, label: str, **_: object) -> float:
    """Whether a label stands whole among the words of a text."""
    is_short = text.count(" ") < _FEW_WORDS
    return _WITHIN if is_short and f" {label} " in f" {text} " else 0.0
