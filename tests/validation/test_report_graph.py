"""A report in RDF is the one that pySHACL writes, but for messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyshacl
import rdflib
from pyoxigraph import NamedNode, Triple
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SH

from coopgraph.rdf import to_rdflib
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.report_graph import report_graph
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import sh

Turtle = Callable[[str], list[Triple]]

# What a report has to say (section 3.6). Messages are for each validator to word.
_PREDICATES = (
    SH.focusNode,
    SH.value,
    SH.resultPath,
    SH.resultSeverity,
    SH.sourceConstraintComponent,
    SH.sourceConstraint,
)


def essence(report: rdflib.Graph) -> rdflib.Graph:
    """A report without messages, details, and what it says of the shapes beside their names.

    Shapes without a name are as good as any other of the kind: the two graphs do not share
    blank nodes.
    """
    kept = rdflib.Graph()
    [node] = report.subjects(RDF.type, SH.ValidationReport)
    kept.add((node, SH.conforms, report.value(node, SH.conforms)))
    for result in report.objects(node, SH.result):
        kept.add((node, SH.result, result))
        kept.add((result, RDF.type, report.value(result, RDF.type)))
        for predicate in (*_PREDICATES, SH.sourceShape):
            for value in report.objects(result, predicate):
                kept.add((result, predicate, value))
        path = report.value(result, SH.resultPath)
        pending = [path] if isinstance(path, rdflib.BNode) else []
        while pending:
            current = pending.pop()
            for _, predicate, value in report.triples((current, None, None)):
                kept.add((current, predicate, value))
                if isinstance(value, rdflib.BNode):
                    pending.append(value)
    return kept


def ours(data: Iterable[Triple], shapes: list[Triple]) -> rdflib.Graph:
    violations = compile_any(shapes).validate(data)
    return essence(to_rdflib(report_graph(violations, Source(shapes))))


def theirs(data: Iterable[Triple], shapes: list[Triple]) -> rdflib.Graph:
    _, report, _ = pyshacl.validate(
        to_rdflib(data), shacl_graph=to_rdflib(shapes), inference="none", advanced=False
    )
    assert isinstance(report, rdflib.Graph)
    return essence(report)


SHAPES = """
:S sh:targetClass :C ; sh:nodeKind sh:BlankNode ;
    sh:property :Plain, :Long, :Node ; sh:sparql :Query .
:Plain sh:path :p ; sh:maxCount 1 ; sh:severity sh:Warning ; sh:message "One."@en, "Eins."@de .
:Long sh:path ( :p [ sh:inversePath :q ] [ sh:alternativePath ( :p [ sh:zeroOrMorePath :q ] ) ] ) ;
    sh:nodeKind sh:Literal .
:Node sh:path :q ; sh:node [ sh:property [ sh:path :p ; sh:minCount 1 ] ] .
:Query sh:select "SELECT $this ?path ?value { $this ?path ?value FILTER (isLiteral(?value)) }" .
"""
DATA = ':x a :C ; :p :y, "a" ; :q 1, [ ], [ :p 2 ] . :z :q :y, :x . [] a :C ; :p :y .'


def test_report_is_that_of_pyshacl(turtle: Turtle) -> None:
    data, shapes = turtle(DATA), turtle(SHAPES)

    report = ours(data, shapes)

    assert len(set(report.objects(None, SH.sourceConstraintComponent))) == 4
    assert isomorphic(report, theirs(data, shapes))


def test_report_of_data_that_conform_says_so(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetClass :C ; sh:nodeKind sh:IRI .")
    data = turtle(":x a :C .")

    assert isomorphic(ours(data, shapes), theirs(data, shapes))
    assert len(ours(data, shapes)) == 1


def test_a_path_that_two_results_share_is_written_once(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetNode :x, :y ; sh:path ( :p :q ) ; sh:minCount 1 .")
    violations = compile_any(shapes).validate([])

    report = list(report_graph(violations, Source(shapes)))

    assert len(report) == len(set(report))
    assert len({t.object for t in report if t.predicate == sh("resultPath")}) == 1


def test_report_tells_what_it_is_about() -> None:
    name = NamedNode("http://example.org/shapes")

    report = report_graph([], Source([]), remarks=["Checked."], derived_from=[name])

    told = {str(triple.object) for triple in report}
    assert {str(name), '"Checked."@en'} <= told
