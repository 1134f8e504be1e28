"""What alignments say again, thing by thing."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.standard.alignments import Restatements


@pytest.mark.parametrize(
    ("predicate", "of", "beside", "expected"),
    [
        ("schema:name", "coop:Organization", "skos:prefLabel", True),
        ("schema:name", "coop:Organization", "skos:altLabel", False),  # another value's property
        ("schema:name", "coop:Offer", "skos:prefLabel", False),  # the offer's own field
        ("foaf:name", "foaf:Agent", "foaf:name", False),  # the only name there is
        ("schema:addressLocality", "locn:Address", "locn:postName", True),
        ("schema:memberOf", "coop:Organization", "org:memberOf", True),
        ("skos:prefLabel", "coop:Organization", "schema:name", False),
        ("schema:foundingDate", "coop:Organization", "schema:foundingDate", False),
        ("org:memberOf", "coop:Organization", "org:memberOf", False),  # says something new
    ],
)
def test_a_property_restates_what_stands_beside_it(
    standard: Standard, predicate: str, of: str, beside: str, expected: bool
) -> None:
    others = {iri(predicate), iri(beside)}
    found = Restatements(standard).restates(iri(predicate), [iri("prov:Entity"), iri(of)], others)
    assert found is expected


def test_a_value_that_a_class_gives_is_a_restatement(standard: Standard) -> None:
    given = {
        value
        for node in standard.index.by_subject
        if standard.index.objects(node, iri("owl:hasValue"))
        for value in standard.index.objects(node, iri("owl:onProperty"))
        if isinstance(value, NamedNode) and value.value.startswith("http://purl.org/essglobal/")
    }
    assert given
    restatements = Restatements(standard)
    assert all(restatements.restates(name, [iri("coop:Organization")], [name]) for name in given)
