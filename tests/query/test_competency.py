"""Competency questions: what the vocabulary is for, asked of the sample data.

``competency.yaml`` says for each stored query with which values it is asked and which rows must
come back: those and no others, in that order where the query orders them. An organisation stands
there as its dataset and key, a code as its list and notation. The questions are those of the
terms: a term and a query belong together by the very text of the question.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pyoxigraph import BlankNode, NamedNode, QuerySolutions

from coopgraph import resources
from coopgraph.iris import mint
from coopgraph.namespaces import CODE, iri, organization_iri
from coopgraph.publish import LoadOptions, Publisher, compiled
from coopgraph.query import prepare, read_queries, run
from coopgraph.search import open_index
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Snapshot, Snapshots
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation import Validator

HERE = Path(__file__).parent
CLOCK = datetime(2025, 1, 1, tzinfo=UTC)
EXTRA = HERE.parent / "sample" / "sideways"
QUERIES = read_queries(resources.QUERIES)
CASES = yaml.safe_load((HERE / "competency.yaml").read_text(encoding="utf-8"))
SETTINGS = Settings()

# What the axioms derive and what a record is made of: no term here may be without its query.
CORE = (
    "Organization Cooperative SupportOrganization MutualOrganization WorkerCooperative"
    " ConsumerCooperative ProducerCooperative MultiStakeholderCooperative SecondaryCooperative"
    " ApexBody CreditUnion CooperativeBank InsuranceCooperative HousingCooperative"
    " AgriculturalCooperative FisheryCooperative EnergyCooperative UtilityCooperative"
    " FoodCooperative RetailCooperative PurchasingCooperative PlatformCooperative"
    " SocialCooperative HealthCooperative EducationCooperative TransportCooperative Federation"
    " DevelopmentCenter CommunityLender EducationBody ResearchBody Registrar Registration"
    " IdentityClaim Offer Need LabelGrant PrincipleAssertion Observation Record"
    " kind tier membershipType activity status country region"
).split()


@pytest.fixture(scope="module")
def snapshot(
    tmp_path_factory: pytest.TempPathFactory,
    published_sample: Path,
    standard: Standard,
    light: Standard,
    validator: Validator,
) -> Snapshot:
    """All three sample datasets, with one bakery of two of them made one; the whole standard."""
    home = tmp_path_factory.mktemp("competency") / "home"
    shutil.copytree(published_sample, home, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "standard_validator", lambda standard: validator)
        descriptor = read_descriptor(EXTRA, light)
        publisher = Publisher(Settings(home=home), light, clock=lambda: CLOCK)
        report = publisher.load(descriptor, EXTRA, LoadOptions())
        publisher.merge(mint("northlight", "N4"), mint("flipside", "F02"))
    assert not any(table.quarantined for table in report.tables.values())
    Publisher(Settings(home=home), standard).rebuild()
    return Snapshots(home).current()


@pytest.fixture(scope="module")
def names(snapshot: Snapshot) -> dict[str, str]:
    """Each organisation's IRI → the dataset and key of its first record."""
    solutions = snapshot.store.query(
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT ?o ?r { ?r foaf:primaryTopic ?o }"
    )
    assert isinstance(solutions, QuerySolutions)
    stem = f"{snapshot.base}id/record/"
    found: dict[str, str] = {}
    for topic, record in solutions:
        name = record.value.removeprefix(stem)
        if ":" not in name:  # rows of child tables have the table's name before a colon
            found[topic.value] = min(name, found.get(topic.value, name))
    return found


def rows(
    snapshot: Snapshot, names: dict[str, str], query: str, values: dict[str, str]
) -> list[list[str | None]]:
    """What a query answers, in the words of ``competency.yaml``."""
    iris = {name: found for found, name in names.items()}
    bound = {name: iris.get(value, value) for name, value in values.items()}
    text = QUERIES[query].bound(bound, snapshot.base)
    index = open_index(snapshot.search_folder)
    answer = run(prepare(text, SETTINGS), snapshot.store, SETTINGS.merge_triples, index)
    assert isinstance(answer, QuerySolutions)
    return [[shown(term, snapshot.base, names) for term in row] for row in map(tuple, answer)]


def shown(term: object, base: str, names: dict[str, str]) -> str | None:
    if term is None:
        return None
    assert not isinstance(term, BlankNode)
    value = term.value  # type: ignore[attr-defined]
    if isinstance(term, NamedNode):
        stem, mark, fragment = value.partition("#")
        if stem in names:
            return f"{names[stem]}{mark}{fragment}"
        assert not value.startswith(organization_iri(base, "").value), value
        return str(value).removeprefix(CODE).removeprefix(base)
    return str(value)


def in_order(query: str, found: list[list[str | None]]) -> list[list[str | None]]:
    """As they are where the query orders its rows, else sorted."""
    is_ordered = bool(re.search(r"^ORDER BY", QUERIES[query].text, re.MULTILINE))
    return found if is_ordered else sorted(found, key=lambda row: [cell or "" for cell in row])


def questions(standard: Standard) -> dict[str, str]:
    """Each term's local name → its competency question."""
    found = {}
    for triple in standard.ontology:
        if triple.predicate == iri("skos:editorialNote"):
            assert triple.object.value.startswith("Competency question: "), triple
            name = triple.subject.value.partition("#")[2]
            found[name] = triple.object.value.removeprefix("Competency question: ")
    return found


def test_each_case_has_a_query_and_each_query_a_case() -> None:
    assert len(QUERIES) >= 40
    assert CASES.keys() == QUERIES.keys()


@pytest.mark.parametrize("query", CASES)
def test_the_question_is_answered(query: str, snapshot: Snapshot, names: dict[str, str]) -> None:
    case = CASES[query]
    assert case["rows"], "a question of the vocabulary has an answer in the sample"
    found = rows(snapshot, names, query, case.get("values", {}))
    assert in_order(query, found) == in_order(query, case["rows"])


def test_terms_are_answered_by_queries(standard: Standard) -> None:
    asked = {query.question for query in QUERIES.values()}
    wanted = questions(standard)
    assert set(CORE) <= wanted.keys()
    answered = {name for name, question in wanted.items() if question in asked}
    assert len({wanted[name] for name in answered}) >= 40
    assert [name for name in CORE if name not in answered] == []


def test_no_two_queries_answer_one_question() -> None:
    asked = [query.question for query in QUERIES.values()]
    assert len(asked) == len(set(asked))
