"""Write the answer to a query, whole, in the form that was asked for.

In: what the engine found, and a file to write to. Out: the file filled with the results formats
of SPARQL 1.1, RDF, JSON-LD under our context, GeoJSON (RFC 7946), or rows for a page.
Specifications: https://www.w3.org/TR/sparql11-results-json/ and its kin.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    Triple,
    serialize,
)

from coopgraph.errors import UnfitForm
from coopgraph.formats import GEOJSON, graph_format, result_format
from coopgraph.jsonld import Vocabulary, to_jsonld
from coopgraph.namespaces import PREFIXES, iri
from coopgraph.query.run import Found, WholeGraph, refusal
from coopgraph.rdf import TripleIndex, used_prefixes
from coopgraph.standard import Standard
from coopgraph.standard.context import context

# The form of rows for a page, which no client can ask for.
ROWS = "rows"
MOST_ROWS = 1_000
_MOST_CELLS = 30_000
_MOST_ROWS_BYTES = 2 << 20
_LONGEST_CELL = 2_000

_CHUNK = 1 << 20
_LONGEST_CHARACTER = 4
_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_XML_NAME_END = re.compile(r"[^\W\d][\w.-]*$")
_XML = frozenset({"xml", "rdf"})
_WKT = iri("geo:wktLiteral")
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?"
_POINT = re.compile(
    r"(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*)?"
    rf"POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)",
    re.IGNORECASE,
)
_STRING = iri("xsd:string")
_BOOLEAN = iri("xsd:boolean")
_MOST_EXACT = 1 << 53  # of the integers that JSON's readers take for what they are


def _exact_integer(text: str) -> int:
    """Raises ValueError for one that a reader of JSON would round."""
    number = int(text)
    if abs(number) > _MOST_EXACT:
        raise ValueError(f"{number} would be rounded")
    return number


_READ: Mapping[NamedNode, Callable[[str], float]] = {
    iri("xsd:integer"): _exact_integer,
    iri("xsd:decimal"): float,
    iri("xsd:double"): float,
    iri("xsd:float"): float,
}
_Term = NamedNode | BlankNode | Literal | Triple
_Row = tuple[_Term | None, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """What JSON-LD is written with: the keys, and the context to put inside."""

    vocabulary: Vocabulary
    context: Mapping[str, Any]

    @classmethod
    def of(cls, standard: Standard) -> Language:
        """That of a standard."""
        return cls(Vocabulary(standard), context(standard)["@context"])


def write(
    found: Found,
    extension: str,
    output: BinaryIO,
    language: Callable[[], Language],
    context_url: str = "",
) -> None:
    """Write an answer to a file that can also be read.

    ``extension`` is that of a result or graph format, ``geojson`` or ``rows``. JSON-LD refers to
    the context at ``context_url``, or has it inside. Raises UnfitForm where the form cannot hold
    the answer, QueryRefused where an expression cannot be computed.
    """
    try:
        if isinstance(found, (tuple, WholeGraph)):
            _write_graph(found, extension, output, language, context_url)
        elif isinstance(found, QueryBoolean):
            _write_verdict(found, extension, output)
        else:
            _write_table(found, extension, output)
    except (RuntimeError, ValueError) as error:
        raise refusal(error) from None
    except OSError as error:
        if error.errno is not None:  # of the file, not of the engine
            raise
        raise refusal(error) from None
    if extension in _XML and not _fits_xml(output):
        raise UnfitForm("XML cannot hold every character of this answer; ask for another form.")


def _put(output: BinaryIO, data: bytes) -> None:
    """Write all of it. A file that reaches its largest size takes a part without a word, and
    fails only when more comes.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[output.write(rest) :]


def _write_table(found: QuerySolutions, extension: str, output: BinaryIO) -> None:
    chosen = result_format(extension)
    if chosen is not None:
        found.serialize(output, format=chosen.results)
    elif extension == ROWS:
        columns = [variable.value for variable in found.variables]
        _write_rows(columns, map(tuple, found), output)
    elif extension == GEOJSON.extension:
        _write_features(found, output)
    else:
        raise UnfitForm(f"The answer is a table, which “{extension}” cannot hold.")


def _write_verdict(found: QueryBoolean, extension: str, output: BinaryIO) -> None:
    """Yes or no; CSV and TSV, which have no form for it, get one word."""
    chosen = result_format(extension)
    if extension == ROWS:
        _put(output, orjson.dumps({"boolean": bool(found)}))
    elif extension in ("csv", "tsv"):
        _put(output, b"true\n" if found else b"false\n")
    elif chosen is not None:
        found.serialize(output, format=chosen.results)
    else:
        raise UnfitForm(f"The answer is yes or no, which “{extension}” cannot hold.")


def _write_graph(
    found: tuple[Triple, ...] | WholeGraph,
    extension: str,
    output: BinaryIO,
    language: Callable[[], Language],
    context_url: str,
) -> None:
    """Triples that a query gave, or a whole graph, which the engine writes as it reads it."""
    triples = found.triples() if isinstance(found, WholeGraph) else iter(found)
    chosen = graph_format(extension)
    if extension == ROWS:
        rows = ((t.subject, t.predicate, t.object) for t in triples)
        _write_rows(["subject", "predicate", "object"], rows, output)
    elif chosen is None:
        raise UnfitForm(f"The answer is a graph, which “{extension}” cannot hold.")
    elif extension == "jsonld":
        _write_jsonld(tuple(triples), output, language(), context_url)
    elif extension == "rdf" and not all(map(_has_xml_name, _predicates(found))):
        raise UnfitForm("RDF/XML cannot write a property that ends in no XML name.")
    elif isinstance(found, WholeGraph):
        found.store.dump(output, format=chosen.rdf, from_graph=found.name, prefixes=PREFIXES)
    else:
        serialize(found, output, format=chosen.rdf, prefixes=used_prefixes(found))


def _predicates(found: tuple[Triple, ...] | WholeGraph) -> Iterable[NamedNode]:
    return found.predicates() if isinstance(found, WholeGraph) else (t.predicate for t in found)


def _has_xml_name(predicate: NamedNode) -> bool:
    return _XML_NAME_END.search(predicate.value) is not None


def _write_jsonld(
    triples: tuple[Triple, ...], output: BinaryIO, language: Language, context_url: str
) -> None:
    if any(isinstance(triple.object, Triple) for triple in triples):
        raise UnfitForm("JSON-LD cannot hold a triple within a triple.")
    chosen = context_url or language.context
    _put(output, to_jsonld(TripleIndex(triples), language.vocabulary, chosen))


def _write_rows(columns: list[str], rows: Iterable[_Row], output: BinaryIO) -> None:
    """So many rows as a page shows, and whether there are more; long values shortened."""
    written: list[bytes] = []
    most = min(MOST_ROWS, max(1, _MOST_CELLS // max(1, len(columns))))
    left = _MOST_ROWS_BYTES
    has_more = False
    for row in rows:
        line = orjson.dumps([term and _short(as_json(term)) for term in row])
        left -= len(line)
        if len(written) == most or left < 0:
            has_more = True
            break
        written.append(line)
    head = orjson.dumps({"columns": columns, "more": has_more})
    _put(output, head[:-1] + b',"rows":[' + b",".join(written) + b"]}")


def _short(cell: dict[str, str]) -> dict[str, str]:
    """A literal that is too long for a table, cut, with a mark."""
    if cell["type"] == "literal" and len(cell["value"]) > _LONGEST_CELL:
        return {**cell, "value": cell["value"][:_LONGEST_CELL], "cut": "…"}
    return cell


def as_json(term: _Term) -> dict[str, str]:
    """A term in the form of SPARQL 1.1 JSON results; a triple within a triple as its text."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        return {"type": "literal", "value": str(term)}
    found = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype != _STRING:
        found["datatype"] = term.datatype.value
    return found


def _write_features(found: QuerySolutions, output: BinaryIO) -> None:
    """A feature for each solution that has a point. Raises UnfitForm where there is none."""
    columns = [variable.value for variable in found.variables]
    _put(output, b'{"type":"FeatureCollection","features":[')
    is_first, is_empty = True, True
    for solution in found:
        is_empty = False
        feature = _feature(columns, tuple(solution))
        if feature is not None:
            _put(output, (b"\n" if is_first else b",\n") + orjson.dumps(feature))
            is_first = False
    if is_first and not is_empty:
        raise UnfitForm("No solution has a point (a geo:wktLiteral), so this is no GeoJSON.")
    _put(output, b"\n]}\n")


def _feature(columns: list[str], row: _Row) -> dict[str, Any] | None:
    """The first point of a solution is its geometry; everything else are its properties."""
    points = list(_points(row))
    if not points:
        return None
    place, position = points[0]
    properties = {
        name: _property(term)
        for number, (name, term) in enumerate(zip(columns, row, strict=True))
        if number != place and term is not None
    }
    geometry = {"type": "Point", "coordinates": position}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _points(row: _Row) -> Iterator[tuple[int, tuple[float, float]]]:
    for place, term in enumerate(row):
        if isinstance(term, Literal) and term.datatype == _WKT:
            found = coordinates(term.value)
            if found is not None:
                yield place, found


def coordinates(wkt: str) -> tuple[float, float] | None:
    """Longitude and latitude of a point in WKT, None for what is no point.

    >>> coordinates("POINT(-72.6412 42.3251)")
    (-72.6412, 42.3251)
    """
    found = _POINT.fullmatch(wkt.strip())
    if found is None:
        return None
    longitude, latitude = float(found[1]), float(found[2])
    return (longitude, latitude) if math.isfinite(longitude) and math.isfinite(latitude) else None


def _property(term: _Term) -> str | float | bool:
    """A value as JSON has it: a number, a truth value or text."""
    if not isinstance(term, Literal):
        return str(term) if isinstance(term, Triple) else term.value
    if term.datatype == _BOOLEAN:
        return term.value == "true"
    read = _READ.get(term.datatype)
    try:
        return read(term.value) if read else term.value
    except ValueError:  # not a number, whatever its datatype says
        return term.value


def _fits_xml(output: BinaryIO) -> bool:
    """Whether XML 1.0 allows every character: a query can make some that it does not."""
    output.seek(0)
    tail = b""
    while chunk := output.read(_CHUNK):
        if _NOT_IN_XML.search(tail + chunk):
            return False
        tail = chunk[-_LONGEST_CHARACTER:]
    return True
