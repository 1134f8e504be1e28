"""The queries of the bench: 25, each says who asks, each is one that the server would run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from coopgraph.namespaces import STANDARD
from coopgraph.query import prepare
from coopgraph.settings import Settings
from coopgraph.standard import Standard

FOLDER = Path(__file__).parents[2] / "bench" / "queries"
QUERIES = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.rq"))}
PREFIX = re.compile(r"^PREFIX (\w+): <([^>]+)>$", re.MULTILINE)
NAME = re.compile(r"(?<![\w:])(\w+):([\w-]+)")


def test_there_are_as_many_as_the_bench_promises() -> None:
    assert len(QUERIES) == 25


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_each_says_who_asks(text: str) -> None:
    assert re.match(r"# (A|An) .+\.\n", text)


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_each_is_taken_and_understood(text: str) -> None:
    query = prepare(text, Settings())
    assert query.form in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
    Store().query(query.text, base_iri="https://a.example/")


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_each_names_only_what_the_standard_has(text: str, standard: Standard) -> None:
    prefixes = dict(PREFIX.findall(text))
    body = PREFIX.sub("", text).partition("\n")[2]
    names = [prefixes[prefix] + local for prefix, local in NAME.findall(body)]
    names += re.findall(f"<({re.escape(STANDARD)}[^>]+)>", body)
    codes = (triple.subject for triples in standard.codes.values() for triple in triples)
    known = {*codes, *(triple.subject for triple in standard.ontology)}
    ours = {NamedNode(name) for name in names if name.startswith(STANDARD)}
    assert ours <= known
    assert names or "<organization>" in text
