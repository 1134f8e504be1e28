"""What the values of a column look like: how many of them a field can hold, and with what help.

In: a column of a sample and a column of the standard. Out: a :class:`Fit`. Whether a cell is a
date, a number, a link or a code is asked of the converters that the load uses
(``tables.values``), so that a proposal promises what the load keeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from coopgraph.standard import CodeList, Field, Kind, Standard
from coopgraph.standard.columns import Column
from coopgraph.standard.wording import best
from coopgraph.tables.proposals.codelists import Translation, plain_labels, translate
from coopgraph.tables.proposals.sampling import SourceColumn
from coopgraph.tables.proposals.wordbook import synonyms
from coopgraph.tables.values import (
    POINT,
    XSD_DATE,
    BadValue,
    converter,
    date_value,
    listed,
    number,
)

_SEPARATORS = (";", "|")
_SPLIT_SHARE = 0.02
_CAPITAL_SHARE = 0.4
_SECOND_FORMAT = 0.005  # of the cells; a further date format must read so many
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
PAIR: Final = re.compile(r"\s*[([]?(-?\d{1,3}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)[)\]]?\s*")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the values of a column fit a field.

    ``share`` is that of the cells which fit, None where all are blank. ``says`` is the reason in
    words. ``changes`` are what a mapping needs beside the name of the column. ``is_telling`` says
    that values of other fields would hardly fit.
    """

    share: float | None
    says: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    is_telling: bool = False


class Looks:
    """Compares values with fields."""

    def __init__(self, standard: Standard) -> None:
        content = synonyms()
        self._standard = standard
        self._looks = {name: re.compile(text) for name, text in content["looks"].items()}
        self._postal = {name: re.compile(text) for name, text in content["postal_codes"].items()}
        self._blanks = frozenset(content["cells"]["blanks"])
        self._dates: list[str] = content["cells"]["dates"]
        self._capitals = frozenset(content["cells"]["capitals"])
        self._labels: dict[str, Mapping[str, str | None]] = {}

    def fit_alone(self, source: SourceColumn, target: Column) -> Fit:
        """How the values fit as they stand, where no heading suggests that they should."""
        if target.code_list is None or not source.texts:
            return self.fit(source, target)
        known = target.code_list
        share = _share(source.texts, lambda text: listed(text, known) is not None)
        name = best(target.code_list.labels, "en")
        says = f"{_percent(share)} of its values are codes or labels of the list “{name}”"
        return Fit(share, says, {}, True)

    def fit(
        self,
        source: SourceColumn,
        target: Column,
        hinted: str = "",
        given: Mapping[str, Any] = NOTHING,
    ) -> Fit:
        """How the values fit. ``hinted`` is a crosswalk that the heading names; ``given`` are
        changes that the file's metadata asks for, which hold whatever the values look like.
        """
        if not given:
            return self._fit(source.texts, target, hinted)
        found = self._fit(as_given(source.texts, target, given), target, hinted)
        blank = sorted({*given.get("blank", ()), *found.changes.get("blank", ())})
        changes = {**found.changes, **given, **({"blank": blank} if blank else {})}
        return replace(found, changes=changes)

    def _fit(self, texts: Mapping[str, int], target: Column, hinted: str) -> Fit:
        if not texts:
            return Fit(None, "it is blank")
        item = target.field
        assert item is not None, target.name
        if item.kind is Kind.CODE:
            return self._code(texts, target, hinted)
        if item.kind is Kind.DATE:
            return self._date(texts, item)
        if item.kind is Kind.NUMBER:
            return self._number(texts, target)
        if item.kind is Kind.LINK:
            return self._link(texts, item)
        return self._text(texts, target)

    def _without_blanks(
        self, texts: Mapping[str, int], fits: Callable[[str], bool]
    ) -> tuple[dict[str, int], dict[str, Any]]:
        """The texts but those that stand for nothing, and the change that says so."""
        kept, blank = {}, []
        for text, count in texts.items():
            if text.casefold() in self._blanks and not fits(text):
                blank.append(text)
            else:
                kept[text] = count
        return kept, {"blank": sorted(blank)} if blank else {}

    def _code(self, texts: Mapping[str, int], target: Column, hinted: str) -> Fit:
        code_list = target.code_list
        assert code_list is not None, target.name
        if code_list.slug not in self._labels:
            self._labels[code_list.slug] = self._known_labels(code_list)
        parts, changes = _apart(texts) if target.is_list else (dict(texts), {})
        known = self._standard.crosswalks.values()
        found = translate(parts, code_list, self._labels[code_list.slug], known, hinted)
        name = best(code_list.labels, "en")
        says = f"{_percent(found.share)} of its values are codes or labels of the list “{name}”"
        if found.near:
            says += f", {len(found.near)} of them by likeness"
        return Fit(found.share, says, {**changes, **_translation(found, target)}, True)

    def _known_labels(self, code_list: CodeList) -> Mapping[str, str | None]:
        """What words of a source are compared with: nothing where only whole names count."""
        content = synonyms()
        if code_list.slug in content["cells"]["exact"]:
            return {}
        return plain_labels(code_list, content["words"].get(code_list.slug, {}))

    def _date(self, texts: Mapping[str, int], item: Field) -> Fit:
        plain = converter(item, None, ())
        kept, changes = self._without_blanks(texts, lambda text: _converts(plain, text))
        share = _share(kept, lambda text: _converts(plain, text))
        if share >= 0.9 or not kept:
            return Fit(share, f"{_percent(share)} of its values are dates", changes, True)
        chosen: list[str] = []
        rest = kept
        while rest and len(chosen) < 3:
            counts = {form: _count(rest, _reads(item, form)) for form in self._dates}
            form = max(self._dates, key=lambda form: counts[form])
            if counts[form] <= _SECOND_FORMAT * sum(kept.values()):
                break
            chosen.append(form)
            reads = _reads(item, form)
            rest = {text: count for text, count in rest.items() if not reads(text)}
        found = 1 - sum(rest.values()) / sum(kept.values())
        if found <= share:
            return Fit(share, f"{_percent(share)} of its values are dates", changes, True)
        formats = chosen[0] if len(chosen) == 1 else chosen
        says = f"{_percent(found)} of its values are dates like {' or '.join(chosen)}"
        swapped = [form for form in self._dates if _swapped(form) in chosen]
        if any(all(map(_reads(item, form), kept)) for form in swapped):
            says += " (or with day and month the other way round: look)"
        return Fit(found, says, {**changes, "date": formats}, True)

    def _number(self, texts: Mapping[str, int], target: Column) -> Fit:
        found = [self._number_so(texts, target, decimal) for decimal in (POINT, ",")]
        return max(found, key=lambda fit: fit.share or 0)  # the point, where both do as well

    def _number_so(self, texts: Mapping[str, int], target: Column, decimal: str) -> Fit:
        """How values fit that have that mark before their decimals."""
        item = target.field
        assert item is not None

        def fits(text: str) -> bool:
            try:
                return _is_within(number(text, item.datatypes[0], decimal).value, target)
            except BadValue:
                return False

        kept, changes = self._without_blanks(texts, fits)
        share = _share(kept, fits)
        says = f"{_percent(share)} of its values are numbers that fit"
        if decimal != POINT:
            says += ", with a comma before decimals"
            changes["decimal"] = decimal
        return Fit(share, says, changes, target.limits.maximum is not None)

    def _link(self, texts: Mapping[str, int], item: Field) -> Fit:
        convert = converter(item, None, ())
        kept, changes = self._without_blanks(texts, lambda text: _converts(convert, text))
        kept, split = _apart(kept)
        share = _share(kept, lambda text: _converts(convert, text))
        says = f"{_percent(share)} of its values are web addresses"
        return Fit(share, says, {**changes, **split}, True)

    def _text(self, texts: Mapping[str, int], target: Column) -> Fit:
        shape = self._looks.get(target.name)
        longest = target.limits.max_length

        def fits(text: str) -> bool:
            is_short = longest is None or len(text) <= longest
            return is_short and (shape is None or bool(shape.fullmatch(text)))

        kept, changes = self._without_blanks(texts, lambda text: text != "0" and len(text) > 4)
        if target.is_list:
            kept, split = _apart(kept)
            changes |= split
        if target.name in self._capitals and _share(kept, _is_capital) >= _CAPITAL_SHARE:
            changes["case"] = "title"
        share = _share(kept, fits)
        says = f"{_percent(share)} of its values fit"
        if target.name == "postal_code":
            return self._postal_fit(kept, share, changes)
        return Fit(share, says, changes, target.name == "opening_hours")

    def _postal_fit(self, texts: Mapping[str, int], share: float, changes: dict[str, Any]) -> Fit:
        for country, shape in self._postal.items():
            own = _share(texts, lambda text, shape=shape: bool(shape.fullmatch(text)))  # type: ignore[misc]
            if own >= 0.5:
                says = f"{_percent(own)} of its values are postal codes as in {country}"
                return Fit(max(own, share), says, changes, True)
        return Fit(share, f"{_percent(share)} of its values could be postal codes", changes)


def as_given(texts: Mapping[str, int], target: Column, given: Mapping[str, Any]) -> dict[str, int]:
    """Texts as they are once what is ``given`` was done to them: blanks gone, lists apart, dates
    and numbers in the form that needs no help.
    """
    blank = {text.casefold() for text in given.get("blank", ())}
    split, forms = given.get("split"), given.get("date", ())
    forms = (forms,) if isinstance(forms, str) else tuple(forms)
    found: dict[str, int] = {}
    for text, count in texts.items():
        if text.casefold() in blank:
            continue
        for part in text.split(split) if split else [text]:
            own = part.strip()
            if forms:
                own = _iso(own, forms)
            if given.keys() & {"decimal", "remove"} and target.field is not None:
                own = _pointed(own, target.field, given)
            if own:
                found[own] = found.get(own, 0) + count
    return found


def _iso(text: str, forms: tuple[str, ...]) -> str:
    try:
        return date_value(text, forms, frozenset({XSD_DATE})).value
    except BadValue:
        return text


def _pointed(text: str, item: Field, given: Mapping[str, Any]) -> str:
    plain = re.sub(given["remove"], "", text) if "remove" in given else text
    try:
        return number(plain, item.datatypes[0], given.get("decimal", POINT)).value
    except BadValue:
        return text


def _translation(found: Translation, target: Column) -> dict[str, Any]:
    """What a mapping needs for the codes of a column."""
    if found.crosswalk:
        return {
            **({"pattern": found.pattern} if found.pattern else {}),
            "crosswalk": found.crosswalk,
            **_otherwise(target),
        }
    if not found.values:
        return {}
    otherwise = _otherwise(target)
    if not otherwise:
        return {"values": dict(found.values)}
    known = {text: code for text, code in found.values.items() if code}
    return {"values": known, **otherwise}


def _otherwise(target: Column) -> dict[str, str]:
    """What a required code becomes where a word says nothing."""
    assumed = synonyms()["assumed"].get(target.name)
    return {"otherwise": assumed} if assumed else {}


def _apart(texts: Mapping[str, int]) -> tuple[dict[str, int], dict[str, Any]]:
    """The texts taken apart where many hold several values, and the change that does so."""
    total = sum(texts.values())
    for separator in _SEPARATORS:
        if sum(count for text, count in texts.items() if separator in text) > _SPLIT_SHARE * total:
            parts: dict[str, int] = {}
            for text, count in texts.items():
                for part in filter(None, map(str.strip, text.split(separator))):
                    parts[part] = parts.get(part, 0) + count
            return parts, {"split": separator}
    return dict(texts), {}


def _converts(convert: Callable[[str, str], object], text: str) -> bool:
    try:
        convert(text, "und")
    except BadValue:
        return False
    return True


def _reads(item: Field, form: str) -> Callable[[str], bool]:
    convert = converter(item, None, (form,))
    return lambda text: _converts(convert, text)


def _swapped(form: str) -> str:
    """A date format with day and month the other way round."""
    return form.replace("%d", "%%").replace("%m", "%d").replace("%%", "%m")


def _is_within(text: str, target: Column) -> bool:
    low, high = target.limits.minimum, target.limits.maximum
    return (low is None or float(low) <= float(text)) and (
        high is None or float(text) <= float(high)
    )


def _is_capital(text: str) -> bool:
    return len(text) > 3 and text == text.upper() and text != text.lower()


def _count(texts: Mapping[str, int], fits: Callable[[str], bool]) -> int:
    return sum(count for text, count in texts.items() if fits(text))


def _share(texts: Mapping[str, int], fits: Callable[[str], bool]) -> float:
    total = sum(texts.values())
    return _count(texts, fits) / total if total else 0.0


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"
