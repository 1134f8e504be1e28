"""Splits of organisations, and how merges and splits take each other back."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Quad

from coopgraph.errors import UnknownThing, UsageError
from coopgraph.iris import is_organization_id
from coopgraph.journal import Journal
from coopgraph.namespaces import iri
from coopgraph.publish import derive
from coopgraph.store import Layout

REPLACED = iri("dcterms:isReplacedBy")


@pytest.fixture(autouse=True, params=[10**9, 0], ids=["edits", "afresh"])
def _road(request, monkeypatch) -> None:
    """Each test with a store that is edited, and with one that is built afresh."""
    monkeypatch.setattr(derive, "LARGE_COMMIT", request.param)


@pytest.fixture
def three(dataset, load, published):
    """Datasets that list A each, the first with a shop and a member; the ids that they have."""
    load(
        dataset(
            "one", ["1,A,mutual,,https://a.example/,1 High St", "2,B,mutual,1"], shops=["s,1,Shop"]
        )
    )
    load(dataset("two", ["1,A,mutual,,https://a.example/,", "3,C,mutual,1;one/1"]))
    load(dataset("three", ["1,A,mutual,two/1"]))
    return [published.id(name, "1") for name in ("one", "two", "three")]


def said(quads: set[Quad]) -> list[str]:
    """What is said, as sorted N-Quads: all but the number of the commit that says it."""
    passing = {iri("coop:sequence"), iri("dcterms:modified")}
    return sorted(f"{quad} ." for quad in quads if quad.predicate not in passing)


def redirects(published) -> dict[str, str]:
    journal = Journal.open(Layout(published.home).journal)
    found = journal.redirects()
    assert journal.verify() == []
    journal.close()
    return found


def test_records_that_leave_get_an_organisation_of_their_own(
    three, publisher, published, rebuilt
) -> None:
    one, two, _ = three
    publisher().merge(two, one)
    publisher().merge(published.id("two", "3"), one)
    sequence, new = publisher().split(one, [("two", "1"), ("two", "3")], "two shops in one street")
    assert sequence == 6
    assert is_organization_id(new)
    assert new not in three
    assert published.id("two", "1") == published.id("two", "3") == new
    assert published.id("one", "1") == one
    assert published.values(published.iri("two", "1"), "skos:prefLabel", "two") == {"A", "C"}
    assert published.values(published.iri("one", "1"), "skos:prefLabel", "two") == set()
    assert published.values(published.iri("one", "1"), "org:hasSite"), "parts go with their record"
    journal = Journal.open(Layout(published.home).journal)
    last = journal.commits()[-1]
    assert (last.action, last.message) == ("split", "two shops in one street")
    assert last.report == {"old": one, "new": new, "records": ["two/1", "two/3"]}
    journal.close()
    assert published.quads() == rebuilt(published.home)


def test_references_follow_a_split(three, publisher, published) -> None:
    one, two, _ = three
    publisher().merge(two, one)
    assert published.values(published.iri("three", "1"), "org:memberOf") == {
        published.iri("one", "1").value
    }
    publisher().split(one, [("two", "1")])
    assert published.values(published.iri("three", "1"), "org:memberOf") == {
        published.iri("two", "1").value
    }
    assert published.values(published.iri("one", "2"), "org:memberOf") == {
        published.iri("one", "1").value
    }


def test_a_split_takes_a_merge_back(three, publisher, published, rebuilt) -> None:
    one, two, _ = three
    before = said(published.quads())
    publisher().merge(two, one)
    assert said(published.quads()) != before
    assert publisher().split(one, [("two", "1")]) == (5, two)
    assert said(published.quads()) == before
    assert redirects(published) == {}
    assert published.quads() == rebuilt(published.home)


def test_a_merge_takes_a_split_back_but_for_the_id_that_was_given_out(
    three, publisher, published, rebuilt
) -> None:
    one, two, _ = three
    publisher().merge(two, one)
    publisher().merge(published.id("two", "3"), one)
    before = published.quads()
    _, new = publisher().split(one, [("two", "1"), ("two", "3")])
    halved = said(published.quads())
    publisher().merge(new, one)
    after = published.quads()
    left = {q for q in after if q.predicate == REPLACED and q.subject.value.endswith(new)}
    assert {quad.object for quad in left} == {published.iri("one", "1")}
    assert uncounted(after - left) == uncounted(before)
    publisher().split(one, [("two", "1"), ("two", "3")])
    assert said(published.quads()) == halved
    assert published.quads() == rebuilt(published.home)


def uncounted(quads: set[Quad]) -> list[str]:
    """What is said, but for numbers of triples, which count one redirect more."""
    return [line for line in said(quads) if "/void#" not in line and "void-ext#" not in line]


def test_chained_merges_are_taken_back_one_by_one(three, publisher, published) -> None:
    one, two, third = three
    states = [said(published.quads())]
    publisher().merge(two, one)
    states.append(said(published.quads()))
    publisher().merge(one, third)
    assert publisher().split(third, [("one", "1"), ("two", "1")])[1] == one
    assert said(published.quads()) == states[1]
    assert redirects(published) == {two: one}
    assert publisher().split(one, [("two", "1")])[1] == two
    assert said(published.quads()) == states[0]


def test_of_merges_in_a_chain_the_first_may_be_taken_back_alone(
    three, publisher, published
) -> None:
    one, two, third = three
    publisher().merge(two, one)
    publisher().merge(one, third)
    assert publisher().split(third, [("two", "1")])[1] == two
    assert redirects(published) == {one: third}


def test_an_old_id_leads_where_its_records_went(three, publisher, published, rebuilt) -> None:
    one, two, third = three
    publisher().merge(two, one)
    publisher().merge(third, one)
    _, new = publisher().split(one, [("two", "1"), ("three", "1")])
    assert redirects(published) == {two: new, third: new}
    assert published.quads() == rebuilt(published.home)


def test_a_record_that_is_no_longer_listed_goes_back_with_the_others(
    three, dataset, load, publisher, published
) -> None:
    one, two, _ = three
    publisher().merge(published.id("two", "3"), two)
    publisher().merge(two, one)
    load(dataset("two", ["1,A,mutual,,https://a.example/,"]), may_remove=True)
    assert publisher().split(one, [("two", "1")])[1] == two
    assert published.id("two", "3") == two


def test_a_split_survives_the_next_load(three, dataset, load, publisher, published) -> None:
    one, two, third = three
    publisher().merge(third, one)
    publisher().merge(two, one)
    _, new = publisher().split(one, [("two", "1"), ("three", "1")])
    load(dataset("two", ["1,A2,mutual,,https://a.example/,", "3,C,mutual,1;one/1"]))
    assert published.id("two", "1") == new
    assert published.values(published.iri("two", "1"), "skos:prefLabel") == {"A", "A2"}


@pytest.mark.parametrize(
    ("records", "error", "message"),
    [
        ([("two", "9")], UnknownThing, "no published record “two/9”"),
        ([("nine", "1")], UnknownThing, "no published record “nine/1”"),
        ([("three", "1")], UsageError, "“three/1” is a record of “"),
        ([("one", "shops:s")], UsageError, "is a part of the record “one/1”"),
        ([("one", "1"), ("two", "1")], UsageError, "one at least must stay"),
    ],
)
def test_what_cannot_be_split_is_refused(
    records, error, message, three, publisher, published
) -> None:
    one, two, _ = three
    publisher().merge(two, one)
    if records[0][1].startswith("shops"):
        records = [("one", shop_key(published))]
    before = published.quads()
    with pytest.raises(error, match=re.escape(message)):
        publisher().split(one, records)
    assert published.quads() == before


def shop_key(published) -> str:
    journal = Journal.open(Layout(published.home).journal)
    [key] = [head.key for head in journal.heads("one") if head.parent]
    journal.close()
    return key


def test_ids_that_have_no_records_are_refused(three, publisher) -> None:
    one, two, _ = three
    with pytest.raises(UnknownThing, match="0000000000-00"):
        publisher().split("0000000000-00", [("one", "1")])
    publisher().merge(two, one)
    with pytest.raises(UnknownThing, match=f"was merged into “{one}”"):
        publisher().split(two, [("two", "1")])
