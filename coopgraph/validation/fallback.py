"""Shapes that are not all compiled: those that are not are left to pySHACL, one by one.

In: any shapes graph that is sound. Out: a ``Validator`` like any other, that names the shapes it
leaves to pySHACL. pySHACL judges these shapes alone, at the focus nodes that we choose, over the
same data graph; where SHACL's advanced features choose the nodes (``sh:target``), it chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, Triple

from coopgraph.errors import QueryRefused
from coopgraph.rdf import Subject, Term
from coopgraph.validation.compiler import TARGETS, Compiler
from coopgraph.validation.graph import Background, DataGraph
from coopgraph.validation.reference import validate_reference
from coopgraph.validation.report import Violation
from coopgraph.validation.select import refuse_reaching_out
from coopgraph.validation.shape import Header, Shape
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.targets import Targets, class_types
from coopgraph.validation.validator import Validator
from coopgraph.validation.vocabulary import RDF_TYPE, SH_VIOLATION, sh

_TARGET, _TARGET_NODE = sh("target"), sh("targetNode")
_QUERIES = tuple(sh(name) for name in ("select", "ask", "construct", "update"))
# pySHACL writes these in front of a query as they are: they may hold nothing but a name.
_DECLARED = {
    sh("prefix"): re.compile(r"[\w.-]*"),
    sh("namespace"): re.compile(r"[^\x00-\x20<>\"{}|^`\\]*"),
}


def compile_any(shapes: Iterable[Triple], background: Iterable[Triple] = ()) -> Validator:
    """Compile what can be compiled of a shapes graph, and leave the rest to pySHACL.

    Arguments are as for ``compile_shapes``. Raises ``ShapeError`` for shapes that are ill-formed,
    or that hold a query which would ask another server, or hide one in a prefix.
    """
    shapes = list(dict.fromkeys(shapes))
    source = Source(shapes)
    for node in source.nodes():
        _refuse_reaching_out(source, node)
        _refuse_hidden(source, node)
    indexed = Background(background)
    compiler = Compiler(source, indexed)
    compiled = compiler.compile_all()
    left = {node: _stand_in(node) for node in compiler.left}
    targets = Targets(source, {**compiled, **left}, indexed)
    with_target = {shape.header.node for shape in targets.shapes()}
    reasons = {
        node: error.reason
        for node, error in compiler.left.items()
        if node in with_target or source.values(node, _TARGET)
    }
    if not reasons:
        return Validator(compiled, targets, indexed)
    return Validator(compiled, targets, indexed, _Others(shapes, source, indexed, reasons))


class _Others:
    """pySHACL, for some shapes of a graph."""

    def __init__(
        self,
        shapes: list[Triple],
        source: Source,
        background: Background,
        reasons: Mapping[Term, str],
    ) -> None:
        self.reasons = reasons
        self._shapes = list(_without_targets(shapes, class_types(source, background), reasons))
        self._has_own_targets = any(source.values(node, _TARGET) for node in reasons)

    def check(self, graph: DataGraph, chosen: Mapping[Term, list[Term]]) -> list[Violation]:
        """What pySHACL finds, in an order that depends on nothing but the result."""
        if not chosen and not self._has_own_targets:
            return []
        targets = [
            Triple(_subject(node), _TARGET_NODE, focus)
            for node, nodes in chosen.items()
            for focus in nodes
        ]
        found = validate_reference(graph.triples(), [*self._shapes, *targets], advanced=True)
        return sorted(found, key=_place)


def _place(violation: Violation) -> tuple[str, ...]:
    parts = (violation.focus, violation.path, violation.component, violation.value)
    return tuple(map(str, (*parts, violation.shape)))


def _without_targets(
    shapes: list[Triple], classes: set[Term], kept: Mapping[Term, str]
) -> Iterator[Triple]:
    """The shapes with no targets but ``sh:target`` of the shapes that are kept."""
    for triple in shapes:
        is_implicit = triple.predicate == RDF_TYPE and triple.object in classes
        is_foreign = triple.predicate == _TARGET and triple.subject not in kept
        if not (triple.predicate in TARGETS or is_implicit or is_foreign):
            yield triple


def _stand_in(node: Term) -> Shape:
    """What is selected in place of a shape that is not compiled."""
    return Shape(Header(node, None, SH_VIOLATION, ()), None, (), reads_forward=True)


def _subject(node: Term) -> Subject:
    assert not isinstance(node, Literal)
    return node


def _refuse_reaching_out(source: Source, node: Term) -> None:
    for predicate in _QUERIES:
        for text in source.values(node, predicate):
            try:
                refuse_reaching_out(text.value)
            except QueryRefused as error:
                raise source.error(node, f"has a query that is not run: {error}") from error


def _refuse_hidden(source: Source, node: Term) -> None:
    """Refuse a prefix or namespace with text that would become part of a query."""
    for predicate, form in _DECLARED.items():
        for text in source.values(node, predicate):
            if not form.fullmatch(text.value):
                raise source.error(node, f"gives {predicate} what is no name: {text}")
