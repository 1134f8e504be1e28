"""Cells → terms: dates, numbers, links, codes, text.

Each converter takes the trimmed text of a cell and gives an RDF term in its canonical lexical
form, or raises :class:`BadValue` with a sentence that says what is wrong and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Final

from pyoxigraph import Literal, NamedNode
from rapidfuzz import fuzz, process

from coopgraph.iris import is_web_address
from coopgraph.namespaces import iri
from coopgraph.standard import CodeList, Crosswalk, Field, Kind
from coopgraph.tables.mends import (
    YEAR_TAIL,
    address_mend,
    is_ambiguous_date,
    number_mend,
    plain_date,
)

XSD_DATE: Final = iri("xsd:date")
XSD_MONTH: Final = iri("xsd:gYearMonth")
XSD_YEAR: Final = iri("xsd:gYear")
XSD_INTEGER: Final = iri("xsd:integer")

# C0 controls except tab, line feed and carriage return, and the non-characters: XML cannot
# carry them, so no result format could be trusted with them.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NUMBER = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)\.?([0-9]*)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
# Most addresses are as plain as this; those need not be taken apart to be judged.
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~/-]*)?")
_SMALL_WORDS = frozenset("and at for in of on or the to".split())

# The datatype of a date as exact as this, and how much of YYYY-MM-DD it writes.
_PRECISIONS = {"day": (XSD_DATE, 10), "month": (XSD_MONTH, 7), "year": (XSD_YEAR, 4)}
_MOST_DIGITS = 18  # what every store keeps exactly
_LIKENESS = 80  # of 100, for “did you mean”
_REMEMBERED = 4_096  # texts that are in no code list
_FORM_WORDS = {
    "%d": "DD", "%m": "MM", "%Y": "YYYY", "%y": "YY", "%B": "month", "%b": "month",
    "%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%p": "AM",
}  # fmt: skip

Converter = Callable[[str, str], "NamedNode | Literal"]  # (text, language) → term


class BadValue(ValueError):
    """A cell that cannot be read as its field asks; the text is for the person who wrote it.

    ``kind`` is a short name for what is wrong, the same whatever the value; ``mend`` the text
    that should stand there, where that is certain.
    """

    def __init__(self, message: str, kind: str, mend: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.mend = mend


def converter(field: Field, code_list: CodeList | None, date_formats: tuple[str, ...]) -> Converter:
    """What turns a cell into a value of ``field`` (references and nodes are the mapper's)."""
    if field.kind is Kind.LANGUAGE_TEXT:
        return language_text
    if field.kind is Kind.TEXT:
        return lambda text, language: Literal(text)
    if field.kind is Kind.NUMBER:
        return lambda text, language: number(text, field.datatypes[0])
    if field.kind is Kind.DATE:
        allowed = frozenset(field.datatypes)
        return lambda text, language: date_value(text, date_formats, allowed)
    if field.kind is Kind.LINK:
        return lambda text, language: link(text)
    if field.kind is Kind.CODE:
        assert code_list is not None
        known: dict[str, NamedNode] = {}

        suggest = lru_cache(_REMEMBERED)(partial(suggestion, code_list))

        def remembered(text: str, language: str) -> NamedNode:
            found = known.get(text)
            if found is None:
                found = known[text] = code(text, code_list, suggest)
            return found

        return remembered
    return lambda text, language: other(text, field.datatypes[0])


def check_characters(text: str) -> str:
    """The text, or BadValue where it holds characters that no document may carry."""
    match = _FORBIDDEN.search(text)
    if match:
        raise BadValue(
            f"holds the control character U+{ord(match[0]):04X}; remove it", "control-character"
        )
    return text


def language_text(text: str, language: str) -> Literal:
    """Text with its BCP 47 tag."""
    try:
        return Literal(text, language=language)
    except ValueError:
        raise BadValue(
            f"“{language}” is no language tag; write one like en or pt-BR", "language-tag"
        ) from None


def is_language_tag(text: str) -> bool:
    """Whether texts can be tagged with ``text`` (BCP 47).

    >>> is_language_tag("pt-BR"), is_language_tag("Portuguese (Brazil)")
    (True, False)
    """
    try:
        language_text("", text)
    except BadValue:
        return False
    return True


def number(text: str, datatype: NamedNode) -> Literal:
    """A plain number in canonical form.

    >>> number("4.35520", iri("xsd:decimal")).value
    '4.3552'
    """
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise BadValue(
            f"“{text}” is no number; write digits, with a point before decimals",
            "number",
            number_mend(text, is_whole=datatype == XSD_INTEGER),
        )
    whole, fraction = match[2].lstrip("0"), match[3].rstrip("0")
    if len(whole) > _MOST_DIGITS:
        raise BadValue(
            f"“{text}” has more than {_MOST_DIGITS} digits before the point", "number-length"
        )
    if fraction and datatype == XSD_INTEGER:
        raise BadValue(f"“{text}” is no whole number", "whole-number")
    lexical = f"{whole or '0'}.{fraction}" if fraction else whole or "0"
    is_negative = match[1] == "-" and lexical != "0"
    return Literal(f"-{lexical}" if is_negative else lexical, datatype=datatype)


@lru_cache(maxsize=65_536)
def date_value(text: str, formats: tuple[str, ...], allowed: frozenset[NamedNode]) -> Literal:
    """A date, month or year, as precise as it is written.

    ``formats`` are the source's own (``strptime``); without any, ISO 8601 is asked for. A
    midnight after an ISO date is dropped.
    """
    if formats:
        return _typed_date(_parse_by(formats, text), "day", allowed, text)
    match = _ISO_DATE.fullmatch(text.removesuffix(" 00:00:00").removesuffix("T00:00:00"))
    if match is None:
        raise _no_date(text, allowed)
    year, month, day = match.groups()
    try:
        value = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise BadValue(f"“{text}” is no date in the calendar ({error})", "calendar") from None
    precision = "day" if day else "month" if month else "year"
    return _typed_date(value, precision, allowed, text)


def is_date_format(text: str) -> bool:
    """Whether a ``strptime`` format reads a day, its month and its year.

    >>> is_date_format("%d/%m/%Y"), is_date_format("%m/%Y"), is_date_format("%Q")
    (True, False, False)
    """
    day = datetime(2001, 12, 31)
    try:
        return datetime.strptime(day.strftime(text), text).date() == day.date()
    except ValueError:
        return False


def _parse_by(formats: tuple[str, ...], text: str) -> date:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    found = plain_date(text)
    raise BadValue(
        f"“{text}” is no date like {' or '.join(map(_in_words, formats))}",
        "date-format",
        found.strftime(formats[0]) if found else "",
    )


def _no_date(text: str, allowed: frozenset[NamedNode]) -> BadValue:
    """What to say of a text that is no date in ISO 8601, but may be one in another form."""
    found = plain_date(text)
    form = "YYYY-MM-DD, YYYY-MM or YYYY"
    if found is None and is_ambiguous_date(text):
        words = f"“{text}” may name the day or the month first; write {form}"
        return BadValue(words, "ambiguous-date")
    mend = found.isoformat() if found and XSD_DATE in allowed else ""
    if found is None and YEAR_TAIL.fullmatch(text):
        mend = text.partition(".")[0]
    return BadValue(f"“{text}” is no date; write {form}", "date", mend)


def _in_words(form: str) -> str:
    """A ``strptime`` format as people write it.

    >>> _in_words("%d/%m/%Y")
    'DD/MM/YYYY'
    """
    for code, words in _FORM_WORDS.items():
        form = form.replace(code, words)
    return form


def _typed_date(value: date, precision: str, allowed: frozenset[NamedNode], text: str) -> Literal:
    datatype, length = _PRECISIONS[precision]
    if precision == "day" and datatype not in allowed:
        datatype, length = _PRECISIONS["year"]
    if datatype in allowed:
        return Literal(value.isoformat()[:length], datatype=datatype)
    raise BadValue(f"“{text}” is not exact enough; give the day as YYYY-MM-DD", "date-precision")


def is_bare_host(text: str) -> bool:
    """Whether a web address was written without its ``https://``."""
    return _BARE_HOST.fullmatch(text) is not None


def link(text: str) -> NamedNode:
    """An http(s) IRI; a bare host name gets the ``http://`` it was written without.

    >>> link("www.example.coop").value
    'http://www.example.coop'
    """
    address = f"http://{text}" if is_bare_host(text) else text
    scheme, mark, rest = address.partition("://")
    address = scheme.lower() + mark + rest
    if not (_PLAIN_ADDRESS.fullmatch(address) or is_web_address(address)):
        raise BadValue(
            f"“{text}” is no web address; write it in full, from https:// on",
            "web-address",
            address_mend(text),
        )
    try:
        return NamedNode(address)
    except ValueError:
        raise BadValue(
            f"“{text}” is no valid web address; write it in full", "web-address"
        ) from None


def code(text: str, code_list: CodeList, suggest: Callable[[str], str] | None = None) -> NamedNode:
    """The concept of that notation or label; ``suggest`` gives the hint for one that is none."""
    found = code_list.by_name.get(text) or code_list.by_name.get(text.casefold())
    if found is None:
        hint = suggest(text) if suggest else suggestion(code_list, text)
        raise BadValue(
            f"“{text}” is not in the code list “{code_list.slug}” ({code_list.iri.value}){hint}",
            "code",
        )
    return found.iri


def suggestion(code_list: CodeList, text: str) -> str:
    """The likeliest of a list for a text that it does not have, as the end of a sentence."""
    names = code_list.by_name.keys()
    near = process.extractOne(text.casefold(), names, scorer=fuzz.ratio, score_cutoff=_LIKENESS)
    if near is None:
        return ""
    found = code_list.by_name[near[0]]
    label = found.labels.get("en", near[0])
    meaning = "" if label.casefold() == found.notation.casefold() else f" ({label})"
    return f"; did you mean “{found.notation}”{meaning}?"


def crossed(text: str, crosswalk: Crosswalk, code_list: CodeList) -> str:
    """The notation, in our list, of a code of another scheme (``standard.crosswalks``)."""
    found = crosswalk.translate(text, code_list.slug)
    if found is not None:
        return found.value.rpartition("/")[2]
    if crosswalk.knows(text):
        raise BadValue(
            f"“{text}” of “{crosswalk.slug}” stands for no one code of the list "
            f"“{code_list.slug}”; give a finer code, or say in “values” what it means",
            "crosswalk",
        )
    raise BadValue(f"“{text}” is no code of “{crosswalk.slug}” ({crosswalk.title})", "crosswalk")


def other(text: str, datatype: NamedNode) -> Literal:
    """A literal of another datatype, by its lexical form."""
    return Literal(text, datatype=datatype)


def title_case(text: str) -> str:
    """Text in capitals as a careful person would write it; mixed case is left alone.

    Words that cannot be read aloud (no vowel), words with a digit or a dot, single letters, and
    a name that is one word of three letters stay in capitals; small words inside go to lower
    case.

    >>> title_case("THE NEW ORLEANS FIREMEN'S"), title_case("IBEW LOCAL 175"), title_case("PenFed")
    ("The New Orleans Firemen's", 'IBEW Local 175', 'PenFed')
    """
    if text != text.upper() or len(text) <= 3:
        return text
    return re.sub(r"[^\W\d_][\w'’.&]*|\d\w*", lambda match: _cased(match[0], match.start()), text)


def _cased(word: str, place: int) -> str:
    lower = word.lower()
    if place > 0 and lower in _SMALL_WORDS:
        return lower
    if lower in _KEPT or len(word) == 1 or "&" in word:
        return word
    if re.fullmatch(r"\d+(ST|ND|RD|TH)", word):
        return lower
    if any(c.isdigit() for c in word) or re.fullmatch(r"(\w\.)+\w?", word):
        return word
    if not re.search(r"[AEIOUYÀ-Ý]", word):
        return word if word.rstrip(".") not in _ABBREVIATIONS else word.capitalize()
    if lower.startswith("mc") and len(lower) > 4:
        return "Mc" + lower[2:].capitalize()
    return word[0] + lower[1:]


_KEPT = frozenset(
    "abc aea aft afscme usa us uaw ibew ibm nasa ufcw cu fcu ii iii iv vi usx upa ucla uc usc ub "
    "atu ua ge ups usps epa fbi irs hud ne nw se sw eecu etfcu io tva".split()
)
_ABBREVIATIONS = frozenset("ST DR MT FT JR SR MR MRS BLVD RD LN CT PKWY HWY STR SQ".split())
