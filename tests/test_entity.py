"""Descriptions: all that the merge says about one thing, who says it, and its documents."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from pyld import jsonld
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from coopgraph.entity import (
    Description,
    Names,
    best_text,
    describe,
    describe_graph,
    exists,
    label,
    members,
    near_organizations,
    serialize,
)
from coopgraph.formats import GRAPH_FORMATS, graph_format
from coopgraph.jsonld import Vocabulary, to_jsonld
from coopgraph.namespaces import CODE, ONTOLOGY_GRAPH, SHAPES_GRAPH, dataset_iri, iri
from coopgraph.standard import Standard
from coopgraph.standard.context import context, entity_terms
from coopgraph.store import Snapshot, Snapshots

MERGE = DefaultGraph()


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


@pytest.fixture(scope="module")
def vocabulary(standard: Standard) -> Vocabulary:
    return Vocabulary(standard)


@pytest.fixture(scope="module")
def organizations(snapshot: Snapshot) -> list[NamedNode]:
    kind = iri("coop:Organization")
    quads = snapshot.store.quads_for_pattern(None, iri("rdf:type"), kind, MERGE)
    found = [quad.subject for quad in quads if isinstance(quad.subject, NamedNode)]
    assert len(found) >= 15
    return found


@pytest.fixture(scope="module")
def bakery(snapshot: Snapshot) -> NamedNode:
    """The organisation of the sample that has something of everything."""
    return about(snapshot, "flipside/F02")


def about(snapshot: Snapshot, record: str) -> NamedNode:
    name = NamedNode(f"{snapshot.base}id/record/{record}")
    quads = snapshot.store.quads_for_pattern(name, iri("foaf:primaryTopic"), None, MERGE)
    topic = next(quads).object
    assert isinstance(topic, NamedNode)
    return topic


def described(snapshot: Snapshot, thing: NamedNode) -> Description:
    found = describe(snapshot, thing)
    assert found is not None, thing
    return found


# What is in a description ---------------------------------------------------------------------


def test_it_holds_every_triple_of_the_thing_and_of_its_fragments(
    snapshot: Snapshot, bakery: NamedNode
) -> None:
    description = described(snapshot, bakery)
    expected = {
        quad.triple
        for quad in snapshot.store.quads_for_pattern(None, None, None, MERGE)
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value.partition("#")[0] == bakery.value
    }
    assert len(expected) > 60
    assert expected <= set(description.triples)
    fragments = {node.value.partition("#")[2].partition("-")[0] for node in description.fragments()}
    assert {"address", "point", "site", "observation", "membership", "offer"} <= fragments


def test_it_names_what_it_refers_to(snapshot: Snapshot, bakery: NamedNode) -> None:
    index = described(snapshot, bakery).index
    kind = NamedNode(f"{CODE}organisation-kind/food-cooperative")
    names = {str(name) for name in index.objects(kind, iri("skos:prefLabel"))}
    assert '"Food co-operative"@en' in names
    federation = about(snapshot, "flipside/F01")
    assert index.objects(federation, iri("skos:prefLabel"))
    assert not index.objects(federation, iri("coop:kind"))


def test_it_cites_its_records_with_the_licence_of_their_dataset(
    snapshot: Snapshot, bakery: NamedNode
) -> None:
    index = described(snapshot, bakery).index
    records = index.subjects(iri("foaf:primaryTopic"), bakery)
    assert len(records) > 1
    for record in records:
        dataset = index.value(record, iri("dcterms:isPartOf"))
        assert dataset == dataset_iri(snapshot.base, "flipside")
        assert index.value(dataset, iri("dcterms:license")) is not None
        assert index.value(dataset, iri("dcterms:modified")) is not None


def test_it_says_which_source_asserts_what_and_what_is_inferred(
    snapshot: Snapshot, bakery: NamedNode
) -> None:
    description = described(snapshot, bakery)
    graph = NamedNode(f"{snapshot.base}graph/flipside")
    asserted = Triple(bakery, iri("rdf:type"), iri("coop:Organization"))
    inferred = Triple(bakery, iri("rdf:type"), iri("coop:FoodCooperative"))
    assert description.sources[asserted] == (graph,)
    assert inferred in description.triples
    assert inferred not in description.sources


def test_without_sources_the_merge_is_the_same(
    snapshot: Snapshot, organizations: list[NamedNode]
) -> None:
    for thing in organizations:
        alone = describe(snapshot, thing, with_sources=False)
        assert alone is not None
        assert set(alone.triples) == set(described(snapshot, thing).triples)
        assert not alone.sources


def test_remembered_names_change_nothing(
    snapshot: Snapshot, organizations: list[NamedNode]
) -> None:
    names = Names(most=10)
    for thing in organizations:
        assert describe(snapshot, thing, names=names) == describe(snapshot, thing)


def test_a_description_is_the_same_each_time(snapshot: Snapshot, bakery: NamedNode) -> None:
    assert describe(snapshot, bakery) == describe(snapshot, bakery)


def test_an_unknown_thing_has_none(snapshot: Snapshot) -> None:
    nobody = NamedNode(f"{snapshot.base}id/org/0000000000-00")
    assert describe(snapshot, nobody) is None
    assert not exists(snapshot, nobody)
    assert describe_graph(snapshot, nobody) is None


def test_a_code_knows_what_is_narrower(snapshot: Snapshot) -> None:
    code = NamedNode(f"{CODE}organisation-kind/cooperative")
    narrower = NamedNode(f"{CODE}organisation-kind/credit-union")
    description = described(snapshot, code)
    assert Triple(narrower, iri("skos:broader"), code) in description.triples
    assert description.index.objects(narrower, iri("skos:prefLabel"))


def test_the_members_of_a_federation_are_found_from_its_side(snapshot: Snapshot) -> None:
    found = members(snapshot, about(snapshot, "flipside/F01"))
    assert about(snapshot, "flipside/F02") in found
    assert about(snapshot, "flipside/F05") not in found


def test_labels_prefer_english_and_fall_back_to_the_name(snapshot: Snapshot) -> None:
    assert label(snapshot, about(snapshot, "northlight/N1")) == "Northlight Union"
    assert label(snapshot, dataset_iri(snapshot.base, "flipside")) == "Flipside directory"
    assert label(snapshot, NamedNode("https://nowhere.example/things/x/")) == "x"
    assert best_text([Literal("b", language="fr"), Literal("a", language="es")]) == "a"
    assert best_text([]) == ""


def test_a_mistyped_id_finds_its_neighbour(snapshot: Snapshot, bakery: NamedNode) -> None:
    name = bakery.value.rpartition("/")[2]
    swapped = name[1] + name[0] + name[2:]
    assert swapped != name
    assert near_organizations(snapshot, swapped) == [name]
    assert near_organizations(snapshot, name.upper()) == [name]
    assert near_organizations(snapshot, "not an id") == []


# Documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extension", [f.extension for f in GRAPH_FORMATS if f.extension != "jsonld"]
)
def test_each_format_says_the_same(snapshot: Snapshot, bakery: NamedNode, extension: str) -> None:
    description = described(snapshot, bakery)
    form = graph_format(extension)
    assert form is not None
    found = set(parse(serialize(description, form), format=form.rdf))
    if form.rdf.supports_datasets:
        assert found == set(description.quads)
        assert any(isinstance(quad.graph_name, NamedNode) for quad in found)
    else:
        assert {quad.triple for quad in found} == set(description.triples)


def test_trig_names_each_graph_once(snapshot: Snapshot, bakery: NamedNode) -> None:
    form = graph_format("trig")
    assert form is not None
    text = serialize(described(snapshot, bakery), form).decode()
    assert text.count("graph/flipside> {") == 1


def test_turtle_declares_only_prefixes_it_uses(snapshot: Snapshot) -> None:
    form = graph_format("ttl")
    assert form is not None
    record = NamedNode(f"{snapshot.base}id/record/flipside/F02")
    text = serialize(described(snapshot, record), form).decode()
    assert "@prefix dcterms:" in text
    assert "@prefix qb:" not in text


def inline(standard: Standard) -> dict[str, object]:
    content = context(standard)["@context"]
    assert isinstance(content, dict)
    return content


def things(snapshot: Snapshot, organizations: list[NamedNode]) -> list[NamedNode]:
    """One of each sort, and every organisation."""
    base = snapshot.base
    return [
        *organizations,
        NamedNode(f"{base}id/record/flipside/F02"),
        dataset_iri(base, "flipside"),
        dataset_iri(base, "northlight"),
        NamedNode(f"{base}id/catalogue"),
        NamedNode(f"{CODE}organisation-kind/cooperative"),
        NamedNode(f"{CODE}country/FR"),
        NamedNode(f"{CODE}activity/10"),
    ]


def test_json_ld_is_exactly_the_turtle(
    snapshot: Snapshot,
    organizations: list[NamedNode],
    vocabulary: Vocabulary,
    standard: Standard,
) -> None:
    for thing in things(snapshot, organizations):
        description = described(snapshot, thing)
        document = to_jsonld(description.index, vocabulary, inline(standard), root=description.iri)
        found = {quad.triple for quad in parse(document, format=RdfFormat.JSON_LD)}
        assert found == set(description.triples), thing


def test_a_second_processor_reads_the_same_json_ld(
    snapshot: Snapshot,
    organizations: list[NamedNode],
    vocabulary: Vocabulary,
    standard: Standard,
) -> None:
    for thing in things(snapshot, organizations)[::3]:
        description = described(snapshot, thing)
        document = orjson.loads(
            to_jsonld(description.index, vocabulary, inline(standard), root=description.iri)
        )
        quads = jsonld.to_rdf(document, {"format": "application/n-quads"})
        found = {quad.triple for quad in parse(quads.encode(), format=RdfFormat.N_QUADS)}
        assert found == set(description.triples), thing


@pytest.mark.parametrize(
    "graph", [ONTOLOGY_GRAPH, SHAPES_GRAPH, NamedNode(f"{CODE}organisation-kind")]
)
def test_a_whole_graph_is_written_node_by_node(
    snapshot: Snapshot, vocabulary: Vocabulary, standard: Standard, graph: NamedNode
) -> None:
    description = describe_graph(snapshot, graph)
    assert description is not None
    document = to_jsonld(description.index, vocabulary, inline(standard))
    found = canonical(quad.triple for quad in parse(document, format=RdfFormat.JSON_LD))
    assert found == canonical(description.triples)


def canonical(triples: object) -> Dataset:
    dataset = Dataset(Quad(*triple) for triple in triples)  # type: ignore[attr-defined]
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def test_json_reads_without_knowing_rdf(
    snapshot: Snapshot, bakery: NamedNode, vocabulary: Vocabulary
) -> None:
    url = "https://coops.example/context.jsonld"
    content = orjson.loads(
        to_jsonld(described(snapshot, bakery).index, vocabulary, url, root=bakery)
    )
    assert content["@context"] == url
    assert content["id"] == bakery.value
    assert "FoodCooperative" in content["type"]
    assert content["name"] == {"en": "Tableflip Bakery", "fr": "Boulangerie Tableflip"}
    assert content["alternateName"] == {"en": ["Tableflip", "The Flip"]}
    assert content["kind"][0]["name"]["en"]
    assert content["country"]["id"] == f"{CODE}country/US"
    assert content["foundedMonth"] == "1998-05"
    assert content["homepage"] == ["https://tableflip.example/"]
    assert content["address"]["postalCode"] == "01060"
    assert content["location"]["latitude"] == "42.3251"
    assert content["membership"][0]["memberOf"]["name"]["en"] == "Flipside Federation"
    assert {figure["measure"]["name"]["en"] for figure in content["observation"]} == {
        "Members",
        "Turnover",
    }
    [source] = [item for item in content["sources"] if item["key"] == "F02"]
    assert source["dataset"]["title"] == {"en": "Flipside directory"}
    assert source["dataset"]["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"


def test_keys_stand_in_the_order_of_the_shapes(
    snapshot: Snapshot, bakery: NamedNode, vocabulary: Vocabulary, standard: Standard
) -> None:
    content = orjson.loads(
        to_jsonld(described(snapshot, bakery).index, vocabulary, "x", root=bakery)
    )
    entity = standard.entity_type("Organization")
    assert entity is not None
    order = [term.key for term in entity_terms(standard, entity)]
    keys = [key for key in content if key in order]
    assert len(keys) > 10
    assert keys == sorted(keys, key=order.index)


def odd(*triples: Triple) -> Description:
    thing = NamedNode("https://coops.example/thing")
    whole = [Quad(thing, iri("rdf:type"), iri("coop:Organization"))]
    return Description(thing, (*whole, *(Quad(*triple) for triple in triples)))


def test_values_that_fit_no_key_keep_their_form(vocabulary: Vocabulary, standard: Standard) -> None:
    thing = NamedNode("https://coops.example/thing")
    description = odd(
        Triple(thing, iri("skos:prefLabel"), Literal("no language")),
        Triple(thing, iri("skos:prefLabel"), Literal("one", language="en")),
        Triple(thing, iri("skos:prefLabel"), Literal("two", language="en")),
        Triple(thing, iri("schema:foundingDate"), Literal("long ago")),
        Triple(thing, iri("schema:foundingDate"), Literal("1844", datatype=iri("xsd:integer"))),
        Triple(thing, iri("coop:country"), Literal("US")),
        Triple(thing, iri("coop:country"), NamedNode(f"{CODE}country/US")),
        Triple(thing, iri("coop:country"), NamedNode(f"{CODE}country/CA")),
        Triple(thing, iri("foaf:homepage"), Literal("https://x.example/")),
        Triple(thing, iri("foaf:homepage"), thing),
        Triple(thing, NamedNode("urn:x:knows"), BlankNode("b")),
        Triple(BlankNode("b"), NamedNode("urn:x:knows"), thing),
        Triple(thing, iri("coop:kind"), thing),
    )
    document = to_jsonld(description.index, vocabulary, inline(standard), root=description.iri)
    found = canonical(quad.triple for quad in parse(document, format=RdfFormat.JSON_LD))
    assert found == canonical(description.triples)
    content = orjson.loads(document)
    assert content["name"]["en"] == ["one", "two"]
    assert content["skos:prefLabel"] == ["no language"]
    assert len(content["country"]) == 2


def test_nodes_that_nothing_refers_to_are_not_lost(
    vocabulary: Vocabulary, standard: Standard
) -> None:
    other = NamedNode("https://coops.example/other")
    description = odd(Triple(other, iri("skos:notation"), Literal("7")))
    document = to_jsonld(description.index, vocabulary, inline(standard), root=description.iri)
    found = {quad.triple for quad in parse(document, format=RdfFormat.JSON_LD)}
    assert found == set(description.triples)


def test_a_page_describes_only_the_first_of_many_inner_nodes(
    snapshot: Snapshot, bakery: NamedNode
) -> None:
    whole = described(snapshot, bakery)
    cut = describe(snapshot, bakery, most_nodes=1)
    assert cut is not None
    assert set(cut.triples) < set(whole.triples)
    sites = whole.index.objects(bakery, iri("org:hasSite"))
    assert cut.index.objects(bakery, iri("org:hasSite")) == sites
    assert len(sites) > 1
    assert len([site for site in sites if site in cut.index.by_subject]) == 1
    records = iri("foaf:primaryTopic")
    assert cut.index.subjects(records, bakery) == whole.index.subjects(records, bakery)
    roomy = describe(snapshot, bakery, most_nodes=1_000)
    assert roomy is not None
    assert set(roomy.triples) == set(whole.triples)


def test_what_is_said_in_one_vocabulary_alone_is_no_restatement(
    snapshot: Snapshot, bakery: NamedNode, vocabulary: Vocabulary
) -> None:
    restatements = vocabulary.restatements
    dataset = dataset_iri(snapshot.base, "flipside")
    said = describe(snapshot, dataset, restatements=restatements)
    assert said is not None
    publisher = NamedNode(f"{dataset.value}#publisher")
    assert [v.value for v in said.index.objects(publisher, iri("foaf:name"))] == [
        "Flipside Federation"
    ]
    short = describe(snapshot, bakery, restatements=restatements)
    assert short is not None
    assert described(snapshot, bakery).index.objects(bakery, iri("schema:name"))
    assert short.index.objects(bakery, iri("schema:name")) == []
    assert short.index.objects(bakery, iri("skos:prefLabel"))
