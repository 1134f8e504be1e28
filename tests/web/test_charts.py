"""Charts: which picture a table gets, and that it is drawn to scale."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coopgraph.web.cells import Cell
from coopgraph.web.charts import chart

SVG = "{http://www.w3.org/2000/svg}"
XSD = "http://www.w3.org/2001/XMLSchema#"


def text(value: str, language: str = "") -> Cell:
    return {"type": "literal", "value": value, **({"xml:lang": language} if language else {})}


def number(value: object, datatype: str = "integer") -> Cell:
    return {"type": "literal", "value": str(value), "datatype": XSD + datatype}


def link(value: str) -> Cell:
    return {"type": "uri", "value": value}


def year(value: int) -> Cell:
    return number(value, "gYear")


def wkt(value: str) -> Cell:
    datatype = "http://www.opengis.net/ont/geosparql#wktLiteral"
    return {"type": "literal", "value": value, "datatype": datatype}


def drawn(columns: Sequence[str], rows: Sequence[Sequence[Cell]], **options: object) -> ET.Element:
    picture = chart(columns, rows, **options)  # type: ignore[arg-type]
    assert picture is not None
    return ET.fromstring(picture)


def bars(svg: ET.Element) -> list[ET.Element]:
    return list(svg.iter(f"{SVG}rect"))


def lengths(svg: ET.Element, side: str = "width") -> list[float]:
    return [float(bar.attrib[side]) for bar in bars(svg)]


def titles(svg: ET.Element) -> list[str]:
    """The names and numbers that a pointer finds."""
    return [found.text or "" for found in svg.iter(f"{SVG}title")][1:]


def words(svg: ET.Element) -> list[str]:
    return [found.text or "" for found in svg.iter(f"{SVG}text")]


def said(svg: ET.Element) -> str:
    return svg.findtext(f"{SVG}desc") or ""


def counted(*values: object) -> list[list[Cell]]:
    return [[text(f"Kind {place}"), number(value)] for place, value in enumerate(values)]


# Which chart ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (["name", "count"], []),
        (["name"], [[text("A")]]),
        (["count"], [[number(3)]]),
        (["name", "count"], [[text("A"), None]]),
        (["name", "count"], [[text("A"), number("NaN", "double")]]),
        (["name", "count"], [[text("A"), number("INF", "double")]]),
        (["name", "count"], [[text("A"), number("1e300", "double")]]),
        (["name", "count"], [[text("A"), number(3)], [text("B"), text("many")]]),
        (["point", "count"], [[wkt("POINT(1 2)"), number(3)]]),
        ([], []),
    ],
)
def test_no_chart_fits_a_table_without_names_and_numbers(
    columns: list[str], rows: list[list[Cell]]
) -> None:
    assert chart(columns, rows) is None


def test_names_and_numbers_are_bars_in_the_order_of_the_rows() -> None:
    svg = drawn(["kindName", "organisations"], counted(7, 20, 3))
    assert titles(svg) == ["Kind 0: 7", "Kind 1: 20", "Kind 2: 3"]
    assert svg.findtext(f"{SVG}title") == "Organisations by kind"


def test_labels_name_bars_rather_than_iris() -> None:
    rows = [[link("https://x.example/code/us"), text("United States", "en"), number(3)]]
    assert titles(drawn(["country", "countryName", "count"], rows)) == ["United States: 3"]


def test_iris_name_bars_where_there_is_nothing_else() -> None:
    rows = [[link("https://x.example/code/us#a"), number(3)]]
    assert titles(drawn(["country", "count"], rows)) == ["a: 3"]


def test_as_many_columns_name_bars_as_tell_them_apart() -> None:
    rows = [
        [text("Bank"), text("Canada"), text("x"), number(3)],
        [text("Bank"), text("France"), text("x"), number(2)],
    ]
    svg = drawn(["kindName", "countryName", "note", "count"], rows)
    assert titles(svg) == ["Bank · Canada: 3", "Bank · France: 2"]
    assert svg.findtext(f"{SVG}title") == "Count by kind and country"


def test_the_last_column_of_numbers_is_drawn() -> None:
    svg = drawn(["name", "records", "organisations"], [[text("A"), number(9), number(4)]])
    assert titles(svg) == ["A: 4"]


def test_years_and_numbers_are_columns_in_the_order_of_time() -> None:
    svg = drawn(["year", "members"], [[year(2003), number(5)], [year(2001), number(7)]])
    assert titles(svg) == ["2001: 7", "2003: 5"]
    left = [float(bar.attrib["x"]) for bar in bars(svg)]
    wide = float(bars(svg)[0].attrib["width"])
    assert left[1] - left[0] == pytest.approx(wide / 0.8, abs=0.05)
    assert "2001" in words(svg)
    assert "2,001" not in words(svg)


def test_gaps_between_years_are_seen() -> None:
    rows = [[number(decade), number(1)] for decade in (1900, 1910, 1950)]
    left = [float(bar.attrib["x"]) for bar in bars(drawn(["decade", "count"], rows))]
    assert left[2] - left[1] == pytest.approx(4 * (left[1] - left[0]), abs=0.05)


def test_whole_numbers_are_years_only_where_the_column_says_so() -> None:
    rows = [[number(1900), number(4)], [number(1910), number(5)]]
    assert chart(["decade", "count"], rows) is not None
    assert chart(["foundedYear", "count"], rows) is not None
    assert chart(["weight", "count"], rows) is None


def test_years_names_and_numbers_are_a_line_for_each_name() -> None:
    rows = [
        [text(name), year(when), number(count)]
        for name, count in (("Bakers", 10), ("Weavers", 20))
        for when in (2020, 2021, 2022)
    ]
    svg = drawn(["name", "year", "members"], rows)
    paths = [path for path in svg.iter(f"{SVG}path") if path.attrib.get("fill") == "none"]
    assert [path.attrib["class"] for path in paths] == ["line-0", "line-1"]
    assert [word for word in words(svg) if word in ("Bakers", "Weavers")] == ["Bakers", "Weavers"]
    assert titles(svg)[0] == "Bakers, 2020: 10"
    heights = [float(dot.attrib["cy"]) for dot in svg.iter(f"{SVG}circle")]
    assert heights[0] == heights[2] > heights[3] == heights[5]


def test_lines_differ_by_more_than_colour() -> None:
    rows = [[text(n), year(y), number(1)] for n in "ABCDEFGH" for y in (2020, 2021)]
    paths = [p for p in drawn(["n", "year", "c"], rows).iter(f"{SVG}path") if "d" in p.attrib]
    dashes = [path.attrib.get("stroke-dasharray") for path in paths]
    assert len(set(dashes)) == len(dashes) == 8


def test_a_year_for_each_name_is_no_line() -> None:
    rows = [[text("A"), year(2020), number(1)], [text("B"), year(2021), number(2)]]
    assert titles(drawn(["name", "year", "count"], rows[:1])) == ["A: 1"]
    rows.append([text("C"), year(2021), number(2)])
    assert titles(drawn(["name", "year", "count"], rows)) == ["A: 1", "B: 2", "C: 2"]


def test_a_long_row_of_years_is_a_line() -> None:
    rows = [[year(1900 + place), number(place)] for place in range(90)]
    svg = drawn(["year", "count"], rows)
    assert bars(svg) == []
    [path] = [p for p in svg.iter(f"{SVG}path") if p.attrib.get("fill") == "none"]
    assert path.attrib["d"].count("L") == 89


def test_a_line_is_broken_where_there_is_no_number_for_longer_than_usual() -> None:
    decades = {"Bakers": (1900, 1910, 1950, 1960), "Weavers": (1900, 1910, 1920, 1960)}
    rows = [[number(when), text(name), number(3)] for name in decades for when in decades[name]]
    svg = drawn(["decade", "name", "count"], rows)
    paths = [path.attrib["d"] for path in svg.iter(f"{SVG}path") if "M" in path.attrib["d"]]
    assert [[piece.count("L") for piece in path.split("M")[1:]] for path in paths] == [
        [1, 1],
        [2, 0],
    ]
    assert len(list(svg.iter(f"{SVG}circle"))) == 8


def test_a_year_that_stands_alone_is_a_dot_on_a_long_line_too() -> None:
    rows = [[year(1900 + place), number(place)] for place in range(90)] + [[year(2010), number(5)]]
    assert titles(drawn(["year", "count"], rows)) == ["2010: 5"]


# Geometry -------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_bars_are_as_long_as_their_numbers(values: list[int]) -> None:
    svg = drawn(["name", "count"], counted(*values))
    most = max(*values, 1)
    found = lengths(svg)
    longest = max(found)
    for value, length in zip(values, found, strict=True):
        assert length == pytest.approx(longest * value / most, abs=0.02)
    assert longest <= 440


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40))
def test_bars_under_zero_go_the_other_way(values: list[int]) -> None:
    svg = drawn(["name", "count"], counted(*values))
    zero = {
        round(float(bar.attrib["x"]) + (float(bar.attrib["width"]) if value < 0 else 0), 1)
        for value, bar in zip(values, bars(svg), strict=True)
    }
    assert max(zero) - min(zero) <= 0.2
    for bar in bars(svg):
        assert float(bar.attrib["x"]) >= 0
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= 440.01


@given(st.lists(st.integers(-500, 500), min_size=2, max_size=20))
def test_columns_are_as_high_as_their_numbers(values: list[int]) -> None:
    rows = [[year(2000 + place), number(value)] for place, value in enumerate(values)]
    heights = lengths(drawn(["year", "count"], rows), "height")
    most = max(*map(abs, values), 1)
    for value, height in zip(values, heights, strict=True):
        assert height == pytest.approx(max(heights) * abs(value) / most, abs=0.03)


def lengths_of(svg: ET.Element) -> list[float]:
    """Every length in a picture, those in its paths, too."""
    names = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height")
    found = [
        float(part.attrib[name]) for part in svg.iter() for name in names if name in part.attrib
    ]
    paths = [path.attrib["d"] for path in svg.iter(f"{SVG}path")]
    return found + [float(part) for path in paths for part in re.findall(r"[^MLv ]+", path)]


@given(st.lists(st.floats(), min_size=1, max_size=40))
@example([5e-324])
@example([1e-300, 5e-324, -5e-324])
@example([1e18, 5e-324])
@example([1e308, 1e18, -1e18])
@example([float("nan"), float("inf"), -0.0, 7.0])
@example([0.1, 0.1])
def test_any_numbers_are_drawn_inside_the_picture(values: list[float]) -> None:
    cells = [number(value, "double") for value in values]
    names = [[text(f"N{place}"), cell] for place, cell in enumerate(cells)]
    years = [[year(2000 + place), cell] for place, cell in enumerate(cells)]
    lines = [[text(f"N{n % 2}"), year(2000 + n // 2), cell] for n, cell in enumerate(cells)]
    pictures = [
        chart(["name", "value"], names),
        chart(["year", "value"], years),
        chart(["name", "year", "value"], lines),
    ]
    assert (pictures[0] is not None) is any(abs(value) <= 1e18 for value in values)
    for picture in filter(None, pictures):
        assert all(0 <= length <= 2000 for length in lengths_of(ET.fromstring(picture)))


def test_nothing_but_zeros_is_a_chart_without_lengths() -> None:
    assert lengths(drawn(["name", "count"], counted(0, 0))) == [0, 0]


def test_every_part_is_inside_the_picture() -> None:
    rows = [[year(1900 + 10 * n), text("A" * n), number(n * 999_999)] for n in range(2, 12)]
    svg = drawn(["decade", "name", "count"], rows)
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    head = float(svg.find(f"{SVG}g").attrib["transform"].split()[1].rstrip(")"))  # type: ignore[union-attr]
    for found in [*svg.iter(f"{SVG}text"), *bars(svg)]:
        assert 0 <= float(found.attrib["x"]) <= width
        assert 0 <= float(found.attrib["y"]) + head <= height


def test_axes_have_round_numbers_with_separators() -> None:
    found = words(drawn(["name", "count"], counted(8_200, 12_345)))
    assert {"0", "5,000", "10,000", "15,000", "8,200", "12,345"} <= set(found)
    assert "4 M" in words(drawn(["name", "count"], counted(3_900_000)))


@pytest.mark.parametrize(
    ("value", "written"),
    [("1250000.5", "1,250,000.5"), ("0.126", "0.13"), ("0.00012", "0.00012"), ("-3", "-3")],
)
def test_numbers_are_written_for_people(value: str, written: str) -> None:
    rows = [[text("A"), number(value, "decimal")]]
    assert titles(drawn(["name", "count"], rows)) == [f"A: {written}"]


# Words ----------------------------------------------------------------------------------------

HOSTILE = '</text><script>alert("&amp;")</script>\x00\x1f\ud800\ufffe\u202e' + "x" * 500


def test_hostile_names_stay_text() -> None:
    svg = drawn([HOSTILE, "count"], [[text(HOSTILE), number(1)]], title=HOSTILE)
    assert {found.tag.removeprefix(SVG) for found in svg.iter()} <= {
        "svg", "title", "desc", "g", "text", "path", "line", "rect", "circle",
    }  # fmt: skip
    assert 'alert("&amp;")' in (svg.findtext(f"{SVG}title") or "")


@given(st.text(), st.text())
def test_whatever_a_name_holds_the_picture_is_xml(column: str, name: str) -> None:
    drawn([column, "count"], [[text(name), number(1)]])


def test_long_names_are_cut_and_said_in_full() -> None:
    name = "Insurance, reinsurance and pension funding, except compulsory social security"
    svg = drawn(["activityName", "count"], [[text(name), number(1)]])
    [cut] = [word for word in words(svg) if word.endswith("…")]
    assert name.startswith(cut[:-1])
    assert len(cut) > 30
    assert titles(svg) == [f"{name}: 1"]


def test_wide_letters_take_their_room() -> None:
    [cut] = [w for w in words(drawn(["n", "c"], [[text("協" * 60), number(1)]])) if "協" in w]
    assert len(cut) < 30


def test_bars_stop_at_forty_and_say_how_many_are_left() -> None:
    svg = drawn(["name", "count"], counted(*range(252)))
    assert len(bars(svg)) == 40
    assert "and 212 more, in the table" in words(svg)
    assert "and 212 more, in the table" in said(svg)
    more = drawn(["name", "count"], counted(*range(50)), has_more=True)
    assert "and at least 10 more, in the table" in words(more)
    few = drawn(["name", "count"], counted(1), has_more=True)
    assert "and more, in the downloads" in words(few)
    assert not [word for word in words(drawn(["n", "c"], counted(1))) if "more" in word]


def test_the_highest_lines_are_drawn_where_there_are_many() -> None:
    rows = [[text(f"N{n}"), year(y), number(n)] for n in range(12) for y in (2020, 2021)]
    svg = drawn(["name", "year", "count"], rows)
    names = [word for word in words(svg) if word.startswith("N")]
    assert names == [f"N{n}" for n in range(4, 12)]
    assert "and 4 more, in the table" in words(svg)


def test_a_chart_says_in_words_what_it_shows() -> None:
    svg = drawn(["name", "count"], counted(7, 20, 3), title="Kinds")
    assert svg.attrib["role"] == "img"
    ids = {found.attrib.get("id") for found in svg.iter()}
    assert set(svg.attrib["aria-labelledby"].split()) <= ids
    assert svg.findtext(f"{SVG}title") == "Kinds"
    assert said(svg) == "Count. 3 bars. Most: Kind 1, 20. Least: Kind 2, 3."
    one = drawn(["year", "count"], [[year(2001), number(7)], [year(2003), number(5)]])
    assert said(one) == "2 columns: 7 in 2001 to 5 in 2003."


@pytest.mark.parametrize(
    ("columns", "subtitle", "second"),
    [
        (["name", "members"], "", "Members"),
        (["name", "creditUnions"], "country: Canada", "Credit unions · country: Canada"),
        (["name", "federated", "percent"], "", "Federated, percent"),
        (["name", "statements", "perOrganisation"], "", "Statements, per organisation"),
        (["name", "percent"], "", "Percent"),
    ],
)
def test_under_a_given_title_stands_what_is_drawn(
    columns: list[str], subtitle: str, second: str
) -> None:
    rows = [[text("A"), *(number(3) for _ in columns[1:])]]
    svg = drawn(columns, rows, title="Shares", subtitle=subtitle)
    assert words(svg)[:2] == ["Shares", second]
    assert said(svg).startswith(f"{second}. 1 bar.")


def test_what_is_said_under_a_title_is_not_cut() -> None:
    given = "dataset: US directory of co-operatives and support organisations, measure: members"
    svg = drawn(["name", "members"], counted(7), title="Shares", subtitle=given)
    under = [
        found.text or "" for found in svg.iter(f"{SVG}text") if found.get("class") == "subtitle"
    ]
    assert len(under) == 2
    assert " ".join(under) == f"Members · {given}"


def test_a_title_of_its_own_says_what_is_drawn_and_needs_no_second_line() -> None:
    svg = drawn(["name", "members"], counted(7))
    assert words(svg)[0] == "Members by name"
    assert said(svg).startswith("1 bar.")


def test_a_chart_needs_no_style_or_script_and_is_the_same_each_time() -> None:
    picture = chart(["name", "count"], counted(7, 20, 3))
    assert picture == chart(["name", "count"], counted(7, 20, 3))
    svg = ET.fromstring(picture or "")
    attributes = {name for found in svg.iter() for name in found.attrib}
    assert "style" not in attributes
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    assert all(bar.attrib["fill"].startswith("#") for bar in bars(svg))
    assert svg.attrib["fill"] == "currentColor"
