"""Stored queries: each has its header, answers the sample, and binds values as terms."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions

from coopgraph import resources
from coopgraph.errors import UsageError
from coopgraph.namespaces import CODE, STANDARD, dataset_iri
from coopgraph.publish import LoadOptions, Publisher, compiled
from coopgraph.query import StoredQuery, prepare, read_queries, read_query, run, run_text
from coopgraph.search import open_index
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Snapshot, Snapshots
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation import Validator

QUERIES = read_queries(resources.QUERIES)
SETTINGS = Settings()


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


@pytest.fixture(scope="module")
def bundled(
    tmp_path_factory: pytest.TempPathFactory,
    light: Standard,
    standard: Standard,
    validator: Validator,
) -> Snapshot:
    """The directories that come with coopgraph, under the whole standard."""
    settings = Settings(home=tmp_path_factory.mktemp("bundled") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "standard_validator", lambda standard: validator)
        for name in ("us-directory", "world-directory"):
            descriptor = read_descriptor(resources.DATA / name, light)
            Publisher(settings, light).load(descriptor, descriptor.folder, LoadOptions())
    Publisher(settings, standard).rebuild()
    return Snapshots(settings.home).current()


def topic(snapshot: Snapshot, record: str) -> str:
    text = (
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT ?o "
        f"{{ <{snapshot.base}id/record/{record}> foaf:primaryTopic ?o }}"
    )
    answer = run(prepare(text, SETTINGS), snapshot.store, SETTINGS.merge_triples)
    assert isinstance(answer, QuerySolutions)
    [(found,)] = map(tuple, answer)
    return found.value  # type: ignore[union-attr]


def rows(snapshot: Snapshot, name: str, **values: str) -> list[dict[str, str]]:
    text = QUERIES[name].bound(values, snapshot.base)
    index = open_index(snapshot.search_folder)
    answer = run(prepare(text, SETTINGS), snapshot.store, SETTINGS.merge_triples, index)
    assert isinstance(answer, QuerySolutions)
    columns = [variable.value for variable in answer.variables]
    return [
        {c: v.value for c, v in zip(columns, row, strict=True) if v is not None}  # type: ignore[union-attr]
        for row in map(tuple, answer)
    ]


def test_the_queries_are_found() -> None:
    assert len(QUERIES) >= 6


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_each_says_what_it_is_and_returns_what_it_says(
    query: StoredQuery, snapshot: Snapshot
) -> None:
    assert query.question.endswith("?")
    assert query.name == query.name.lower()
    values = {p.name: p.example for p in query.parameters}
    if "organization" in values:
        values["organization"] = topic(snapshot, "flipside/F02")
    answer = run(
        prepare(query.bound(values, snapshot.base), SETTINGS),
        snapshot.store,
        SETTINGS.merge_triples,
        open_index(snapshot.search_folder),
    )
    assert isinstance(answer, QuerySolutions)
    said = [word.strip() for word in query.returns.partition("(")[0].split(",")]
    assert [variable.value for variable in answer.variables] == said


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_each_runs_as_it_stands_in_its_file(query: StoredQuery, snapshot: Snapshot) -> None:
    run(prepare(query.text, SETTINGS), snapshot.store, SETTINGS.merge_triples)


def test_organisations_are_counted_by_kind_and_country(snapshot: Snapshot) -> None:
    found = rows(snapshot, "organisations-by-kind-and-country")
    counts = {(row["kindName"], row["countryName"]): int(row["organisations"]) for row in found}
    assert counts["Credit union", "United States"] == 1
    assert [int(r["organisations"]) for r in found] == sorted(counts.values(), reverse=True)
    narrowed = rows(
        snapshot, "organisations-by-kind-and-country", kind="credit-union", country="US"
    )
    assert [row["organisations"] for row in narrowed] == ["1"]


def test_organisations_of_a_region_are_listed(snapshot: Snapshot) -> None:
    found = rows(snapshot, "organisations-in-region", region="US-MA")
    assert {"Tableflip Bakery", "Kettle & Crumb"} <= {row["name"] for row in found}
    narrowed = rows(snapshot, "organisations-in-region", region="US-MA", kind="federation")
    assert [row["name"] for row in narrowed] == ["Flipside Federation"]


def test_members_of_a_federation_are_listed(snapshot: Snapshot) -> None:
    federation = topic(snapshot, "flipside/F01")
    found = rows(snapshot, "members-of-federation", organization=federation)
    assert "Tableflip Bakery" in {row["name"] for row in found}
    by_id = federation.rpartition("/")[2]
    assert rows(snapshot, "members-of-federation", organization=by_id) == found


def test_figures_are_listed_by_measure_and_year(snapshot: Snapshot) -> None:
    found = rows(snapshot, "figures-of-organisation", organization=topic(snapshot, "flipside/F02"))
    assert [(row["measureName"], row["year"], row["value"]) for row in found] == [
        ("Members", "2021", "13"),
        ("Members", "2022", "14"),
        ("Turnover", "2021", "1180000"),
        ("Turnover", "2022", "1250000.5"),
    ]
    assert {row["dataset"] for row in found} == {f"{STANDARD}id/dataset/flipside"}


def test_credit_unions_are_counted_by_state(snapshot: Snapshot) -> None:
    [row] = rows(snapshot, "credit-unions-by-state")
    assert (row["stateName"], row["creditUnions"]) == ("Vermont", "1")


def test_what_one_source_alone_says_is_no_agreement(snapshot: Snapshot) -> None:
    bakery = topic(snapshot, "flipside/F02")
    assert rows(snapshot, "facts-with-several-sources", organization=bakery) == []


# Parameters -----------------------------------------------------------------------------------

TEXT = """#+ summary: S
#+ question: Q?
#+ parameters:
#+   word (text, like a): Any text.
#+   kind (code organisation-kind, required, like mutual): A kind.
#+ returns: word, kind
SELECT ?word ?kind {
  VALUES ?word { UNDEF }
  VALUES ?kind { UNDEF }
}
"""


@given(st.text())
def test_text_is_bound_as_a_term_whatever_it_holds(snapshot: Snapshot, word: str) -> None:
    text = read_query("q", TEXT).bound({"word": word, "kind": "mutual"}, STANDARD)
    answer = run(prepare(text, SETTINGS), snapshot.store, SETTINGS.merge_triples)
    assert isinstance(answer, QuerySolutions)
    [(bound, kind)] = map(tuple, answer)
    assert getattr(bound, "value", "") == word.strip()
    assert kind.value == f"{CODE}organisation-kind/mutual"  # type: ignore[union-attr]


@given(st.text(min_size=1))
def test_a_code_is_a_notation_an_iri_or_refused(word: str) -> None:
    query = read_query("q", TEXT)
    try:
        text = query.bound({"kind": word}, STANDARD)
    except UsageError:
        return
    assert prepare(text, SETTINGS).form == "SELECT"
    assert text.count("VALUES ?kind") == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs the parameter “kind”"),
        ({"kind": "  "}, "needs the parameter “kind”"),
        ({"kind": "a b"}, "is not a code or an IRI"),
        ({"kind": "https://x.example/<>"}, "no IRI"),
        ({"kind": "mutual", "colour": "red"}, "no parameter “colour”"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_query("q", TEXT).bound(values, STANDARD)


def test_an_organization_is_an_id_or_an_iri() -> None:
    query = QUERIES["members-of-federation"]
    for wrong in ("zx73q7nn6v-zz", f"{STANDARD}id/org/zx73q7nn6v-zz"):
        with pytest.raises(UsageError, match="an id or an IRI: its check characters do not fit"):
            query.bound({"organization": wrong}, STANDARD)


def test_a_dataset_is_one_of_those_there_are() -> None:
    query, known = QUERIES["coverage-of-datasets"], ("flipside", "northlight")
    by_name = query.bound({"dataset": "flipside"}, STANDARD, {}, known)
    iri = dataset_iri(STANDARD, "flipside").value
    assert query.bound({"dataset": iri}, STANDARD, {}, known) == by_name
    for wrong in ("nosuch", "https://x.example/d"):
        with pytest.raises(UsageError, match="no dataset “.*” here. There are flipside, north"):
            query.bound({"dataset": wrong}, STANDARD, {}, known)


def test_a_text_with_its_values_has_no_parameters_any_more() -> None:
    query = QUERIES["figures-by-year"]
    text = query.bound({}, STANDARD)
    assert f"VALUES ?measure {{ <{CODE}measure/members> }}" in text
    assert "UNDEF" not in text
    again = read_query("again", text)
    assert (again.question, again.parameters) == (query.question, ())
    assert again.bound({}, STANDARD) == text


@pytest.mark.parametrize(
    "line", ["#+ summary: S\n", "#+ question: Q?\n", "#+ returns: word, kind\n"]
)
def test_a_query_without_its_header_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="has no"):
        read_query("q", TEXT.replace(line, ""))


def test_a_parameter_needs_its_line() -> None:
    with pytest.raises(UsageError, match="VALUES"):
        read_query("q", TEXT.replace("  VALUES ?word { UNDEF }\n", ""))


def test_a_code_goes_by_its_label_and_has_to_be_in_its_list(standard: Standard) -> None:
    query, lists = read_query("q", TEXT), standard.code_lists
    by_notation = query.bound({"kind": "credit-union"}, STANDARD, lists)
    assert query.bound({"kind": "Credit Union"}, STANDARD, lists) == by_notation
    assert query.bound({"kind": f"{CODE}organisation-kind/credit-union"}, STANDARD) == by_notation
    with pytest.raises(UsageError, match="not a code or an IRI of the list organisation-kind. Did"):
        query.bound({"kind": "credit-unoin"}, STANDARD, lists)
    for wrong in ("zzzzzzzz", f"{CODE}organisation-kind/zzzzzzzz"):
        with pytest.raises(UsageError, match="list organisation-kind.$"):
            query.bound({"kind": wrong}, STANDARD, lists)


DEFAULT = TEXT.replace("(text, like a)", "(text, default b, like a)")


def test_a_default_is_bound_where_nothing_is_given() -> None:
    query = read_query("q", DEFAULT)
    for values in ({}, {"word": ""}, {"word": "  "}):
        assert 'VALUES ?word { "b" }' in query.bound({"kind": "mutual", **values}, STANDARD)
    assert 'VALUES ?word { "c" }' in query.bound({"kind": "mutual", "word": "c"}, STANDARD)
    assert query.examples() == {"kind": "mutual"}


def test_a_query_says_what_it_shows_and_is_about() -> None:
    plain = read_query("q", TEXT)
    assert (plain.shows, plain.keywords, plain.subject, plain.most_rows) == (
        "table",
        (),
        "other",
        None,
    )
    told = read_query(
        "q", TEXT.replace("#+ returns", "#+ shows: map\n#+ keywords: places, kinds\n#+ returns")
    )
    assert (told.shows, told.keywords, told.subject) == ("map", ("places", "kinds"), "places")
    assert not told.is_starter
    assert read_query("q", TEXT.replace("#+ returns", "#+ starter: yes\n#+ returns")).is_starter
    why = read_query("q", TEXT.replace("#+ returns", "#+ empty: Nothing is known.\n#+ returns"))
    assert why.empty == "Nothing is known."


@pytest.mark.parametrize(
    ("told", "most"),
    [
        ("(at most 1,000 rows, nearest first)", 1_000),
        ("(at most 1 row)", 1),
        ("(the 100 oldest)", None),
        ("(the largest first)", None),
    ],
)
def test_a_query_stops_early_where_it_says_so(told: str, most: int | None) -> None:
    text = TEXT.replace("returns: word, kind", f"returns: word, kind {told}")
    assert read_query("q", f"{text}LIMIT 7\n").most_rows == most


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("#+ returns", "#+ shows: pie\n#+ returns", "cannot show “pie”"),
        ("#+ returns", "#+ starter: perhaps\n#+ returns", "write yes or no"),
        ("(text, like a)", "(word, like a)", "no kind of value “word”"),
        ("word (text, like a): Any text.", "word: Any text.", "declares no parameter"),
    ],
)
def test_a_header_with_a_slip_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_query("q", TEXT.replace(old, new))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_each_has_a_subject_and_examples(query: StoredQuery) -> None:
    assert query.keywords, f"give {query.name} a line “#+ keywords:”"
    assert all(p.example for p in query.parameters), f"a parameter of {query.name} has no example"
    if query.shows == "map":
        assert "point" in query.returns


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_each_limit_is_part_of_what_a_query_returns(query: StoredQuery) -> None:
    limits = [int(found) for found in re.findall(r"\bLIMIT (\d+)", query.text)]
    told = re.findall(r"\b\d[\d,]*\b", query.returns)
    assert [f"{limit:,}" for limit in limits] == told or "coop:search" in query.text, (
        f"{query.name}: say in “returns” after how many rows it stops, or give all"
    )


# What comes with coopgraph ---------------------------------------------------------------------

STARTERS = [query for query in QUERIES.values() if query.is_starter]


def test_there_are_a_few_queries_to_begin_with() -> None:
    assert 5 <= len(STARTERS) <= 7
    assert {query.shows for query in STARTERS} == {"map", "chart", "table"}


@pytest.mark.parametrize("query", STARTERS, ids=lambda query: query.name)
def test_a_query_to_begin_with_has_rows_in_the_bundled_data(
    query: StoredQuery, bundled: Snapshot
) -> None:
    assert rows(bundled, query.name, **query.examples())


@pytest.mark.parametrize(
    "name",
    [
        "active-cooperatives-by-country",
        "active-cooperatives-in-country",
        "all-members-of-federation",
        "federations-of-organisation",
        "identity-of-organisation",
        "members-of-federation",
        "oldest-cooperatives",
        "organisations-by-status",
        "organisations-by-words-near",
        "organisations-in-town",
        "records-of-organisation",
        "sources-of-organisation",
    ],
)
def test_examples_have_rows_in_the_bundled_data(name: str, bundled: Snapshot) -> None:
    assert rows(bundled, name, **QUERIES[name].examples())


def test_organisations_of_examples_are_those_of_the_bundled_data(bundled: Snapshot) -> None:
    kinds = [(query.name, p) for query in QUERIES.values() for p in query.parameters]
    examples = {p.example for _, p in kinds if p.kind == "organization"}
    assert examples
    for example in examples:
        assert rows(bundled, "sources-of-organisation", organization=example), example


def test_subjects_hold_several_queries_each() -> None:
    subjects = Counter(query.subject for query in QUERIES.values())
    assert len(subjects) >= 8
    assert [subject for subject, count in subjects.items() if count < 2] == []


def test_the_command_line_binds_parameters_too(snapshot: Snapshot) -> None:
    text = QUERIES["organisations-in-region"].text
    body = run_text(snapshot, text, "csv", SETTINGS, {"region": "US-VT"}).decode()
    assert "Handstand Housing" in body
    with pytest.raises(UsageError, match="needs the parameter"):
        run_text(snapshot, text, "csv", SETTINGS)


def test_errors_of_the_command_line_name_the_query(snapshot: Snapshot) -> None:
    text = QUERIES["coverage-of-datasets"].text
    with pytest.raises(UsageError, match="query counted has no parameter “bad”. It takes dataset"):
        run_text(snapshot, text, "csv", SETTINGS, {"bad": "1"}, "counted")
    with pytest.raises(UsageError, match="no dataset “nosuch” here"):
        run_text(snapshot, text, "csv", SETTINGS, {"dataset": "nosuch"})
