"""Directories in JSON, GeoJSON and CSV, whole and as they were published, through the whole road."""

from __future__ import annotations

import pytest

from coopgraph.namespaces import CODE
from tests.registers.conftest import Loaded
from tests.registers.test_registers import BASE, count, table, values

pytestmark = pytest.mark.registers

KIND = f"{CODE}organisation-kind/"


def test_initiatives_that_call_themselves_co_operatives_are_published(registers: Loaded) -> None:
    counts = table(registers, "susy", "initiatives")
    assert (counts.published, counts.quarantined) == (80, 1_714)
    graph = f"GRAPH <{BASE}graph/susy>"
    social = f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o coop:kind <{KIND}social-cooperative> }} }}"
    assert count(registers, social) == 15


def test_other_initiatives_are_quarantined_for_want_of_a_kind(registers: Loaded) -> None:
    said: dict[str, int] = {}
    for row in registers.reports["susy"].quarantined:
        column = next(found["column"] for found in row.findings if found["severity"] == "error")
        said[column] = said.get(column, 0) + 1
    assert said == {"name": 1_713, "contact:website": 1}


def test_points_and_translations_of_geojson_are_published(registers: Loaded) -> None:
    key = "e98fb9126657fd09e8c7e43217044b4b"
    [latitude] = values(registers, "susy", key, "geo:hasGeometry/wgs:lat")
    assert 59 < float(latitude) < 70
    assert len(values(registers, "susy", key, "dcterms:description")) == 2
    assert values(registers, "susy", key, "coop:country") == {f"{CODE}country/FI"}


def test_keys_that_nothing_uses_are_reported(registers: Loaded) -> None:
    [note] = registers.reports["susy"].notes
    assert "163 keys are not used: addr:housenumber, contact:email" in note
    assert "and 143 more" in note


def test_no_address_of_a_person_is_published(registers: Loaded) -> None:
    graph = f"GRAPH <{BASE}graph/susy>"
    phones = f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o schema:telephone ?x }} }}"
    assert count(registers, phones) == 0


def test_housing_co_operatives_have_their_numbers(registers: Loaded) -> None:
    counts = table(registers, "swiss-housing", "owners")
    assert (counts.published, counts.quarantined) == (98, 1)
    numbers = values(registers, "swiss-housing", "Q133461365", "adms:identifier/skos:notation")
    assert numbers == {"Q133461365", "CHE101956628"}
    assert values(registers, "swiss-housing", "Q133461365", "schema:foundingDate") == {"1958-06-13"}
    assert values(registers, "swiss-housing", "Q138567764", "schema:foundingDate") == {"1946"}


def test_an_item_that_stands_for_two_is_quarantined(registers: Loaded) -> None:
    [row] = registers.reports["swiss-housing"].quarantined
    assert (row.row, row.key) == (78, "Q133459738")
    assert "already stands in row 63" in row.findings[0]["message"]


def test_worker_co_operatives_are_all_published(registers: Loaded) -> None:
    assert table(registers, "germany-worker", "worker-coops").published == 60
    graph = f"GRAPH <{BASE}graph/germany-worker>"
    form = (
        f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o org:classification <{CODE}legal-form/AZFE> }} }}"
    )
    workers = f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o coop:membershipType <{CODE}membership-type/worker> }} }}"
    germans = f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o coop:country <{CODE}country/DE> }} }}"
    assert count(registers, form) == 31
    assert count(registers, workers) == 52
    assert count(registers, germans) == 59


def test_a_coop_domain_is_a_basis(registers: Loaded) -> None:
    basis = values(registers, "germany-worker", "WCOOP-0046", "coop:identityClaim/coop:basis")
    assert basis == {f"{CODE}identity-basis/coop-domain"}
