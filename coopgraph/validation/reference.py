"""The same report by pySHACL: for small or unusual graphs, and as the measure of the fast path.

pySHACL reads rdflib graphs, so triples cross the bridge (``coopgraph.rdf``) both ways. Nothing
is inferred, nothing is fetched: ``owl:imports`` is not followed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import cast

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode, Triple
from rdflib.namespace import SH

from coopgraph.errors import ShapeError
from coopgraph.rdf import Term, from_rdflib, from_rdflib_term, to_rdflib
from coopgraph.validation.paths import compile_path
from coopgraph.validation.report import Violation
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import SH as SHACL
from coopgraph.validation.vocabulary import sh


def validate_reference(
    data: Iterable[Triple], shapes: Iterable[Triple], *, advanced: bool = False
) -> list[Violation]:
    """The violations of ``data``, as pySHACL finds them, in no particular order.

    ``data`` includes the class hierarchy and the code lists, if the shapes need them. Messages
    are those the shapes declare; pySHACL's own wording is left out, but for constraints that are
    not of SHACL Core. ``advanced`` adds SHACL's advanced features. Raises ``ShapeError`` for
    shapes pySHACL refuses, or fails on.
    """
    shapes = list(shapes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pySHACL warns of what it then does all the same
            _, report, text = pyshacl.validate(
                to_rdflib(data),
                shacl_graph=to_rdflib(shapes),
                inference="none",
                advanced=advanced,
                do_owl_imports=False,
                meta_shacl=False,
            )
    except Exception as error:  # it lets through whatever its parts raise: rdflib, re, pyparsing
        raise ShapeError(f"pySHACL cannot check the shapes: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise ShapeError(f"pySHACL cannot check the shapes: {text}")
    source = Source(shapes)
    paths = Source(from_rdflib(report))
    # Results under sh:detail explain another result; they are not of the report itself.
    results = report.objects(None, SH.result)
    return [_violation(report, result, source, paths) for result in results]


def _violation(
    report: rdflib.Graph, result: rdflib.term.Node, source: Source, paths: Source
) -> Violation:
    focus, component, severity, shape = (
        _term(report, result, predicate)
        for predicate in (
            SH.focusNode,
            SH.sourceConstraintComponent,
            SH.resultSeverity,
            SH.sourceShape,
        )
    )
    assert focus is not None
    assert shape is not None
    path = _term(report, result, SH.resultPath)
    constraint = _term(report, result, SH.sourceConstraint)
    return Violation(
        focus,
        None if path is None else compile_path(paths, shape, path).text,
        _term(report, result, SH.value),
        cast("NamedNode", component),
        shape,
        cast("NamedNode", severity),
        tuple(_messages(report, result, source, shape, is_core=_is_core(component, constraint))),
        constraint,
    )


def _is_core(component: Term | None, constraint: Term | None) -> bool:
    is_own = isinstance(component, NamedNode) and component.value.startswith(SHACL)
    return is_own and constraint is None


def _messages(
    report: rdflib.Graph, result: rdflib.term.Node, source: Source, shape: Term, *, is_core: bool
) -> Iterator[Literal]:
    said = source.values(shape, sh("message"))
    if not is_core:
        found = report.objects(result, SH.resultMessage)
        said = tuple(sorted(map(from_rdflib_term, found), key=str))
    return (message for message in said if isinstance(message, Literal))


def _term(report: rdflib.Graph, result: rdflib.term.Node, predicate: rdflib.URIRef) -> Term | None:
    value = report.value(result, predicate)
    return None if value is None else from_rdflib_term(value)
