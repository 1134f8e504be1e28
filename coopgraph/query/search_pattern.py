"""Full text in SPARQL: ``?organisation coop:search "words"`` becomes the organisations found.

In: the text of a query and a way to look words up. Out: the text with each such pattern replaced,
by its place, by ``VALUES ?organisation { <iri> … }``, best first; ``(?organisation ?rank)
coop:search "words"`` gives ranks too, from 1. The words are a literal, or a variable for which
``VALUES ?words { "words" }`` stands before in the same group (UNDEF finds nothing). Where a
pattern of that predicate stands otherwise, QueryRefused says how to write it: nothing in the graph
would match it. Where the name only means the property itself, as a subject, an object or in an
expression, it is left alone.

The engine resolves the predicate's name and reads the literal, under the query's own prologue;
what is put in are IRIs as the engine writes them, and numbers. So nobody's text gets into a query
here, and what this misreads the engine still judges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import takewhile

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Store

from coopgraph.errors import QueryRefused
from coopgraph.namespaces import iri
from coopgraph.scan import tokens

SEARCH = iri("coop:search")
MOST_HITS = 1_000
_LOCAL_NAME = SEARCH.value.rpartition("#")[2]

Find = Callable[[str], Sequence[NamedNode]]

_FORM = (
    "full text is asked for at the beginning of a statement in WHERE, as ?organisation coop:search "
    '"words" . or with ranks as (?organisation ?rank) coop:search "words" .'
)
_END = r"(?:[\w:%·‿⁀-]|\\.|\.(?=[\w:%·‿⁀\\.-]))*"
# What tokens other than strings, IRIs, variables and brackets are made of.
_PLAIN = re.compile(
    rf"""
      (?P<blank>_:{_END})
    | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:{_END})
    | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>\w+)
    | (?P<other>\^\^|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TERMS = frozenset(["variable", "iri", "name", "blank", "string", "typed", "number"])


def with_hits(text: str, prologue_end: int, base: str, find: Find) -> str:
    """The text of a query, its search patterns replaced by what ``find`` gives for their words.

    Relative IRIs are resolved against ``base``. Raises QueryRefused.
    """
    if _LOCAL_NAME not in text:
        return text
    done, end = [], 0
    try:
        patterns = _Reader(text, prologue_end, base).patterns()
    except SyntaxError:
        return text  # the engine tells of the fault, and of its line in the whole query
    for pattern in patterns:
        hits = find(pattern.words) if pattern.words else ()
        done += [text[end : pattern.start], pattern.replacement(text, hits)]
        end = pattern.end
    return "".join([*done, text[end:]])


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A search pattern: where it stands, and the variables it binds.

    ``goes_on`` says that another predicate of the same subject follows.
    """

    start: int
    end: int
    variables: tuple[str, ...]
    words: str
    goes_on: bool

    def replacement(self, text: str, hits: Sequence[NamedNode]) -> str:
        """What takes its place, on as many lines."""
        if len(self.variables) == 1:
            head, rows = self.variables[0], " ".join(map(str, hits))
        else:
            head = f"({' '.join(self.variables)})"
            rows = " ".join(f"({hit} {rank})" for rank, hit in enumerate(hits, 1))
        lines = "\n" * text.count("\n", self.start, self.end)
        subject = f"{self.variables[0]} " if self.goes_on else ""
        return f" VALUES {head} {{ {rows} }} {lines}{subject}"


# Pieces ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """What counts as one in a query. ``kind`` is one of _TERMS, ``word``, ``open``, ``close`` or
    ``other``; a string has its language with it, a ``typed`` one its datatype.
    """

    kind: str
    text: str
    start: int
    end: int


def _pieces(text: str, start: int) -> list[_Piece]:
    """The pieces of a query from a place on."""
    found: list[_Piece] = []
    for piece in _plain_pieces(text, start):
        last = found[-1] if found else None
        if last and last.kind == "string" and piece.kind == "language":
            found[-1] = _Piece("string", last.text, last.start, piece.end)
        elif last and last.text == "^^" and piece.kind in ("name", "iri") and len(found) > 1:
            found[-2:] = [_Piece("typed", "", found[-2].start, piece.end)]
        else:
            found.append(piece)
    return found


def _plain_pieces(text: str, start: int) -> Iterator[_Piece]:
    run = start  # where what tokens do not tell apart begins
    for token in tokens(text):
        kind = token.lastgroup or ""
        if token.start() < start or kind in ("blank", "local", "word", "escape", "other"):
            continue
        yield from _told_apart(text, run, token.start())
        if kind not in ("space", "comment"):
            yield _Piece(kind, token[0], token.start(), token.end())
        run = token.end()
    yield from _told_apart(text, run, len(text))


def _told_apart(text: str, start: int, end: int) -> Iterator[_Piece]:
    for match in _PLAIN.finditer(text, start, end):
        yield _Piece(match.lastgroup or "", match[0], match.start(), match.end())


# Reading --------------------------------------------------------------------------------------


class _State(Enum):
    """What is due in a group of triple patterns."""

    START = auto()  # a subject, a clause, or an end
    VERB = auto()
    PATH = auto()  # more of a property path, or an object
    OBJECT = auto()
    AFTER = auto()  # an object was there
    ASIDE = auto()  # a clause that is no triple pattern, up to its group or its expression


@dataclass(slots=True)
class _Frame:
    """What is between two brackets: the whole ``query``, a ``group``, a ``template``, the ``data``
    of VALUES, an ``expression``, a ``path``, a ``list``, a ``node`` or a ``quoted`` triple.
    """

    kind: str
    start: int = 0
    state: _State = _State.START
    clause: str = ""  # the word that leads the clause that is read
    subject: tuple[str, ...] = ()  # variables, while a statement has a subject and nothing else
    subject_start: int = 0
    items: list[_Piece] = field(default_factory=list)  # of a list
    words: dict[str, _Piece] = field(default_factory=dict)  # variable → what it stands for

    def has_subject(self, start: int, variables: tuple[str, ...]) -> None:
        """A statement has begun."""
        self.state, self.subject, self.subject_start = _State.VERB, variables, start


_STATEMENTS = ("group", "template", "node", "quoted")


class _Reader:
    """Goes through a query once, and knows where verbs stand."""

    def __init__(self, text: str, prologue_end: int, base: str) -> None:
        self._text = text
        self._prologue = text[:prologue_end]
        self._base = base or None
        self._known: dict[str, bool] = {}
        end = _Piece("other", "", len(text), len(text))
        self._pieces = [*_pieces(text, prologue_end), end, end]
        self._frames = [_Frame("query", state=_State.ASIDE)]
        self._has_template = False
        self._found: list[_Pattern] = []

    def patterns(self) -> list[_Pattern]:
        """The search patterns, in their order. Raises QueryRefused for one that stands wrongly."""
        for place, piece in enumerate(self._pieces[:-2]):
            frame = self._frames[-1]
            if piece.kind == "open":
                self._frames.append(self._opened(frame, place, piece))
            elif piece.kind == "close":
                self._close()
            elif frame.kind == "query":
                frame.clause = "VALUES" if piece.text.upper() == "VALUES" else frame.clause
            elif frame.kind == "list":
                frame.items.append(piece)
            elif frame.kind == "path" and self._is_search(piece):
                raise self._refusal(piece)
            elif frame.kind in _STATEMENTS:
                self._take(frame, place, piece)
        return self._found

    def _take(self, frame: _Frame, place: int, piece: _Piece) -> None:
        is_verb = piece.text == "a" and frame.state in (_State.VERB, _State.AFTER)
        if piece.kind in _TERMS or is_verb or piece.text.lower() in ("true", "false"):
            self._term(frame, place, piece)
        elif piece.kind == "word":
            self._clause(frame, place, piece.text.upper())
        elif frame.state is not _State.ASIDE:
            self._sign(frame, place, piece)

    def _term(self, frame: _Frame, place: int, piece: _Piece) -> None:
        match frame.state:
            case _State.START:
                is_variable = piece.kind == "variable"
                frame.has_subject(piece.start, (piece.text,) if is_variable else ())
            case _State.VERB | _State.AFTER:
                if self._is_search(piece):
                    self._found.append(self._pattern(frame, place))
                frame.state, frame.subject = _State.PATH, ()
            case _State.PATH | _State.OBJECT:
                frame.state = _State.AFTER

    def _clause(self, frame: _Frame, place: int, word: str) -> None:
        if frame.state is not _State.ASIDE or word == "VALUES":
            frame.clause, frame.state = word, _State.ASIDE
        _, variable, _, value, end, *_ = [*self._pieces[place : place + 5], *self._pieces[-5:]]
        if word == "VALUES" and variable.kind == "variable" and end.text == "}":
            frame.words[variable.text[1:]] = value

    def _sign(self, frame: _Frame, place: int, piece: _Piece) -> None:
        match piece.text:
            case ".":
                frame.state = _State.START
            case ";":
                frame.state, frame.subject = _State.VERB, ()
            case ",":
                frame.state = _State.OBJECT
            case "/" | "|" | "^" | "!" if frame.state in (_State.VERB, _State.PATH):
                frame.state, frame.subject = _State.VERB, ()
            case "<" if self._pieces[place + 1].text == "<":
                self._frames.append(_Frame("quoted", piece.start))
            case ">" if frame.kind == "quoted":
                self._close()

    # Brackets

    def _opened(self, frame: _Frame, place: int, piece: _Piece) -> _Frame:
        is_aside = frame.state is _State.ASIDE or frame.kind in ("expression", "data")
        match piece.text:
            case "{" if frame.state is _State.AFTER and self._pieces[place + 1].text == "|":
                return _Frame("node", piece.start, _State.VERB)  # an annotation
            case "{":
                return _Frame(self._group_kind(frame, place), piece.start)
            case _ if is_aside:
                return _Frame("expression", piece.start)
            case "[":
                return _Frame("node", piece.start, _State.VERB)
            case _ if frame.kind == "path" or frame.state is _State.VERB:
                return _Frame("path", piece.start)
        return _Frame("list", piece.start)

    def _group_kind(self, frame: _Frame, place: int) -> str:
        if frame.clause == "VALUES":
            return "data"
        is_construct = self._pieces[0].text.upper() == "CONSTRUCT"
        if frame.kind == "query" and is_construct and not self._has_template:
            self._has_template = True
            return "template"  # which is also a pattern in CONSTRUCT WHERE { … }
        return "group"

    def _close(self) -> None:
        if len(self._frames) == 1:
            return
        closed, frame = self._frames.pop(), self._frames[-1]
        match closed.kind:
            case "group" | "template" | "data":
                frame.clause = ""
                frame.state = _State.ASIDE if frame.kind == "query" else _State.START
            case "expression":
                if frame.clause in ("FILTER", "BIND"):
                    frame.state = _State.START
            case "path":
                frame.state = _State.PATH
            case _ if frame.kind == "list":
                frame.items.append(_Piece("node", "", closed.start, closed.start))
            case _ if frame.state is _State.START:
                frame.has_subject(closed.start, _two_variables(closed.items))
            case _:
                frame.state = _State.AFTER

    # Search

    def _is_search(self, piece: _Piece) -> bool:
        """Whether a name is that of the search predicate, as the engine reads it."""
        may_be = _LOCAL_NAME in piece.text or _LOCAL_NAME in self._prologue
        if piece.kind not in ("name", "iri") or not may_be:
            return False
        if piece.text not in self._known:
            asked = f"ASK {{ FILTER(sameTerm({piece.text}, {SEARCH})) }}"
            try:
                self._known[piece.text] = bool(self._answer(asked))
            except SyntaxError:  # a comparison that looks like an IRI, or no name at all
                self._known[piece.text] = False
        return self._known[piece.text]

    def _pattern(self, frame: _Frame, place: int) -> _Pattern:
        """The pattern whose verb stands at a place. Raises QueryRefused."""
        verb, words, *rest = self._pieces[place:]
        is_statement = frame.kind == "group" and frame.subject and rest[0].text != ","
        said = frame.words.get(words.text[1:]) if words.kind == "variable" else words
        is_nothing = said is not words and said is not None and said.text.upper() == "UNDEF"
        if not is_statement or said is None or not (said.kind == "string" or is_nothing):
            raise self._refusal(verb)
        more = list(takewhile(lambda piece: piece.text == ";", rest))
        return _Pattern(
            frame.subject_start,
            more[-1].end if more else words.end,
            frame.subject,
            "" if is_nothing else self._string(said),
            goes_on=bool(more) and rest[len(more)].text not in (".", "}", ""),
        )

    def _string(self, piece: _Piece) -> str:
        """What a string literal says."""
        found = self._answer(f"SELECT ({piece.text} AS ?words) {{}}")
        assert isinstance(found, QuerySolutions)
        value = next(found)[0]
        assert isinstance(value, Literal)
        return value.value

    def _answer(self, text: str) -> QuerySolutions | QueryBoolean:
        """What the engine says to a query without data, under this query's prologue.

        Raises SyntaxError as the engine would for the query itself.
        """
        found = Store().query(f"{self._prologue}\n{text}", base_iri=self._base)
        assert isinstance(found, QuerySolutions | QueryBoolean)
        return found

    def _refusal(self, piece: _Piece) -> QueryRefused:
        line = self._text.count("\n", 0, piece.start) + 1
        return QueryRefused(f"{_FORM[0].upper()}{_FORM[1:]}", line=line)


def _two_variables(items: Sequence[_Piece]) -> tuple[str, ...]:
    """The names in ``(?organisation ?rank)``; none in any other list."""
    names = tuple(item.text for item in items if item.kind == "variable")
    return names if len(names) == len(items) == 2 and names[0][1:] != names[1][1:] else ()
