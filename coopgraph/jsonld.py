"""Write triples as compact JSON-LD, nested where they describe one thing.

In: triples by subject and the standard's terms. Out: JSON that a developer can read without knowing
RDF: keys from the shapes in their order, codes as ``{id, name}``, inner nodes nested, sources
as a list. With the context (``standard.context``) it parses to exactly the triples of the
description; a value that no key fits is written under its compact IRI with its datatype.
Specification: https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pyoxigraph import BlankNode, Literal, NamedNode

from coopgraph.namespaces import PREFIXES, curie, iri
from coopgraph.rdf import Subject, Term, TripleIndex
from coopgraph.standard import EntityType, Standard
from coopgraph.standard.alignments import Restatements
from coopgraph.standard.context import (
    GENERAL_TERMS,
    IRI_VALUE,
    LANGUAGE_VALUE,
    SOURCES,
    ContextTerm,
    all_terms,
    class_terms,
    entity_terms,
)

_TYPE = iri("rdf:type")
_STRING = f"{PREFIXES['xsd']}string"
_Keys = dict[tuple[NamedNode, str], ContextTerm]


class Vocabulary:
    """The keys and class names that documents use, made once from the standard.

    ``restatements`` know what documents leave out.
    """

    def __init__(self, standard: Standard) -> None:
        self.restatements = Restatements(standard)
        known = all_terms(standard)
        self._general = _by_meaning(known[term.key] for term in GENERAL_TERMS)
        self._of_class: dict[NamedNode, _Keys] = {
            entity.target_class: self._keys(standard, entity)
            for entity in standard.entity_types.values()
        }
        self._classes = {value: name for name, value in class_terms(standard).items()}

    def _keys(self, standard: Standard, entity: EntityType) -> _Keys:
        own = _by_meaning(entity_terms(standard, entity))
        return {**own, **{k: v for k, v in self._general.items() if k not in own}}

    def keys(self, types: Iterable[Term]) -> _Keys:
        """The keys of a node of these classes, in the order to write them."""
        for name in types:
            if isinstance(name, NamedNode) and name in self._of_class:
                return self._of_class[name]
        return self._general

    def class_name(self, name: str) -> str:
        """Its short name, else its compact IRI."""
        return self._classes.get(name) or curie(name)


def _by_meaning(terms: Iterable[ContextTerm]) -> _Keys:
    found: _Keys = {}
    for term in terms:
        found.setdefault((term.path, term.coercion), term)
    return found


def to_jsonld(
    index: TripleIndex,
    vocabulary: Vocabulary,
    context: str | Mapping[str, Any],
    *,
    root: NamedNode | None = None,
) -> bytes:
    """The document, UTF-8. ``context`` is the context's address, or its content inline.

    A document about one thing, ``root``, nests what it refers to; one without lists every node
    side by side.
    """
    writer = _Writer(index, vocabulary)
    content: dict[str, Any] = {"@context": context}
    if root is None:
        content["@graph"] = writer.flat()
    else:
        first = writer.root(root)
        others = writer.unreached()
        content.update({"@graph": [first, *others]} if others else first)
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def side_by_side(
    documents: Iterable[tuple[TripleIndex, NamedNode]],
    vocabulary: Vocabulary,
    context: str | Mapping[str, Any],
) -> bytes:
    """Things one after another, each with what its own index says, nested, and no more."""
    graph: list[dict[str, Any]] = []
    for index, root in documents:
        writer = _Writer(index, vocabulary)
        graph += [writer.root(root), *writer.unreached()]
    content = {"@context": context, "@graph": graph}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Writer:
    """Writes the nodes of one graph; remembers which it has written."""

    def __init__(self, index: TripleIndex, vocabulary: Vocabulary) -> None:
        self._index = index
        self._vocabulary = vocabulary
        self._written: set[Subject] = set()
        self._nests = True

    def root(self, thing: NamedNode) -> dict[str, Any]:
        """The thing with all it refers to, and with the records about it as its sources."""
        records = self._index.subjects(SOURCES.path, thing)
        content = self._node(thing, frozenset())
        if records:
            content[SOURCES.key] = [self._source(record, thing) for record in records]
        return content

    def unreached(self) -> list[dict[str, Any]]:
        """Nodes that nothing written so far refers to."""
        found = []
        for subject in self._index.by_subject:
            if subject not in self._written:
                found.append(self._node(subject, frozenset()))
        return found

    def flat(self) -> list[dict[str, Any]]:
        """Every node, none inside another."""
        self._nests = False
        return [self._node(subject, frozenset()) for subject in self._index.by_subject]

    def _source(self, record: Subject, thing: NamedNode) -> dict[str, Any]:
        """A record, without the link back that ``sources`` itself says."""
        return self._node(record, frozenset({thing}), leave_out=SOURCES.path)

    def _node(
        self,
        subject: Subject,
        ancestors: frozenset[Subject],
        leave_out: NamedNode | None = None,
    ) -> dict[str, Any]:
        self._written.add(subject)
        properties = self._index.by_subject[subject]
        content: dict[str, Any] = {"id": _name(subject)}
        types = properties.get(_TYPE, [])
        if types:
            content["type"] = self._class_names(types)
        inside = ancestors | {subject}
        known, other = self._sorted_into_keys(properties, self._vocabulary.keys(types), leave_out)
        for term, values in known:
            content[term.key] = self._under_term(term, values, inside)
        for key, values in sorted(other.items()):
            content[key] = [self._in_full(value, inside) for value in values]
        return content

    def _class_names(self, types: list[Term]) -> list[str]:
        """Our classes first, then those of other vocabularies."""
        names = [self._class_name(term) for term in types]
        return sorted(names, key=lambda name: (":" in name, name))

    def _class_name(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return self._vocabulary.class_name(term.value)
        return _name(term)

    def _sorted_into_keys(
        self,
        properties: Mapping[NamedNode, list[Term]],
        keys: _Keys,
        leave_out: NamedNode | None,
    ) -> tuple[list[tuple[ContextTerm, list[Term]]], dict[str, list[Term]]]:
        """Values by the term that says exactly what they are, and the rest by compact IRI."""
        known: dict[tuple[NamedNode, str], list[Term]] = defaultdict(list)
        other: dict[str, list[Term]] = defaultdict(list)
        for predicate, values in properties.items():
            if predicate in (_TYPE, leave_out):
                continue
            for value in values:
                meaning = (predicate, _coercion(value))
                if meaning in keys:
                    known[meaning].append(value)
                else:
                    other[curie(predicate.value)].append(value)
        return [(keys[meaning], known[meaning]) for meaning in keys if meaning in known], other

    def _under_term(
        self, term: ContextTerm, values: list[Term], ancestors: frozenset[Subject]
    ) -> Any:
        if term.coercion == LANGUAGE_VALUE:
            return _language_map(values, term.many)
        written: list[Any] = [value.value for value in values]
        if term.coercion == IRI_VALUE and not term.is_link:
            written = [self._reference(value, ancestors) for value in values]
        written.sort(key=_sort_key)
        return written if term.many or len(written) > 1 else written[0]

    def _reference(self, value: Term, ancestors: frozenset[Subject]) -> dict[str, Any]:
        """A node written in place, or its IRI alone where nothing more is known of it."""
        assert not isinstance(value, Literal)
        is_known = value in self._index.by_subject
        if self._nests and is_known and value not in ancestors:
            return self._node(value, ancestors)
        return {"id": _name(value)}

    def _in_full(self, value: Term, ancestors: frozenset[Subject]) -> Any:
        """A value under a key that the context gives no type."""
        if not isinstance(value, Literal):
            return self._reference(value, ancestors)
        if value.language:
            return {"@value": value.value, "@language": value.language}
        if value.datatype.value == _STRING:
            return value.value
        return {"@value": value.value, "@type": curie(value.datatype.value)}


def _coercion(value: Term) -> str:
    if not isinstance(value, Literal):
        return IRI_VALUE
    return LANGUAGE_VALUE if value.language else value.datatype.value


def _language_map(values: list[Term], many: bool) -> dict[str, Any]:
    texts: dict[str, list[str]] = defaultdict(list)
    for value in values:
        assert isinstance(value, Literal)
        texts[value.language or "@none"].append(value.value)
    return {
        tag: sorted(found) if many or len(found) > 1 else found[0]
        for tag, found in sorted(texts.items())
    }


def _name(node: Term) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else node.value


def _sort_key(written: Any) -> str:
    return str(written["id"]) if isinstance(written, dict) else str(written)
