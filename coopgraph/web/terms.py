"""The terms of the ontology laid out for reading.

In: a standard, and the stored queries that answer its competency questions. Out: an entry for
each class and property that says what it means, from what it follows, where it is used and what
other vocabularies call it; and the tree of classes. Nothing here names a term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from coopgraph.entity import best_text
from coopgraph.iris import is_web_address
from coopgraph.namespaces import COOP, curie, iri
from coopgraph.rdf import Term
from coopgraph.standard import Standard
from coopgraph.web.facts import Row, Value, english, short_address

Page = Callable[[str], str | None]
Queries = Mapping[str, Value]  # competency question → the stored query that answers it

QUESTION = "Competency question: "
_CLASS = iri("owl:Class")
_PROPERTIES = (iri("owl:ObjectProperty"), iri("owl:DatatypeProperty"))

_ABOVE = (("rdfs:subClassOf", "Is a"), ("rdfs:subPropertyOf", "Implies"))
_DOCUMENTED = (("schema:domainIncludes", "Said of"), ("schema:rangeIncludes", "Holds"))

# What a mapping from one term to another says of the first.
RELATIONS = {
    iri("owl:equivalentClass"): "the same as",
    iri("owl:equivalentProperty"): "the same as",
    iri("rdfs:subClassOf"): "a kind of",
    iri("rdfs:subPropertyOf"): "implies",
    iri("skos:exactMatch"): "the same as",
    iri("skos:closeMatch"): "close to",
    iri("skos:broadMatch"): "narrower than",
    iri("skos:narrowMatch"): "broader than",
    iri("skos:relatedMatch"): "related to",
}


@dataclass(frozen=True)
class TermEntry:
    """One class or property. ``labels`` are those in other languages than English."""

    name: str
    curie: str
    iri: str
    label: str
    labels: tuple[Value, ...]
    comment: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Branch:
    """A class in the tree of classes, with those below it."""

    name: str
    label: str
    below: tuple[Branch, ...]


class Terms:
    """Reads the entries of one standard."""

    def __init__(self, standard: Standard, page: Page, queries: Queries) -> None:
        self._standard = standard
        self._index = standard.index
        self._page = page
        self._queries = queries
        self._uses = _uses(standard, page)

    def classes(self) -> list[TermEntry]:
        """Our classes, by their names."""
        return self._entries([_CLASS])

    def properties(self) -> list[TermEntry]:
        """Our properties, by their names."""
        return self._entries(_PROPERTIES)

    def tree(self) -> tuple[Branch, ...]:
        """Our classes, each below the first of our classes that it is a kind of."""
        below: dict[str, list[NamedNode]] = {}
        for term in _ours(self._standard, [_CLASS]):
            parents = self._index.objects(term, iri("rdfs:subClassOf"))
            above = next((p.value for p in parents if _is_ours(p)), "")
            below.setdefault(above, []).append(term)

        def branches(above: str) -> tuple[Branch, ...]:
            return tuple(
                Branch(_local(term), self._label(term), branches(term.value))
                for term in below.get(above, [])
            )

        return branches("")

    def _entries(self, kinds: Iterable[NamedNode]) -> list[TermEntry]:
        return [self._entry(term) for term in _ours(self._standard, kinds)]

    def _entry(self, term: NamedNode) -> TermEntry:
        labels = {
            v.language: v.value
            for v in self._index.objects(term, iri("rdfs:label"))
            if isinstance(v, Literal) and v.language
        }
        return TermEntry(
            name=_local(term),
            curie=curie(term.value),
            iri=term.value,
            label=english(labels),
            labels=tuple(
                Value(text, language=language)
                for language, text in sorted(labels.items())
                if language != "en"
            ),
            comment=best_text(_literals(self._index.objects(term, iri("rdfs:comment")))),
            rows=tuple(row for row in self._rows(term) if row.values),
        )

    def _rows(self, term: NamedNode) -> Iterator[Row]:
        for predicate, label in _ABOVE:
            above = [t for t in self._index.objects(term, iri(predicate)) if _is_ours(t)]
            yield self._row(predicate, label, above)
        yield Row("definition", "Follows from", tuple(self._definitions(term)))
        for predicate, label in _DOCUMENTED:
            yield self._row(predicate, label, self._index.objects(term, iri(predicate)))
        yield Row("uses", "Used in", self._uses.get(term.value, ()))
        yield self._row("example", "Example", self._index.objects(term, iri("skos:example")))
        yield Row("mappings", "Elsewhere", tuple(self._mappings(term)))
        yield Row("question", "Answers", tuple(self._questions(term)))
        replaced = self._index.objects(term, iri("dcterms:isReplacedBy"))
        yield self._row("replaced", "Deprecated; use", replaced)

    def _row(self, key: str, label: str, terms: Iterable[Term]) -> Row:
        named = (t for t in terms if isinstance(t, NamedNode | Literal))
        return Row(key, label, tuple(reference(t, self._page) for t in named))

    def _mappings(self, term: NamedNode) -> Iterator[Value]:
        """What other vocabularies call it."""
        for predicate, relation in RELATIONS.items():
            for other in self._index.objects(term, predicate):
                if isinstance(other, NamedNode) and not _is_ours(other):
                    found = reference(other, self._page)
                    yield Value(f"{relation} {found.text}", found.href)

    def _questions(self, term: NamedNode) -> Iterator[Value]:
        """Its competency questions; each leads to the query that answers it, if there is one."""
        for note in _literals(self._index.objects(term, iri("skos:editorialNote"))):
            if note.value.startswith(QUESTION):
                question = note.value.removeprefix(QUESTION)
                yield self._queries.get(question, Value(question))

    def _definitions(self, term: NamedNode) -> Iterator[Value]:
        """In words, what makes a thing one of this class."""
        given = self._index.objects(term, iri("owl:equivalentClass"))
        given = [*given, *self._index.subjects(iri("rdfs:subClassOf"), term)]
        for node in given:
            if isinstance(node, BlankNode) and (words := self._words(node)):
                yield Value(words)

    def _words(self, node: Term) -> str:
        """A class expression in words, "" where it is of another form."""
        if isinstance(node, NamedNode):
            return self._label(node)
        for head in self._index.objects(node, iri("owl:intersectionOf")):
            parts = [self._words(part) for part in self._index.items(head)]
            return " whose ".join(parts) if all(parts) else ""
        on = self._index.value(node, iri("owl:onProperty"))
        if on is None:
            return ""
        for value in self._index.objects(node, iri("owl:hasValue")):
            return f"{self._label(on)} is {self._label(value)}"
        for kind in self._index.objects(node, iri("owl:someValuesFrom")):
            words = self._words(kind)
            return f"{self._label(on)} is some {words}" if words else ""
        return ""

    def _label(self, term: Term) -> str:
        """A term's English name; of a code, too."""
        for predicate in ("rdfs:label", "skos:prefLabel"):
            if labels := _literals(self._index.objects(term, iri(predicate))):
                return best_text(labels)
        for known in self._standard.code_lists.values():
            for code in known.codes:
                if code.iri == term:
                    return f"“{english(code.labels)}”"
        return curie(term.value)


def reference(term: NamedNode | BlankNode | Literal, page: Page) -> Value:
    """A term as text, with a link where it has one of its own."""
    if isinstance(term, Literal):
        return Value(term.value, language=term.language or "")
    inside = page(term.value)
    if inside is not None:
        return Value(curie(term.value), inside)
    short = curie(term.value)
    text = short if short != term.value else short_address(term.value)
    return Value(text, term.value if is_web_address(term.value) else "")


def _uses(standard: Standard, page: Page) -> dict[str, tuple[Value, ...]]:
    """Where each term is used: the shapes of its class, the fields that hold it."""
    found: dict[str, list[Value]] = {}
    for entity in standard.entity_types.values():
        shape = Value(english(entity.labels), page(entity.shape.value) or "")
        found.setdefault(entity.target_class.value, []).append(shape)
        for item in entity.fields:
            text = f"{english(entity.labels)}: {english(item.labels)}"
            found.setdefault(item.path.value, []).append(Value(text, page(item.shape.value) or ""))
    return {name: tuple(sorted(values, key=lambda v: v.text)) for name, values in found.items()}


def _ours(standard: Standard, kinds: Iterable[NamedNode]) -> list[NamedNode]:
    """Our terms of some kinds, by their names."""
    found = {term for kind in kinds for term in standard.index.subjects(iri("rdf:type"), kind)}
    named = [term for term in found if isinstance(term, NamedNode) and _is_ours(term)]
    return sorted(named, key=lambda term: term.value.casefold())


def _is_ours(term: Term) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(COOP)


def _local(term: NamedNode) -> str:
    return term.value.removeprefix(COOP)


def _literals(terms: Iterable[Term]) -> list[Literal]:
    return [term for term in terms if isinstance(term, Literal)]
