"""Lexical forms and comparison of literals."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from coopgraph.validation.datatypes import lexical_check
from coopgraph.validation.ordering import comparable, is_less, is_less_or_equal
from coopgraph.validation.vocabulary import XSD

FORMS = {
    "boolean": (["true", "false", "1", "0"], ["True", "yes", ""]),
    "integer": (["0", "-007", "+5", "9" * 5000], ["1.0", "", " 1", "1_000", "٣"]),
    "byte": (["-128", "127"], ["128", "-129", "9" * 5000]),
    "unsignedByte": (["0", "255"], ["-1", "256"]),
    "positiveInteger": (["1"], ["0"]),
    "decimal": (["1", "1.", ".5", "-0.0"], ["1e3", ".", "1,5", "NaN"]),
    "double": (["1", "1e3", "-1.5E-2", "INF", "-INF", "NaN"], ["1e", "inf", "-NaN"]),
    "date": (
        ["2024-02-29", "-0044-03-15", "2000-01-01Z"],
        ["2023-02-29", "2000-1-1", "2000-04-31"],
    ),
    "dateTime": (
        ["2000-01-01T00:00:00", "2000-01-01T24:00:00Z", "2000-01-01T23:59:59.5+14:00"],
        ["2000-01-01", "2000-01-01T24:00:01", "2000-01-01T00:00:00+14:01", "2000-01-01T25:00:00"],
    ),
    "dateTimeStamp": (["2000-01-01T00:00:00Z"], ["2000-01-01T00:00:00"]),
    "time": (["12:30:00", "24:00:00"], ["12:30", "12:60:00"]),
    "gYear": (["1844", "-0001", "12000"], ["844", "01844", "1844-01"]),
    "gYearMonth": (["1844-12"], ["1844-13", "1844"]),
    "gMonthDay": (["--02-29"], ["--02-30", "--04-31"]),
    "gMonth": (["--12"], ["--13"]),
    "gDay": (["---31"], ["---32"]),
    "duration": (["P1Y", "PT0.5S", "-P1DT1H"], ["P", "PT", "P1DT", "1Y"]),
    "hexBinary": (["", "0aFF"], ["0a0"]),
    "language": (["en", "en-GB"], ["", "en_GB"]),
}


@pytest.mark.parametrize("name", FORMS)
def test_lexical_forms(name: str) -> None:
    check = lexical_check(NamedNode(XSD + name))
    good, bad = FORMS[name]

    assert check is not None
    assert [form for form in good if not check(form)] == []
    assert [form for form in bad if check(form)] == []


@pytest.mark.parametrize("datatype", [f"{XSD}string", f"{XSD}anyURI", "http://example.org/own"])
def test_other_datatypes_allow_every_form(datatype: str) -> None:
    assert lexical_check(NamedNode(datatype)) is None


def literal(form: str) -> Literal:
    text, _, name = form.partition("^")
    return Literal(text, datatype=NamedNode(XSD + (name or "string")))


INCREASING = [
    ("1^integer", "1.5^decimal"),
    ("-1^byte", "0^unsignedByte"),
    ("1.5^decimal", "2^double"),
    ("0.1^decimal", "0.11^float"),
    ("5^integer", "INF^double"),
    (f"{'9' * 5000}^integer", f"1{'0' * 5000}^integer"),
    ("a", "b"),
    ("false^boolean", "1^boolean"),
    ("1999-12-31^date", "2000-01-01^date"),
    ("-0001-12-31^date", "0001-01-01^date"),
    ("2000-02-28^date", "2000-02-29^date"),
    ("2000-02-29^date", "2000-03-01^date"),
    ("1999^gYear", "2000^gYear"),
    ("1999-12^gYearMonth", "2000-01^gYearMonth"),
    ("09:00:00^time", "09:00:00.5^time"),
    ("2000-01-01T12:00:00+02:00^dateTime", "2000-01-01T11:00:00Z^dateTime"),
    ("2000-01-01T24:00:00^dateTime", "2000-01-02T00:00:01^dateTime"),
    ("2000-01-01T00:00:00^dateTime", "2000-01-01T14:00:01Z^dateTime"),
    ("2000-01-01T00:00:00Z^dateTimeStamp", "2000-01-01T00:00:01Z^dateTime"),
]


@pytest.mark.parametrize(("low", "high"), INCREASING)
def test_literals_are_ordered(low: str, high: str) -> None:
    a, b = comparable(literal(low)), comparable(literal(high))

    assert is_less(a, b)
    assert is_less_or_equal(a, b)
    assert not is_less(b, a)
    assert not is_less_or_equal(b, a)


EQUAL = [
    ("1^integer", "1.0^decimal"),
    ("0.1^decimal", "0.1^double"),
    ("true^boolean", "1^boolean"),
    ("2000-01-01T24:00:00Z^dateTime", "2000-01-02T00:00:00Z^dateTime"),
    ("2000-01-01+02:00^date", "2000-01-01+02:00^date"),
    ("2000-01-01T12:00:00+02:00^dateTime", "2000-01-01T10:00:00Z^dateTime"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_values_are_neither_less(one: str, other: str) -> None:
    a, b = comparable(literal(one)), comparable(literal(other))

    assert is_less_or_equal(a, b)
    assert is_less_or_equal(b, a)
    assert not is_less(a, b)


INCOMPARABLE = [
    ("1^integer", "1"),
    ("1999^gYear", "2000-01-01^date"),
    ("one^integer", "2^integer"),
    ("NaN^double", "1^integer"),
    ("2000-01-01T00:00:00^dateTime", "2000-01-01T13:00:00Z^dateTime"),
]


@pytest.mark.parametrize(("one", "other"), INCOMPARABLE)
def test_values_of_different_kinds_do_not_compare(one: str, other: str) -> None:
    a, b = comparable(literal(one)), comparable(literal(other))

    assert not is_less_or_equal(a, b)
    assert not is_less_or_equal(b, a)


def test_only_plain_literals_compare() -> None:
    assert comparable(Literal("a", language="en")) is None
    assert comparable(NamedNode("http://example.org/")) is None
