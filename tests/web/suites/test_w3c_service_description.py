"""W3C's cases for the SPARQL 1.1 Service Description: all 3, which have nothing but titles.

What a description conforms to is the vocabulary of the specification: each property with the
class of its subjects and of its objects.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from coopgraph.namespaces import PREFIXES, catalogue_graph, iri
from coopgraph.rdf import TripleIndex
from tests.web.suites.conftest import ROOT, Public
from tests.web.suites.manifests import service_description_cases

pytestmark = pytest.mark.suites("sparql11")

CASES = service_description_cases()
SD = PREFIXES["sd"]
ENDPOINT = NamedNode(f"{ROOT}/sparql")
# Property → class of its subjects, class of its objects ("" where any resource may stand).
PROPERTIES = {
    "endpoint": ("Service", ""),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", ""),
    "defaultSupportedEntailmentProfile": ("Service", ""),
    "entailmentRegime": ("NamedGraph", ""),
    "supportedEntailmentProfile": ("NamedGraph", ""),
    "extensionFunction": ("Service", ""),
    "extensionAggregate": ("Service", ""),
    "languageExtension": ("Service", "Feature"),
    "propertyFeature": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", ""),
    "inputFormat": ("Service", ""),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
}
CLASSES = {
    "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime",
    "EntailmentProfile", "GraphCollection", "Dataset", "Graph", "NamedGraph",
}  # fmt: skip
INSTANCES = {
    "Language": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
    "Feature": {
        "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs",
        "BasicFederatedQuery",
    },
}  # fmt: skip
SUBCLASSES = {"GraphCollection": {"Dataset"}}


@pytest.fixture
def triples(public: Public) -> set[Triple]:
    """The service description in Turtle."""
    catalogue = catalogue_graph(f"{ROOT}/")
    client = public.showing([Quad(catalogue, iri("rdf:type"), iri("dcat:Catalog"), catalogue)])
    response = client.get("/sparql", headers={"Accept": "text/turtle"}, base_url=ROOT)
    assert response.status_code == 200
    assert response.mimetype == "text/turtle"
    return {quad.triple for quad in parse(response.data, format=RdfFormat.TURTLE)}


def returns_rdf(triples: set[Triple]) -> None:
    assert len(triples) > 10


def has_endpoint_triple(triples: set[Triple]) -> None:
    [found] = [triple for triple in triples if triple.predicate == iri("sd:endpoint")]
    assert found.object == ENDPOINT
    assert Triple(found.subject, iri("rdf:type"), iri("sd:Service")) in triples


def conforms_to_schema(triples: set[Triple]) -> None:
    index = TripleIndex(triples)
    used = [triple for triple in triples if triple.predicate.value.startswith(SD)]
    assert used
    for triple in used:
        domain, range_ = PROPERTIES[triple.predicate.value.removeprefix(SD)]
        assert is_of_class(index, triple.subject, domain), triple
        assert not isinstance(triple.object, Literal), triple
        assert not range_ or is_of_class(index, triple.object, range_), triple
    for triple in triples:
        if triple.predicate == iri("rdf:type") and triple.object.value.startswith(SD):  # type: ignore[union-attr]
            assert triple.object.value.removeprefix(SD) in CLASSES  # type: ignore[union-attr]


def is_of_class(index: TripleIndex, node: object, name: str) -> bool:
    """Whether a node is said to be of a class, or is one of those that the vocabulary has."""
    assert isinstance(node, NamedNode), node
    names = {name, *SUBCLASSES.get(name, ())}
    if any(NamedNode(SD + name) in index.objects(node, iri("rdf:type")) for name in names):
        return True
    return node.value.removeprefix(SD) in INSTANCES.get(name, ())


CHECKS: dict[str, Callable[[set[Triple]], None]] = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


def test_all_cases_are_there() -> None:
    assert len(CASES) == 3
    assert set(CASES) == set(CHECKS)


@pytest.mark.parametrize("name", CASES)
def test_the_public_service_describes_itself(triples: set[Triple], name: str) -> None:
    CHECKS[name](triples)
