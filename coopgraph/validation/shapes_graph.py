"""Read a shapes graph: which nodes are shapes, and what they declare (sections 2 and 3.3).

``Source`` answers questions about shapes and turns what is ill-formed into a ``ShapeError``
that names the shape, or the named shape around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph.errors import NotCompiled, ShapeError
from coopgraph.rdf import Term, TripleIndex
from coopgraph.validation.vocabulary import RDF_FIRST, RDF_NIL, RDF_REST, TRUE, sh

_PATH = sh("path")


class Source:
    """A shapes graph, indexed."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        # A triple given twice is still one triple: counts of parameters rely on it.
        unique = dict.fromkeys(triples)
        self._index = TripleIndex(unique)
        self._owners: dict[Term, Term] = {}
        for subject, properties in self._index.by_subject.items():
            for values in properties.values():
                self._owners.update((v, subject) for v in values if isinstance(v, BlankNode))

    def nodes(self) -> Iterator[Term]:
        """Every subject."""
        yield from self._index.by_subject

    def predicates(self, node: Term) -> Iterable[NamedNode]:
        """The predicates that ``node`` has values for."""
        return () if isinstance(node, Literal) else self._index.by_subject.get(node, {})

    def values(self, node: Term, predicate: NamedNode) -> tuple[Term, ...]:
        """The objects of (``node``, ``predicate``) in the order of the source."""
        return tuple(self._index.objects(node, predicate))

    def subjects(self, predicate: NamedNode, value: Term) -> list[Term]:
        """The subjects of (``predicate``, ``value``) in the order of the source."""
        return list(self._index.subjects(predicate, value))

    def at_most_one(self, node: Term, predicate: NamedNode) -> Term | None:
        """The one value of a parameter that may not have several; ``ShapeError`` if it does."""
        values = self.values(node, predicate)
        if len(values) > 1:
            raise self.error(node, f"gives {predicate} more than once")
        return values[0] if values else None

    def is_true(self, node: Term, predicate: NamedNode) -> bool:
        """Whether the flag is ``true``; any other literal leaves it off."""
        return self.at_most_one(node, predicate) == TRUE

    def is_property_shape(self, node: Term) -> bool:
        """Whether the shape has a path (section 2.3)."""
        return _PATH in self.predicates(node)

    def members(self, shape: Term, head: Term) -> list[Term]:
        """The members of a SHACL list (section 1.5); ``ShapeError`` if it is not well-formed."""
        found: list[Term] = []
        seen: set[Term] = set()
        node = head
        while node != RDF_NIL:
            first, rest = self.values(node, RDF_FIRST), self.values(node, RDF_REST)
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise self.error(shape, "has a value that should be an RDF list and is not")
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found

    def error(self, node: Term, message: str) -> ShapeError:
        """A ``ShapeError`` about ``node``, under the name of the nearest named node around it."""
        name, message = self._place(node, message)
        return ShapeError(message, shape=name)

    def not_compiled(self, node: Term, message: str) -> NotCompiled:
        """The same, about what is sound and beyond the compiler."""
        name, message = self._place(node, message)
        return NotCompiled(message, shape=name)

    def _place(self, node: Term, message: str) -> tuple[str, str]:
        named = node
        seen: set[Term] = set()
        while isinstance(named, BlankNode) and named in self._owners and named not in seen:
            seen.add(named)
            named = self._owners[named]
        name = named.value if isinstance(named, NamedNode) else str(named)
        return name, message if named == node else f"a part of it {message}"
