"""Read a request of the SPARQL 1.1 Protocol.

In: the request, and which operation it should be. Out: the one text it carries and the graphs
that were chosen beside it. Raises UsageError (400) for what is malformed and UnsupportedMediaType
(415) for a body of another kind. Specification: https://www.w3.org/TR/sparql11-protocol/#protocol.

The specification gives a form no parameters in its address. Graphs chosen there are read all the
same, as W3C's own cases send them: to ignore them would answer another question than was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from coopgraph.errors import UsageError

FORM = "application/x-www-form-urlencoded"
_UTF_8 = frozenset(("utf-8", "utf8", "us-ascii"))


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation travels: the parameter of its text, that text's own media type, and the
    parameters that choose default and named graphs.
    """

    parameter: str
    media_type: str
    default_graphs: str
    named_graphs: str


QUERY = Operation("query", "application/sparql-query", "default-graph-uri", "named-graph-uri")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client sent: at most one text, which is not blank, and the graphs chosen for it."""

    text: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


NOTHING = Asked(None)


def read_address(operation: Operation) -> Asked:
    """What the address of a GET asks; without a text and without graphs, nothing."""
    asked = _asked(operation, [_values(request.query_string)])
    if asked.text is None and (asked.default_graphs or asked.named_graphs):
        raise _missing(operation)
    return asked


def read_body(operation: Operation) -> Asked:
    """What a POST asks, as a form or with the text as its body; there always is a text."""
    address = _values(request.query_string)
    if request.mimetype not in (FORM, operation.media_type):
        raise UnsupportedMediaType(f"Send {FORM} or {operation.media_type}.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in _UTF_8:
        raise UnsupportedMediaType(f"Send the {operation.parameter} in UTF-8, not in {charset}.")
    if request.mimetype == FORM:
        asked = _asked(operation, [address, _values(request.get_data())])
    else:
        asked = _asked(operation, [address], [_text(request.get_data())])
    if asked.text is None:
        raise _missing(operation)
    return asked


def has_parameter(name: str) -> bool:
    """Whether the request carries a parameter, in its address or in a form."""
    request.get_data()  # kept for whoever reads the body, which the form would use up
    return name in request.values


def _asked(
    operation: Operation, sources: Sequence[MultiDict[str, str]], bodies: Sequence[str] = ()
) -> Asked:
    def all_of(parameter: str) -> tuple[str, ...]:
        return tuple(value for source in sources for value in source.getlist(parameter))

    texts = [*all_of(operation.parameter), *bodies]
    if len(texts) > 1:
        raise UsageError(f"There are {len(texts)} texts of a {operation.parameter}: send one.")
    if texts and not texts[0].strip():
        raise UsageError(f"The {operation.parameter} is empty.")
    return Asked(
        next(iter(texts), None), all_of(operation.default_graphs), all_of(operation.named_graphs)
    )


def _values(encoded: bytes) -> MultiDict[str, str]:
    """Parameters; ``+`` and percent signs are decoded."""
    try:
        return MultiDict(parse_qsl(_text(encoded), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise _not_utf_8() from None


def _text(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        raise _not_utf_8() from None


def _not_utf_8() -> UsageError:
    return UsageError("The request is not encoded in UTF-8.")


def _missing(operation: Operation) -> UsageError:
    return UsageError(
        f"There is no {operation.parameter}: send it in the parameter “{operation.parameter}”."
    )
