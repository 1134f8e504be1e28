"""Shape-based constraint components (section 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import NO_VALUES, DataGraph, Values
from coopgraph.validation.report import Violation
from coopgraph.validation.shape import AllValues, EachValue, OwnResults, Shape
from coopgraph.validation.vocabulary import component, sh

_PROPERTY = sh("property")
_QUALIFIED = sh("qualifiedValueShape")


def node(clause: Clause) -> Iterator[EachValue]:
    """Section 4.7.1, ``sh:node``: each value conforms to the node shape."""
    for value in clause.values:
        yield EachValue(component("Node"), clause.nested(value).conforms)


def property_shapes(clause: Clause) -> Iterator[OwnResults]:
    """Section 4.7.2, ``sh:property``: each value has the property shapes; their violations are its.

    All property shapes of a shape are one constraint, so that a node is looked up once.
    """
    shapes = [_property_shape(clause, value) for value in clause.values]
    checks = [
        (shape.path.predicate, shape.check, shape.may_miss)
        for shape in shapes
        if shape.path is not None and shape.path.predicate is not None
    ]
    others = [s for s in shapes if s.path is not None and s.path.predicate is None]

    def report(graph: DataGraph, focus: Term, values: Values, out: list[Violation]) -> None:
        for value in values:
            properties = graph.properties(value)
            for predicate, check, may_miss in checks:
                found = properties.get(predicate)
                if found is not None:
                    check(graph, value, found, out)
                elif may_miss:
                    check(graph, value, NO_VALUES, out)
            for shape in others:
                shape.validate(graph, value, out)

    yield OwnResults(report)


def _property_shape(clause: Clause, value: Term) -> Shape:
    if not clause.source.is_property_shape(value):
        raise clause.error(f"gives {value} as a property shape, which has no path")
    return clause.nested(value)


def qualified_value_shape(clause: Clause) -> Iterator[AllValues]:
    """Section 4.7.3, ``sh:qualifiedValueShape`` with its minimum, maximum and disjointness.

    It counts the values that conform to the shape, and to none of the sibling shapes where
    ``sh:qualifiedValueShapesDisjoint`` says so. Partial nodes are excused from the minimum.
    """
    clause.property_shapes_only()
    count = _qualified_count(clause)
    least = clause.optional_count(sh("qualifiedMinCount"))
    most = clause.optional_count(sh("qualifiedMaxCount"))

    def too_few(graph: DataGraph, focus: Term, values: Values) -> tuple[None, ...]:
        is_short = focus not in graph.partial and count(graph, values) < (least or 0)
        return (None,) if is_short else ()

    def too_many(graph: DataGraph, focus: Term, values: Values) -> tuple[None, ...]:
        return (None,) if most is not None and count(graph, values) > most else ()

    if least:
        yield AllValues(component("QualifiedMinCount"), too_few, fewest=0)
    if most is not None:
        yield AllValues(component("QualifiedMaxCount"), too_many, fewest=most + 1)


def _qualified_count(clause: Clause) -> Callable[[DataGraph, Values], int]:
    wanted = clause.nested(clause.single())
    siblings = [clause.nested(shape) for shape in _sibling_shapes(clause)]

    def count(graph: DataGraph, values: Values) -> int:
        return sum(
            wanted.conforms(graph, value)
            and not any(sibling.conforms(graph, value) for sibling in siblings)
            for value in values
        )

    return count


def _sibling_shapes(clause: Clause) -> list[Term]:
    source, own = clause.source, clause.header.node
    if not source.is_true(own, sh("qualifiedValueShapesDisjoint")):
        return []
    found = dict.fromkeys(
        sibling
        for parent in source.subjects(_PROPERTY, own)
        for neighbour in source.values(parent, _PROPERTY)
        for sibling in source.values(neighbour, _QUALIFIED)
    )
    return [shape for shape in found if shape != clause.single()]
