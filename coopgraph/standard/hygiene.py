"""Hygiene rules over the standard.

A rule is a ``.rq`` file that selects offenders; none means that the standard is clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from coopgraph.errors import ShapeError
from coopgraph.standard.model import Standard

_SUMMARY = "#+ summary: "


@dataclass(frozen=True, slots=True)
class Offence:
    """A term that breaks a rule; ``detail`` is what the rule says of it, ``summary`` what it is."""

    rule: str
    term: str
    detail: str
    summary: str


def offences(standard: Standard, rules: Path) -> Iterator[Offence]:
    """Every offence against the rules in a folder. Raises ShapeError without rules."""
    paths = sorted(rules.glob("*.rq"))
    if not paths:
        raise ShapeError(f"there are no hygiene rules in {rules}")
    store = _store(standard)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        summary = next((line for line in text.splitlines() if line.startswith(_SUMMARY)), "")
        try:
            solutions = store.query(text)
        except SyntaxError as error:
            raise ShapeError(f"is no SPARQL: {error}", shape=path.name) from error
        assert isinstance(solutions, QuerySolutions), path
        for solution in solutions:
            term, *details = (_text(item) for item in solution)
            yield Offence(path.stem, term, "".join(details), summary.removeprefix(_SUMMARY))


def _store(standard: Standard) -> Store:
    store = Store()
    graphs = [*standard.codes.values(), *standard.mappings.values()]
    codes = [triple for triples in graphs for triple in triples]
    store.extend(
        Quad(t.subject, t.predicate, t.object, DefaultGraph())
        for t in (*standard.ontology, *standard.shapes, *codes)
    )
    return store


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term or "")
