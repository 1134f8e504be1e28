"""The W3C data-shapes test suite, its core part and its SPARQL part: every case passes.

A case gives a data graph, a shapes graph and the report expected of them, or says that they have
to be refused; reports are compared as multisets of (focus node, path, constraint component,
value).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from coopgraph.errors import ShapeError
from coopgraph.rdf import Term, TripleIndex
from coopgraph.validation import Violation, compile_shapes
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.paths import compile_path
from coopgraph.validation.reference import validate_reference
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import sh

_SUITE = Path(os.environ.get("COOPGRAPH_SUITES", "")).resolve() / "shacl"
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT = "http://www.w3.org/ns/shacl-test#"

_PYSHACL_DIFFERS = {"property/uniqueLang-002": 'it takes "1"^^xsd:boolean for true'}

_Result = tuple[Term, str | None, NamedNode, Term | None]


@dataclass(frozen=True)
class Case:
    """One ``sht:Validate`` entry of a manifest."""

    name: str
    data: list[Triple]
    shapes: list[Triple]
    expected: Counter[_Result] | None  # None where the shapes are to be refused


def _cases(manifest: Path) -> Iterator[Case]:
    """The cases of a manifest and of the manifests it includes."""
    triples = _read(manifest)
    index = TripleIndex(triples)
    root = NamedNode(manifest.as_uri())
    for include in index.objects(root, NamedNode(f"{_MF}include")):
        yield from _cases(_path(include))
    for entries in index.objects(root, NamedNode(f"{_MF}entries")):
        for entry in index.items(entries):
            yield _case(index, Source(triples), entry)


def _case(index: TripleIndex, source: Source, entry: Term) -> Case:
    action = _value(index, entry, f"{_MF}action")
    report = _value(index, entry, f"{_MF}result")
    place = _path(entry)
    results = index.objects(report, sh("result"))
    return Case(
        f"{place.parent.name}/{place.name}",
        _read(_path(_value(index, action, f"{_SHT}dataGraph"))),
        _read(_path(_value(index, action, f"{_SHT}shapesGraph"))),
        None
        if report == NamedNode(f"{_SHT}Failure")
        else Counter(_result(index, source, result) for result in results),
    )


def _result(index: TripleIndex, source: Source, result: Term) -> _Result:
    focus = _value(index, result, sh("focusNode").value)
    component = _value(index, result, sh("sourceConstraintComponent").value)
    path = index.value(result, sh("resultPath"))
    assert isinstance(component, NamedNode)
    text = None if path is None else compile_path(source, result, path).text
    return focus, text, component, index.value(result, sh("value"))


def _value(index: TripleIndex, subject: Term, predicate: str) -> Term:
    value = index.value(subject, NamedNode(predicate))
    assert value is not None, f"{subject} has no {predicate}"
    return value


def _read(path: Path) -> list[Triple]:
    # Blank nodes keep their labels, as the expected results name those of the data.
    text = path.read_bytes()
    return [q.triple for q in parse(text, format=RdfFormat.TURTLE, base_iri=path.as_uri())]


def _path(iri: Term) -> Path:
    assert isinstance(iri, NamedNode)
    return Path(unquote(urlsplit(iri.value).path))


def _results(violations: list[Violation]) -> Counter[_Result]:
    return Counter((v.focus, v.path, v.component, v.value) for v in violations)


def _part(name: str, count: int) -> dict[str, Case]:
    manifest = _SUITE / name / "manifest.ttl"
    assert manifest.is_file(), "COOPGRAPH_SUITES should name the folder that holds shacl/"
    found = {case.name: case for case in _cases(manifest)}
    assert len(found) == count
    return found


CORE = _part("core", 98)
SPARQL = _part("sparql", 22)
# What is left to pySHACL: constraint components of the shapes' own.
BY_PYSHACL = {name for name in SPARQL if name.startswith("component/")} | {
    "pre-binding/unsupported-sparql-006"
}
# $shapesGraph need not be there (section 5.3.1), and neither pySHACL has it nor we.
NOBODY = {"pre-binding/shapesGraph-001"}


@pytest.mark.parametrize("name", CORE)
def test_report_is_the_one_expected(name: str) -> None:
    case = CORE[name]

    violations = compile_shapes(case.shapes).validate(case.data)

    assert _results(violations) == case.expected


@pytest.mark.parametrize("name", sorted(CORE.keys() - _PYSHACL_DIFFERS))
def test_reference_report_is_the_one_expected(name: str) -> None:
    case = CORE[name]

    violations = validate_reference(case.data, case.shapes)

    assert _results(violations) == case.expected


@pytest.mark.parametrize("name", sorted(SPARQL.keys() - NOBODY))
def test_queries_of_shapes_report_what_is_expected(name: str) -> None:
    case = SPARQL[name]

    if case.expected is None:
        with pytest.raises(ShapeError):
            compile_any(case.shapes).validate(case.data)
        return
    validator = compile_any(case.shapes)

    assert _results(validator.validate(case.data)) == case.expected
    assert bool(validator.not_compiled) == (name in BY_PYSHACL)


@pytest.mark.parametrize("name", sorted(NOBODY))
def test_what_nobody_checks_is_refused(name: str) -> None:
    with pytest.raises(ShapeError, match="shapesGraph"):
        compile_any(SPARQL[name].shapes)
