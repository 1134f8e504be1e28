"""Running queries: whole answers, true merges, every format, faults with their line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from coopgraph.errors import QueryRefused, UnfitForm
from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS, graph_format
from coopgraph.namespaces import iri
from coopgraph.query import prepare, run, run_text
from coopgraph.settings import Settings
from coopgraph.store import Snapshot, Snapshots

SETTINGS = Settings()
NAMES = (
    "PREFIX coop: <https://w3id.org/coopgraph/ns#> "
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
)
CONSTRUCT = f"{NAMES} CONSTRUCT {{ ?o coop:kind ?k }} WHERE {{ GRAPH ?g {{ ?o coop:kind ?k }} }}"


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


def graph(snapshot: Snapshot, name: str) -> str:
    return f"{snapshot.base}graph/{name}"


def table(
    snapshot: Snapshot,
    text: str,
    default: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    settings: Settings = SETTINGS,
) -> list[tuple[object, ...]]:
    query = prepare(text, settings, default, named)
    found = run(query, snapshot.store, settings.merge_triples)
    assert isinstance(found, QuerySolutions)
    return [tuple(solution) for solution in found]


def triples(snapshot: Snapshot, text: str, default: tuple[str, ...] = ()) -> tuple[Triple, ...]:
    found = run(prepare(text, SETTINGS, default), snapshot.store, SETTINGS.merge_triples)
    assert isinstance(found, tuple)
    return found


def number(rows: list[tuple[object, ...]]) -> int:
    return int(rows[0][0].value)  # type: ignore[attr-defined]


# Graphs chosen by the protocol ----------------------------------------------------------------

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


def size(snapshot: Snapshot, *names: str) -> int:
    """How many triples the named graphs hold together, each counted once."""
    found = set()
    for name in names:
        quads = snapshot.store.quads_for_pattern(None, None, None, NamedNode(graph(snapshot, name)))
        found |= {quad.triple for quad in quads}
    assert found
    return len(found)


def test_the_default_graph_is_the_merge(snapshot: Snapshot) -> None:
    merge = snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())
    assert number(table(snapshot, COUNT)) == sum(1 for _ in merge)


def test_one_default_graph_is_that_graph_alone(snapshot: Snapshot) -> None:
    chosen = (graph(snapshot, "northlight"),)
    assert number(table(snapshot, COUNT, chosen)) == size(snapshot, "northlight")
    assert number(table(snapshot, COUNT_NAMED, chosen)) == 0


def test_several_default_graphs_are_truly_merged(snapshot: Snapshot) -> None:
    both = (graph(snapshot, "flipside"), graph(snapshot, "northlight"))
    assert number(table(snapshot, COUNT, both)) == size(snapshot, "flipside", "northlight")
    twice = (graph(snapshot, "northlight"), graph(snapshot, "northlight"))
    assert number(table(snapshot, COUNT, twice)) == size(snapshot, "northlight")
    assert number(table(snapshot, COUNT_NAMED, both)) == 0


def test_named_graphs_stand_beside_merged_ones(snapshot: Snapshot) -> None:
    both = (graph(snapshot, "flipside"), graph(snapshot, "northlight"))
    named = (graph(snapshot, "catalogue"),)
    assert number(table(snapshot, COUNT_NAMED, both, named)) == size(snapshot, "catalogue")


def test_named_graphs_alone_leave_the_default_graph_empty(snapshot: Snapshot) -> None:
    named = (graph(snapshot, "northlight"),)
    assert number(table(snapshot, COUNT, (), named)) == 0
    assert number(table(snapshot, COUNT_NAMED, (), named)) == size(snapshot, "northlight")


def test_graphs_of_the_protocol_beat_those_of_the_query(snapshot: Snapshot) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{graph(snapshot, 'flipside')}> {{ ?s ?p ?o }}"
    chosen = (graph(snapshot, "northlight"),)
    assert number(table(snapshot, text, chosen)) == size(snapshot, "northlight")
    assert number(table(snapshot, text)) == size(snapshot, "flipside")


def test_a_merge_that_is_too_large_is_refused_with_the_reason(snapshot: Snapshot) -> None:
    both = (graph(snapshot, "flipside"), graph(snapshot, "northlight"))
    small = replace(SETTINGS, merge_triples=size(snapshot, *("flipside", "northlight")) - 1)
    with pytest.raises(QueryRefused, match="too many to merge"):
        table(snapshot, COUNT, both, settings=small)


def test_an_unknown_graph_is_empty_and_no_iri_is_refused(snapshot: Snapshot) -> None:
    assert number(table(snapshot, COUNT, ("https://nowhere.example/",))) == 0
    with pytest.raises(QueryRefused, match="no IRI"):
        prepare(COUNT, SETTINGS, ["not an iri"])


@pytest.mark.parametrize(
    "clauses",
    [
        "FROM <{one}> FROM <{two}>",
        "FROM<{one}>FROM<{two}>",
        "from x:flipside\n# FROM <urn:no>\nFROM x:northlight WHERE",
        "FROM <flipside> FROM # here\n <northlight>",
        "FROM <{one}> FROM NAMED <{one}> FROM <{two}> FROM <{two}>",
    ],
)
def test_several_from_are_truly_merged(snapshot: Snapshot, clauses: str) -> None:
    names = {"one": graph(snapshot, "flipside"), "two": graph(snapshot, "northlight")}
    prologue = f"BASE <{graph(snapshot, '')}> PREFIX x: <{graph(snapshot, '')}>"
    text = f"{prologue} SELECT (COUNT(*) AS ?n) {clauses.format(**names)} {{ ?s ?p ?o }}"
    assert number(table(snapshot, text)) == size(snapshot, "flipside", "northlight")
    is_named = "NAMED" in clauses
    named = table(snapshot, text.replace("{ ?s", "{ GRAPH ?g { ?s").replace("?o }", "?o } }"))
    assert number(named) == (size(snapshot, "flipside") if is_named else 0)


def test_from_that_cannot_be_resolved_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(QueryRefused):
        table(snapshot, "SELECT * FROM x:a FROM x:b {}")


# Formats --------------------------------------------------------------------------------------


def test_tables_in_each_format_hold_the_same(snapshot: Snapshot) -> None:
    text = f'{NAMES} SELECT ?k ?n {{ ?k skos:prefLabel ?n . FILTER(LANG(?n)="en") }} LIMIT 9'
    written = {
        form.extension: run_text(snapshot, text, form.extension, SETTINGS)
        for form in RESULT_FORMATS
    }
    assert len(json.loads(written["json"])["results"]["bindings"]) == 9
    for form in RESULT_FORMATS:
        if form.extension == "csv":
            assert written["csv"].decode().splitlines()[0] == "k,n"
            assert len(written["csv"].decode().splitlines()) == 10
        else:
            found = parse_query_results(written[form.extension], format=form.results)
            assert isinstance(found, QuerySolutions)
            assert len(list(found)) == 9


def test_verdicts_in_each_format(snapshot: Snapshot) -> None:
    for text, truth in (("ASK { ?s ?p ?o }", True), ("ASK { ?s <urn:none> ?o }", False)):
        for form in RESULT_FORMATS:
            body = run_text(snapshot, text, form.extension, SETTINGS)
            if form.extension in ("json", "xml"):
                found = parse_query_results(body, format=form.results)
                assert isinstance(found, QueryBoolean)
                assert bool(found) is truth
            else:
                assert body.decode().strip() == str(truth).lower()


def test_graphs_in_each_format_hold_each_triple_once(snapshot: Snapshot) -> None:
    answer = triples(snapshot, CONSTRUCT)
    assert len(answer) == len(set(answer)) > 15
    for form in GRAPH_FORMATS:
        body = run_text(snapshot, CONSTRUCT, form.extension, SETTINGS)
        found = list(parse(body, format=form.rdf))
        assert len(found) == len(answer)
        assert {quad.triple for quad in found} == set(answer)


def test_a_format_that_cannot_hold_the_answer_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(UnfitForm, match="a table"):
        run_text(snapshot, "SELECT * {}", "ttl", SETTINGS)
    with pytest.raises(UnfitForm, match="a graph"):
        run_text(snapshot, CONSTRUCT, "csv", SETTINGS)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ('SELECT ("\\u0001" AS ?x) {}', "xml"),
        ('CONSTRUCT { <urn:s> <urn:p> "\\uFFFF" } {}', "rdf"),
        ("CONSTRUCT { <urn:s> <http://x.example/1> 1 } {}", "rdf"),
        ("CONSTRUCT { <urn:s> <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> } {}", "jsonld"),
        ("SELECT (1 AS ?x) {}", "geojson"),
        ("ASK {}", "geojson"),
    ],
)
def test_what_a_form_cannot_hold_is_noticed(snapshot: Snapshot, text: str, extension: str) -> None:
    with pytest.raises(UnfitForm):
        run_text(snapshot, text, extension, SETTINGS)


def test_what_xml_can_hold_is_written(snapshot: Snapshot) -> None:
    assert run_text(snapshot, 'SELECT ("\\u00e9\\n" AS ?x) {}', "xml", SETTINGS)


def test_a_forbidden_character_is_found_where_chunks_meet(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopgraph.query.writing._CHUNK", 7)
    for count in range(8):
        with pytest.raises(UnfitForm):
            run_text(snapshot, f'SELECT ("{"x" * count}\\uFFFE" AS ?x) {{}}', "xml", SETTINGS)


# DESCRIBE -------------------------------------------------------------------------------------


def test_describe_holds_the_fragments(snapshot: Snapshot) -> None:
    subject = NamedNode(f"{snapshot.base}id/record/flipside/F02")
    quads = snapshot.store.quads_for_pattern(subject, iri("foaf:primaryTopic"), None, None)
    bakery = next(quads).object
    answer = triples(snapshot, f"DESCRIBE {bakery}")
    expected = {
        quad.triple
        for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value.partition("#")[0] == bakery.value  # type: ignore[union-attr]
    }
    assert set(answer) == expected
    assert len(answer) == len(expected)
    alone = triples(snapshot, f"DESCRIBE {bakery}", (graph(snapshot, "flipside"),))
    assert set(alone) < expected


# Faults ---------------------------------------------------------------------------------------


def test_a_malformed_query_names_its_line(snapshot: Snapshot) -> None:
    with pytest.raises(QueryRefused, match="not valid SPARQL") as caught:
        table(snapshot, "SELECT *\n{ ?s ?p }")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text", ["SELECT (<urn:no:such:function>(1) AS ?x) {}", "", "   ", "SELECT", "ASK {"]
)
def test_what_cannot_be_run_is_refused(snapshot: Snapshot, text: str) -> None:
    with pytest.raises(QueryRefused):
        run_text(snapshot, text, "json", SETTINGS)


def test_expressions_that_fail_leave_their_variable_unbound(snapshot: Snapshot) -> None:
    assert table(snapshot, "SELECT (1/0 AS ?x) {}") == [(None,)]


def test_ask_is_a_verdict(snapshot: Snapshot) -> None:
    assert isinstance(run(prepare("ASK {}", SETTINGS), snapshot.store, 0), QueryBoolean)


def test_no_update_runs(snapshot: Snapshot) -> None:
    before = len(snapshot.store)
    with pytest.raises(QueryRefused, match="would change the graph"):
        run_text(snapshot, "DELETE WHERE { ?s ?p ?o }", "json", SETTINGS)
    assert len(snapshot.store) == before


def test_merging_keeps_the_snapshot_as_it_is(snapshot: Snapshot) -> None:
    before = len(snapshot.store)
    both = (graph(snapshot, "flipside"), graph(snapshot, "northlight"))
    table(snapshot, COUNT, both)
    assert len(snapshot.store) == before
    assert not list(snapshot.store.quads_for_pattern(NamedNode("urn:none"), None, None, None))


def test_json_ld_of_a_query_is_json_ld(snapshot: Snapshot) -> None:
    body = run_text(snapshot, CONSTRUCT, "jsonld", SETTINGS)
    form = graph_format("jsonld")
    assert form is not None
    assert all(isinstance(quad, Quad) for quad in parse(body, format=RdfFormat.JSON_LD))


# Rows for a page ------------------------------------------------------------------------------


def test_rows_of_a_page_are_few_and_their_values_short(snapshot: Snapshot) -> None:
    long = "x" * 60_000
    floods = [
        f"SELECT * {{ ?a ?b ?c BIND('{long}' AS ?long) }}",
        f"SELECT * {{ ?a ?b ?c {' '.join(f'BIND(?a AS ?v{n})' for n in range(1_000))} }}",
    ]
    for text in floods:
        body = run_text(snapshot, text, "rows", SETTINGS)
        assert len(body) < 3_000_000
        content = json.loads(body)
        assert content["more"] is True
        assert 0 < len(content["rows"]) <= 1_000
    cells = json.loads(run_text(snapshot, floods[0], "rows", SETTINGS))["rows"][0]
    [cut] = [cell for cell in cells if "cut" in cell]
    assert cut["value"] == long[:2_000]


def test_geojson_says_nothing_that_json_would_round(snapshot: Snapshot) -> None:
    text = (
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> SELECT * { VALUES (?n ?p) { "
        '(9007199254740993 "POINT(1 2)"^^geo:wktLiteral) (99999999999999999999999 '
        '"POINT(3 4)"^^geo:wktLiteral) (1 "POINT(1e999 0)"^^geo:wktLiteral) } }'
    )
    features = json.loads(run_text(snapshot, text, "geojson", SETTINGS))["features"]
    assert [feature["properties"] for feature in features] == [
        {"n": "9007199254740993"},
        {"n": "99999999999999999999999"},
    ]


def test_fragments_come_from_the_graph_that_from_names() -> None:
    store = Store()
    store.load(
        b"""<urn:g> { <urn:o> <urn:p> <urn:o#f> . <urn:o#f> <urn:p> "in g" . }
            <urn:h> { <urn:o#f> <urn:p> "only in h" . }
            { <urn:o> <urn:p> <urn:o#f> . <urn:o#f> <urn:p> "in g", "only in h" . }""",
        format=RdfFormat.TRIG,
    )

    def described(*clauses: str) -> set[str]:
        query = prepare(f"PREFIX u: <urn:> DESCRIBE <urn:o> {' '.join(clauses)}", SETTINGS)
        found = run(query, store, SETTINGS.merge_triples)
        assert isinstance(found, tuple)
        return {t.object.value for t in found if isinstance(t.object, Literal)}

    assert described("FROM <urn:g>") == described("FROM u:g") == {"in g"}
    assert described("FROM <urn:g>", "FROM <urn:h>") == described() == {"in g", "only in h"}
    assert described("FROM <urn:nowhere>") == set()
