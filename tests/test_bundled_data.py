"""The bundled directories are as large, as wide and as clean as they claim."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from coopgraph import resources
from coopgraph.publish import LoadOptions, LoadReport, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import read_descriptor

DIRECTORIES = ("us-directory", "world-directory")


def rows(name: str) -> list[dict[str, str]]:
    with (resources.DATA / name / "organisations.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> dict[str, LoadReport]:
    publisher = Publisher(Settings(home=tmp_path_factory.mktemp("bundled")), standard)
    descriptors = [read_descriptor(resources.DATA / name, standard) for name in DIRECTORIES]
    return {d.slug: publisher.load(d, d.folder, LoadOptions(is_strict=True)) for d in descriptors}


@pytest.mark.parametrize("name", ["coops-uk", "ncua", *DIRECTORIES])
def test_descriptors_are_sound(name: str, standard: Standard) -> None:
    descriptor = read_descriptor(resources.DATA / name, standard)
    assert descriptor.slug == name
    assert descriptor.about.is_merged
    assert descriptor.about.licence


@pytest.mark.parametrize("name", DIRECTORIES)
def test_every_row_is_published_without_a_remark(name: str, reports: dict[str, LoadReport]) -> None:
    report = reports[name]
    assert report.total("published") == report.total("read") == len(rows(name))
    assert report.notes == ()


def test_the_us_directory_has_every_kind_that_it_promises() -> None:
    listed = rows("us-directory")
    kinds = Counter(kind for row in listed for kind in row["kind"].split(";"))
    members = Counter(row["membership_type"] for row in listed)
    assert len(listed) >= 200
    assert {row["country"] for row in listed} == {"US"}
    assert min(members[name] for name in ("worker", "consumer", "producer")) >= 20
    wanted = (
        "credit-union",
        "energy-cooperative",
        "housing-cooperative",
        "federation",
        "development-center",
        "community-lender",
    )
    assert min(kinds[name] for name in wanted) >= 10


def test_the_world_directory_spans_the_world() -> None:
    listed = rows("world-directory")
    countries = {row["country"] for row in listed}
    assert len(listed) >= 80
    assert len(countries) >= 25
    assert "US" not in countries


@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_homepage_is_the_evidence_of_every_row(name: str) -> None:
    listed = rows(name)
    assert listed
    assert all(row["homepage"].startswith(("https://", "http://")) for row in listed)
    assert all(row["name"] and row["kind"] for row in listed)


def test_descriptions_say_that_they_want_confirming(standard: Standard) -> None:
    for name in DIRECTORIES:
        about = read_descriptor(resources.DATA / name, standard).about
        assert "want confirming" in about.description
        assert about.licence == "https://creativecommons.org/publicdomain/zero/1.0/"


def test_no_register_is_bundled() -> None:
    files = {path.relative_to(resources.DATA) for path in resources.DATA.rglob("*.csv")}
    assert files == {Path(name, "organisations.csv") for name in DIRECTORIES}
