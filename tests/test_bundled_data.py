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


# South, west, north and east of countries, to the degree and generously.
BOXES = {
    "AR": (-56, -74, -21, -53), "AT": (46, 9, 50, 18), "AU": (-44, 112, -9, 154),
    "BE": (49, 2, 52, 7), "BF": (9, -6, 16, 3), "BG": (41, 22, 45, 29),
    "BO": (-23, -70, -9, -57), "BR": (-34, -74, 6, -34), "CA": (41, -142, 84, -52),
    "CH": (45, 5, 48, 11), "CL": (-56, -76, -17, -66), "CO": (-5, -80, 14, -66),
    "CR": (8, -87, 12, -82), "CZ": (48, 12, 52, 19), "DE": (47, 5, 56, 16),
    "DK": (54, 7, 58, 16), "EC": (-6, -82, 2, -75), "EE": (57, 21, 60, 29),
    "ES": (27, -19, 44, 5), "FI": (59, 19, 71, 32), "FR": (41, -6, 52, 10),
    "GB": (49, -9, 61, 2), "GR": (34, 19, 42, 30), "HR": (42, 13, 47, 20),
    "IE": (51, -11, 56, -5), "IN": (6, 68, 36, 98), "IS": (63, -25, 67, -13),
    "IT": (35, 6, 48, 19), "JP": (24, 122, 46, 146), "KE": (-5, 33, 6, 42),
    "KR": (33, 124, 39, 132), "LU": (49, 5, 51, 7), "MA": (27, -14, 36, 0),
    "MX": (14, -119, 33, -86), "MY": (0, 99, 8, 120), "NL": (50, 3, 54, 8),
    "NO": (57, 4, 72, 32), "NP": (26, 80, 31, 89), "NZ": (-48, 166, -34, 179),
    "PH": (4, 116, 22, 127), "PL": (49, 14, 55, 25), "PT": (32, -32, 43, -6),
    "SE": (55, 10, 70, 25), "SG": (1, 103, 2, 105), "SK": (47, 16, 50, 23),
    "TH": (5, 97, 21, 106), "TR": (35, 25, 43, 45), "TW": (21, 119, 26, 123),
    "UG": (-2, 29, 5, 36), "US": (18, -180, 72, -65), "UY": (-35, -59, -30, -53),
    "VN": (8, 102, 24, 110), "ZA": (-35, 16, -22, 33),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRECTORIES)
def test_every_point_lies_in_its_country(name: str) -> None:
    located = [row for row in rows(name) if row["latitude"] or row["longitude"]]
    assert len(located) > 80
    for row in located:
        south, west, north, east = BOXES[row["country"]]
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        assert south <= latitude <= north, f"{row['id']}: mend its latitude"
        assert west <= longitude <= east, f"{row['id']}: mend its longitude"
        assert row["precision"], f"{row['id']}: say how exact its point is"


def test_regions_are_of_their_countries() -> None:
    regions = [(row["id"], row["country"], row["region"]) for n in DIRECTORIES for row in rows(n)]
    assert len([region for _, _, region in regions if region]) > 200
    for key, country, region in regions:
        assert not region or region.startswith(f"{country}-"), key


def test_rows_stand_once() -> None:
    listed = [row for name in DIRECTORIES for row in rows(name)]
    for column in ("id", "homepage"):
        often = [value for value, n in Counter(row[column] for row in listed).items() if n > 1]
        assert often == [], f"these stand twice as {column}"


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
