"""The text of a shape's query: what is added to it, and what is refused."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import QueryRefused
from coopgraph.validation.graph import Background, DataGraph
from coopgraph.validation.select import BeyondEngine, Question, question
from coopgraph.validation.stage import Stage

EX = "http://example.org/"
PREFIXES = {"ex": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"}
X, P = NamedNode(f"{EX}x"), NamedNode(f"{EX}p")


def ask(text: str, path: str | None = None) -> list[dict[str, object]]:
    """The solutions about ex:x, where ex:x ex:p "a", "b" and ex:y ex:p "c"."""
    triples = [Triple(X, P, Literal(said)) for said in "ab"]
    triples.append(Triple(NamedNode(f"{EX}y"), P, Literal("c")))
    graph = DataGraph(triples, Background([]), frozenset())
    return [dict(found) for found in graph.ask(question(text, PREFIXES, path), X)]


# Each has a solution only if $this has its value in the innermost group too.
PRE_BOUND = [
    "SELECT $this { FILTER ($this = ex:x) }",
    "SELECT $this { { FILTER (false) } UNION { FILTER ($this = ex:x) } }",
    "SELECT $this { { { FILTER ($this = ex:x) } FILTER bound($this) } }",
    "SELECT $this { BIND ($this AS ?that) FILTER (?that = ex:x) }",
    "SELECT $this { OPTIONAL { BIND (str($this) AS ?text) } FILTER bound(?text) }",
    "SELECT $this { { SELECT $this { FILTER ($this = ex:x) } } }",
    "SELECT $this { FILTER NOT EXISTS { FILTER ($this = ex:y) } }",
    "SELECT $this { FILTER EXISTS { BIND ($this AS ?a) FILTER (?a = ex:x) } }",
    "SELECT $this { { SELECT $this (COUNT(?v) AS ?n) { $this ex:p ?v } GROUP BY $this }"
    " FILTER (?n = 2) }",
    "SELECT * { ?this ex:p 'a' }",
    "SELECT $this (COUNT(?v) AS ?n) { $this ex:p ?v } GROUP BY $this HAVING (COUNT(?v) > 1)",
    "SELECT $this # { not a group\n { FILTER ('{' != str($this)) }",
]


@pytest.mark.parametrize("text", PRE_BOUND)
def test_this_has_its_value_in_every_group(text: str) -> None:
    assert [found["this"] for found in ask(text)] == [X]


def test_the_focus_node_adds_nothing_to_the_data() -> None:
    found = ask("SELECT $this ?s ?p ?value { ?s ?p ?value }")
    assert {answer["value"] for answer in found} == {Literal(said) for said in "abc"}


@pytest.mark.parametrize(
    ("path", "values"),
    [(f"{EX}p", "ab"), (f"<{EX}p>|<{EX}q>", "ab"), (f"^<{EX}p>", "")],
)
def test_path_stands_for_the_path_of_the_shape(path: str, values: str) -> None:
    found = ask("SELECT $this ?value { $this $PATH ?value }", path)
    assert sorted(answer["value"].value for answer in found) == list(values)  # type: ignore[attr-defined]


def test_the_engine_finds_no_path_of_no_steps_from_a_node_that_the_data_lack() -> None:
    graph = DataGraph([Triple(X, P, Literal("a"))], Background([]), frozenset())
    asked = question("SELECT $this ?value { $this ex:p* ?value }", PREFIXES, None)

    found = [graph.ask(asked, node) for node in (X, NamedNode(f"{EX}nowhere"))]

    assert [len(solutions) for solutions in found] == [2, 0]  # SPARQL has it as 2 and 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }", "MINUS"),
        ("SELECT $this { VALUES ?any { true } }", "VALUES"),
        ("SELECT $this { SERVICE <http://a.example/> { ?a ?b ?c } }", "SERVICE"),
        ("SELECT $this { service silent <http://a.example/> { ?a ?b ?c } }", "SERVICE"),
        ("SELECT $this FROM <file:///etc/passwd> { ?a ?b ?c }", "FROM"),
        ("SELECT $this { BIND (true AS $this) }", "another value"),
        ("SELECT $this { { SELECT ?other { ?other ?b ?c } } }", "by name"),
        ("SELECT $this { { SELECT * { ?this ?b ?c } } }", "by name"),
        ("SELECT $this { { SELECT (COUNT($this) AS ?n) { $this ?b ?c } } }", "by name"),
        ("SELECT $this { $this $PATH ?value }", "no path"),
        ("SELECT $this { GRAPH ?g { $this ?p ?o } }", "GRAPH"),
        ("SELECT $this { FILTER bound($shapesGraph) }", "shapesGraph"),
        ("ASK { $this ?p ?o }", "SELECT"),
        ("SELECT $this " + "{" * 65 + "}" * 65, "deep"),
        ("DELETE WHERE { ?a ?b ?c }", "change"),
    ],
)
def test_what_shacl_forbids_is_refused(text: str, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason):
        question(text, PREFIXES, None)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { FILTER bound(?currentShape) }",
        "SELECT $this { $this ?p ?o FILTER (ex:f(?o)) }",
        "SELECT $this { $this ?p ?o FILTER (<http://example.org/f>(?o)) }",
        "SELECT ?value { $this ?p ?value }",
        "SELECT $this ?failure { BIND (true AS ?failure) }",
        "SELECT $this (COUNT(?o) AS ?n) { $this ?p ?o }",
        "SELECT $this { $this nowhere:p ?o }",
        "SELECT $this { FILTER(1<b'c>'}') }",
    ],
)
def test_what_is_not_asked_here_is_told_apart(text: str) -> None:
    with pytest.raises(BeyondEngine):
        question(text, PREFIXES, None)


def test_functions_of_the_engine_are_known() -> None:
    text = "SELECT $this { $this ex:p ?v FILTER (xsd:string(?v) = 'a') FILTER (?v IN ('a')) }"
    assert len(ask(text)) == 1


def test_names_that_hold_a_forbidden_word_are_names() -> None:
    text = "PREFIX minus: <http://example.org/> SELECT $this { $this minus:p ?values }"
    assert len(ask(text)) == 1  # the solutions differ in nothing that is selected


def test_solutions_keep_the_form_of_the_record() -> None:
    seven = Literal("007", datatype=NamedNode(PREFIXES["xsd"] + "integer"))
    stage = Stage({})
    asked: Question = question("SELECT $this ?value { $this ex:p ?value }", PREFIXES, None)

    records = [{X: {P: (seven,)}}, {X: {P: (Literal(7),)}}, {}]

    values = [[found["value"] for found in stage.ask(r, asked, X)] for r in records]
    assert values == [[seven], [Literal(7)], []]


def test_a_record_may_say_what_the_background_says() -> None:
    said = {X: {P: (Literal("a"),)}}
    stage = Stage(said)
    asked = question("SELECT $this ?value { $this ex:p ?value }", PREFIXES, None)

    assert [len(stage.ask(record, asked, X)) for record in ({**said}, {}, {**said})] == [1, 1, 1]
