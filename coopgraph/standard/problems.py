"""Everything that is wrong with a standard: by file, term and rule.

In: the folders of a standard. Out: its problems, none where it may be used. What cannot be read
is one problem; what can be read is held against the hygiene rules and against what is derived
from it. ``standard check`` prints them, and the service starts only where there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode

from coopgraph.errors import ShapeError
from coopgraph.namespaces import SHAPES, curie, iri
from coopgraph.rdf import Subject, TripleIndex, read_turtle
from coopgraph.standard.columns import templates
from coopgraph.standard.context import all_terms
from coopgraph.standard.folders import Folders
from coopgraph.standard.hygiene import Offence, offences
from coopgraph.standard.model import Standard
from coopgraph.standard.reading import digest_of, read_standard

UNREADABLE = "unreadable"
CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: in which file, with which term, by which rule, and in a sentence."""

    file: str
    term: str
    rule: str
    message: str

    def __str__(self) -> str:
        place = ": ".join(filter(None, (self.file, self.term)))
        return f"{place}: {self.message} [{self.rule}]"


def checked_standard(folders: Folders, known_digest: str = "") -> Standard:
    """The standard in the folders. Raises ShapeError with every problem, where there is one.

    One with a digest that is known to be sound is not looked at again.
    """
    if known_digest and digest_of(folders.ontology, folders.shapes) == known_digest:
        return read_standard(folders.ontology, folders.shapes)
    found = problems(folders)
    if found:
        raise ShapeError("The standard is broken.\n" + "\n".join(map(str, found)))
    return read_standard(folders.ontology, folders.shapes)


def problems(folders: Folders) -> list[Problem]:
    """All problems of a standard; where it cannot be read, the one that forbids it."""
    files = _Files(folders)
    try:
        standard = read_standard(folders.ontology, folders.shapes)
    except ShapeError as error:
        return [files.unreadable(error)]
    return [*_contradictions(standard, files), *_offences(standard, folders, files)]


def _offences(standard: Standard, folders: Folders, files: _Files) -> Iterator[Problem]:
    for offence in offences(standard, folders.rules):
        yield files.problem(offence.term, offence.rule, _sentence(offence))


def _sentence(offence: Offence) -> str:
    detail = f" ({_short(offence.detail)})" if offence.detail else ""
    return f"{offence.summary.removesuffix('.')}{detail}."


def _contradictions(standard: Standard, files: _Files) -> Iterator[Problem]:
    """What no rule finds: fields from which no template or no context can be made."""
    for derive in (templates, all_terms):
        try:
            derive(standard)
        except ShapeError as error:
            yield files.problem(error.shape or "", CONTRADICTION, error.reason)


class _Files:
    """Knows which file a term is described in; reads the files only when asked."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._indexes: dict[Path, TripleIndex] = {}

    def unreadable(self, error: ShapeError) -> Problem:
        """The problem of a standard that cannot be read: a file's, or a shape's in a file."""
        named = error.shape or ""
        path = next((path for path in self._paths() if path.name == named), None)
        if path is not None:
            return Problem(self._name(path), "", UNREADABLE, error.reason)
        return self.problem(named, CONTRADICTION, error.reason)

    def problem(self, term: str, rule: str, message: str) -> Problem:
        """A problem with a term, in the file that says most of it."""
        path = self._home(term)
        return Problem(self._name(path) if path else "", _short(term), rule, message)

    def _paths(self) -> list[Path]:
        return sorted([*self._folders.shapes.glob("*.ttl"), *self._folders.ontology.rglob("*.ttl")])

    def _name(self, path: Path) -> str:
        root = self._folders.ontology.parent
        return str(path.relative_to(root)) if path.is_relative_to(root) else path.name

    def _home(self, term: str) -> Path | None:
        """The file that says what a term is, else one that says something of it or with it."""
        node = _node(term)
        if node is None:
            return None
        ranked = [(self._rank(index, node), path) for path, index in self._read()]
        best = max(ranked, key=lambda pair: pair[0], default=(0, None))
        return best[1] if best[0] else None

    def _rank(self, index: TripleIndex, node: Subject) -> int:
        if index.objects(node, iri("rdf:type")):
            return 3
        if node in index.by_subject:
            return 2
        return int(node in _mentioned(index))

    def _read(self) -> Iterable[tuple[Path, TripleIndex]]:
        if not self._indexes:
            for path in self._paths():
                try:
                    self._indexes[path] = TripleIndex(read_turtle([path]))
                except ShapeError:  # it has a problem of its own
                    continue
        return self._indexes.items()


def _mentioned(index: TripleIndex) -> set[object]:
    """Predicates and objects."""
    predicates = {name for properties in index.by_subject.values() for name in properties}
    return {*predicates, *(value for _, value in index.subjects_of)}


def _node(term: str) -> Subject | None:
    """The node that a rule names: an IRI, or a blank node as ``_:name``."""
    bare = term.removeprefix("<").removesuffix(">")
    try:
        return BlankNode(bare.removeprefix("_:")) if bare.startswith("_:") else NamedNode(bare)
    except ValueError:
        return None


def _short(term: str) -> str:
    """A term as people write it."""
    bare = term.removeprefix("<").removesuffix(">")
    return f"coopsh:{bare.removeprefix(SHAPES)}" if bare.startswith(SHAPES) else curie(bare)
