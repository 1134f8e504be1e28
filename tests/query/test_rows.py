"""Stored queries give one row for one thing, however much is said about it.

Two sources speak about the same two organisations, each in two languages, with kinds, homepages,
places, dates, points and figures of its own; a third organisation has hardly anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from coopgraph import resources
from coopgraph.namespaces import (
    CODE,
    DOCUMENT_PREFIXES,
    STANDARD,
    dataset_graph,
    dataset_iri,
    iri,
    organization_iri,
)
from coopgraph.query import StoredQuery, prepare, read_queries, run
from coopgraph.search import Index
from coopgraph.settings import Settings
from coopgraph.standard import Standard

QUERIES = read_queries(resources.QUERIES)
SETTINGS = Settings()
OPEN, CLOSED, BARE = (
    organization_iri(STANDARD, name) for name in ("zx73q7nn6v-sm", "4vkgmgbt4t-tw", "ncvd9an9qa-t0")
)
FEDERATION = organization_iri(STANDARD, "bma7esfr6b-09")
VALUES = {
    "activity": "10", "area": "-73,41,-71,43", "category": "10", "country": "US",
    "day": "2026-11-22", "gtin": "4006381333931", "measure": "members", "near": "42,-72",
    "number": "07", "organization": OPEN.value, "principle": "concern-for-community",
    "region": "US-MA", "since": "1900", "town": "SAMPLEFORD", "words": "any", "year": "2022",
}  # fmt: skip
# Which columns tell rows apart, where the first does not do it alone.
KEYS: dict[str, tuple[str, ...]] = {
    "apex-bodies": ("country", "organisation"),
    "energy-offers-in-country": ("organisation", "offer"),
    "evidence-of-claims": ("organization", "evidence"),
    "exact-points-in-country": ("organisation", "point"),
    "growth-of-largest-cooperatives": ("organisation", "year"),
    "needs-in-category": ("organisation", "need"),
    "needs-met-by-organisation": ("organisation", "need"),
    "offers-in-category": ("organisation", "offer"),
    "organisations-at-one-address": ("street", "postalCode", "organisation"),
    "organisations-by-words": ("organisation",),
    "organisations-by-words-near": ("organisation",),
    "suppliers-near": ("organisation", "offer"),
}
THINGS = ("organisation", "member", "federation", "holder", "site")
LISTS = [
    name
    for name, query in QUERIES.items()
    if name in KEYS or (query.returns.split(",")[0] in THINGS and name != "disagreements")
]
CLASSES = sorted(
    {found for query in QUERIES.values() for found in re.findall(r"\ba coop:(\w+)", query.text)}
    - {"LabelGrant", "Need", "Offer", "PrincipleAssertion", "Registration"}
)
ABOUT = """
<{o}> a {classes} ;
  skos:prefLabel "Name {n}"@en, "Nom {n}"@fr ;
  coop:kind kind:cooperative, kind:{kind} ;
  coop:country country:US, country:{country} ; coop:region subdivision:US-MA, subdivision:{region} ;
  locn:address <{o}#address-{n}> ; foaf:homepage <https://x{n}.example/> ;
  schema:foundingDate {founded} ; coop:membershipType <{code}membership-type/worker> ;
  coop:activity activity:10, activity:47 ;
  org:hasMembership <{o}#membership-{n}> ; org:memberOf <{federation}> ;
  org:hasSite <{o}#site> ; schema:makesOffer <{o}#offer> ; schema:seeks <{o}#need> ;
  coop:identityClaim <{o}#claim> ; schema:hasCertification <{o}#label> ;
  coop:principleAssertion <{o}#principle> ; coop:product <{o}#product> ;
  adms:identifier <{o}#registration> ; org:changedBy <{o}#change> ;
  coop:observation <{o}#observation> .
<{o}#address-{n}> locn:postName "Sampleford" ; locn:thoroughfare "1 Road" ; locn:postCode "0{n}" .
<{o}#address-0> locn:postName "Sampleford" ; locn:thoroughfare "1 Road" ; locn:postCode "00" .
<{o}> locn:address <{o}#address-0> .
<{o}#membership-{n}> org:organization <{federation}> .
<{federation}> skos:prefLabel "Federation {n}"@en .
<{o}#site> skos:prefLabel "Shop {n}"@en ; coop:openingHours "Mo" ; org:siteAddress <{o}#address-{n}> .
<{o}#offer> a coop:Offer ; coop:productCategory activity:10, activity:35 ;
  schema:areaServed country:US ; schema:name "Offer {n}"@en .
<{o}#need> a coop:Need ; coop:productCategory activity:10, activity:35 ;
  schema:name "Need {n}"@en ; schema:validThrough "203{n}"^^xsd:gYear .
<{o}#claim> coop:basis <{code}identity-basis/own-declaration> ;
  coop:evidence <https://x{n}.example/about> .
<{o}#label> a coop:LabelGrant ; skos:prefLabel "Label {n}"@en ; schema:validFrom "200{n}"^^xsd:gYear .
<{o}#principle> a coop:PrincipleAssertion ; coop:principle <{code}principle/concern-for-community> ;
  dcterms:description "Words {n}"@en ; coop:evidence <https://x{n}.example/p> .
<{o}#product> schema:gtin "4006381333931" ; schema:name "Product {n}"@en .
<{o}#registration> a coop:Registration ; skos:notation "07" ;
  coop:scheme <{code}registration-scheme/GB-COH> ; dcterms:issued "200{n}"^^xsd:gYear .
<{o}#change> coop:changeKind <{code}change-kind/demutualisation> ;
  dcterms:date "201{n}"^^xsd:gYear ; dcterms:description "Change {n}"@en .
<{o}#observation> coop:measure <{code}measure/members>, <{code}measure/turnover> ;
  sdmx-dim:refPeriod "2022"^^xsd:gYear ; sdmx-mea:obsValue {figure} ; sdmx-att:currency "EUR" .
"""
POINT = """
<{o}> geo:hasGeometry <{o}#point-{n}> .
<{o}#point-{n}> geo:asWKT "POINT(-72.{n} 42)"^^geo:wktLiteral ;
  wgs:lat 42.0 ; wgs:long -72.{n} ; coop:precision <{code}precision/address> .
"""
SOURCE = """
<{dataset}> a dcat:Dataset ; coop:graph <{graph}> ; dcterms:title "Source {n}" ;
  dcterms:modified "2026-01-0{n}T00:00:00Z"^^xsd:dateTime .
"""
MORE = {"wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#"} | {
    name: f"{CODE}{slug}/"
    for name, slug in (
        ("kind", "organisation-kind"),
        ("country", "country"),
        ("subdivision", "subdivision"),
        ("activity", "activity"),
        ("status", "status"),
    )
}


SOURCES = (
    {
        "kind": "food-cooperative",
        "country": "US",
        "region": "US-MA",
        "founded": '"1921"^^xsd:gYear',
        "closed": '"2011"^^xsd:gYear',
        "figure": 10,
    },
    {
        "kind": "retail-cooperative",
        "country": "CA",
        "region": "US-VT",
        "founded": '"1934-05-06"^^xsd:date',
        "closed": '"2019"^^xsd:gYear',
        "figure": 12,
    },
)


class Hits:
    """A text index that finds both organisations whatever the words."""

    def search(self, words: str, most: int) -> Sequence[NamedNode]:
        """The IRIs of what is found, best first."""
        return [OPEN, CLOSED]


@pytest.fixture(scope="module")
def store(standard: Standard) -> Store:
    """Both sources in graphs of their own, their merge and the code lists in the default graph."""
    store = Store()
    for n, said in enumerate(SOURCES, 1):
        closed = said["closed"]
        text = "".join(about(thing, n=n, **said) for thing in (OPEN, CLOSED))
        text += POINT.format(o=OPEN.value, n=n, code=CODE)
        text += f"<{OPEN.value}> coop:status status:active .\n"
        text += f"<{CLOSED.value}> schema:dissolutionDate {closed} .\n"
        text += (
            f"<{BARE.value}> a coop:Organization, coop:Cooperative ; coop:kind kind:cooperative ;"
        )
        text += ' skos:prefLabel "Bare"@en .\n'
        graph = dataset_graph(STANDARD, f"source-{n}")
        put(store, text, graph)
        dataset = dataset_iri(STANDARD, f"source-{n}").value
        put(store, SOURCE.format(dataset=dataset, graph=graph.value, n=n), None)
    for triples in standard.codes.values():
        store.extend(Quad(*triple) for triple in triples)
    return store


def about(thing: NamedNode, **said: object) -> str:
    """What a source says about one of the two organisations."""
    classes = ", ".join(f"coop:{name}" for name in CLASSES)
    return ABOUT.format(
        o=thing.value, classes=classes, code=CODE, federation=FEDERATION.value, **said
    )


def put(store: Store, text: str, graph: NamedNode | None) -> None:
    """Add triples to a graph and to the merge."""
    names = {**DOCUMENT_PREFIXES, **MORE}
    head = "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in names.items())
    for quad in parse(head + text, format=RdfFormat.TURTLE):
        store.add(Quad(*quad.triple))
        if graph is not None:
            store.add(Quad(*quad.triple, graph))


def rows(store: Store, query: StoredQuery, **values: str) -> list[dict[str, str]]:
    """What a query answers: its columns by name, without those that are unbound."""
    index = cast(Index, Hits())
    text = query.bound(values, STANDARD)
    answer = run(prepare(text, SETTINGS), store, SETTINGS.merge_triples, index)
    assert isinstance(answer, QuerySolutions)
    columns = [variable.value for variable in answer.variables]
    return [
        {c: cast(Any, term).value for c, term in zip(columns, row, strict=True) if term is not None}
        for row in map(tuple, answer)
    ]


def needed(query: StoredQuery) -> dict[str, str]:
    """Values for what a query has to be given."""
    kinds = {"change-kind": "demutualisation", "organisation-kind": "cooperative"}
    values = dict(VALUES)
    if query.returns.startswith("member"):
        values["organization"] = FEDERATION.value
    return {
        p.name: kinds.get(p.code_list) or values[p.name] for p in query.parameters if p.is_required
    }


def test_the_lists_are_found() -> None:
    assert len(LISTS) >= 50
    assert KEYS.keys() <= set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_one_row_for_each_thing(store: Store, name: str) -> None:
    query = QUERIES[name]
    found = rows(store, query, **needed(query))
    columns = KEYS.get(name, (query.returns.split(",")[0],))
    keys = [tuple(row[column] for column in columns) for row in found]
    assert keys, "the sources hold something for each list"
    assert sorted(keys) == sorted(set(keys))


def test_a_figure_that_two_sources_state_counts_once(store: Store) -> None:
    [year] = rows(store, QUERIES["figures-by-year"])
    assert (year["organisations"], year["total"]) == ("2", "24")
    found = rows(store, QUERIES["figures-in-year"], year="2022")
    assert [row["value"] for row in found] == ["12", "12"]
    grown = rows(store, QUERIES["growth-of-largest-cooperatives"])
    assert [row["members"] for row in grown] == ["12", "12"]


def test_the_currency_of_a_source_goes_with_its_own_figure() -> None:
    store = Store()
    for n, currency in enumerate(("EUR", "USD"), 1):
        node = f"<{OPEN.value}#observation>"
        text = (
            f"<{OPEN.value}> a coop:Cooperative ; coop:observation {node} ; coop:country country:US ."
            f' {node} coop:measure <{CODE}measure/turnover> ; coop:periodEnd "2022-12-31" ;'
            f' sdmx-dim:refPeriod "2022"^^xsd:gYear ; sdmx-mea:obsValue {n}00 ;'
            f' sdmx-att:currency "{currency}" .'
        )
        put(store, text, dataset_graph(STANDARD, f"source-{n}"))
    found = rows(store, QUERIES["figures-by-year"], measure="turnover")
    assert {(row["currency"], row["total"]) for row in found} == {("EUR", "100"), ("USD", "200")}
    accounts = rows(store, QUERIES["accounts-of-organisation"], organization=OPEN.value)
    assert sorted(row["value"] for row in accounts) == ["100", "200"]


def test_an_organisation_is_counted_in_one_year_or_decade(store: Store) -> None:
    counts = {
        name: {row[column]: row["organisations"] for row in rows(store, QUERIES[name])}
        for name, column in (("founded-by-decade", "decade"), ("closed-by-year", "year"))
    }
    assert counts == {"founded-by-decade": {"1920": "2"}, "closed-by-year": {"2019": "1"}}


def test_what_has_no_country_counts_where_none_is_asked_for(store: Store) -> None:
    for values, count in ({}, "3"), ({"country": "US"}, "2"):
        found = rows(store, QUERIES["organisations-by-kind"], **values)
        kinds = {row["kindName"]: row["organisations"] for row in found}
        assert kinds["Co-operative"] == count


def test_what_has_no_status_is_not_passed_over(store: Store) -> None:
    statuses = rows(store, QUERIES["organisations-by-status"])
    assert {row["statusName"]: row["organisations"] for row in statuses} == {
        "Active": "1",
        "Not stated": "2",
    }
    oldest = {row["organisation"] for row in rows(store, QUERIES["oldest-cooperatives"])}
    assert oldest == {OPEN.value}
    [state] = [
        row
        for row in rows(store, QUERIES["active-cooperatives-by-country"])
        if row["countryName"] == "United States"
    ]
    assert (state["statedActive"], state["cooperatives"]) == ("1", "1")
    bare = Quad(BARE, iri("coop:country"), NamedNode(f"{CODE}country/US"))
    store.add(bare)
    found = rows(store, QUERIES["active-cooperatives-in-country"], country="US")
    store.remove(bare)
    assert {row["organisation"]: row.get("statusName") for row in found} == {
        OPEN.value: "Active",
        BARE.value: None,
    }


def test_the_nearest_point_of_an_organisation_counts(store: Store) -> None:
    [near] = rows(store, QUERIES["organisations-near"], near="42,-72.1")
    assert (near["distanceKm"], near["point"]) == ("0", "POINT(-72.1 42)")


def test_a_dataset_without_a_frequency_stands_in_one_row(store: Store) -> None:
    found = rows(store, QUERIES["freshness-of-datasets"])
    assert [row["title"] for row in found] == ["Source 1", "Source 2"]
    assert not [row for row in found if "frequency" in row or "isLate" in row]


def test_a_dataset_that_changes_all_the_time_can_be_late(store: Store) -> None:
    frequency = NamedNode("http://publications.europa.eu/resource/authority/frequency/CONT")
    said = Quad(dataset_iri(STANDARD, "source-1"), iri("dcterms:accrualPeriodicity"), frequency)
    store.add(said)
    found = rows(store, QUERIES["freshness-of-datasets"], day="2026-02-01")
    store.remove(said)
    assert [row.get("isLate") for row in found] == ["true", None]


def test_a_town_is_found_in_capitals_or_not(store: Store) -> None:
    for town in ("sampleford", "Sampleford", "SAMPLEFORD"):
        found = rows(store, QUERIES["organisations-in-town"], town=town)
        assert {row["organisation"] for row in found} == {OPEN.value, CLOSED.value}
