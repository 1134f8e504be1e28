"""What alignments with other vocabularies make a reasoner add.

In: the standard. Out: which triples only say again, in another vocabulary's words, what a field
says already: ``schema:name`` beside ``skos:prefLabel``. Queries find them in the merge;
documents about one thing leave them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import NamedNode

from coopgraph.namespaces import COOP, iri
from coopgraph.rdf import Term, TripleIndex
from coopgraph.standard.model import Standard

_ABOVE = (iri("rdfs:subPropertyOf"), iri("owl:equivalentProperty"))


class Restatements:
    """Knows the properties of other vocabularies that follow from ours.

    A property may be a restatement on one thing and the only word for it on another: an
    organisation's name is ``skos:prefLabel``, an offer's is ``schema:name``.
    """

    def __init__(self, standard: Standard) -> None:
        self._below = _below(standard.index)
        self._given = frozenset(_given_by_classes(standard.index))
        self._fields: dict[Term, set[NamedNode]] = defaultdict(set)
        for entity in standard.entity_types.values():
            self._fields[entity.target_class].update(item.path for item in entity.fields)

    def restates(
        self, predicate: NamedNode, types: Iterable[Term], beside: Collection[NamedNode]
    ) -> bool:
        """Whether a triple with this property only says something again.

        ``types`` are the classes of its subject, ``beside`` the properties that lead from its
        subject to the same object.
        """
        if predicate.value.startswith(COOP):
            return False
        if any(predicate in self._fields.get(name, ()) for name in types):
            return False
        is_implied = not self._below.get(predicate, frozenset()).isdisjoint(beside)
        return is_implied or predicate in self._given


def _below(index: TripleIndex) -> dict[NamedNode, frozenset[NamedNode]]:
    """For each property that others are subproperties of, all of those others."""
    direct: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for (predicate, value), subjects in index.subjects_of.items():
        if predicate in _ABOVE and isinstance(value, NamedNode):
            direct[value].update(name for name in subjects if isinstance(name, NamedNode))

    def all_below(name: NamedNode, seen: frozenset[NamedNode]) -> frozenset[NamedNode]:
        new = frozenset(direct.get(name, ())) - seen
        return new.union(*(all_below(below, seen | new) for below in new))

    return {name: all_below(name, frozenset({name})) for name in direct}


def _given_by_classes(index: TripleIndex) -> Iterator[NamedNode]:
    """The properties of which being in a class gives a value."""
    for predicate, value in index.subjects_of:
        if predicate == iri("rdfs:subClassOf") and index.objects(value, iri("owl:hasValue")):
            name = index.value(value, iri("owl:onProperty"))
            if isinstance(name, NamedNode):
                yield name
