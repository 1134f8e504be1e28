"""The ontology by OWL 2 DL: consistent, with no class that nothing can be in.

In: terms, axioms and alignments, with what a test adds, as RDF/XML. Out: what HermiT says of
them. HermiT is a Java program that travels inside the package owlready2; it is run from its jar,
each time as a process with a time limit.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from rdflib import Graph

ONTOLOGY = Path(__file__).parents[2] / "ontology"
FILES = [*sorted(ONTOLOGY.glob("*.ttl")), *sorted((ONTOLOGY / "alignments").glob("*.ttl"))]
TIME_LIMIT_S = 120
PREFIXES = """
@prefix : <https://x.example/> .
@prefix coop: <https://w3id.org/coopgraph/ns#> .
@prefix kind: <https://w3id.org/coopgraph/code/organisation-kind/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""

# A kind of two things that are never one. Nothing is said to be in it, so OWL 2 RL sees no fault.
UNSATISFIABLE = """
:Chimera a owl:Class ; rdfs:subClassOf coop:CreditUnion, [
    a owl:Restriction ; owl:onProperty :says ; owl:someValuesFrom :Rumour
] .
:says a owl:ObjectProperty .
:Rumour a owl:Class ; rdfs:subClassOf coop:Offer, coop:Observation .
"""
CLASH = ":confused a coop:Organization, coop:Record ."
CLASH_BY_KIND = ":confused a coop:Organization, coop:Record ; coop:kind kind:credit-union ."

Hermit = Callable[..., str]

pytestmark = pytest.mark.needs("java")


@pytest.fixture
def hermit(tmp_path: Path) -> Hermit:
    """``hermit(option, turtle)`` → what HermiT prints of the ontology with ``turtle`` added."""
    package = find_spec("owlready2")
    assert package is not None
    assert package.origin is not None
    jar = Path(package.origin).parent / "hermit" / "HermiT.jar"
    assert jar.is_file()

    def run(option: str, turtle: str = "") -> str:
        graph = Graph()
        for path in FILES:
            graph.parse(path)
        graph.parse(data=PREFIXES + turtle, format="turtle")
        source = tmp_path / "ontology.owl"
        graph.serialize(source, format="xml")
        program = ["java", "-Xmx1g", "-cp", str(jar), "org.semanticweb.HermiT.cli.CommandLine"]
        result = subprocess.run(
            [*program, option, source.as_uri()],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIME_LIMIT_S,
        )
        return result.stdout + result.stderr

    return run


def unsatisfiable(report: str) -> set[str]:
    """The classes listed as equivalent to nothing, but for owl:Nothing itself."""
    head, _, rest = report.partition("owl:Nothing':")
    assert head.strip() == "Classes equivalent to '", report
    return set(re.findall(r"\S+", rest)) - {"owl:Nothing"}


def test_terms_axioms_and_alignments_are_found() -> None:
    assert {path.name for path in FILES} >= {"coop.ttl", "axioms.ttl", "org.ttl", "schema.ttl"}


def test_the_axioms_are_read(hermit: Hermit) -> None:
    below = set(hermit("--subs=<http://schema.org/Organization>").split())
    assert {"coop:Organization", "coop:CreditUnion", "coop:WorkerCooperative"} <= below
    assert "coop:Record" not in below


def test_the_ontology_is_consistent(hermit: Hermit) -> None:
    assert "owl#Thing is satisfiable." in hermit("--consistency")


def test_every_class_can_have_a_member(hermit: Hermit) -> None:
    assert unsatisfiable(hermit("--unsatisfiable")) == set()


@pytest.mark.parametrize("clash", [CLASH, CLASH_BY_KIND])
def test_a_planted_clash_is_found(hermit: Hermit, clash: str) -> None:
    report = hermit("--consistency", clash)
    assert "Inconsistent" in report or "owl#Thing is not satisfiable." in report
    assert "owl#Thing is satisfiable." not in report


def test_planted_unsatisfiable_classes_are_found(hermit: Hermit) -> None:
    found = unsatisfiable(hermit("--unsatisfiable", UNSATISFIABLE))
    assert found == {"<https://x.example/Chimera>", "<https://x.example/Rumour>"}
