"""How fast records are checked by compiled shapes, beside pySHACL in the same run.

A generated dataset is loaded by the real command. What its graph asserts is taken apart into
organisations with their parts, and a fault is planted in every fiftieth; each checker then gets
the same triples, the same shapes, and the class hierarchy and code lists as its background.
coopgraph judges one organisation after another, as a load does; pySHACL, which has to be given
everything at once, gets all of the first ones together. Each measurement has a process of its
own. The two reports must be equal, result by result, or the run ends.

    python bench/validate.py --organizations 10000 --pyshacl 1000
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from generate import SLUG, write_dataset
from pyoxigraph import Literal, Store, Triple
from reason import by_organization, triples_of, write
from runs import Run, header, timed

from coopgraph.namespaces import STANDARD, dataset_graph, iri
from coopgraph.resources import ONTOLOGY, SHAPES
from coopgraph.standard import read_standard
from coopgraph.validation import Violation
from coopgraph.validation.checking import background_of, standard_validator
from coopgraph.validation.reference import validate_reference

EVERY = 50

HEAD = """\
| organisations | triples | results | checker | ready | check | records/s | × pySHACL | peak MB |
|---:|---:|---:|---|---:|---:|---:|---:|---:|"""
FOOT = """\
results: violations found, the same by each checker of as many organisations. ready: seconds to
compile the shapes (pySHACL reads them as it checks). check: seconds from triples in memory to
violations as Python objects, on one core; in pySHACL's case with the triples carried over to
rdflib. records/s: organisations with all their parts. peak: of the whole process."""

Check = Callable[[list[Triple]], tuple[float, float, list[Violation]]]


# One checker, in a process of its own -----------------------------------------------------------


def ours(data: list[Triple]) -> tuple[float, float, list[Violation]]:
    """Compiled shapes, one organisation at a time."""
    standard = read_standard(ONTOLOGY, SHAPES)
    groups = list(by_organization(data))
    started = time.perf_counter()
    validator = standard_validator(standard)
    ready = time.perf_counter()
    found = [violation for group in groups for violation in validator.validate(group)]
    return ready - started, time.perf_counter() - ready, found


def with_pyshacl(data: list[Triple]) -> tuple[float, float, list[Violation]]:
    """pySHACL, on everything at once."""
    standard = read_standard(ONTOLOGY, SHAPES)
    started = time.perf_counter()
    found = validate_reference([*data, *background_of(standard)], standard.shapes)
    return 0.0, time.perf_counter() - started, found


CHECKERS: dict[str, Check] = {"coopgraph": ours, "pySHACL": with_pyshacl}


def check(name: str, folder: Path) -> None:
    """Run one checker on a folder's triples; write what it found, print how long it took."""
    ready_s, check_s, found = CHECKERS[name](triples_of(folder / "data.nt"))
    lines = sorted(
        f"{v.focus} {v.path} {v.component} {v.value} {v.shape} {v.severity}" for v in found
    )
    (folder / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    print(json.dumps({"ready": ready_s, "check": check_s, "results": len(found)}))


# All of them, and the table ---------------------------------------------------------------------


def planted(number: int, group: list[Triple]) -> Iterator[Triple]:
    """The triples of an organisation; in every fiftieth a name is lost and a code is wrong."""
    if number % EVERY:
        yield from group
        return
    for triple in group:
        if triple.predicate == iri("coop:status"):
            yield Triple(triple.subject, triple.predicate, Literal("open"))
        elif triple.predicate != iri("skos:prefLabel"):
            yield triple


def prepare(folder: Path, home: Path, few: int) -> None:
    """Write what the checkers read: a few organisations, and all; how many they are.

    In a process of its own, so that the one which starts the others stays small.
    """
    store = Store.read_only(str(home / "current" / "store"))
    graph = dataset_graph(STANDARD, SLUG)
    data = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]
    groups = [list(planted(*item)) for item in enumerate(by_organization(data))]
    sizes = []
    for chosen in (groups[:few], groups):
        place = folder / str(len(sizes))
        place.mkdir()
        write(place / "data.nt", (triple for group in chosen for triple in group))
        sizes.append([len(chosen), sum(map(len, chosen))])
    print(json.dumps({"sizes": sizes}))


def require_equal(folder: Path) -> None:
    """End here unless both reports are the same."""
    one, other = (
        (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines() for name in CHECKERS
    )
    if one != other:
        differences = sorted(set(one) ^ set(other))
        sys.exit("\n".join(["The checkers differ:", *islice(differences, 10)]))


def table(organizations: int, few: int, scratch: Path) -> Iterator[str]:
    """The table: both on a few organisations, ours on all."""
    write_dataset(scratch / "generated", organizations, seed=1)
    home = scratch / "home"
    timed("-m", "coopgraph", "--home", home, "load", scratch / "generated", "--json")
    sizes = timed("bench/validate.py", "--prepare", scratch, home, str(few)).report["sizes"]
    places = [scratch / str(number) for number in range(len(sizes))]
    theirs, fast, all_of_them = (
        timed("bench/validate.py", "--one", name, place)
        for name, place in (
            ("pySHACL", places[0]),
            ("coopgraph", places[0]),
            ("coopgraph", places[1]),
        )
    )
    require_equal(places[0])
    base = sizes[0][0] / theirs.report["check"]
    yield line("pySHACL", sizes[0], theirs, base)
    yield line("coopgraph", sizes[0], fast, base)
    yield line("coopgraph", sizes[1], all_of_them, base)


def line(name: str, size: list[int], run: Run, base: float) -> str:
    """As a row of the table."""
    number, triples = size
    found = run.report
    rate = number / found["check"]
    return (
        f"| {number:,} | {triples:,} | {found['results']:,} | {name} | {found['ready']:.2f} "
        f"| {found['check']:.2f} | {rate:,.0f} | {rate / base:,.1f} "
        f"| {run.peak_bytes / 1e6:,.0f} |"
    )


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description="Measure validation.")
    parser.add_argument("--organizations", type=int, default=10_000, metavar="N")
    parser.add_argument("--pyshacl", type=int, default=1_000, metavar="N", help="so many for it")
    parser.add_argument("--one", nargs=2, metavar=("CHECKER", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--prepare", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.prepare:
        folder, home, few = chosen.prepare
        prepare(Path(folder), Path(home), int(few))
        return
    if chosen.one:
        check(chosen.one[0], Path(chosen.one[1]))
        return
    print(*header("pyoxigraph", "rdflib", "pyshacl"), "", HEAD, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for row in table(chosen.organizations, chosen.pyshacl, Path(scratch)):
            print(row, flush=True)
    print("", FOOT, sep="\n")


if __name__ == "__main__":
    main()
