"""After reasoning, the same organisations answer a query in each of the aligned vocabularies.

In: the published sample, where the rules of :mod:`coopgraph.reasoning` have been at work, and a
few made-up organisations with and without an entry in a register. Out: for one query in the terms
of each vocabulary alone, exactly the organisations that it should give.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, QuerySolutions, RdfFormat, Store, parse

from coopgraph.namespaces import iri
from coopgraph.rdf import sorted_lines
from coopgraph.reasoning import compile_rules
from coopgraph.standard import Standard
from coopgraph.store import Snapshots

PREFIXES = """
    PREFIX bmt: <http://purl.org/essglobal/standard/base-membership-type/>
    PREFIX dcat: <http://www.w3.org/ns/dcat#>
    PREFIX dcterms: <http://purl.org/dc/terms/>
    PREFIX essglobal: <http://purl.org/essglobal/vocab/>
    PREFIX foaf: <http://xmlns.com/foaf/0.1/>
    PREFIX legal: <http://www.w3.org/ns/legal#>
    PREFIX locn: <http://www.w3.org/ns/locn#>
    PREFIX org: <http://www.w3.org/ns/org#>
    PREFIX oss: <http://purl.org/essglobal/standard/organisational-structure/>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX schema: <http://schema.org/>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX vcard: <http://www.w3.org/2006/vcard/ns#>
    PREFIX vf: <https://w3id.org/valueflows/ont/vf#>
"""

EVERYONE = {f"F{number:02}" for number in range(1, 13)} | {f"N{number}" for number in range(1, 7)}
WORKERS = {"F02", "F04", "F08", "N2", "N5", "N6"}
MEMBERS = {"F02", "F03", "F04", "F06", "F07", "F10", "F11", "N1", "N2", "N3", "N5"}

QUERIES = {
    "org, by name": ("?o a org:Organization ; skos:prefLabel ?name", EVERYONE),
    "org, members": ("?o a org:Organization ; org:memberOf/a org:Organization", MEMBERS),
    "schema.org, by name and place": (
        "?o a schema:Organization ; schema:name ?name ; schema:url ?page ;"
        " schema:address/schema:addressLocality ?town",
        EVERYONE,
    ),
    "schema.org, members": ("?o schema:memberOf/schema:name ?federation", MEMBERS),
    "schema.org, by postal code": (
        "?o a schema:Organization ; schema:address/schema:postalCode '01060'",
        {"F02", "F03", "N4"},
    ),
    "schema.org, by legal name": ("?o schema:legalName 'AURORE SCOP'", {"N2"}),
    "schema.org, by address of a shop": (
        "?o org:hasSite/schema:address/schema:streetAddress '33 Groove Street'",
        {"F09"},
    ),
    "FOAF": ("?o a foaf:Organization ; foaf:name ?name ; foaf:homepage ?page", EVERYONE),
    "vCard": ("?o a vcard:Organization ; vcard:fn ?name", EVERYONE),
    "LOCN": ("?o locn:address [ a locn:Address ; locn:postName ?town ]", EVERYONE),
    "ValueFlows": ("?o a vf:Organization", EVERYONE),
    "PROV and DCAT": (
        "?o a prov:Organization . ?record a prov:Entity ; foaf:primaryTopic ?o ;"
        " dcterms:isPartOf ?dataset . ?dataset a dcat:Dataset",
        EVERYONE,
    ),
    "ESSGLOBAL, initiatives and networks": (
        "{ ?o a essglobal:SSEInitiative } UNION { ?o a essglobal:Network }",
        EVERYONE,
    ),
    "ESSGLOBAL, networks": ("?o a essglobal:Network", {"F01", "N1"}),
    "ESSGLOBAL, by members": (
        "?o a essglobal:SSEInitiative ; essglobal:baseMembershipType bmt:BMT30",
        WORKERS,
    ),
    "ESSGLOBAL, members of another sort": ("?o essglobal:baseMembershipType bmt:BMT60", {"N4"}),
    "ESSGLOBAL, by structure": ("?o essglobal:organisationalStructure oss:OS60", WORKERS),
    "ValueFlows, proposals": (
        "?o schema:makesOffer ?proposal . ?proposal a vf:Proposal",
        {"F02", "F04", "F08"},
    ),
    "Core Business, nobody is registered": ("?o a legal:LegalEntity", set()),
}

REGISTERED = """
    @prefix adms: <http://www.w3.org/ns/adms#> .
    @prefix coop: <https://w3id.org/coopgraph/ns#> .
    @prefix form: <https://w3id.org/coopgraph/code/legal-form/> .
    @prefix org: <http://www.w3.org/ns/org#> .
    @prefix register: <https://w3id.org/coopgraph/code/registration-scheme/> .
    @prefix rov: <http://www.w3.org/ns/regorg#> .
    @base <https://example.org/> .

    <society> a coop:Organization ; adms:identifier <society#number> .
    <society#number> a coop:Registration ; coop:scheme register:GB-MPR .
    <union> a coop:Organization ; adms:identifier <union#charter> .
    <union#charter> a coop:Registration ; coop:scheme register:US-NCUA .
    <genossenschaft> a coop:Organization ; org:classification form:AZFE .
    <club> a coop:Organization ; adms:identifier <club#domain>, <club#item> .
    <club#domain> a coop:Registration ; coop:scheme register:COOP-DOMAIN .
    <club#item> a coop:Registration ; coop:scheme register:WIKIDATA .
    <old> a rov:RegisteredOrganization ; rov:legalName "OLD LIMITED" .
"""


def answer(store: Store, pattern: str) -> set[str]:
    """Local names of the IRIs that a pattern finds for ?o."""
    found = store.query(f"{PREFIXES} SELECT DISTINCT ?o WHERE {{ {pattern} }}")
    assert isinstance(found, QuerySolutions)
    return {str(solution["o"]).strip("<>") for solution in found}


@pytest.fixture(scope="module")
def published(published_sample: Path) -> Store:
    return Snapshots(published_sample).current().store


@pytest.fixture(scope="module")
def keys(published: Store) -> dict[str, str]:
    """The key of each organisation's record, by the organisation's IRI."""
    topics = published.quads_for_pattern(None, iri("foaf:primaryTopic"), None, DefaultGraph())
    records = [
        topic
        for topic in topics  # descriptions of datasets have a topic as well
        if Quad(topic.subject, iri("rdf:type"), iri("coop:Record"), DefaultGraph()) in published
    ]
    return {
        record.object.value: next(
            quad.object.value
            for quad in published.quads_for_pattern(
                record.subject, iri("dcterms:identifier"), None, DefaultGraph()
            )
        )
        for record in records
        if ":" not in record.subject.value.rpartition("/")[2]  # those of child tables
    }


@pytest.fixture(scope="module")
def registered(standard: Standard) -> Store:
    """The made-up organisations with what the rules add to them."""
    given = [quad.triple for quad in parse(REGISTERED, format=RdfFormat.TURTLE)]
    inferred = compile_rules(standard.ontology).infer(sorted_lines(given))
    store = Store()
    store.extend(Quad(*triple) for triple in given)
    store.load("\n".join(inferred).encode(), format=RdfFormat.N_TRIPLES)
    return store


def test_the_sample_holds_everyone(keys: dict[str, str]) -> None:
    assert set(keys.values()) == EVERYONE


@pytest.mark.parametrize(("pattern", "expected"), QUERIES.values(), ids=QUERIES)
def test_the_same_organisations_answer_in_each_vocabulary(
    published: Store, keys: dict[str, str], pattern: str, expected: set[str]
) -> None:
    assert {keys[name] for name in answer(published, pattern)} == expected


@pytest.mark.parametrize("formal", ["legal:LegalEntity", "org:FormalOrganization"])
def test_a_legal_form_or_a_register_of_legal_entities_makes_one(
    registered: Store, formal: str
) -> None:
    found = answer(registered, f"?o a org:Organization, {formal}")
    names = {name.rpartition("/")[2] for name in found}
    assert names == {"society", "union", "genossenschaft"}


def test_the_old_name_of_core_business_is_read_as_the_new_one(registered: Store) -> None:
    pattern = "?o a legal:LegalEntity ; legal:legalName 'OLD LIMITED'"
    assert answer(registered, pattern) == {"https://example.org/old"}
