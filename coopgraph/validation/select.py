"""The SELECT query of a shape, made ready to be asked about one focus node after another.

In: the text of ``sh:select``, the prefixes declared for it, the path of its shape. Out: a
``Question``; or QueryRefused where SHACL forbids what the query does, or ``BeyondEngine`` where
the query is sound and another has to answer it.

Pre-binding: ``$this`` has its value in every group of a query, inside a sub-select or a filter
too. The engine's own substitution leaves groups out that mention ``$this`` in a filter or BIND
alone. So the focus node also stands in a graph that holds nothing else, and every group begins by
reading it: a constant text, with nothing of the data or of the user in it.
Specification: https://www.w3.org/TR/shacl/ sections 5.1 to 5.3, and appendix A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, QuerySolutions, Store, Variable

from coopgraph.errors import QueryRefused
from coopgraph.scan import scan, tokens

MOST_BYTES = 65_536
MOST_DEPTH = 64

FOCUS = NamedNode("urn:x-coopgraph:focus")
THIS = Variable("this")
_READ_FOCUS = f" GRAPH {FOCUS} {{ {FOCUS} {FOCUS} ?this }} "
_PRE_BOUND = frozenset({"this", "shapesGraph", "currentShape"})
_FORBIDDEN = frozenset({"MINUS", "VALUES"})
_ONE_GRAPH = "A shape is about the data that are checked, which are one graph"
_KNOWN_FUNCTIONS = ("xsd", "geof")

_Token = re.Match[str]


class BeyondEngine(Exception):
    """A query that is sound and not asked here; the text completes “uses sh:sparql …”."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query that is ready; ``names`` are the variables it answers with."""

    text: str
    prefixes: Mapping[str, str]
    names: tuple[str, ...]


def refuse_reaching_out(text: str) -> None:
    """Refuse a query that would ask another server or read other graphs, or that is too deep
    or too long. Raises QueryRefused.
    """
    found = scan(text, most_bytes=MOST_BYTES, most_depth=MOST_DEPTH)
    if found.default_graphs or found.named_graphs:
        raise QueryRefused(f"{_ONE_GRAPH}: FROM is not run here.")


def question(text: str, prefixes: Mapping[str, str], path: str | None) -> Question:
    """The query of ``sh:select`` for a shape with that ``path`` (as SPARQL writes it).

    Raises QueryRefused, BeyondEngine.
    """
    refuse_reaching_out(text)
    found = scan(text, most_bytes=MOST_BYTES, most_depth=MOST_DEPTH)
    if found.form != "SELECT":
        raise QueryRefused("sh:select needs a SELECT query.")
    if found.is_doubtful:
        raise BeyondEngine("with text that can be read in two ways")
    ready = _with_focus(text, found.prologue_end, path)
    return Question(ready, prefixes, _names(ready, prefixes))


def _names(text: str, prefixes: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of the answer, as the engine understands the query."""
    try:
        found = Store().query(text, prefixes=dict(prefixes), substitutions={THIS: FOCUS})
    except (SyntaxError, ValueError) as error:
        raise BeyondEngine(f"with a query that the engine does not take ({error})") from error
    except RuntimeError as error:
        raise BeyondEngine("with a query that does not select $this") from error
    assert isinstance(found, QuerySolutions)
    names = tuple(variable.value for variable in found.variables)
    if "failure" in names:
        raise BeyondEngine("with ?failure")
    return names


def _with_focus(text: str, start: int, path: str | None) -> str:
    """The text with the focus node read in every group, and with the path for ``$PATH``."""
    found = [t for t in tokens(text) if t.lastgroup not in ("space", "comment")]
    parts: list[str] = []
    copied = 0
    for place, token in enumerate(found):
        if token.start() < start:
            continue
        _refuse(found, place)
        if token.lastgroup == "variable" and token[0][1:] == "PATH":
            parts += text[copied : token.start()], _as_predicate(path)
            copied = token.end()
        elif token[0] == "{" and not _opens_select(found, place):
            parts += text[copied : token.end()], _READ_FOCUS
            copied = token.end()
    return "".join((*parts, text[copied:]))


def _as_predicate(path: str | None) -> str:
    if path is None:
        raise QueryRefused("The query uses $PATH, and its shape has no path.")
    return f"({path})" if "<" in path else f"<{path}>"


def _opens_select(found: Sequence[_Token], place: int) -> bool:
    """Whether a brace opens a sub-select; one has to select what is pre-bound (section 5.3.1)."""
    following = found[place + 1] if place + 1 < len(found) else None
    if following is None or following[0].upper() != "SELECT":
        return False
    if "this" not in set(_selected(found, place + 2)):
        raise QueryRefused(
            "A SELECT inside of the query has to select $this by name; SHACL wants it.",
        )
    return True


def _selected(found: Sequence[_Token], place: int) -> Iterator[str]:
    """The variables between SELECT and its group, at the depth of SELECT itself."""
    depth = 0
    for token in found[place:]:
        if token[0] == "{":
            return
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "variable" and depth == 0:
            yield token[0][1:]


def _refuse(found: Sequence[_Token], place: int) -> None:
    """Refuse what SHACL forbids, and what is not asked here, at one token."""
    token = found[place]
    following = found[place + 1] if place + 1 < len(found) else None
    if token.lastgroup == "word" and not _is_prefix(token, following):
        _refuse_word(token[0].upper(), following)
    elif token.lastgroup == "variable" and token[0][1:] in _PRE_BOUND - {"this"}:
        _refuse_variable(token[0])
    elif token[0] == "{" and following is not None and following[0] == "|":
        raise BeyondEngine("with annotations")
    if following is not None and following[0] == "(" and _is_own_function(found, place):
        raise BeyondEngine("with a function of its own")


def _refuse_variable(name: str) -> None:
    if name[1:] == "shapesGraph":
        raise QueryRefused(f"{_ONE_GRAPH}: {name} is not given here.")
    raise BeyondEngine(f"with {name}")


def _refuse_word(word: str, following: _Token | None) -> None:
    if word in _FORBIDDEN:
        raise QueryRefused(f"SHACL forbids {word} in the queries of shapes.")
    if word == "GRAPH":
        raise QueryRefused(f"{_ONE_GRAPH}: GRAPH is not run here.")
    is_variable = following is not None and following.lastgroup == "variable"
    if word == "AS" and is_variable and following is not None and following[0][1:] in _PRE_BOUND:
        raise QueryRefused(f"SHACL forbids to give {following[0]} another value.")


def _is_prefix(token: _Token, following: _Token | None) -> bool:
    """Whether a word is the prefix of a name."""
    return (
        following is not None
        and following.lastgroup == "local"
        and following.start() == token.end()
    )


def _is_own_function(found: Sequence[_Token], place: int) -> bool:
    """Whether a name that is called is no function of SPARQL, XML Schema or GeoSPARQL."""
    token = found[place]
    if token.lastgroup == "iri":
        return True
    if token.lastgroup != "local":
        return False
    before = found[place - 1] if place else None
    return not (before is not None and before[0] in _KNOWN_FUNCTIONS and _is_prefix(before, token))
