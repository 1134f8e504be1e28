"""Parameters of stored queries: what each kind takes, what it is bound as, what is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from coopgraph.errors import UsageError
from coopgraph.namespaces import CODE, STANDARD, iri
from coopgraph.query import Parameter
from coopgraph.query.parameters import declared

ORGANIZATION = "zx73q7nn6v-sm"
WKT = iri("geo:wktLiteral")


def parameter(kind: str, options: str = "") -> Parameter:
    return declared(f"#+   value ({kind}{options}): A value.")


def bound(kind: str, text: str, options: str = "") -> NamedNode | Literal:
    return parameter(kind, options).term(text, STANDARD)


# Declarations ---------------------------------------------------------------------------------


def test_a_declaration_says_all_there_is_to_say() -> None:
    line = "#+   radius_km (decimal, from 0.1 to 500, default 25, like 12.5): How far, in km."
    assert declared(line) == Parameter(
        "radius_km", "decimal", False, "12.5", "How far, in km.", "25", Decimal("0.1"), Decimal(500)
    )


def test_a_required_parameter_has_no_default() -> None:
    assert declared("#+   near (point, required, like 1,2): Here.").is_required
    with pytest.raises(UsageError, match="not required"):
        declared("#+   near (point, required, default 1,2): Here.")


def test_a_code_names_its_list() -> None:
    assert parameter("code country").code_list == "country"
    assert parameter("text").code_list == ""


@pytest.mark.parametrize(
    "line",
    [
        "#+   near: A point.",
        "#+   near (): A point.",
        "#+   near (place): A point.",
        "#+   near (point, optional): A point.",
        "#+   near (point, default): A point.",
        "#+   near (point):",
        "#+   near (code): A point.",
        "#+   near (codes country): A point.",
        "#+ near (point): A point.",
        "#+   radius (decimal, from near to far): A number.",
        "#+   radius (decimal, default far): A number.",
        "#+   radius (decimal, from 1 to 5, like 6): A number.",
        "#+   it (organization, like 7k3m9qx2c4-h8): An organisation.",
    ],
)
def test_a_declaration_that_cannot_be_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        declared(line)


# Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "term"),
    [
        ("text", "Sauces & 'jars'", Literal("Sauces & 'jars'")),
        ("integer", "-12", Literal("-12", datatype=iri("xsd:integer"))),
        ("integer", "1e3", Literal("1000", datatype=iri("xsd:integer"))),
        ("integer", "+012.0", Literal("12", datatype=iri("xsd:integer"))),
        ("decimal", "2.5", Literal("2.5", datatype=iri("xsd:decimal"))),
        ("decimal", ".5", Literal("0.5", datatype=iri("xsd:decimal"))),
        ("decimal", "-2.50", Literal("-2.5", datatype=iri("xsd:decimal"))),
        ("decimal", "1e2", Literal("100", datatype=iri("xsd:decimal"))),
        ("decimal", "-0.0", Literal("0", datatype=iri("xsd:decimal"))),
        ("year", "1998", Literal("1998", datatype=iri("xsd:gYear"))),
        ("date", "2024-02-29", Literal("2024-02-29", datatype=iri("xsd:date"))),
        ("boolean", "Yes", Literal("true", datatype=iri("xsd:boolean"))),
        ("boolean", "false", Literal("false", datatype=iri("xsd:boolean"))),
        ("point", "42.3251,-72.6412", Literal("POINT(-72.6412 42.3251)", datatype=WKT)),
        ("point", " 42 , -72 ", Literal("POINT(-72 42)", datatype=WKT)),
        ("point", "(42.3; -72.6)", Literal("POINT(-72.6 42.3)", datatype=WKT)),
        ("point", "[4.2e1,-.5]", Literal("POINT(-0.5 42)", datatype=WKT)),
        (
            "area", "-73,42,-72.5,43",
            Literal("POLYGON((-73 42,-72.5 42,-72.5 43,-73 43,-73 42))", datatype=WKT),
        ),
        (
            "area", "177,-20,-178,-15",
            Literal(
                "MULTIPOLYGON(((177 -20,180 -20,180 -15,177 -15,177 -20)),"
                "((-180 -20,-178 -20,-178 -15,-180 -15,-180 -20)))",
                datatype=WKT,
            ),
        ),
        (
            "area", "polygon (( 1 2, 3 2 , 3 5 ))",
            Literal("POLYGON((1 2,3 2,3 5,1 2))", datatype=WKT),
        ),
        ("code country", "US", NamedNode(f"{CODE}country/US")),
        ("code country", "https://x.example/c", NamedNode("https://x.example/c")),
        ("organization", ORGANIZATION, NamedNode(f"{STANDARD}id/org/{ORGANIZATION}")),
        ("dataset", "us-directory", NamedNode(f"{STANDARD}id/dataset/us-directory")),
        ("dataset", "https://x.example/d", NamedNode("https://x.example/d")),
    ],
)  # fmt: skip
def test_a_value_is_bound_as_a_term_of_its_kind(
    kind: str, text: str, term: NamedNode | Literal
) -> None:
    assert bound(kind, text) == term


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("integer", "1.5", "not a whole number"),
        ("integer", "١٢", "not a whole number"),
        ("decimal", "2,5", "not a number"),
        ("decimal", "NaN", "not a number"),
        ("decimal", "1e99", "out of range: it must have at most 15 digits"),
        ("decimal", "1e", "not a number"),
        ("decimal", ".", "not a number"),
        ("decimal", "١.٥", "not a number"),
        ("integer", "1e-1", "not a whole number"),
        ("point", "(42.3,-72.6]", "is no number"),
        ("point", "42,3;-72,6", "there must be 2 numbers"),
        ("year", "98", "not a year of four digits"),
        ("date", "22.11.2026", "not a day, YYYY-MM-DD"),
        ("date", "2025-02-29", "there is no such day"),
        ("boolean", "maybe", "not true or false"),
        ("point", "42.3", "there must be 2 numbers"),
        ("point", "42,3,-72,6", "there must be 2 numbers"),
        ("point", "north,west", "“north” is no number"),
        ("point", "-122.6,45.5", "the latitude -122.6 is not from -90 to 90"),
        ("point", "45.5,222.6", "the longitude 222.6 is not from -180 to 180"),
        ("area", "1,2,3", "there must be 4 numbers"),
        ("area", "-73,43,-72,42", "the south comes before the north"),
        ("area", "5,1,5,2", "it holds nothing"),
        ("area", "POLYGON((1 2,3 4))", "3 to 999 corners"),
        ("area", "POLYGON((1 2 3,3 4,5 6))", "a longitude and a latitude"),
        ("area", "POLYGON((1 2,3 4,5 96))", "the latitude 96 is not"),
        ("area", "POLYGON((0 0,9 0,9 9),(1 1,2 1,2 2))", "is no number"),
        ("area", f"POLYGON(({','.join(f'{n / 10} 1' for n in range(1000))}))", "corners"),
        ("code country", "a b", "not a code or an IRI"),
        ("organization", "zx73q7nn6v-zz", "not an id or an IRI"),
        ("dataset", "Two Words", "short name or an IRI"),
        ("dataset", "https://x.example/<>", "it is no IRI"),
    ],
)
def test_an_error_says_what_was_wrong(kind: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as refused:
        bound(kind, text)
    assert str(refused.value).startswith("value: “")


def test_an_error_gives_an_example_and_no_endless_text() -> None:
    with pytest.raises(UsageError, match="Write it like 12."):
        bound("decimal", "far", ", like 12")
    with pytest.raises(UsageError) as refused:
        bound("decimal", "9" * 10_000)
    assert len(str(refused.value)) < 200


def test_numbers_stay_within_their_range() -> None:
    assert bound("decimal", "500", ", from 0.1 to 500") == bound("decimal", "500")
    for text in ("0", "500.1", "1e14"):
        with pytest.raises(UsageError, match=f"“{text}” is out of range: it must be from 0.1 to"):
            bound("decimal", text, ", from 0.1 to 500")


@given(
    st.one_of(
        st.decimals(-(10**14), 10**14, places=12).map(lambda number: f"{number:f}"),
        st.tuples(st.integers(-999, 999), st.integers(-9, 9)).map(lambda n: f"{n[0]}e{n[1]}"),
    )
)
def test_a_number_is_bound_as_itself_in_one_form(text: str) -> None:
    term = bound("decimal", text)
    assert Decimal(term.value) == Decimal(text)
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", term.value)
    assert term.value != "-0"


KINDS = "text integer decimal year date boolean point area organization dataset".split()


@given(st.sampled_from([*KINDS, "code country"]), st.text())
def test_whatever_is_given_becomes_one_term_or_is_refused(kind: str, text: str) -> None:
    try:
        term = bound(kind, text)
    except UsageError:
        return
    found = Store().query(f"SELECT * {{ VALUES ?value {{ {term} }} }}")
    assert isinstance(found, QuerySolutions)
    assert [solution[0] for solution in found] == [term]


@given(st.decimals(-90, 90, places=4), st.decimals(-180, 180, places=4), st.sampled_from(["", " "]))
def test_every_point_on_the_globe_is_understood_by_the_engine(
    latitude: Decimal, longitude: Decimal, space: str
) -> None:
    term = bound("point", f"{latitude},{space}{longitude}")
    text = (
        "PREFIX geof: <http://www.opengis.net/def/function/geosparql/>"
        f"SELECT (geof:distance({term}, {term}, "
        "<http://www.opengis.net/def/uom/OGC/1.0/metre>) AS ?apart) {}"
    )
    found = Store().query(text)
    assert isinstance(found, QuerySolutions)
    [[apart]] = map(list, found)
    assert apart.value == "0"
