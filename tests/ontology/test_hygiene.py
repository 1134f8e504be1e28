"""The rules of ``ontology/hygiene`` hold for the standard, and each of them finds its offender.

In: the ontology, its code lists and the shapes, as one graph; for each rule a file
``offenders/{rule}.ttl`` where the names of what breaks it end in “offender” and nothing else
breaks it. Out: no offender in the standard, exactly the planted ones in each file. Rules in
``hygiene/translations`` are held by the standard of this project alone: whoever adds a field of
their own in one language has a sound standard, which ``coopgraph standard check`` passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = {path.stem: path for path in sorted((ROOT / "ontology" / "hygiene").rglob("*.rq"))}
OFFENDERS = {path.stem: path for path in sorted((HERE / "offenders").glob("*.ttl"))}
ONTOLOGY = sorted((ROOT / "ontology").rglob("*.ttl"))
SHAPES = sorted((ROOT / "shapes").glob("*.ttl"))


def graph(paths: Iterable[Path]) -> Store:
    store = Store()
    for path in paths:
        store.load(path=path, format=RdfFormat.TURTLE)
    return store


def offenders(store: Store, rule: Path) -> set[str]:
    """Names of the offenders, each with what the rule says about it."""
    solutions = store.query(rule.read_text(encoding="utf-8"))
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    assert names in (["offender"], ["offender", "detail"])
    return {" ".join(str(term) for term in solution if term is not None) for solution in solutions}


def planted(store: Store) -> set[str]:
    """Names in the file that end in “offender”."""
    terms = {term for quad in store for term in (quad.subject, quad.predicate, quad.object)}
    names = {term.value for term in terms if isinstance(term, NamedNode)}
    return {f"<{name}>" for name in names if name.lower().endswith("offender")}


@pytest.fixture(scope="module")
def standard() -> Store:
    return graph([*ONTOLOGY, *SHAPES])


def test_rules_ontology_lists_and_shapes_are_found() -> None:
    folders = {path.parent.name for path in ONTOLOGY}
    assert folders >= {"ontology", "codes", "alignments"}
    assert RULES
    assert SHAPES


def test_each_rule_has_an_offender_and_each_offender_a_rule() -> None:
    assert OFFENDERS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_says_what_it_finds_and_why(rule: Path) -> None:
    first, second = rule.read_text(encoding="utf-8").splitlines()[:2]
    assert first.startswith("#+ summary: ")
    assert second.startswith("#+ why: ")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_standard_has_no_offender(standard: Store, rule: Path) -> None:
    assert offenders(standard, rule) == set(), rule.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_planted_offenders_are_found_and_nothing_else(rule: Path) -> None:
    store = graph([OFFENDERS[rule.stem]])
    found = {line.split(" ")[0] for line in offenders(store, rule)}
    assert found
    assert found == planted(store)
