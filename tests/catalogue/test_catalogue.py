"""The catalogue: datasets, licences, counts and lists of organisations."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from coopgraph.catalogue import (
    Filters,
    list_organizations,
    read_datasets,
    read_statistics,
    sort_key,
)
from coopgraph.entity import label
from coopgraph.namespaces import CODE, dataset_graph
from coopgraph.store import Snapshot, Snapshots


@pytest.fixture(scope="module")
def snapshot(served_sample: Path) -> Snapshot:
    return Snapshots(served_sample).current()


def names(snapshot: Snapshot, **filters: str) -> list[str]:
    found = list_organizations(snapshot, Filters(**filters)).organizations
    return [label(snapshot, item) for item in found]


def test_datasets_are_read_with_all_they_say(snapshot: Snapshot) -> None:
    datasets = read_datasets(snapshot)
    assert list(datasets) == ["flipside", "northlight"]
    found = datasets["flipside"]
    assert found.title == "Flipside directory"
    assert found.publisher == "Flipside Federation"
    assert found.publisher_homepage == "https://federation.flipside.example/"
    assert found.landing_page == "https://federation.flipside.example/directory"
    assert found.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert found.frequency == "yearly"
    assert found.edition == "2023"
    assert found.organizations == 12
    assert found.records > found.organizations
    assert found.graph == dataset_graph(snapshot.base, "flipside")
    assert found.modified is not None
    assert datasets["northlight"].rights == "Northlight Registry, CC BY 4.0"


def test_organisations_are_counted(snapshot: Snapshot) -> None:
    counts = read_statistics(snapshot)
    assert counts.organizations == len(names(snapshot)) > 15
    assert sum(count for _, count in counts.by_country) <= counts.organizations
    assert dict(counts.by_country)[NamedNode(f"{CODE}country/US")] == 9
    assert [n for _, n in counts.by_kind] == sorted((n for _, n in counts.by_kind), reverse=True)


def test_lists_are_narrowed_and_in_order(snapshot: Snapshot) -> None:
    everyone = names(snapshot)
    assert everyone == sorted(everyone, key=sort_key)
    vermont = ["Handstand Housing", "Overturn Credit Union", "Pancake Press"]
    assert names(snapshot, region="US-VT") == vermont
    assert names(snapshot, region="US-VT", kind="credit-union") == ["Overturn Credit Union"]
    assert "Boreal Fund" in names(snapshot, kind="credit-union", source="northlight")
    assert "Overturn Credit Union" not in names(snapshot, source="northlight")
    assert names(snapshot, kind="no-such-kind") == []
    assert names(snapshot, source="no-such-source") == []


def test_facets_count_what_a_list_can_be_narrowed_by(snapshot: Snapshot) -> None:
    facets = list_organizations(snapshot, Filters(country="US")).facets
    assert set(facets) == {"kind", "region"}
    assert dict(facets["region"])[NamedNode(f"{CODE}subdivision/US-VT")] == 3
    for region, count in facets["region"]:
        notation = region.value.rpartition("/")[2]
        assert len(names(snapshot, country="US", region=notation)) == count


def test_names_sort_as_people_expect() -> None:
    wanted = ["Aardvark", "Coop 2", "Coop 10", "Éclair", "Zest"]
    assert sorted(set(wanted), key=sort_key) == wanted
