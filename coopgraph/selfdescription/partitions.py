"""A census → the VoID description of a dataset: counts, and partitions by class and property.

In: what was counted of a graph. Out: triples. Each property partition says of which classes and
datatypes its objects are, in the form that the editors and generators of the SIB read.
Specifications: https://www.w3.org/TR/void/ and http://ldf.fi/void-ext#.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.namespaces import iri
from coopgraph.selfdescription.census import Census, Use
from coopgraph.selfdescription.names import inner, void, void_extension

_TYPE = iri("rdf:type")
_INTEGER = iri("xsd:integer")
_STEM = re.compile(r"^.*[/#]")


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset to describe: its name, what the names of its entities begin with, what was
    counted, and some things to look at.
    """

    base: str
    node: NamedNode
    space: str
    census: Census
    examples: tuple[NamedNode, ...] = ()

    def triples(self) -> Iterator[Triple]:
        """The description. The same triples of a property are one partition, which belongs to
        the dataset and to every class whose members have just these.
        """
        yield from self._counts()
        parts = {}
        for path, use in self.census.properties.items():
            parts[use] = self._name(self.node, "property", path)
            yield Triple(self.node, void("propertyPartition"), parts[use])
            yield from self._property(parts[use], path, use)
        for name, members in self.census.classes.items():
            part = self._name(self.node, "class", name)
            yield Triple(self.node, void("classPartition"), part)
            yield Triple(part, void("class"), name)
            yield number(part, "entities", members)
            for path, use in self.census.uses[name].items():
                if use not in parts:
                    parts[use] = self._name(part, "property", path)
                    yield from self._property(parts[use], path, use)
                yield Triple(part, void("propertyPartition"), parts[use])

    def _counts(self) -> Iterator[Triple]:
        census = self.census
        yield Triple(self.node, _TYPE, void("Dataset"))
        yield Triple(self.node, void("uriSpace"), Literal(self.space))
        yield number(self.node, "triples", census.triples)
        yield number(self.node, "entities", census.entities)
        yield number(self.node, "distinctSubjects", census.subjects)
        yield number(self.node, "classes", len(census.classes))
        yield number(self.node, "properties", len(census.properties))
        for stem in vocabularies([*census.classes, *census.properties]):
            yield Triple(self.node, void("vocabulary"), stem)
        for example in self.examples:
            yield Triple(self.node, void("exampleResource"), example)

    def _property(self, part: NamedNode, path: NamedNode, use: Use) -> Iterator[Triple]:
        """A partition by property, and by what stands at its objects."""
        yield Triple(part, void("property"), path)
        yield number(part, "triples", use.triples)
        for name, triples in use.classes.items():
            node = self._name(part, "class", name)
            yield Triple(part, void("classPartition"), node)
            yield Triple(node, void("class"), name)
            yield number(node, "triples", triples)
        for datatype, triples in use.datatypes.items():
            node = self._name(part, "datatype", datatype)
            yield Triple(part, void_extension("datatypePartition"), node)
            yield Triple(node, void_extension("datatype"), datatype)
            yield number(node, "triples", triples)

    def _name(self, owner: NamedNode, kind: str, name: NamedNode) -> NamedNode:
        return inner(self.base, owner.value, kind, name.value)


def number(node: NamedNode, name: str, count: int) -> Triple:
    """A count, by the name of its VoID property."""
    return Triple(node, void(name), Literal(str(count), datatype=_INTEGER))


def vocabularies(terms: Iterable[NamedNode]) -> list[NamedNode]:
    """The namespaces of terms, in order.

    >>> [stem.value for stem in vocabularies([NamedNode("http://xmlns.com/foaf/0.1/name")])]
    ['http://xmlns.com/foaf/0.1/']
    """
    found = {stem[0] for term in terms if (stem := _STEM.match(term.value))}
    return [NamedNode(stem) for stem in sorted(found)]
