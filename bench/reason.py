"""How fast our compiled rules infer, beside owlrl and the Rust reasoner ``reasonable``.

A generated dataset is loaded by the real command; what its graph asserts is then reasoned over
by each reasoner, with the same axioms: the ontology without domains and ranges, which we leave
out on purpose, and for ``reasonable`` without property chains, which it does not follow. Each
measurement has a process of its own. The reasoners follow different rules, so of each answer
counts what our rules claim: classes with a name and properties of other vocabularies than RDF,
RDFS and OWL, that the ontology alone does not yield. These must be the same, triple for triple,
or the run ends.

    python bench/reason.py --organizations 2000 --owlrl 100
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

import owlrl
import reasonable
from generate import SLUG, write_dataset
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse
from runs import Run, header, timed

from coopgraph.namespaces import STANDARD, dataset_graph, iri
from coopgraph.rdf import from_rdflib_term, read_turtle, sorted_lines, to_rdflib
from coopgraph.reasoning import compile_rules

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
LOGIC = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#",
         "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2001/XMLSchema#")  # fmt: skip
OUTSIDE = {iri("rdfs:domain"), iri("rdfs:range")}
CHAIN = iri("owl:propertyChainAxiom")
TYPE = iri("rdf:type")

HEAD = """\
| organisations | triples | chains | inferred | reasoner | seconds | triples/s | × owlrl | peak MB |
|---:|---:|---|---:|---|---:|---:|---:|---:|"""
FOOT = """\
triples: asserted of the organisations. chains: whether property chains are followed. inferred:
by our rules, and found with each reasoner. seconds: from triples in memory, in reasonable's case
its own and in ours lines, to the inferred ones; ours include compiling the ontology. × owlrl:
triples/s against those of owlrl on the few organisations. peak: of the whole process."""

# With which reasoners a few organisations, then all of them; first with property chains, then
# without.
SETS = (
    ("coopgraph", "owlrl"),
    ("coopgraph", "reasonable"),
    ("coopgraph",),
    ("coopgraph", "reasonable"),
)

Lines = set[str]
Reason = Callable[[list[Triple], list[Triple]], tuple[float, Iterable[Triple]]]


# One reasoner, in a process of its own ----------------------------------------------------------


def ours(axioms: list[Triple], data: list[Triple]) -> tuple[float, Iterable[Triple]]:
    """Compiled rules, applied to the lines of one organisation at a time."""
    groups = [sorted_lines(group) for group in by_organization(data)]
    started = time.perf_counter()
    rules = compile_rules(axioms)
    found: set[str] = set()
    for group in groups:
        found |= rules.infer(group)
    seconds = time.perf_counter() - started
    written = parse("\n".join(found).encode(), format=RdfFormat.N_TRIPLES)
    return seconds, [quad.triple for quad in written]


def with_owlrl(axioms: list[Triple], data: list[Triple]) -> tuple[float, Iterable[Triple]]:
    """owlrl, on everything at once."""
    graph = to_rdflib([*axioms, *data])
    started = time.perf_counter()
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    return time.perf_counter() - started, from_terms(graph)


def with_reasonable(axioms: list[Triple], data: list[Triple]) -> tuple[float, Iterable[Triple]]:
    """reasonable, on everything at once."""
    reasoner = reasonable.PyReasoner()
    reasoner.from_graph(to_rdflib([*axioms, *data]))
    started = time.perf_counter()
    closure = reasoner.reason()
    return time.perf_counter() - started, from_terms(closure)


REASONERS: dict[str, Reason] = {
    "coopgraph": ours,
    "reasonable": with_reasonable,
    "owlrl": with_owlrl,
}


def from_terms(closure: Iterable[tuple[Any, Any, Any]]) -> Iterator[Triple]:
    """rdflib's terms as triples; literals as subjects, which RDF 1.1 lacks, are left out."""
    for terms in closure:
        subject, predicate, value = map(from_rdflib_term, terms)
        if isinstance(predicate, NamedNode) and not isinstance(subject, Literal):
            yield Triple(subject, predicate, value)


def by_organization(data: list[Triple]) -> Iterator[list[Triple]]:
    """The triples of each organisation with its fragments and records, in groups."""
    topics = {t.subject: t.object for t in data if t.predicate == iri("foaf:primaryTopic")}
    groups: dict[str, list[Triple]] = {}
    for triple in data:
        owner = topics.get(triple.subject, triple.subject)
        groups.setdefault(str(owner).strip("<>").partition("#")[0], []).append(triple)
    yield from groups.values()


def reason(name: str, folder: Path) -> None:
    """Run one reasoner on a folder's triples; write what counts, print how long it took."""
    axioms, data = triples_of(folder / "axioms.nt"), triples_of(folder / "data.nt")
    seconds, closure = REASONERS[name](axioms, data)
    _, alone = REASONERS[name](axioms, []) if name != "coopgraph" else (0.0, ())
    found = {str(t) for t in closure if counts(t)} - {str(t) for t in alone}
    found -= {str(triple) for triple in data}
    (folder / f"{name}.txt").write_text("\n".join(sorted(found)), encoding="utf-8")
    print(json.dumps({"seconds": seconds}))


def triples_of(path: Path) -> list[Triple]:
    """The triples of an N-Triples file."""
    return [quad.triple for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)]


def counts(triple: Triple) -> bool:
    """Whether a triple is of a form that our rules conclude."""
    if triple.predicate == TYPE:
        name = triple.object
        return isinstance(name, NamedNode) and not name.value.startswith(LOGIC)
    return not triple.predicate.value.startswith(LOGIC)


# All of them, and the table ---------------------------------------------------------------------


def prepare(folder: Path, home: Path, few: int) -> None:
    """Write what the reasoners read: for each set of axioms, for a few organisations and all.

    In a process of its own, so that the one which starts the others stays small.
    """
    paths = [*sorted(ONTOLOGY.glob("*.ttl")), *sorted((ONTOLOGY / "alignments").glob("*.ttl"))]
    ontology = read_turtle(paths)
    store = Store.read_only(str(home / "current" / "store"))
    graph = dataset_graph(STANDARD, SLUG)
    data = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]
    some = [triple for group in islice(by_organization(data), few) for triple in group]
    sizes = []
    for triples, left_out in product((some, data), (OUTSIDE, {*OUTSIDE, CHAIN})):
        place = folder / str(len(sizes))
        place.mkdir()
        write(place / "axioms.nt", (t for t in ontology if t.predicate not in left_out))
        write(place / "data.nt", triples)
        organizations = sum(t.object == iri("coop:Organization") for t in triples)
        sizes.append([organizations, len(triples)])
    print(json.dumps({"sizes": sizes}))


def write(path: Path, triples: Iterable[Triple]) -> None:
    """Write an N-Triples file."""
    path.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")


def measure(names: Iterable[str], folder: Path) -> tuple[dict[str, Run], int]:
    """Run reasoners on the same triples; how many they infer. Ends here where they disagree."""
    runs = {name: timed("bench/reason.py", "--one", name, folder) for name in names}
    answers = {name: set((folder / f"{name}.txt").read_text().splitlines()) for name in names}
    for name, found in answers.items():
        if found != answers["coopgraph"]:
            sys.exit("\n".join(["The reasoners differ:", *difference(answers, name)]))
    return runs, len(answers["coopgraph"])


def difference(answers: dict[str, Lines], name: str) -> Iterator[str]:
    """What coopgraph and another reasoner infer alone."""
    for one, other in (("coopgraph", name), (name, "coopgraph")):
        alone = answers[one] - answers[other]
        if alone:
            yield f"{len(alone):,} triples by {one} alone, like {min(alone)}"


def table(organizations: int, few: int, scratch: Path) -> Iterator[str]:
    """The table: owlrl on a few organisations, the others on those and on all of them."""
    write_dataset(scratch / "generated", organizations, seed=1)
    home = scratch / "home"
    timed("-m", "coopgraph", "--home", home, "load", scratch / "generated", "--json")
    sizes = timed("bench/reason.py", "--prepare", scratch, home, str(few)).report["sizes"]
    base = 0.0
    for place, ((number, triples), names) in enumerate(zip(sizes, SETS, strict=True)):
        runs, inferred = measure(names, scratch / str(place))
        chains = "no" if "reasonable" in names else "yes"
        for name, run in reversed(runs.items()):
            seconds = run.report["seconds"]
            rate = triples / seconds
            base = rate if name == "owlrl" else base
            yield (
                f"| {number:,} | {triples:,} | {chains} | {inferred:,} | {name} | {seconds:,.2f} "
                f"| {rate:,.0f} | {rate / base:,.1f} | {run.peak_bytes / 1e6:,.0f} |"
            )


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description="Measure reasoning.")
    parser.add_argument("--organizations", type=int, default=2_000, metavar="N")
    parser.add_argument("--owlrl", type=int, default=100, metavar="N", help="so many for owlrl")
    parser.add_argument("--one", nargs=2, metavar=("REASONER", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--prepare", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.prepare:
        folder, home, few = chosen.prepare
        prepare(Path(folder), Path(home), int(few))
        return
    if chosen.one:
        reason(chosen.one[0], Path(chosen.one[1]))
        return
    print(*header("pyoxigraph", "rdflib", "owlrl", "reasonable"), "", HEAD, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for line in table(chosen.organizations, chosen.owlrl, Path(scratch)):
            print(line, flush=True)
    print("", FOOT, sep="\n")


if __name__ == "__main__":
    main()
