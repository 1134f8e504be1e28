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
from coopgraph.standard import Code, CodeList, Crosswalk, Field, Kind
from coopgraph.tables.mends import (
    YEAR_TAIL,
    address_mend,
    is_ambiguous_date,
    number_mend,
    plain_date,
)
from coopgraph.tables.territories import Notations, countries_named, subdivisions_named

XSD_DATE: Final = iri("xsd:date")
XSD_MONTH: Final = iri("xsd:gYearMonth")
XSD_YEAR: Final = iri("xsd:gYear")
XSD_INTEGER: Final = iri("xsd:integer")

POINT: Final = "."  # before decimals, where nobody says another mark
COUNTRIES: Final = "country"  # code lists of which names are known in many languages
SUBDIVISIONS: Final = "subdivision"

# C0 controls except tab, line feed and carriage return, and the non-characters: XML cannot
# carry them, so no result format could be trusted with them.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NUMBER = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)\.?([0-9]*)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_EXCHANGED = str.maketrans(".,", ",.")
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
# Most addresses are as plain as this; those need not be taken apart to be judged.
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~/-]*)?")

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


def converter(
    field: Field,
    code_list: CodeList | None,
    date_formats: tuple[str, ...],
    decimal: str = POINT,
) -> Converter:
    """What turns a cell into a value of ``field`` (references and nodes are the mapper's).

    ``decimal`` is the mark before decimals.
    """
    if field.kind is Kind.LANGUAGE_TEXT:
        return language_text
    if field.kind is Kind.TEXT:
        return lambda text, language: Literal(text)
    if field.kind is Kind.NUMBER:
        return lambda text, language: number(text, field.datatypes[0], decimal)
    if field.kind is Kind.DATE:
        allowed = frozenset(field.datatypes)
        return lambda text, language: date_value(text, date_formats, allowed)
    if field.kind is Kind.LINK:
        return lambda text, language: link(text)
    if field.kind is Kind.CODE:
        assert code_list is not None
        known: dict[str, NamedNode] = {}
        suggest = _suggester(code_list)

        def remembered(text: str, language: str) -> NamedNode:
            found = known.get(text)
            if found is None:
                found = known[text] = code(text, code_list, suggest)
            return found

        return remembered
    return lambda text, language: other(text, field.datatypes[0])


def narrower(field: Field, code_list: CodeList | None) -> Converter | None:
    """What reads a code of ``field`` where the row's country is known: (text, country) → term.

    None where a country does not tell anything.
    """
    if code_list is None or code_list.slug != SUBDIVISIONS:
        return None
    suggest = _suggester(code_list)
    return lru_cache(_REMEMBERED)(lambda text, country: code(text, code_list, suggest, country))


def _suggester(code_list: CodeList) -> Callable[[str], str]:
    return lru_cache(_REMEMBERED)(partial(suggestion, code_list))


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


def number(text: str, datatype: NamedNode, decimal: str = POINT) -> Literal:
    """A plain number in canonical form; ``decimal`` is the mark before its decimals.

    >>> number("4.35520", iri("xsd:decimal")).value
    '4.3552'
    >>> number("1.234,5", iri("xsd:decimal"), ",").value
    '1234.5'
    """
    pointed = text if decimal == POINT else text.translate(_EXCHANGED)
    plain = pointed.replace(",", "") if _GROUPED.fullmatch(pointed) else pointed
    match = _NUMBER.fullmatch(plain)
    if match is None:
        is_pointed = decimal == POINT
        raise BadValue(
            f"“{text}” is no number; write digits, with a {'point' if is_pointed else 'comma'} "
            "before decimals",
            "number",
            number_mend(text, is_whole=datatype == XSD_INTEGER) if is_pointed else "",
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


def code(
    text: str,
    code_list: CodeList,
    suggest: Callable[[str], str] | None = None,
    country: str = "",
) -> NamedNode:
    """The concept of that notation or label, or of that name of a country or a subdivision in
    any language; ``suggest`` gives the hint for one that is none.

    A name of a subdivision is read within ``country``, where that is known.
    """
    found = listed(text, code_list)
    if found is not None and (not country or _is_certain(found, text, country)):
        return found.iri
    meant = _named(text, code_list, country)
    if not meant and found is not None:
        return found.iri
    choice = [code_list.by_name[name] for name in meant if name in code_list.by_name]
    if len(meant) == len(choice) == 1:
        return choice[0].iri
    if len(choice) > 1:
        names = " or ".join(f"“{item.notation}”" for item in choice)
        raise BadValue(f"“{text}” may mean {names}; write the code", "code")
    hint = suggest(text) if suggest else suggestion(code_list, text)
    raise BadValue(
        f"“{text}” is not in the code list “{code_list.slug}” ({code_list.iri.value}){hint}",
        "code",
    )


def listed(text: str, code_list: CodeList) -> Code | None:
    """The code whose notation or label in the list itself a text is."""
    return code_list.by_name.get(text) or code_list.by_name.get(text.casefold())


def _is_certain(found: Code, text: str, country: str) -> bool:
    """Whether a subdivision is that of the country, or was given by its code."""
    return found.notation.startswith(f"{country}-") or text.upper() == found.notation


def _named(text: str, code_list: CodeList, country: str) -> Notations:
    """What a name of a country or a subdivision may mean, whatever its language."""
    if code_list.slug == COUNTRIES:
        return countries_named(text)
    if code_list.slug == SUBDIVISIONS:
        return subdivisions_named(text, country)
    return ()


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
