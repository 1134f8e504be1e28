"""Running queries: whole answers, true merges, every format, faults with their line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from coopgraph.errors import QueryRefused, UsageError
from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS, graph_format
from coopgraph.namespaces import iri
from coopgraph.query import Table, Triples, Verdict, fits_xml, prepare, run, run_text
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
    answer = run(prepare(text, settings, default, named), snapshot, settings)
    assert isinstance(answer, Table)
    return list(answer.rows())


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


def test_an_unknown_graph_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(QueryRefused, match="no graph"):
        table(snapshot, COUNT, ("https://nowhere.example/",))
    with pytest.raises(QueryRefused, match="no IRI"):
        prepare(COUNT, SETTINGS, ["not an iri"])


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
    answer = run(prepare(CONSTRUCT, SETTINGS), snapshot, SETTINGS)
    assert isinstance(answer, Triples)
    assert len(answer.triples) == len(set(answer.triples)) > 15
    assert answer.fits_rdf_xml()
    for form in GRAPH_FORMATS:
        body = run_text(snapshot, CONSTRUCT, form.extension, SETTINGS)
        found = list(parse(body, format=form.rdf))
        assert len(found) == len(answer.triples)
        assert {quad.triple for quad in found} == set(answer.triples)


def test_a_format_that_cannot_hold_the_answer_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(UsageError, match="a table"):
        run_text(snapshot, "SELECT * {}", "ttl", SETTINGS)
    with pytest.raises(UsageError, match="a graph"):
        run_text(snapshot, CONSTRUCT, "csv", SETTINGS)


def test_what_xml_cannot_hold_is_noticed(snapshot: Snapshot) -> None:
    body = run_text(snapshot, 'SELECT ("\\u0001" AS ?x) {}', "xml", SETTINGS)
    assert not fits_xml(body)
    assert fits_xml(run_text(snapshot, 'SELECT ("\\u00e9\\n" AS ?x) {}', "xml", SETTINGS))
    text = "CONSTRUCT { <urn:s> <http://x.example/1> 1 } {}"
    answer = run(prepare(text, SETTINGS), snapshot, SETTINGS)
    assert isinstance(answer, Triples)
    assert not answer.fits_rdf_xml()


# DESCRIBE -------------------------------------------------------------------------------------


def test_describe_holds_the_fragments(snapshot: Snapshot) -> None:
    subject = NamedNode(f"{snapshot.base}id/record/flipside/F02")
    quads = snapshot.store.quads_for_pattern(subject, iri("foaf:primaryTopic"), None, None)
    bakery = next(quads).object
    answer = run(prepare(f"DESCRIBE {bakery}", SETTINGS), snapshot, SETTINGS)
    assert isinstance(answer, Triples)
    expected = {
        quad.triple
        for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value.partition("#")[0] == bakery.value  # type: ignore[union-attr]
    }
    assert set(answer.triples) == expected
    assert len(answer.triples) == len(expected)
    chosen = prepare(f"DESCRIBE {bakery}", SETTINGS, [graph(snapshot, "flipside")])
    alone = run(chosen, snapshot, SETTINGS)
    assert isinstance(alone, Triples)
    assert set(alone.triples) < expected


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
        table(snapshot, text)


def test_expressions_that_fail_leave_their_variable_unbound(snapshot: Snapshot) -> None:
    assert table(snapshot, "SELECT (1/0 AS ?x) {}") == [(None,)]


def test_ask_is_a_verdict(snapshot: Snapshot) -> None:
    assert isinstance(run(prepare("ASK {}", SETTINGS), snapshot, SETTINGS), Verdict)


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
