"""Are two answers to a query the same? In: bodies of answers. Out: what can be compared.

Tables are multisets of solutions, graphs are sets of triples. A blank node goes by what is said
around it, as its label says nothing. Numbers go by their value, as servers write them differently;
doubles by 9 digits, as a distance may be computed in another order.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Row = tuple[tuple[str, str], ...]
Answer = Counter[Row]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_INEXACT = (f"{_XSD}double", f"{_XSD}float")
_EXACT = tuple(f"{_XSD}{name}" for name in ("integer", "decimal", "int", "long"))
_BLANK = "_:"
_ROUNDS = 4


def table(body: bytes) -> Answer:
    """What SPARQL 1.1 JSON results say, in any order."""
    found = json.loads(body)
    if "boolean" in found:
        return Counter([(("", str(found["boolean"])),)])
    bindings = found["results"]["bindings"]
    return _named([tuple(sorted((n, _term(t)) for n, t in row.items())) for row in bindings])


def graph(body: bytes) -> Answer:
    """What N-Triples say, each triple once."""
    triples = {quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)}
    return Counter(_named([_row(triple) for triple in triples]).keys())


READERS: dict[str, Callable[[bytes], Answer]] = {"table": table, "graph": graph}


def difference(ours: Answer, theirs: Answer) -> str:
    """What only one of two answers holds, "" where they are the same."""
    alone = [f"only {side} has {min(rows)}" for side, rows in _alone(ours, theirs) if rows]
    return "; ".join(alone)


def _alone(ours: Answer, theirs: Answer) -> Iterator[tuple[str, Answer]]:
    yield "the first", ours - theirs
    yield "the second", theirs - ours


def _row(triple: Triple) -> Row:
    parts = (("s", triple.subject), ("p", triple.predicate), ("o", triple.object))
    return tuple((name, _written(term)) for name, term in parts)


def _written(term: NamedNode | BlankNode | Literal | Triple) -> str:
    if isinstance(term, Literal):
        return _literal(term.value, term.language or "", term.datatype.value)
    return str(term)


def _term(term: Mapping[str, str]) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return _BLANK + term["value"]
    return _literal(term["value"], term.get("xml:lang", ""), term.get("datatype", ""))


def _literal(value: str, language: str, datatype: str) -> str:
    if language:
        return f"{json.dumps(value)}@{language.lower()}"
    try:
        if datatype in _INEXACT:
            return f"{float(value):.9g}"
        if datatype in _EXACT:
            return f"{Decimal(value).normalize():f}"
    except (ValueError, InvalidOperation):
        return f"{json.dumps(value)}^^{datatype}"
    return f"{json.dumps(value)}^^{datatype.removeprefix(f'{_XSD}string')}"


def _named(rows: list[Row]) -> Answer:
    """The rows, with names for blank nodes that follow from the rows they stand in."""
    names = {cell: "" for row in rows for _, cell in row if cell.startswith(_BLANK)}
    for _ in range(_ROUNDS if names else 0):
        seen: dict[str, list[str]] = {cell: [] for cell in names}
        for row in rows:
            for place, (column, cell) in enumerate(row):
                if cell in names:
                    seen[cell].append(f"{place}{column}{_renamed(row, names)}")
        names = {cell: _digest(sorted(lines)) for cell, lines in seen.items()}
    return Counter(_renamed(row, names) for row in rows)


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return tuple((column, _BLANK + names[c] if c in names else c) for column, c in row)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
