"""What headings mean, in which language, and how surely."""

from __future__ import annotations

import pytest

from coopgraph.standard import Standard
from coopgraph.standard.columns import templates
from coopgraph.tables.proposals.wordbook import LANGUAGES, SURE, Wordbook, synonyms


@pytest.fixture(scope="module")
def wordbook(standard: Standard) -> Wordbook:
    return Wordbook(standard)


def test_every_synonym_is_of_something_that_is_there(standard: Standard) -> None:
    content = synonyms()
    columns = {column.name for item in templates(standard) for column in item.columns}
    for section in ("columns", "weaker", "looks", "withheld", "assumed", "shared"):
        assert content[section].keys() <= columns, section
    for section in ("capitals",):
        assert set(content["cells"][section]) <= columns
    assert set(content["by_values"]["columns"]) <= columns
    codes = {
        slug: {code.notation for code in item.codes} for slug, item in standard.code_lists.items()
    }
    assert content["measures"].keys() <= codes["measure"]
    assert set(content["cells"]["money"]) <= codes["measure"]
    assert content["schemes"].keys() <= codes["registration-scheme"]
    assert content["crosswalks"].keys() <= standard.crosswalks.keys()
    assert set(content["cells"]["exact"]) <= codes.keys()
    for slug, words in content["words"].items():
        assert words.keys() <= codes[slug]


def test_synonyms_are_in_all_languages() -> None:
    content = synonyms()
    for section in ("columns", "measures"):
        for target, languages in content[section].items():
            assert languages.keys() <= LANGUAGES.keys(), target
            assert {"en", "fr", "es"} <= languages.keys(), target


@pytest.mark.parametrize(
    ("heading", "target", "language"),
    [
        ("legal_name", "legal_name", ""),
        ("Postleitzahl", "postal_code", ""),
        ("CÓDIGO POSTAL", "postal_code", ""),
        ("postCode", "postal_code", ""),
        ("Sito web", "homepage", ""),
        ("addr:street", "street", ""),
        ("description:fr", "description", "fr"),
        ("Name in English", "name", "en"),
        ("descripiton:de", "description", "de"),
        ("description (gr)", "description", "el"),
    ],
)
def test_a_heading_is_understood(
    wordbook: Wordbook, heading: str, target: str, language: str
) -> None:
    best = wordbook.meanings(heading)[0]
    assert (best.target, best.language) == (target, language)
    assert best.score >= SURE


def test_a_part_of_a_heading_is_a_guess(wordbook: Wordbook) -> None:
    best = wordbook.meanings("CU_NAME")[0]
    assert best.target == "name"
    assert best.score < SURE
    assert "partly" in best.reason


def test_the_language_of_a_synonym_is_told(wordbook: Wordbook) -> None:
    assert wordbook.meanings("PLZ")[0].reason == "its heading means “postal code” in German"


@pytest.mark.parametrize("heading", ["", "   ", "???", "xyzzy", "日本", "a" * 100_000])
def test_nonsense_means_nothing(wordbook: Wordbook, heading: str) -> None:
    assert wordbook.meanings(heading) == []
