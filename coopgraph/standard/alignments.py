"""What alignments with other vocabularies make a reasoner add.

In: the standard. Out: which triples only say again, in another vocabulary's words, what a field
says already: ``schema:name`` beside ``skos:prefLabel``. Queries find them in the merge;
documents about one thing leave them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from coopgraph.namespaces import COOP, iri
from coopgraph.rdf import Term, TripleIndex
from coopgraph.standard.model import Standard

_ABOVE = (iri("rdfs:subPropertyOf"), iri("owl:equivalentProperty"))


class Restatements:
    """Knows the properties of other vocabularies that follow from ours, class by class.

    A property may be a restatement on one class and a field of another: an organisation's name
    is ``skos:prefLabel``, an offer's is ``schema:name``.
    """

    def __init__(self, standard: Standard) -> None:
        named = (*_above(standard.index), *_given_by_classes(standard.index))
        self._properties = frozenset(n for n in named if not n.value.startswith(COOP))
        self._fields: dict[Term, frozenset[NamedNode]] = {
            entity.target_class: frozenset(item.path for item in entity.fields)
            for entity in standard.entity_types.values()
        }

    def restates(self, predicate: NamedNode, types: Iterable[Term]) -> bool:
        """Whether a triple with this property only says something again, if its subject is of
        these classes.
        """
        if predicate not in self._properties:
            return False
        return not any(predicate in self._fields.get(name, ()) for name in types)


def _above(index: TripleIndex) -> Iterator[NamedNode]:
    """The properties that others are subproperties of."""
    for predicate, value in index.subjects_of:
        if predicate in _ABOVE and isinstance(value, NamedNode):
            yield value


def _given_by_classes(index: TripleIndex) -> Iterator[NamedNode]:
    """The properties of which being in a class gives a value."""
    for predicate, value in index.subjects_of:
        if predicate == iri("rdfs:subClassOf") and index.objects(value, iri("owl:hasValue")):
            name = index.value(value, iri("owl:onProperty"))
            if isinstance(name, NamedNode):
                yield name
