"""Many organisations → files of N-Quads, and what is found of each by words.

A batch holds organisations with their records as the journal packs them; whoever works on it
unpacks, projects and writes, so that batches can be shared out to processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coopgraph.journal import Journal, PackedRecord
from coopgraph.namespaces import dataset_graph, organization_iri, records_stem
from coopgraph.projection import MERGE, Graphs, Projection, Resolver
from coopgraph.publish.inference import Inference
from coopgraph.search import Entry, Reader
from coopgraph.selfdescription import Counting, Portion
from coopgraph.standard import Standard


@dataclass(frozen=True, slots=True)
class Batch:
    """Organisations with their records, and the file to be written."""

    file: Path
    organizations: tuple[tuple[str, tuple[PackedRecord, ...]], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, the entries of its organisations, and counts for each graph."""

    file: Path
    entries: tuple[Entry, ...]
    portions: dict[str, Portion]


class BatchWriter:
    """Projects batches as one sequence of a journal has them."""

    def __init__(
        self,
        journal: Journal,
        projection: Projection,
        reader: Reader,
        countings: Mapping[str, Counting],
        sequence: int,
    ) -> None:
        self._journal = journal
        self._projection = projection
        self._reader = reader
        self._countings = countings
        self._records = f"<{records_stem(journal.base)}"
        self._resolve = Resolver(journal, sequence)

    def __call__(self, batch: Batch) -> Written:
        """Write the quads of a batch, those of the merge without a graph."""
        entries, portions = [], {name: Portion() for name in self._countings}
        with batch.file.open("w", encoding="utf-8") as output:
            for name, packed in batch.organizations:
                records = [self._journal.unpacked(record) for record in packed]
                graphs = self._projection.organization(name, records, self._resolve)
                output.writelines(self._lines(graphs))
                node = organization_iri(self._journal.base, name)
                entry = self._reader.entry(node, graphs.get(MERGE, ()))
                if entry is not None:
                    entries.append(entry)
                own = f"{node}", f"<{node.value}#", self._records
                for graph, lines in graphs.items():
                    self._countings[graph].add(portions[graph], own, lines)
        return Written(batch.file, tuple(entries), portions)

    def _lines(self, graphs: Graphs) -> Iterator[str]:
        for name, lines in graphs.items():
            if name == MERGE:
                yield from (f"{line}\n" for line in lines)
            else:
                graph = dataset_graph(self._journal.base, name)
                yield from (f"{line[:-1]}{graph} .\n" for line in lines)


def make_batch_writer(
    journal: Path,
    standard: Standard,
    merged: Mapping[str, bool],
    countings: Mapping[str, Counting],
    sequence: int,
) -> BatchWriter:
    """A batch writer from what another process can be given."""
    opened = Journal.open(journal)
    projection = Projection(opened.base, Inference.of(standard), merged)
    return BatchWriter(opened, projection, Reader(standard), countings, sequence)


def batches(records: Iterable[PackedRecord], most: int, folder: Path) -> Iterator[Batch]:
    """Batches of at least ``most`` records, but for the last, each with a file of its own in
    ``folder``; an organisation's records stand together in one.
    """
    found: list[tuple[str, tuple[PackedRecord, ...]]] = []
    number = count = 0
    for name, own in by_organization(records):
        found.append((name, own))
        count += len(own)
        if count >= most:
            yield Batch(folder / f"{number}.nq", tuple(found))
            found, number, count = [], number + 1, 0
    if found:
        yield Batch(folder / f"{number}.nq", tuple(found))


def by_organization(
    records: Iterable[PackedRecord],
) -> Iterator[tuple[str, tuple[PackedRecord, ...]]]:
    """Records that stand together by organisation, in groups."""
    group: list[PackedRecord] = []
    for record in records:
        if group and record.organization != group[0].organization:
            yield group[0].organization, tuple(group)
            group = []
        group.append(record)
    if group:
        yield group[0].organization, tuple(group)
