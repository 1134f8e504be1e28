"""What alignments say again, class by class."""

from __future__ import annotations

import pytest

from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.standard.alignments import Restatements


@pytest.mark.parametrize(
    ("predicate", "of", "expected"),
    [
        ("schema:name", "coop:Organization", True),  # skos:prefLabel says it
        ("schema:name", "coop:Offer", False),  # the offer's own field
        ("schema:addressLocality", "locn:Address", True),
        ("skos:prefLabel", "coop:Organization", False),
        ("schema:foundingDate", "coop:Organization", False),  # schema.org's own, and a field
        ("org:memberOf", "coop:Organization", False),  # follows, but says something new
        ("schema:productID", "coop:Organization", False),  # nothing implies it
    ],
)
def test_a_property_restates_where_no_field_holds_it(
    standard: Standard, predicate: str, of: str, expected: bool
) -> None:
    found = Restatements(standard).restates(iri(predicate), [iri("schema:Thing"), iri(of)])
    assert found is expected


def test_a_value_that_a_class_gives_is_a_restatement(standard: Standard) -> None:
    given = [
        value
        for node in standard.index.by_subject
        if standard.index.objects(node, iri("owl:hasValue"))
        for value in standard.index.objects(node, iri("owl:onProperty"))
        if "essglobal" in value.value
    ]
    assert given
    restatements = Restatements(standard)
    assert all(restatements.restates(name, [iri("coop:Organization")]) for name in given)  # type: ignore[arg-type]
