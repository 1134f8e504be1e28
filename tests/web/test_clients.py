"""The endpoint as the clients that people use meet it: rdflib, SPARQLWrapper, oxigraph, the SIB's
editor. Comunica has a module of its own.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
import rdflib
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from coopgraph.namespaces import PREFIXES, STANDARD
from coopgraph.rdf import from_rdflib
from coopgraph.store.snapshots import Snapshot

Start = Callable[..., AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]
Rows = list[dict[str, str]]

COOP = rdflib.Namespace(f"{STANDARD}ns#")
TABLEFLIP = rdflib.URIRef(f"{STANDARD}id/org/zx73q7nn6v-sm")
HARBOUR = f"{STANDARD}graph/harbour-register"
METHODS = pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])


@pytest.fixture(scope="module")
def published(start_server: Start, served_sample: Path) -> Iterator[str]:
    """The address of a server over what the publisher published, where answers are kept small."""
    with start_server(served_sample, QUERY_RESULT_MB="1") as (url, _):
        yield url


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the other server does not answer")


# rdflib ---------------------------------------------------------------------------------------


@METHODS
@pytest.mark.parametrize("form", ["xml", "json"])
def test_rdflib_sees_a_graph_behind_the_endpoint(
    server: str, snapshot: Snapshot, method: str, form: str
) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{server}/sparql", method=method, returnFormat=form))
    thing = NamedNode(str(TABLEFLIP))
    found = rdflib.Graph()
    for triple in graph.triples((TABLEFLIP, None, None)):
        found.add(triple)
    there = snapshot.store.quads_for_pattern(thing, None, None, DefaultGraph())
    assert set(from_rdflib(found)) == {quad.triple for quad in there}
    assert (TABLEFLIP, rdflib.RDF.type, COOP.Organization) in graph
    assert (TABLEFLIP, rdflib.RDF.type, COOP.Dataset) not in graph


@METHODS
def test_rdflib_sees_named_graphs(server: str, snapshot: Snapshot, method: str) -> None:
    store = SPARQLStore(f"{server}/sparql", method=method)
    there = {graph.value for graph in snapshot.store.named_graphs()}  # type: ignore[union-attr]
    assert {str(name) for name in store.contexts()} == there
    graph = rdflib.Graph(store, identifier=HARBOUR)
    quads = list(snapshot.store.quads_for_pattern(None, None, None, NamedNode(HARBOUR)))
    assert len(graph) == len(quads) > 50
    [name] = graph.query(
        "SELECT ?name { ?thing skos:prefLabel ?name }", initBindings={"thing": TABLEFLIP}
    )
    assert name == (rdflib.Literal("Tableflip Bakery Co-operative", lang="en"),)


@METHODS
def test_rdflib_asks_for_tables_and_truth(server: str, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{server}/sparql", method=method))
    names = graph.query(f"SELECT ?name {{ <{TABLEFLIP}> skos:prefLabel ?name }}")
    assert {row.name.language for row in names} == {"en", "es"}  # type: ignore[union-attr]
    assert graph.query(f"ASK {{ <{TABLEFLIP}> a ?kind }}").askAnswer is True
    assert graph.query(f"ASK {{ <{TABLEFLIP}> a <{COOP.Dataset}> }}").askAnswer is False


@METHODS
@pytest.mark.parametrize("form", ["xml", "turtle", "nt"])
def test_rdflib_asks_for_graphs(server: str, method: str, form: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{server}/sparql", method=method, returnFormat=form))
    names = f"<{TABLEFLIP}> skos:prefLabel ?name"
    made = graph.query(f"CONSTRUCT {{ {names} }} WHERE {{ {names} }}").graph
    described = graph.query(f"DESCRIBE <{TABLEFLIP}>").graph
    assert made is not None
    assert described is not None
    assert len(made) == 2
    assert set(made) < set(described)


@pytest.mark.parametrize("method", ["POST", "POST_FORM"])
def test_rdflib_hears_what_is_malformed(server: str, method: str) -> None:
    status, *_ = SPARQLStore(f"{server}/sparql", method=method).query("SELECT * {")
    assert status == 400


def test_rdflib_cannot_write(server: str) -> None:
    graph = rdflib.Graph(SPARQLUpdateStore(f"{server}/sparql", f"{server}/sparql"), HARBOUR)
    with pytest.raises(HTTPError, match="403") as caught:
        graph.add((TABLEFLIP, rdflib.RDF.type, COOP.Dataset))
    caught.value.close()


# SPARQLWrapper --------------------------------------------------------------------------------


def wrapper(url: str, query: str) -> SPARQLWrapper:
    client = SPARQLWrapper(f"{url}/sparql")
    client.setReturnFormat(JSON)
    client.setQuery(query)
    return client


def test_sparqlwrapper_says_what_is_malformed(server: str) -> None:
    with pytest.raises(QueryBadFormed, match="line 2"):
        wrapper(server, "SELECT *\n{ ?s ?p }").query()


def test_sparqlwrapper_gets_no_part_of_an_answer_that_is_too_large(published: str) -> None:
    with pytest.raises(HTTPError, match="503") as caught:
        wrapper(published, "SELECT * { ?s ?p ?o . ?s ?q ?r }").query()
    with caught.value as answer:
        problem = json.load(answer)
    assert problem["type"].endswith("#result-too-large")
    assert problem["detail"]


def test_sparqlwrapper_cannot_write(server: str) -> None:
    client = wrapper(server, "INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    client.setMethod(POST)
    with pytest.raises(HTTPError, match="403") as caught:
        client.query()
    caught.value.close()


# oxigraph -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of another SPARQL server, which holds nothing."""
    program = str(Path(sys.executable).with_name("oxigraph"))
    store = str(tmp_path_factory.mktemp("elsewhere"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", "--location", store, "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.terminate()
        process.wait()


def ask(endpoint: str, query: str) -> tuple[list[str], set[tuple[str, ...]]]:
    """Variables and solutions of a SELECT, terms as N-Triples has them."""
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": QueryResultsFormat.JSON.media_type,
    }
    with urlopen(Request(endpoint, query.encode(), headers), timeout=60) as response:
        found = parse_query_results(response.read(), format=QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return names, {tuple(str(row[name]) for name in names) for row in found}


@pytest.mark.parametrize(
    "pattern",
    [
        f"<{TABLEFLIP}> ?p ?o",
        f"?o a <{COOP.Organization}> OPTIONAL {{ ?o <{PREFIXES['geo']}hasGeometry>/<{PREFIXES['geo']}asWKT> ?place }}",
        f"GRAPH <{HARBOUR}> {{ <{TABLEFLIP}> ?p ?o }}",
    ],
    ids=["terms", "gaps", "named graph"],
)
def test_oxigraph_asks_as_a_service(server: str, elsewhere: str, pattern: str) -> None:
    names, rows = ask(f"{server}/sparql", f"SELECT * {{ {pattern} }}")
    assert len(rows) > 10
    federated = f"SELECT {' '.join(f'?{name}' for name in names)} {{ SERVICE <{server}/sparql> {{ {pattern} }} }}"
    assert ask(elsewhere, federated) == (names, rows)


# The editor of the SIB ------------------------------------------------------------------------


def asked_by_the_editor(url: str, query: str) -> Rows:
    """The solutions of a query that is sent as that editor sends its own."""
    text = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("sh", "rdfs"))
    text += "PREFIX void: <http://rdfs.org/ns/void#>\nPREFIX void-ext: <http://ldf.fi/void-ext#>\n"
    headers = {"Accept": "application/sparql-results+json"}
    request = Request(f"{url}/sparql?ac=1&query={quote(text + query)}", headers=headers)
    with urlopen(request, timeout=60) as response:
        bindings = json.load(response)["results"]["bindings"]
    assert bindings
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def test_the_sib_editor_finds_prefixes(published: str) -> None:
    rows = asked_by_the_editor(
        published,
        "SELECT DISTINCT ?prefix ?namespace { ?d sh:prefix ?prefix ; sh:namespace ?namespace }",
    )
    assert {"prefix": "coop", "namespace": str(COOP)} in rows
    assert len({row["prefix"] for row in rows}) == len(rows)


def test_the_sib_editor_finds_examples_that_run(published: str) -> None:
    rows = asked_by_the_editor(
        published,
        "SELECT DISTINCT ?example ?comment ?text { ?example a sh:SPARQLExecutable ; rdfs:comment "
        "?comment ; sh:select|sh:ask|sh:construct|sh:describe ?text } ORDER BY ?example",
    )
    assert len(rows) >= 30
    assert all(row["comment"] for row in rows)
    for row in rows:
        form = urlencode({"query": row["text"]}).encode()
        with urlopen(f"{published}/sparql", form, timeout=60) as response:
            assert json.load(response)["head"]["vars"], row["example"]


def test_the_sib_editor_finds_classes_with_their_properties(published: str) -> None:
    rows = asked_by_the_editor(
        published,
        "SELECT DISTINCT ?class ?property ?objects ?datatype { { ?part void:class ?class ; "
        "void:propertyPartition ?inner . ?inner void:property ?property OPTIONAL { { ?inner "
        "void:classPartition [ void:class ?objects ] } UNION { ?inner void-ext:datatypePartition "
        "[ void-ext:datatype ?datatype ] } } } UNION { ?links void:subjectsTarget [ void:class "
        "?class ] ; void:linkPredicate ?property ; void:objectsTarget [ void:class ?objects ] } }",
    )
    found = {
        (row["class"], row["property"], row.get("objects", row.get("datatype"))) for row in rows
    }
    organization = str(COOP.Organization)
    assert (organization, str(rdflib.SKOS.prefLabel), str(rdflib.RDF.langString)) in found
    assert (
        organization,
        f"{PREFIXES['org']}hasMembership",
        f"{PREFIXES['org']}Membership",
    ) in found
