"""One organisation of several sources: licences, the merge, and merges of organisations."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions

from coopgraph.errors import UnknownThing, UsageError
from coopgraph.journal import Journal
from coopgraph.namespaces import STANDARD, VOID, iri
from coopgraph.store import Layout, Snapshots

HOMEPAGE = "https://a.example/"
NAME = iri("skos:prefLabel")


def count(home, pattern: str) -> int:
    found = Snapshots(home).current().store.query(f"SELECT * WHERE {{ {pattern} }}")
    assert isinstance(found, QuerySolutions)
    return len(list(found))


@pytest.fixture
def two_sources(dataset, load, published):
    """Datasets ``one`` and ``two`` that list organisation A, and their ids for it."""
    load(dataset("one", [f"1,A,mutual,,{HOMEPAGE},1 High St", "2,B,mutual,1"], shops=["s,1,Shop"]))
    load(dataset("two", [f"1,A,mutual,,{HOMEPAGE},1 High St", "3,C,mutual,1;one/1"]))
    return published.id("one", "1"), published.id("two", "1")


def test_a_fact_of_two_sources_is_one_fact_in_the_merge(two_sources, publisher, published) -> None:
    publisher().merge(two_sources[1], two_sources[0])
    subject = published.iri("one", "1")
    pattern = f"{subject} {iri('foaf:homepage')} ?home"
    assert count(published.home, pattern) == 1
    assert count(published.home, f"GRAPH ?g {{ {pattern} }}") == 2
    address = f"{subject} {iri('locn:address')}/{iri('locn:thoroughfare')} ?street"
    assert count(published.home, address) == 1, "equal addresses are one node"


def test_a_merge_moves_records_and_leaves_a_redirect(two_sources, publisher, published) -> None:
    new, old = two_sources
    before = published.iri("two", "1")
    assert publisher().merge(old, new, "the same baker") == 3
    assert published.id("two", "1") == published.id("one", "1") == new
    assert published.values(before, "skos:prefLabel") == set()
    assert published.values(before, "dcterms:isReplacedBy", "catalogue") == {
        published.iri("one", "1").value
    }
    journal = Journal.open(Layout(published.home).journal)
    assert journal.redirects() == {old: new}
    last = journal.commits()[-1]
    assert (last.action, last.message, last.report) == (
        "merge", "the same baker", {"old": old, "new": new},
    )  # fmt: skip
    journal.close()


def test_references_follow_a_merge(two_sources, publisher, published) -> None:
    new, old = two_sources
    gone = published.iri("two", "1")
    publisher().merge(old, new)
    stays = published.iri("one", "1")
    member = published.iri("two", "3")
    assert published.values(member, "org:memberOf") == {stays.value}
    assert published.values(stays, "org:hasMember") == {
        member.value, published.iri("one", "2").value,
    }  # fmt: skip
    left = {quad.predicate for quad in published.about(gone)}
    assert left == {iri("dcterms:isReplacedBy")}


def test_records_of_a_merged_organisation_stay_merged(
    two_sources, dataset, load, publisher, published
) -> None:
    new, old = two_sources
    publisher().merge(old, new)
    load(dataset("two", [f"1,A2,mutual,,{HOMEPAGE},1 High St", "3,C,mutual,1;one/1"]))
    assert published.id("two", "1") == new
    subject = published.iri("one", "1")
    assert published.values(subject, "skos:prefLabel") == {"A", "A2"}
    assert published.values(subject, "skos:prefLabel", "one") == {"A"}
    assert published.values(subject, "skos:prefLabel", "two") == {"A2"}


def test_what_one_of_two_sources_drops_stays_until_the_other_does(
    two_sources, dataset, load, publisher, published
) -> None:
    publisher().merge(two_sources[1], two_sources[0])
    subject = published.iri("one", "1")
    load(dataset("two", ["1,A,mutual,,,", "3,C,mutual,1;one/1"]))
    assert published.values(subject, "foaf:homepage") == {HOMEPAGE}
    assert published.values(subject, "foaf:homepage", "two") == set()
    load(dataset("one", ["1,A,mutual,,,1 High St", "2,B,mutual,1"], shops=["s,1,Shop"]))
    assert published.values(subject, "foaf:homepage") == set()


def test_merges_can_be_chained(two_sources, publisher, published) -> None:
    third = published.id("two", "3")
    publisher().merge(two_sources[1], two_sources[0])
    publisher().merge(two_sources[0], third)
    assert {published.id("one", "1"), published.id("two", "1")} == {third}
    journal = Journal.open(Layout(published.home).journal)
    assert journal.redirects() == {two_sources[1]: third, two_sources[0]: third}
    journal.close()


def test_what_cannot_be_merged_is_refused(two_sources, publisher, published) -> None:
    before = published.quads()
    new, old = two_sources
    for pair in ((old, "0000000000-00"), ("0000000000-00", new)):
        with pytest.raises(UnknownThing, match="0000000000-00"):
            publisher().merge(*pair)
    with pytest.raises(UsageError, match="itself"):
        publisher().merge(old, old)
    publisher().merge(old, new)
    with pytest.raises(UnknownThing):
        publisher().merge(new, old)
    assert published.quads() != before


# Licences -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("licence", "extra", "is_merged"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "", True),
        ("https://creativecommons.org/licenses/by/4.0/", "merge: false\n", False),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "", False),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "merge: true\n", True),
        ("", "", False),
    ],
)
def test_what_may_not_be_merged_stands_in_its_own_graph_alone(
    licence: str, extra: str, is_merged: bool, dataset, load, published
) -> None:
    load(dataset("list", ["1,A,credit-union"], licence=licence, extra=extra))
    subject = published.iri("list", "1")
    assert published.values(subject, "skos:prefLabel", "list") == {"A"}
    assert bool(published.values(subject, "skos:prefLabel")) == is_merged
    assert bool(published.values(subject, "rdf:type")) == is_merged
    assert Snapshots(published.home).current().manifest.merged == {"list": is_merged}


def test_a_dataset_may_join_and_leave_the_merge(dataset, load, published, rebuilt) -> None:
    rows = ["1,A,credit-union", "2,B,mutual,1"]
    load(dataset("open", ["1,Z,mutual"]))
    for extra, expected in (("", {"A"}), ("merge: false\n", set()), ("merge: true\n", {"A"})):
        load(dataset("list", rows, extra=extra))
        assert published.values(published.iri("list", "1"), "skos:prefLabel") == expected
        assert published.quads() == rebuilt(published.home)


def test_reasoning_uses_no_fact_that_may_not_be_merged(dataset, load, publisher, published) -> None:
    load(dataset("open", ["1,A,mutual"]))
    load(dataset("closed", ["1,A,credit-union"], extra="merge: false\n"))
    publisher().merge(published.id("closed", "1"), published.id("open", "1"))
    subject = published.iri("open", "1")
    classes = {name.rpartition("#")[2] for name in published.values(subject, "rdf:type")}
    assert "CreditUnion" not in classes
    assert len(published.values(subject, "coop:kind")) == 1
    assert len(published.values(subject, "coop:kind", "closed")) == 1


# The catalogue --------------------------------------------------------------------------------


def test_the_catalogue_describes_each_dataset(sample_home, sample, load, published) -> None:
    load(sample / "flipside")
    node = NamedNode(f"{STANDARD}id/dataset/flipside")

    def values(path: str) -> set[str]:
        found = published.values(node, path, "catalogue")
        assert published.values(node, path) == found
        return found

    assert published.values(node, "rdf:type", "catalogue") == {iri("dcat:Dataset").value}
    assert published.values(node, "rdf:type", "description") == {f"{VOID}Dataset"}
    assert values("dcterms:title") == {"Flipside directory"}
    assert values("dcterms:identifier") == {"flipside"}
    assert values("dcterms:license") == {"https://creativecommons.org/publicdomain/zero/1.0/"}
    assert values("dcat:landingPage") == {"https://federation.flipside.example/directory"}
    assert values("dcterms:accrualPeriodicity") == {
        "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
    }
    assert values("coop:graph") == {f"{STANDARD}graph/flipside"}
    assert values("coop:organizationCount") == {"12"}
    assert values("coop:recordCount") == {"24"}
    assert values("dcat:version") == {"2024"}
    assert len(values("dcterms:issued")) == 1
    assert max(values("dcterms:modified")) > max(values("dcterms:issued"))
    [agent] = values("dcterms:publisher")
    assert published.values(NamedNode(agent), "foaf:name") == {"Flipside Federation"}
    root = NamedNode(f"{STANDARD}id/catalogue")
    assert published.values(root, "dcat:dataset", "catalogue") == {
        f"{STANDARD}id/dataset/{name}" for name in ("flipside", "northlight")
    }
    sequences = [q for q in published.quads() if q.predicate == iri("coop:sequence")]
    assert {q.object for q in sequences} == {Literal("3", datatype=iri("xsd:integer"))}
