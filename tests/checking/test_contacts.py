"""Telephone numbers by their country, and web addresses by their ending."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.checking.contacts import can_be_number, has_known_ending, host_of, international

HEAD = "id,name,kind,country,telephone,homepage"


def found(report) -> list[tuple[str, str, str, str]]:
    return [
        (group.kind, group.severity, group.column, place.mend)
        for group in report.groups
        for place in group.places
    ]


@pytest.mark.parametrize(
    ("country", "text", "kind", "mend"),
    [
        ("US", "(617) 253-1000", "telephone-national", "+1 617-253-1000"),
        ("DE", "089/63648018", "telephone-national", "+49 89 63648018"),
        ("FR", "0033 1 42 68 53 00", "telephone-national", "+33 1 42 68 53 00"),
        ("US", "413 555", "telephone-impossible", ""),
        ("US", "+1 413 555 01001", "telephone-impossible", ""),
        ("", "+999 12345", "telephone-impossible", ""),
    ],
)
def test_numbers_are_read_by_their_country(
    country: str, text: str, kind: str, mend: str, checked
) -> None:
    severity = "hint" if mend else "warning"
    report = checked(f"{HEAD}\n1,A,mutual,{country},{text}\n")
    assert found(report) == [(kind, severity, "telephone", mend)]


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("US", "+1 413 555 0100"), ("US", "+49 89 63648018"), ("", "0171 1234567"),
        ("AQ", "12345"), ("US", "+1 617 253 1000 ext. 12"), ("US", "253-1000"),
    ],
)  # fmt: skip
def test_numbers_that_may_be_right_are_left_alone(country: str, text: str, checked) -> None:
    assert found(checked(f"{HEAD}\n1,A,mutual,{country},{text}\n")) == []


def test_one_of_several_numbers_gets_no_mend_of_the_cell(checked) -> None:
    row = "1,A,mutual,US,617 253 1000;+1 617 253 1001"
    assert found(checked(f"{HEAD}\n{row}\n")) == [("telephone-national", "hint", "telephone", "")]


@pytest.mark.parametrize(
    "address", ["https://www.tableflip.coopp", "http://a.con", "https://a.www"]
)
def test_an_ending_that_there_is_none_of_is_a_warning(address: str, checked) -> None:
    report = checked(f"{HEAD}\n1,A,mutual,US,,{address}\n")
    assert found(report) == [("web-ending", "warning", "homepage", "")]
    assert report.total("published") == 1


@pytest.mark.parametrize(
    "host",
    [
        "a.coop", "www.a.co.uk", "a.example", "192.0.2.1", "2001:db8::1", "a.github.io", "co.uk",
        "xn--80aaa.xn--p1ai", "",
    ],
)  # fmt: skip
def test_endings_that_there_are(host: str) -> None:
    assert has_known_ending(host)


@pytest.mark.parametrize("address", ["http://кооп.рф/", "http://КООП.РФ:80/a"])
def test_hosts_are_read_in_any_script(address: str) -> None:
    assert has_known_ending(host_of(address))


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    can_be_number(text, "US")
    international(text, "DE")
    has_known_ending(host_of(f"http://{text}"))
