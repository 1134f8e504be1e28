"""Hygiene rules over the standard, and the files derived from it.

A rule is a ``.rq`` file that selects offenders; none means that the standard is clean.
"""

from __future__ import annotations

import json
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from coopgraph.errors import ShapeError
from coopgraph.standard.context import context_document
from coopgraph.standard.model import Standard


def offenders(standard: Standard, rules: Path) -> dict[str, list[str]]:
    """Offenders of each rule in a folder, by the rule's name. Raises ShapeError without rules."""
    paths = sorted(rules.glob("*.rq"))
    if not paths:
        raise ShapeError(f"there are no hygiene rules in {rules}")
    store = Store()
    codes = [triple for triples in standard.codes.values() for triple in triples]
    store.extend(
        Quad(t.subject, t.predicate, t.object, DefaultGraph())
        for t in (*standard.ontology, *standard.shapes, *codes)
    )
    found: dict[str, list[str]] = {}
    for path in paths:
        solutions = store.query(path.read_text(encoding="utf-8"))
        assert isinstance(solutions, QuerySolutions), path
        found[path.stem] = sorted(
            term.value if isinstance(term, NamedNode) else str(term)
            for term in (solution[0] for solution in solutions)
        )
    return found


def derived_files(standard: Standard, ontology: Path) -> dict[Path, str]:
    """What each derived file must hold."""
    return {ontology / "context.jsonld": context_document(standard)}


def stale_files(standard: Standard, ontology: Path) -> list[Path]:
    """Derived files that are missing or differ from what the standard gives."""
    stale = []
    for path, text in derived_files(standard, ontology).items():
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            held = None
        if held != json.loads(text):
            stale.append(path)
    return stale
