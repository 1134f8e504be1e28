"""Rows → records: nodes and their names, lists, languages, references, and what is reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from coopgraph import resources
from coopgraph.errors import DescriptorError, InputError
from coopgraph.namespaces import CODE, iri
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, parse_descriptor, read_descriptor
from coopgraph.tables.mapping import Mapper, compile_table
from coopgraph.tables.reading import Row
from coopgraph.tables.records import OPEN_SELF, Finding, Record
from tests.tables.conftest import ABOUT

MAIN = {"file": "o.csv", "key": "id"}
TYPE = iri("rdf:type")

Map = Callable[..., Record]


def descriptor_of(standard: Standard, tables: dict[str, Any], **about: Any) -> Descriptor:
    text = yaml.safe_dump({**ABOUT, **about, "tables": tables}, sort_keys=False)
    return parse_descriptor(text, Path("list"), standard)


def mapper_of(descriptor: Descriptor, header: Sequence[str], standard: Standard) -> Mapper:
    return compile_table(descriptor, descriptor.tables[-1], standard, header, "o.csv")


@pytest.fixture(scope="module")
def mapped(standard: Standard) -> Map:
    """``mapped({"id": "1", "name": "A"})`` → its record; the table follows the template."""

    def map_row(
        row: dict[str, str], main: dict[str, Any] = MAIN, child: dict[str, Any] | None = None,
        **about: Any,
    ) -> Record:  # fmt: skip
        tables = {"organisations": main, **({"parts": child} if child else {})}
        mapper = mapper_of(descriptor_of(standard, tables, **about), list(row), standard)
        return mapper.record(Row(2, tuple(row.values())))

    return map_row


def values(record: Record, path: str, subject: NamedNode = OPEN_SELF) -> list[str]:
    return [
        t.object.value
        for t in record.triples
        if t.subject == subject
        and t.predicate == iri(path)
        and isinstance(t.object, NamedNode | Literal)
    ]


def node(record: Record, path: str) -> NamedNode:
    [name] = values(record, path)
    return NamedNode(name)


def messages(record: Record) -> list[str]:
    return [finding.message for finding in record.findings]


def assert_sound(record: Record) -> None:
    assert record.findings == ()


# Fields ---------------------------------------------------------------------------------------


def test_a_row_of_the_template_becomes_triples(mapped: Map) -> None:
    record = mapped({"id": "1", "name": "Tableflip", "kind": "food-cooperative", "founded": "1998"})
    assert set(record.triples) == {
        Triple(OPEN_SELF, TYPE, iri("coop:Organization")),
        Triple(OPEN_SELF, iri("skos:prefLabel"), Literal("Tableflip", language="en")),
        Triple(OPEN_SELF, iri("coop:kind"), NamedNode(f"{CODE}organisation-kind/food-cooperative")),
        Triple(OPEN_SELF, iri("schema:foundingDate"), Literal("1998", datatype=iri("xsd:gYear"))),
    }
    assert (record.table, record.key, record.parent, record.number) == ("organisations", "1", "", 2)
    assert_sound(record)


def test_blank_cells_say_nothing(mapped: Map) -> None:
    record = mapped({"id": "1", "name": "A", "street": " ", "founded": "", "latitude": "\u00a0"})
    assert len(record.triples) == 2


@pytest.mark.parametrize("country", ["DE", "Deutschland", "Allemagne"])
def test_names_of_places_are_read_in_any_language_and_within_their_country(
    mapped: Map, country: str
) -> None:
    row = {"id": "1", "name": "A", "kind": "mutual", "region": "Bavière", "country": country}
    record = mapped(row)
    assert_sound(record)
    assert values(record, "coop:country") == [f"{CODE}country/DE"]
    assert values(record, "coop:region") == [f"{CODE}subdivision/DE-BY"]


def test_a_region_is_not_taken_from_another_country_that_has_a_namesake(mapped: Map) -> None:
    row = {"id": "1", "name": "A", "kind": "mutual", "region": "Punjab", "country": "PK"}
    [finding] = mapped(row).findings
    assert (finding.kind, finding.column) == ("code", "region")


def test_lists_are_split_in_the_template(mapped: Map) -> None:
    record = mapped({"id": "1", "alternate_name": "The Flip; Tableflip;", "activity": "10;47"})
    assert values(record, "skos:altLabel") == ["The Flip", "Tableflip"]
    assert values(record, "coop:activity") == [f"{CODE}activity/10", f"{CODE}activity/47"]


def test_a_name_is_not_a_list(mapped: Map) -> None:
    assert values(mapped({"id": "1", "name": "Bread; Butter"}), "skos:prefLabel") == [
        "Bread; Butter"
    ]


def test_columns_may_have_a_language_and_a_number(mapped: Map) -> None:
    row = {"id": "1", "name": "A", "name@fr": "B", "kind": "mutual", "kind_2": "federation"}
    record = mapped(row)
    labels = {t.object for t in record.triples if t.predicate == iri("skos:prefLabel")}
    assert labels == {Literal("A", language="en"), Literal("B", language="fr")}
    assert len(values(record, "coop:kind")) == 2


def test_texts_are_in_the_language_of_the_dataset_or_of_the_row(mapped: Map) -> None:
    main = {**MAIN, "language_column": "tongue"}
    for tongue, expected in (("de", "de"), ("", "fr")):
        record = mapped({"id": "1", "name": "A", "tongue": tongue}, main, language="fr")
        assert (
            Triple(OPEN_SELF, iri("skos:prefLabel"), Literal("A", language=expected))
            in record.triples
        )


def test_a_language_that_is_none_is_a_finding(mapped: Map) -> None:
    main = {**MAIN, "language_column": "tongue"}
    record = mapped({"id": "1", "name": "A", "tongue": "German (Swiss)"}, main)
    assert "“German (Swiss)” is no language tag" in messages(record)[0]


def test_a_key_column_of_the_standard_is_used_as_well(mapped: Map) -> None:
    child = {"file": "f.csv", "entity": "Observation", "key": ["id", "year"], "parent": "id"}
    record = mapped({"id": "1", "year": "2020", "measure": "members", "value": "5"}, child=child)
    assert values(record, "sdmx-dim:refPeriod", node(record, "coop:observation")) == ["2020"]
    assert record.key == "parts:1,2020"


# Inner nodes ----------------------------------------------------------------------------------


def test_an_address_is_a_node_named_by_its_content(mapped: Map) -> None:
    row = {"id": "1", "name": "A", "street": "1 High St", "locality": "Exampleton"}
    one = mapped(row)
    two = mapped({**row, "id": "2", "name": "B"})
    other = mapped({**row, "street": "2 High St"})
    names = [node(record, "locn:address").value for record in (one, two, other)]
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("open:self#address-")
    address = NamedNode(names[0])
    assert values(one, "rdf:type", address) == [iri("locn:Address").value]
    assert values(one, "locn:thoroughfare", address) == ["1 High St"]


def test_an_address_does_not_depend_on_the_order_of_columns(mapped: Map) -> None:
    row = {"id": "1", "street": "1 High St", "locality": "Exampleton", "postal_code": "01060"}
    turned = dict(reversed(row.items()))
    assert node(mapped(row), "locn:address") == node(mapped(turned), "locn:address")


def test_two_datasets_name_equal_addresses_alike(mapped: Map) -> None:
    row = {"id": "1", "street": "1 High St"}
    assert node(mapped(row, name="one"), "locn:address") == node(
        mapped(row, name="two"), "locn:address"
    )


def test_parts_of_an_address_do_not_run_together(mapped: Map) -> None:
    one = mapped({"id": "1", "street": "1", "locality": "2"})
    two = mapped({"id": "1", "street": "2", "locality": "1"})
    assert node(one, "locn:address") != node(two, "locn:address")


def test_a_point_has_its_wkt_computed(mapped: Map) -> None:
    record = mapped({"id": "1", "latitude": "42.3250", "longitude": "-72.6", "precision": "street"})
    point = node(record, "geo:hasGeometry")
    assert point.value.startswith("open:self#point-")
    assert values(record, "geo:asWKT", point) == ["POINT(-72.6 42.325)"]
    assert [t.object for t in record.triples if t.predicate == iri("geo:asWKT")] == [
        Literal("POINT(-72.6 42.325)", datatype=iri("geo:wktLiteral"))
    ]


def test_half_a_point_has_no_wkt(mapped: Map) -> None:
    record = mapped({"id": "1", "latitude": "42.3", "longitude": ""})
    assert values(record, "geo:asWKT", node(record, "geo:hasGeometry")) == []


def test_a_precision_alone_makes_no_point(mapped: Map) -> None:
    row = {"id": "1", "latitude": "", "longitude": "", "precision": "region"}
    assert values(mapped(row), "geo:hasGeometry") == []


def test_a_registration_is_named_by_scheme_and_number(mapped: Map) -> None:
    row = {
        "id": "1", "registration_scheme": "GB-COH", "registration_number": "00/1",
        "registration_scheme_2": "US-NCUA", "registration_number_2": "7",
    }  # fmt: skip
    record = mapped(row)
    assert sorted(values(record, "adms:identifier")) == [
        "open:self#registration-list-GB-COH-00%2F1",
        "open:self#registration-list-US-NCUA-7",
    ]
    assert values(record, "skos:notation", NamedNode("open:self#registration-list-US-NCUA-7")) == [
        "7"
    ]


def test_lists_side_by_side_make_several_nodes(mapped: Map) -> None:
    record = mapped(
        {"id": "1", "registration_scheme": "GB-COH;GB-MPR", "registration_number": "1;2"}
    )
    assert sorted(values(record, "adms:identifier")) == [
        "open:self#registration-list-GB-COH-1",
        "open:self#registration-list-GB-MPR-2",
    ]
    assert_sound(record)


def test_one_value_beside_a_list_holds_for_all(mapped: Map) -> None:
    record = mapped({"id": "1", "registration_scheme": "GB-COH", "registration_number": "1;2"})
    assert len(values(record, "adms:identifier")) == 2
    assert_sound(record)


def test_lists_of_different_lengths_are_a_finding(mapped: Map) -> None:
    record = mapped(
        {"id": "1", "registration_scheme": "GB-COH", "registration_number": "1;2;3",
         "registered_on": "2001-01-01;2002-02-02"}
    )  # fmt: skip
    assert "2 values" in messages(record)[0]
    assert record.findings[0].column == "registered_on"


def test_a_register_without_a_number_is_no_registration(mapped: Map) -> None:
    record = mapped({"id": "1", "registration_scheme": "GB-COH", "registration_number": ""})
    assert values(record, "adms:identifier") == []


def test_constants_alone_make_a_node_for_every_row(mapped: Map) -> None:
    main = {**MAIN, "columns": {"name": "n", "identity_basis": {"value": "register"}}}
    assert values(mapped({"id": "1", "n": "A"}, main), "coop:identityClaim") == [
        "open:self#claim-list-register"
    ]


@pytest.mark.parametrize("basis", ["identity_basis", {"value": "register"}])
def test_a_basis_alone_is_a_claim_though_its_evidence_is_blank(mapped: Map, basis: Any) -> None:
    columns = {"name": "n", "identity_basis": basis, "identity_evidence": "e"}
    row = {"id": "1", "n": "A", "identity_basis": "register", "e": ""}
    record = mapped(row, {**MAIN, "columns": columns})
    assert values(record, "coop:identityClaim") == ["open:self#claim-list-register"]
    assert values(record, "coop:evidence") == []


def test_a_constant_beside_a_blank_makes_no_node(mapped: Map) -> None:
    columns = {
        "registration_scheme": {"value": "US-RSSD"},
        "registration_number": {"column": "r", "blank": "0"},
    }
    for number in ("0", ""):
        record = mapped({"id": "1", "r": number}, {**MAIN, "columns": columns})
        assert values(record, "adms:identifier") == []


def test_a_value_translated_to_nothing_leaves_its_node_out(mapped: Map) -> None:
    columns = {
        "registration_scheme": {"column": "s", "values": {"A": "GB-COH", "?": None}},
        "registration_number": "n",
    }
    main = {**MAIN, "columns": columns}
    assert values(mapped({"id": "1", "s": "?", "n": "5"}, main), "adms:identifier") == []
    assert len(values(mapped({"id": "1", "s": "a", "n": "5"}, main), "adms:identifier")) == 1


# References -----------------------------------------------------------------------------------


def test_a_membership_refers_to_another_record(mapped: Map) -> None:
    record = mapped({"id": "1", "member_of": "2;other/3 4"})
    assert record.references == ("list/2", "other/3%204")
    members = values(record, "org:hasMembership")
    assert len(set(members)) == 2
    found = {values(record, "org:organization", NamedNode(name))[0] for name in members}
    assert found == {"open:ref/list/2", "open:ref/other/3%204"}


def test_a_reference_to_what_is_no_dataset_is_a_finding(mapped: Map) -> None:
    [finding] = mapped({"id": "1", "member_of": "Flip A/S"}).findings
    assert "“Flip A” in “Flip A/S” is no dataset" in finding.message


def test_memberships_of_two_bodies_are_two_nodes(mapped: Map) -> None:
    record = mapped({"id": "1", "member_of": "a/b-c;a-b/c;a-b-c"})
    assert len(set(values(record, "org:hasMembership"))) == 3


# Child tables ---------------------------------------------------------------------------------

SHOPS = {"file": "s.csv", "entity": "Site", "parent": "owner"}


def test_a_site_is_named_by_its_rows_key(mapped: Map) -> None:
    child = {**SHOPS, "key": "no"}
    record = mapped(
        {"owner": "1 A", "no": "7/8", "site_name": "Shop", "street": "1 High St"}, child=child
    )
    assert (record.key, record.parent) == ("parts:7%2F8", "1%20A")
    site = node(record, "org:hasSite")
    assert site.value == "open:self#site-list-7%2F8"
    [address] = values(record, "org:siteAddress", site)
    assert values(record, "locn:thoroughfare", NamedNode(address)) == ["1 High St"]
    assert values(record, "rdf:type") == []


def test_a_row_without_a_key_is_named_by_its_content(mapped: Map) -> None:
    one = mapped({"owner": "1", "site_name": "Shop"}, child=SHOPS)
    two = mapped({"owner": " 1", "site_name": "Shop  "}, child=SHOPS)
    three = mapped({"owner": "1", "site_name": "Shed"}, child=SHOPS)
    assert one.key == two.key != three.key


def test_each_makes_a_node_for_every_value_there_is(mapped: Map) -> None:
    child = {
        "file": "f.csv", "entity": "Observation", "key": ["id", "y"], "parent": "id",
        "columns": {"year": "y"},
        "each": [
            {"measure": {"value": "turnover"}, "value": "t", "currency": {"value": "GBP"}},
            {"measure": {"value": "members"}, "value": "m"},
        ],
    }  # fmt: skip
    record = mapped({"id": "1", "y": "2016", "t": "1,000", "m": ""}, child=child)
    figure = node(record, "coop:observation")
    assert figure.value == "open:self#observation-list-2016-turnover"
    assert values(record, "sdmx-mea:obsValue", figure) == ["1000"]
    assert values(record, "sdmx-att:currency", figure) == ["GBP"]
    both = mapped({"id": "1", "y": "2016", "t": "0", "m": "5"}, child=child)
    assert len(values(both, "coop:observation")) == 2


def test_a_child_row_of_organisations_adds_to_its_organisation(mapped: Map) -> None:
    child = {"file": "n.csv", "key": "no", "parent": "id", "columns": {"alternate_name": "n"}}
    record = mapped({"no": "1", "id": "9", "n": "Flip"}, child=child)
    assert record.triples == (
        Triple(OPEN_SELF, iri("skos:altLabel"), Literal("Flip", language="en")),
    )


def test_a_child_row_that_says_nothing_is_a_finding(mapped: Map) -> None:
    record = mapped({"owner": "1", "site_name": ""}, child=SHOPS)
    assert "says nothing" in messages(record)[0]


# Findings -------------------------------------------------------------------------------------


def test_a_bad_cell_is_named_with_column_and_value(mapped: Map) -> None:
    record = mapped({"id": "1", "name": "A", "homepage": "javascript:alert(1)"})
    [finding] = record.findings
    assert (finding.column, finding.value) == ("homepage", "javascript:alert(1)")
    assert not record.is_sound


def test_every_bad_cell_is_named_once(mapped: Map) -> None:
    row = {"id": "1", "founded": "x", "latitude": "y", "longitude": "z", "kind": "shop"}
    assert sorted(f.column for f in mapped(row).findings) == [
        "founded",
        "kind",
        "latitude",
        "longitude",
    ]
    site = mapped({"owner": "1", "site_name": "", "latitude": "y", "longitude": "5"}, child=SHOPS)
    assert [f.column for f in site.findings] == ["latitude"]


def test_a_bad_cell_is_named_by_the_sources_own_column(mapped: Map) -> None:
    main = {**MAIN, "columns": {"founded": {"column": "Since", "date": "%d/%m/%Y"}}}
    [finding] = mapped({"id": "1", "Since": "1844"}, main).findings
    assert (finding.column, finding.value) == ("Since", "1844")


def test_a_blank_key_is_a_finding(mapped: Map) -> None:
    record = mapped({"id": " ", "name": "A"})
    assert (
        Finding("the key is blank; give each row its own", "id", kind="key-blank")
        in record.findings
    )
    child = {"file": "f.csv", "entity": "Site", "key": ["id", "no"], "parent": "id"}
    half = mapped({"id": "1", "no": "", "site_name": "A"}, child=child)
    assert not half.is_sound


def test_surplus_cells_are_a_finding(standard: Standard) -> None:
    mapper = mapper_of(descriptor_of(standard, {"organisations": MAIN}), ["id", "name"], standard)
    assert "2 more cells" in messages(mapper.record(Row(2, ("1", "A"), surplus=2)))[0]


def test_a_missing_column_is_named(standard: Standard) -> None:
    main = {**MAIN, "columns": {"name": "Title"}}
    with pytest.raises(InputError, match="“Title” is missing.*“title”"):
        mapper_of(descriptor_of(standard, {"organisations": main}), ["id", "title"], standard)
    with pytest.raises(InputError, match="“id” is missing"):
        mapper_of(descriptor_of(standard, {"organisations": MAIN}), ["name"], standard)


def test_a_file_without_any_column_of_the_standard_is_refused(standard: Standard) -> None:
    with pytest.raises(InputError, match="column mapping"):
        mapper_of(descriptor_of(standard, {"organisations": MAIN}), ["id", "x", "y"], standard)


def test_columns_that_the_template_does_not_know_are_told(standard: Standard) -> None:
    mapper = mapper_of(
        descriptor_of(standard, {"organisations": MAIN}), ["id", "name", "nmae", ""], standard
    )
    assert mapper.unused_columns == ("nmae",)


@pytest.mark.parametrize(
    ("tables", "where"),
    [
        ({"organisations": {**MAIN, "columns": {"kind": {"value": "shop"}}}},
         "tables.organisations.columns.kind"),
        ({"organisations": MAIN,
          "parts": {**SHOPS, "columns": {"site_name": "n"}, "each": [{"precision": {"value": "near"}, "latitude": "a"}]}},
         "tables.parts.columns.precision"),
    ],
)  # fmt: skip
def test_a_constant_that_cannot_be_read_is_the_descriptors_fault(
    tables: dict[str, Any], where: str, standard: Standard
) -> None:
    with pytest.raises(DescriptorError) as caught:
        mapper_of(descriptor_of(standard, tables), ["id", "owner", "n", "a"], standard)
    assert caught.value.where == where
    assert caught.value.source == "list/dataset.yaml"


@given(
    st.dictionaries(
        st.sampled_from(
            "name name@fr alternate_name kind founded homepage street postal_code latitude longitude "
            "registration_scheme registration_number registered_on member_of identity_basis".split()
        ),
        st.text(max_size=20)
        | st.sampled_from(["1;2", "GB-COH", "2001-01-01", "5.5", ";", "a/b;c"]),
        min_size=1,
    )
)
def test_any_row_becomes_a_record_whose_every_node_is_its_own(
    mapped: Map, row: dict[str, str]
) -> None:
    record = mapped({"id": "1", **row})
    for triple in record.triples:
        assert isinstance(triple.subject, NamedNode)
        assert triple.subject.value.startswith("open:self")
    assert len(record.findings) == len(set(record.findings))
    assert record == mapped({"id": "1", **row})


# The registers' own descriptors ---------------------------------------------------------------


@pytest.fixture(scope="module")
def credit_union(standard: Standard) -> Map:
    """``credit_union(STREET="…")`` → the record that the descriptor of the NCUA makes of a row."""
    descriptor = read_descriptor(resources.DATA / "ncua", standard)
    header = "CU_NUMBER RSSD CU_NAME CITY STATE ZIP_CODE STREET YEAR_OPENED ISSUE_DATE".split()
    mapper = compile_table(descriptor, descriptor.main, standard, header, "foicu.csv")

    def map_row(**cells: str) -> Record:
        row = {"CU_NUMBER": "1", "CU_NAME": "FLIPSIDE", "STATE": "MA", **cells}
        return mapper.record(Row(2, tuple(row.get(name, "") for name in header)))

    return map_row


@pytest.mark.parametrize(
    ("street", "box", "rest"),
    [
        ("P O Box 689", "689", ""),
        ("PO BOX 1", "1", ""),
        ("P.O. Box 12-A", "12-A", ""),
        ("p.o. drawer 5", "5", ""),
        ("PO Box # 77", "77", ""),
        ("419 W 4TH ST, PO BOX 5", "5", "419 W 4th St"),
        ("419 W 4TH ST PO BOX 5", "5", "419 W 4th St"),
        ("419 W 4TH ST", "", "419 W 4th St"),
        ("12 POBOXER ROAD", "", "12 Poboxer Road"),
        ("BOX 5", "", "Box 5"),
    ],
)
def test_post_office_boxes_are_told_from_streets(
    street: str, box: str, rest: str, credit_union: Map
) -> None:
    record = credit_union(STREET=street)
    address = node(record, "locn:address")
    assert values(record, "locn:poBox", address) == ([box] if box else [])
    assert values(record, "locn:thoroughfare", address) == ([rest] if rest else [])


def test_a_credit_unions_row(credit_union: Map) -> None:
    record = credit_union(
        ZIP_CODE="02139", YEAR_OPENED="0", RSSD="0", ISSUE_DATE="1/4/1971 5:00:00 AM", CITY="BOSTON"
    )
    assert_sound(record)
    address = node(record, "locn:address")
    assert values(record, "locn:postCode", address) == ["02139"]
    assert values(record, "locn:postName", address) == ["Boston"]
    assert values(record, "schema:foundingDate") == []
    assert values(record, "coop:region") == [f"{CODE}subdivision/US-MA"]
    assert node(record, "adms:identifier").value == "open:self#registration-ncua-US-NCUA-1"
    assert values(record, "dcterms:issued", node(record, "adms:identifier")) == ["1971-01-04"]


@pytest.fixture(scope="module")
def uk_coop(standard: Standard) -> Map:
    """``uk_coop(**{"SIC Code": "…"})`` → a record of Co-operatives UK's descriptor."""
    descriptor = read_descriptor(resources.DATA / "coops-uk", standard)
    columns = descriptor.main.columns
    assert columns is not None
    header = sorted(
        {"CUK Organisation ID", *(n for spec in columns.values() for n in spec.columns)}
    )
    mapper = compile_table(descriptor, descriptor.main, standard, header, "organisations.csv")

    def map_row(**cells: str) -> Record:
        row = {
            "CUK Organisation ID": "R000001", "Registered Name": "Flipside Limited",
            "UK Nation": "England", "Sector - Simplified, High Level": "Retail",
            "Ownership Classification": "Consumers", "Registered Status": "Live",
            **{name.replace("_", " "): text for name, text in cells.items()},
        }  # fmt: skip
        return mapper.record(Row(2, tuple(row.get(name, "") for name in header)))

    return map_row


def test_a_uk_industry_code_is_kept_and_mapped(uk_coop: Map) -> None:
    record = uk_coop(SIC_Code="UKSIC07-4711")
    assert values(record, "coop:sourceActivity") == ["UKSIC07-4711"]
    assert values(record, "coop:activity") == [f"{CODE}activity/47"]
    assert_sound(record)


def test_a_dead_uk_society_is_closed_and_keeps_its_lines(uk_coop: Map) -> None:
    record = uk_coop(
        Registered_Status="Dead", Dissolved_Date="11/8/2011", Incorporation_Date="1/2/1863",
        Registered_Street="Central House\nHermes Road",
    )  # fmt: skip
    assert values(record, "coop:status") == [f"{CODE}status/closed"]
    assert values(record, "coop:sourceStatus") == ["Dead"]
    assert values(record, "schema:dissolutionDate") == ["2011-08-11"]
    assert values(record, "locn:thoroughfare", node(record, "locn:address")) == [
        "Central House\nHermes Road"
    ]


def test_a_society_of_an_unnamed_register_has_no_such_registration(uk_coop: Map) -> None:
    record = uk_coop(Registrar="Unknown legal form", Registered_Number="5")
    assert values(record, "adms:identifier") == [
        "open:self#registration-coops-uk-GB-COOPSUK-R000001"
    ]
    assert_sound(record)


def test_jersey_is_a_country_without_a_region(uk_coop: Map) -> None:
    record = uk_coop(UK_Nation="Jersey")
    assert values(record, "coop:country") == [f"{CODE}country/JE"]
    assert values(record, "coop:region") == []


@pytest.mark.parametrize("number", [";68", "68;", "68;;69"])
def test_a_blank_place_among_values_that_stand_side_by_side_is_reported(
    mapped: Map, number: str
) -> None:
    row = {"id": "1", "registration_scheme": "US-EIN;US-NCUA", "registration_number": number}
    [finding] = mapped(row).findings
    assert (finding.column, finding.value) == ("registration_number", number)
    assert "nothing before or after" in finding.message


def test_a_blank_place_in_a_plain_list_is_passed_over(mapped: Map) -> None:
    record = mapped({"id": "1", "alternate_name": "The Flip;;Flip"})
    assert sorted(values(record, "skos:altLabel")) == ["Flip", "The Flip"]


def test_decimals_and_defaults_are_as_the_mapping_says(mapped: Map) -> None:
    point = {"column": "lat", "decimal": ","}
    columns = {
        "name": "name",
        "kind": {"column": "kind", "default": "mutual"},
        "latitude": point,
        "longitude": {**point, "column": "lon"},
    }
    row = {"id": "1", "name": "A", "kind": "", "lat": "54,5", "lon": "1.2"}
    record = mapped(row, {**MAIN, "columns": columns})
    assert [
        x.value.rpartition("/")[2]
        for x in (t.object for t in record.triples if t.predicate == iri("coop:kind"))
    ] == ["mutual"]
    assert [t.object.value for t in record.triples if t.predicate == iri("wgs:lat")] == ["54.5"]
    [finding] = record.findings
    assert (finding.column, finding.kind, finding.mend) == ("lon", "number", "")
