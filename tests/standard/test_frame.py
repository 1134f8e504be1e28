"""The frame turns flat JSON-LD of an organisation into the document that the service writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import DefaultGraph, NamedNode

from coopgraph.entity import describe
from coopgraph.jsonld import Vocabulary, to_jsonld
from coopgraph.namespaces import PREFIXES, iri
from coopgraph.standard import Standard
from coopgraph.standard.context import class_terms, context, entity_terms
from coopgraph.standard.frame import frame, frame_document
from coopgraph.store import Snapshot, Snapshots


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


@pytest.fixture(scope="module")
def organizations(snapshot: Snapshot) -> list[NamedNode]:
    quads = snapshot.store.quads_for_pattern(
        None, iri("rdf:type"), iri("coop:Organization"), DefaultGraph()
    )
    found = [quad.subject for quad in quads if isinstance(quad.subject, NamedNode)]
    assert len(found) > 15
    return sorted(found, key=lambda node: node.value)


def served(snapshot: Snapshot, standard: Standard, thing: NamedNode) -> dict[str, Any]:
    description = describe(snapshot, thing)
    assert description is not None
    inline = context(standard)["@context"]
    document = json.loads(
        to_jsonld(description.index, Vocabulary(standard), inline, root=description.iri)
    )
    assert isinstance(document, dict)
    return document


def framed(document: dict[str, Any], standard: Standard) -> dict[str, Any]:
    """What an independent processor makes of the flattened document with our frame."""
    result = jsonld.frame(jsonld.flatten(document), frame(standard), {"omitGraph": True})
    assert isinstance(result, dict)
    return result


def spelled_out(value: Any) -> list[Any]:
    """A document without the choices of spelling that JSON-LD leaves to its writer.

    Lists have no order and may be left out around one value; a node of which only the id is said
    is its id; IRIs may be compact.
    """
    if isinstance(value, list):
        return sorted((one for item in value for one in spelled_out(item)), key=in_order)
    if isinstance(value, dict) and value.keys() == {"id"}:
        return spelled_out(value["id"])
    if isinstance(value, dict):
        return [{full(k): spelled_out(item) for k, item in value.items() if k != "@context"}]
    return [full(value)]


def in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def full(text: str) -> str:
    prefix, mark, local = text.partition(":")
    return PREFIXES[prefix] + local if mark and prefix in PREFIXES else text


def test_framing_gives_the_document_that_is_served(
    snapshot: Snapshot, standard: Standard, organizations: list[NamedNode]
) -> None:
    for thing in organizations:
        document = served(snapshot, standard, thing)
        assert spelled_out(framed(document, standard)) == spelled_out(document)


def test_what_differs_is_not_spelled_alike() -> None:
    one = {"id": "code:status/active", "name": {"en": "Active"}}
    assert spelled_out(one) == spelled_out([{"name": {"en": ["Active"]}, "id": one["id"]}])
    assert spelled_out(one) != spelled_out({**one, "name": {"en": "Closed"}})
    assert spelled_out(one) != spelled_out({**one, "name": {"fr": "Active"}})
    assert spelled_out(["a", "b"]) != spelled_out(["a"])


def test_each_class_has_its_own_keys_and_no_other(standard: Standard) -> None:
    content = frame(standard)["@context"]
    site, registration = content["Site"]["@context"], content["Registration"]["@context"]
    assert site["siteName"] == {"@id": "skos:prefLabel", "@container": "@language"}
    assert site["name"] is None
    assert "legalName" not in site
    assert registration["notation"] is None
    assert "siteName" not in content
    names = {value: name for name, value in class_terms(standard).items()}
    for entity in standard.entity_types.values():
        keys = {term.key for term in entity_terms(standard, entity)}
        scope = content[names[entity.target_class.value]]["@context"]
        assert {key for key, meaning in scope.items() if meaning} == keys


def test_keys_mean_what_the_context_says(standard: Standard) -> None:
    content, plain = frame(standard)["@context"], context(standard)["@context"]
    classes = {
        key for key, value in content.items() if isinstance(value, dict) and "@context" in value
    }
    assert classes
    for key, meaning in content.items():
        if key in classes:
            assert meaning["@id"] == plain[key]
            assert all(v == plain[k] for k, v in meaning["@context"].items() if v)
        else:
            assert meaning == plain[key]


def test_it_is_the_same_each_time(standard: Standard) -> None:
    assert frame_document(standard) == frame_document(standard)
    assert json.loads(frame_document(standard)) == frame(standard)
