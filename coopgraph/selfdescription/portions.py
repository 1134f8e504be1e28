"""Count graphs organisation by organisation, from their lines, before they are in a store.

In: N-Triples lines of one organisation after another in one graph, each organisation once; at the
end, those of the few that others speak of, and the rest of the graph. Out: the same
:class:`Census` that ``census.count`` makes from a store, for a fraction of the work: a store looks
every text up again. Where lines say what cannot be counted so, there is none, and the store is to
be asked.

What an organisation's lines say of itself, of its fragments and of its records is counted at once.
Of a thing elsewhere neither all its classes nor all its lines are known yet: as an object it is
counted by its name, and lines that have it for a subject are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import cast

from pyoxigraph import DefaultGraph, NamedNode, Store

from coopgraph.namespaces import iri
from coopgraph.selfdescription.census import Census, Counted, Kinds, Question, datatype_of, tally

Classes = frozenset[str]  # as texts of N-Triples
_Parts = tuple[str, str, str, str]
Owned = Callable[[str], Collection[str]]

_TYPE = str(iri("rdf:type"))
_NONE: Classes = frozenset()


@dataclass(slots=True)
class Portion:
    """What some organisations have in a graph. It can be pickled, and added to others.

    Triples are counted by the subject's classes, the property, and the object's classes, datatype
    or (``elsewhere``) name. ``foreign`` are lines about things elsewhere, each with the classes of
    its object where that is the organisation's own.
    """

    things: Counter[tuple[Classes, str, Classes]] = field(default_factory=Counter)
    literals: Counter[tuple[Classes, str, bytes]] = field(default_factory=Counter)
    elsewhere: Counter[tuple[Classes, str, str]] = field(default_factory=Counter)
    links: Counter[tuple[str, str]] = field(default_factory=Counter)
    subjects: Counter[Classes] = field(default_factory=Counter)
    entities: int = 0
    foreign: dict[str, Classes | None] = field(default_factory=dict)

    def update(self, other: Portion) -> None:
        """Take in another portion, of other organisations."""
        self.things.update(other.things)
        self.literals.update(other.literals)
        self.elsewhere.update(other.elsewhere)
        self.links.update(other.links)
        self.subjects.update(other.subjects)
        self.entities += other.entities
        self.foreign.update(other.foreign)


class Counting:
    """How the lines of one graph are counted.

    ``stem`` begins the IRIs of organisations and records, ``standing`` are the other things that
    have a class in the graph, as texts.
    """

    def __init__(self, asked: Question, stem: str, standing: frozenset[str] = frozenset()) -> None:
        self.asked = asked
        self.stem = f"<{stem}"
        self.standing = standing
        self._space = f"<{asked.space}"
        self._linking = frozenset(map(str, asked.linking))
        self._linked = f"<{asked.linked}" if asked.linked else "\n"  # in no line

    def add(self, portion: Portion, own: tuple[str, ...], lines: Iterable[str]) -> None:
        """Count one organisation's lines; what is its own begins with one of ``own``."""
        parts = _parted(lines)
        classes = _classes_in(parts, own)
        for line, subject, path, value in parts:
            kind = classes.get(subject)
            if kind is None:
                portion.foreign[line] = classes.get(value)
            elif value.startswith('"'):
                portion.literals[kind, path, datatype_of(value.encode())] += 1
            elif value in self.standing or (value not in classes and value.startswith(self.stem)):
                portion.elsewhere[kind, path, value] += 1
            else:
                self.count_thing(portion, kind, path, value, classes.get(value, _NONE), 1)
        portion.subjects.update(classes.values())
        portion.entities += sum(map(self.is_entity, classes))

    def count_thing(
        self, portion: Portion, kind: Classes, path: str, value: str, classes: Classes, times: int
    ) -> None:
        """Count triples whose object is an IRI of known classes."""
        portion.things[kind, path, classes] += times
        if path in self._linking or (not classes and value.startswith(self._linked)):
            portion.links[path, value] += times

    def is_entity(self, name: str) -> bool:
        """Whether a thing is in the space that is asked about."""
        return name.startswith(self._space)


def _parted(lines: Iterable[str]) -> list[_Parts]:
    """Each line with its subject, property and object."""
    return cast("list[_Parts]", [(line, *line[:-2].split(" ", 2)) for line in lines])


def _classes_in(parts: Iterable[_Parts], own: tuple[str, ...]) -> dict[str, Classes]:
    """The classes of each subject that is an organisation's own."""
    found: dict[str, set[str]] = {}
    for _, subject, path, value in parts:
        if subject in found:
            if path == _TYPE:
                found[subject].add(value)
        elif subject.startswith(own):
            found[subject] = {value} if path == _TYPE else set()
    return {name: frozenset(classes) for name, classes in found.items()}


class Whole:
    """Puts a graph together: what organisations have, and the ``rest``, in a store's default graph.

    ``owned`` gives the lines of the organisation that a thing belongs to.
    """

    def __init__(self, counting: Counting, rest: Store, owned: Owned) -> None:
        self._counting = counting
        self._rest = rest
        self._kinds = Kinds(rest, DefaultGraph())
        self._owned = owned
        self._lines: dict[str, Collection[str]] = {}
        self._known: dict[str, Classes | None] = {}
        self._numbers: dict[Classes, int] = {}

    def census(self, portion: Portion) -> Census | None:
        """The whole, for which ``portion`` is used up.

        None where an organisation's lines give a class to a thing elsewhere, or speak of one that
        is no organisation's, or where the rest speaks of organisations.
        """
        if not all(map(self._is_countable, portion.foreign)) or self._is_tied():
            return None
        for line, classes in portion.foreign.items():
            self._add(portion, line, classes)
        for (kind, path, value), times in portion.elsewhere.items():
            self._count(portion, kind, path, value, self._classes_of(value), times)
        return self._counted(portion).census(self._kinds.sets)

    def _is_countable(self, line: str) -> bool:
        subject, path, _ = line.split(" ", 2)
        is_other = subject.startswith(self._counting.stem)
        return is_other and path != _TYPE and subject not in self._counting.standing

    def _is_tied(self) -> bool:
        """Whether the rest speaks of what organisations have."""
        stem, kinds = self._counting.stem, self._kinds.of
        names = (str(quad.object) for quad in self._rest)
        return any(name.startswith(stem) and name.encode() not in kinds for name in names)

    def _add(self, portion: Portion, line: str, classes: Classes | None) -> None:
        """Count a line about a thing elsewhere, unless its own organisation says the same."""
        subject, path, value = line[:-2].split(" ", 2)
        if line in self._lines_of(subject):
            return
        kind = self._classes_of(subject)
        if kind is None:
            kind = self._known[subject] = _NONE
            portion.subjects[kind] += 1
            portion.entities += self._counting.is_entity(subject)
        if value.startswith('"'):
            portion.literals[kind, path, datatype_of(value.encode())] += 1
        else:
            found = self._classes_of(value) if classes is None else classes
            self._count(portion, kind, path, value, found, 1)

    def _count(
        self,
        portion: Portion,
        kind: Classes,
        path: str,
        value: str,
        classes: Classes | None,
        times: int,
    ) -> None:
        self._counting.count_thing(portion, kind, path, value, classes or _NONE, times)

    def _lines_of(self, thing: str) -> Collection[str]:
        owner = thing.partition("#")[0]
        if owner not in self._lines:
            self._lines[owner] = self._owned(thing)
        return self._lines[owner]

    def _classes_of(self, thing: str) -> Classes | None:
        """The classes of a thing elsewhere; None where no line has it for a subject."""
        number = self._kinds.of.get(thing.encode())
        if number is not None:
            return frozenset(map(str, self._kinds.sets[number]))
        if thing not in self._known:
            parts = _parted(self._lines_of(thing))
            self._known[thing] = _classes_in(parts, (thing,)).get(thing)
        return self._known[thing]

    def _counted(self, portion: Portion) -> Counted:
        """By numbers of sets, the rest included."""
        counted = tally(self._rest, DefaultGraph(), self._kinds, self._counting.asked)
        number = self._number
        for (kind, path, classes), times in portion.things.items():
            counted.triples[number(kind), path.encode(), number(classes)] += times
        for (kind, path, datatype), times in portion.literals.items():
            counted.triples[number(kind), path.encode(), datatype] += times
        for (path, value), times in portion.links.items():
            counted.links[path.encode(), value.encode()] += times
        for kind, times in portion.subjects.items():
            counted.members[number(kind)] += times
        counted.subjects += portion.subjects.total()
        counted.entities += portion.entities
        return counted

    def _number(self, classes: Classes) -> int:
        if classes not in self._numbers:
            names = frozenset(NamedNode(name[1:-1]) for name in classes)
            self._numbers[classes] = self._kinds.number(names)
        return self._numbers[classes]
