"""Links that were counted, as linksets: who links to whom, by what, how often."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Triple

from coopgraph.namespaces import STANDARD, iri
from coopgraph.selfdescription import LINKING, Other, between, outside, void

BASE = "https://x.example/"
SOURCE, OTHER = NamedNode(f"{BASE}id/dataset/one"), NamedNode(f"{BASE}id/dataset/two")
SAME, MATCH, KNOWS = iri("owl:sameAs"), iri("skos:exactMatch"), iri("foaf:knows")


def linksets(triples: list[Triple]) -> list[tuple[str, str, str, int]]:
    """Source, property, target or what its names begin with, links; sorted."""
    said = {(t.subject, t.predicate): t.object.value for t in triples}  # type: ignore[union-attr]
    found = []
    for triple in triples:
        if triple.object == void("Linkset"):
            node = triple.subject
            source, path, target, number = (
                said[node, void(name)]
                for name in ("subjectsTarget", "linkPredicate", "objectsTarget", "triples")
            )
            assert Triple(NamedNode(source), void("subset"), node) in triples
            space = said.get((NamedNode(target), void("uriSpace")), target)
            found.append((source, path, space, int(number)))
    return sorted(found)


def test_links_to_the_outside_are_grouped_by_who_names_things() -> None:
    links = {
        (SAME, NamedNode("http://www.wikidata.org/entity/Q1")): 2,
        (SAME, NamedNode("http://www.wikidata.org/entity/Q23")): 1,
        (MATCH, NamedNode("http://www.wikidata.org/entity/Q1")): 4,
        (SAME, NamedNode("https://lei.example/lei/5299")): 1,
        (SAME, NamedNode("urn:isbn:123")): 5,
    }
    assert linksets(list(outside(BASE, SOURCE, links))) == [
        (SOURCE.value, SAME.value, "http://www.wikidata.org/entity/", 3),
        (SOURCE.value, SAME.value, "https://lei.example/lei/", 1),
        (SOURCE.value, SAME.value, "urn:isbn:", 5),
        (SOURCE.value, MATCH.value, "http://www.wikidata.org/entity/", 4),
    ]


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        (SAME, f"{BASE}id/org/a"),
        (MATCH, f"{STANDARD}code/status/active"),
        (KNOWS, "http://www.wikidata.org/entity/Q1"),
        (iri("foaf:homepage"), "https://a-cooperative.example/"),
    ],
)
def test_what_is_no_link_to_the_outside(path: NamedNode, thing: str) -> None:
    assert list(outside(BASE, SOURCE, {(path, NamedNode(thing)): 3})) == []


def test_things_with_nothing_in_common_but_their_host_have_that() -> None:
    links = {
        (SAME, NamedNode("https://a.example/x")): 1,
        (SAME, NamedNode("https://a.example/y/z#w")): 1,
    }
    assert linksets(list(outside(BASE, SOURCE, links)))[0][2] == "https://a.example/"


def test_homepages_are_no_identity() -> None:
    assert SAME in LINKING
    assert iri("foaf:homepage") not in LINKING


def test_links_between_datasets_lead_to_what_the_other_describes() -> None:
    theirs = NamedNode(f"{BASE}id/org/theirs")
    links = {(KNOWS, theirs): 3, (SAME, theirs): 1, (KNOWS, NamedNode(f"{BASE}id/org/none")): 9}
    other = Other(OTHER, lambda thing: thing == theirs)
    assert linksets(list(between(BASE, SOURCE, links, [other]))) == [
        (SOURCE.value, SAME.value, OTHER.value, 1),
        (SOURCE.value, KNOWS.value, OTHER.value, 3),
    ]
    assert list(between(BASE, SOURCE, links, [])) == []
