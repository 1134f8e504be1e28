"""Violations as a standard report in RDF (section 3.6): ``sh:ValidationReport``.

In: violations, the shapes they come from, remarks. Out: triples. The report, its results and the
paths copied from the shapes are blank nodes, named in the order of the violations, so that equal
violations give equal triples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term
from coopgraph.validation.report import Violation
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import RDF_TYPE, XSD_BOOLEAN, sh

# The hyphen keeps these apart from the blank nodes of data and shapes.
_REPORT = BlankNode("the-report")
_PATH = sh("path")


def report_graph(
    violations: Iterable[Violation],
    shapes: Source,
    *,
    remarks: Iterable[str] = (),
    derived_from: Iterable[NamedNode] = (),
) -> Iterator[Triple]:
    """The report. ``derived_from`` names what was checked against; ``remarks`` are comments on the
    report as a whole. As the specification has it, a warning too means that data do not conform.
    """
    violations = list(violations)
    conforms = "false" if violations else "true"
    yield Triple(_REPORT, RDF_TYPE, sh("ValidationReport"))
    yield Triple(_REPORT, sh("conforms"), Literal(conforms, datatype=XSD_BOOLEAN))
    for name in derived_from:
        yield Triple(_REPORT, iri("prov:wasDerivedFrom"), name)
    for remark in remarks:
        yield Triple(_REPORT, iri("rdfs:comment"), Literal(remark, language="en"))
    paths: set[Term] = set()
    for number, violation in enumerate(violations, start=1):
        node = BlankNode(f"result-{number}")
        yield Triple(_REPORT, sh("result"), node)
        yield from _result(node, violation)
        yield from _path(node, violation, shapes, paths)


def _result(node: BlankNode, violation: Violation) -> Iterator[Triple]:
    """Section 3.6.2, but for the path."""
    yield Triple(node, RDF_TYPE, sh("ValidationResult"))
    yield Triple(node, sh("focusNode"), violation.focus)
    if violation.value is not None:
        yield Triple(node, sh("value"), violation.value)
    for message in violation.messages:
        yield Triple(node, sh("resultMessage"), message)
    yield Triple(node, sh("resultSeverity"), violation.severity)
    yield Triple(node, sh("sourceConstraintComponent"), violation.component)
    if violation.constraint is not None:
        yield Triple(node, sh("sourceConstraint"), violation.constraint)
    yield Triple(node, sh("sourceShape"), violation.shape)


def _path(
    node: BlankNode, violation: Violation, shapes: Source, copied: set[Term]
) -> Iterator[Triple]:
    """Section 3.6.2.2: the path, as an IRI, or with the nodes that the shape writes it with."""
    if violation.path is None:
        return
    if "<" not in violation.path:  # as paths that are no IRI have
        yield Triple(node, sh("resultPath"), NamedNode(violation.path))
        return
    for path in shapes.values(violation.shape, _PATH):
        yield Triple(node, sh("resultPath"), path)
        yield from _copy(path, shapes, copied)


def _copy(node: Term, shapes: Source, copied: set[Term]) -> Iterator[Triple]:
    """What the shapes say of the blank nodes of a path, each once."""
    pending = [node]
    while pending:
        current = pending.pop()
        if not isinstance(current, BlankNode) or current in copied:
            continue
        copied.add(current)
        yield from _description(current, shapes, pending)


def _description(node: Subject, shapes: Source, pending: list[Term]) -> Iterator[Triple]:
    for predicate in shapes.predicates(node):
        for value in shapes.values(node, predicate):
            yield Triple(node, predicate, value)
            pending.append(value)
