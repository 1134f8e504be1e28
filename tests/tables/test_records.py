"""Records: keys that are safe in IRIs, and lines in which only IRIs are open."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.namespaces import record_iri
from coopgraph.tables.records import (
    OPEN_REFERENCE,
    OPEN_SELF,
    Finding,
    Record,
    content_key,
    encode_key,
)

NAME = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
texts = st.text(st.characters(exclude_categories=["Cs"]))


def record(*triples: Triple, findings: tuple[Finding, ...] = ()) -> Record:
    return Record("organisations", "1", "", 2, (), triples, (), findings)


def parsed(lines: str) -> set[Triple]:
    return {quad.triple for quad in parse(lines.encode(), format=RdfFormat.N_TRIPLES)}


@given(
    st.lists(texts.filter(bool), min_size=1, max_size=3),
    st.lists(texts.filter(bool), min_size=1, max_size=3),
)
def test_different_keys_are_encoded_differently(one: list[str], two: list[str]) -> None:
    assert (encode_key(tuple(one)) == encode_key(tuple(two))) == (one == two)


@given(st.lists(texts.filter(bool), min_size=1, max_size=3))
def test_an_encoded_key_is_part_of_an_iri_and_can_be_read_back(parts: list[str]) -> None:
    key = encode_key(tuple(parts))
    assert record_iri("https://example.org/", "d", key).value.endswith(f"/id/record/d/{key}")
    assert [unquote(part) for part in key.split(",")] == parts
    assert "/" not in key


def test_a_content_key_does_not_change_with_white_space() -> None:
    assert content_key(("a  b", " c")) == content_key(("a b", "c "))
    assert content_key(("a b", "c")) != content_key(("a", "b c"))


@given(st.lists(texts, max_size=4))
def test_lines_say_what_the_triples_say(values: list[str]) -> None:
    triples = [Triple(OPEN_SELF, NAME, Literal(value, language="en")) for value in values]
    lines = record(*triples).lines()
    assert parsed(lines) == set(triples)
    assert lines.split("\n") == sorted(set(lines.split("\n")))


def test_a_literal_that_looks_open_is_not_open() -> None:
    texts = ["<open:self", "<open:self>", "\\<open:ref/x/1>", '"<open:self> .', "\\\\u003Copen:"]
    triples = [Triple(OPEN_SELF, NAME, Literal(text)) for text in texts]
    lines = record(*triples).lines()
    assert parsed(lines) == set(triples)
    assert lines.count("<open:") == len(texts)  # the subjects


def test_references_are_open() -> None:
    triple = Triple(OPEN_SELF, NAME, NamedNode(OPEN_REFERENCE + "a/1"))
    assert record(triple).lines() == f"<open:self> {NAME} <open:ref/a/1> ."


def test_a_record_is_sound_without_errors() -> None:
    assert record(findings=(Finding("hm", severity="warning"),)).is_sound
    assert not record(findings=(Finding("no"),)).is_sound
