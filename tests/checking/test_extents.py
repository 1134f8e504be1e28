"""Points in countries, near them, and elsewhere."""

from __future__ import annotations

import csv

import pytest

from coopgraph import resources
from coopgraph.checking.extents import is_within


@pytest.mark.parametrize(
    ("country", "latitude", "longitude"),
    [
        ("DE", 52.52, 13.40), ("CH", 46.95, 7.45), ("VA", 41.90, 12.45), ("MC", 43.74, 7.42),
        ("FJ", -18.14, 178.44), ("FJ", -16.8, -179.9), ("RU", 66.0, -170.0), ("NZ", -43.9, -176.5),
        ("US", 21.3, -157.9), ("US", 18.47, -66.1), ("PR", 18.47, -66.1), ("FR", -21.1, 55.5),
        ("GB", 54.15, -4.48), ("SJ", 78.2, 15.6), ("RS", 42.66, 21.16), ("CY", 35.34, 33.32),
        ("KI", 1.87, -157.4), ("TV", -8.52, 179.2), ("AT", 47.5, 9.6),
    ],
)  # fmt: skip
def test_points_in_their_country(country: str, latitude: float, longitude: float) -> None:
    assert is_within(country, latitude, longitude) is not False


@pytest.mark.parametrize(
    ("country", "latitude", "longitude"),
    [
        ("DE", 13.40, 52.52), ("DE", 48.85, 2.35), ("US", 42.36, 71.06), ("US", 0, 0),
        ("CH", -46.95, 7.45), ("VA", 45.46, 9.19), ("GB", 0, 91), ("FJ", 0, 0), ("NL", 52.4, 200),
        ("PR", 51.5, 0), ("NO", 90, 0), ("NO", -90, 180),
    ],
)  # fmt: skip
def test_points_elsewhere(country: str, latitude: float, longitude: float) -> None:
    assert is_within(country, latitude, longitude) is False


@pytest.mark.parametrize("country", ["", "XX", "AQ", "DEU"])
def test_nothing_is_said_of_what_is_not_known(country: str) -> None:
    assert is_within(country, 52.5, 13.4) is None


def test_a_border_is_not_sharp() -> None:
    basel = 47.56, 7.59
    assert is_within("CH", *basel)
    assert is_within("DE", *basel)
    assert is_within("FR", *basel)


def test_every_point_of_the_bundled_directories_is_in_its_country() -> None:
    points = 0
    for path in sorted(resources.DATA.glob("*/organisations.csv")):
        with path.open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                if row["latitude"] and row["country"]:
                    points += 1
                    place = float(row["latitude"]), float(row["longitude"])
                    assert is_within(row["country"], *place), (row["name"], place)
    assert points > 100
