"""Edits to a store and a store built afresh are the same store, whatever came before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, Triple, parse

from coopgraph.errors import NotConforming
from coopgraph.journal import Journal
from coopgraph.namespaces import CODE, PREFIXES, iri
from coopgraph.publish import LoadOptions, Publisher, derive
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import read_descriptor


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes every commit but the first an edit; gives the sequences of those edits."""
    applied: list[int] = []
    apply = derive.Derivation._apply

    def noted(self: derive.Derivation, store: object, sequence: int) -> None:
        applied.append(sequence)
        apply(self, store, sequence)  # type: ignore[arg-type]

    monkeypatch.setattr(derive, "LARGE_COMMIT", 10**9)
    monkeypatch.setattr(derive.Derivation, "_apply", noted)
    return applied


def test_editions_edit_by_edit(sample_home, sample, load, published, rebuilt, edited) -> None:
    load(sample / "flipside", edition="2024")
    assert published.quads() == rebuilt(sample_home)
    load(sample / "northlight", edition="2024")
    load(sample / "flipside", edition="2023", may_remove=True)
    assert published.quads() == rebuilt(sample_home)
    assert edited == [3, 4, 5]


def test_merges_edit_by_edit(
    sample_home, sample, load, publisher, published, rebuilt, edited
) -> None:
    bakery = published.id("flipside", "F02"), published.id("northlight", "N4")
    federation = published.id("northlight", "N1"), published.id("flipside", "F01")
    publisher().merge(*bakery)
    publisher().merge(*federation)
    assert published.quads() == rebuilt(sample_home)
    load(sample / "northlight", edition="2024")
    load(sample / "flipside", edition="2024")
    assert published.quads() == rebuilt(sample_home)
    assert edited == [3, 4, 5, 6]


def test_what_many_leave_is_looked_at_once(
    dataset, load, published, rebuilt, edited, settings, monkeypatch
) -> None:
    members = range(2, 40)
    load(dataset("list", ["1,A,federation", *(f"{n},M{n},credit-union,1" for n in members)]))
    federation, seen = published.id("list", "1"), []
    graphs = derive.Derivation._graphs

    def noted(self: derive.Derivation, name: str, sequence: int) -> dict[str, set[str]]:
        seen.append(name)
        return graphs(self, name, sequence)

    monkeypatch.setattr(derive.Derivation, "_graphs", noted)
    load(dataset("list", ["1,A,federation", *(f"{n},M{n},credit-union" for n in members)]))
    assert edited == [2]
    assert seen.count(federation) == 1
    assert published.quads() == rebuilt(settings.home)


def test_moves_removals_and_returns_edit_by_edit(
    dataset, load, published, rebuilt, edited, settings
) -> None:
    steps = [
        (["1,A,credit-union,2", "2,B,federation", "3,C,mutual,2;1"], ["s,1,Shop"], ["1,2020,5"]),
        (["1,A,mutual,2", "2,B,federation", "3,C,mutual,2"], ["s,2,Shop"], ["1,2020,6"]),
        (["2,B,federation,3", "3,C,mutual,2"], ["s,1,Shop"], ["2,2020,6", "1,2021,1"]),
        (["1,,mutual", "2,B,mutual", "3,D,mutual,1"], [], []),
        (["1,A,credit-union,2", "2,B,federation", "3,C,mutual,2;1"], ["s,1,Shop"], ["1,2020,5"]),
    ]
    for rows, shops, figures in steps:
        load(dataset("list", rows, shops=shops, figures=figures), may_remove=True)
        assert published.quads() == rebuilt(settings.home)
    assert edited == [2, 3, 4, 5]


def test_a_literal_that_looks_open_survives(dataset, load, published, rebuilt, settings) -> None:
    texts = ["<open:self", "<open:ref/list/2> .", "\\<open:self>", "a\\u003Copen:"]
    for name in texts:
        load(dataset("list", [f"1,{name},mutual", "2,B,mutual,1"]))
        assert published.values(published.iri("list", "1"), "skos:prefLabel") == {name}
        assert published.quads() == rebuilt(settings.home)


def test_the_size_of_a_commit_chooses_the_road(dataset, load, monkeypatch, edited) -> None:
    monkeypatch.setattr(derive, "LARGE_COMMIT", 2)
    load(dataset("list", ["1,A,mutual", "2,B,mutual", "3,C,mutual"]))
    load(dataset("list", ["1,X,mutual", "2,Y,mutual", "3,C,mutual"]))
    assert edited == [2]
    load(dataset("list", ["1,A,mutual", "2,B,mutual", "3,Z,mutual"]))
    assert edited == [2]


# Any history ----------------------------------------------------------------------------------

names = st.sampled_from(["A", "B", ""])
kinds = st.sampled_from(["mutual", "credit-union", "federation;mutual"])
targets = st.lists(st.sampled_from(["1", "2", "3", "one/1", "two/2"]), max_size=2, unique=True)
rest = st.sampled_from([",", "https://a.example/,", ",1 High St", "https://a.example/,1 High St"])
organisations = st.dictionaries(
    st.sampled_from("123"), st.tuples(names, kinds, targets, rest), min_size=1
).map(lambda rows: [f"{k},{n},{kind},{';'.join(t)},{r}" for k, (n, kind, t, r) in rows.items()])
shops = st.dictionaries(
    st.sampled_from("st"), st.tuples(st.sampled_from("123"), st.sampled_from(["Shop", "Shed"]))
).map(lambda rows: [f"{key},{owner},{name}" for key, (owner, name) in rows.items()])
loads = st.tuples(st.sampled_from(["one", "two"]), organisations, shops, st.booleans())
merges = st.tuples(st.integers(0, 5), st.integers(0, 5))
splits = st.tuples(st.integers(0, 5))
histories = st.lists(st.one_of(loads, loads, merges, splits), min_size=2, max_size=6)


class Line:
    """A state folder whose commits all take one road."""

    def __init__(self, home: Path, standard: Standard, limit: int) -> None:
        self.home = home
        self.limit = limit
        self.publisher = Publisher(Settings(home=home), standard, clock=clock().__next__)

    def ids(self) -> list[str]:
        journal = Journal.open(Layout(self.home).journal)
        found = {record.organization for record in journal.all_records()}
        journal.close()
        return sorted(found)

    def shared(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Organisations that several records are about, and one of those."""
        journal = Journal.open(Layout(self.home).journal)
        records: dict[str, list[tuple[str, str]]] = {}
        for record in journal.all_records():
            if journal.parent_of(record.dataset, record.key) == "":
                names = records.setdefault(record.organization, [])
                names.append((record.dataset, record.key))
        journal.close()
        return [(name, [found[0]]) for name, found in sorted(records.items()) if len(found) > 1]

    def quads(self) -> set[Quad]:
        return set(Snapshots(self.home).current().store)


def clock() -> Iterator[datetime]:
    time = datetime(2025, 1, 1, tzinfo=UTC)
    while True:
        yield time
        time += timedelta(minutes=1)


HOST = """
[] a owl:Restriction ; owl:onProperty org:hasMember ; owl:someValuesFrom coop:CreditUnion ;
    rdfs:subClassOf <https://x.example/Host> .
[] a owl:Restriction ; owl:onProperty coop:kind ; owl:hasValue kind:mutual ;
    rdfs:subClassOf <https://x.example/Host> .
"""


def test_what_members_say_of_a_federation_holds_while_one_says_it(
    dataset, publisher, light, tmp_path, monkeypatch
) -> None:
    publisher()  # the compiled shapes of the session
    ontology = (*light.ontology, *turtle(HOST))
    standard = replace(light, ontology=ontology)
    lines = [Line(tmp_path / "edits", standard, 10**9), Line(tmp_path / "afresh", standard, 0)]
    steps = [
        (["1,A,credit-union,3", "2,B,credit-union,3", "3,F,federation;mutual"], True),
        (["1,A,credit-union,3", "2,B,credit-union,3", "3,F,federation"], True),
        (["1,A,food-cooperative,3", "2,B,credit-union,3", "3,F,federation"], True),
        (["1,A,food-cooperative,3", "2,B,credit-union", "3,F,federation"], False),
        (["1,A,credit-union,3", "2,B,credit-union", "3,F,federation"], True),
        (["2,B,credit-union", "3,F,federation"], False),
    ]
    for rows, is_host in steps:
        for line in lines:
            monkeypatch.setattr(derive, "LARGE_COMMIT", line.limit)
            take(("list", rows, [], True), line, dataset, standard)
        assert lines[0].quads() == lines[1].quads(), rows
        assert is_host == any("x.example/Host" in str(quad.object) for quad in of_type(lines[0]))


def of_type(line: Line) -> list[Quad]:
    return [q for q in line.quads() if q.predicate == iri("rdf:type") and "org/" in str(q.subject)]


def turtle(text: str) -> list[Triple]:
    prefixes = "".join(f"@prefix {name}: <{stem}> .\n" for name, stem in PREFIXES.items())
    kinds = f"@prefix kind: <{CODE}organisation-kind/> .\n"
    source = f"{prefixes}{kinds}{text}"
    return [quad.triple for quad in parse(source, format=RdfFormat.TURTLE)]


@bounds(max_examples=8)
@given(history=histories)
def test_any_history_ends_alike_on_both_roads(
    history, dataset, publisher, light, tmp_path_factory, monkeypatch
) -> None:
    publisher()  # the compiled shapes of the session
    folder = tmp_path_factory.mktemp("roads")
    lines = [Line(folder / "edits", light, 10**9), Line(folder / "afresh", light, 0)]
    for step in history:
        for line in lines:
            monkeypatch.setattr(derive, "LARGE_COMMIT", line.limit)
            take(step, line, dataset, light)
        if Layout(lines[0].home).current.exists():
            assert lines[0].quads() == lines[1].quads(), step
    shutil.rmtree(folder)


def take(step, line: Line, dataset, light: Standard) -> None:
    """One step of a history: a load, or a merge of two organisations if there are two, or a split
    of one that several records are about.
    """
    if len(step) == 4:
        name, rows, shop_rows, is_merged = step
        extra = "" if is_merged else "merge: false\n"
        source = dataset(name, rows, shops=shop_rows, extra=extra)
        descriptor = read_descriptor(source, light)
        try:
            line.publisher.load(descriptor, source, LoadOptions(may_remove=True))
        except NotConforming:
            return
    elif not Layout(line.home).current.exists():
        return
    elif len(step) == 1:
        shared = line.shared()
        if shared:
            line.publisher.split(*shared[step[0] % len(shared)])
    elif len(ids := line.ids()) > 1:
        old, new = (ids[place % len(ids)] for place in step)
        if old != new:
            line.publisher.merge(old, new)
