"""What a fresh store holds, counted while it is made, for its description of itself.

In: portions of each graph, as batches of organisations are written. Out: a census of each, or
none where only the store itself can be counted. Graphs go by their names in a projection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from pyoxigraph import DefaultGraph, Quad, Store

from coopgraph.namespaces import catalogue_graph, dataset_graph, iri, things_stem
from coopgraph.projection import MERGE
from coopgraph.selfdescription import (
    Census,
    Counting,
    Portion,
    Question,
    Whole,
    count_triples,
    names_with_class,
)

LinesOf = Callable[[str, str], Collection[str]]  # the thing's organisation, in a graph


class Counts:
    """Counts of each dataset's graph and of the merge.

    ``asked`` says what is asked of which graph; ``standing`` are the quads that no record leads
    to, of which the merge holds those without a graph.
    """

    def __init__(self, base: str, asked: Mapping[str, Question], standing: Iterable[Quad]) -> None:
        self._base = base
        self._rest = Store()
        self._rest.extend(quad for quad in standing if quad.graph_name == DefaultGraph())
        stem, names = things_stem(base), names_with_class(self._rest)
        self.countings = {
            name: Counting(question, stem, names if name == MERGE else frozenset())
            for name, question in asked.items()
        }
        self._portions = {name: Portion() for name in asked}

    def add(self, portions: Mapping[str, Portion]) -> None:
        """Take in what a batch of organisations has in each graph."""
        for name, portion in portions.items():
            self._portions[name].update(portion)

    def census(self, store: Store, name: str, lines_of: LinesOf) -> Census | None:
        """The census of one graph of the store that was made; None where the store is to be
        asked. It is given once.
        """
        portion = self._portions.pop(name, None)
        if portion is None:
            return None
        graph = dataset_graph(self._base, name) if name != MERGE else DefaultGraph()
        rest = Store()
        if name == MERGE:
            rest = self._rest
            rest.extend(
                store.quads_for_pattern(catalogue_graph(self._base), _SEQUENCE, None, graph)
            )
        whole = Whole(self.countings[name], rest, lambda thing: lines_of(thing, name))
        found = whole.census(portion)
        is_whole = found is not None and found.triples == count_triples(store, graph)
        return found if is_whole else None


_SEQUENCE = iri("coop:sequence")
