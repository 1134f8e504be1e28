"""Value type constraint components (section 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.datatypes import lexical_check
from coopgraph.validation.graph import DataGraph
from coopgraph.validation.shape import EachValue
from coopgraph.validation.vocabulary import RDF_LANG_STRING, RDF_TYPE, component, sh

_NODE_KINDS: dict[NamedNode, frozenset[type]] = {
    sh("IRI"): frozenset({NamedNode}),
    sh("BlankNode"): frozenset({BlankNode}),
    sh("Literal"): frozenset({Literal}),
    sh("BlankNodeOrIRI"): frozenset({BlankNode, NamedNode}),
    sh("BlankNodeOrLiteral"): frozenset({BlankNode, Literal}),
    sh("IRIOrLiteral"): frozenset({NamedNode, Literal}),
}


def instance_of(clause: Clause) -> Iterator[EachValue]:
    """Section 4.1.1, ``sh:class``: each value is an instance of the class or of one below it."""
    for value in clause.values:
        yield EachValue(component("Class"), _instance_test(clause, clause.iri(value)))


def _instance_test(clause: Clause, name: NamedNode) -> Callable[[DataGraph, Term], bool]:
    known = clause.background.instances(name)

    def accepts(graph: DataGraph, value: Term) -> bool:
        types = graph.values(value, RDF_TYPE)
        # Comparing is cheaper than hashing, and the plain case is the one type asked for.
        for found in types:
            if found == name:
                return True
        return value in known or not graph.subclasses(name).isdisjoint(types)

    return accepts


def datatype(clause: Clause) -> Iterator[EachValue]:
    """Section 4.1.2, ``sh:datatype``: each value is a well-formed literal of the datatype."""
    expected = clause.iri(clause.single())
    check = lexical_check(expected)

    def accepts(graph: DataGraph, value: Term) -> object:
        return type(value) is Literal and value.datatype == expected

    def accepts_well_formed(graph: DataGraph, value: Term) -> object:
        if type(value) is not Literal or value.datatype != expected:
            return False
        return check is None or check(value.value)

    def accepts_tagged(graph: DataGraph, value: Term) -> object:
        return type(value) is Literal and value.language is not None

    if expected == RDF_LANG_STRING:
        yield EachValue(component("Datatype"), accepts_tagged)
    else:
        yield EachValue(component("Datatype"), accepts_well_formed if check else accepts)


def node_kind(clause: Clause) -> Iterator[EachValue]:
    """Section 4.1.3, ``sh:nodeKind``: each value is an IRI, a blank node or a literal."""
    kind = clause.single()
    if not isinstance(kind, NamedNode) or kind not in _NODE_KINDS:
        raise clause.error(f"names an unknown node kind, {kind}")
    types = _NODE_KINDS[kind]

    def accepts(graph: DataGraph, value: Term) -> bool:
        return type(value) in types

    yield EachValue(component("NodeKind"), accepts)
