"""Property paths: from their RDF form to a function and to SPARQL text (section 2.3.1).

A path gives, for a graph and a node, the set of nodes it leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import RDF_FIRST, sh

Walk = Callable[[DataGraph, Term], Values]

# How tightly a form binds in SPARQL's grammar; a looser one inside needs brackets.
_PRIMARY, _REPEATED, _INVERTED, _SEQUENCE, _ALTERNATIVE = range(5)


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path; ``predicate`` is set when it is a single property.

    ``reads_forward`` says that it never goes against the direction of a triple.
    """

    text: str
    walk: Walk
    reads_forward: bool
    predicate: NamedNode | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    binding: int
    walk: Walk
    reads_forward: bool

    def within(self, binding: int) -> str:
        return self.text if self.binding <= binding else f"({self.text})"


def compile_path(source: Source, shape: Term, node: Term) -> Path:
    """Compile the path ``node`` of ``shape``; ``ShapeError`` if it is not well-formed."""
    if isinstance(node, NamedNode):
        part = _predicate(node, inverted=False)
        return Path(node.value, part.walk, reads_forward=True, predicate=node)
    part = _Compiler(source, shape).compile(node, inverted=False)
    return Path(part.text, part.walk, part.reads_forward)


class _Compiler:
    def __init__(self, source: Source, shape: Term) -> None:
        self._source = source
        self._shape = shape
        self._open: set[Term] = set()

    def compile(self, node: Term, *, inverted: bool) -> _Part:
        """The path at ``node``, read backwards if ``inverted``."""
        if isinstance(node, NamedNode):
            return _predicate(node, inverted=inverted)
        if not isinstance(node, BlankNode) or node in self._open:
            raise self._source.error(self._shape, "has a path that is not well-formed")
        self._open.add(node)
        try:
            return self._compile_blank(node, inverted)
        finally:
            self._open.remove(node)

    def _compile_blank(self, node: BlankNode, inverted: bool) -> _Part:
        predicates = set(self._source.predicates(node))
        # A node that is a list is a sequence path, whatever else it says.
        if RDF_FIRST in predicates:
            return self._sequence(node, inverted)
        for name, build in _FORMS.items():
            if name in predicates:
                value = self._source.at_most_one(node, name)
                assert value is not None
                return build(self, value, inverted)
        raise self._source.error(self._shape, "has a path of an unknown form")

    def _members(self, head: Term, inverted: bool) -> list[_Part]:
        members = self._source.members(self._shape, head)
        if len(members) < 2:
            raise self._source.error(self._shape, "has a path list of fewer than two members")
        return [self.compile(member, inverted=inverted) for member in members]

    def _sequence(self, head: Term, inverted: bool) -> _Part:
        """Section 2.3.1.2: one path after another."""
        parts = self._members(head, inverted)
        steps = [part.walk for part in (reversed(parts) if inverted else parts)]

        def walk(graph: DataGraph, node: Term) -> Values:
            reached: Values = (node,)
            for step in steps:
                reached = dict.fromkeys(end for start in reached for end in step(graph, start))
            return reached

        text = "/".join(part.within(_INVERTED) for part in parts)
        return _Part(text, _SEQUENCE, walk, _all_forward(parts))

    def alternative(self, head: Term, inverted: bool) -> _Part:
        """Section 2.3.1.3: any of several paths."""
        parts = self._members(head, inverted)
        walks = [part.walk for part in parts]

        def walk(graph: DataGraph, node: Term) -> Values:
            return dict.fromkeys(end for step in walks for end in step(graph, node))

        text = "|".join(part.within(_SEQUENCE) for part in parts)
        return _Part(text, _ALTERNATIVE, walk, _all_forward(parts))

    def inverse(self, value: Term, inverted: bool) -> _Part:
        """Section 2.3.1.4: a path read from its end."""
        part = self.compile(value, inverted=not inverted)
        return _Part(f"^{part.within(_REPEATED)}", _INVERTED, part.walk, part.reads_forward)

    def zero_or_more(self, value: Term, inverted: bool) -> _Part:
        """Section 2.3.1.5: the node itself and all that repeating the path reaches."""
        part = self.compile(value, inverted=inverted)

        def walk(graph: DataGraph, node: Term) -> Values:
            return _closure(graph, part.walk, (node,))

        return _Part(f"{part.within(_PRIMARY)}*", _REPEATED, walk, part.reads_forward)

    def one_or_more(self, value: Term, inverted: bool) -> _Part:
        """Section 2.3.1.6: all that repeating the path at least once reaches."""
        part = self.compile(value, inverted=inverted)

        def walk(graph: DataGraph, node: Term) -> Values:
            return _closure(graph, part.walk, part.walk(graph, node))

        return _Part(f"{part.within(_PRIMARY)}+", _REPEATED, walk, part.reads_forward)

    def zero_or_one(self, value: Term, inverted: bool) -> _Part:
        """Section 2.3.1.7: the node itself and what the path reaches."""
        part = self.compile(value, inverted=inverted)

        def walk(graph: DataGraph, node: Term) -> Values:
            return dict.fromkeys((node, *part.walk(graph, node)))

        return _Part(f"{part.within(_PRIMARY)}?", _REPEATED, walk, part.reads_forward)


_FORMS: dict[NamedNode, Callable[[_Compiler, Term, bool], _Part]] = {
    sh("alternativePath"): _Compiler.alternative,
    sh("inversePath"): _Compiler.inverse,
    sh("zeroOrMorePath"): _Compiler.zero_or_more,
    sh("oneOrMorePath"): _Compiler.one_or_more,
    sh("zeroOrOnePath"): _Compiler.zero_or_one,
}


def _predicate(name: NamedNode, *, inverted: bool) -> _Part:
    """Section 2.3.1.1: a single property."""

    def forwards(graph: DataGraph, node: Term) -> Values:
        return graph.values(node, name)

    def backwards(graph: DataGraph, node: Term) -> Values:
        return graph.subjects(name, node)

    return _Part(str(name), _PRIMARY, backwards if inverted else forwards, not inverted)


def _closure(graph: DataGraph, step: Walk, start: Values) -> Values:
    reached = dict.fromkeys(start)
    pending = list(reached)
    while pending:
        for node in step(graph, pending.pop()):
            if node not in reached:
                reached[node] = None
                pending.append(node)
    return reached


def _all_forward(parts: list[_Part]) -> bool:
    return all(part.reads_forward for part in parts)
