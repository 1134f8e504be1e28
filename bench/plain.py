"""The same work in the plain way: csv → rdflib graph → pySHACL → owlrl → store.

Takes the first N rows of a dataset in one process: each sound row's triples (those of our own
mapping, so that both ways do the same work) are added to one rdflib graph, the graph is validated
by pySHACL beside the class hierarchy and the code lists, closed under OWL RL by owlrl beside the
ontology, and written to a store. Prints seconds by stage as JSON.

    python bench/plain.py DATASET-FOLDER --rows 1000
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from pathlib import Path

import owlrl
import pyshacl
import rdflib
from pyoxigraph import NamedNode, Quad, Store, Triple

from coopgraph import resources
from coopgraph.namespaces import organization_iri
from coopgraph.rdf import from_rdflib, to_rdflib
from coopgraph.standard import Standard, read_standard
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.tables.editions import choose_file
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.reading import open_table

BASE = "https://w3id.org/coopgraph/"


def records(folder: Path, rows: int, standard: Standard) -> list[list[Triple]]:
    """The triples of the sound rows among the first ``rows``, each about an IRI of its own."""
    descriptor = read_descriptor(folder, standard)
    table = descriptor.main
    file = choose_file(folder, table.pattern, None)
    assert file is not None, folder
    source = open_table(file.path)
    mapper = compile_table(descriptor, table, standard, source.header, source.source)
    found = []
    for row in itertools.islice(source.rows, rows):
        record = mapper.record(row)
        if record.is_sound:
            name = organization_iri(BASE, record.key).value
            found.append([_closed(triple, name) for triple in record.triples])
    return found


def _closed(triple: Triple, name: str) -> Triple:
    """The triple about ``name`` instead of the open subject."""
    subject, value = triple.subject, triple.object
    assert isinstance(subject, NamedNode)
    subject = NamedNode(subject.value.replace("open:self", name, 1))
    if isinstance(value, NamedNode) and value.value.startswith("open:"):
        other = value.value.replace("open:self", name, 1)
        value = NamedNode(other.replace("open:ref/synthetic/", organization_iri(BASE, "").value))
    return Triple(subject, triple.predicate, value)


def run(folder: Path, rows: int) -> dict[str, float]:
    """Do it all; seconds by stage, and counts."""
    standard = read_standard(resources.ONTOLOGY, resources.SHAPES)
    codes = [triple for triples in standard.codes.values() for triple in triples]
    shapes, background = to_rdflib(standard.shapes), to_rdflib([*standard.ontology, *codes])
    started = time.perf_counter()
    graph = rdflib.Graph()
    found = records(folder, rows, standard)
    for triples in found:
        graph += to_rdflib(triples)
    asserted = len(graph)
    mapped = time.perf_counter()
    _, report, _ = pyshacl.validate(
        graph, shacl_graph=shapes, ont_graph=background, inference="none", do_owl_imports=False
    )
    assert isinstance(report, rdflib.Graph)
    validated = time.perf_counter()
    graph += to_rdflib(standard.ontology)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    reasoned = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        store = Store(str(Path(home, "store")))
        store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in from_rdflib(graph))
        stored = time.perf_counter()
        del store
    return {
        "rows": rows,
        "organizations": len(found),
        "asserted": asserted,
        "mapping_s": mapped - started,
        "validation_s": validated - mapped,
        "reasoning_s": reasoned - validated,
        "store_s": stored - reasoned,
        "total_s": stored - started,
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Load some rows in the plain way.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000)
    options = parser.parse_args()
    print(json.dumps(run(options.folder, options.rows)))


if __name__ == "__main__":
    main()
