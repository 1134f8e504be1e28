"""Read the manifests of the W3C data-shapes test suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from coopgraph.rdf import Term, TripleIndex
from coopgraph.validation import Violation
from coopgraph.validation.paths import compile_path
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import sh

_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT = "http://www.w3.org/ns/shacl-test#"

Result = tuple[Term, str | None, NamedNode, Term | None]


@dataclass(frozen=True)
class Case:
    """One ``sht:Validate`` entry: two graphs and the results expected of them."""

    name: str
    data: list[Triple]
    shapes: list[Triple]
    expected: Counter[Result]


def read_cases(manifest: Path) -> Iterator[Case]:
    """The cases of a manifest and of all manifests it includes."""
    triples = _read(manifest)
    index = TripleIndex(triples)
    root = _file_iri(manifest)
    for include in index.objects(root, NamedNode(f"{_MF}include")):
        yield from read_cases(_path(include))
    for entries in index.objects(root, NamedNode(f"{_MF}entries")):
        for entry in index.items(entries):
            yield _case(index, triples, entry)


def summarise(violations: Iterable[Violation]) -> Counter[Result]:
    """Violations as a multiset of (focus, path, component, value)."""
    return Counter((v.focus, v.path, v.component, v.value) for v in violations)


def _case(index: TripleIndex, triples: list[Triple], entry: Term) -> Case:
    action = _one(index, entry, f"{_MF}action")
    report = _one(index, entry, f"{_MF}result")
    name = _path(entry)
    return Case(
        f"{name.parent.name}/{name.name}",
        _read(_path(_one(index, action, f"{_SHT}dataGraph"))),
        _read(_path(_one(index, action, f"{_SHT}shapesGraph"))),
        Counter(_result(index, triples, r) for r in index.objects(report, sh("result"))),
    )


def _result(index: TripleIndex, triples: list[Triple], result: Term) -> Result:
    focus = index.value(result, sh("focusNode"))
    component = index.value(result, sh("sourceConstraintComponent"))
    path = index.value(result, sh("resultPath"))
    assert focus is not None
    assert isinstance(component, NamedNode)
    text = None if path is None else compile_path(Source(triples), result, path).text
    return focus, text, component, index.value(result, sh("value"))


def _one(index: TripleIndex, subject: Term, predicate: str) -> Term:
    value = index.value(subject, NamedNode(predicate))
    assert value is not None, f"{subject} has no {predicate}"
    return value


def _read(path: Path) -> list[Triple]:
    # Blank nodes keep their labels: the results of a report name those of the data.
    text = path.read_bytes()
    return [q.triple for q in parse(text, format=RdfFormat.TURTLE, base_iri=path.as_uri())]


def _file_iri(path: Path) -> NamedNode:
    return NamedNode(path.as_uri())


def _path(iri: Term) -> Path:
    assert isinstance(iri, NamedNode)
    return Path(unquote(urlsplit(iri.value).path))
