"""Two stores in, the differences between what they say of organisations out.

Our road and that of the usual tools name inner nodes differently, so an inner node goes by what
is asserted about it. Nodes that only one of them makes, the records, are left aside.

    python bench/comparison.py STORE --with STORE
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Store

BASE = "https://w3id.org/coopgraph/"
GRAPH = NamedNode(f"{BASE}graph/synthetic")
_ORGANIZATION = f"{BASE}id/org/"

Statements = set[tuple[str, str, str]]


def differences(ours: Store, theirs: Store) -> list[str]:
    """What the stores disagree on; nothing if all is well.

    Asserted triples must be the same. What we infer, the others must infer as well; owlrl
    follows more rules than we publish the consequences of.
    """
    our_names, their_names = _names(ours), _names(theirs)
    our_facts, their_facts = _said(ours, GRAPH, our_names), _said(theirs, GRAPH, their_names)
    inferred = _said(ours, DefaultGraph(), our_names) - our_facts
    closure = _said(theirs, DefaultGraph(), their_names)
    found = {
        "asserted by coopgraph alone": our_facts - their_facts,
        "asserted by the others alone": their_facts - our_facts,
        "inferred by coopgraph alone": inferred - closure,
    }
    if not our_facts or not inferred:
        return ["there is nothing to compare"]
    return [
        f"{len(triples):,} triples {where}, like {min(triples)}"
        for where, triples in found.items()
        if triples
    ]


def _names(store: Store) -> dict[str, str]:
    """A name for each organisation and inner node: its IRI, or what is asserted about it."""
    said: dict[str, list[str]] = defaultdict(list)
    for quad in _about_organizations(store, GRAPH):
        said[str(quad.subject)].append(f"{quad.predicate} {quad.object}")
    return {
        node: " ; ".join(sorted(lines)) if _is_inner(node) else node for node, lines in said.items()
    }


def _said(store: Store, graph: NamedNode | DefaultGraph, names: dict[str, str]) -> Statements:
    """The triples of a graph about organisations, with their inner nodes renamed."""
    triples = (
        (str(quad.subject), str(quad.predicate), str(quad.object))
        for quad in _about_organizations(store, graph)
    )
    return {(names[s], p, names.get(o, o)) for s, p, o in triples if s in names}


def _about_organizations(store: Store, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    for quad in store.quads_for_pattern(None, None, None, graph):
        subject = quad.subject
        if isinstance(subject, BlankNode) or (
            isinstance(subject, NamedNode) and subject.value.startswith(_ORGANIZATION)
        ):
            yield quad


def _is_inner(node: str) -> bool:
    return node.startswith("_:") or "#" in node


def count(store: Store, dataset: str) -> int:
    """How many triples a dataset's own graph holds."""
    rows = store.query(
        f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{BASE}graph/{dataset}> {{ ?s ?p ?o }} }}"
    )
    assert isinstance(rows, QuerySolutions)
    return int(next(rows)["n"].value)


def main() -> None:
    """Count the triples of a dataset in a store, or compare two stores; print JSON."""
    parser = argparse.ArgumentParser(description="Look into stores that were measured.")
    parser.add_argument("store", type=Path)
    parser.add_argument("--dataset", default="synthetic")
    parser.add_argument("--with", dest="other", type=Path, help="a store that rival.py made")
    chosen = parser.parse_args()
    store = Store.read_only(str(chosen.store))
    found = differences(store, Store.read_only(str(chosen.other))) if chosen.other else []
    print(json.dumps({"triples": count(store, chosen.dataset), "differences": found}))


if __name__ == "__main__":
    main()
