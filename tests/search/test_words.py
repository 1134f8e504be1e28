"""Words to search by: the same however a text is spelt, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.folding import fold
from coopgraph.search.words import LONGEST, compounds, joined, key, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉTOILE", "etoile"),
        ("e\u0301toile", "étoile"),  # composed or not
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Cœur", "coeur"),
        ("Ærø", "aero"),
        ("İstanbul", "istanbul"),
        ("ΣΟΦΌΣ", "σοφος"),
        ("Кооператив", "КООПЕРАТИВ"),
        ("ＣＯＯＰ", "coop"),  # full width
        ("が", "か"),
    ],
)
def test_case_and_marks_are_folded(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("co-op", "coop"),
        ("co-op", "op"),
        ("Co+op", "coop"),
        ("U.S.", "us"),
        ("N.C.B.A.", "ncba"),
        ("l’Aube", "aube"),
        ("Land O'Lakes", "olakes"),
        ("Co-operative-bank", "cooperative"),
        ("co‑op", "coop"),  # with a hyphen that does not break
        ("R&D", "rd"),
    ],
)
def test_words_with_parts_are_found_as_one_and_by_their_parts(text: str, wanted: str) -> None:
    assert wanted in terms(text)


def test_scripts_without_spaces_are_taken_sign_by_sign() -> None:
    assert terms("農業協同組合") == ["農", "業", "協", "同", "組", "合"]
    assert terms("ข้าว rice") == ["ข", "า", "ว", "rice"]
    assert terms("한살림 생협") == [fold("한살림"), fold("생협")]


def test_signs_and_underscores_are_no_words() -> None:
    for text in ("", " \t\n", '+-&|!(){}[]^"~*?:\\/', "...", "___", "\u200d\u202e", "\x00", "😀"):
        assert compounds(text) == []
    assert key('title:"bread" AND (x OR y)^2~') == "title bread and x or y 2"


def test_long_words_are_found_by_their_beginning() -> None:
    assert terms("a" * 100_000) == ["a" * LONGEST]
    assert joined(("a" * 30, "b" * 30)) == "a" * 30 + "b" * (LONGEST - 30)


@given(st.text())
def test_any_text_gives_words_that_stay_as_they_are(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= LONGEST
        assert not any(sign.isspace() for sign in term)


@given(st.text())
def test_what_is_looked_for_is_what_is_indexed(text: str) -> None:
    indexed = set(terms(text))
    for parts in compounds(text):
        assert joined(parts) in indexed
        assert set(parts) <= indexed
