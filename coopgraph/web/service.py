"""What every request shares: settings, the standard, and a view of the current snapshot.

Made once by ``create_app`` and kept in ``app.extensions``; nothing is global. A
:class:`View` belongs to one snapshot, remembers what is costly to read from it, and is dropped
when a new snapshot is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar

import orjson
from flask import current_app, g
from pyoxigraph import DefaultGraph, Literal, NamedNode

from coopgraph import resources
from coopgraph.catalogue import (
    Dataset,
    Filters,
    Listing,
    Statistics,
    list_organizations,
    read_datasets,
    read_statistics,
)
from coopgraph.entity import Description, Names, best_text, describe, label
from coopgraph.errors import JournalUnavailable
from coopgraph.history import Standards, Then
from coopgraph.journal import Lookups, ask
from coopgraph.namespaces import iri
from coopgraph.query import Broker, StoredQuery, read_queries
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.context import context
from coopgraph.standard.folders import standard_of
from coopgraph.standard.frame import frame_document
from coopgraph.store.layout import Layout
from coopgraph.store.snapshots import Manifest, Snapshot, Snapshots
from coopgraph.web.checks import Checks
from coopgraph.web.lanes import Lanes
from coopgraph.web.templates_files import TemplateFiles
from coopgraph.web.urls import Urls, urls_of

Answer = TypeVar("Answer")

_LISTINGS_KEPT = 12
_PACKAGE = Path(__file__).resolve().parent.parent


class View:
    """One snapshot, the standard it is told by, and what has been read from it."""

    def __init__(self, snapshot: Snapshot, salt: str, then: Then, now: View | None = None) -> None:
        self.snapshot = snapshot
        self.then = then
        self._now = now
        self.names = Names()
        self._salt = salt
        self._listings: dict[Filters, Listing] = {}
        self._labels: dict[NamedNode, str] = {}

    @property
    def is_past(self) -> bool:
        """Whether it shows what was."""
        return self._now is not None

    @property
    def standard(self) -> Standard:
        """The standard: that of today, or the one that was in force."""
        return self.then.standard

    @cached_property
    def tag(self) -> str:
        """What changes whenever a document may change: the sequence and a short digest. A journal
        that is restored may come to the same sequence by other commits.
        """
        manifest = self.snapshot.manifest
        parts = (manifest.published_at, manifest.chain, manifest.standard_digest, self._salt)
        seed = "|".join((*parts, self._now.tag if self._now else ""))
        return f"{manifest.sequence}-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"

    @cached_property
    def made(self) -> datetime:
        """When the snapshot was made: after its last commit, which a restore may bring back."""
        if self._now:
            return self._now.made
        described = self.snapshot.folder / "manifest.json"
        return datetime.fromtimestamp(int(described.stat().st_mtime), UTC)

    @property
    def published(self) -> datetime:
        """When the last commit it shows was made."""
        return self.snapshot.manifest.published

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The catalogue."""
        return read_datasets(self.snapshot)

    @property
    def unmerged(self) -> list[str]:
        """The datasets that stay outside the merge: organisations are told of without them."""
        return [name for name, is_in in self.snapshot.manifest.merged.items() if not is_in]

    @cached_property
    def statistics(self) -> Statistics:
        """Counts for the first page."""
        return read_statistics(self.snapshot)

    def describe(
        self, thing: NamedNode, *, with_sources: bool = True, most_nodes: int | None = None
    ) -> Description | None:
        """A description that shares remembered names."""
        return describe(
            self.snapshot,
            thing,
            names=self.names,
            with_sources=with_sources,
            most_nodes=most_nodes,
            restatements=self.then.vocabulary.restatements,
        )

    def asserts(self, dataset: Dataset, thing: NamedNode) -> bool:
        """Whether a dataset says anything about a thing."""
        quads = self.snapshot.store.quads_for_pattern(thing, None, None, dataset.graph)
        return next(quads, None) is not None

    def label(self, thing: NamedNode) -> str:
        """A name in English where there is one."""
        found = self._labels.get(thing)
        if found is None:
            found = label(self.snapshot, thing)
            if len(self._labels) < 20_000:
                self._labels[thing] = found
        return found

    def definition(self, concept: NamedNode) -> str:
        """The English definition of a concept, "" where it has none."""
        quads = self.snapshot.store.quads_for_pattern(
            concept, iri("skos:definition"), None, DefaultGraph()
        )
        return best_text(quad.object for quad in quads if isinstance(quad.object, Literal))

    def listing(self, filters: Filters) -> Listing:
        """A list of organisations; the last few are remembered."""
        found = self._listings.get(filters)
        if found is None:
            found = list_organizations(self.snapshot, filters)
            while len(self._listings) >= _LISTINGS_KEPT:
                self._listings.pop(next(iter(self._listings)), None)
            self._listings[filters] = found
        return found


class Service:
    """What ``create_app`` makes and every request reads."""

    def __init__(self, settings: Settings, broker: Path | None) -> None:
        self.settings = settings
        self.broker = Broker(broker, settings)
        self.urls: Urls = urls_of(settings)
        self.standard: Standard = standard_of(settings)
        self.standards = Standards(self.standard)
        self.queries: dict[str, StoredQuery] = read_queries(resources.QUERIES)
        self.context = context(self.standard)
        self.lanes = Lanes(settings)
        self.check_lanes = Lanes(settings, "checks", part=8)
        self.checks = Checks(settings)
        self._snapshots = Snapshots(settings.home)
        self._view: View | None = None
        self._lock = Lock()

    @cached_property
    def context_document(self) -> bytes:
        """``/context.jsonld``."""
        return orjson.dumps(self.context, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @cached_property
    def frame_document(self) -> bytes:
        """``/frame.jsonld``."""
        return frame_document(self.standard).encode()

    @cached_property
    def templates(self) -> TemplateFiles:
        """``/templates/…``."""
        return TemplateFiles(self.standard)

    @property
    def context_url(self) -> str:
        """Where JSON-LD documents say that their context is."""
        return self.urls.absolute("/context.jsonld")

    def view(self) -> View:
        """The current snapshot's view. Raises NotPublished where nothing is published."""
        snapshot = self._snapshots.current()
        view = self._view
        if view is None or view.snapshot is not snapshot:
            with self._lock:
                view = self._view
                if view is None or view.snapshot is not snapshot:
                    view = self._view = View(snapshot, self._salt, self.standards.today)
        return view

    def view_of(self, snapshot: Snapshot, then: Then) -> View:
        """A view of what was, for one request. What may be told of it depends on what is now."""
        return View(snapshot, self._salt, then, view())

    def ask_journal(self, question: Callable[[Lookups], Answer]) -> Answer:
        """What a question finds in the journal that this request's snapshot was made from.

        Raises JournalUnavailable, also where the journal is of another history or ends before the
        snapshot, and whatever the question raises.
        """
        manifest = view().snapshot.manifest

        def checked(lookups: Lookups) -> Answer:
            _require_history(lookups, manifest)
            return question(lookups)

        return ask(Layout(self.settings.home).journal, checked, manifest.base)

    @cached_property
    def _salt(self) -> str:
        """What documents depend on beside the snapshot: code, standard, settings."""
        code = hashlib.sha256()
        for path in _code_files():
            code.update(path.read_bytes())
        for query in self.queries.values():
            code.update(query.text.encode())
        settings = self.settings
        parts = (code.hexdigest(), self.standard.digest, settings.public_url, settings.title)
        return "|".join(parts)

    @cached_property
    def static_version(self) -> str:
        """Changes with the static files, so that browsers may keep them for good."""
        static = hashlib.sha256()
        for path in sorted((_PACKAGE / "web" / "static").rglob("*")):
            static.update(path.read_bytes() if path.is_file() else b"")
        return static.hexdigest()[:8]

    @cached_property
    def modified(self) -> datetime:
        """When the code was last changed: a document is never older."""
        newest = max(path.stat().st_mtime for path in _code_files())
        return datetime.fromtimestamp(int(newest), UTC)


def _require_history(lookups: Lookups, manifest: Manifest) -> None:
    """Raise JournalUnavailable where a journal has not the commit that a snapshot shows."""
    found = lookups.chain_at(manifest.sequence)
    if found and manifest.chain in ("", found):  # snapshots of older versions do not say which
        return
    what = "has another commit of that number" if found else "does not have it"
    raise JournalUnavailable(
        f"What is published shows commit {manifest.sequence}, and the journal {what}; restore the "
        "journal that belongs to it, or run “coopgraph rebuild” to publish this one."
    )


def _code_files() -> list[Path]:
    suffixes = (".py", ".html", ".css", ".js", ".svg")
    return sorted(path for path in _PACKAGE.rglob("*") if path.suffix in suffixes)


def service() -> Service:
    """The service of the running application."""
    found = current_app.extensions["coopgraph"]
    assert isinstance(found, Service)
    return found


def view() -> View:
    """The snapshot that this request answers from: the same from its start to its end."""
    if "view" not in g:
        g.view = service().view()
    found = g.view
    assert isinstance(found, View)
    return found


def version_arguments() -> dict[str, str]:
    """What the address of a document has when it is looked at as it was; nothing otherwise."""
    now = view()
    return {"at": str(now.snapshot.sequence)} if now.is_past else {}
