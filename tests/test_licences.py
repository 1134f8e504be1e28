"""Licences: which are open, how people call them, and how they may name them."""

from __future__ import annotations

import pytest

from coopgraph.licences import LICENCES, find_licence, is_open, licence_name


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"),
        ("https://creativecommons.org/licenses/by/3.0/us/", "CC BY 3.0 US"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public Domain Mark 1.0"),
        ("https://opendatacommons.org/licenses/by/1-0/", "ODC-By 1.0"),
        ("https://opendatacommons.org/licenses/odbl/", "ODbL"),
        ("https://www.usa.gov/government-works", "U.S. Government work"),
        ("https://www.usa.gov/publicdomain/label/1.0/", "U.S. Government work"),
        ("https://www.example.org/terms/", "example.org/terms"),
    ],
)
def test_licences_have_short_names(iri: str, name: str) -> None:
    assert licence_name(iri) == name


@pytest.mark.parametrize("name", LICENCES)
def test_a_known_name_is_an_open_licence_whatever_its_case(name: str) -> None:
    licence = find_licence(name.lower().replace("-", " "))
    assert licence.startswith("https://")
    assert is_open(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "",
        "unstated",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "https://creativecommons.org/licenses/by-nd/4.0/",
        "https://opendatacommons.org/licenses/terms",
        "https://terms.example/all-rights-reserved",
    ],
)
def test_others_are_not_open(licence: str) -> None:
    assert not is_open(find_licence(licence))
