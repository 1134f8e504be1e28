"""Links that were counted → linksets: from one dataset to another, and to what others publish.

In: triples by property and object. Out: ``void:Linkset`` triples. A link between datasets leads to
a thing that the other describes and the first does not. A link to the outside has a property
that says two things are the same, or nearly; the things are grouped by who names them, which is
the authority of their IRI. Specification: https://www.w3.org/TR/void/#linkset
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.namespaces import STANDARD, iri
from coopgraph.selfdescription.census import Link
from coopgraph.selfdescription.names import inner, void
from coopgraph.selfdescription.partitions import number

LINKING = frozenset(
    map(
        iri,
        (
            "owl:sameAs",
            "owl:equivalentClass",
            "owl:equivalentProperty",
            "schema:sameAs",
            "skos:exactMatch",
            "skos:closeMatch",
            "skos:broadMatch",
            "skos:narrowMatch",
            "skos:relatedMatch",
        ),
    )
)
_TYPE = iri("rdf:type")
_STEM = re.compile(r"^.*[/#:]")


@dataclass(frozen=True, slots=True)
class Other:
    """A dataset that links may lead to, and whether it describes a thing."""

    node: NamedNode
    describes: Callable[[NamedNode], bool]


def outside(base: str, source: NamedNode, links: Mapping[Link, int]) -> Iterator[Triple]:
    """Linksets from a dataset to what neither this graph nor the standard names."""
    groups: dict[Link, Counter[NamedNode]] = defaultdict(Counter)
    spaces: dict[NamedNode, list[str]] = defaultdict(list)
    for (path, thing), triples in links.items():
        if path in LINKING and not thing.value.startswith((base, STANDARD)):
            target = inner(base, source.value, "outside", _authority(thing.value))
            groups[path, target][thing] += triples
            spaces[target].append(thing.value)
    for (path, target), things in sorted(groups.items(), key=str):
        yield from _linkset(base, source, path, target, things.total())
    for target, names in spaces.items():
        yield Triple(target, _TYPE, void("Dataset"))
        yield Triple(target, void("uriSpace"), Literal(_space(names)))


def between(
    base: str, source: NamedNode, links: Mapping[Link, int], others: Iterable[Other]
) -> Iterator[Triple]:
    """Linksets from a dataset to others that describe what it does not describe itself."""
    for other in others:
        counts: Counter[NamedNode] = Counter()
        for (path, thing), triples in links.items():
            if other.describes(thing):
                counts[path] += triples
        for path, triples in sorted(counts.items(), key=str):
            yield from _linkset(base, source, path, other.node, triples)


def _linkset(
    base: str, source: NamedNode, path: NamedNode, target: NamedNode, triples: int
) -> Iterator[Triple]:
    node = inner(base, source.value, "links", path.value, target.value)
    yield Triple(source, void("subset"), node)
    yield Triple(node, _TYPE, void("Linkset"))
    yield Triple(node, void("subjectsTarget"), source)
    yield Triple(node, void("objectsTarget"), target)
    yield Triple(node, void("linkPredicate"), path)
    yield number(node, "triples", triples)


def _authority(name: str) -> str:
    """Who names a thing: scheme and host, or the first words of a URN."""
    parts = urlsplit(name)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else name.rpartition(":")[0]


def _space(names: list[str]) -> str:
    """What all names begin with, up to a slash, a hash or a colon."""
    pairs = zip(min(names), max(names), strict=False)
    shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    found = _STEM.match(shared)
    return found[0] if found else ""
