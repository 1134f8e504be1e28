"""Names of countries and subdivisions in many languages: what they mean, and what is not guessed."""

from __future__ import annotations

import pytest

from coopgraph.standard import Standard
from coopgraph.tables.territories import countries_named, names_in, subdivisions_named


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("Germany", ("DE",)), ("Deutschland", ("DE",)), ("ALLEMAGNE", ("DE",)),
        ("Federal Republic of Germany", ("DE",)), ("Vereinigte Staaten", ("US",)),
        ("中国", ("CN",)), ("DE", ()), ("Atlantis", ()),
    ],
)  # fmt: skip
def test_what_names_of_countries_mean(word: str, codes: tuple[str, ...]) -> None:
    assert countries_named(word) == codes


@pytest.mark.parametrize(
    ("word", "country", "codes"),
    [
        ("Bayern", "", ("DE-BY",)), ("Baviera", "", ("DE-BY",)), ("Bavaria", "AT", ()),
        ("Limburg", "", ("BE-VLI", "NL-LI")), ("Limburg", "BE", ("BE-VLI",)), ("CA", "US", ()),
    ],
)  # fmt: skip
def test_what_names_of_subdivisions_mean(word: str, country: str, codes: tuple[str, ...]) -> None:
    assert subdivisions_named(word, country) == codes


def test_the_names_are_of_codes_that_the_standard_has(standard: Standard) -> None:
    countries = {item.notation for item in standard.code_lists["country"].codes}
    assert set(countries_named("Kosovo")) <= countries
    ours = {item.notation for item in standard.code_lists["subdivision"].codes}
    for country in {notation.partition("-")[0] for notation in ours}:
        named = {code for codes in names_in(country).values() for code in codes}
        assert named & ours, country
