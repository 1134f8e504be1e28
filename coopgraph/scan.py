"""Look at a SPARQL query before it is run, token by token.

In: the text of a query. Out: a :class:`Scan` (its form, the graphs it names in FROM), or
QueryRefused with the line at fault. This is a scan, not a second parser: it sees through strings,
comments and IRIs, and refuses updates, SERVICE to any address but those that the operator
allows, deep nesting (which overflows the engine's stack) and too many tokens (long chains do the
same). It makes faults plain; what holds is that a query runs in a process without network that
may die.
Tokens: https://www.w3.org/TR/sparql11-query/#sparqlGrammar

Two readings of one text can differ, and a query must pass both. The standard decodes ``\\u0053``
before anything else, the engine only inside strings and IRIs. And ``?a<b'c>`` may hold an IRI or
a comparison: such text is read once more as if nothing were hidden in strings or comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from coopgraph.errors import QueryRefused

MOST_TOKENS = 8_000
MOST_GRAPHS = 1_000

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_STRING = r"""
      \"\"\"(?:[^"\\]|\\.|"(?!\"\"))*\"\"\"
    | '''(?:[^'\\]|\\.|'(?!''))*'''
    | "(?:[^"\\\n\r]|\\.)*"
    | '(?:[^'\\\n\r]|\\.)*'
"""
_NAME_END = r"(?:[\w:.%·‿⁀-]|\\.)*"
_TOKEN = re.compile(
    rf"""
      (?P<comment>\#[^\n\r]*)
    | (?P<string>{_STRING})
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\[uU])*>)
    | (?P<blank>_:{_NAME_END})
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<local>:{_NAME_END})
    | (?P<word>\w+)
    | (?P<open>[{{(\[])
    | (?P<close>[}})\]])
    | (?P<escape>\\.)
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# An IRI that holds one of these and no “://” may be a “less than” followed by other tokens.
_AMBIGUOUS = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*://).*['#(\[]", re.DOTALL)
_BLANK = r"(?:\s|\#[^\n\r]*+)*+"
# Bounded, so that text that is no name costs no more than a glance.
_NAME = r"<[^<>\s]*+>|[^\s<>{}\#:,;()'\"]{0,128}+:[^\s<>{}\#,;()'\"]{0,512}"
_CLAUSE = re.compile(
    rf"FROM(?!:){_BLANK}(?:(?P<named>NAMED){_BLANK}(?!:))?(?P<name>{_NAME})", re.IGNORECASE
)
_SERVICE = re.compile(
    rf"SERVICE(?!:){_BLANK}(?:SILENT{_BLANK})?(?P<name>[?$]\w+|{_NAME})", re.IGNORECASE
)
_WORD_OR_BRACKET = re.compile(r"(?P<word>\w+)|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<other>\W)")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a query is: its form in capitals ("" where none was found), its tokens, where its
    prologue ends, and the graph names, as they are written, of FROM and of FROM NAMED.
    ``is_doubtful`` where it holds what may be an IRI or a comparison.
    """

    form: str
    tokens: int
    prologue_end: int = 0
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    services: tuple[ServiceCall, ...] = ()
    is_doubtful: bool = False


class ServiceCall(NamedTuple):
    """A SERVICE clause: where the address stands in the text, and which of the allowed it is."""

    start: int
    end: int
    number: int


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a text as they look; ``lastgroup`` names the kind of each."""
    return _TOKEN.finditer(text)


def scan(text: str, *, most_bytes: int, most_depth: int, services: Sequence[str] = ()) -> Scan:
    """Check a query against the limits. ``services`` are the addresses that SERVICE may name.
    Raises QueryRefused.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > most_bytes:
        raise QueryRefused(f"The query is {size:,} bytes long; at most {most_bytes:,} are taken.")
    decoded = _ESCAPE.sub(_decode, text)
    found = _read(text, most_depth, services)
    if decoded != text:
        _refuse_unclear(found, _read(decoded, most_depth, services))
    return found


def _decode(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number < 0x11_0000 else escape[0]


def _read(text: str, most_depth: int, services: Sequence[str]) -> Scan:
    """Read tokens once as they look, and once more with nothing hidden if that is doubtful."""
    reader = _Reader(text, most_depth, services)
    is_doubtful = False
    for token in tokens(text):
        if token.lastgroup == "iri" and not reader.is_declaring and _AMBIGUOUS.match(token[0]):
            is_doubtful = True
        reader.take(token)
    found = reader.scan()
    if is_doubtful:
        second = _Reader(text, most_depth, services)
        for token in _WORD_OR_BRACKET.finditer(text):
            second.take(token)
        _refuse_unclear(found, second.scan())
    return replace(found, is_doubtful=is_doubtful)


def _refuse_unclear(found: Scan, other: Scan) -> None:
    """Two readings must agree about what is counted, and about who is asked."""
    graphs = len(other.default_graphs)
    if graphs != len(found.default_graphs) and graphs > 1:
        raise QueryRefused(
            "The FROM clauses cannot be told apart from other text; write them without escapes."
        )
    calls = [call.number for call in found.services]
    if calls != [call.number for call in other.services]:
        raise QueryRefused(
            "The SERVICE clauses cannot be told apart from other text; write them without escapes."
        )


class _Reader:
    """Counts what one reading of the text meets."""

    def __init__(self, text: str, most_depth: int, services: Sequence[str]) -> None:
        self._text = text
        self._allowed = services
        self._services: list[ServiceCall] = []
        self._most_depth = most_depth
        self._depth = 0
        self._braces = 0
        self._last_word = ""
        self.form = ""
        self.tokens = 0
        self._prologue_end = 0
        self._default_graphs: list[str] = []
        self._named_graphs: list[str] = []

    @property
    def is_declaring(self) -> bool:
        """Whether an IRI is due: nothing is compared in a prologue."""
        return not self.form and self._last_word in ("PREFIX", "BASE")

    def scan(self) -> Scan:
        """What was found."""
        return Scan(
            self.form,
            self.tokens,
            self._prologue_end,
            tuple(self._default_graphs),
            tuple(self._named_graphs),
            tuple(self._services),
        )

    def take(self, token: re.Match[str]) -> None:
        """One token more. Raises QueryRefused where it is one too many."""
        kind = token.lastgroup
        if kind in ("space", "comment"):
            return
        self.tokens += 1
        if self.tokens > MOST_TOKENS:
            raise self._refusal(
                token.start(), f"The query has more than {MOST_TOKENS:,} words and signs."
            )
        if self._last_word == "PREFIX" and (kind == "iri" or token[0] == ">"):
            self._last_word = ""  # an IRI, or its end where nothing is hidden in it
        if kind == "word":
            self._word(token[0].upper(), token.start())
        if kind == "open":
            self._deeper(token)
        elif kind == "close":
            self._depth = max(0, self._depth - 1)
            self._braces -= token[0] == "}"

    def _word(self, word: str, place: int) -> None:
        if "SERVICE" in word:
            self._service(word, place)
        if self._last_word == "PREFIX":  # part of the prefix, up to its IRI
            return
        if not self.form and word in (*_FORMS, *_UPDATES):
            self._begin(word, place)
        if self._braces <= 0 and word.startswith("FROM") and self.form:
            self._clause(place)
        self._last_word = word

    def _begin(self, word: str, place: int) -> None:
        if word in _UPDATES:
            raise self._refusal(
                place, f"{word} would change the graph; this endpoint answers queries only."
            )
        self.form = word
        self._prologue_end = place

    def _clause(self, place: int) -> None:
        """FROM or FROM NAMED, and the name behind it as it is written."""
        found = _CLAUSE.match(self._text, place)
        if found:
            graphs = self._named_graphs if found["named"] else self._default_graphs
            graphs.append(found["name"])
        if len(self._default_graphs) + len(self._named_graphs) > MOST_GRAPHS:
            raise self._refusal(place, f"The query names more than {MOST_GRAPHS:,} graphs.")

    def _service(self, word: str, place: int) -> None:
        """A SERVICE clause, or a word that might be one."""
        found = _SERVICE.match(self._text, place) if word == "SERVICE" else None
        if not self._allowed or found is None:
            raise self._refusal(
                place,
                "SERVICE is not run here: this server asks no other server. Send that part of "
                "the query to the other endpoint yourself. (A prefix named “service:” has to be "
                "renamed.)",
            )
        name = found["name"]
        if name.startswith(("?", "$")):
            raise self._refusal(place, "SERVICE needs an address here, not a variable.")
        if name.strip("<>") not in self._allowed or not name.startswith("<"):
            known = ", ".join(f"<{address}>" for address in self._allowed)
            raise self._refusal(place, f"SERVICE may name these addresses in full: {known}.")
        number = self._allowed.index(name.strip("<>"))
        self._services.append(ServiceCall(found.start("name"), found.end("name"), number))

    def _deeper(self, token: re.Match[str]) -> None:
        self._depth += 1
        self._braces += token[0] == "{"
        if self._depth > self._most_depth:
            raise self._refusal(
                token.start(), f"Brackets are nested more than {self._most_depth} deep."
            )

    def _refusal(self, place: int, message: str) -> QueryRefused:
        return QueryRefused(message, line=self._text.count("\n", 0, place) + 1)
