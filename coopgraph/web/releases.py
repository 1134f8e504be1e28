"""``/ns/{version}``, ``/shapes/{version}``: released versions of the standard, as they were.

In: the release files beside the ontology. Out: the ontology or the shapes of a version in every
form of RDF, a page that lists what it held, and what changed since. N-Quads and TriG hold the
whole release in its named graphs. What a release says never changes, so caches may keep it.
Specification of the links: RFC 5829 (latest-version).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, Response, current_app, render_template, request
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat
from pyoxigraph import serialize as serialize_rdf

from coopgraph.entity import Description, serialize
from coopgraph.formats import GraphFormat
from coopgraph.jsonld import Vocabulary, to_jsonld
from coopgraph.namespaces import COOP, ONTOLOGY_GRAPH, SHAPES_GRAPH, curie, iri
from coopgraph.standard import Field, Standard
from coopgraph.standard.context import context
from coopgraph.standard.diff import Change, Level
from coopgraph.standard.folders import folders_of
from coopgraph.standard.releases import FOLDER, graphs, read_release, release_path, versions
from coopgraph.standard.versioning import Comparison, compare
from coopgraph.web.documents import FORMS, Form, downloads, find_form
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.facts import english
from coopgraph.web.negotiation import HTML, JSON, Page, choose
from coopgraph.web.responses import DAY, Link, content_response, json_bytes
from coopgraph.web.service import service

blueprint = Blueprint("releases", __name__)

K = TypeVar("K")
V = TypeVar("V")

_FOR_EVER = "public, max-age=31536000, immutable"
_KEPT = 3
_NAME = "coopgraph.releases"
_PARTS = {"ns": ONTOLOGY_GRAPH, "shapes": SHAPES_GRAPH}
_KINDS = (
    ("owl:Class", "Classes"),
    ("owl:ObjectProperty", "Properties that lead to things"),
    ("owl:DatatypeProperty", "Properties that hold values"),
)
_MOST_SHOWN = 300


class Releases:
    """The releases in a folder; the last ones asked for are remembered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Standard] = {}
        self._compared: dict[tuple[str, str], Comparison] = {}

    def versions(self) -> list[str]:
        """The numbers there are, oldest first."""
        return versions(self._folder)

    def path(self, version: str) -> Path:
        """The file of a version."""
        return release_path(version, self._folder)

    def standard(self, version: str) -> Standard:
        """A released version. Raises NotFound."""
        if version not in self._read:
            self._require(version)
            _make_room(self._read)
            self._read[version] = read_release(self.path(version))
        return self._read[version]

    def since(self, version: str, now: Standard) -> Comparison:
        """What changed from a released version to another. Raises NotFound."""
        name = (version, now.digest)
        if name not in self._compared:
            old = self.standard(version)
            _make_room(self._compared)
            self._compared[name] = compare(old, now)
        return self._compared[name]

    def _require(self, version: str) -> None:
        known = self.versions()
        if version not in known:
            there_are = f"there are {', '.join(known)}" if known else "none is released yet"
            raise NotFound(
                f"There is no released version “{version}” of the standard; {there_are}.",
                [f"/ns/{name}" for name in known] or ["/ns"],
            )


def _make_room(kept: dict[K, V]) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]


def _releases() -> Releases:
    """The releases beside the ontology of this service."""
    kept = current_app.extensions
    if _NAME not in kept:
        kept[_NAME] = Releases(folders_of(service().settings).ontology / FOLDER)
    found = kept[_NAME]
    assert isinstance(found, Releases)
    return found


@blueprint.get("/ns/<version>", endpoint="ns")
@blueprint.get("/shapes/<version>", endpoint="shapes")
def release(version: str) -> Response:
    """The ontology, or the shapes, of a released version."""
    known = _releases()
    part = request.path.split("/")[1]
    number, extension = find_form(version, lambda name: name in known.versions())
    standard = known.standard(number)
    chosen = extension or choose(request.headers.get("Accept"), FORMS, "jsonld")
    if chosen is None:
        raise NotAcceptable(FORMS)
    return content_response(
        _body(standard, part, number, chosen),
        chosen,
        links=_links(f"/{part}/{number}", part, chosen),
        cache=DAY if isinstance(chosen, Page) else _FOR_EVER,
    )


@blueprint.get("/ns/<version>/changes")
def changes(version: str) -> Response:
    """What changed from a released version to the standard that is served."""
    found = _releases().since(version, service().standard)
    offers = (HTML, JSON)
    chosen = choose(request.headers.get("Accept"), offers, "json")
    if chosen is None:
        raise NotAcceptable(offers)
    if not isinstance(chosen, Page):
        return content_response(json_bytes(found.as_json()), chosen, cache=DAY)
    return content_response(_changes_page(version, found), chosen, cache=DAY)


def _body(standard: Standard, part: str, version: str, chosen: Form) -> bytes | str:
    if isinstance(chosen, Page):
        return _page(standard, part, version)
    if chosen.rdf.supports_datasets and chosen.extension != "jsonld":
        return _whole(standard, version, chosen)
    name = _PARTS[part]
    quads = tuple(Quad(t.subject, t.predicate, t.object) for t in graphs(standard)[name])
    description = Description(name, quads)
    if chosen.extension == "jsonld":
        # With its own context inside: the one at /context.jsonld moves on.
        inline = context(standard)["@context"]
        return to_jsonld(description.index, Vocabulary(standard), inline)
    return serialize(description, chosen)


def _whole(standard: Standard, version: str, chosen: GraphFormat) -> bytes:
    if chosen.rdf == RdfFormat.TRIG:
        return _releases().path(version).read_bytes()
    quads = (
        Quad(t.subject, t.predicate, t.object, name)
        for name, triples in graphs(standard).items()
        for t in triples
    )
    written = serialize_rdf(quads, format=chosen.rdf)
    assert written is not None
    return written


def _links(path: str, part: str, chosen: Form) -> Iterable[Link]:
    absolute = service().urls.absolute
    for form in FORMS:
        if form is not chosen:
            yield Link(absolute(f"{path}.{form.extension}"), "alternate", form.media_type)
    yield Link(absolute(f"/{part}"), "latest-version")


# Pages --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A term, a field, a code list or a change: its name, what it is called, what it means."""

    name: str
    label: str
    text: str


def _page(standard: Standard, part: str, version: str) -> str:
    return render_template(
        "release.html",
        path=f"/{part}/{version}",
        number=version,
        current=service().standard.version,
        others=[name for name in _releases().versions() if name != version],
        terms=[(name, list(_terms(standard, kind))) for kind, name in _KINDS],
        tables=[
            (english(entity.labels) or entity.name, [_field(item) for item in entity.fields])
            for entity in standard.entity_types.values()
        ],
        lists=[
            _Line(slug, english(found.labels), f"{len(found.codes):,}")
            for slug, found in sorted(standard.code_lists.items())
        ],
        downloads=downloads(f"/{part}/{version}"),
    )


def _field(item: Field) -> _Line:
    return _Line(item.column or item.key, english(item.labels), english(item.descriptions))


def _terms(standard: Standard, kind: str) -> Iterable[_Line]:
    subjects = standard.index.subjects(iri("rdf:type"), iri(kind))
    ours = {s for s in subjects if isinstance(s, NamedNode) and s.value.startswith(COOP)}
    for term in sorted(ours, key=lambda term: term.value.casefold()):
        label, comment = (_english(standard, term, p) for p in ("rdfs:label", "rdfs:comment"))
        yield _Line(curie(term.value), label, comment)


def _english(standard: Standard, term: NamedNode, predicate: str) -> str:
    found = {
        value.language or "": value.value
        for value in standard.index.objects(term, iri(predicate))
        if isinstance(value, Literal)
    }
    return english(found) if found else ""


def _changes_page(version: str, found: Comparison) -> str:
    groups = []
    for level in reversed(Level):
        rows = [_change(change) for change in found.changes if change.level is level]
        if rows:
            name = f"{level.label.capitalize()} ({len(rows):,})"
            groups.append((name, rows[:_MOST_SHOWN], max(0, len(rows) - _MOST_SHOWN)))
    return render_template(
        "release_changes.html",
        number=version,
        current=found.new.version,
        called_for=str(found.called_for),
        groups=groups,
    )


def _change(change: Change) -> _Line:
    path = f" → {change.path}" if change.path else ""
    return _Line(f"{curie(change.subject)}{path}", change.kind, change.what)
