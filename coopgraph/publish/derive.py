"""Journal → store → snapshot: everything that can be made again, and how it is kept up.

Two roads lead to the same store: edits, organisation by organisation, for a small commit; a
fresh store built from all records for a first or large one, or when the standard changed.
Tests hold them equal. Both may be cut short at any moment and run again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Set
from contextlib import closing
from functools import cached_property, lru_cache
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from coopgraph import gazetteer
from coopgraph.crew import shared_out
from coopgraph.errors import StoreError
from coopgraph.journal import CommitInfo, Journal
from coopgraph.namespaces import (
    catalogue_graph,
    dataset_graph,
    iri,
    organization_iri,
)
from coopgraph.projection import MERGE, Graphs, Projection, Resolver
from coopgraph.publish.compiled import Compiled
from coopgraph.publish.counting import Counts
from coopgraph.publish.describing import Front, SelfDescription
from coopgraph.publish.description import catalogue, dataset_triples
from coopgraph.publish.indexing import TextIndex
from coopgraph.publish.projecting import (
    BatchWriter,
    Written,
    batches,
    by_organization,
    make_batch_writer,
)
from coopgraph.publish.trouble import is_full
from coopgraph.search import Entry
from coopgraph.selfdescription import Counting
from coopgraph.standard.graphs import graphs_of, in_graph_and_merge, published_quads
from coopgraph.store import (
    EmbeddedStore,
    Layout,
    Loading,
    Manifest,
    lacking_file,
    make_snapshot,
    quads_of,
    read_manifest,
    replace_folder,
    scratch_folder,
    sequence_quads,
)
from coopgraph.tables.descriptor import About, parse_about

LARGE_COMMIT = 20_000  # states; edits are quicker than a fresh store, but are held in memory
_NEIGHBOURS = 1_000  # organisations beside the touched ones whose lines are kept at hand
_BATCH = 8_000  # records; their quads are loaded together


class Derivation:
    """Keeps the store and the snapshot of one state folder up with its journal.

    A fresh store of many records is made in ``processes`` processes beside this one.
    """

    def __init__(
        self,
        journal: Journal,
        compiled: Compiled,
        layout: Layout,
        front: Front,
        processes: int = 1,
    ) -> None:
        self._journal = journal
        self._compiled = compiled
        self._standard = compiled.standard
        self._layout = layout
        self._front = front
        self._processes = processes
        self._base = journal.base
        self._datasets = _datasets(journal)
        self._merged = {item.slug: item.is_merged for item in self._datasets}
        self._text = TextIndex(journal, compiled, layout)
        self._counts: Counts | None = None  # of the store, where it was just made

    def is_current(self) -> bool:
        """Whether the snapshot shows the journal's last commit under this standard."""
        manifest = self._manifest()
        return (
            manifest is not None
            and manifest.sequence == self._journal.last_sequence()
            and manifest.chain == self._journal.chain_at(manifest.sequence)
            and self._is_projected_alike(manifest)
            and self._text.is_shown()
            and manifest.description == self._description.digest
        )

    def bring_up(self) -> None:
        """Apply every commit that the store does not show yet."""
        last, held = self._journal.last_sequence(), self._held()
        pending = range(held + 1, last + 1)
        size = sum(self._journal.count_touched(sequence) for sequence in pending)
        manifest = self._manifest()
        is_alike = manifest is not None and self._is_followed(manifest)
        if held == 0 or held > last or size > LARGE_COMMIT or not is_alike:
            self.rebuild()
            return
        try:
            store = EmbeddedStore.open(self._layout.store, self._base)
            for sequence in pending:
                self._apply(store, sequence)
        except (StoreError, OSError, RuntimeError) as error:  # damage shows when it is read
            if is_full(error):
                raise
            self.rebuild()

    def rebuild(self) -> None:
        """Build a fresh store and text index from all records, in the place of the old ones."""
        fresh = self._layout.fresh_store
        shutil.rmtree(fresh, ignore_errors=True)
        store = EmbeddedStore.open(fresh, self._base)
        standing = [*self._standing_quads()]
        counts = Counts(self._base, self._description.questions(), standing)
        with self._text.fresh() as add:
            self._load(store, counts, add)
        store.apply([], standing)
        store.set_sequence(self._journal.last_sequence())
        store.store.optimize()
        store.store.flush()
        del store
        replace_folder(fresh, self._layout.store)
        self._counts = counts

    def describe(self) -> None:
        """Bring the store's description of itself up with what it shows."""
        try:
            self._describe()
        except (StoreError, OSError, RuntimeError) as error:  # counting reads what no edit read
            if is_full(error):
                raise
            is_damaged = True
        else:
            is_damaged = False
        if is_damaged:  # only now is the store closed, which the error kept open
            self.rebuild()
            self._describe()

    def _describe(self) -> None:
        manifest = self._manifest()
        is_alike = manifest is not None and manifest.description == self._description.digest
        store = EmbeddedStore.open(self._layout.store, self._base)
        counts = self._counts
        self._description.bring_up(
            store,
            self._last_commit(),
            lambda name: counts.census(store.store, name, self._lines_of) if counts else None,
            is_alike=is_alike,
        )

    def snapshot(self) -> None:
        """Make what the store shows the current snapshot."""
        store = EmbeddedStore.open(self._layout.store, self._base)
        sequence = self._journal.last_sequence()
        if store.sequence() != sequence:
            raise StoreError(f"The store shows commit {store.sequence()}, not {sequence}.")
        manifest = Manifest(
            sequence=sequence,
            published_at=self._last_commit().at,
            base=self._base,
            standard_version=self._standard.version,
            standard_digest=self._standard.digest,
            files={},
            merged=self._merged,
            description=self._description.digest,
            gazetteer=gazetteer.digest(),
            chain=self._journal.chain_at(sequence),
        )
        self._text.bring_up(lambda name: self._graphs(name, sequence), self._entries, LARGE_COMMIT)
        make_snapshot(self._layout, store.store, manifest, self._layout.search)

    def keep_catalogued(self) -> None:
        """Keep in the journal what the catalogue says of the dataset of the last commit; those of
        the commits before it are there.
        """
        last = self._last_commit()
        if last.dataset and not self._journal.is_catalogued(last.dataset, last.sequence):
            about = next(item for item in self._datasets if item.slug == last.dataset)
            triples = dataset_triples(self._base, about, self._journal)
            lines = [f"{triple} ." for triple in triples]
            self._journal.catalogue(about.slug, last.sequence, lines, is_merged=about.is_merged)

    def replayed(self) -> Iterator[Iterable[Quad]]:
        """Every quad that the store is to hold, but for its description of itself: what no record
        leads to, then organisation by organisation. Some come several times.
        """
        yield self._standing_quads()
        yield sequence_quads(catalogue_graph(self._base), self._journal.last_sequence())
        for _, graphs in self._organizations():
            for name, lines in graphs.items():
                graph = DefaultGraph() if name == MERGE else dataset_graph(self._base, name)
                yield quads_of(lines, graph)

    # A fresh store --------------------------------------------------------------------------

    def _entries(self) -> Iterator[Entry]:
        """What is found by words, of every organisation."""
        for organization, graphs in self._organizations():
            entry = self._text.entry(organization, graphs)
            if entry is not None:
                yield entry

    def _organizations(self) -> Iterator[tuple[str, Graphs]]:
        """Every organisation and its lines."""
        sequence = self._journal.last_sequence()
        for organization, records in by_organization(self._journal.all_packed()):
            held = [self._journal.unpacked(record) for record in records]
            resolve = self._resolver(sequence)
            yield organization, self._projection.organization(organization, held, resolve)

    def _load(self, store: EmbeddedStore, counts: Counts, add: Callable[[Entry], None]) -> None:
        """Load every organisation into an empty store, count it and ``add`` its entry."""
        with (
            scratch_folder(self._layout.bulk) as folder,
            Loading(store) as loading,
            closing(self._written(folder, counts.countings)) as batches_written,
        ):
            for written in batches_written:
                loading.add(written.file)
                counts.add(written.portions)
                for entry in written.entries:
                    add(entry)

    def _written(
        self, folder: Path, countings: Mapping[str, Counting]
    ) -> Generator[Written, None, None]:
        """The quads of every organisation in files, as they are written."""
        journal, sequence = self._journal, self._journal.last_sequence()
        return shared_out(
            batches(journal.all_packed(), _BATCH, folder),
            BatchWriter(journal, self._projection, self._compiled.reader, countings, sequence),
            make_batch_writer,
            (self._layout.journal, self._standard, self._merged, countings, sequence),
            self._processes,
        )

    def _lines_of(self, thing: str, name: str) -> set[str]:
        """The lines of the organisation that a thing belongs to, in one graph."""
        organization = self._organization(NamedNode(thing[1:-1]))
        graphs = self._graphs(organization, self._journal.last_sequence()) if organization else {}
        return graphs.get(name, set())

    def _standing_quads(self) -> Iterator[Quad]:
        """What no record leads to, in its graph and in the merge: the standard, the catalogue."""
        yield from published_quads(self._standard)
        yield from in_graph_and_merge(self._catalogue(), catalogue_graph(self._base))

    @cached_property
    def _projection(self) -> Projection:
        return Projection(self._base, self._compiled.inference, self._merged)

    @cached_property
    def _description(self) -> SelfDescription:
        graphs = [name for name, triples in graphs_of(self._standard) if triples]
        graphs.append(catalogue_graph(self._base))
        return SelfDescription(self._base, self._front, self._merged, graphs)

    def _catalogue(self) -> list[Triple]:
        return catalogue(self._base, self._front.title, self._journal, self._datasets)

    # Edits ----------------------------------------------------------------------------------

    def _apply(self, store: EmbeddedStore, sequence: int) -> None:
        """Apply one commit: each organisation it touches, as it was and as it is."""
        touched = {
            *self._journal.touched(sequence),
            *self._referrers(store, self._journal.reassigned(sequence)),
        }
        old = _united(self._graphs(name, sequence - 1) for name in touched)
        new = _united(self._graphs(name, sequence) for name in touched)
        store.forget_sequence()
        for dataset in sorted({*old, *new} - {MERGE}):
            graph = dataset_graph(self._base, dataset)
            gone = old.get(dataset, set()) - new.get(dataset, set())
            come = new.get(dataset, set()) - old.get(dataset, set())
            store.apply(list(quads_of(gone, graph)), list(quads_of(come, graph)))
        gone = old.get(MERGE, set()) - new.get(MERGE, set())
        come = new.get(MERGE, set()) - old.get(MERGE, set())
        said = lru_cache(_NEIGHBOURS)(lambda name: self._graphs(name, sequence).get(MERGE, set()))
        leaving = [
            quad
            for quad in quads_of(gone, DefaultGraph())
            if not self._stays(store, quad, touched, said)
        ]
        store.apply(leaving, list(quads_of(come, DefaultGraph())))
        self._replace_catalogue(store)
        store.set_sequence(sequence)

    def _graphs(self, organization: str, sequence: int) -> Graphs:
        records = self._journal.records_of(organization, sequence)
        return self._projection.organization(organization, records, self._resolver(sequence))

    def _resolver(self, sequence: int) -> Resolver:
        return Resolver(self._journal, sequence)

    def _stays(
        self,
        store: EmbeddedStore,
        quad: Quad,
        touched: set[str],
        said: Callable[[str], Set[str]],
    ) -> bool:
        """Whether a triple is still in the merge for another reason than the touched organisations;
        ``said`` gives the lines that another one has there.
        """
        merged = {dataset_graph(self._base, name) for name, is_in in self._merged.items() if is_in}
        if store.asserting(quad) & merged:
            return True
        line = f"{quad.subject} {quad.predicate} {quad.object} ."
        subject = self._organization(quad.subject)
        others = {subject, self._organization(quad.object), *self._tellers(store, subject)}
        return any(line in said(name) for name in others - touched - {""})

    def _tellers(self, store: EmbeddedStore, organization: str) -> set[str]:
        """Organisations from whose triples it may follow in which classes this one is."""
        is_told = organization and self._compiled.inference.rules.classify_values
        return self._referrers(store, [organization]) if is_told else set()

    def _referrers(self, store: EmbeddedStore, organizations: Iterable[str]) -> set[str]:
        """Organisations whose quads name one of these: a merge of those changes them, too."""
        found = set()
        for name in organizations:
            node = organization_iri(self._base, name)
            for quad in store.store.quads_for_pattern(None, None, node, None):
                found.add(self._organization(quad.subject))
        return found - {""}

    def _organization(self, term: object) -> str:
        """The id of the organisation that an IRI or a fragment belongs to, else ""."""
        stem = organization_iri(self._base, "").value
        if isinstance(term, NamedNode) and term.value.startswith(stem):
            return term.value.removeprefix(stem).partition("#")[0]
        return ""

    def _replace_catalogue(self, store: EmbeddedStore) -> None:
        graph = catalogue_graph(self._base)
        new = set(in_graph_and_merge(self._catalogue(), graph))
        held = store.graph(graph)
        old = {*held, *(Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in held)}
        sequence = {quad for quad in old if quad.predicate == iri("coop:sequence")}
        store.apply(old - new - sequence, new - old)

    # What there is --------------------------------------------------------------------------

    def _last_commit(self) -> CommitInfo:
        last = self._journal.last_commit()
        assert last is not None
        return last

    def _manifest(self) -> Manifest | None:
        """Of the current snapshot; None where there is none, or not all of it."""
        try:
            manifest = read_manifest(self._layout.current)
        except StoreError:
            return None
        return None if lacking_file(self._layout.current, manifest) else manifest

    def _is_followed(self, manifest: Manifest) -> bool:
        """Whether what a snapshot was made from can be edited into what is to be shown: it was
        projected alike, and shows a commit of this journal, not of one that was there before.
        """
        shown = self._journal.chain_at(manifest.sequence)
        return self._is_projected_alike(manifest) and manifest.chain in ("", shown)

    def _is_projected_alike(self, manifest: Manifest) -> bool:
        """Whether a snapshot was made with this standard, the same gazetteer, and the same choice
        of merging.
        """
        return (
            manifest.standard_digest == self._standard.digest
            and manifest.gazetteer == gazetteer.digest()
            and all(self._merged.get(name) == is_in for name, is_in in manifest.merged.items())
        )

    def _held(self) -> int:
        """The last commit that the store shows; 0 where there is none that can be read."""
        if not self._layout.store.exists():
            return 0
        try:
            return EmbeddedStore.open(self._layout.store, self._base).sequence()
        except (StoreError, OSError, RuntimeError) as error:
            if is_full(error):
                raise
            # What cannot be read is made again.
            shutil.rmtree(self._layout.store, ignore_errors=True)
            return 0


def _datasets(journal: Journal) -> list[About]:
    found = []
    for slug in journal.datasets():
        text = journal.descriptor(slug)
        assert text is not None, slug
        found.append(parse_about(text, slug))
    return found


def _united(projections: Iterable[Graphs]) -> Graphs:
    graphs: Graphs = {}
    for projection in projections:
        for name, lines in projection.items():
            graphs.setdefault(name, set()).update(lines)
    return graphs
