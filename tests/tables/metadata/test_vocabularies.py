"""Properties of other vocabularies, and the columns that hold their values."""

from __future__ import annotations

import pytest

from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.standard.columns import templates
from coopgraph.tables.metadata import Properties


@pytest.mark.parametrize(
    ("name", "called", "expected"),
    [
        ("skos:prefLabel", "", ["name"]),
        ("schema:name", "", ["name"]),  # skos:prefLabel is one
        ("foaf:name", "", ["name"]),
        ("schema:url", "", ["homepage"]),
        ("schema:streetAddress", "", ["street"]),
        ("schema:addressLocality", "", ["locality"]),
        ("schema:telephone", "", ["telephone"]),
        ("coop:kind", "", ["kind"]),
        ("wgs:lat", "", ["latitude"]),
        ("dcterms:issued", "", []),  # of a registration: by itself it may be the date of anything
        ("dcterms:issued", "registered_on", ["registered_on"]),
        ("dcterms:creator", "", []),
    ],
)
def test_a_property_is_the_columns_of_its_values(
    name: str, called: str, expected: list[str], standard: Standard
) -> None:
    template = templates(standard)[0]
    found = Properties(standard).columns(iri(name).value, template, called)
    assert [column.name for column in found] == expected
