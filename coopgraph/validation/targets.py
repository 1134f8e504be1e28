"""Which nodes of the data a shape is for (section 2.1.3).

Only the record's own triples select focus nodes: a concept of a code list is not validated
again with each record that uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.graph import NO_VALUES, Background, DataGraph
from coopgraph.validation.shape import Shape
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import RDF_TYPE, RDFS_CLASS, RDFS_SUBCLASS_OF, sh

_NODE_SHAPE, _PROPERTY_SHAPE = sh("NodeShape"), sh("PropertyShape")
_By = dict[Term, list[Shape]]


class Targets:
    """The target declarations of all shapes, arranged by what they look for."""

    def __init__(self, source: Source, shapes: dict[Term, Shape], background: Background) -> None:
        self._classes = _declared(source, shapes, sh("targetClass"))
        for node, shape in _implicit(source, shapes, background):
            self._classes[node].append(shape)
        self._nodes = _declared(source, shapes, sh("targetNode"))
        self._subjects_of = _by_property(_declared(source, shapes, sh("targetSubjectsOf")))
        self._objects_of = _by_property(_declared(source, shapes, sh("targetObjectsOf")))
        self._by_type = _expand(self._classes, background)

    def shapes(self) -> set[Shape]:
        """The shapes that have a target."""
        kinds = (self._classes, self._nodes, self._subjects_of, self._objects_of)
        return {shape for kind in kinds for shapes in kind.values() for shape in shapes}

    def select(self, graph: DataGraph) -> Iterator[tuple[Shape, Term]]:
        """Each shape with each of its focus nodes, every pair once."""
        by_type = _expand(self._classes, graph) if graph.has_hierarchy else self._by_type
        elsewhere = self._select_elsewhere(graph)
        for node, properties in graph.own.items():
            types = properties.get(RDF_TYPE, NO_VALUES)
            chosen = [shape for name in types for shape in by_type.get(name, ())]
            if self._subjects_of:
                for predicate, shapes in self._subjects_of.items():
                    if predicate in properties:
                        chosen += shapes
            if elsewhere:
                chosen += elsewhere.pop(node, ())
            for shape in chosen if len(chosen) < 2 else dict.fromkeys(chosen):
                yield shape, node
        for node, shapes in elsewhere.items():
            for shape in dict.fromkeys(shapes):
                yield shape, node

    def _select_elsewhere(self, graph: DataGraph) -> _By:
        """Focus nodes that need not be subjects."""
        chosen = {node: list(shapes) for node, shapes in self._nodes.items()}
        for predicate, shapes in self._objects_of.items():
            for properties in graph.own.values():
                for value in properties.get(predicate, NO_VALUES):
                    chosen.setdefault(value, []).extend(shapes)
        return chosen


def _declared(source: Source, shapes: dict[Term, Shape], parameter: NamedNode) -> _By:
    """Sections 2.1.3.1, 2.1.3.2, 2.1.3.4 and 2.1.3.5: targets given by a parameter."""
    found: _By = defaultdict(list)
    for node, shape in shapes.items():
        for value in source.values(node, parameter):
            found[value].append(shape)
    return found


def _by_property(declared: _By) -> dict[NamedNode, list[Shape]]:
    return {name: shapes for name, shapes in declared.items() if isinstance(name, NamedNode)}


def _implicit(
    source: Source, shapes: dict[Term, Shape], background: Background
) -> Iterator[tuple[Term, Shape]]:
    """Section 2.1.3.3: a shape that is also a class is for the instances of that class."""
    classes = class_types(source, background)
    for node, shape in shapes.items():
        types = source.values(node, RDF_TYPE)
        if (_NODE_SHAPE in types or _PROPERTY_SHAPE in types) and not classes.isdisjoint(types):
            yield node, shape


def class_types(source: Source, background: Background) -> set[Term]:
    """``rdfs:Class`` and every class below it: what makes a shape a class."""
    found: set[Term] = set(background.subclasses(RDFS_CLASS))
    pending = list(found)
    while pending:
        for below in source.subjects(RDFS_SUBCLASS_OF, pending.pop()):
            if below not in found:
                found.add(below)
                pending.append(below)
    return found


def _expand(by_class: _By, hierarchy: Background | DataGraph) -> _By:
    expanded: _By = defaultdict(list)
    for name, shapes in by_class.items():
        for subclass in hierarchy.subclasses(name):
            expanded[subclass] += shapes
    return expanded
