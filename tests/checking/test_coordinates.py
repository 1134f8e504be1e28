"""Points held against their country: exchanged, elsewhere, or left alone."""

from __future__ import annotations

import pytest

HEAD = "id,name,kind,country,region,latitude,longitude"


def found(report) -> list[tuple[str, str, str, str]]:
    return [
        (group.kind, group.severity, group.column, place.mend)
        for group in report.groups
        for place in group.places
        if group.kind in ("coordinates-exchanged", "outside-country")
    ]


@pytest.mark.parametrize(
    "row", ["DE,,13.4,52.52", ",DE-BE,13.4,52.52", "AU,,151.2,-33.9", "US,,-71.06,42.36"]
)
def test_a_point_that_fits_only_the_other_way_round_is_exchanged(row: str, checked) -> None:
    latitude, longitude = row.split(",")[-2:]
    assert found(checked(f"{HEAD}\n1,A,mutual,{row}\n")) == [
        ("coordinates-exchanged", "warning", "latitude", longitude),
        ("coordinates-exchanged", "warning", "longitude", latitude),
    ]


@pytest.mark.parametrize("row", [",,151.2,-33.9", "FR,,151.2,-33.9"])
def test_what_only_looks_exchanged_gets_no_mend(row: str, checked) -> None:
    assert found(checked(f"{HEAD}\n1,A,mutual,{row}\n")) == [
        ("coordinates-exchanged", "warning", "longitude", "")
    ]


def test_a_point_elsewhere_is_told_with_its_country(checked) -> None:
    report = checked(f"{HEAD}\n1,A,mutual,AT,,48.85,2.35\n")
    assert found(report) == [
        ("outside-country", "warning", "latitude", ""),
        ("outside-country", "warning", "longitude", ""),
    ]
    assert "48.85, 2.35 is not in the country AT" in report.groups[0].places[0].message
    assert report.total("published") == report.total("flagged") == 1


@pytest.mark.parametrize(
    "row",
    [
        "DE,,52.52,13.4", ",,13.4,52.52", "DE,,,", "AQ,,13.4,52.52", "DE,,52.52,", "DE,,91,200",
        "NG,,7.0,8.0",  # so they are both ways round
    ],
)  # fmt: skip
def test_what_may_be_right_is_left_alone(row: str, checked) -> None:
    assert found(checked(f"{HEAD}\n1,A,mutual,{row}\n")) == []


def test_a_cell_that_holds_both_gets_no_mend(checked) -> None:
    mapping = """
key: Nr
columns: {name: Name, kind: {value: mutual}, country: {value: DE},
  latitude: {column: Point, pattern: '^([\\d.]+)'}, longitude: {column: Point, pattern: '([\\d.]+)$'}}
"""
    report = checked("Nr,Name,Point\n1,A,13.4 52.5\n", mapping=mapping)
    assert found(report) == [("coordinates-exchanged", "warning", "Point", "")]
