"""Mint, check and parse the opaque ids of organisations, and name the value nodes within.

An id is 10 characters of Crockford base32 and, after a hyphen, 2 check characters, like
``7k3m9qx2c4-h8`` (architecture, “Identity”). The 50 bits come from a hash of (dataset, source
key), so that a rebuild from the same files gives the same ids. The check is the number modulo
1021, a prime below 32², in base32: it catches every single wrong character and every swap of
two neighbours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {character: number for number, character in enumerate(ALPHABET)}
_LENGTH = 10
_CHECK_PRIME = 1021
_ID = re.compile(f"[{ALPHABET}]{{{_LENGTH}}}-[{ALPHABET}]{{2}}")
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1", "u": "v"})
# RFC 3987 leaves out controls, space and these delimiters.
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\x9f\ufffe\uffff]")


def mint(dataset: str, key: str, attempt: int = 0) -> str:
    """The id of the organisation that record ``key`` of ``dataset`` is about.

    ``attempt`` counts up when the id is taken by another record, so a collision is settled
    the same way at each rebuild.

    >>> mint("ncua", "1") == mint("ncua", "1") != mint("ncua", "2")
    True
    """
    seed = f"{dataset}\0{key}\0{attempt}" if attempt else f"{dataset}\0{key}"
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7], "big") >> 6
    characters = [ALPHABET[(number >> shift) & 31] for shift in range(45, -1, -5)]
    stem = "".join(characters)
    return f"{stem}-{check_characters(stem)}"


def value_fragment(kind: str, statements: Iterable[str]) -> str:
    """The fragment identifier of an inner node that its content names: ``kind`` and a hash of what
    is said of it, each statement a property and a term in N-Triples.
    """
    digest = hashlib.sha256("\n".join(sorted(statements)).encode()).hexdigest()
    return f"{kind}-{digest[:12]}"


def check_characters(stem: str) -> str:
    """The two check characters of ten base32 characters.

    >>> check_characters("0000000001")
    '01'
    """
    remainder = 0
    for character in stem:
        remainder = (remainder * 32 + _VALUE[character]) % _CHECK_PRIME
    return ALPHABET[remainder >> 5] + ALPHABET[remainder & 31]


def is_organization_id(text: str) -> bool:
    """Whether ``text`` is a well-formed id whose check characters agree."""
    return bool(_ID.fullmatch(text)) and check_characters(text[:_LENGTH]) == text[-2:]


def near_ids(text: str) -> Iterator[str]:
    """Well-formed ids that a typing slip could have turned into ``text``.

    One misread letter (o, i, l, u), one wrong character, or one swap of neighbours; the caller
    asks the graph which of them exist.
    """
    cleaned = text.strip().lower().translate(_MISREAD).replace("-", "")
    if len(cleaned) != _LENGTH + 2 or any(c not in _VALUE for c in cleaned):
        return
    seen: set[str] = set()
    for variant in _variants(cleaned):
        candidate = f"{variant[:_LENGTH]}-{variant[_LENGTH:]}"
        if candidate not in seen and is_organization_id(candidate):
            seen.add(candidate)
            yield candidate


def _variants(text: str) -> Iterator[str]:
    yield text
    for place in range(len(text) - 1):
        yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    for place in range(len(text)):
        for character in ALPHABET:
            yield text[:place] + character + text[place + 1 :]


def is_web_address(text: str) -> bool:
    """Whether ``text`` is an absolute http(s) IRI that may be published as a link.

    >>> is_web_address("https://example.coop/"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    if _NOT_IN_IRI.search(text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018  (raises on a port that is no number)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and not parts.username
