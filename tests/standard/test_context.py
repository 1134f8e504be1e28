"""The JSON-LD context: derived from the fields, committed, and right for another processor."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from coopgraph.errors import ShapeError
from coopgraph.namespaces import COOP, PREFIXES, iri
from coopgraph.standard import Standard
from coopgraph.standard.context import all_terms, context, context_document, entity_terms
from coopgraph.standard.hygiene import offences


def expanded(standard: Standard, document: dict[str, Any]) -> dict[str, Any]:
    """What an independent JSON-LD processor understands."""
    [node] = jsonld.expand({**context(standard), "id": "https://example.org/x", **document})
    return dict(node)


def test_every_field_has_a_key(standard: Standard) -> None:
    terms = all_terms(standard)
    paths = {term.path for term in terms.values()}
    for entity in standard.entity_types.values():
        for field in entity.fields:
            assert field.path in paths, field.shape


def test_keys_of_one_entity_do_not_collide(standard: Standard) -> None:
    for entity in standard.entity_types.values():
        keys = [term.key for term in entity_terms(standard, entity)]
        assert len(keys) == len(set(keys)), entity.name


def test_another_processor_reads_our_keys(standard: Standard) -> None:
    node = expanded(
        standard,
        {
            "type": "Organization",
            "name": {"en": "Flipside", "fr": "Revers"},
            "kind": [{"id": "code:organisation-kind/mutual"}],
            "founded": "1998-05-01",
            "homepage": ["https://flipside.example/"],
            "location": {"latitude": "42.5"},
        },
    )
    assert node["@type"] == [f"{COOP}Organization"]
    assert node[iri("skos:prefLabel").value] == [
        {"@language": "en", "@value": "Flipside"},
        {"@language": "fr", "@value": "Revers"},
    ]
    assert node[iri("coop:kind").value] == [{"@id": f"{PREFIXES['code']}organisation-kind/mutual"}]
    assert node[iri("schema:foundingDate").value] == [
        {"@type": f"{PREFIXES['xsd']}date", "@value": "1998-05-01"}
    ]
    assert node[iri("foaf:homepage").value] == [{"@id": "https://flipside.example/"}]
    [point] = node[iri("geo:hasGeometry").value]
    assert point[iri("wgs:lat").value] == [{"@type": f"{PREFIXES['xsd']}decimal", "@value": "42.5"}]


def test_a_year_has_a_key_of_its_own(standard: Standard) -> None:
    node = expanded(standard, {"foundedYear": "1844"})
    assert node[iri("schema:foundingDate").value] == [
        {"@type": f"{PREFIXES['xsd']}gYear", "@value": "1844"}
    ]


def test_two_fields_may_not_claim_one_key(standard: Standard) -> None:
    shape, entity = next(
        (shape, e) for shape, e in standard.entity_types.items() if e.name == "Offer"
    )
    clash = replace(entity.fields[0], key="kind")
    clashing = {**standard.entity_types, shape: replace(entity, fields=(clash,))}
    with pytest.raises(ShapeError, match="“kind”"):
        all_terms(replace(standard, entity_types=clashing))


def test_the_context_is_the_same_each_time(standard: Standard) -> None:
    assert context_document(standard) == context_document(standard)
    assert json.loads(context_document(standard)) == context(standard)


def test_a_folder_without_hygiene_rules_is_refused(standard: Standard, tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="no hygiene rules"):
        list(offences(standard, tmp_path))


def test_offences_name_their_rule(standard: Standard, tmp_path: Path) -> None:
    (tmp_path / "every-scheme.rq").write_text(
        "SELECT ?offender WHERE { ?offender a <http://www.w3.org/2004/02/skos/core#ConceptScheme> }"
    )
    found = list(offences(standard, tmp_path))
    assert {offence.rule for offence in found} == {"every-scheme"}
    assert len(found) == len(standard.codes)
