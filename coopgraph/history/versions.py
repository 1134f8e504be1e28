"""Things as they were: a snapshot in memory of one organisation, dataset or the standard.

In: look-ups in a journal, a commit, and what is published now. Out: a :class:`Snapshot` that holds,
of what the store held after that commit, just what a document about the one thing is made of; so
that whoever describes things describes it as any other. What is inferred follows from the thing's
own records and the standard then in force. Left out is what others said of it (their records are
theirs), the points that a gazetteer gave, and what datasets say that may no longer be merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from coopgraph.errors import UnknownThing
from coopgraph.history.history import heir_of
from coopgraph.history.standards import Then
from coopgraph.history.timelines import Owners
from coopgraph.journal import CommitInfo, Lookups
from coopgraph.namespaces import (
    catalogue_graph,
    catalogue_iri,
    dataset_graph,
    dataset_iri,
    iri,
    organization_iri,
)
from coopgraph.projection import MERGE, Graphs, Projection, Resolver
from coopgraph.standard.graphs import in_graph_and_merge
from coopgraph.store import Snapshot, quads_of

_NAME = iri("skos:prefLabel")
_OPEN_NAME = f"<open:self> {_NAME} "
_MOST_NAMED = 500  # other organisations that are called by their names


@dataclass(frozen=True, slots=True)
class Version:
    """A commit to look back to, the standard that it was made under, and what is published now."""

    commit: CommitInfo
    then: Then
    now: Snapshot

    @property
    def sequence(self) -> int:
        """The number of the commit."""
        return self.commit.sequence


def organization_version(lookups: Lookups, version: Version, organization: str) -> Snapshot:
    """An organisation as of a commit; where it had no records then, it is in no graph."""
    return _Maker(lookups, version).organization(organization)


def dataset_version(lookups: Lookups, version: Version, dataset: str) -> Snapshot:
    """The description of a dataset as of a commit. Raises UnknownThing where it is not kept."""
    kept = lookups.catalogued_at(dataset, version.sequence)
    if kept is None:
        raise UnknownThing(
            f"How “{dataset}” was described at commit {version.sequence} is not kept."
        )
    base = version.now.base
    root = Quad(catalogue_iri(base), iri("dcat:dataset"), dataset_iri(base, dataset))
    graph = catalogue_graph(base)
    quads = [*_catalogue_quads(kept.lines, graph), *in_graph_and_merge([root.triple], graph)]
    return _snapshot(lookups, version, _store(quads), {dataset: kept.is_merged})


def standard_version(lookups: Lookups, version: Version) -> Snapshot:
    """The standard that a commit was made under."""
    return _snapshot(lookups, version, version.then.store, {})


class _Maker:
    """Makes the snapshot of one organisation."""

    def __init__(self, lookups: Lookups, version: Version) -> None:
        self._lookups = lookups
        self._version = version
        self._at = version.sequence
        self._base = version.now.base
        self._merged: dict[str, bool] = {}

    def organization(self, name: str) -> Snapshot:
        datasets = self._lookups.datasets_of_records(name, self._at)
        merged = {dataset: self._is_merged(dataset) for dataset in datasets}
        quads = [quad for dataset in datasets for quad in self._catalogued(dataset)]
        graphs = self._graphs(name, merged)
        for dataset, lines in graphs.items():
            graph = DefaultGraph() if dataset == MERGE else dataset_graph(self._base, dataset)
            quads += quads_of(lines, graph)
        referred = {q.object for q in quads if isinstance(q.object, NamedNode)}
        quads += self._called(sorted(referred, key=str), name)
        if MERGE not in graphs:
            quads += self._redirect(name)
        return _snapshot(self._lookups, self._version, _store(quads), merged)

    def _graphs(self, name: str, merged: dict[str, bool]) -> Graphs:
        rules = self._version.then.rules
        projection = Projection(self._base, lambda _, facts: rules.infer(facts), merged)
        records = self._lookups.records_of(name, self._at)
        return projection.organization(name, records, Resolver(self._lookups, self._at))

    def _is_merged(self, dataset: str) -> bool:
        """Whether a dataset was in the merge then, and may be now."""
        if dataset not in self._merged:
            kept = self._lookups.catalogued_at(dataset, self._at)
            is_merged_now = self._version.now.manifest.merged.get(dataset, True)
            self._merged[dataset] = is_merged_now and (kept is None or kept.is_merged)
        return self._merged[dataset]

    def _catalogued(self, dataset: str) -> Iterator[Quad]:
        """How a dataset was described; where that is not kept, how it is described now."""
        kept = self._lookups.catalogued_at(dataset, self._at)
        graph = catalogue_graph(self._base)
        if kept:
            return _catalogue_quads(kept.lines, graph)
        return self._described_now(dataset_iri(self._base, dataset), graph)

    def _described_now(self, dataset: NamedNode, graph: NamedNode) -> Iterator[Quad]:
        store = self._version.now.store
        for node in (dataset, NamedNode(f"{dataset.value}#publisher")):
            found = store.quads_for_pattern(node, None, None, graph)
            yield from in_graph_and_merge((quad.triple for quad in found), graph)

    def _called(self, referred: Iterable[NamedNode], name: str) -> Iterator[Quad]:
        """What codes and other organisations that are referred to were called."""
        stem = organization_iri(self._base, "").value
        named = 0
        for thing in referred:
            other = thing.value.removeprefix(stem)
            if other == thing.value:
                for triple in self._version.then.said_of_code(thing):
                    yield Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())
            elif other != name and "#" not in other and named < _MOST_NAMED:
                named += 1
                yield from quads_of(self._names(other, thing), DefaultGraph())

    def _names(self, other: str, thing: NamedNode) -> Iterator[str]:
        """What merged datasets called another organisation, as N-Triples lines."""
        for dataset, key in self._lookups.keys_of(other, self._at):
            states = self._lookups.states(dataset, key, self._at, 1)
            if states and self._is_merged(dataset):
                for line in self._lookups.lines(states[0].id).split("\n"):
                    if line.startswith(_OPEN_NAME):
                        yield f"{thing} {_NAME} {line.removeprefix(_OPEN_NAME)}"

    def _redirect(self, name: str) -> Iterator[Quad]:
        heir = heir_of(self._lookups, Owners(self._lookups, self._at), name, self._at)
        if heir:
            old, new = organization_iri(self._base, name), organization_iri(self._base, heir)
            yield Quad(old, iri("dcterms:isReplacedBy"), new, DefaultGraph())


def _catalogue_quads(lines: Iterable[str], graph: NamedNode) -> Iterator[Quad]:
    return in_graph_and_merge((quad.triple for quad in quads_of(lines, graph)), graph)


def _store(quads: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(sorted(quads, key=str))  # in which order a document has them
    return store


def _snapshot(
    lookups: Lookups, version: Version, store: Store, merged: dict[str, bool]
) -> Snapshot:
    standard = version.then.standard
    manifest = replace(
        version.now.manifest,
        sequence=version.sequence,
        published_at=version.commit.at,
        standard_version=standard.version,
        standard_digest=standard.digest,
        files={},
        merged=merged,
        search={},
        description="",
        gazetteer="",
        chain=lookups.chain_at(version.sequence),
    )
    return Snapshot(manifest, store, Path())
