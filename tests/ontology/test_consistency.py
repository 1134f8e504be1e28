"""The ontology is consistent, derives what it promises and no more, by OWL 2 RL (owlrl).

In: terms, axioms and alignments with a small sample of data. Out: the closure. Where a rule of
OWL 2 RL yields false, owlrl does not raise: it adds a node of type ErrorMessage that says why.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics  # type: ignore[import-untyped]
from owlrl.Namespaces import ERRNS  # type: ignore[import-untyped]
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef

HERE = Path(__file__).parent
ONTOLOGY = HERE.parents[1] / "ontology"
FILES = [*sorted(ONTOLOGY.glob("*.ttl")), *sorted((ONTOLOGY / "alignments").glob("*.ttl"))]

BMT = Namespace("http://purl.org/essglobal/standard/base-membership-type/")
COOP = Namespace("https://w3id.org/coopgraph/ns#")
ESSGLOBAL = Namespace("http://purl.org/essglobal/vocab/")
EX = Namespace("https://example.org/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
KIND = Namespace("https://w3id.org/coopgraph/code/organisation-kind/")
ORG = Namespace("http://www.w3.org/ns/org#")
PROV = Namespace("http://www.w3.org/ns/prov#")
SCHEMA = Namespace("http://schema.org/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
VF = Namespace("https://w3id.org/valueflows/ont/vf#")

ORGANIZATION = {
    COOP.Organization,
    ORG.Organization,
    SCHEMA.Organization,
    FOAF.Organization,
    VF.Organization,
    PROV.Organization,
    VCARD.Organization,
}
COOPERATIVE = ORGANIZATION | {COOP.Cooperative, ESSGLOBAL.SSEInitiative}

TYPES = {
    EX.bakery: COOPERATIVE | {COOP.FoodCooperative, COOP.WorkerCooperative},
    EX.savings: COOPERATIVE | {COOP.CreditUnion, COOP.ConsumerCooperative},
    EX.wholesaler: COOPERATIVE | {COOP.PurchasingCooperative, COOP.SecondaryCooperative},
    EX.insurer: ORGANIZATION | {COOP.MutualOrganization, ESSGLOBAL.SSEInitiative},
    EX.adviser: ORGANIZATION | {COOP.SupportOrganization},
    EX.union: ORGANIZATION
    | {COOP.SupportOrganization, COOP.Federation, COOP.ApexBody, ESSGLOBAL.Network},
}


def ontology() -> Graph:
    graph = Graph()
    for path in FILES:
        graph.parse(path)
    return graph


def close(graph: Graph) -> Graph:
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    return graph


def errors(graph: Graph) -> list[str]:
    """What owlrl found false."""
    nodes = graph.subjects(RDF.type, ERRNS.ErrorMessage)
    return [str(message) for node in nodes for message in graph.objects(node, ERRNS.error)]


def named_types(graph: Graph, subject: URIRef) -> set[URIRef]:
    """Its classes with names, but for those that hold of everything."""
    found = {o for o in graph.objects(subject, RDF.type) if isinstance(o, URIRef)}
    return found - {OWL.Thing, RDFS.Resource}


@pytest.fixture(scope="module")
def closed_sample() -> Graph:
    return close(ontology().parse(HERE / "sample.ttl"))


def test_terms_axioms_and_alignments_are_found() -> None:
    assert {path.name for path in FILES} >= {"coop.ttl", "axioms.ttl", "org.ttl", "schema.ttl"}


def test_sample_is_consistent(closed_sample: Graph) -> None:
    assert errors(closed_sample) == []


def test_planted_clash_is_found() -> None:
    graph = close(ontology().parse(HERE / "clash.ttl"))
    assert any(str(EX.confused) in message for message in errors(graph))


def test_every_class_can_have_a_member() -> None:
    graph = ontology()
    classes = [c for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)]
    assert COOP.CreditUnion in classes
    for number, name in enumerate(classes):
        graph.add((EX[f"member-{number}"], RDF.type, name))
    assert errors(close(graph)) == []


@pytest.mark.parametrize("subject", TYPES, ids=str)
def test_classes_are_derived_and_no_others(closed_sample: Graph, subject: URIRef) -> None:
    assert named_types(closed_sample, subject) == TYPES[subject]


def test_general_kind_is_not_inferred_from_a_narrower_one(closed_sample: Graph) -> None:
    assert set(closed_sample.objects(EX.savings, COOP.kind)) == {KIND["credit-union"]}


def test_membership_node_gives_the_direct_link_both_ways(closed_sample: Graph) -> None:
    assert (EX.bakery, ORG.memberOf, EX.union) in closed_sample
    assert (EX.union, ORG.hasMember, EX.bakery) in closed_sample


def test_event_is_one_of_every_organisation_that_it_names(closed_sample: Graph) -> None:
    assert (EX["bakery-merger"], ORG.resultingOrganization, EX.bakery) in closed_sample
    assert (EX.crumb, ORG.changedBy, EX["bakery-merger"]) in closed_sample
    assert (EX.crust, ORG.changedBy, EX["bakery-merger"]) in closed_sample
    assert (EX.bakery, ORG.changedBy, EX["bakery-merger"]) not in closed_sample


def test_membership_type_answers_in_terms_of_essglobal(closed_sample: Graph) -> None:
    values = set(closed_sample.objects(EX.bakery, ESSGLOBAL.baseMembershipType))
    assert values == {BMT.BMT30}
    assert not set(closed_sample.objects(EX.insurer, ESSGLOBAL.baseMembershipType))
