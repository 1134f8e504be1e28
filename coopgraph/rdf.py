"""The only bridge between rdflib and pyoxigraph, and small reading jobs on triples.

coopgraph works in pyoxigraph's terms; rdflib is used where pySHACL, owlrl or a pretty format
needs it. Both directions keep literals as they are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from coopgraph.errors import ShapeError
from coopgraph.namespaces import DOCUMENT_PREFIXES

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

_RDF_FIRST = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")
_RDF_REST = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest")
_RDF_NIL = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil")
_LAST_PART = re.compile(r"[^/#]*$")


def used_prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    """Only the prefixes that shorten something, so that a small document stays small."""
    names = set()
    for triple in triples:
        names.add(triple.predicate.value)
        for term in (triple.subject, triple.object):
            if isinstance(term, NamedNode):
                names.add(term.value)
            elif isinstance(term, Literal):
                names.add(term.datatype.value)
    stems = tuple({_LAST_PART.sub("", name) for name in names})
    return {
        prefix: stem
        for prefix, stem in DOCUMENT_PREFIXES.items()
        if any(name.startswith(stem) for name in stems)
    }


class TripleIndex:
    """Triples by subject, then predicate; for reading ontology and shapes."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by_subject: dict[Subject, dict[NamedNode, list[Term]]] = defaultdict(dict)
        self.subjects_of: dict[tuple[NamedNode, Term], list[Subject]] = defaultdict(list)
        for triple in triples:
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            if isinstance(subject, Triple) or isinstance(value, Triple):
                continue
            self.by_subject[subject].setdefault(predicate, []).append(value)
            self.subjects_of[predicate, value].append(subject)

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """Every object of (subject, predicate), in the order of the source."""
        if isinstance(subject, Literal):
            return []
        return self.by_subject.get(subject, {}).get(predicate, [])

    def value(self, subject: Term, predicate: NamedNode) -> Term | None:
        """The first object of (subject, predicate)."""
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: NamedNode, value: Term) -> list[Subject]:
        """Every subject of (predicate, value), in the order of the source."""
        return self.subjects_of.get((predicate, value), [])

    def items(self, head: Term) -> list[Term]:
        """The members of an RDF list."""
        found: list[Term] = []
        node: Term | None = head
        while node is not None and node != _RDF_NIL:
            found.extend(self.objects(node, _RDF_FIRST))
            node = self.value(node, _RDF_REST)
        return found


def read_turtle(paths: Iterable[Path]) -> list[Triple]:
    """The triples of Turtle files.

    Blank nodes are named by their file and their order in it: those of different files stay
    apart, and reading a file twice gives the same names. Raises ShapeError where a file is no
    Turtle.
    """
    triples: list[Triple] = []
    for path in paths:
        try:
            with path.open("rb") as source:
                quads = parse(source, format=RdfFormat.TURTLE)
                triples.extend(named_by_order((quad.triple for quad in quads), path.stem))
        except SyntaxError as error:
            raise ShapeError(f"is no Turtle: {error}", shape=path.name) from error
    return triples


def named_by_order(triples: Iterable[Triple], stem: str) -> Iterator[Triple]:
    """The triples with their blank nodes called ``stem`` (letters and digits) and a number."""
    prefix = "".join(filter(str.isalnum, stem))
    names: dict[BlankNode, BlankNode] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode):
            subject = names.setdefault(subject, BlankNode(f"{prefix}{len(names)}"))
        if isinstance(value, BlankNode):
            value = names.setdefault(value, BlankNode(f"{prefix}{len(names)}"))
        yield Triple(subject, triple.predicate, value)


def to_rdflib(triples: Iterable[Triple | Quad]) -> rdflib.Graph:
    """An rdflib graph of the triples (graph names of quads are dropped)."""
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(
            (_to_rdflib(triple.subject), _to_rdflib(triple.predicate), _to_rdflib(triple.object))
        )
    return graph


def from_rdflib(graph: rdflib.Graph) -> list[Triple]:
    """The triples of an rdflib graph that RDF 1.1 allows (literal subjects are dropped)."""
    triples = []
    for subject, predicate, value in graph:
        if isinstance(predicate, rdflib.URIRef) and not isinstance(subject, rdflib.Literal):
            source = from_rdflib_term(subject)
            assert not isinstance(source, Literal)
            triples.append(Triple(source, NamedNode(str(predicate)), from_rdflib_term(value)))
    return triples


def _to_rdflib(term: object) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(
            term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False
        )
    raise TypeError(f"no rdflib term for {term!r}")


def from_rdflib_term(term: rdflib.term.Node) -> Term:
    """One term of rdflib as pyoxigraph's."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        if term.datatype is not None:
            return Literal(str(term), datatype=NamedNode(str(term.datatype)))
        return Literal(str(term))
    raise TypeError(f"no pyoxigraph term for {term!r}")


def sorted_lines(triples: Sequence[Triple] | Iterable[Triple]) -> list[str]:
    """N-Triples lines, sorted: a form in which two graphs without blank nodes compare."""
    return sorted(f"{triple.subject} {triple.predicate} {triple.object} ." for triple in triples)
