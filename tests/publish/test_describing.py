"""The graph's description of itself: its counts are true, and it follows what is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from coopgraph.namespaces import (
    PREFIXES,
    STANDARD,
    VOID,
    VOID_EXTENSION,
    dataset_graph,
    dataset_iri,
    description_graph,
    iri,
)
from coopgraph.publish import Publisher, derive, describing
from coopgraph.selfdescription import Example, document, merge, void
from coopgraph.settings import Settings
from coopgraph.store import Layout, Snapshots, read_manifest

GRAPH = description_graph(STANDARD)
HEAD = f"PREFIX void: <{VOID}> PREFIX ext: <{VOID_EXTENSION}> "
TYPE = iri("rdf:type")
# Properties of VoID → the class of their subjects and, where there is one, of their objects.
_DATASET_COUNTS = "triples entities distinctSubjects classes properties"
VOCABULARY = {
    **dict.fromkeys(_DATASET_COUNTS.split(), ("Dataset", "integer")),
    **dict.fromkeys("classPartition propertyPartition subset".split(), ("Dataset", "Dataset")),
    **dict.fromkeys("subjectsTarget objectsTarget".split(), ("Linkset", "Dataset")),
    **dict.fromkeys("class property vocabulary exampleResource".split(), ("Dataset", "IRI")),
    "linkPredicate": ("Linkset", "IRI"),
    "sparqlEndpoint": ("Dataset", "IRI"),
    "uriSpace": ("Dataset", "string"),
}
Rows = list[tuple[str, ...]]


def select(store: Store, query: str, **graphs: object) -> Rows:
    solutions = store.query(HEAD + query, **graphs)  # type: ignore[arg-type]
    assert isinstance(solutions, QuerySolutions)
    rows = (tuple(solution) for solution in solutions)
    return sorted(
        tuple(term.value for term in row)
        for row in rows
        if all(isinstance(term, NamedNode | Literal) for term in row)
    )


def current(home: Path) -> Store:
    return Snapshots(home).current().store


def without_description(store: Store, graph: NamedNode | DefaultGraph) -> Store:
    """A graph without what the description says, alone in a store."""
    told = {quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH)}
    plain = Store()
    found = store.quads_for_pattern(None, None, None, graph)
    plain.extend(
        Quad(quad.subject, quad.predicate, quad.object) for quad in found if quad.triple not in told
    )
    return plain


@pytest.fixture(scope="module")
def store(served_sample: Path) -> Store:
    """The sample under the whole standard."""
    return current(served_sample)


NODES = {
    "merge": (merge(STANDARD), DefaultGraph(), STANDARD),
    "flipside": (
        dataset_iri(STANDARD, "flipside"), dataset_graph(STANDARD, "flipside"), f"{STANDARD}id/"
    ),
    "northlight": (
        dataset_iri(STANDARD, "northlight"), dataset_graph(STANDARD, "northlight"),
        f"{STANDARD}id/",
    ),
}  # fmt: skip


# True counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NODES)
def test_counts_are_those_of_sparql(store: Store, name: str) -> None:
    node, graph, space = NODES[name]
    plain = without_description(store, graph)
    inside = f'FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{space}"))'
    questions = {
        "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        "entities": f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o {inside} }}",
        "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c FILTER(isIRI(?c)) }",
    }
    for term, question in questions.items():
        told = select(store, f"SELECT ?n {{ {node} void:{term} ?n }}", default_graph=GRAPH)
        assert told == select(plain, question), term
        assert int(told[0][0]) > 0
    assert select(store, f"SELECT ?s {{ {node} void:uriSpace ?s }}") == [(space,)]


@pytest.mark.parametrize("name", NODES)
def test_partitions_are_those_of_sparql(store: Store, name: str) -> None:
    node, graph, _ = NODES[name]
    plain = without_description(store, graph)
    of_class = f"{node} void:classPartition ?cp . ?cp void:class ?c ."
    pairs = {
        f"SELECT ?c ?n {{ {of_class} ?cp void:entities ?n }}":
            "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c",
        f"SELECT ?p ?n {{ {node} void:propertyPartition [ void:property ?p ; void:triples ?n ] }}":
            "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        f"SELECT ?c ?p ?n {{ {of_class} ?cp void:propertyPartition [ void:property ?p ; void:triples ?n ] }}":
            "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p",
        f"SELECT ?c ?p ?x ?n {{ {of_class} ?cp void:propertyPartition ?pp . ?pp void:property ?p ; "
        "void:classPartition [ void:class ?x ; void:triples ?n ] }":
            f"SELECT ?c ?p ?x (COUNT(*) AS ?n) {{ ?s a ?c ; ?p ?o . ?o a ?x FILTER(?p != {TYPE}) }} "
            "GROUP BY ?c ?p ?x",
        f"SELECT ?c ?p ?x ?n {{ {of_class} ?cp void:propertyPartition ?pp . ?pp void:property ?p ; "
        "ext:datatypePartition [ ext:datatype ?x ; void:triples ?n ] }":
            "SELECT ?c ?p ?x (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . BIND(DATATYPE(?o) AS ?x) "
            "FILTER(BOUND(?x)) } GROUP BY ?c ?p ?x",
    }  # fmt: skip
    for told, counted in pairs.items():
        found = select(store, told, default_graph=GRAPH)
        assert found == select(plain, counted), told
        assert found


def test_the_standard_and_the_catalogue_are_counted_and_the_description_is_not(
    store: Store,
) -> None:
    classes = {
        name
        for (name,) in select(
            store, f"SELECT ?c {{ {merge(STANDARD)} void:classPartition [ void:class ?c ] }}"
        )
    }
    for name in ("coop:Organization", "skos:Concept", "sh:NodeShape", "dcat:Dataset"):
        assert iri(name).value in classes
    assert not [name for name in classes if name.startswith((VOID, PREFIXES["sd"]))]


def test_each_graph_has_its_size(store: Store) -> None:
    sd = f"PREFIX sd: <{PREFIXES['sd']}> "
    query = "SELECT ?g ?n { ?x sd:name ?g ; sd:graph [ void:triples ?n ] }"
    told = dict(select(store, sd + query))
    counted = dict(
        select(store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    )
    del counted[GRAPH.value]
    assert told == counted
    names = {row[0] for row in select(store, sd + "SELECT ?g { ?x sd:name ?g }")}
    assert names == {graph.value for graph in store.named_graphs()}  # type: ignore[union-attr]


def test_links_between_datasets_are_counted(store: Store) -> None:
    told = select(
        store,
        "SELECT ?s ?p ?o ?n { ?l a void:Linkset ; void:subjectsTarget ?s ; void:objectsTarget ?o ; "
        "void:linkPredicate ?p ; void:triples ?n FILTER EXISTS { ?o void:classPartition ?cp } }",
    )
    expected = []
    for one, other in (("flipside", "northlight"), ("northlight", "flipside")):
        here, there = dataset_graph(STANDARD, one), dataset_graph(STANDARD, other)
        counted = select(
            store,
            f"SELECT ?p (COUNT(*) AS ?n) {{ GRAPH {here} {{ ?s ?p ?o }} "
            f"FILTER EXISTS {{ GRAPH {there} {{ ?o ?a ?b }} }} "
            f"FILTER NOT EXISTS {{ GRAPH {here} {{ ?o ?c ?d }} }} }} GROUP BY ?p",
        )
        nodes = dataset_iri(STANDARD, one).value, dataset_iri(STANDARD, other).value
        expected += [(nodes[0], path, nodes[1], number) for path, number in counted]
    assert told == sorted(expected)
    assert told


def test_links_to_the_outside_are_counted(store: Store) -> None:
    told = select(
        store,
        f"SELECT ?p ?space ?n {{ ?l void:subjectsTarget {merge(STANDARD)} ; void:linkPredicate ?p ; "
        "void:triples ?n ; void:objectsTarget [ void:uriSpace ?space ] }",
    )
    assert len(told) > 3
    for path, space, number in told:
        counted = select(
            store,
            f'SELECT (COUNT(*) AS ?n) {{ ?s <{path}> ?o FILTER(STRSTARTS(STR(?o), "{space}")) }}',
        )
        assert counted == [(number,)], (path, space)


# Vocabulary -----------------------------------------------------------------------------------


def test_every_term_of_void_is_one_and_is_used_as_it_says(store: Store) -> None:
    quads = list(store.quads_for_pattern(None, None, None, GRAPH))
    assert len(quads) > 1_000
    datasets = {q.subject for q in quads if q.object in (void("Dataset"), void("Linkset"))}
    linksets = {q.subject for q in quads if q.object == void("Linkset")}
    for quad in quads:
        name = quad.predicate.value.removeprefix(VOID)
        is_part = quad.predicate.value == f"{VOID_EXTENSION}datatypePartition"
        if is_part or VOCABULARY.get(name, ("", ""))[1] == "Dataset":
            datasets.add(quad.object)
    seen = set()
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode | Literal)
        if not quad.predicate.value.startswith(VOID):
            continue
        name = quad.predicate.value.removeprefix(VOID)
        domain, values = VOCABULARY[name]
        seen.add(name)
        assert quad.subject in (linksets if domain == "Linkset" else datasets), quad
        if values == "integer":
            assert quad.object.datatype == iri("xsd:integer")  # type: ignore[union-attr]
            assert int(quad.object.value) >= 0
        else:
            assert isinstance(quad.object, Literal if values == "string" else NamedNode)
    assert seen == VOCABULARY.keys()


def test_no_other_graph_asserts_what_the_description_does(store: Store) -> None:
    for quad in store.quads_for_pattern(None, None, None, GRAPH):
        found = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        assert {each.graph_name for each in found} == {GRAPH, DefaultGraph()}


# What editors ask for, of the default graph ----------------------------------------------------


def test_editors_find_queries_prefixes_and_classes(store: Store) -> None:
    head = f"PREFIX sh: <{PREFIXES['sh']}> PREFIX rdfs: <{PREFIXES['rdfs']}> "
    queries = "SELECT ?q ?c ?t { ?q a sh:SPARQLExecutable ; rdfs:comment ?c ; sh:select ?t }"
    assert len(select(store, head + queries)) > 70
    prefixes = dict(select(store, head + "SELECT ?p ?n { [] sh:prefix ?p ; sh:namespace ?n }"))
    assert prefixes.items() >= PREFIXES.items()
    parts = select(
        store,
        "SELECT DISTINCT ?class ?path ?x { ?cp void:class ?class ; void:propertyPartition ?pp . "
        "?pp void:property ?path . { ?pp void:classPartition [ void:class ?x ] } UNION "
        "{ ?pp ext:datatypePartition [ ext:datatype ?x ] } }",
    )
    organization, name = iri("coop:Organization").value, iri("skos:prefLabel").value
    assert (organization, name, iri("rdf:langString").value) in parts
    assert (organization, iri("coop:country").value, iri("skos:Concept").value) in parts


def test_each_query_that_is_told_runs(store: Store) -> None:
    head = f"PREFIX sh: <{PREFIXES['sh']}> "
    texts = select(store, head + "SELECT ?t { ?q sh:select ?t }")
    assert len(texts) > 70
    for (text,) in texts:
        assert "#+" not in text
        assert isinstance(store.query(text), QuerySolutions)


# When it is made ------------------------------------------------------------------------------


def told(home: Path) -> dict[str, str]:
    """What the description says of itself."""
    found = {}
    store = current(home)
    for name, node, path in (
        ("sequence", document(STANDARD), iri("coop:sequence")),
        ("at", document(STANDARD), iri("dcterms:modified")),
        ("triples", merge(STANDARD), void("triples")),
        ("endpoint", iri("sd:Service"), TYPE),
    ):
        if name == "endpoint":
            quads = store.quads_for_pattern(None, path, node, GRAPH)
            found[name] = ",".join(quad.subject.value for quad in quads)  # type: ignore[union-attr]
        else:
            quads = store.quads_for_pattern(node, path, None, GRAPH)
            found[name] = ",".join(quad.object.value for quad in quads)  # type: ignore[union-attr]
    return found


def test_a_commit_to_a_small_graph_is_counted(dataset, load, settings) -> None:
    load(dataset("list", ["1,A,mutual"]))
    first = told(settings.home)
    load(dataset("list", ["1,A,mutual", "2,B,mutual"]))
    second = told(settings.home)
    assert (first["sequence"], second["sequence"]) == ("1", "2")
    assert int(first["triples"]) < int(second["triples"])
    assert first["at"] < second["at"]


def test_a_small_commit_to_a_large_graph_keeps_the_last_counts(
    dataset, load, settings, monkeypatch
) -> None:
    monkeypatch.setattr(describing, "SMALL_TRIPLES", 10)
    load(dataset("list", ["1,A,mutual"]))
    first = told(settings.home)
    load(dataset("list", ["1,A,mutual", "2,B,mutual"]))
    assert told(settings.home) == first
    load(dataset("other", ["1,A,mutual"]))  # counts stay; what is cheap to say is said
    assert told(settings.home) == first
    topics = current(settings.home).quads_for_pattern(None, iri("foaf:topic"), None, GRAPH)
    assert dataset_iri(STANDARD, "other") in {quad.object for quad in topics}


def test_a_large_graph_is_counted_when_the_last_counts_are_old(
    dataset, load, settings, monkeypatch
) -> None:
    """The clock of these tests ticks once a minute."""
    monkeypatch.setattr(describing, "SMALL_TRIPLES", 10)
    monkeypatch.setattr(describing, "_REST_S", 0.0)
    monkeypatch.setattr(describing, "_QUARTER_HOUR", 200.0)
    sequences = []
    for number in range(6):
        load(dataset("list", [f"1,{number},mutual"]))
        sequences.append(told(settings.home)["sequence"])
    assert sequences[0] == "1"
    assert 1 < len(set(sequences)) < 6
    monkeypatch.setattr(describing, "_REST_S", 1.0)  # the larger, the longer it rests
    load(dataset("list", ["1,X,mutual"]))
    load(dataset("list", ["1,Y,mutual"]))
    assert told(settings.home)["sequence"] == sequences[-1]


def test_a_fresh_store_is_counted_however_large(
    dataset, load, publisher, settings, monkeypatch
) -> None:
    monkeypatch.setattr(describing, "SMALL_TRIPLES", 10)
    load(dataset("list", ["1,A,mutual"]))
    load(dataset("list", ["1,B,mutual"]))
    assert told(settings.home)["sequence"] == "1"
    publisher().rebuild()
    assert told(settings.home)["sequence"] == "2"


def test_a_dataset_that_is_not_merged_is_described_by_itself(dataset, load, settings) -> None:
    load(dataset("list", ["1,A,mutual"]))
    load(dataset("own", ["1,A,mutual"], extra="merge: false\n"))
    store = current(settings.home)
    subsets = store.quads_for_pattern(merge(STANDARD), void("subset"), None, GRAPH)
    parts = {quad.object for quad in subsets}
    assert dataset_iri(STANDARD, "list") in parts
    assert dataset_iri(STANDARD, "own") not in parts
    own = store.quads_for_pattern(dataset_iri(STANDARD, "own"), void("triples"), None, GRAPH)
    assert [int(quad.object.value) for quad in own] != [0]


# What it is made from --------------------------------------------------------------------------


def test_other_settings_and_queries_are_told_at_the_next_start(
    dataset, load, publisher, settings
) -> None:
    load(dataset("list", ["1,A,mutual"]))
    before = told(settings.home)
    elsewhere = replace(settings, url="https://coops.example")
    example = Example("one", "One", "Which one?", "SELECT", "SELECT * { ?s ?p ?o }")
    assert publisher(elsewhere, queries=[example]).recover() == 1
    after = told(settings.home)
    assert after == {**before, "endpoint": "https://coops.example/sparql"}
    store = current(settings.home)
    found = store.quads_for_pattern(NamedNode(f"{STANDARD}queries/one"), None, None, DefaultGraph())
    assert len(list(found)) > 5
    ends = store.quads_for_pattern(None, void("sparqlEndpoint"), None, None)
    assert {quad.object.value for quad in ends} == {"https://coops.example/sparql"}


def test_the_same_settings_publish_nothing_anew(dataset, load, publisher, settings) -> None:
    load(dataset("list", ["1,A,mutual"]))
    before = Layout(settings.home).current.readlink()
    assert publisher().recover() == 1
    assert Layout(settings.home).current.readlink() == before


def test_a_store_from_before_there_were_descriptions_gets_one(
    dataset, load, publisher, settings, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(describing.SelfDescription, "bring_up", lambda *values, **named: None)
        patch.setattr(describing.SelfDescription, "digest", "")
        load(dataset("list", ["1,A,mutual"]))
    assert told(settings.home)["sequence"] == ""
    assert read_manifest(Layout(settings.home).current).description == ""
    publisher().recover()
    assert told(settings.home)["sequence"] == "1"


# Where it can be cut short ---------------------------------------------------------------------


@pytest.mark.parametrize("place", ["_counts", "_replace"])
def test_a_description_cut_short_is_made_again(
    place: str, dataset, load, publisher, published, rebuilt, settings, monkeypatch
) -> None:
    load(dataset("list", ["1,A,mutual"]))

    class Died(BaseException):
        pass

    def die(*values: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(describing.SelfDescription, place, die)
        with pytest.raises(Died):
            load(dataset("list", ["1,A,mutual", "2,B,mutual"]))
    assert publisher().recover() == 2
    assert told(settings.home)["sequence"] == "2"
    assert published.quads() == rebuilt(settings.home)


def test_a_store_that_counting_cannot_read_is_built_again(
    dataset, load, published, rebuilt, settings, monkeypatch
) -> None:
    load(dataset("list", ["1,A,mutual"]))
    bring_up: Callable[..., None] = describing.SelfDescription.bring_up
    calls = 0

    def fail_once(*values: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("a damaged block")
        bring_up(*values, **named)

    rebuilds = []
    rebuild = derive.Derivation.rebuild
    monkeypatch.setattr(describing.SelfDescription, "bring_up", fail_once)
    monkeypatch.setattr(
        derive.Derivation, "rebuild", lambda self: (rebuilds.append(1), rebuild(self))[1]
    )
    load(dataset("list", ["1,A,mutual", "2,B,mutual"]))
    assert rebuilds == [1]
    assert published.quads() == rebuilt(settings.home)


def test_a_publisher_without_queries_tells_of_none(dataset, load, settings) -> None:
    load(dataset("list", ["1,A,mutual"]))
    store = current(settings.home)
    assert not list(store.quads_for_pattern(None, TYPE, iri("sh:SPARQLExecutable"), None))


def test_federation_is_told_where_the_operator_allows_some(light, settings) -> None:
    def digest(settings: Settings) -> str:
        front = Publisher(settings, light)._front
        return describing.SelfDescription(STANDARD, front, {}, []).digest

    open_one = replace(settings, query_services="https://other.example/sparql")
    assert Publisher(open_one, light)._front.is_federated
    assert digest(open_one) != digest(settings)
