"""What it means that a whole subject is new, or gone: a term, an axiom, a field, a code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode

from coopgraph.namespaces import CODE, COOP, CROSSWALK, ONTOLOGY_GRAPH, SHAPES, SHAPES_GRAPH, iri
from coopgraph.rdf import Subject, Term
from coopgraph.standard.diff.change import Breaks, Level, Verdict
from coopgraph.standard.diff.graph import Graph, short
from coopgraph.standard.diff.predicates import CLASHING

_TYPE, _PROPERTY, _PATH = iri("rdf:type"), iri("sh:property"), iri("sh:path")
# A field with one of these is not content with no value.
_DEMANDING = (iri("sh:hasValue"), iri("sh:equals"), iri("sh:qualifiedMinCount"))
# Targets that need no class of their own.
_TARGETS = (iri("sh:targetNode"), iri("sh:targetSubjectsOf"), iri("sh:targetObjectsOf"))
_MIN_COUNT, _TARGET = iri("sh:minCount"), iri("sh:targetClass")


@dataclass(frozen=True)
class Whole:
    """A subject that one of two versions of a graph says nothing about.

    ``holder`` is the graph of the version that has it, ``other`` of the one that has not.
    """

    name: NamedNode  # of the graph
    node: Subject
    holder: Graph
    other: Graph
    is_new: bool

    @property
    def types(self) -> set[str]:
        """Compact names of its types."""
        return {short(t) for t in self.holder.values(self.node, _TYPE) if isinstance(t, NamedNode)}

    @property
    def is_ours(self) -> bool:
        """Whether it is for us to say what it is, rather than to say something about it."""
        stems = (COOP, SHAPES, CODE, CROSSWALK)
        if isinstance(self.node, BlankNode):
            return True
        return bool(self.types) and self.node.value.startswith(stems)

    def owners(self) -> list[NamedNode]:
        """The shapes that a field belongs to."""
        return [
            node
            for node in self.holder.subjects.values()
            if isinstance(node, NamedNode) and self.node in self.holder.values(node, _PROPERTY)
        ]


def judge(whole: Whole) -> Verdict:
    """What a subject is that came or went, and how much that matters."""
    if whole.name == SHAPES_GRAPH:
        return _shape(whole)
    if whole.name == ONTOLOGY_GRAPH:
        return _term(whole)
    kinds = {"skos:Concept": "code", "owl:Axiom": "mapping"}
    kind = next((kind for name, kind in kinds.items() if name in whole.types), "statement")
    return _promised(whole, kind, _called(whole))


def _promised(whole: Whole, kind: str, called: str) -> Verdict:
    if whole.is_new:
        return Verdict(f"{kind} added", f"new {kind} {called}", Level.COMPATIBLE)
    return Verdict(f"{kind} removed", f"{kind} {called} is gone", Level.BREAKING, Breaks.BOTH)


def _term(whole: Whole) -> Verdict:
    if not isinstance(whole.node, BlankNode):
        return _promised(whole, "term", _called(whole))
    if not whole.types & CLASHING:
        return _promised(whole, "axiom", "without a name")
    if whole.is_new:
        what = "data that contradicts it is inconsistent from now on"
        return Verdict("restriction added", what, Level.BREAKING, Breaks.PRODUCERS)
    return Verdict("restriction removed", "what it forbade is allowed", Level.COMPATIBLE)


def _shape(whole: Whole) -> Verdict:
    if whole.holder.values(whole.node, _PATH):
        return _field(whole)
    if whole.types <= {"sh:PropertyGroup"} and whole.types:
        done = "added" if whole.is_new else "removed"
        return Verdict(f"group {done}", f"group {_called(whole)} {done}", Level.EDITORIAL)
    targets = set(whole.holder.values(whole.node, _TARGET))
    if whole.is_new and any(whole.holder.values(whole.node, kind) for kind in _TARGETS):
        what = f"new shape {_called(whole)} for things that are there already"
        return Verdict("shape added", what, Level.BREAKING, Breaks.PRODUCERS)
    if whole.is_new and any(targets & {*found} for found in _targets(whole.other)):
        what = f"new shape {_called(whole)} for things that had one already"
        return Verdict("shape added", what, Level.BREAKING, Breaks.PRODUCERS)
    if targets:
        return _promised(whole, "entity type", _called(whole))
    return _promised(whole, "shape", _called(whole))


def _targets(graph: Graph) -> Iterator[list[Term]]:
    return (graph.values(node, _TARGET) for node in graph.subjects.values())


def _field(whole: Whole) -> Verdict:
    called = _called(whole)
    if not whole.is_new:
        what = f"field {called} is gone"
        return Verdict("field removed", what, Level.BREAKING, Breaks.BOTH)
    standing = [owner for owner in whole.owners() if owner.value and _stands(whole, owner)]
    if standing and _is_demanded(whole):
        what = f"new field {called}, without which data does not conform"
        return Verdict("required field added", what, Level.BREAKING, Breaks.PRODUCERS)
    if any(_has_path(whole, owner) for owner in standing):
        what = f"new field {called} on a property that had a field already"
        return Verdict("field added", what, Level.BREAKING, Breaks.PRODUCERS)
    if standing and whole.holder.values(whole.node, iri("coop:nodeKey")):
        what = f"new field {called}, which names its nodes: their IRIs change"
        return Verdict("field added", what, Level.BREAKING, Breaks.BOTH)
    return Verdict("field added", f"new field {called}", Level.COMPATIBLE)


def _stands(whole: Whole, owner: NamedNode) -> bool:
    return bool(whole.other.about(short(owner)))


def _is_demanded(whole: Whole) -> bool:
    least = {getattr(term, "value", "") for term in whole.holder.values(whole.node, _MIN_COUNT)}
    return bool(least - {"0"}) or any(
        whole.holder.values(whole.node, predicate) for predicate in _DEMANDING
    )


def _has_path(whole: Whole, owner: NamedNode) -> bool:
    paths = {whole.holder.text(path) for path in whole.holder.values(whole.node, _PATH)}
    return any(
        paths & {whole.other.text(path) for path in whole.other.values(field, _PATH)}
        for field in whole.other.values(whole.other.subjects.get(short(owner)), _PROPERTY)
    )


def _called(whole: Whole) -> str:
    """The subject's English name, or another, else its text."""
    for predicate in ("rdfs:label", "sh:name", "skos:prefLabel", "dcterms:title"):
        found = {
            getattr(term, "language", None): getattr(term, "value", "")
            for term in whole.holder.values(whole.node, iri(predicate))
        }
        if found:
            return f"“{found.get('en') or next(iter(found.values()))}”"
    return whole.holder.text(whole.node)
