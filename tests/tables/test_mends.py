"""Mends: what is certain is offered, what may be read in two ways is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.namespaces import iri
from coopgraph.standard import CodeList
from coopgraph.tables.mends import address_mend, is_ambiguous_date, number_mend, plain_date
from coopgraph.tables.values import (
    XSD_DATE,
    XSD_INTEGER,
    XSD_YEAR,
    BadValue,
    code,
    date_value,
    link,
    number,
)

DECIMAL = iri("xsd:decimal")


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("48,8566", "48.8566"), ("-0,5", "-0.5"), ("1.234,50", "1234.50"), ("1.234.567,8", "1234567.8"),
        ("1 050", "1050"), ("12\u202f500,25", "12500.25"), ("1’234", "1234"), ("\u221212", "-12"),
        ("about 5", ""), ("5 km", ""), ("1.2.3", ""), ("1,2,3", ""), ("", ""), ("5-6", ""),
        ("1,234", ""), ("48,856", ""), ("0,123", "0.123"), ("1234,567", "1234.567"),
    ],
)  # fmt: skip
def test_numbers(text: str, mend: str) -> None:
    assert number_mend(text) == mend


def test_a_whole_number_is_not_mended_into_a_fraction() -> None:
    assert number_mend("3,5", is_whole=True) == ""
    assert number_mend("3 500", is_whole=True) == "3500"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2020", "2020-12-31"), ("12/31/2020", "2020-12-31"), ("5/5/2020", "2020-05-05"),
        ("3.4.2020", "2020-04-03"), ("2020/4/3", "2020-04-03"), ("2020-4-3", "2020-04-03"),
        ("20200403", "2020-04-03"), ("3 April 2020", "2020-04-03"), ("Apr. 3, 2020", "2020-04-03"),
        ("3rd Sept 2020", "2020-09-03"), ("12/31/2020 0:00:00", "2020-12-31"),
        ("2020-04-03T10:00:00Z", "2020-04-03"), ("12/31/2020 12:00:00 AM", "2020-12-31"),
        ("3/4/2020", None), ("31/12/20", None), ("31/13/2020", None), ("30.2.2020", None),
        ("3 Ma 2020", None), ("soon", None), ("2020", None), ("20209999", None),
    ],
)  # fmt: skip
def test_dates(text: str, day: str | None) -> None:
    found = plain_date(text)
    assert (found.isoformat() if found else None) == day


def test_a_date_that_may_be_read_in_two_ways_is_told_so() -> None:
    assert is_ambiguous_date("3/4/2020")
    assert is_ambiguous_date("3-4-2020 00:00")
    with pytest.raises(BadValue) as caught:
        date_value("3/4/2020", (), frozenset({XSD_DATE}))
    assert (caught.value.kind, caught.value.mend) == ("ambiguous-date", "")
    assert "day or the month first" in str(caught.value)


def test_a_date_is_mended_in_the_form_that_its_source_has() -> None:
    with pytest.raises(BadValue) as caught:
        date_value("2012-03-31", ("%d/%m/%Y",), frozenset({XSD_DATE}))
    assert (caught.value.kind, caught.value.mend) == ("date-format", "31/03/2012")


def test_a_year_that_became_a_number_is_mended() -> None:
    with pytest.raises(BadValue) as caught:
        date_value("1985.0", (), frozenset({XSD_YEAR}))
    assert caught.value.mend == "1985"


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("http//a.example", "http://a.example"), ("http:/a.example/x", "http://a.example/x"),
        ("https:a.example", "https://a.example"), ("hhtp://a.example", "http://a.example"),
        ("HTTPS;//a.example", "https://a.example"), ("https://a.example", ""),
        ("ftp://a.example", ""), ("a@b.example", ""), ("http//a b.example", ""), ("none", ""),
    ],
)  # fmt: skip
def test_web_addresses(text: str, mend: str) -> None:
    assert address_mend(text) == mend


TEXTS = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[-+0-9., ’:/TZ]{1,20}", fullmatch=True),
    st.dates().map(lambda day: f"{day.day}/{day.month}/{day.year}"),
    st.from_regex(r"h{0,2}t{1,3}ps?[:;/]{1,4}[a-z.]{1,8}", fullmatch=True),
)


@given(TEXTS)
def test_what_is_mended_is_accepted(text: str) -> None:
    days = frozenset({XSD_DATE})
    for read in (
        lambda value: number(value, DECIMAL),
        lambda value: number(value, XSD_INTEGER),
        lambda value: date_value(value, (), days),
        link,
    ):
        try:
            read(text)
        except BadValue as error:
            if error.mend:
                assert error.mend != text
                read(error.mend)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_days_after_the_twelfth_are_read_in_either_order(day: date) -> None:
    european, american = f"{day.day}/{day.month}/{day.year}", f"{day.month}/{day.day}/{day.year}"
    for text in (european, american):
        assert plain_date(text) in (day, None)
        assert (plain_date(text) is None) == (day.day <= 12 and day.day != day.month)


def test_a_near_miss_of_a_code_is_asked_about_and_not_mended(kinds: CodeList) -> None:
    with pytest.raises(BadValue) as caught:
        code("housing cooprative", kinds)
    assert "did you mean “housing-cooperative” (Housing co-operative)?" in str(caught.value)
    assert caught.value.mend == ""


def test_what_is_like_no_code_gets_no_suggestion(kinds: CodeList) -> None:
    with pytest.raises(BadValue) as caught:
        code("zeppelin", kinds)
    assert "did you mean" not in str(caught.value)


@pytest.fixture(scope="module")
def kinds(standard) -> CodeList:
    return standard.code_lists["organisation-kind"]
