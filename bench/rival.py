"""A generated dataset in, a store out, by the usual tools: what the fast road is measured against.

csv → tables (``tables.py``) → morph-kgc (``mapping.yaml``) → an rdflib graph → pySHACL → owlrl →
a store: what one reaches for first, used as the manuals show, on all rows at once. It checks by the
same shapes, reasons with the same ontology and writes the same two graphs: what the source says
in a graph of its own, and that with all that follows in the default graph. It keeps no journal,
makes no snapshot and no index of texts, and leaves out ``coop:Record`` nodes. morph-kgc pins other
versions of what we need, so it runs by a Python of its own, which ``make rival`` makes.

    python bench/rival.py FOLDER STORE --morph-kgc PYTHON
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import owlrl
import pyoxigraph
import pyshacl
from generate import FILE, SLUG
from rdflib import RDF, SH, Graph, Literal, Namespace, URIRef
from rdflib.term import Node
from tables import write_tables

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "bench" / "mapping.yaml"
COOP = Namespace("https://w3id.org/coopgraph/ns#")
ORG = Namespace("http://www.w3.org/ns/org#")
GRAPH = f"https://w3id.org/coopgraph/graph/{SLUG}"

# An empty cell, and nothing else, says nothing.
_CONFIGURATION = """\
[CONFIGURATION]
output_file = facts.nt
number_of_processes = {processes}
na_values =
logging_level = WARNING
[tables]
mappings = {mapping}
"""

Seconds = dict[str, float]


def main() -> None:
    """Do the work; print what came of it, and how long each stage took, as JSON."""
    parser = argparse.ArgumentParser(description="Load a generated dataset by the usual tools.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--morph-kgc", type=Path, required=True, metavar="PYTHON")
    chosen = parser.parse_args()
    seconds: Seconds = {}
    with tempfile.TemporaryDirectory() as scratch:
        tables = Path(scratch)
        with _stage("prepare", seconds):
            rows = write_tables(chosen.folder / FILE, tables)
        with _stage("map", seconds):
            facts = mapped(tables, chosen.morph_kgc)
    with _stage("check", seconds):
        rejected = remove_faulty(facts)
    published = len(set(facts.subjects(RDF.type, COOP.Organization)))
    with _stage("reason", seconds):
        closure = closed(facts)
    with _stage("store", seconds):
        write(facts, closure, chosen.store)
    counts = {"read": rows, "published": published, "rejected": rejected}
    print(json.dumps({**counts, "seconds": seconds, "morph-kgc": version_of(chosen.morph_kgc)}))


@contextmanager
def _stage(name: str, seconds: Seconds) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def mapped(tables: Path, python: Path) -> Graph:
    """What morph-kgc makes of the tables, on as many processors as there are."""
    processes = len(os.sched_getaffinity(0))
    settings = tables / "morph-kgc.ini"
    settings.write_text(_CONFIGURATION.format(processes=processes, mapping=MAPPING))
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python), "-m", "morph_kgc", str(settings)]
    subprocess.run(command, cwd=tables, env=kept, check=True, stdout=subprocess.DEVNULL)
    return Graph().parse(tables / "facts.nt")


def version_of(python: Path) -> str:
    """Of the morph-kgc that a Python has."""
    program = "from importlib.metadata import version; print(version('morph-kgc'))"
    found = subprocess.run([str(python), "-c", program], check=True, capture_output=True, text=True)
    return found.stdout.strip()


def standard(*patterns: str) -> Graph:
    """The files of the standard that match, in one graph."""
    graph = Graph()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            graph.parse(path)
    return graph


def remove_faulty(facts: Graph) -> int:
    """Take out organisations that break a shape or belong to none that is kept; how many."""
    # The shapes look codes up, and pySHACL takes class axioms only from `ont_graph`.
    _, report, _ = pyshacl.validate(
        facts + standard("ontology/codes/*.ttl"),
        shacl_graph=standard("shapes/*.ttl"),
        ont_graph=standard("ontology/*.ttl", "ontology/alignments/*.ttl"),
        inference="none",
        do_owl_imports=False,
    )
    assert isinstance(report, Graph)
    faulty = {owner(node) for node in report.objects(None, SH.focusNode)}
    gone = 0
    while faulty:
        gone += len(faulty)
        for subject in faulty:
            remove(facts, subject)
        kept = set(facts.subjects(RDF.type, COOP.Organization))
        faulty = {
            owner(node)
            for node, body in facts.subject_objects(ORG.organization)
            if body not in kept
        }
    return gone


def owner(node: Node) -> URIRef:
    """The organisation that a part of it belongs to."""
    return URIRef(str(node).partition("#")[0])


def remove(facts: Graph, subject: URIRef) -> None:
    """Take out an organisation with its parts."""
    for value in list(facts.objects(subject)):
        if str(value).startswith(f"{subject}#"):
            facts.remove((value, None, None))
    facts.remove((subject, None, None))


def closed(facts: Graph) -> Graph:
    """Facts, ontology, and all that follows from them."""
    closure = facts + standard("ontology/*.ttl", "ontology/alignments/*.ttl")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    # A reasoner may conclude about literals, which RDF 1.1 and the store cannot hold.
    for triple in [triple for triple in closure if isinstance(triple[0], Literal)]:
        closure.remove(triple)
    return closure


def write(facts: Graph, closure: Graph, path: Path) -> None:
    """Load both graphs into a store on disk."""
    asserted = facts.serialize(format="nt").replace(" .\n", f" <{GRAPH}> .\n")
    quads = asserted + closure.serialize(format="nt")
    store = pyoxigraph.Store(str(path))
    store.bulk_load(quads.encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    store.flush()


if __name__ == "__main__":
    main()
