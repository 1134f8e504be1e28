"""Towns that are known, and those that are not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.checking.extents import is_within
from coopgraph.gazetteer.names import plain_name
from coopgraph.gazetteer.towns import _towns, digest, town_point


@pytest.mark.parametrize(
    ("town", "country", "region", "latitude", "longitude"),
    [
        ("Köln", "DE", "", 50.93, 6.95), ("COLOGNE", "DE", "DE-NW", 50.93, 6.95),
        ("Genève", "CH", "", 46.20, 6.15), ("Bilbao", "ES", "ES-BI", 43.26, -2.92),
        ("Cambridge", "US", "US-MA", 42.38, -71.11), ("Springfield", "US", "US-IL", 39.80, -89.64),
        ("Rochdale", "GB", "GB-ENG", 53.62, -2.16), ("Łódź", "PL", "", 51.77, 19.46),
    ],
)  # fmt: skip
def test_towns_that_are_known(
    town: str, country: str, region: str, latitude: float, longitude: float
) -> None:
    found = town_point(town, country, region)
    assert found is not None
    assert abs(found.latitude / 1_000 - latitude) < 0.05
    assert abs(found.longitude / 1_000 - longitude) < 0.05


@pytest.mark.parametrize(
    ("town", "country", "region"),
    [
        ("Springfield", "US", ""), ("Cambridge", "US", "US-ZZ"), ("Newport", "GB", ""),
        ("Köln", "CH", ""), ("Atlantis", "GR", ""), ("", "DE", ""), ("Köln", "", ""),
    ],
)  # fmt: skip
def test_towns_that_are_not_guessed(town: str, country: str, region: str) -> None:
    assert town_point(town, country, region) is None


def test_every_town_is_in_its_country_but_two() -> None:
    areas = _towns()
    assert sum(map(len, areas.values())) > 60_000
    elsewhere = [
        (area, name)
        for area, towns in areas.items()
        for name, (latitude, longitude) in towns.items()
        if is_within(area[:2], latitude / 1_000, longitude / 1_000) is False
    ]
    # A British base on Cyprus, and a village that GeoNames has in the sea.
    assert elsewhere == [("GB", "dhekelia"), ("VE", "la aguada")]


@given(st.text(st.characters(max_codepoint=0x24F), max_size=30))
def test_a_folded_name_is_looked_up_as_it_is(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)


def test_the_digest_is_that_of_the_bytes() -> None:
    assert digest() == digest()
    assert len(digest()) == 16
