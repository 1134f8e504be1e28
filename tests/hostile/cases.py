"""Hostile queries: a file each, with what it tries to break and what must come of it.

In: ``*.rq`` beside this file. Out: :class:`Case`, and the request to send for it. What is sent
is what follows the header; the header ends at the first empty line and has these lines:

``#+ tries:`` what it tries to break.
``#+ expect:`` what must come of it, one of ``OUTCOMES`` or several joined by “or”, where it
depends on the machine which limit is met first.
``#+ line:`` the line of what is sent that a refusal has to name.
``#+ solutions:`` how many solutions the answer has.
``#+ send:`` how it is sent, one of ``WAYS``; by default as the body of a POST.
``#+ with:`` a parameter of the protocol beside the query, as ``name=value``; may come again.
``#+ accept:`` the media type asked for.
``#+ repeat: NAME = COUNT x "TEXT"`` makes a big text: «NAME» stands for it below, ``§`` in it for
its number, from 1. The text is a JSON string.
``#+ bytes: NAME = HEX`` makes bytes that are no text.

«sink» and «self» are the addresses of a listener that must hear nothing, and of the server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

FOLDER = Path(__file__).parent
OUTCOMES = {
    "answered": "200 with a whole answer",
    "refused": "400, before or instead of running",
    "forbidden": "403, as it would change the graph",
    "unacceptable": "406, as the format cannot hold the answer",
    "too-large-request": "413, before the query is read",
    "over-time": "503 that names the limit of time",
    "over-memory": "503 that names the limit of memory",
    "too-large": "503 that names the limit of the answer's size",
}
WAYS = {
    "body": ("POST", "application/sparql-query"),
    "form": ("POST", "application/x-www-form-urlencoded"),
    "address": ("GET", ""),
    "update-body": ("POST", "application/sparql-update"),
    "update-form": ("POST", "application/x-www-form-urlencoded"),
}
ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9"
_LINE = re.compile(r"#\+ (\w+): (.+)")
_REPEAT = re.compile(r'(\w+) = ([\d_]+) x (".*")')
_BYTES = re.compile(r"(\w+) = ((?:[0-9a-f]{2} ?)+)")
_MARK = re.compile(r"«(\w+)»")
_MANY = frozenset(("with", "repeat", "bytes"))
_KNOWN = frozenset(("tries", "expect", "line", "solutions", "send", "accept")) | _MANY


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire to ``/sparql``; ``query`` is what follows “?” in the address."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile query. ``pieces`` are what its marks stand for."""

    name: str
    tries: str
    expect: frozenset[str]
    template: str
    pieces: Mapping[str, bytes]
    way: str
    parameters: tuple[str, ...]
    accept: str
    line: int | None
    solutions: int | None

    def content(self, places: Mapping[str, str]) -> bytes:
        """The query, with every mark replaced. ``places`` are addresses by name."""
        return self._filled(self.template, places)

    def request(self, places: Mapping[str, str]) -> Request:
        """The request that asks it."""
        method, kind = WAYS[self.way]
        name = "update" if self.way == "update-form" else "query"
        content = self.content(places)
        encoded = f"{name}={quote_from_bytes(content, safe='')}"
        beside = "&".join(self._parameter(text, places) for text in self.parameters)
        headers = {"Accept": self.accept} | ({"Content-Type": kind} if kind else {})
        if self.way == "address":
            return Request(method, "&".join(filter(None, (encoded, beside))), headers, None)
        if self.way.endswith("form"):
            body = "&".join(filter(None, (encoded, beside)))
            return Request(method, "", headers, body.encode())
        return Request(method, beside, headers, content)

    def _parameter(self, text: str, places: Mapping[str, str]) -> str:
        """``name=value`` encoded; what a mark made holds further ones."""
        filled = self._filled(text, places).decode()
        pairs = (pair.partition("=") for pair in filled.split("&"))
        return "&".join(
            f"{name}={quote_from_bytes(value.encode(), safe='')}" for name, _, value in pairs
        )

    def _filled(self, template: str, places: Mapping[str, str]) -> bytes:
        known = {**self.pieces, **{name: text.encode() for name, text in places.items()}}
        parts = _MARK.split(template)  # text, name, text, name, … text
        return b"".join(
            known[part] if number % 2 else part.encode() for number, part in enumerate(parts)
        )


def read_cases(folder: Path = FOLDER) -> list[Case]:
    """Every hostile query, by name."""
    return [
        read_case(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.rq"))
    ]


def read_case(name: str, text: str) -> Case:
    """A case from the text of its file. Raises ValueError where it says what nobody knows."""
    header, _, template = text.partition("\n\n")
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {kind: [] for kind in _MANY}
    for line in header.splitlines():
        found = _LINE.fullmatch(line)
        if found is None or found[1] not in _KNOWN or found[1] in single:
            raise ValueError(f"{name}: “{line}” is no line of a header.")
        if found[1] in _MANY:
            many[found[1]].append(found[2])
        else:
            single[found[1]] = found[2]
    case = Case(
        name,
        single["tries"],
        frozenset(single["expect"].split(" or ")),
        template.removesuffix("\n"),
        dict([*map(_repeated, many["repeat"]), *map(_raw, many["bytes"])]),
        single.get("send", "body"),
        tuple(many["with"]),
        single.get("accept", ACCEPT),
        int(single["line"]) if "line" in single else None,
        int(single["solutions"]) if "solutions" in single else None,
    )
    _check(case)
    return case


def _check(case: Case) -> None:
    if unknown := case.expect - OUTCOMES.keys():
        raise ValueError(f"{case.name}: {sorted(unknown)} is no outcome.")
    if case.way not in WAYS:
        raise ValueError(f"{case.name}: “{case.way}” is no way to send.")
    if case.line and "refused" not in case.expect:
        raise ValueError(f"{case.name}: only a refusal names a line.")
    if case.solutions is not None and "answered" not in case.expect:
        raise ValueError(f"{case.name}: only an answer has solutions.")


def _repeated(text: str) -> tuple[str, bytes]:
    """``NAME = COUNT x "TEXT"`` → the name and the text that often."""
    found = _REPEAT.fullmatch(text)
    if found is None:
        raise ValueError(f'“{text}” is not NAME = COUNT x "TEXT".')
    piece: str = json.loads(found[3])
    numbers = range(1, int(found[2]) + 1)
    return found[1], "".join(piece.replace("§", str(number)) for number in numbers).encode()


def _raw(text: str) -> tuple[str, bytes]:
    """``NAME = HEX`` → the name and the bytes."""
    found = _BYTES.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is not NAME = HEX.")
    return found[1], bytes.fromhex(found[2])
