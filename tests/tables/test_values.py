"""Cells → terms: dates, numbers, links, codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from coopgraph.namespaces import CODE, iri
from coopgraph.standard import Standard
from coopgraph.tables import territories
from coopgraph.tables.values import (
    XSD_DATE,
    XSD_MONTH,
    XSD_YEAR,
    BadValue,
    check_characters,
    code,
    date_value,
    link,
    listed,
    number,
    other,
)

DECIMAL, INTEGER = iri("xsd:decimal"), iri("xsd:integer")
ANY_DATE = frozenset({XSD_DATE, XSD_MONTH, XSD_YEAR})


def message(call: Callable[..., object], *values: object) -> str:
    with pytest.raises(BadValue) as caught:
        call(*values)
    return str(caught.value)


# Dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "formats", "expected", "datatype"),
    [
        ("1844", (), "1844", XSD_YEAR),
        ("1844-12", (), "1844-12", XSD_MONTH),
        ("1844-12-21", (), "1844-12-21", XSD_DATE),
        ("2012-03-31 00:00:00", (), "2012-03-31", XSD_DATE),
        ("2012-03-31T00:00:00", (), "2012-03-31", XSD_DATE),
        ("2024-02-29", (), "2024-02-29", XSD_DATE),
        ("11/8/1863", ("%d/%m/%Y",), "1863-08-11", XSD_DATE),
        ("1/4/1971 0:00:00", ("%m/%d/%Y %H:%M:%S",), "1971-01-04", XSD_DATE),
        ("31.12.99", ("%d/%m/%Y", "%d.%m.%y"), "1999-12-31", XSD_DATE),
    ],
)
def test_dates_are_as_precise_as_they_are_written(
    text: str, formats: tuple[str, ...], expected: str, datatype: NamedNode
) -> None:
    assert date_value(text, formats, ANY_DATE) == Literal(expected, datatype=datatype)


@pytest.mark.parametrize(
    "text",
    ["1844-13", "1844-00-01", "2023-02-29", "0000", "21/12/1844", "Dec 1844", "44", "1844-1-2",
     "1844-12-21 13:00:00", "-1844", "1844-12-21Z"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    assert text in message(date_value, text, (), ANY_DATE)


def test_a_date_in_another_form_than_the_sources_is_refused_with_that_form() -> None:
    assert "DD/MM/YYYY" in message(date_value, "2012-03-31", ("%d/%m/%Y",), ANY_DATE)


def test_a_year_where_a_day_is_asked_for_is_refused() -> None:
    assert "exact" in message(date_value, "2012", (), frozenset({XSD_DATE}))
    assert "exact" in message(date_value, "2012-03", (), frozenset({XSD_DATE, XSD_YEAR}))


def test_a_day_where_a_year_is_asked_for_gives_the_year() -> None:
    assert date_value("2012-03-31", (), frozenset({XSD_YEAR})) == Literal("2012", datatype=XSD_YEAR)


@given(st.dates())
def test_every_day_survives(day: date) -> None:
    expected = Literal(day.isoformat(), datatype=XSD_DATE)
    assert date_value(day.isoformat(), (), ANY_DATE) == expected
    written = f"{day.day}/{day.month}/{day.year:04d}"
    assert date_value(written, ("%d/%m/%Y",), ANY_DATE) == expected


@given(st.text(max_size=12))
def test_any_text_gives_a_date_or_a_bad_value(text: str) -> None:
    try:
        value = date_value(text, (), ANY_DATE)
    except BadValue:
        return
    assert value.value.isascii()


# Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("264", "264"),
        ("+264", "264"),
        ("-0", "0"),
        ("007", "7"),
        ("4.35520", "4.3552"),
        ("5.00", "5"),
        (".5", "0.5"),
        ("-71.1050", "-71.105"),
        ("1,180,000", "1180000"),
        ("-1,234.50", "-1234.5"),
        ("0.000000000001", "0.000000000001"),
        ("0.1234567890123456789012345678901", "0.1234567890123456789012345678901"),
        ("5.", "5"),
        ("999999999999999999", "999999999999999999"),
    ],
)
def test_numbers_are_written_in_one_form(text: str, expected: str) -> None:
    assert number(text, DECIMAL) == Literal(expected, datatype=DECIMAL)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1e3", "1E3", "NaN", "Infinity", "-inf", "0x10", "1 000", "1.234,5", "12,34", "1,2",
     "1_000", "£5", "5%", "--5", "1.2.3", "٣", "1" + "0" * 18],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    assert text in message(number, text, DECIMAL)


def test_a_part_is_refused_where_a_whole_number_is_asked_for() -> None:
    assert number("5.0", INTEGER) == Literal("5", datatype=INTEGER)
    assert "whole" in message(number, "5.5", INTEGER)


@given(st.decimals(-(10**15), 10**15, places=6))
def test_every_number_survives(value: Decimal) -> None:
    literal = number(format(value, "f"), DECIMAL)
    assert Decimal(literal.value) == value
    assert number(literal.value, DECIMAL) == literal


@given(st.integers(-(10**17), 10**17))
def test_thousands_may_be_grouped(value: int) -> None:
    assert number(f"{value:,}", INTEGER) == number(str(value), INTEGER)


# Links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.coop/", "https://example.coop/"),
        ("www.example.coop", "http://www.example.coop"),
        ("shop.example.coop/a?b=1#c", "http://shop.example.coop/a?b=1#c"),
        ("HTTPS://Example.coop/A", "https://Example.coop/A"),
        ("https://example.coop/caf%C3%A9", "https://example.coop/caf%C3%A9"),
    ],
)
def test_links_are_web_addresses(text: str, expected: str) -> None:
    assert link(text) == NamedNode(expected)


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "javascript://example.coop/%0aalert(1)", "JaVaScRiPt:alert(1)",
     "data:text/html;base64,x", "vbscript:x", "mailto:a@example.coop", "a@example.coop", "ftp://example.coop/",
     "n/a", "none", "https://", "http://example", "https://example.coop/a b",
     "https://example.coop/%zz", "https://user:pw@example.coop/", "example.coop, other.coop",
     "https://exa[mple.coop/"],
)  # fmt: skip
def test_what_is_no_link_is_refused(text: str) -> None:
    assert text in message(link, text)


@given(st.text(max_size=30))
def test_any_text_gives_a_link_to_the_web_or_a_bad_value(text: str) -> None:
    for candidate in (text, f"https://example.coop/{text}", f"{text}example.coop"):
        try:
            found = link(candidate)
        except BadValue:
            continue
        assert found.value.startswith(("http://", "https://"))


# Codes ----------------------------------------------------------------------------------------


def test_codes_are_found_by_notation_label_and_synonym(standard: Standard) -> None:
    countries = standard.code_lists["country"]
    expected = NamedNode(f"{CODE}country/US")
    for text in ("US", "us", "United States", "united states"):
        assert code(text, countries) == expected


def test_a_code_that_is_not_in_the_list_is_refused_with_the_list(standard: Standard) -> None:
    text = message(code, "Ruritania", standard.code_lists["country"])
    assert "Ruritania" in text
    assert "country" in text


def test_a_name_that_two_codes_share_finds_neither(standard: Standard) -> None:
    forms = standard.code_lists["legal-form"]
    assert "Sociedad Cooperativa" in message(code, "Sociedad Cooperativa", forms)


def test_every_notation_of_every_list_finds_its_code(standard: Standard) -> None:
    assert len(standard.code_lists) > 8
    for code_list in standard.code_lists.values():
        assert code_list.codes, code_list.slug
        for item in code_list.codes:
            assert code(item.notation, code_list) == item.iri


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Deutschland", "DE"), ("Allemagne", "DE"), ("estados unidos", "US"), ("Ελλάδα", "GR"), ("ドイツ", "DE")],
)  # fmt: skip
def test_a_country_is_found_by_its_name_in_any_language(
    word: str, expected: str, standard: Standard
) -> None:
    assert code(word, standard.code_lists["country"]).value == f"{CODE}country/{expected}"


@pytest.mark.parametrize(
    ("word", "country", "expected"),
    [
        ("Bayern", "", "DE-BY"), ("Bavière", "", "DE-BY"), ("Kalifornien", "US", "US-CA"),
        ("Toskana", "", "IT-52"), ("Punjab", "IN", "IN-PB"), ("IN-PB", "PK", "IN-PB"),
        # The country named has no subdivision of that name: whether both fit is no matter of words.
        ("California", "DE", "US-CA"), ("Puerto Rico", "PR", "US-PR"),
    ],
)  # fmt: skip
def test_a_subdivision_is_found_by_its_name_in_any_language(
    word: str, country: str, expected: str, standard: Standard
) -> None:
    found = code(word, standard.code_lists["subdivision"], country=country)
    assert found.value == f"{CODE}subdivision/{expected}"


def test_a_subdivision_of_another_country_is_not_taken_for_its_namesake(
    standard: Standard,
) -> None:
    text = message(lambda: code("Punjab", standard.code_lists["subdivision"], country="PK"))
    assert "is not in the code list “subdivision”" in text


def test_a_name_that_may_mean_two_is_never_guessed(standard: Standard) -> None:
    regions = standard.code_lists["subdivision"]
    both = next(
        (word, country)
        for country in ("IT", "ES", "FR")
        for word, codes in territories.names_in(country).items()
        if len(codes) == 2
        and listed(word, regions) is None
        and all(name in regions.by_name for name in codes)
    )
    assert "may mean" in message(lambda: code(both[0], regions, country=both[1]))


def test_a_near_miss_of_a_name_is_asked_about(standard: Standard) -> None:
    text = message(code, "Germny", standard.code_lists["country"])
    assert text.endswith("did you mean “DE” (Germany)?")


# Text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\rb", "é", "\x85", "😀", "\u200b"])
def test_characters_that_documents_carry(text: str) -> None:
    assert check_characters(text) == text


@pytest.mark.parametrize("text", ["\x00", "\x08", "\x0b", "\x1b", "\ufffe", "\uffff"])
def test_characters_that_no_document_carries_are_refused(text: str) -> None:
    assert f"U+{ord(text):04X}" in message(check_characters, f"a{text}b")


def test_other_datatypes_keep_their_lexical_form() -> None:
    assert other("PT5M", iri("xsd:duration")) == Literal("PT5M", datatype=iri("xsd:duration"))


@pytest.mark.parametrize(
    ("text", "expected"), [("3,5", "3.5"), ("1.234.567,5", "1234567.5"), ("-0,0", "0"), ("7", "7")]
)
def test_decimals_may_stand_after_a_comma(text: str, expected: str) -> None:
    assert number(text, iri("xsd:decimal"), ",").value == expected


@pytest.mark.parametrize("text", ["3.5", "1,2,3", "x"])
def test_a_point_before_decimals_is_none_where_a_comma_is(text: str) -> None:
    with pytest.raises(BadValue, match="with a comma before decimals"):
        number(text, iri("xsd:decimal"), ",")
