"""Count a graph: its triples, things, classes and properties, and what stands at their objects.

In: a store and the name of one graph in it. Out: a :class:`Census`, exact. Two passes: one over
types, which gives each thing a number for the set of its classes; one over all triples, as lines
that the engine writes subject by subject. The time goes into the engine's reading of texts, the
memory into one entry for each thing that has a class. Specification:
https://www.w3.org/TR/void/#statistics
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, TypeVar, cast

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from coopgraph.namespaces import iri

Graph = NamedNode | DefaultGraph
Counts = Mapping[NamedNode, int]
Link = tuple[NamedNode, NamedNode]  # property, object
_Value = TypeVar("_Value")

_TYPE = iri("rdf:type")
_TYPE_NAME = str(_TYPE).encode()
_STRING = str(iri("xsd:string")).encode()
_LANGUAGE_STRING = str(iri("rdf:langString")).encode()
_CLASSLESS = 0  # the number of the empty set of classes


@dataclass(frozen=True, slots=True)
class Question:
    """What to count beside classes and properties: things whose IRI begins with ``space``; and
    links, which are triples with one of the ``linking`` properties, and those to an IRI that
    begins with ``linked`` ("" for none) and has no class in the graph.
    """

    space: str
    linking: frozenset[NamedNode] = frozenset()
    linked: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """Some triples of one property: how many; how many of those have an object of which class,
    or a literal of which datatype. The objects of ``rdf:type`` are classes, and not looked at.
    """

    triples: int
    classes: Counts
    datatypes: Counts


Uses = Mapping[NamedNode, Use]


@dataclass(frozen=True, slots=True)
class Census:
    """What was counted. ``subjects`` are distinct, blank nodes among them, ``entities`` those in
    the space. ``uses`` goes from class to property, for the triples of the class's members: where
    these are the same triples as another class's, or all of the property's, it is the same Use.
    ``links`` counts triples by property and object.
    """

    triples: int
    subjects: int
    entities: int
    classes: Counts
    properties: Uses
    uses: Mapping[NamedNode, Uses]
    links: Mapping[Link, int]


def count(
    store: Store, graph: Graph, asked: Question, besides: frozenset[bytes] = frozenset()
) -> Census:
    """Count one graph of a store, as if the lines ``besides`` were not in it."""
    kinds = Kinds(store, graph, besides)
    return tally(store, graph, kinds, asked, besides).census(kinds.sets)


def tally(
    store: Store,
    graph: Graph,
    kinds: Kinds,
    asked: Question,
    besides: frozenset[bytes] = frozenset(),
) -> Counted:
    """Count one graph of a store whose sets of classes are known."""
    counting = _Tally(kinds, asked, besides)
    store.dump(cast("IO[bytes]", counting), RdfFormat.N_TRIPLES, from_graph=graph)
    return counting.counted()


def count_triples(store: Store, graph: Graph) -> int:
    """How many triples a graph of a store holds."""
    solutions = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", default_graph=graph)
    assert isinstance(solutions, QuerySolutions)
    [number] = next(solutions)
    assert isinstance(number, Literal)
    return int(number.value)


def names_with_class(store: Store) -> frozenset[str]:
    """What has a class in a store's default graph, as texts of N-Triples."""
    return frozenset(name.decode() for name in Kinds(store, DefaultGraph()).of)


def held_lines(store: Store, graph: Graph) -> frozenset[bytes]:
    """The triples of a graph as the engine writes them, N-Triples without the line's end."""
    written = store.dump(None, RdfFormat.N_TRIPLES, from_graph=graph)
    assert written is not None
    return frozenset(written.splitlines())


def lines_of(triples: Iterable[Triple]) -> frozenset[bytes]:
    """Triples in the same form."""
    written = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert written is not None
    return frozenset(written.splitlines())


class Kinds:
    """The set of classes of each thing, as a number. A class that is a blank node is left out."""

    def __init__(self, store: Store, graph: Graph, without: frozenset[bytes] = frozenset()) -> None:
        self.sets: list[frozenset[NamedNode]] = [frozenset()]
        self.of: dict[bytes, int] = {}
        self._numbers = {self.sets[0]: _CLASSLESS}
        steps: dict[tuple[int, NamedNode], int] = {}
        for quad in store.quads_for_pattern(None, _TYPE, None, graph):
            name, kind = str(quad.subject).encode(), quad.object
            if not isinstance(kind, NamedNode):
                continue
            if without and b"%b %b %b ." % (name, _TYPE_NAME, str(kind).encode()) in without:
                continue
            step = self.of.get(name, _CLASSLESS), kind
            if step not in steps:
                steps[step] = self.number(self.sets[step[0]] | {kind})
            self.of[name] = steps[step]

    def number(self, classes: frozenset[NamedNode]) -> int:
        """The number of a set of classes."""
        number = self._numbers.setdefault(classes, len(self.sets))
        if number == len(self.sets):
            self.sets.append(classes)
        return number


class _Tally:
    """A file that counts the N-Triples written to it; quickest where subjects stand together."""

    def __init__(self, kinds: Kinds, asked: Question, without: frozenset[bytes]) -> None:
        self._kinds = kinds
        self._without = without
        self._space = f"<{asked.space}".encode()
        self._linking = frozenset(str(path).encode() for path in asked.linking)
        self._linked = f"<{asked.linked}".encode() if asked.linked else b"\n"  # in no line
        self._rest = b""
        self._subject = b""
        self._kind = _CLASSLESS
        self._classless: set[bytes] = set()  # subjects
        self._triples: Counter[tuple[int, bytes, int | bytes]] = Counter()
        self._links: Counter[tuple[bytes, bytes]] = Counter()

    def write(self, data: bytes) -> int:
        """Count the lines that are whole; keep the rest for the next call."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._without:
            lines = [line for line in lines if line not in self._without]
        for line in lines:
            subject, path, value = line[:-2].split(b" ", 2)
            if subject != self._subject:
                self._begin(subject)
            if value.startswith(b'"'):
                self._triples[self._kind, path, datatype_of(value)] += 1
                continue
            kind = self._kinds.of.get(value, _CLASSLESS)
            self._triples[self._kind, path, kind] += 1
            if path in self._linking or (kind == _CLASSLESS and value.startswith(self._linked)):
                self._links[path, value] += 1
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def counted(self) -> Counted:
        """What was counted."""
        subjects = (self._kinds.of, self._classless)
        return Counted(
            self._triples,
            self._links,
            Counter(self._kinds.of.values()),
            subjects=sum(map(len, subjects)),
            entities=sum(name.startswith(self._space) for name in chain(*subjects)),
        )

    def _begin(self, subject: bytes) -> None:
        self._subject = subject
        self._kind = self._kinds.of.get(subject, _CLASSLESS)
        if self._kind == _CLASSLESS:
            self._classless.add(subject)


@dataclass(slots=True)
class Counted:
    """What was counted of a graph, by the numbers of sets of classes.

    ``triples``: by the subject's set, property, and the object's set or datatype. ``links``: by
    property and object. ``members``: things by their set. Texts are those of N-Triples.
    """

    triples: Counter[tuple[int, bytes, int | bytes]]
    links: Counter[tuple[bytes, bytes]]
    members: Counter[int]
    subjects: int
    entities: int

    def census(self, sets: Sequence[frozenset[NamedNode]]) -> Census:
        """What was counted, by name; ``sets`` are those that the numbers stand for."""
        classes: Counter[NamedNode] = Counter()
        for kind, number in self.members.items():
            classes.update(dict.fromkeys(sets[kind], number))
        properties: dict[NamedNode, Use] = {}
        uses: dict[NamedNode, dict[NamedNode, Use]] = {name: {} for name in _in_order(classes)}
        for path, found in sorted(self._by_property(sets).items()):
            name = _name(path)
            properties[name] = found.use(found.kinds)
            for each, kinds in found.by_class().items():
                uses[each][name] = found.use(kinds)
        return Census(
            triples=self.triples.total(),
            subjects=self.subjects,
            entities=self.entities,
            classes=_in_order(classes),
            properties=properties,
            uses=uses,
            links={
                (_name(path), _name(value)): number
                for (path, value), number in sorted(self.links.items())
                if value.startswith(b"<") and path != _TYPE_NAME
            },
        )

    def _by_property(self, sets: Sequence[frozenset[NamedNode]]) -> dict[bytes, _Property]:
        found: dict[bytes, _Property] = {}
        for (kind, path, value), number in self.triples.items():
            if path not in found:
                found[path] = _Property(sets, path)
            found[path].counts.setdefault(kind, {})[value] = number
        return found


class _Property:
    """The triples of one property: by the subject's set of classes, and the object's set or
    datatype.
    """

    def __init__(self, sets: Sequence[frozenset[NamedNode]], path: bytes) -> None:
        self.counts: dict[int, dict[int | bytes, int]] = {}
        self._sets = sets
        self._is_type = path == _TYPE_NAME
        self._made: dict[frozenset[int], Use] = {}

    @property
    def kinds(self) -> frozenset[int]:
        """All sets of classes that subjects have."""
        return frozenset(self.counts)

    def by_class(self) -> dict[NamedNode, frozenset[int]]:
        """Each class of a subject, and the sets it is in."""
        found = defaultdict(list)
        for kind in self.counts:
            for name in self._sets[kind]:
                found[name].append(kind)
        return {name: frozenset(kinds) for name, kinds in found.items()}

    def use(self, kinds: frozenset[int]) -> Use:
        """The triples whose subjects have one of these sets of classes."""
        if kinds not in self._made:
            self._made[kinds] = self._counted(kinds)
        return self._made[kinds]

    def _counted(self, kinds: frozenset[int]) -> Use:
        values: Counter[int | bytes] = Counter()
        for kind in kinds:
            values.update(self.counts[kind])
        classes: Counter[NamedNode] = Counter()
        datatypes: Counter[NamedNode] = Counter()
        for value, number in values.items():
            if isinstance(value, bytes):
                datatypes[_name(value)] += number
            elif not self._is_type:
                classes.update(dict.fromkeys(self._sets[value], number))
        return Use(values.total(), _in_order(classes), _in_order(datatypes))


def datatype_of(literal: bytes) -> bytes:
    """``"x"^^<y>`` → ``<y>``; N-Triples leave out the two common datatypes."""
    after = literal.rpartition(b'"')[2]
    if after.startswith(b"^^"):
        return after[2:]
    return _LANGUAGE_STRING if after else _STRING


def _name(written: bytes) -> NamedNode:
    """``<y>`` → the IRI."""
    return NamedNode(written[1:-1].decode())


def _in_order(values: Mapping[NamedNode, _Value]) -> dict[NamedNode, _Value]:
    return dict(sorted(values.items(), key=lambda item: item[0].value))
