"""Comunica, a query engine in JavaScript: it asks the endpoint, reads documents, and joins both.

The npm package is pinned in ``tests/clients``. There, rdf-data-factory is held at 2.1.0: with the
older one that it would get, Comunica 4.5 loses the languages of an endpoint's literals.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from coopgraph.namespaces import PREFIXES, STANDARD

CLIENTS = Path(__file__).parents[1] / "clients"
PROLOGUE = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("coop", "geo", "geof", "org", "skos")
)
TABLEFLIP = f"<{STANDARD}id/org/zx73q7nn6v-sm>"
NAMES = f"{TABLEFLIP} skos:prefLabel ?name"
PLACES = (
    "?o a coop:Organization ; skos:prefLabel ?name OPTIONAL { ?o geo:hasGeometry/geo:asWKT ?at }"
)

pytestmark = pytest.mark.needs("node", "tests/clients/node_modules/@comunica/query-sparql")
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Answer:
    """What Comunica printed, and the requests it made: method and path."""

    text: str
    error: str
    requests: list[tuple[str, str]]

    @property
    def rows(self) -> Rows:
        """Solutions in order of their terms, variables by name."""
        return solutions(self.text, QueryResultsFormat.XML)

    @property
    def truth(self) -> bool:
        found = parse_query_results(self.text, format=QueryResultsFormat.JSON)
        assert isinstance(found, QueryBoolean)
        return bool(found)

    @property
    def triples(self) -> set[Triple]:
        return {quad.triple for quad in parse(self.text, format=RdfFormat.N_QUADS)}


def solutions(text: str | bytes, form: QueryResultsFormat) -> Rows:
    found = parse_query_results(text, format=form)
    assert isinstance(found, QuerySolutions)
    names = sorted(variable.value for variable in found.variables)
    return sorted(tuple(str(row[name]) for name in names) for row in found)


class Comunica:
    """A process of Comunica. It may ask one server and nobody else."""

    def __init__(self, process: subprocess.Popen[str], server: str) -> None:
        self._process = process
        self._server = server

    def ask(self, query: str, *paths: str) -> Answer:
        """Ask a query of the sources at some paths of the server."""
        sources = [f"{self._server}{path}" for path in paths]
        question = json.dumps({"query": PROLOGUE + query, "sources": sources})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        limit = Timer(120, self._process.kill)
        limit.start()
        try:
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            limit.cancel()
        assert line, "Comunica ended"
        answer = json.loads(line)
        requests = [(request["method"], request["url"]) for request in answer["requests"]]
        assert requests
        assert [url for _, url in requests if not url.startswith(f"{self._server}/")] == []
        found = [(method, url.removeprefix(self._server)) for method, url in requests]
        return Answer(answer.get("text", ""), answer.get("error", ""), found)


@pytest.fixture(scope="module")
def comunica(server: str) -> Iterator[Comunica]:
    """Comunica, which is ready when it was loaded."""
    with subprocess.Popen(
        ["node", str(CLIENTS / "comunica.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Comunica(process, server)


def direct(server: str, query: str) -> Rows:
    """What the endpoint answers without Comunica between."""
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": QueryResultsFormat.JSON.media_type,
    }
    with urlopen(Request(f"{server}/sparql", (PROLOGUE + query).encode(), headers)) as response:
        return solutions(response.read(), QueryResultsFormat.JSON)


# The endpoint ---------------------------------------------------------------------------------


def test_it_reads_the_service_description_and_then_asks(comunica: Comunica, server: str) -> None:
    query = f"SELECT * {{ {PLACES} }}"
    answer = comunica.ask(query, "/sparql")
    assert answer.rows == direct(server, query)
    assert len(answer.rows) > 100
    [first, second] = answer.requests
    assert first == ("GET", "/sparql")
    assert second[0] == "GET"
    assert second[1].startswith("/sparql?query=")


def test_it_posts_a_long_query(comunica: Comunica, server: str) -> None:
    query = f"# {'Long. ' * 200}\nSELECT * {{ {NAMES} }}"
    answer = comunica.ask(query, "/sparql")
    assert answer.rows == direct(server, query)
    assert answer.requests == [("GET", "/sparql"), ("POST", "/sparql")]


@pytest.mark.parametrize(("kind", "is_there"), [("Organization", True), ("Dataset", False)])
def test_it_asks_whether(comunica: Comunica, kind: str, is_there: bool) -> None:
    assert comunica.ask(f"ASK {{ {TABLEFLIP} a coop:{kind} }}", "/sparql").truth is is_there


def test_it_constructs(comunica: Comunica) -> None:
    answer = comunica.ask(f"CONSTRUCT {{ {NAMES} }} WHERE {{ {NAMES} }}", "/sparql")
    assert {str(triple.object) for triple in answer.triples} == {
        '"Tableflip Bakery Co-operative"@en',
        '"Cooperativa Panadera Tableflip"@es',
    }


def test_it_tells_why_a_query_was_refused(comunica: Comunica) -> None:
    answer = comunica.ask(f"SELECT * {'{' * 80} {NAMES} {'}' * 80}", "/sparql")
    assert "400" in answer.error
    assert "Brackets are nested more than 64 deep" in answer.error


# Documents ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def facts(server: str) -> Rows:
    """What the graph says about one organisation."""
    return direct(server, f"SELECT * {{ {TABLEFLIP} ?p ?o }}")


@pytest.mark.parametrize("extension", ["", ".nq", ".nt", ".rdf", ".trig", ".ttl"])
def test_it_reads_a_document(comunica: Comunica, facts: Rows, extension: str) -> None:
    answer = comunica.ask(f"SELECT * {{ {TABLEFLIP} ?p ?o }}", f"/org/zx73q7nn6v-sm{extension}")
    assert answer.rows
    assert set(answer.rows) <= set(facts)
    assert answer.requests == [("GET", f"/org/zx73q7nn6v-sm{extension}")]


def test_it_reads_json_ld_with_the_context_of_the_server(comunica: Comunica) -> None:
    query = f"SELECT * {{ {TABLEFLIP} ?p ?o }}"
    answer = comunica.ask(query, "/org/zx73q7nn6v-sm.jsonld")
    assert answer.rows == comunica.ask(query, "/org/zx73q7nn6v-sm.ttl").rows
    assert answer.requests == [("GET", "/org/zx73q7nn6v-sm.jsonld"), ("GET", "/context.jsonld")]


def test_it_follows_the_name_of_a_thing_to_its_document(comunica: Comunica) -> None:
    answer = comunica.ask(f"SELECT * {{ {NAMES} }}", "/id/org/zx73q7nn6v-sm")
    assert len(answer.rows) == 2
    assert answer.requests == [("GET", "/id/org/zx73q7nn6v-sm"), ("GET", "/org/zx73q7nn6v-sm")]


# Both at once ---------------------------------------------------------------------------------

KINDS = f"{TABLEFLIP} coop:kind ?kind . ?kind skos:prefLabel ?name"


def test_it_joins_a_document_with_the_endpoint(comunica: Comunica, server: str) -> None:
    query = f"SELECT DISTINCT * {{ {KINDS} }}"
    answer = comunica.ask(query, "/org/zx73q7nn6v-sm", "/sparql")
    assert answer.rows == direct(server, query)
    assert ("GET", "/org/zx73q7nn6v-sm") in answer.requests
    assert [path for _, path in answer.requests if path.startswith("/sparql?query=")]


def test_it_asks_the_endpoint_from_within_a_document(comunica: Comunica, server: str) -> None:
    kind, names = KINDS.split(" . ")
    service = f"SERVICE <{server}/sparql> {{ {names} }}"
    answer = comunica.ask(f"SELECT * {{ {kind} {service} }}", "/org/zx73q7nn6v-sm")
    assert answer.rows == direct(server, f"SELECT * {{ {KINDS} }}")
