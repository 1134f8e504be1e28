"""Records through identities → lines of each graph and of the merge."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from coopgraph.gazetteer import Places
from coopgraph.journal import HeldRecord
from coopgraph.namespaces import CODE, iri
from coopgraph.projection import MERGE, Projection
from coopgraph.publish.inference import Inference
from coopgraph.reasoning import Rules, compile_rules
from coopgraph.standard import Standard

BASE = "https://example.org/"
SELF = f"<{BASE}id/org/x>"
LABEL = iri("skos:prefLabel")
ORGANIZATION = f"<open:self> {iri('rdf:type')} {iri('coop:Organization')} ."


@pytest.fixture(scope="module")
def rules(standard: Standard) -> Rules:
    return compile_rules(standard.ontology)


def record(*lines: str, dataset: str = "a", key: str = "1") -> HeldRecord:
    return HeldRecord(dataset, key, "main", "x", "\n".join(lines))


class Identities(dict[tuple[str, str], str]):
    def __call__(self, dataset: str, key: str) -> str | None:
        return self.get((dataset, key))


class Nowhere(Places):
    """Places nothing."""

    def __init__(self) -> None: ...

    def points(self, organization: NamedNode, lines: Iterable[str]) -> list[str]:
        return []


NOWHERE = Nowhere()
IDENTITIES = Identities({("b", "2"): "y", ("b", "3,4"): "z"})


def projected(
    rules: Rules, *records: HeldRecord, merged: str = "ab", places: Places | None = None
) -> dict[str, set[str]]:
    inference = Inference(rules, places or NOWHERE)
    projection = Projection(BASE, inference, {name: name in merged for name in "ab"})
    graphs = projection.organization("x", records, IDENTITIES)
    for lines in graphs.values():
        list(parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES))
    return graphs


def test_a_record_is_closed_and_described(rules: Rules) -> None:
    graphs = projected(rules, record(f'<open:self> {LABEL} "A" .', f'<open:self#p> {LABEL} "B" .'))
    assert graphs["a"] == {
        f'{SELF} {LABEL} "A" .',
        f'<{BASE}id/org/x#p> {LABEL} "B" .',
        f"<{BASE}id/record/a/1> {iri('rdf:type')} {iri('coop:Record')} .",
        f"<{BASE}id/record/a/1> {iri('foaf:primaryTopic')} {SELF} .",
        f"<{BASE}id/record/a/1> {iri('dcterms:isPartOf')} <{BASE}id/dataset/a> .",
        f'<{BASE}id/record/a/1> {iri("dcterms:identifier")} "1" .',
    }


def test_references_lead_to_organisations(rules: Rules) -> None:
    property_ = iri("org:organization")
    lines = [f"<open:self#m> {property_} <open:ref/b/{key}> ." for key in ("2", "3,4")]
    [graph] = [g for name, g in projected(rules, record(*lines)).items() if name == "a"]
    for name in "yz":
        assert f"<{BASE}id/org/x#m> {property_} <{BASE}id/org/{name}> ." in graph


def test_a_reference_to_nothing_is_no_way_to_go_on(rules: Rules) -> None:
    with pytest.raises(LookupError, match="b/9"):
        projected(rules, record(f"<open:self> {LABEL} <open:ref/b/9> ."))


def test_literals_that_look_open_stay_as_they_are(rules: Rules) -> None:
    line = f'<open:self> {LABEL} "\\u003Copen:self \\u003Copen:ref/b/9> \\\\u003Copen:" .'
    graph = projected(rules, record(line))["a"]
    assert f'{SELF} {LABEL} "<open:self <open:ref/b/9> \\\\u003Copen:" .' in graph
    values = [
        quad.object.value
        for quad in parse("\n".join(graph).encode(), format=RdfFormat.N_TRIPLES)
        if quad.predicate == LABEL
    ]
    assert values == ["<open:self <open:ref/b/9> \\u003Copen:"]


def test_the_merge_has_what_rules_add_from_all_sources_together(rules: Rules) -> None:
    kind = f"<open:self> {iri('coop:kind')} <{CODE}organisation-kind/credit-union> ."
    records = record(ORGANIZATION), record(kind, dataset="b")
    added = f"{SELF} {iri('rdf:type')} {iri('coop:CreditUnion')} ."
    graphs = projected(rules, *records)
    assert added in graphs[MERGE]
    assert added not in graphs["a"] | graphs["b"]
    assert graphs["a"] | graphs["b"] <= graphs[MERGE]
    alone = projected(rules, *records, merged="a")
    assert added not in alone[MERGE]
    assert not alone["b"] & alone[MERGE]
    assert MERGE not in projected(rules, *records, merged="")


def test_no_records_make_no_graphs(rules: Rules) -> None:
    assert projected(rules) == {}


# Towns ----------------------------------------------------------------------------------------

IN_KOELN = (
    f"<open:self> {iri('coop:country')} <{CODE}country/DE> .",
    f"<open:self> {iri('locn:address')} <open:self#address> .",
    f'<open:self#address> {iri("locn:postName")} "Köln" .',
)


def test_a_town_is_a_point_in_the_merge_and_in_no_source(rules: Rules, standard: Standard) -> None:
    graphs = projected(rules, record(*IN_KOELN), places=Places(standard))
    [line] = [line for line in graphs[MERGE] if str(iri("coop:precision")) in line]
    assert line.endswith(f"<{CODE}precision/locality> .")
    assert not any("#point-" in line for line in graphs["a"])


def test_the_point_of_any_source_wins_over_the_town(rules: Rules, standard: Standard) -> None:
    point = f"<open:self> {iri('geo:hasGeometry')} <open:self#p> ."
    other = record(point, dataset="b")
    places = Places(standard)
    graphs = projected(rules, record(*IN_KOELN), other, places=places)
    assert not any("#point-" in line for line in graphs[MERGE])
    graphs = projected(rules, record(*IN_KOELN), other, merged="a", places=places)
    assert any("#point-" in line for line in graphs[MERGE])
