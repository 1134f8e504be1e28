"""Which form a client gets, by what real clients send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.formats import GRAPH_FORMATS, RESULT_FORMATS
from coopgraph.web.negotiation import HTML, choose, split_extension

DOCUMENTS = (*GRAPH_FORMATS, HTML)
RESULTS = (*RESULT_FORMATS, HTML)

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
    "application/xml;q=0.3,image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,"
    "application/xhtml+xml;q=0.18"
)
COMUNICA_SPARQL = (
    "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,"
    "text/turtle,application/n-quads"
)
RDFLIB = (
    "application/rdf+xml, text/rdf+n3, text/n3, text/turtle, application/x-turtle, "
    "application/n-triples, text/plain, application/ld+json, application/json, "
    "application/n-quads, application/trix, application/trig"
)
SPARQLWRAPPER_JSON = (
    "application/sparql-results+json,application/json,text/javascript,application/javascript"
)
SPARQLWRAPPER_XML = "application/sparql-results+xml"
SPARQLWRAPPER_TURTLE = "application/turtle,text/turtle"
SPARQLWRAPPER_ANY = "*/*"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
OXIGRAPH = "application/sparql-results+json, application/sparql-results+xml"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
PROFILE = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "jsonld"),
        ("", "jsonld"),
        ("*/*", "jsonld"),
        (CHROME, "html"),
        (FIREFOX, "html"),
        (JAVA, "html"),
        ("text/html", "html"),
        ("application/xhtml+xml", "html"),
        ("text/html, */*", "html"),
        (COMUNICA, "nq"),
        (RDFLIB, "ttl"),
        (JENA, "ttl"),
        (PROFILE, "jsonld"),
        (f"{PROFILE}, text/turtle;q=0.5", "jsonld"),
        ('application/ld+json; profile="urn:x:unknown";q=0.9, text/turtle;q=0.1', "jsonld"),
        ("text/turtle, application/ld+json", "ttl"),
        ("application/ld+json, text/turtle", "ttl"),
        ("application/n-triples, application/ld+json", "jsonld"),
        ("application/trig, application/n-quads", "nq"),
        ("application/rdf+xml", "rdf"),
        ("application/xml", "rdf"),
        ("application/turtle", "ttl"),
        ("text/turtle;charset=utf-8", "ttl"),
        ("text/turtle;version=1.2", "ttl"),
        ("TEXT/TURTLE", "ttl"),
        ("text/turtle;q=0.1, */*;q=0.9", "jsonld"),
        ("text/turtle;q=0.9, */*;q=0.1", "ttl"),
        ("text/*", "ttl"),
        ("application/*", "jsonld"),
        ("text/html;q=0.2, text/turtle;q=0.9", "ttl"),
        ("text/html, text/turtle", "ttl"),
        ("application/ld+json;q=0, */*", "ttl"),
        ("*/*;q=0.5", "jsonld"),
        ("image/png", None),
        ("image/png, text/plain;q=0.5", "nt"),
        ("text/plain, */*;q=0.1", "nt"),
        ("application/json, text/plain, */*", "jsonld"),
        ("application/json", "jsonld"),
        ("text/turtle;q=0", None),
        ("*/*;q=0", None),
    ],
)
def test_documents(accept: str | None, extension: str | None) -> None:
    chosen = choose(accept, DOCUMENTS, "jsonld")
    assert (chosen.extension if chosen else None) == extension


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "json"),
        ("*/*", "json"),
        (CHROME, "html"),
        (SPARQLWRAPPER_JSON, "json"),
        (SPARQLWRAPPER_XML, "xml"),
        (SPARQLWRAPPER_ANY, "json"),
        (COMUNICA_SPARQL, "json"),
        (OXIGRAPH, "json"),
        ("text/csv", "csv"),
        ("text/tab-separated-values", "tsv"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("application/json", "json"),
        ("text/turtle", None),
    ],
)
def test_results(accept: str | None, extension: str | None) -> None:
    chosen = choose(accept, RESULTS, "json")
    assert (chosen.extension if chosen else None) == extension


@given(st.text(max_size=200))
def test_any_header_is_answered_or_refused(header: str) -> None:
    chosen = choose(header, DOCUMENTS, "jsonld")
    assert chosen is None or chosen in DOCUMENTS


RANGES = st.sampled_from(
    [form.media_type for form in DOCUMENTS] + ["*/*", "text/*", "application/*", "image/png"]
)
QUALITIES = st.integers(0, 10).map(lambda tenths: tenths / 10)


@given(st.lists(st.tuples(RANGES, QUALITIES), min_size=1, max_size=6))
def test_what_is_chosen_was_asked_for_and_nothing_named_was_wanted_more(
    wanted: list[tuple[str, float]],
) -> None:
    header = ", ".join(f"{name};q={quality}" for name, quality in wanted)
    chosen = choose(header, DOCUMENTS, "jsonld")
    best: dict[str, float] = {}
    for name, quality in wanted:
        best[name] = max(quality, best.get(name, 0))
    named = {
        form.media_type: best[form.media_type] for form in DOCUMENTS if form.media_type in best
    }
    if chosen is None:
        assert not any(named.values())
        return
    family = chosen.media_type.partition("/")[0] + "/*"
    quality = best.get(chosen.media_type, best.get(family, best.get("*/*", 0)))
    assert quality > 0
    assert quality >= max(named.values(), default=0)
    if chosen is HTML:
        assert "text/html" in best


@given(st.permutations(["text/turtle", "application/ld+json", "application/n-quads"]))
def test_the_order_in_the_header_does_not_count(names: list[str]) -> None:
    chosen = choose(", ".join(names), DOCUMENTS, "jsonld")
    assert chosen is not None
    assert chosen.extension == "ttl"


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("7k3m9qx2c4-h8.ttl", "7k3m9qx2c4-h8", "ttl"),
        ("a.b.rdf", "a.b", "rdf"),
        ("a.b", "a.b", None),
        (".ttl", ".ttl", None),
        ("a.TTL", "a.TTL", None),
        ("ttl", "ttl", None),
    ],
)
def test_extensions(name: str, stem: str, extension: str | None) -> None:
    found, form = split_extension(name, DOCUMENTS)
    assert (found, form.extension if form else None) == (stem, extension)
