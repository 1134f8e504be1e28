"""Read W3C's SPARQL 1.1 cases: what each sends, and what it expects.

In: manifests below ``COOPGRAPH_SUITES/sparql11``. Out: plain objects; none where the folder is not
named, so that the tests over them are left out. Requests of the protocol are HTTP in RDF; those
of the Graph Store Protocol are texts of HTTP messages within comments.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from coopgraph.rdf import Term, TripleIndex

_CNT = "http://www.w3.org/2011/content#"
_HT = "http://www.w3.org/2011/http#"
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_UT = "http://www.w3.org/2009/sparql/tests/test-update#"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a protocol case. ``statuses`` are the first digits that may come; ``form`` is
    “boolean”, “tabular”, “RDF” or "".
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    verdict: bool | None
    form: str


@dataclass(frozen=True, slots=True)
class ProtocolCase:
    """Requests to send in their order, over these graphs (IRI → file)."""

    name: str
    requests: tuple[Request, ...]
    graphs: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """The first line of an HTTP message, its headers and its body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class GraphStoreCase:
    """A request and the response expected, with ``$HOST$`` and its kin left in."""

    name: str
    request: Message
    response: Message


@dataclass(frozen=True, slots=True)
class ResultCase:
    """A query over a file of data, and the file with the results expected."""

    name: str
    query: str
    data: Path
    expected: Path


def protocol_cases() -> list[ProtocolCase]:
    """All of ``protocol/``."""
    return [
        ProtocolCase(name, tuple(_requests(index, entry)), tuple(_graphs(index, entry)))
        for name, index, entry in _entries("protocol")
    ]


def graph_store_cases() -> list[GraphStoreCase]:
    """All of ``http-rdf-update/``."""
    found = []
    for name, index, entry in _entries("http-rdf-update"):
        [text] = [
            comment.value
            for comment in index.objects(entry, NamedNode(f"{_RDFS}comment"))
            if isinstance(comment, Literal) and "#### Request" in comment.value
        ]
        sent, _, answered = text.partition("#### Response")
        sent = sent.partition("#### Request")[2]
        found.append(GraphStoreCase(name, _message(sent), _message(answered)))
    return found


def service_description_cases() -> list[str]:
    """The names of all of ``service-description/``; what each asks stands in its title alone."""
    return [name for name, _, _ in _entries("service-description")]


def result_cases() -> list[ResultCase]:
    """All of ``csv-tsv-res/`` and ``json-res/``."""
    return [
        ResultCase(
            name,
            _path(_value(index, _value(index, entry, f"{_MF}action"), f"{_QT}query")).read_text(),
            _path(_value(index, _value(index, entry, f"{_MF}action"), f"{_QT}data")),
            _path(_value(index, entry, f"{_MF}result")),
        )
        for folder in ("csv-tsv-res", "json-res")
        for name, index, entry in _entries(folder)
    ]


def _entries(folder: str) -> Iterator[tuple[str, TripleIndex, Term]]:
    """The entries of a manifest in their order, each with its short name."""
    suites = os.environ.get("COOPGRAPH_SUITES")
    manifest = Path(suites or "", "sparql11", folder, "manifest.ttl").resolve()
    if not suites or not manifest.is_file():
        return
    quads = parse(manifest.read_bytes(), format=RdfFormat.TURTLE, base_iri=manifest.as_uri())
    index = TripleIndex(quad.triple for quad in quads)
    [entries] = index.objects(NamedNode(manifest.as_uri()), NamedNode(f"{_MF}entries"))
    for entry in index.items(entries):
        assert isinstance(entry, NamedNode)
        yield entry.value.rpartition("#")[2], index, entry


def _requests(index: TripleIndex, entry: Term) -> Iterator[Request]:
    action = _value(index, entry, f"{_MF}action")
    for request in index.items(_value(index, action, f"{_HT}requests")):
        response = _value(index, request, f"{_HT}resp")
        verdict = _texts(index, response, f"{_MF}expectedBoolean")
        statuses = index.objects(response, NamedNode(f"{_MF}expectedStatus"))
        yield Request(
            _text(index, request, f"{_HT}methodName"),
            _text(index, request, f"{_HT}absolutePath").replace("/sparql/", "/sparql", 1),
            tuple(_headers(index, request)),
            _body(index, request),
            frozenset(_code(status) for status in statuses),
            verdict[0] == "true" if verdict else None,
            "".join(_texts(index, response, f"{_MF}expectedFormat")),
        )


def _headers(index: TripleIndex, request: Term) -> Iterator[tuple[str, str]]:
    for headers in index.objects(request, NamedNode(f"{_HT}headers")):
        for header in index.items(headers):
            yield (
                _text(index, header, f"{_HT}fieldName"),
                _text(index, header, f"{_HT}fieldValue"),
            )


def _body(index: TripleIndex, request: Term) -> bytes | None:
    """The body in the encoding that the case states."""
    body = index.value(request, NamedNode(f"{_HT}body"))
    if body is None:
        return None
    encoding = _text(index, body, f"{_CNT}characterEncoding")
    return _text(index, body, f"{_CNT}chars").encode(encoding)


def _code(status: Term) -> str:
    """The first digit of ``hts:StatusCode4xx``."""
    assert isinstance(status, NamedNode)
    digits = status.value.rpartition("StatusCode")[2]
    assert digits[1:] == "xx", status
    return digits[0]


def _graphs(index: TripleIndex, entry: Term) -> Iterator[tuple[str, Path]]:
    for graph in index.objects(entry, NamedNode(f"{_UT}graphData")):
        yield _text(index, graph, f"{_RDFS}label"), _path(_value(index, graph, f"{_UT}graph"))


def _message(text: str) -> Message:
    """An HTTP message that stands indented in Markdown."""
    head, _, body = textwrap.dedent(text).strip("\n ").partition("\n\n")
    start, *lines = head.splitlines()
    headers = (line.partition(":") for line in lines)
    return Message(start, tuple((name, value.strip()) for name, _, value in headers), body.strip())


def _texts(index: TripleIndex, subject: Term, predicate: str) -> list[str]:
    found = index.objects(subject, NamedNode(predicate))
    return [term.value for term in found if isinstance(term, Literal)]


def _text(index: TripleIndex, subject: Term, predicate: str) -> str:
    [text] = _texts(index, subject, predicate)
    return text


def _value(index: TripleIndex, subject: Term, predicate: str) -> Term:
    found = index.value(subject, NamedNode(predicate))
    assert found is not None, f"{subject} has no {predicate}"
    return found


def _path(iri: Term) -> Path:
    assert isinstance(iri, NamedNode)
    return Path(unquote(urlsplit(iri.value).path))
