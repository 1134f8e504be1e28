"""Crosswalks: from the codes of other schemes to ours.

In: ``ontology/crosswalks/*.ttl``, each a mapping set of SSSOM (https://w3id.org/sssom/) whose
mappings are OWL axioms: source, SKOS mapping property, target, justification. Out: what a
foreign code means in one of our lists, and the SKOS triples that the mappings amount to.

What translates (SKOS Reference, section 10): ``exactMatch``, then ``closeMatch``, then
``broadMatch``, in this order. Each keeps what is said true, or near enough to stand for it:
whoever does a thing does what holds it. ``narrowMatch`` and ``relatedMatch`` say more than the
source did, so they never translate; they serve queries alone.

A code without mappings of its own takes those of its nearest broader code, where its scheme
has several levels (``xkos:numberOfLevels``): 4711 → 47. Numbers of such schemes nest by their
leading characters. Codes of flat lists, and labels, must be named as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.namespaces import CODE, CROSSWALK, iri
from coopgraph.rdf import Term, TripleIndex

SSSOM: Final = "https://w3id.org/sssom/"
_LEVELS = NamedNode("http://rdf-vocabulary.ddialliance.org/xkos#numberOfLevels")

# A code of a scheme of numbers, such as 4711, 47.11 or 47.11/1.
_CODE = re.compile(r"\d{1,6}|\d\d(\.\d{1,3}){1,2}(/\d)?", re.ASCII)

# Each mapping property with the one that says the same from the other end.
_INVERSE = {
    iri("skos:exactMatch"): iri("skos:exactMatch"),
    iri("skos:closeMatch"): iri("skos:closeMatch"),
    iri("skos:broadMatch"): iri("skos:narrowMatch"),
    iri("skos:narrowMatch"): iri("skos:broadMatch"),
    iri("skos:relatedMatch"): iri("skos:relatedMatch"),
}
_TRANSLATING = (iri("skos:exactMatch"), iri("skos:closeMatch"), iri("skos:broadMatch"))


@dataclass(frozen=True, slots=True)
class Match:
    """One mapping: a foreign code, what it is to ours, our code."""

    source: NamedNode
    relation: NamedNode
    target: NamedNode

    @property
    def triples(self) -> tuple[Triple, Triple]:
        """What the mapping amounts to, read from either end."""
        return (
            Triple(self.source, self.relation, self.target),
            Triple(self.target, _INVERSE[self.relation], self.source),
        )


@dataclass(frozen=True)
class Crosswalk:
    """A mapping set. ``lists`` are the slugs of our code lists that it leads to.

    ``by_notation`` and ``by_label`` give the mappings of a foreign code, whatever the case;
    labels that name several codes are left out.
    """

    iri: NamedNode
    slug: str
    title: str
    lists: tuple[str, ...]
    is_nested: bool
    matches: tuple[Match, ...] = field(repr=False)
    by_notation: Mapping[str, tuple[Match, ...]] = field(repr=False)
    by_label: Mapping[str, tuple[Match, ...]] = field(repr=False)

    def knows(self, text: str) -> bool:
        """Whether a text is, or nests in, a code of the foreign scheme."""
        return bool(self._nearest(text))

    def translate(self, text: str, code_list: str) -> NamedNode | None:
        """Our code, of that list, for a foreign code; None where no mapping keeps its truth."""
        scheme = f"{CODE}{code_list}/"
        found = [m for m in self._nearest(text) if m.target.value.startswith(scheme)]
        for relation in _TRANSLATING:
            for match in found:
                if match.relation == relation:
                    return match.target
        return None

    def _nearest(self, text: str) -> tuple[Match, ...]:
        name = text.casefold()
        found = self.by_notation.get(name) or self.by_label.get(name)
        is_code = _CODE.fullmatch(name) is not None
        while found is None and self.is_nested and is_code and len(name) > 1:
            name = name[:-1]
            found = self.by_notation.get(name)
        return found or ()


def read_crosswalk(slug: str, triples: Iterable[Triple]) -> Crosswalk:
    """The crosswalk in the triples of a file. Raises ShapeError where a mapping is not whole."""
    index = TripleIndex(triples)
    name = NamedNode(f"{CROSSWALK}{slug}")
    nodes = index.objects(name, NamedNode(f"{SSSOM}mappings"))
    if not nodes:
        raise ShapeError("a crosswalk has mappings (sssom:mappings)", shape=name.value)
    targets = index.objects(name, NamedNode(f"{SSSOM}object_source"))
    schemes = index.objects(name, NamedNode(f"{SSSOM}subject_source"))
    title = index.value(name, iri("dcterms:title"))
    matches = {node: _match(index, node) for node in nodes}
    by_source = _by_source(matches.values())
    return Crosswalk(
        iri=name,
        slug=slug,
        title=title.value if title is not None else slug,
        lists=tuple(sorted(term.value.removeprefix(CODE) for term in targets)),
        is_nested=any(int(level) > 1 for level in _levels(index, schemes)),
        matches=tuple(matches.values()),
        by_notation=_by_notation(index, by_source),
        by_label=_by_label(index, matches, by_source),
    )


def direct_triples(crosswalks: Iterable[Crosswalk]) -> Iterator[Triple]:
    """The SKOS triples that mappings amount to, both ways: for the merge, where all can ask."""
    for crosswalk in crosswalks:
        for match in crosswalk.matches:
            yield from match.triples


def _match(index: TripleIndex, node: Term) -> Match:
    source = index.value(node, iri("owl:annotatedSource"))
    relation = index.value(node, iri("owl:annotatedProperty"))
    target = index.value(node, iri("owl:annotatedTarget"))
    if not (isinstance(source, NamedNode) and isinstance(target, NamedNode)):
        raise ShapeError("a mapping leads from one code to another", shape=str(node))
    if not isinstance(relation, NamedNode) or relation not in _INVERSE:
        raise ShapeError("a mapping has a mapping property of SKOS", shape=str(node))
    return Match(source, relation, target)


def _levels(index: TripleIndex, schemes: Iterable[Term]) -> list[str]:
    return [level.value for scheme in schemes for level in index.objects(scheme, _LEVELS)]


def _by_source(matches: Iterable[Match]) -> dict[NamedNode, tuple[Match, ...]]:
    found: dict[NamedNode, list[Match]] = defaultdict(list)
    for match in matches:
        found[match.source].append(match)
    return {source: tuple(own) for source, own in found.items()}


def _by_notation(
    index: TripleIndex, by_source: Mapping[NamedNode, tuple[Match, ...]]
) -> dict[str, tuple[Match, ...]]:
    """Mappings by the notations of their sources. Raises ShapeError for one without."""
    found = {}
    for source, own in by_source.items():
        notations = index.objects(source, iri("skos:notation"))
        if not notations:
            raise ShapeError("a code of a crosswalk has a skos:notation", shape=source.value)
        found.update({notation.value.casefold(): own for notation in notations})
    return found


def _by_label(
    index: TripleIndex,
    matches: Mapping[Term, Match],
    by_source: Mapping[NamedNode, tuple[Match, ...]],
) -> dict[str, tuple[Match, ...]]:
    """Mappings by the labels of their sources, where a label names one of them only."""
    sources: dict[str, set[NamedNode]] = defaultdict(set)
    for node, match in matches.items():
        for label in index.objects(node, NamedNode(f"{SSSOM}subject_label")):
            sources[label.value.casefold()].add(match.source)
    return {
        label: by_source[source]
        for label, named in sources.items()
        for source in named
        if len(named) == 1
    }
