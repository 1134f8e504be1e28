"""The validator: shapes compiled once, applied to one record's triples after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from pyoxigraph import NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.rdf import Term
from coopgraph.validation.compiler import Compiler
from coopgraph.validation.graph import Background, DataGraph
from coopgraph.validation.report import Violation
from coopgraph.validation.shape import Shape
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.targets import Targets


def compile_shapes(shapes: Iterable[Triple], background: Iterable[Triple] = ()) -> Validator:
    """Compile a shapes graph.

    ``background`` holds what every record may refer to: the class hierarchy
    (``rdfs:subClassOf``) and the code lists. Constraints see it beside the record; it selects no
    focus nodes. Raises ``ShapeError`` for shapes that are ill-formed, ``NotCompiled`` for those
    that only pySHACL can check.
    """
    source = Source(shapes)
    indexed = Background(background)
    compiler = Compiler(source, indexed)
    compiled = compiler.compile_all()
    for error in compiler.left.values():
        raise error
    return Validator(compiled, Targets(source, compiled, indexed), indexed)


class Others(Protocol):
    """Whoever checks the shapes that are not compiled."""

    @property
    def reasons(self) -> Mapping[Term, str]:
        """Why each of these shapes is not compiled."""

    def check(self, graph: DataGraph, chosen: Mapping[Term, list[Term]]) -> list[Violation]:
        """The violations of these shapes, of which ``chosen`` gives the focus nodes."""


class Validator:
    """Compiled shapes; made by ``compile_shapes``.

    A *partial* node is one of which the data tell only a part, such as the organisation a row
    of a child table adds to. It is excused from ``sh:minCount`` and ``sh:qualifiedMinCount``,
    but not inside ``sh:not``.
    """

    def __init__(
        self,
        shapes: dict[Term, Shape],
        targets: Targets,
        background: Background,
        others: Others | None = None,
    ) -> None:
        self._shapes = shapes
        self._targets = targets
        self._background = background
        self._others = others

    @property
    def not_compiled(self) -> Mapping[Term, str]:
        """The shapes that pySHACL checks, and why."""
        return self._others.reasons if self._others else {}

    def validate(
        self, data: Iterable[Triple], *, partial: frozenset[NamedNode] = frozenset()
    ) -> list[Violation]:
        """The violations of one record's asserted triples, for the targets the shapes declare.

        The order is that of the data, then of the shapes; equal input gives an equal list.
        """
        graph = DataGraph(data, self._background, partial)
        found: list[Violation] = []
        if self._others:
            return self._validate_with(self._others, graph)
        for shape, focus in self._targets.select(graph):
            shape.validate(graph, focus, found)
        return found

    def _validate_with(self, others: Others, graph: DataGraph) -> list[Violation]:
        found: list[Violation] = []
        chosen: dict[Term, list[Term]] = {}
        for shape, focus in self._targets.select(graph):
            if shape.header.node in others.reasons:
                chosen.setdefault(shape.header.node, []).append(focus)
            else:
                shape.validate(graph, focus, found)
        return found + others.check(graph, chosen)

    def validate_node(
        self, data: Iterable[Triple], node: NamedNode, shape: NamedNode, *, partial: bool = False
    ) -> list[Violation]:
        """The violations of ``node`` against one shape, whatever the shape's targets.

        With ``partial``, ``node`` is a partial node. Raises ``ShapeError`` if there is no such
        shape.
        """
        compiled = self._shapes.get(shape)
        if compiled is None:
            raise ShapeError("there is no such shape", shape=shape.value)
        graph = DataGraph(data, self._background, frozenset({node}) if partial else frozenset())
        found: list[Violation] = []
        compiled.validate(graph, node, found)
        return found
