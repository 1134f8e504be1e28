"""Names in capitals, and what is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.tables.capitals import title_case


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MORRIS SHEPPARD TEXARKANA", "Morris Sheppard Texarkana"),
        ("THE NEW ORLEANS FIREMEN'S", "The New Orleans Firemen's"),
        ("BANK OF THE WEST", "Bank of the West"),
        ("IBEW LOCAL 175", "IBEW Local 175"),
        ("419 W 4TH ST", "419 W 4th St"),
        ("MCDONALD FEDERAL", "McDonald Federal"),
        ("N.A.S.A. CREDIT", "N.A.S.A. Credit"),
        ("A&B PLUS", "A&B Plus"),
        ("KLM TRUST", "KLM Trust"),
        ("ÉCLIPSE SCOP", "Éclipse Scop"),
        ("IBM", "IBM"),
        ("PenFed", "PenFed"),
        ("navy federal", "navy federal"),
        ("", ""),
    ],
)
def test_capitals_become_a_name(text: str, expected: str) -> None:
    assert title_case(text) == expected


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_mending_capitals_changes_nothing_but_case(text: str) -> None:
    assert title_case(text).casefold() == text.casefold()
    if text != text.upper():
        assert title_case(text) == text
