"""A compiled shape: its constraints as functions, applied to a focus node (sections 2 and 3.4).

Constraints come in three kinds, by what they need to see: one value at a time, all values
together, or so much that they write their own violations.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.paths import Path
from coopgraph.validation.report import Violation


@dataclass(frozen=True, slots=True)
class EachValue:
    """A constraint that judges each value node by itself."""

    component: NamedNode
    accepts: Callable[[DataGraph, Term], object]


@dataclass(frozen=True, slots=True)
class AllValues:
    """A constraint on the value nodes together.

    ``offences`` gives, for graph, focus node and value nodes, the value of each violation, or
    None for a violation that no single value causes. It is only asked about sets of at least
    ``fewest`` and at most ``most`` values, as no others can break the constraint.
    """

    component: NamedNode
    offences: Callable[[DataGraph, Term, Values], Iterable[Term | None]]
    fewest: int = 1
    most: int = sys.maxsize

    def concerns(self, count: int) -> bool:
        """Whether ``count`` values can break the constraint."""
        return self.fewest <= count <= self.most


@dataclass(frozen=True, slots=True)
class OwnResults:
    """A constraint that appends violations itself; ``fewest`` is 0 where it may do so without
    any value node. ``reads_forward`` is as for ``Shape``.
    """

    report: Callable[[DataGraph, Term, Values, list[Violation]], None]
    fewest: int = 1
    reads_forward: bool = True


Constraint = EachValue | AllValues | OwnResults


@dataclass(frozen=True, slots=True)
class Header:
    """What every violation of a shape has in common."""

    node: Term
    path: str | None
    severity: NamedNode
    messages: tuple[Literal, ...]

    def violation(
        self, focus: Term, component: NamedNode, value: Term | None, path: str | None = None
    ) -> Violation:
        """A violation of this shape; ``path`` where it is not the shape's own."""
        return Violation(
            focus, path or self.path, value, component, self.node, self.severity, self.messages
        )


class Shape:
    """A node shape (no ``path``) or a property shape.

    ``reads_forward`` says that what it finds depends only on triples reached from the focus
    node in their own direction.
    """

    __slots__ = (
        "_all",
        "_each",
        "_is_plain",
        "_known",
        "_may_miss",
        "_of_none",
        "_of_one",
        "_own",
        "header",
        "path",
        "reads_forward",
    )

    def __init__(
        self,
        header: Header,
        path: Path | None,
        constraints: Iterable[Constraint],
        *,
        reads_forward: bool,
    ) -> None:
        constraints = tuple(constraints)
        self.header = header
        self.path = path
        self.reads_forward = reads_forward and all(
            c.reads_forward for c in constraints if isinstance(c, OwnResults)
        )
        self._each = [(c.component, c.accepts) for c in constraints if isinstance(c, EachValue)]
        self._all = [c for c in constraints if isinstance(c, AllValues)]
        self._of_none = [c for c in self._all if c.concerns(0)]
        self._of_one = [c for c in self._all if c.concerns(1)]
        own = [c for c in constraints if isinstance(c, OwnResults)]
        self._own = [c.report for c in own]
        self._may_miss = bool(self._of_none) or any(c.fewest == 0 for c in own)
        self._is_plain = path is None and not self._of_one and not self._own
        self._known: dict[Term, bool] = {}

    @property
    def may_miss(self) -> bool:
        """Whether it can be broken by having no value nodes."""
        return self._may_miss

    def validate(self, graph: DataGraph, focus: Term, out: list[Violation]) -> None:
        """Append to ``out`` the violations of ``focus``."""
        out += self._results(graph, focus)

    def check(self, graph: DataGraph, focus: Term, values: Values, out: list[Violation]) -> None:
        """Like ``validate``, for value nodes that are already known."""
        for value in values:
            for component, accepts in self._each:
                if not accepts(graph, value):
                    out.append(self.header.violation(focus, component, value))
        count = len(values)
        for constraint in self._of_one if count == 1 else self._concerned(count):
            for offence in constraint.offences(graph, focus, values):
                out.append(self.header.violation(focus, constraint.component, offence))
        for report in self._own:
            report(graph, focus, values, out)

    def conforms(self, graph: DataGraph, focus: Term) -> bool:
        """Whether ``focus`` breaks no constraint (section 3.4.2).

        Verdicts on nodes of the background are kept: a code is looked up once, not once for
        each record that uses it.
        """
        if self._is_plain:
            for _, accepts in self._each:  # noqa: SIM110  all() would take twice as long
                if not accepts(graph, focus):
                    return False
            return True
        verdict = self._known.get(focus)
        if verdict is not None and graph.is_apart:
            return verdict
        found = self._results(graph, focus)
        if self.reads_forward and graph.is_apart and graph.is_background(focus):
            self._known[focus] = not found
        return not found

    def _concerned(self, count: int) -> list[AllValues]:
        if count == 0:
            return self._of_none
        return [constraint for constraint in self._all if constraint.concerns(count)]

    def _results(self, graph: DataGraph, focus: Term) -> list[Violation]:
        # An inner node is judged twice, for the shape that refers to it and as a target itself.
        kept = graph.results.get(self)
        if kept is None:
            kept = graph.results[self] = {}
        found = kept.get(focus)
        if found is None:
            found = kept[focus] = []
            path = self.path
            self.check(graph, focus, (focus,) if path is None else path.walk(graph, focus), found)
        return found
