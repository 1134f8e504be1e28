"""The standard is data: a new field and a new entity type are Turtle, and reach everything.

A copy of the standard gets one property shape with its term, and one shapes file with an entity
type of its own. Then every place that fields come from is looked at; no Python is changed.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from coopgraph import resources
from coopgraph.cli import main
from coopgraph.namespaces import COOP, SHAPES, iri
from coopgraph.publish import LoadOptions, LoadReport, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Kind, Standard
from coopgraph.standard.columns import find_template, templates
from coopgraph.standard.context import context
from coopgraph.standard.csvw import csvw
from coopgraph.standard.folders import folders_of, standard_of
from coopgraph.standard.frame import frame
from coopgraph.standard.problems import problems
from coopgraph.standard.table_schema import table_schema
from coopgraph.standard.templates import csv_template, descriptor_lines
from coopgraph.standard.workbook import workbook
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.web import create_app

ROOT = Path(__file__).parents[1]
PREFIXES = """\
@prefix code: <https://w3id.org/coopgraph/code/> .
@prefix coop: <https://w3id.org/coopgraph/ns#> .
@prefix coopsh: <https://w3id.org/coopgraph/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TERM = """
{name} a {kind} ;
    rdfs:label "{label}"@en ;
    rdfs:comment "{comment}"@en ;
    skos:example "{example}" ;
    skos:editorialNote "Competency question: {question}"@en ;
    rdfs:isDefinedBy <https://w3id.org/coopgraph/ns> .
"""
MOTTO_SHAPE = """
coopsh:OrganizationShape sh:property coopsh:motto .

coopsh:motto a sh:PropertyShape ;
    sh:path coop:motto ;
    sh:name "Motto"@en, "Lema"@es ;
    sh:description "The sentence that the organisation goes by."@en ;
    sh:datatype xsd:string ;
    sh:maxCount 1 ;
    sh:maxLength 80 ;
    sh:message "Give one motto of at most 80 characters."@en ;
    sh:severity sh:Violation ;
    sh:group coopsh:NameGroup ;
    sh:order 4.5 ;
    coop:column "motto" ;
    coop:hxl "#org+motto" ;
    skos:example "Each for all" .
"""
OFFER_SHAPES = """
coopsh:ProductOfferShape a sh:NodeShape ;
    sh:targetClass coop:ProductOffer ;
    rdfs:label "Product offer"@en ;
    rdfs:comment "A product that can be ordered, with its price."@en ;
    sh:class coop:ProductOffer ;
    sh:message "Give the product offer with its product."@en ;
    sh:severity sh:Violation ;
    coop:fragment "product-offer" ;
    sh:property coopsh:offeredProduct, coopsh:unitPrice .

coopsh:OrganizationShape sh:property coopsh:productOffer .

coopsh:productOffer a sh:PropertyShape ;
    sh:path coop:productOffer ;
    sh:name "Product offers"@en ;
    sh:description "Products that can be ordered from it."@en ;
    sh:node coopsh:ProductOfferShape ;
    sh:message "Give each product offer in a row of its own."@en ;
    sh:severity sh:Violation ;
    sh:group coopsh:LinkGroup ;
    sh:order 90 ;
    coop:table "product-offers" .

coopsh:offeredProduct a sh:PropertyShape ;
    sh:path coop:offeredProduct ;
    sh:name "Offered product"@en ;
    sh:description "What can be ordered."@en ;
    sh:datatype rdf:langString ;
    sh:minCount 1 ;
    sh:uniqueLang true ;
    sh:message "Give each product offer one product for each language."@en ;
    sh:severity sh:Violation ;
    sh:order 1 ;
    coop:column "offered_product" ;
    coop:hxl "#item+product" ;
    skos:example "Rye loaf" .

coopsh:unitPrice a sh:PropertyShape ;
    sh:path coop:unitPrice ;
    sh:name "Unit price"@en ;
    sh:description "The price of one, in the currency of the country."@en ;
    sh:datatype xsd:decimal ;
    sh:maxCount 1 ;
    sh:minInclusive 0.0 ;
    sh:maxInclusive 100000.0 ;
    sh:message "Give one price from 0 to 100,000."@en ;
    sh:severity sh:Violation ;
    sh:order 2 ;
    coop:column "unit_price" ;
    coop:hxl "#value+price" ;
    skos:example "4.5" .
"""
DESCRIPTOR = """\
title: A made-up list
description: For one test.
publisher: {name: Nobody}
licence: https://creativecommons.org/publicdomain/zero/1.0/
"""


def term(name: str, kind: str, label: str) -> str:
    return TERM.format(
        name=name,
        kind=kind,
        label=label,
        comment=f"{label}, for one test.",
        example="Each for all",
        question=f"Which organisations have a {label.lower()}?",
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that name a copy of the standard, with what is new in it."""
    root = tmp_path_factory.mktemp("extended")
    for source in (resources.ONTOLOGY, resources.SHAPES):
        shutil.copytree(source, root / source.name)
    terms = [
        term("coop:motto", "owl:DatatypeProperty", "Motto"),
        term("coop:ProductOffer", "owl:Class", "Product offer"),
        term("coop:productOffer", "owl:ObjectProperty", "Product offers"),
        term("coop:offeredProduct", "owl:DatatypeProperty", "Offered product"),
        term("coop:unitPrice", "owl:DatatypeProperty", "Unit price"),
    ]
    with (root / "ontology" / "coop.ttl").open("a", encoding="utf-8") as out:
        out.write("\n" + PREFIXES + "".join(terms))
    with (root / "shapes" / "organization.ttl").open("a", encoding="utf-8") as out:
        out.write("\n" + PREFIXES + MOTTO_SHAPE)
    path = root / "shapes" / "product-offer.ttl"
    path.write_text(PREFIXES + OFFER_SHAPES, encoding="utf-8")
    return Settings(home=root / "home", standard=str(root), url="https://coops.example")


@pytest.fixture(scope="module")
def extended(settings: Settings) -> Standard:
    return standard_of(settings)


@pytest.fixture(scope="module")
def report(settings: Settings, extended: Standard) -> LoadReport:
    """The report of a real load of two files that follow the templates, hashtags and all."""
    folder = settings.home.parent / "made-up"
    folder.mkdir()
    known = templates(extended)
    chosen = [find_template(known, name) for name in ("organization", "product-offer")]
    lines = descriptor_lines(chosen)
    (folder / "dataset.yaml").write_text(DESCRIPTOR + "\n".join(lines) + "\n", encoding="utf-8")
    rows = {
        "organization": [
            {"id": "a", "name": "Aster", "kind": "cooperative", "motto": "Each for all"},
            {"id": "b", "name": "Birch", "kind": "cooperative", "motto": "x" * 81},
        ],
        "product-offer": [
            {"id": "1", "organisation": "a", "offered_product": "Rye loaf", "unit_price": "4.50"},
            {"id": "2", "organisation": "a", "offered_product": "Bun", "unit_price": "-1"},
        ],
    }
    for item in chosen:
        text = io.StringIO(csv_template(item, hxl=True))
        header = next(csv.reader(text))
        text.seek(0, io.SEEK_END)
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writerows(rows[item.slug])
        (folder / f"{item.slug}.csv").write_text(text.getvalue(), encoding="utf-8")
    descriptor = read_descriptor(folder, extended)
    return Publisher(settings, extended).load(descriptor, folder, LoadOptions())


@pytest.fixture(scope="module")
def client(settings: Settings, report: LoadReport) -> Iterator[FlaskClient]:
    with create_app(settings).test_client() as client:
        yield client


@pytest.fixture(scope="module")
def aster(client: FlaskClient) -> str:
    """The path of the organisation that was loaded."""
    document = json.loads(client.get("/organisations.jsonld").data)
    [member] = document["hydra:member"]
    return "/org/" + str(member["id"]).rpartition("/")[2]


# The standard and what is derived from it ----------------------------------------------------


def test_the_extended_standard_is_sound(settings: Settings) -> None:
    assert problems(folders_of(settings)) == []


def test_the_field_and_the_type_are_read(extended: Standard, standard: Standard) -> None:
    organization, offer = extended.entity_type("Organization"), extended.entity_type("ProductOffer")
    assert organization is not None
    assert offer is not None
    [motto] = [field for field in organization.fields if field.column == "motto"]
    assert (motto.kind, motto.key, motto.path) == (Kind.TEXT, "motto", NamedNode(f"{COOP}motto"))
    assert [field.column for field in offer.fields] == ["offered_product", "unit_price"]
    assert standard.entity_type("ProductOffer") is None


def test_they_are_columns_of_the_csv_templates(extended: Standard) -> None:
    known = templates(extended)
    header, tags = csv.reader(csv_template(find_template(known, "organization"), hxl=True).split())
    assert tags[header.index("motto")] == "#org+motto"
    assert header.index("motto") == header.index("description") + 1
    text = csv_template(find_template(known, "ProductOffer"))
    assert text == "id,organisation,offered_product,unit_price\n"


def test_they_are_sheets_and_columns_of_the_workbook(extended: Standard) -> None:
    made = workbook(extended, templates(extended), language="es")
    book = openpyxl.load_workbook(io.BytesIO(made))
    headers = {cell.value: cell for cell in book.worksheets[1][1]}
    assert headers["motto"].comment.text.startswith("Lema\n")
    assert "Each for all" in headers["motto"].comment.text
    [names, *_] = book["Product offers"].iter_rows(values_only=True)
    assert names == ("id", "organisation", "offered_product", "unit_price")


def test_they_are_fields_of_the_table_schemas(extended: Standard) -> None:
    known = templates(extended)
    schema = table_schema(extended, find_template(known, "organization"))
    [motto] = [field for field in schema["fields"] if field["name"] == "motto"]
    assert motto["constraints"] == {"maxLength": 80}
    schema = table_schema(extended, find_template(known, "product-offer"))
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["unit_price"]["constraints"] == {"minimum": 0.0, "maximum": 100000.0}
    assert schema["foreignKeys"][0]["reference"]["resource"] == "organization"


def test_they_are_columns_of_the_csvw_metadata(extended: Standard) -> None:
    known = templates(extended)
    columns = csvw(extended, find_template(known, "organization"))["tableSchema"]["columns"]
    [motto] = [column for column in columns if column.get("name") == "motto"]
    assert motto["propertyUrl"] == f"{COOP}motto"
    assert motto["titles"] == {"und": "motto", "en": "Motto", "es": "Lema"}
    columns = csvw(extended, find_template(known, "product-offer"))["tableSchema"]["columns"]
    assert [c["propertyUrl"] for c in columns if c.get("virtual")][-1] == f"{COOP}productOffer"


def test_they_are_terms_of_the_context_and_the_frame(extended: Standard) -> None:
    plain, framing = context(extended)["@context"], frame(extended)["@context"]
    for content in (plain, framing["Organization"]["@context"]):
        assert content["motto"] == {"@id": "coop:motto"}
        assert content["productOffer"]["@id"] == "coop:productOffer"
    assert plain["ProductOffer"] == framing["ProductOffer"]["@id"] == "coop:ProductOffer"
    assert plain["unitPrice"] == framing["ProductOffer"]["@context"]["unitPrice"]


def test_a_build_writes_them_beside_the_standard(settings: Settings) -> None:
    runner = CliRunner(env={"COOPGRAPH_STANDARD": settings.standard})
    before = runner.invoke(main, ["standard", "check"])
    assert before.exit_code == 1
    assert "context.jsonld is not what the standard gives" in before.stdout
    assert runner.invoke(main, ["standard", "build"]).exit_code == 0
    written = Path(settings.standard, "ontology", "templates", "product-offer.csv")
    assert written.read_text() == "id,organisation,offered_product,unit_price\n"
    after = runner.invoke(main, ["standard", "check"])
    assert "is not what the standard gives" not in after.stdout
    given = runner.invoke(main, ["template", "product-offer"])
    assert given.stdout == written.read_text()


# Import --------------------------------------------------------------------------------------


def test_files_that_follow_the_templates_are_loaded(report: LoadReport) -> None:
    counts = {name: table.as_json() for name, table in report.tables.items()}
    assert counts["organization"]["read"] == counts["product-offers"]["read"] == 2
    assert counts["organization"]["published"] == counts["product-offers"]["published"] == 1


def test_what_breaks_the_new_shapes_is_told_in_their_words(report: LoadReport) -> None:
    found = {
        (row.table, finding["column"], finding["message"])
        for row in report.quarantined
        for finding in row.findings
    }
    assert found == {
        ("organization", "motto", "Give one motto of at most 80 characters."),
        ("product-offers", "unit_price", "Give one price from 0 to 100,000."),
    }


# What is served ------------------------------------------------------------------------------


def test_the_organisation_says_them_in_json_ld(client: FlaskClient, aster: str) -> None:
    document = json.loads(client.get(f"{aster}.jsonld?context=inline").data)
    assert document["motto"] == "Each for all"
    [offer] = document["productOffer"]
    assert offer["offeredProduct"] == {"en": "Rye loaf"}
    assert offer["unitPrice"] == "4.5"
    assert "ProductOffer" in offer["type"]


def test_the_frame_that_is_served_gives_the_same(client: FlaskClient, aster: str) -> None:
    document = json.loads(client.get(f"{aster}.jsonld?context=inline").data)
    served = json.loads(client.get("/frame.jsonld").data)
    framed = jsonld.frame(jsonld.flatten(document), served)
    assert framed["motto"] == document["motto"]
    assert framed["productOffer"][0]["offeredProduct"] == {"en": "Rye loaf"}


def test_the_organisation_says_them_in_turtle(client: FlaskClient, aster: str) -> None:
    found = {q.triple for q in parse(client.get(f"{aster}.ttl").data, format=RdfFormat.TURTLE)}
    assert Literal("Each for all") in {
        t.object for t in found if t.predicate.value == f"{COOP}motto"
    }
    offers = {t.object for t in found if t.predicate.value == f"{COOP}productOffer"}
    types = {
        t.subject: t.object for t in found if t.predicate == iri("rdf:type") and t.subject in offers
    }
    assert NamedNode(f"{COOP}ProductOffer") in types.values()


def test_the_page_of_the_organisation_shows_them(client: FlaskClient, aster: str) -> None:
    text = " ".join(client.get(f"{aster}.html").text.split())
    assert "<dt>Motto</dt>" in text
    assert "Each for all" in text
    assert "<dt>Product offers</dt>" in text
    assert "Rye loaf" in text
    assert "4.5" in text


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/shapes", ["motto", "The sentence that the organisation goes by.", "offered_product"]),
        ("/ns", ["coop:motto", "coop:ProductOffer", "coop:unitPrice"]),
        ("/templates", ["Product offers", "/templates/product-offer.csv"]),
    ],
)
def test_reference_pages_show_them(client: FlaskClient, path: str, texts: list[str]) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert [text for text in texts if text not in page] == []


def test_the_standard_as_data_holds_them(client: FlaskClient) -> None:
    shapes = {q.subject for q in parse(client.get("/shapes.ttl").data, format=RdfFormat.TURTLE)}
    assert {NamedNode(f"{SHAPES}motto"), NamedNode(f"{SHAPES}ProductOfferShape")} <= shapes
    assert "motto" in json.loads(client.get("/context.jsonld").data)["@context"]


def test_template_files_are_served(client: FlaskClient) -> None:
    assert "motto" in client.get("/templates/organization.csv").text.strip().split(",")
    names = [
        field["name"] for field in client.get("/templates/product-offer.schema.json").json["fields"]
    ]  # type: ignore[index]
    assert names == ["id", "organisation", "offered_product", "unit_price"]
    assert client.get("/templates/product-offer.xlsx").status_code == 200


def test_the_documentation_lists_them(extended: Standard) -> None:
    page = reference().fields_page(extended)
    assert "| `motto` | Motto. The sentence that the organisation goes by." in page
    assert "## Product offers" in page
    assert "File `product-offer.csv`" in page


def reference() -> Any:
    """The module that writes the reference pages of ``docs/``."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    load: Callable[..., None] = spec.loader.exec_module
    load(module)
    return module
