"""W3C's cases for results in CSV, TSV and JSON, sent to ``/sparql``: all 10.

The data of a case are a graph of the snapshot, chosen for the query by ``default-graph-uri``.
Compared are columns by their names and rows by their order: the specification leaves open in which
order the columns of ``SELECT *`` come, and the engine sorts them. Numbers are compared by their
value: the store keeps values and not spellings, so that “1.0E6” of the cases ``csv03`` and ``tsv03``
is written 1000000, and their xsd:negativeInteger, a kind of xsd:integer, as xsd:integer.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from coopgraph.formats import ResultFormat, result_format
from coopgraph.namespaces import iri
from tests.web.suites.conftest import ROOT, Public
from tests.web.suites.manifests import ResultCase, result_cases

pytestmark = pytest.mark.suites("sparql11")

CASES = {case.name: case for case in result_cases()}
_KINDS = {
    iri("xsd:double"): iri("xsd:double"),
    iri("xsd:integer"): iri("xsd:integer"),
    iri("xsd:negativeInteger"): iri("xsd:integer"),
}


def name_of(data: Path) -> NamedNode:
    return NamedNode(f"{ROOT}/graph/{data.parent.name}-{data.stem}")


def quads() -> list[Quad]:
    files = {case.data for case in CASES.values()}
    return [
        Quad(*quad.triple, name_of(path))
        for path in files
        for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    ]


def form_of(case: ResultCase) -> ResultFormat:
    form = result_format(case.expected.suffix.replace("srj", "json")[1:])
    assert form is not None, case.expected
    return form


def content(body: bytes, form: ResultFormat) -> object:
    """Results as they can be compared: a truth, or rows, blank nodes named by their order."""
    if form.results == QueryResultsFormat.CSV:
        columns, *rows = csv.reader(io.StringIO(body.decode(), newline=""))
        return [
            {name: _cell(cell) for name, cell in zip(columns, row, strict=True)} for row in rows
        ]
    found = parse_query_results(body, format=form.results)
    if isinstance(found, QueryBoolean):
        return bool(found)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    labels: dict[BlankNode, str] = {}
    return [
        {name: _term(term, labels) for name, term in zip(names, row, strict=True)} for row in found
    ]


def _cell(cell: str) -> str:
    """A cell of CSV, which does not tell texts from numbers; a blank node is one, however called."""
    if cell.startswith("_:"):
        return "_:"
    try:
        return str(float(cell))
    except ValueError:
        return cell


def _term(term: object, labels: dict[BlankNode, str]) -> object:
    if isinstance(term, BlankNode):
        return labels.setdefault(term, f"_:{len(labels)}")
    if isinstance(term, Literal) and term.datatype in _KINDS:
        return float(term.value), _KINDS[term.datatype]
    return term


def test_all_cases_are_there() -> None:
    assert len(CASES) == 10
    assert {form_of(case).extension for case in CASES.values()} == {"csv", "tsv", "json"}
    assert len(quads()) == 6 + 7 + 6


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("by", ["accept", "format"])
def test_the_public_service_answers_as_expected(public: Public, name: str, by: str) -> None:
    case = CASES[name]
    form = form_of(case)
    asked = {"query": case.query, "default-graph-uri": name_of(case.data).value}
    response = public.showing(quads()).get(
        "/sparql",
        query_string=asked if by == "accept" else {**asked, "format": form.extension},
        headers={"Accept": form.media_type} if by == "accept" else {},
    )
    assert response.status_code == 200, response.text
    assert response.mimetype == form.media_type
    assert content(response.data, form) == content(case.expected.read_bytes(), form)
