"""The journal, replayed in the plainest way: commit by commit, into sets in memory.

It shares with the publisher what is inferred from an organisation's triples (rules and points of
towns, which have references of their own in other tests), and nothing that decides which triples
those are: no ``Journal``, no projection, no edits.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from coopgraph.gazetteer import Places
from coopgraph.namespaces import ONTOLOGY_GRAPH, STANDARD, catalogue_graph, description_graph
from coopgraph.rdf import sorted_lines
from coopgraph.reasoning import Rules
from coopgraph.standard import Standard

Record = tuple[str, str]
_COPIED = (catalogue_graph(STANDARD), description_graph(STANDARD))


class Replay:
    """Replays journals under one standard, whose code lists and shapes are left out."""

    def __init__(self, standard: Standard, rules: Rules) -> None:
        self.standard = standard
        self.rules = rules
        self._places = Places(standard)

    def lines(self, journal: Path, shown: Store) -> list[str]:
        """What the store is to hold, as sorted N-Quads. The catalogue and the description, which
        tell of the graph, are taken from ``shown``; all else from the journal.
        """
        store = Store()
        for graph in _COPIED:
            _add(store, shown.quads_for_pattern(None, None, None, graph), graph)
        ontology = [Quad(*triple, ONTOLOGY_GRAPH) for triple in self.standard.ontology]
        _add(store, ontology, ONTOLOGY_GRAPH)
        merge: dict[str, set[str]] = defaultdict(set)
        for dataset, organization, text in _texts(journal):
            graph = NamedNode(f"{STANDARD}graph/{dataset}")
            _add(store, parse(text.encode(), format=RdfFormat.N_TRIPLES), graph)
            merge[organization].add(text)
        for organization, texts in merge.items():
            self._infer(store, organization, "\n".join(texts))
        return lines(store)

    def _infer(self, store: Store, organization: str, text: str) -> None:
        parsed = parse(text.encode(), format=RdfFormat.N_TRIPLES)
        told = sorted_lines({quad.triple for quad in parsed})
        placed = self._places.points(NamedNode(f"{STANDARD}id/org/{organization}"), told)
        inferred = [*placed, *self.rules.infer([*told, *placed])]
        store.load("\n".join(inferred).encode(), format=RdfFormat.N_TRIPLES)


def lines(store: Store) -> list[str]:
    """A store as sorted N-Quads."""
    return sorted(f"{quad} ." for quad in store)


def digest(quads: list[str]) -> str:
    """SHA-256 of sorted N-Quads."""
    return hashlib.sha256("\n".join(quads).encode()).hexdigest()


def _add(store: Store, quads: object, graph: NamedNode) -> None:
    """Put triples into a graph and into the merge."""
    for quad in quads:  # type: ignore[attr-defined]
        store.add(Quad(quad.subject, quad.predicate, quad.object, graph))
        store.add(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))


def _texts(journal: Path) -> list[tuple[str, str, str]]:
    """Of each published record: dataset, organisation, N-Triples."""
    states: dict[Record, tuple[str, str]] = {}  # parent, triples with the subject left open
    owners: dict[Record, str] = {}
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        words = dict(db.execute("SELECT id, content FROM dictionaries").fetchall())
        last = db.execute("SELECT coalesce(max(sequence), 0) FROM commits").fetchone()[0]
        for dataset, key, parent, dictionary, content in db.execute(
            "SELECT dataset, key, parent, dictionary, content FROM states WHERE sequence <= ? "
            "ORDER BY sequence",
            (last,),
        ):
            if content is None:
                states.pop((dataset, key), None)
                continue
            unpacked = zlib.decompressobj(zdict=words[dictionary]).decompress(content)
            states[dataset, key] = parent, json.loads(unpacked)[1]
        for dataset, key, organization in db.execute(
            "SELECT dataset, key, organization FROM identities WHERE sequence <= ? "
            "ORDER BY sequence",
            (last,),
        ):
            owners[dataset, key] = organization
    return [
        (dataset, owners[dataset, parent or key], _text(dataset, key, parent, text, owners))
        for (dataset, key), (parent, text) in states.items()
    ]


def _text(dataset: str, key: str, parent: str, text: str, owners: dict[Record, str]) -> str:
    """The triples of a record with its subject and those it refers to put in, and its own."""
    organization = f"{STANDARD}id/org/{owners[dataset, parent or key]}"
    told = re.sub(
        r"<open:ref/([^/>]+)/([^>]+)>",
        lambda found: f"<{STANDARD}id/org/{owners[found[1], found[2]]}>",
        text.replace("<open:self", f"<{organization}"),
    )
    record = f"<{STANDARD}id/record/{dataset}/{key}>"
    return "\n".join(
        [
            told,
            f"{record} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{STANDARD}ns#Record> .",
            f"{record} <http://xmlns.com/foaf/0.1/primaryTopic> <{organization}> .",
            f"{record} <http://purl.org/dc/terms/isPartOf> <{STANDARD}id/dataset/{dataset}> .",
            f'{record} <http://purl.org/dc/terms/identifier> "{key}" .',
        ]
    )
