"""One named graph of a version, arranged so that two versions of it can be compared.

Blank nodes have no names that two versions share. Each is written out where it is referred to,
as Turtle does (``[ … ]``, ``( … )``), so that equal structures are equal texts; what no named
node leads to stands as a subject by its own text. No triple is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.namespaces import curie, iri
from coopgraph.rdf import Subject, Term

_FIRST, _REST, _NIL = iri("rdf:first"), iri("rdf:rest"), iri("rdf:nil")

Values = Mapping[str, Term]  # text → term
Properties = Mapping[NamedNode, Values]


class Graph:
    """The triples of one graph, by subject."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self._triples: dict[Subject, dict[NamedNode, list[Term]]] = {}
        self._holders: Counter[BlankNode] = Counter()
        self._texts: dict[BlankNode, str] = {}
        self._open: set[BlankNode] = set()
        for triple in dict.fromkeys(triples):
            about = self._triples.setdefault(triple.subject, {})  # type: ignore[arg-type]
            about.setdefault(triple.predicate, []).append(triple.object)  # type: ignore[arg-type]
            if isinstance(triple.object, BlankNode):
                self._holders[triple.object] += 1
        self._subjects = dict(self._named())

    @property
    def subjects(self) -> Mapping[str, Subject]:
        """Text → node, for every node that stands as a subject of its own."""
        return self._subjects

    def properties(self, node: Term | None) -> Properties:
        """What is said of a node."""
        if node is None or isinstance(node, Literal):
            return {}
        found = self._triples.get(node, {})
        return {predicate: self._distinct(terms) for predicate, terms in found.items()}

    def about(self, text: str) -> Properties:
        """What is said of the subject with this text."""
        return self.properties(self._subjects.get(text))

    def values(self, node: Term | None, predicate: NamedNode) -> list[Term]:
        """The objects of (node, predicate)."""
        if node is None or isinstance(node, Literal):
            return []
        return self._triples.get(node, {}).get(predicate, [])

    def items(self, head: Term) -> list[Term]:
        """The members of an RDF list."""
        found: list[Term] = []
        seen: set[Term] = set()
        node: Term | None = head
        while node is not None and node != _NIL and node not in seen:
            seen.add(node)
            found.extend(self.values(node, _FIRST))
            node = next(iter(self.values(node, _REST)), None)
        return found

    def text(self, term: Term) -> str:
        """A term as text; the same for the same structure."""
        if isinstance(term, NamedNode):
            return short(term)
        if not isinstance(term, BlankNode):
            return _literal(term)
        if term not in self._texts:
            if term in self._open:
                return "[ … ]"  # it holds itself
            self._open.add(term)
            self._texts[term] = self._written_out(term)
            self._open.remove(term)
        # One node with two holders is not the same as two equal nodes.
        shared = "shared " if self._holders[term] > 1 else ""
        return shared + self._texts[term]

    def _written_out(self, node: BlankNode) -> str:
        held = self._triples.get(node, {})
        if held.keys() == {_FIRST, _REST} and all(len(terms) == 1 for terms in held.values()):
            rest = held[_REST][0]
            tail = "( )" if rest == _NIL else self.text(rest)
            if tail.startswith("( "):
                return f"( {self.text(held[_FIRST][0])} {tail[2:]}"
        parts = sorted(
            f"{short(predicate)} {text}"
            for predicate, terms in held.items()
            for text in map(self.text, terms)
        )
        return f"[ {' ; '.join(parts)} ]" if parts else "[ ]"

    def _distinct(self, terms: Iterable[Term]) -> dict[str, Term]:
        """By text; of equal blank nodes, the second is called so."""
        found: dict[str, Term] = {}
        for term in terms:
            found[_next_free(self.text(term), found)] = term
        return found

    def _named(self) -> Iterable[tuple[str, Subject]]:
        """Named nodes, blank ones that nothing refers to, and blank ones in a ring."""
        reached: set[Term] = set()
        roots = [
            node for node in self._triples if isinstance(node, NamedNode) or not self._holders[node]
        ]
        for node in roots:
            self._reach(node, reached)
        rings = [node for node in self._triples if node not in reached]
        found: dict[str, Subject] = {}
        for node in (*roots, *rings):
            found[_next_free(self.text(node), found)] = node
        return found.items()

    def _reach(self, node: Term, reached: set[Term]) -> None:
        pending = [node]
        while pending:
            current = pending.pop()
            if current in reached or isinstance(current, Literal):
                continue
            reached.add(current)
            for terms in self._triples.get(current, {}).values():
                pending.extend(term for term in terms if isinstance(term, BlankNode))


def short(name: NamedNode) -> str:
    """An IRI by its compact name, else in angle brackets.

    >>> short(NamedNode("http://www.w3.org/ns/shacl#path")), short(NamedNode("urn:x"))
    ('sh:path', '<urn:x>')
    """
    compact = curie(name.value)
    return compact if compact != name.value else str(name)


def _literal(term: Term) -> str:
    text = str(term)
    if isinstance(term, Literal) and not term.language:
        datatype = term.datatype
        return text.replace(f"^^{datatype}", f"^^{short(datatype)}")
    return text


def _next_free(text: str, taken: Mapping[str, object]) -> str:
    number, name = 1, text
    while name in taken:
        number += 1
        name = f"{text} (no. {number})"
    return name
