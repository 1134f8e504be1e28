"""Stored queries as RDF, which query editors list: ``sh:SPARQLExecutable``.

In: queries that run as they stand. Out: triples in the form of
https://github.com/sib-swiss/sparql-examples, which builds on
https://www.w3.org/TR/shacl/#sparql-prefixes. A query goes by the address of its page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.namespaces import DOCUMENT_PREFIXES, iri
from coopgraph.selfdescription.names import inner

# Editors of the SIB look for the newer names of schema.org; the graph has the older elsewhere.
_SCHEMAS = ("http://schema.org/", "https://schema.org/")
_CLASSES = {
    "SELECT": "sh:SPARQLSelectExecutable",
    "ASK": "sh:SPARQLAskExecutable",
    "CONSTRUCT": "sh:SPARQLConstructExecutable",
}
_TYPE = iri("rdf:type")


@dataclass(frozen=True, slots=True)
class Example:
    """A query to offer: ``text`` needs no value, ``form`` is SELECT, ASK or CONSTRUCT."""

    name: str
    label: str
    comment: str
    form: str
    text: str
    keywords: tuple[str, ...] = ()


def example_triples(
    base: str, endpoint: NamedNode, examples: Iterable[Example]
) -> Iterator[Triple]:
    """The queries, and the prefixes that any query may use."""
    for example in sorted(examples, key=lambda item: item.name):
        yield from _example(base, endpoint, example)
    yield from _prefixes(base)


def _example(base: str, endpoint: NamedNode, example: Example) -> Iterator[Triple]:
    node = NamedNode(f"{base}queries/{example.name}")
    yield Triple(node, _TYPE, iri("sh:SPARQLExecutable"))
    yield Triple(node, _TYPE, iri(_CLASSES[example.form]))
    yield Triple(node, iri("rdfs:label"), Literal(example.label, language="en"))
    yield Triple(node, iri("rdfs:comment"), Literal(example.comment, language="en"))
    yield Triple(node, iri(f"sh:{example.form.lower()}"), Literal(example.text))
    yield Triple(node, iri("sh:prefixes"), _declarations(base))
    for schema in _SCHEMAS:
        yield Triple(node, NamedNode(f"{schema}target"), endpoint)
        for keyword in example.keywords:
            yield Triple(node, NamedNode(f"{schema}keywords"), Literal(keyword))


def _prefixes(base: str) -> Iterator[Triple]:
    for prefix, namespace in DOCUMENT_PREFIXES.items():
        node = inner(base, "prefix", prefix)
        stem = Literal(namespace, datatype=iri("xsd:anyURI"))
        yield Triple(_declarations(base), iri("sh:declare"), node)
        yield Triple(node, iri("sh:prefix"), Literal(prefix))
        yield Triple(node, iri("sh:namespace"), stem)


def _declarations(base: str) -> NamedNode:
    """The node that declares prefixes."""
    return inner(base, "prefixes")
