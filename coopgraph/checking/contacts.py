"""Telephone numbers and web addresses that have the right form and still lead nowhere.

In: a record. Out: warnings at numbers that their country cannot have and at hosts whose ending the
internet does not know; hints, with the mend, at numbers that only their own country can dial.
Numbering plans are those of phonenumbers, endings those of the Public Suffix List that
publicsuffixlist carries, read at the first host.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from publicsuffixlist import PublicSuffixList
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.checking.whereabouts import country_of
from coopgraph.namespaces import iri
from coopgraph.standard import Kind
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.records import Finding, Record

_TELEPHONE = iri("schema:telephone")
_RESERVED = (".example", ".test")  # for documentation (RFC 6761)
_REMEMBERED = 8_192


class Contacts:
    """Looks at the numbers and addresses of one table."""

    def __init__(self, mapper: Mapper) -> None:
        leaves = [leaf for leaf in mapper.leaves if leaf.columns]
        self._mapper = mapper
        self._links = frozenset(leaf.path for leaf in leaves if leaf.field.kind is Kind.LINK)
        self._has_numbers = any(leaf.path == _TELEPHONE for leaf in leaves)

    def of_record(self, record: Record) -> Iterator[Finding]:
        """What is suspicious in a record."""
        if not (self._has_numbers or self._links):
            return
        country = country_of(record)
        for triple in record.triples:
            value = triple.object
            if triple.predicate == _TELEPHONE and isinstance(value, Literal):
                yield from self._number(record, triple, value.value, country)
            elif triple.predicate in self._links and isinstance(value, NamedNode):
                host = host_of(value.value)
                if not has_known_ending(host):
                    yield self._host(record, triple, host)

    def _number(self, record: Record, triple: Triple, text: str, country: str) -> Iterator[Finding]:
        if not country and not text.startswith("+"):
            return
        if not can_be_number(text, country):
            column, cell = self._cell(record, triple)
            where = f" in {country}" if country else ""
            words = f"“{text}” can be no telephone number{where}; correct it"
            yield Finding(words, column, cell, "warning", "telephone-impossible")
            return
        full = international(text, country)
        if full:
            column, cell = self._cell(record, triple)
            words = f"“{text}” lacks the code of its country; write {full}"
            mend = full if cell == text else ""
            yield Finding(words, column, cell, "hint", "telephone-national", mend)

    def _host(self, record: Record, triple: Triple, host: str) -> Finding:
        column, cell = self._cell(record, triple)
        words = f"no web address ends like “{host}”; look for a slip"
        return Finding(words, column, cell, "warning", "web-ending")

    def _cell(self, record: Record, triple: Triple) -> tuple[str, str]:
        origins = self._mapper.origins(record.cells)
        column = origins.column(triple.subject, triple.predicate.value, triple.object)
        return column, origins.cell(column)


def can_be_number(text: str, country: str) -> bool:
    """Whether a country's numbering plan, or that of the code after ``+``, has room for it.

    >>> can_be_number("413 555 0100", "US"), can_be_number("413 555", "US")
    (True, False)
    """
    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, country or None))
    except NumberParseException:
        return False


def international(text: str, country: str) -> str:
    """A number as it is dialled from abroad; "" where it is so already, or is none that its
    country has given out.

    >>> international("(617) 253-1000", "US"), international("+1 617 253 1000", "US")
    ('+1 617-253-1000', '')
    """
    if text.startswith("+") or country not in phonenumbers.SUPPORTED_REGIONS:
        return ""
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return ""
    if not phonenumbers.is_valid_number_for_region(number, country):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def host_of(address: str) -> str:
    """The host of a web address, in the letters that names on the internet are made of.

    >>> host_of("https://Bücher.example:8080/a")
    'xn--bcher-kva.example'
    """
    try:
        host = urlsplit(address).hostname or ""
        plain = host if host.isascii() else host.encode("idna").decode("ascii")
        return plain.rstrip(".")
    except ValueError:
        return ""


@lru_cache(_REMEMBERED)
def has_known_ending(host: str) -> bool:
    """Whether a host ends in a public suffix, or is an address in numbers.

    >>> has_known_ending("www.example.coop"), has_known_ending("www.example.cooop")
    (True, False)
    """
    if not host or host.endswith(_RESERVED) or _is_number(host):
        return True
    return _suffixes().publicsuffix(host) is not None


@lru_cache(1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
