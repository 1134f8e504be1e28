"""What is indexed of an organisation follows from its shapes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode

from coopgraph.namespaces import CODE, iri
from coopgraph.search import Reader
from coopgraph.search.entries import Role, role_of
from coopgraph.standard import Standard
from coopgraph.standard.columns import tops
from coopgraph.standard.model import Field, Kind

ME = NamedNode("https://w3id.org/coopgraph/id/org/me")
OTHER = NamedNode("https://w3id.org/coopgraph/id/org/other")


def line(subject: NamedNode, predicate: str, value: Literal | NamedNode) -> str:
    return f"{subject} {iri(predicate)} {value} ."


def inner(name: str) -> NamedNode:
    return NamedNode(f"{ME.value}#{name}")


LINES = [
    line(ME, "skos:prefLabel", Literal("Crumb & Co", language="en")),
    line(ME, "skos:prefLabel", Literal("Miette \u201cet\u201d Cie", language="fr")),
    line(ME, "skos:altLabel", Literal("The Crumb", language="en")),
    line(ME, "legal:legalName", Literal("CRUMB AND CO LIMITED")),
    line(ME, "dcterms:description", Literal('Bread,\nwith "crust".', language="en")),
    line(ME, "coop:kind", NamedNode(f"{CODE}organisation-kind/food-cooperative")),
    line(ME, "coop:country", NamedNode(f"{CODE}country/CH")),
    line(ME, "schema:telephone", Literal("+41 555 0100")),
    line(ME, "coop:sourceActivity", Literal("47.11")),
    line(ME, "locn:address", inner("address-1")),
    line(inner("address-1"), "locn:postName", Literal("Bern")),
    line(inner("address-1"), "locn:thoroughfare", Literal("1 Long Street")),
    line(ME, "org:hasSite", inner("site-1")),
    line(inner("site-1"), "org:siteAddress", inner("address-2")),
    line(inner("address-2"), "locn:postName", Literal("Thun")),
    line(ME, "schema:makesOffer", inner("offer-1")),
    line(inner("offer-1"), "schema:name", Literal("Rye loaves", language="en")),
    line(ME, "coop:unheardOf", Literal("nothing")),
    line(OTHER, "skos:prefLabel", Literal("Somebody else", language="en")),
]


def test_names_places_and_the_rest_are_told_apart(standard: Standard) -> None:
    entry = Reader(standard).entry(ME, LINES)
    assert entry is not None
    assert entry.iri == ME
    assert entry.names == ("CRUMB AND CO LIMITED", "Crumb & Co", "Miette “et” Cie", "The Crumb")
    assert {"Bern", "Thun", "Switzerland", "Suisse", "Suiza"} <= set(entry.places)
    assert {'Bread,\nwith "crust".', "Rye loaves", "Food co-operative"} <= set(entry.about)


def test_numbers_streets_and_codes_of_sources_are_not_indexed(standard: Standard) -> None:
    entry = Reader(standard).entry(ME, LINES)
    assert entry is not None
    texts = {*entry.names, *entry.places, *entry.about}
    assert not {"+41 555 0100", "47.11", "1 Long Street", "nothing", "Somebody else"} & texts


def test_the_order_of_lines_does_not_matter(standard: Standard) -> None:
    reader = Reader(standard)
    assert reader.entry(ME, LINES) == reader.entry(ME, reversed([*LINES, *LINES]))


def test_what_has_no_name_has_no_entry(standard: Standard) -> None:
    assert Reader(standard).entry(ME, []) is None
    names = ("prefLabel", "altLabel", "legalName")
    nameless = [item for item in LINES if not any(name in item for name in names)]
    assert 0 < len(nameless) < len(LINES)
    assert Reader(standard).entry(ME, nameless) is None


def fields(standard: Standard) -> dict[str, Field]:
    [organization] = [entity for entity in tops(standard) if any(f.table for f in entity.fields)]
    return {item.hxl: item for item in organization.fields}


@pytest.mark.parametrize(
    ("hxl", "kind", "is_inner", "role"),
    [
        ("#org+name", Kind.LANGUAGE_TEXT, False, Role.NAME),
        ("#org+name+former", Kind.TEXT, False, Role.NAME),
        ("#org+registrar+name", Kind.TEXT, True, None),
        ("#org+id", Kind.TEXT, False, None),
        ("#loc+name", Kind.TEXT, True, Role.PLACE),
        ("#loc+site+hours", Kind.TEXT, True, None),
        ("#adm2+name", Kind.TEXT, True, Role.PLACE),
        ("#country+code", Kind.CODE, False, Role.PLACE),
        ("#description", Kind.LANGUAGE_TEXT, False, Role.ABOUT),
        ("#item+name", Kind.LANGUAGE_TEXT, True, Role.ABOUT),
        ("#item+quantity", Kind.NUMBER, True, None),
        ("#org+type", Kind.CODE, False, Role.ABOUT),
        ("#org+basis", Kind.CODE, True, None),
        ("#date+start", Kind.DATE, False, None),
        ("", Kind.TEXT, False, None),
    ],
)
def test_the_hashtag_of_a_field_says_what_it_is(
    hxl: str, kind: Kind, is_inner: bool, role: Role | None, standard: Standard
) -> None:
    item = replace(fields(standard)["#org+name"], hxl=hxl, kind=kind)
    assert role_of(item, is_inner=is_inner) is role


def test_a_field_that_only_the_shapes_know_is_searched(standard: Standard) -> None:
    """A new name needs no line of code."""
    [shape, entity] = next(
        (shape, entity)
        for shape, entity in standard.entity_types.items()
        if entity in tops(standard) and any(f.table for f in entity.fields)
    )
    former = replace(
        fields(standard)["#org+name"], path=iri("coop:formerName"), hxl="#org+name+former"
    )
    wider = replace(entity, fields=(*entity.fields, former))
    grown = replace(standard, entity_types={**standard.entity_types, shape: wider})
    known = [*LINES, line(ME, "coop:formerName", Literal("Old Crust", language="en"))]
    entries = [Reader(each).entry(ME, known) for each in (standard, grown)]
    assert ["Old Crust" in entry.names for entry in entries if entry] == [False, True]
