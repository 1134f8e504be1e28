"""``coop:search`` in a query: found where it is a pattern, refused where it cannot be one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from coopgraph.errors import QueryRefused
from coopgraph.query import prepare, run, run_text
from coopgraph.query.search_pattern import with_hits
from coopgraph.scan import scan
from coopgraph.search import Stamp, building, open_index
from coopgraph.settings import Settings
from coopgraph.store import Snapshot, Snapshots

SETTINGS = Settings()
PROLOGUE = (
    "PREFIX coop: <https://w3id.org/coopgraph/ns#> PREFIX ex: <http://example.org/> "
    "PREFIX : <https://w3id.org/coopgraph/ns#> PREFIX s: <https://w3id.org/coopgraph/ns#search> "
    "PREFIX my-co.op: <https://w3id.org/coopgraph/ns#> PREFIX skos: "
    "<http://www.w3.org/2004/02/skos/core#> BASE <https://w3id.org/coopgraph/>\n"
)
ONE, TWO = NamedNode("https://coops.example/1"), NamedNode("https://coops.example/2")


class Noted:
    """Finds two things whatever is looked for, and notes what was."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, words: str) -> Sequence[NamedNode]:
        self.words.append(words)
        return [ONE, TWO]


def expanded(text: str, find: Noted, prologue: str = PROLOGUE) -> str:
    """A query's text with hits, without its prologue."""
    whole = prologue + text
    end = scan(whole, most_bytes=1 << 20, most_depth=64).prologue_end
    return with_hits(whole, end, "", find).removeprefix(prologue)


def tidy(text: str) -> str:
    return " ".join(text.split())


HITS = f"{{ {ONE} {TWO} }}"
EXPANDED = {
    'SELECT * { ?o coop:search "bread" }': f"SELECT * {{ VALUES ?o {HITS} }}",
    'ASK {?o coop:search "bread".?o a ex:C}': f"ASK {{ VALUES ?o {HITS} .?o a ex:C}}",
    'SELECT * { ?o coop:search "bread" . }': f"SELECT * {{ VALUES ?o {HITS} . }}",
    'SELECT * { $o coop:search "bread" ; a ex:C }': f"SELECT * {{ VALUES $o {HITS} $o a ex:C }}",
    'SELECT * { ?o coop:search "bread" ;; a ex:C }': f"SELECT * {{ VALUES ?o {HITS} ?o a ex:C }}",
    'SELECT * { ?o coop:search "bread" ; . }': f"SELECT * {{ VALUES ?o {HITS} . }}",
    'SELECT * { ?o coop:search "bread" ; }': f"SELECT * {{ VALUES ?o {HITS} }}",
    'SELECT * { (?o ?rank) coop:search "bread" ; a ex:C }': (
        f"SELECT * {{ VALUES (?o ?rank) {{ ({ONE} 1) ({TWO} 2) }} ?o a ex:C }}"
    ),
    'SELECT * { ?x ex:p ex:o.?o coop:search "bread" }': (
        f"SELECT * {{ ?x ex:p ex:o. VALUES ?o {HITS} }}"
    ),
    'SELECT * { VALUES ?w { "bread"@en } ?o coop:search ?w }': (
        f'SELECT * {{ VALUES ?w {{ "bread"@en }} VALUES ?o {HITS} }}'
    ),
    'SELECT * { FILTER(?x < 1.5) ?o coop:search "bread" OPTIONAL { ?o ex:p ?x } }': (
        f"SELECT * {{ FILTER(?x < 1.5) VALUES ?o {HITS} OPTIONAL {{ ?o ex:p ?x }} }}"
    ),
    'SELECT * { ?a ex:p -1.5, "x"^^ex:t, [ ex:q (1 "2") ] ; ex:r true . ?o coop:search "bread" }': (
        f'SELECT * {{ ?a ex:p -1.5, "x"^^ex:t, [ ex:q (1 "2") ] ; ex:r true . VALUES ?o {HITS} }}'
    ),
    'CONSTRUCT { ?o a ex:C } WHERE { ?o coop:search "bread" }': (
        f"CONSTRUCT {{ ?o a ex:C }} WHERE {{ VALUES ?o {HITS} }}"
    ),
    'SELECT * { ?x (ex:p|^ex:q)*/ex:r+ ?y . ?o coop:search "bread" }': (
        f"SELECT * {{ ?x (ex:p|^ex:q)*/ex:r+ ?y . VALUES ?o {HITS} }}"
    ),
    'SELECT * { { SELECT ?o { ?o coop:search "bread" } GROUP BY ?o HAVING (COUNT(*) > 0) } }': (
        f"SELECT * {{ {{ SELECT ?o {{ VALUES ?o {HITS} }} GROUP BY ?o HAVING (COUNT(*) > 0) }} }}"
    ),
    'SELECT * { ?x a ex:C FILTER NOT EXISTS { ?x coop:search "bread" } }': (
        f"SELECT * {{ ?x a ex:C FILTER NOT EXISTS {{ VALUES ?x {HITS} }} }}"
    ),
}


@pytest.mark.parametrize(("text", "wanted"), EXPANDED.items())
def test_a_pattern_becomes_the_hits(text: str, wanted: str) -> None:
    find = Noted()
    found = expanded(text, find)
    assert tidy(found) == tidy(wanted)
    assert find.words == ["bread"]
    Store().query(PROLOGUE + found)


@pytest.mark.parametrize(
    "name",
    [
        "coop:search",
        ":search",
        "my-co.op:search",
        "s:",
        "<https://w3id.org/coopgraph/ns#search>",
        "<ns#search>",
    ],
)
def test_the_predicate_is_known_by_any_name(name: str) -> None:
    find = Noted()
    expanded(f'SELECT * {{ ?o {name} "bread" }}', find)
    assert find.words == ["bread"]


@pytest.mark.parametrize("name", ["ex:search", "coop:searching", "<search>", "<http://a.b/search>"])
def test_other_predicates_are_left_alone(name: str) -> None:
    find = Noted()
    text = f'SELECT * {{ ?o {name} "bread" }}'
    assert expanded(text, find) == text
    assert find.words == []


@pytest.mark.parametrize(
    ("literal", "words"),
    [
        ('"bread"', "bread"),
        ("'bread'", "bread"),
        ('"""bread\n"and" butter"""', 'bread\n"and" butter'),
        ("'''it's'''", "it's"),
        (r'"a\tb\"c\\d"', 'a\tb"c\\d'),
        (r'"caf\u00E9 \U0001F956"', "café 🥖"),
        ('"bread"@en-GB', "bread"),
        ("\"# no comment } . ?x coop:search 'y'\"", "# no comment } . ?x coop:search 'y'"),
    ],
)
def test_the_words_are_read_as_the_engine_reads_them(literal: str, words: str) -> None:
    find = Noted()
    expanded(f"SELECT * {{ ?o coop:search {literal} . ?o a ex:C }}", find)
    assert find.words == [words]


@given(words=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_words_come_through_and_stay_out_of_the_query(words: str) -> None:
    find = Noted()
    found = expanded(f"SELECT * {{ ?o coop:search {Literal(words)} }}", find)
    assert find.words == ([words] if words else [])
    assert tidy(found).startswith("SELECT * { VALUES ?o {")
    assert "coop:search" not in found


REFUSED = [
    "SELECT * { ?o coop:search ?words }",
    'SELECT * { VALUES ?w { "a" "b" } ?o coop:search ?w }',
    "SELECT * { VALUES ?w { ex:a } ?o coop:search ?w }",
    'SELECT * { VALUES (?w) { ("a") } ?o coop:search ?w }',
    'SELECT * { { VALUES ?w { "a" } } ?o coop:search ?w }',
    'SELECT * { VALUES ?w { "a" } { ?o coop:search ?w } }',
    'SELECT * { BIND("a" AS ?w) ?o coop:search ?w }',
    'SELECT * { ?o coop:search "a", "b" }',
    'SELECT * { ?o a ex:C ; coop:search "a" }',
    'SELECT * { ?o coop:search "a" ; coop:search "b" }',
    'SELECT * { ?o coop:search/ex:p "a" }',
    'SELECT * { ?o ex:p/coop:search "a" }',
    'SELECT * { ?o ^coop:search "a" }',
    'SELECT * { ?o !coop:search "a" }',
    'SELECT * { ?o coop:search+ "a" }',
    'SELECT * { ?o (coop:search) "a" }',
    'SELECT * { ?o (ex:p|coop:search) "a" }',
    'SELECT * { ?o coop:search "a"^^ex:t }',
    "SELECT * { ?o coop:search 5 }",
    "SELECT * { ?o coop:search true }",
    'SELECT * { ?o coop:search ("a") }',
    "SELECT * { ?o coop:search ex:words }",
    'SELECT * { ex:o coop:search "a" }',
    'SELECT * { [] coop:search "a" }',
    'SELECT * { _:b coop:search "a" }',
    'SELECT * { [ coop:search "a" ] ex:p 1 }',
    'SELECT * { ?x ex:p [ coop:search "a" ] }',
    'SELECT * { (?o) coop:search "a" }',
    'SELECT * { (?o ?o) coop:search "a" }',
    'SELECT * { (?o ?r ?s) coop:search "a" }',
    'SELECT * { (?o 1) coop:search "a" }',
    'SELECT * { << ?o coop:search "a" >> ex:p 1 }',
    'SELECT * { ?o ex:p 1 {| coop:search "a" |} }',
    'CONSTRUCT { ?o coop:search "a" } WHERE { ?o ex:p 1 }',
    'CONSTRUCT WHERE { ?o coop:search "a" }',
    "SELECT * { ?o coop:search",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_expanded_is_refused_with_the_right_form(text: str) -> None:
    find = Noted()
    with pytest.raises(QueryRefused) as refused:
        expanded(text.replace("{", "{\n\n", 1), find)
    line = 4 if text.count("{", 0, text.find("coop:search")) else 2
    assert refused.value.line == line
    assert '?organisation coop:search "words" .' in refused.value.reason


UNTOUCHED = [
    "SELECT * { coop:search ?p ?x . ?s ?p coop:search . ?s a coop:search ; ex:p coop:search, 5 }",
    'SELECT * { VALUES ?p { coop:search ex:p } VALUES (?p ?x) { (coop:search "a") } }',
    "SELECT * { ?s ?p ?x FILTER(?p = coop:search || ?p IN (coop:search, ex:p)) }",
    "SELECT * { ?s ?p ?x FILTER ex:f(coop:search) BIND(coop:search AS ?y) }",
    'SELECT (IF(?p = coop:search, "a", "b") AS ?x) { ?s ?p ?x } HAVING(?p != coop:search)',
    "SELECT * { GRAPH coop:search { ?s ?p ?x } }",
    "SELECT * { ?x ex:p (coop:search ex:p) }",
    'SELECT * { ?s ?p "a"^^coop:search }',
    "DESCRIBE coop:search ?x { ?x a ex:C }",
    'SELECT * { # ?o coop:search "a"\n ?s ?p "?o coop:search \'a\'" }',
    'SELECT ?research { ?s ?research "a" }',
    "SELECT * { ?s ex:p ?x FILTER(?x<5&&?research>3) }",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_the_name_of_the_property_may_be_said(text: str) -> None:
    find = Noted()
    assert expanded(text, find) == text
    assert find.words == []


def test_words_that_are_not_bound_find_nothing() -> None:
    find = Noted()
    found = expanded("SELECT * { VALUES ?w { UNDEF } ?o coop:search ?w }", find)
    assert tidy(found) == "SELECT * { VALUES ?w { UNDEF } VALUES ?o { } }"
    assert find.words == []


def test_lines_stay_where_they_are() -> None:
    text = 'SELECT * {\n ?o\n coop:search # it\n """a\nb"""\n ;\n a ex:C . ?x ex:p %'
    found = expanded(text, Noted())
    assert found.count("\n") == text.count("\n")
    assert found.split("\n")[-1] == " a ex:C . ?x ex:p %"


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?o nope:search "a" }',
        'SELECT * { ?o coop:search "a\\q" }',
        'SELECT ?o coop:search "a" { }',
        'SELECT * { ?o coop:search "a" } } SELECT',
        'ASK { ?a ex:p ?b ; ?o coop:search "a" }',
    ],
)
def test_malformed_queries_are_the_engines_to_refuse(text: str, tmp_path: Path) -> None:
    with building(tmp_path, Stamp(1, "digest")):
        pass
    index = open_index(tmp_path)
    with pytest.raises(QueryRefused, match="not valid SPARQL"):
        run(prepare(PROLOGUE + text, SETTINGS), Store(), 10, index)


@given(text=st.text(alphabet="{}()[]<>?o \"'.;,/|^*!#\\\n:search=VALUES1@ca", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    try:
        expanded(f"SELECT * {{ {text} coop:search ", Noted())
    except QueryRefused as refused:
        assert refused.line is not None


# Over the sample --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


def rows(snapshot: Snapshot, text: str) -> list[list[str]]:
    answer = json.loads(run_text(snapshot, PROLOGUE + text, "json", SETTINGS))
    names = answer["head"]["vars"]
    return [[row[name]["value"] for name in names] for row in answer["results"]["bindings"]]


def test_organisations_are_found_by_words(snapshot: Snapshot) -> None:
    text = 'SELECT ?n { ?o coop:search "pncake presse" ; skos:prefLabel ?n } ORDER BY ?n'
    assert rows(snapshot, text) == [["Pancake Press"], ["Presses Pancake"]]


def test_ranks_order_the_best_first(snapshot: Snapshot) -> None:
    text = (
        'SELECT ?rank ?n { (?o ?rank) coop:search "flipside" ; skos:prefLabel ?n '
        'FILTER(LANG(?n) = "en") } ORDER BY ?rank'
    )
    found = rows(snapshot, text)
    assert found[0] == ["1", "Flipside Federation"]
    assert [int(rank) for rank, _ in found] == sorted(int(rank) for rank, _ in found)


def test_hits_join_with_everything_else(snapshot: Snapshot) -> None:
    base = 'SELECT (COUNT(DISTINCT ?o) AS ?n) {{ ?o coop:search "bakery" {} }}'
    [[all_]] = rows(snapshot, base.format(""))
    [[some]] = rows(snapshot, base.format('MINUS { ?o coop:search "tableflip" }'))
    [[both]] = rows(snapshot, base.format('. ?o coop:search "tableflip"'))
    [[either]] = rows(snapshot, base.format('FILTER EXISTS { ?o coop:search "tableflip" }'))
    assert int(all_) == int(some) + int(both)
    assert both == either != "0"


def test_without_an_index_search_says_so_and_the_rest_is_answered(snapshot: Snapshot) -> None:
    asked = prepare(PROLOGUE + 'ASK { ?o coop:search "bakery" }', SETTINGS)
    with pytest.raises(QueryRefused, match="no text index"):
        run(asked, snapshot.store, 10, None)
    assert run(prepare("ASK { ?s ?p ?o }", SETTINGS), snapshot.store, 10, None)
    assert open_index(snapshot.search_folder) is not None
