"""Tags of languages: known, former, private, or none."""

from __future__ import annotations

import pytest

from coopgraph.checking.languages import is_known_language


@pytest.mark.parametrize(
    "tag", ["en", "pt-BR", "EN", "zh-Hant-TW", "und", "mul", "sco", "iw", "qaa", "i-klingon", "x-a"]
)
def test_known(tag: str) -> None:
    assert is_known_language(tag)


@pytest.mark.parametrize("tag", ["gr", "cz", "jp", "english", "xx-US", "ger"])
def test_unknown(tag: str) -> None:
    assert not is_known_language(tag)


def test_a_row_whose_language_is_none_is_flagged(checked) -> None:
    mapping = "key: Nr\nlanguage_column: L\ncolumns: {name: Name, kind: {value: mutual}}\n"
    report = checked("Nr,Name,L\n1,A,el\n2,B,gr\n3,C,\n", mapping=mapping)
    assert [(g.kind, g.column, g.first_rows) for g in report.groups] == [
        ("language-unknown", "L", [3])
    ]
    assert report.total("published") == 3
