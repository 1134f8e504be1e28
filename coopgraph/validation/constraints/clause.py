"""One parameter of one shape, and what a constraint needs to compile it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import NotCompiled, ShapeError
from coopgraph.rdf import Term
from coopgraph.validation.datatypes import INTEGER_BOUNDS, lexical_check
from coopgraph.validation.graph import Background
from coopgraph.validation.shape import Header, Shape
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import XSD


@dataclass(frozen=True, slots=True)
class Clause:
    """The values of ``parameter`` at the shape ``header.node``.

    ``nested`` compiles another shape that this one refers to.
    """

    source: Source
    background: Background
    header: Header
    parameter: NamedNode
    values: tuple[Term, ...]
    nested: Callable[[Term], Shape]

    def error(self, message: str) -> ShapeError:
        """A ``ShapeError`` about this shape."""
        return self.source.error(self.header.node, message)

    def not_compiled(self, message: str) -> NotCompiled:
        """A ``NotCompiled`` about this shape."""
        return self.source.not_compiled(self.header.node, message)

    def single(self) -> Term:
        """The value of a parameter that may have only one."""
        if len(self.values) != 1:
            raise self.error(f"gives {self.parameter} more than once")
        return self.values[0]

    def count(self) -> int:
        """The single value, as a number that is not negative."""
        return self._as_count(self.parameter, self.single())

    def optional_count(self, parameter: NamedNode) -> int | None:
        """The number of a companion parameter, if it is given."""
        value = self.source.at_most_one(self.header.node, parameter)
        return None if value is None else self._as_count(parameter, value)

    def _as_count(self, parameter: NamedNode, value: Term) -> int:
        if isinstance(value, Literal) and value.datatype.value.removeprefix(XSD) in INTEGER_BOUNDS:
            check = lexical_check(value.datatype)
            if check is not None and check(value.value) and int(value.value) >= 0:
                return int(value.value)
        raise self.error(f"needs a whole number for {parameter}, not {value}")

    def text(self) -> str:
        """The single value, as text."""
        return self.as_text(self.single())

    def as_text(self, value: Term) -> str:
        """The text of a plain literal."""
        if not isinstance(value, Literal) or value.language is not None:
            raise self.error(f"needs text for {self.parameter}, not {value}")
        return value.value

    def iri(self, value: Term) -> NamedNode:
        """A value that must be an IRI."""
        if not isinstance(value, NamedNode):
            raise self.error(f"needs an IRI for {self.parameter}, not {value}")
        return value

    def members(self, head: Term) -> list[Term]:
        """The members of a list."""
        return self.source.members(self.header.node, head)

    def property_shapes_only(self) -> None:
        """Refuse the parameter on a node shape, where it has no meaning."""
        if self.header.path is None:
            raise self.error(f"is a node shape, and {self.parameter} is for property shapes")
