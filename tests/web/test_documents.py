"""Documents about things: the same content in every form, by Accept and by extension."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from flask.testing import FlaskClient
from pyld import jsonld
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)
from werkzeug.http import parse_options_header

from coopgraph.errors import UnknownThing
from coopgraph.formats import GRAPH_FORMATS
from coopgraph.settings import Settings
from coopgraph.store import Snapshot
from coopgraph.web.documents import render

TABLEFLIP = "zx73q7nn6v-sm"
NESTED = [
    f"/org/{TABLEFLIP}",
    "/org/4vkgmgbt4t-tw",
    "/org/279qpw0k4w-gh",
    "/org/xdwzptktxd-cb",
    "/dataset/movement-directory",
    "/dataset/credit-list",
    "/record/harbour-register/economy:R000017,2025",
    "/record/movement-directory/a%2Fb%20c%25.ttl",
    "/code/organisation-kind/cooperative",
    "/code/country/US",
]
WHOLE = ["/ns", "/shapes", "/code", "/code/organisation-kind", "/catalog", "/licences", "/"]
LISTS = ["/organisations", "/organisations?country=US&page=1", "/sparql"]
Triples = Callable[..., set[Triple]]


def canonical(triples: set[Triple]) -> Dataset:
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("path", NESTED + WHOLE + LISTS)
def test_every_form_says_the_same(client: FlaskClient, triples: Triples, path: str) -> None:
    turtle = canonical(triples(path))
    assert len(turtle) > 2
    for form in GRAPH_FORMATS:
        if form.extension in ("ttl", "jsonld"):
            continue
        response = client.get(path, headers={"Accept": form.media_type})
        assert response.mimetype == form.media_type
        quads = set(parse(response.data, format=form.rdf))
        merge = {quad.triple for quad in quads if not isinstance(quad.graph_name, NamedNode)}
        assert canonical(merge) == turtle, form.name


@pytest.mark.parametrize("path", NESTED + WHOLE + LISTS)
def test_json_ld_with_its_context_inside_is_the_turtle(
    client: FlaskClient, triples: Triples, path: str
) -> None:
    joint = "&" if "?" in path else "?"
    response = client.get(f"{path}{joint}context=inline")
    assert response.mimetype == "application/ld+json"
    found = {quad.triple for quad in parse(response.data, format=RdfFormat.JSON_LD)}
    assert canonical(found) == canonical(triples(path))


@pytest.mark.parametrize("path", NESTED)
def test_a_second_processor_reads_the_json_ld_with_the_context_it_names(
    client: FlaskClient, triples: Triples, path: str
) -> None:
    asked = []

    def load(url: str, options: object) -> dict[str, object]:
        asked.append(url)
        document = client.get(url.removeprefix("https://coops.example")).json
        return {"contextUrl": None, "documentUrl": url, "document": document}

    document = orjson.loads(client.get(path).data)
    options = {"format": "application/n-quads", "documentLoader": load}
    quads = parse(jsonld.to_rdf(document, options).encode(), format=RdfFormat.N_QUADS)
    assert {quad.triple for quad in quads} == triples(path)
    assert asked == ["https://coops.example/context.jsonld"]


def test_quads_name_the_graph_of_each_source(client: FlaskClient) -> None:
    data = client.get(f"/org/{TABLEFLIP}.nq").data
    graphs = {
        quad.graph_name.value.rpartition("/")[2]
        for quad in parse(data, format=RdfFormat.N_QUADS)
        if isinstance(quad.graph_name, NamedNode)
    }
    assert graphs == {"movement-directory", "harbour-register"}


@pytest.mark.parametrize("path", [*NESTED, "/ns", "/shapes", "/catalog", "/licences", "/code"])
def test_the_extension_wins_over_accept(client: FlaskClient, path: str) -> None:
    for form in GRAPH_FORMATS:
        response = client.get(f"{path}.{form.extension}", headers={"Accept": "image/png"})
        assert response.status_code == 200, (path, form.extension)
        assert response.mimetype == form.media_type
    assert client.get(f"{path}.html").mimetype == "text/html"


@pytest.mark.parametrize("path", NESTED)
def test_the_chosen_form_has_an_address_of_its_own(client: FlaskClient, path: str) -> None:
    for form in GRAPH_FORMATS:
        response = client.get(path, headers={"Accept": form.media_type})
        location = response.headers["Content-Location"]
        assert location == f"https://coops.example{path}.{form.extension}"
        again = client.get(location.removeprefix("https://coops.example"))
        assert again.data == response.data


def test_links_lead_to_alternates_datasets_and_licences(client: FlaskClient) -> None:
    response = client.get(f"/org/{TABLEFLIP}", headers={"Accept": "text/html"})
    links = read_links(response.headers["Link"])
    alternates = {target for target, rel, _ in links if rel == "alternate"}
    assert alternates == {
        f"https://coops.example/org/{TABLEFLIP}.{form.extension}" for form in GRAPH_FORMATS
    }
    assert (f"https://w3id.org/coopgraph/id/org/{TABLEFLIP}", "cite-as", "") in links
    licences = {target for target, rel, _ in links if rel == "license"}
    assert len(licences) == 2
    collections = {target for target, rel, _ in links if rel == "collection"}
    assert "https://coops.example/dataset/harbour-register" in collections
    described = [(target, kind) for target, rel, kind in links if rel == "describedby"]
    assert described == [(f"https://coops.example/org/{TABLEFLIP}.jsonld", "application/ld+json")]


def read_links(header: str) -> list[tuple[str, str, str]]:
    found = []
    for part in header.split(", <"):
        target, _, rest = part.lstrip("<").partition(">")
        _, options = parse_options_header(f"x{rest}")
        found.append((target, options["rel"], options.get("type", "")))
    return found


@pytest.mark.parametrize("accept", ["image/png", "text/css", "text/turtle;q=0"])
def test_an_unknown_type_is_406_with_the_list(client: FlaskClient, accept: str) -> None:
    response = client.get(f"/org/{TABLEFLIP}", headers={"Accept": accept})
    assert response.status_code == 406
    assert response.json is not None
    assert "text/turtle" in response.json["available"]
    assert "text/html" in response.json["available"]


@pytest.mark.parametrize("path", ["/ns.xyz", "/catalog.json", f"/org/{TABLEFLIP}.xyz"])
def test_an_unknown_extension_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# For the command line -------------------------------------------------------------------------


def test_the_command_line_prints_any_thing(settings: Settings, snapshot: Snapshot) -> None:
    by_id = render(settings, snapshot, TABLEFLIP, "nt")
    by_iri = render(settings, snapshot, f"https://w3id.org/coopgraph/id/org/{TABLEFLIP}", "nt")
    assert by_id == by_iri
    text = render(settings, snapshot, TABLEFLIP, "jsonld")
    found = {quad.triple for quad in parse(text.encode(), format=RdfFormat.JSON_LD)}
    turtle = render(settings, snapshot, TABLEFLIP, "ttl").encode()
    assert found == {quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE)}
    ontology = render(settings, snapshot, "https://w3id.org/coopgraph/ns", "nq")
    assert len(ontology.splitlines()) > 1_000


def test_the_command_line_suggests_a_near_id(settings: Settings, snapshot: Snapshot) -> None:
    with pytest.raises(UnknownThing, match="Did you mean zx73q7nn6v-sm") as caught:
        render(settings, snapshot, "zx73q7nn6v-sn", "ttl")
    assert caught.value.suggestion == TABLEFLIP


@pytest.mark.parametrize("thing", ["https://nowhere.example/", "<>", "urn:x: y", "nothing"])
def test_the_command_line_says_when_it_knows_nothing(
    settings: Settings, snapshot: Snapshot, thing: str
) -> None:
    with pytest.raises(UnknownThing):
        render(settings, snapshot, thing, "ttl")
