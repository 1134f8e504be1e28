"""SPARQL-based constraints (section 5): each solution of a SELECT query is a violation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import QueryRefused
from coopgraph.namespaces import iri
from coopgraph.rdf import Term
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.graph import DataGraph, Values
from coopgraph.validation.report import Violation
from coopgraph.validation.select import BeyondEngine, Question, question
from coopgraph.validation.shape import OwnResults
from coopgraph.validation.vocabulary import component, sh

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
# pySHACL knows these without a declaration, and shapes are written that rely on it.
_KNOWN_PREFIXES = {prefix: iri(f"{prefix}:").value for prefix in ("rdf", "rdfs", "owl")}


def sparql(clause: Clause) -> Iterator[OwnResults]:
    """Section 5.1, ``sh:sparql``: the query has no solution for the focus node."""
    for value in clause.values:
        if not clause.source.is_true(value, sh("deactivated")):
            yield _constraint(clause, value)


def _constraint(clause: Clause, node: Term) -> OwnResults:
    header, name = clause.header, component("SPARQL")
    asked = _question(clause, node)
    declared = clause.source.values(node, sh("message"))
    own = tuple(said for said in declared if isinstance(said, Literal)) or header.messages

    def report(graph: DataGraph, focus: Term, values: Values, out: list[Violation]) -> None:
        for found in graph.ask(asked, focus):
            path = found.get("path")
            own_path = path.value if isinstance(path, NamedNode) else header.path
            value = found.get("value", focus if header.path is None else None)
            messages = _messages(own, found)
            out.append(
                Violation(
                    focus, own_path, value, name, header.node, header.severity, messages, node
                )
            )

    return OwnResults(report, fewest=0, reads_forward=False)


def _question(clause: Clause, node: Term) -> Question:
    select = clause.source.at_most_one(node, sh("select"))
    if not isinstance(select, Literal):
        raise clause.error("has an sh:sparql without one sh:select")
    prefixes = _KNOWN_PREFIXES | dict(_prefixes(clause, node))
    try:
        return question(select.value, prefixes, clause.header.path)
    except QueryRefused as error:
        raise clause.error(f"has an sh:sparql that is not run: {error}") from error
    except BeyondEngine as error:
        raise clause.not_compiled(f"uses sh:sparql {error}") from error


def _prefixes(clause: Clause, node: Term) -> Iterator[tuple[str, str]]:
    """Section 5.2.1: what ``sh:prefixes`` leads to, what that imports, declares prefixes."""
    source = clause.source
    pending = list(source.values(node, sh("prefixes")))
    seen = set(pending)
    while pending:
        declaring = pending.pop()
        for declared in source.values(declaring, sh("declare")):
            prefix = source.at_most_one(declared, sh("prefix"))
            namespace = source.at_most_one(declared, sh("namespace"))
            if not isinstance(prefix, Literal) or not isinstance(namespace, Literal):
                raise clause.error("needs one sh:prefix and one sh:namespace in each sh:declare")
            yield prefix.value, namespace.value
        imported = set(source.values(declaring, iri("owl:imports"))) - seen
        seen |= imported
        pending += imported


def _messages(declared: tuple[Literal, ...], found: Mapping[str, Term]) -> tuple[Literal, ...]:
    """Section 5.3.2: ``?message``, else what is declared with ``{?name}`` put in."""
    own = found.get("message")
    if isinstance(own, Literal):
        return (own,)
    return tuple(_filled(said, found) for said in declared)


def _filled(said: Literal, found: Mapping[str, Term]) -> Literal:
    def value(place: re.Match[str]) -> str:
        term = found.get(place[1])
        return place[0] if term is None else term.value

    text = _PLACEHOLDER.sub(value, said.value)
    return Literal(text, language=said.language) if said.language else Literal(text)
