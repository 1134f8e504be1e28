"""Public registers, whole and as their publishers released them, through the whole road."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions

from coopgraph.namespaces import CODE, PREFIXES, iri, organization_iri
from coopgraph.publish.report import TableCounts
from tests.registers.conftest import Loaded

pytestmark = pytest.mark.registers

BASE = "https://w3id.org/coopgraph/"


def values(loaded: Loaded, dataset: str, key: str, path: str) -> set[str]:
    """What an organisation has along a path of properties, with inner nodes looked into."""
    nodes = {organization_iri(BASE, loaded.organization(dataset, key))}
    found: set[str] = set()
    steps = path.split("/")
    for step in steps:
        terms = {
            quad.object
            for node in nodes
            for quad in loaded.store.quads_for_pattern(node, iri(step), None, DefaultGraph())
        }
        nodes = {term for term in terms if isinstance(term, NamedNode)}
        found = {term.value for term in terms if isinstance(term, Literal | NamedNode)}
    return found


def count(loaded: Loaded, query: str) -> int:
    prefixes = "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in PREFIXES.items())
    solutions = loaded.store.query(prefixes + query)
    assert isinstance(solutions, QuerySolutions)
    value = next(iter(solutions))[0]
    assert isinstance(value, Literal)
    return int(value.value)


def table(loaded: Loaded, step: str, name: str) -> TableCounts:
    return loaded.reports[step].tables[name]


def test_every_row_of_every_table_is_accounted_for(registers: Loaded) -> None:
    assert len(registers.reports) == 8
    for report in registers.reports.values():
        for counts in report.tables.values():
            assert counts.read == counts.published + counts.duplicate + counts.quarantined
            assert counts.published == counts.added + counts.changed + counts.unchanged


def test_every_row_is_read(registers: Loaded) -> None:
    assert table(registers, "ncua", "credit-unions").read == 4_374
    assert table(registers, "ncua", "trade-names").read == 1_010
    assert table(registers, "coops-uk 2016", "organisations").read == 8_037
    assert table(registers, "coops-uk 2017", "organisations").read == 8_371
    assert table(registers, "coops-uk 2017", "outlets").read == 6_355
    assert table(registers, "coops-uk 2017", "economy").read == 32_292
    assert table(registers, "susy", "initiatives").read == 1_794
    assert table(registers, "swiss-housing", "owners").read == 99
    assert table(registers, "germany-worker", "worker-coops").read == 60


def test_credit_unions_are_published_but_for_a_broken_zip_code(registers: Loaded) -> None:
    report = registers.reports["ncua"]
    assert report.edition == "2025q4"
    assert table(registers, "ncua", "credit-unions").published == 4_373
    broken = [row for row in report.quarantined if row.table == "credit-unions"]
    assert [(row.key, row.findings[0]["column"]) for row in broken] == [("60293", "ZIP_CODE")]
    assert broken[0].findings[0]["value"] == "62521=4021"


def test_trade_names_that_are_none_are_not_names(registers: Loaded) -> None:
    report = registers.reports["ncua"]
    nameless = [row for row in report.quarantined if row.table == "trade-names"]
    said = {row.cells[row.columns.index("TradeName")].casefold() for row in nameless}
    assert len(nameless) == 10
    assert said <= {"", "none", "n/a", "na", "none listed"}
    assert "NOFFCU" in values(registers, "ncua", "6", "skos:altLabel")


def test_postal_codes_keep_their_zeros(registers: Loaded) -> None:
    assert values(registers, "ncua", "12", "locn:address/locn:postCode") == {"06114"}


def test_post_office_boxes_are_told_from_streets(registers: Loaded) -> None:
    assert values(registers, "ncua", "6", "locn:address/locn:poBox") == {"689"}
    assert values(registers, "ncua", "6", "locn:address/locn:thoroughfare") == set()


def test_names_in_capitals_are_mended(registers: Loaded) -> None:
    names = values(registers, "ncua", "6", "skos:prefLabel")
    assert names == {"The New Orleans Firemen's"}


def test_charter_dates_are_dates(registers: Loaded) -> None:
    dates = values(registers, "ncua", "1", "adms:identifier/dcterms:issued")
    assert dates == {"1934-01-01"}


def test_organisations_of_2017_are_all_published_but_for_a_broken_post_code(
    registers: Loaded,
) -> None:
    report = registers.reports["coops-uk 2017"]
    broken = [row for row in report.quarantined if row.table == "organisations"]
    assert [(row.key, row.findings[0]["column"]) for row in broken] == [
        ("R021984", "Registered Postcode")
    ]
    assert table(registers, "coops-uk 2017", "organisations").published == 8_370


def test_rows_repeated_to_the_letter_are_duplicates(registers: Loaded) -> None:
    assert table(registers, "coops-uk 2017", "outlets").duplicate == 49
    assert table(registers, "coops-uk 2016", "organisations").duplicate == 18


def test_figures_without_an_organisation_are_quarantined(registers: Loaded) -> None:
    """28 rows are of the unregistered as a whole; the others' organisations are in 2016."""
    report = registers.reports["coops-uk 2017"]
    economy = [row for row in report.quarantined if row.table == "economy"]
    keys = Counter(row.cells[0] for row in economy)
    assert keys["N/a"] == 28
    nothing = [row for row in economy if row.cells[0] != "N/a"]
    assert len(nothing) == 5
    assert {row.findings[0]["message"] for row in nothing} == {
        "the row says nothing: every cell that is used is blank"
    }


def test_a_row_of_figures_makes_one_to_five_observations(registers: Loaded) -> None:
    query = """SELECT (COUNT(*) AS ?n) {{
        SELECT ?o ?year {{
            GRAPH <{base}graph/coops-uk> {{ ?o coop:observation ?x . ?x sdmx-dim:refPeriod ?year }}
        }} GROUP BY ?o ?year HAVING ({test}) }}"""
    published = table(registers, "coops-uk 2017", "economy").published
    assert (
        count(registers, query.format(base=BASE, test="COUNT(?x) >= 1 && COUNT(?x) <= 5"))
        == published
    )
    assert count(registers, query.format(base=BASE, test="COUNT(?x) > 5")) == 0


def test_source_codes_stand_to_the_letter_beside_isic(registers: Loaded) -> None:
    assert values(registers, "coops-uk", "R000001", "coop:sourceActivity") == {"UKSIC07-4711"}
    assert values(registers, "coops-uk", "R000001", "coop:activity") == {f"{CODE}activity/47"}


def test_streets_keep_their_lines(registers: Loaded) -> None:
    streets = values(registers, "coops-uk", "R000003", "locn:address/locn:thoroughfare")
    assert streets == {"Central House\nHermes Road"}


def test_dead_is_a_status_and_not_a_deletion(registers: Loaded) -> None:
    graph = f"GRAPH <{BASE}graph/coops-uk>"
    dead = f'SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o coop:sourceStatus "Dead" }} }}'
    closed = f"SELECT (COUNT(*) AS ?n) {{ {graph} {{ ?o coop:status <{CODE}status/closed> }} }}"
    assert count(registers, dead) == count(registers, closed) == 1_557


def test_a_newer_edition_keeps_iris_and_says_what_changed(registers: Loaded) -> None:
    counts = table(registers, "coops-uk 2017", "organisations")
    assert counts.gone == 118
    # One more than the 470 new keys: a row that was quarantined in 2016 was mended in 2017.
    assert counts.added == 8_370 - counts.changed - counts.unchanged
    assert 470 <= counts.added <= 471
    assert counts.changed > 0
    journal = registers.journal()
    now = {key: journal.organization_of("coops-uk", key) for key in registers.ids_2016}
    journal.close()
    assert len(now) > 8_000
    assert now == registers.ids_2016


def test_a_table_without_a_file_in_an_edition_is_noted(registers: Loaded) -> None:
    report = registers.reports["coops-uk 2016"]
    assert report.tables["outlets"].file is None
    assert any("outlets-*.csv" in note for note in report.notes)


@pytest.mark.parametrize("step", ["ncua again", "coops-uk again"])
def test_loading_the_same_files_again_commits_nothing(registers: Loaded, step: str) -> None:
    report = registers.reports[step]
    assert not report.is_new_commit
    assert (
        report.sequence
        == registers.reports[step.replace("again", "2017").replace("ncua 2017", "ncua")].sequence
    )
    assert (report.total("added"), report.total("changed"), report.total("gone")) == (0, 0, 0)


def test_findings_are_grouped_with_an_example(registers: Loaded) -> None:
    worst = registers.reports["coops-uk 2017"].groups[0]
    assert (worst.table, worst.severity, worst.rows) == ("economy", "error", 28)
    assert worst.examples[0].value == "N/a"


def test_the_journal_verifies(registers: Loaded) -> None:
    journal = registers.journal()
    assert journal.verify() == []
    journal.close()
