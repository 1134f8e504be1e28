"""What values look like: dates, codes, links, coordinates, postal codes, and what they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from coopgraph.standard import Standard
from coopgraph.standard.columns import templates
from coopgraph.tables.proposals.looks import Fit, Looks
from coopgraph.tables.proposals.sampling import SourceColumn

Fitting = Callable[..., Fit]


@pytest.fixture(scope="module")
def fit(standard: Standard) -> Fitting:
    looks = Looks(standard)
    columns = {c.name: c for item in reversed(templates(standard)) for c in item.columns}

    def compare(name: str, *texts: str, hinted: str = "") -> Fit:
        source = SourceColumn("x", 0, Counter(texts), 0.0, True)
        return looks.fit(source, columns[name], hinted)

    return compare


def test_a_date_format_is_found_by_days_above_twelve(fit: Fitting) -> None:
    assert fit("founded", "31/12/1990", "01/02/1991").changes == {"date": "%d/%m/%Y"}
    assert fit("founded", "12/31/1990", "01/02/1991").changes == {"date": "%m/%d/%Y"}
    assert fit("founded", "1990", "1991-02", "1991-02-03").changes == {}


def test_an_undecidable_date_says_so(fit: Fitting) -> None:
    found = fit("founded", "01/02/1990", "03/04/1991")
    assert found.changes == {"date": "%d/%m/%Y"}
    assert "the other way round" in found.says


def test_words_for_nothing_are_blanks(fit: Fitting) -> None:
    assert fit("founded", "1934", "0").changes == {"blank": ["0"]}


def test_codes_are_found_by_label_in_any_language_and_by_likeness(fit: Fitting) -> None:
    found = fit("country", "Frankreich", "España", "Frace", "DE", "Nowhere")
    values = found.changes["values"]
    assert (values["España"], values["Frace"], values["DE"]) == ("ES", "FR", "DE")
    assert values["Nowhere"] is None


def test_codes_that_convert_by_themselves_need_no_translation(fit: Fitting) -> None:
    assert fit("country", "DE", "FR") == Fit(
        1.0, "100 % of its values are codes or labels of the list “Country”", {}, True
    )


def test_subdivisions_without_their_country_are_those_of_one(fit: Fitting) -> None:
    values = fit("region", "TX", "MA", "CA").changes["values"]
    assert values == {"TX": "US-TX", "MA": "US-MA", "CA": "US-CA"}


def test_a_crosswalk_is_used_where_the_heading_names_it(fit: Fitting) -> None:
    found = fit("activity", "UKSIC07-4711", "UKSIC07-01110", hinted="uk-sic-2007")
    assert found.changes["crosswalk"] == "uk-sic-2007"
    assert found.share == 1.0


def test_forms_of_many_countries_are_not_guessed(fit: Fitting) -> None:
    assert fit("legal_form", "eG").share == 0.0


@pytest.mark.parametrize(
    ("name", "texts", "fits"),
    [
        ("homepage", ["www.one.example", "https://two.example/"], True),
        ("homepage", ["one", "two three"], False),
        ("latitude", ["42.1", "-71.5"], True),
        ("latitude", ["142.1", "-171.5"], False),
        ("postal_code", ["M60 0AG", "WS13 6RH"], True),
        ("postal_code", ["Manchester", "Lichfield"], False),
        ("locality", ["Manchester"], True),
        ("locality", ["1", "2"], False),
        ("name", ["1 2", "3"], False),
    ],
)
def test_values_that_a_field_cannot_hold_do_not_fit(
    fit: Fitting, name: str, texts: list[str], fits: bool
) -> None:
    assert ((fit(name, *texts).share or 0) > 0.5) is fits


def test_decimal_commas_are_told(fit: Fitting) -> None:
    found = fit("latitude", "42,1", "41,5")
    assert "a comma before decimals" in found.says
    assert (found.share, found.changes) == (1.0, {"decimal": ","})
    assert "decimal" not in fit("latitude", "42.1", "41").changes
