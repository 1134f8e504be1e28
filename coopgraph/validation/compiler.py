"""From a shapes graph to compiled shapes (sections 2 and 3.3).

A shape compiles the shapes it refers to before itself. What is wrong is a ``ShapeError`` here
rather than a surprise later: misspelt parameters, JavaScript, rules. What is sound and not
compiled is a ``NotCompiled``: constraint components of the shapes' own, targets and expressions of
SHACL's advanced features, shapes that refer to themselves (section 3.4.3 leaves those undefined).
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import NotCompiled
from coopgraph.rdf import Term
from coopgraph.validation.constraints import CLAUSES, COMPANIONS
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import Background
from coopgraph.validation.paths import Path, compile_path
from coopgraph.validation.shape import Constraint, Header, Shape
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.vocabulary import RDF_TYPE, SH, SH_VIOLATION, sh

_NODE_SHAPE, _PROPERTY_SHAPE = sh("NodeShape"), sh("PropertyShape")
_PATH, _SEVERITY = sh("path"), sh("severity")
_MESSAGE, _DEACTIVATED = sh("message"), sh("deactivated")
_ENTAILMENT, _CONSTRAINT_COMPONENT = sh("entailment"), sh("ConstraintComponent")
_PARAMETER = sh("parameter")
_VALIDATORS = tuple(sh(name) for name in ("validator", "nodeValidator", "propertyValidator"))
_ADVANCED = frozenset({sh("target"), sh("expression")})
TARGETS = tuple(
    sh(name) for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)
_DESCRIPTIONS = frozenset(
    sh(name) for name in ("name", "description", "order", "group", "defaultValue", "declare")
)
_UNDERSTOOD = (
    CLAUSES.keys()
    | COMPANIONS
    | set(TARGETS)
    | _DESCRIPTIONS
    | {_PATH, _SEVERITY, _MESSAGE, _DEACTIVATED}
)


class Compiler:
    """Compiles each shape of ``source`` once; ``left`` are the shapes that it left uncompiled."""

    def __init__(self, source: Source, background: Background) -> None:
        self.left: dict[Term, NotCompiled] = {}
        self._source = source
        self._background = background
        self._shapes: dict[Term, Shape] = {}
        self._open: list[Term] = []
        self._parameters = dict(_own_parameters(source))

    def compile_all(self) -> dict[Term, Shape]:
        """Every shape of the graph that can be compiled, by its node."""
        for node in self._source.nodes():
            if _ENTAILMENT in self._source.predicates(node):
                raise self._source.error(node, "asks for entailment, and nothing is inferred here")
            if self._is_shape(node):
                try:
                    self.shape(node)
                except NotCompiled as error:
                    self.left[node] = error
        return self._shapes

    def shape(self, node: Term) -> Shape:
        """The compiled shape at ``node``; ``ShapeError`` if it cannot be compiled."""
        known = self._shapes.get(node)
        if known is not None:
            return known
        if node in self._open:
            raise self._source.not_compiled(node, "refers to itself, which SHACL leaves undefined")
        self._open.append(node)
        try:
            compiled = self._shapes[node] = self._compile(node)
        finally:
            self._open.pop()
        return compiled

    def _is_shape(self, node: Term) -> bool:
        """Section 2.1: declared so, or with a target, or with a parameter."""
        if self._source.subjects(_PARAMETER, node):
            return False  # it tells of a parameter, and no node is judged by it
        types = self._source.values(node, RDF_TYPE)
        if _NODE_SHAPE in types or _PROPERTY_SHAPE in types:
            return True
        known = (CLAUSES.keys(), TARGETS, _ADVANCED)
        return any(p in names for p in self._source.predicates(node) for names in known)

    def _compile(self, node: Term) -> Shape:
        self._refuse_unknown(node)
        path = self._path(node)
        header = Header(
            node, path.text if path else None, self._severity(node), self._messages(node)
        )
        if self._source.is_true(node, _DEACTIVATED):
            return Shape(header, path, (), reads_forward=True)
        nested: list[Shape] = []
        constraints = list(self._constraints(header, nested))
        reads_forward = (path is None or path.reads_forward) and all(
            shape.reads_forward for shape in nested
        )
        return Shape(header, path, constraints, reads_forward=reads_forward)

    def _constraints(self, header: Header, nested: list[Shape]) -> Iterator[Constraint]:
        def compile_nested(node: Term) -> Shape:
            shape = self.shape(node)
            nested.append(shape)
            return shape

        for parameter in self._source.predicates(header.node):
            if parameter in CLAUSES:
                values = self._source.values(header.node, parameter)
                yield from CLAUSES[parameter](
                    Clause(
                        self._source, self._background, header, parameter, values, compile_nested
                    )
                )

    def _refuse_unknown(self, node: Term) -> None:
        predicates = list(self._source.predicates(node))
        if not predicates:
            raise self._source.error(node, "is used as a shape and not described")
        for predicate in predicates:
            name = predicate.value.removeprefix(SH)
            if predicate in self._parameters:
                component = self._parameters[predicate]
                raise self._source.not_compiled(node, f"uses the constraint component {component}")
            if predicate in _ADVANCED:
                raise self._source.not_compiled(node, f"uses sh:{name}")
            if predicate.value.startswith(SH) and predicate not in _UNDERSTOOD:
                raise self._source.error(
                    node,
                    f"uses sh:{name}, which is not part of SHACL Core, and which nothing "
                    "here can check",
                )

    def _path(self, node: Term) -> Path | None:
        path = self._source.at_most_one(node, _PATH)
        if path is not None:
            return compile_path(self._source, node, path)
        if _PROPERTY_SHAPE in self._source.values(node, RDF_TYPE):
            raise self._source.error(node, "is a property shape without a path")
        return None

    def _severity(self, node: Term) -> NamedNode:
        severity = self._source.at_most_one(node, _SEVERITY)
        if severity is None:
            return SH_VIOLATION
        if not isinstance(severity, NamedNode):
            raise self._source.error(node, "has a severity that is not an IRI")
        return severity

    def _messages(self, node: Term) -> tuple[Literal, ...]:
        messages = self._source.values(node, _MESSAGE)
        return tuple(message for message in messages if isinstance(message, Literal))


def _own_parameters(source: Source) -> Iterator[tuple[Term, Term]]:
    """Section 6: the parameters of constraint components that the shapes graph declares."""
    for node in source.nodes():
        is_component = _CONSTRAINT_COMPONENT in source.values(node, RDF_TYPE)
        if is_component or any(v in source.predicates(node) for v in _VALIDATORS):
            for parameter in source.values(node, _PARAMETER):
                for path in source.values(parameter, _PATH):
                    yield path, node
