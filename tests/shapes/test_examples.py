"""Each shapes file has examples of what it allows and of what it forbids; no constraint has none.

In: for ``shapes/X.ttl`` the files ``X_pass.ttl`` and ``X_fail.ttl``. The second holds the report
that it expects, as ``sh:ValidationResult`` nodes with focus node, path and component. Out: our
validator and pySHACL give exactly that report, every constraint of the file is broken once, and
every property has a value once. Specification: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph import resources
from coopgraph.namespaces import curie, iri
from coopgraph.rdf import Subject, Term, TripleIndex, read_turtle
from coopgraph.standard import Standard
from coopgraph.validation import Validator, Violation
from coopgraph.validation.constraints import CLAUSES
from coopgraph.validation.reference import validate_reference
from coopgraph.validation.vocabulary import RDF_TYPE, component, sh

HERE = Path(__file__).parent
STEMS = [path.stem for path in sorted(resources.SHAPES.glob("*.ttl"))]
SHAPE_TYPES = {sh("NodeShape"), sh("PropertyShape")}
each_file = pytest.mark.parametrize("stem", STEMS)


class Result(NamedTuple):
    """What two reports are compared by."""

    focus: str
    path: str
    component: str


class Constraint(NamedTuple):
    """A constraint of a shape."""

    shape: Subject
    component: NamedNode


# Reading examples -----------------------------------------------------------------------------


def example(stem: str, kind: str) -> tuple[list[Triple], Counter[Result]]:
    """The data of an example, and the report that stands in it."""
    index = TripleIndex(read_turtle([HERE / f"{stem}_{kind}.ttl"]))
    results = set(index.subjects(RDF_TYPE, sh("ValidationResult")))
    data = [
        Triple(subject, predicate, value)
        for subject, properties in index.by_subject.items()
        for predicate, values in properties.items()
        for value in values
        if subject not in results
    ]
    assert data
    return data, Counter(_expected(index, node) for node in results)


def _expected(index: TripleIndex, node: Subject) -> Result:
    focus, path, kind = (
        index.value(node, sh(name))
        for name in ("focusNode", "resultPath", "sourceConstraintComponent")
    )
    assert isinstance(focus, NamedNode), "every result names its focus node"
    assert isinstance(kind, NamedNode), f"the result of {focus} names no component"
    return Result(focus.value, path.value if path is not None else "", kind.value)


def report(violations: Iterable[Violation]) -> Counter[Result]:
    return Counter(
        Result(_text(found.focus), found.path or "", found.component.value) for found in violations
    )


def _text(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def beside(standard: Standard, data: Iterable[Triple]) -> Iterator[Triple]:
    """The class hierarchy, and of the code lists what the data names: enough, and quick to read."""
    named = {triple.object for triple in data}
    yield from (t for t in standard.ontology if t.predicate == iri("rdfs:subClassOf"))
    for triples in standard.codes.values():
        yield from (t for t in triples if t.subject in named)


# What the shapes demand -----------------------------------------------------------------------


def shapes_of(index: TripleIndex) -> list[Subject]:
    """The shapes of a file with constraints of their own: declared, or listed by another."""
    declared = {s for kind in SHAPE_TYPES for s in index.subjects(RDF_TYPE, kind)}
    return [
        shape
        for shape in index.by_subject
        if shape in declared or any(index.subjects(sh("property"), shape))
    ]


def constraints_of(triples: Iterable[Triple]) -> set[Constraint]:
    """Every constraint in a file. The members of sh:or and its like are part of that one."""
    index = TripleIndex(triples)
    return {
        Constraint(shape, component(_camel(parameter)))
        for shape in shapes_of(index)
        for parameter in index.by_subject[shape]
        if parameter in CLAUSES and parameter != sh("property")
    }


def _camel(parameter: NamedNode) -> str:
    """``sh:minCount`` → ``MinCount``."""
    name = parameter.value.rpartition("#")[2]
    return name[0].upper() + name[1:]


def broken(
    validator: Validator, standard: Standard, data: list[Triple], violations: Iterable[Violation]
) -> set[Constraint]:
    """The constraints that a report says are broken, those behind a sh:node included."""
    found: set[Constraint] = set()
    for violation in violations:
        assert not isinstance(violation.shape, Literal)
        found.add(Constraint(violation.shape, violation.component))
        if violation.component == component("Node") and isinstance(violation.value, NamedNode):
            for inner in standard.index.objects(violation.shape, sh("node")):
                assert isinstance(inner, NamedNode)
                below = validator.validate_node(data, violation.value, inner)
                found |= broken(validator, standard, data, below)
    return found


def missing(demanded: set[Constraint], given: set[Constraint], stem: str) -> list[str]:
    """What to add to the examples of a file."""
    return sorted(
        f"add to tests/shapes/{stem}_fail.ttl a node that breaks "
        f"{_text(c.shape)} {curie(c.component.value)}, and the result expected"
        for c in demanded - given
    )


# The tests ------------------------------------------------------------------------------------


def test_each_shapes_file_has_its_pair_of_examples_and_nothing_is_left_over() -> None:
    assert STEMS
    wanted = {f"{stem}_{kind}" for stem in STEMS for kind in ("pass", "fail")}
    assert {path.stem for path in HERE.glob("*.ttl")} == wanted


@each_file
def test_what_is_allowed_gives_no_result(
    stem: str, validator: Validator, standard: Standard
) -> None:
    data, expected = example(stem, "pass")
    assert not expected
    assert report(validator.validate(data)) == expected
    assert report(validate_reference([*data, *beside(standard, data)], standard.shapes)) == expected


@each_file
def test_what_is_forbidden_gives_the_results_that_it_names(
    stem: str, validator: Validator, standard: Standard
) -> None:
    data, expected = example(stem, "fail")
    assert expected
    assert report(validator.validate(data)) == expected
    assert report(validate_reference([*data, *beside(standard, data)], standard.shapes)) == expected


@each_file
def test_every_constraint_is_broken_once(
    stem: str, validator: Validator, standard: Standard
) -> None:
    demanded = constraints_of(read_turtle([resources.SHAPES / f"{stem}.ttl"]))
    data, _ = example(stem, "fail")
    given = broken(validator, standard, data, validator.validate(data))
    assert demanded
    assert missing(demanded, given, stem) == []


def test_a_new_constraint_wants_an_example(validator: Validator, standard: Standard) -> None:
    path = resources.SHAPES / "address.ttl"
    street = iri("coopsh:street")
    data, _ = example("address", "fail")
    given = broken(validator, standard, data, validator.validate(data))
    added = [*read_turtle([path]), Triple(street, sh("hasValue"), Literal("1 Spoke Lane"))]
    [message] = missing(constraints_of(added), given, "address")
    assert street.value in message
    assert "sh:HasValueConstraintComponent" in message


@each_file
def test_every_property_has_a_value_in_what_is_allowed(stem: str, standard: Standard) -> None:
    index = TripleIndex(read_turtle([resources.SHAPES / f"{stem}.ttl"]))
    data, _ = example(stem, "pass")
    fields = [
        (shape, path)
        for shape in shapes_of(index)
        for path in index.objects(shape, sh("path"))
        if isinstance(path, NamedNode)
    ]
    assert fields
    codes = [
        triple for triple in beside(standard, data) if triple.predicate == iri("skos:inScheme")
    ]
    values = TripleIndex([*data, *codes])
    absent = [
        f"add to tests/shapes/{stem}_pass.ttl a value of {curie(path.value)} ({_text(shape)})"
        for shape, path in fields
        if not _has_value(index, values, standard, shape, path)
    ]
    assert absent == []


def _has_value(
    index: TripleIndex, values: TripleIndex, standard: Standard, shape: Subject, path: NamedNode
) -> bool:
    """Whether a node that the shape is about has the property.

    It is about the members of the class that a node shape with it is aimed at, in whatever file
    that stands; in a code list's shape, about the codes of that list.
    """
    asked = index.value(shape, sh("hasValue"))
    if asked is not None:
        return bool(values.subjects(path, asked))
    owners = standard.index.subjects(sh("property"), shape)
    classes = [c for owner in owners for c in standard.index.objects(owner, sh("targetClass"))]
    members = [node for name in classes for node in values.subjects(RDF_TYPE, name)]
    return any(values.objects(node, path) for node in members)
