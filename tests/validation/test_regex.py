"""XPath's regular expressions in Python."""

from __future__ import annotations

import pytest

from coopgraph.validation.regex import RegexError, compile_regex

FOUND = [
    ("^[A-Z]{3}$", "", "GBP", "GBP\n"),
    ("co-?op", "i", "CO-OP", "cop"),
    ("a.b", "s", "a\nb", "ab"),
    ("^b$", "m", "a\nb\nc", "ab"),
    ("a b # c", "x", "ab#c", "a b"),
    ("[a b]c", "x", " c", "c"),
    (r"\d+", "", "42", "four"),
    (r"^\s$", "", "\t", "\u00a0"),
    (r"[\s-]", "", "a-b", "a\u00a0b"),
    (r"^\S+$", "", "a\u00a0b", "a b"),
    (r"\$\[\]", "", "$[]", "$"),
    ("[$]", "", "$", "a"),
    (r"x-[ab]$", "", "x-a", "x-"),
]


@pytest.mark.parametrize(("pattern", "flags", "match", "no_match"), FOUND)
def test_pattern_finds_what_xpath_means(
    pattern: str, flags: str, match: str, no_match: str
) -> None:
    regex = compile_regex(pattern, flags)

    assert regex.search(match)
    assert not regex.search(no_match)


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"\p{L}", ""),
        (r"[\p{L}]", ""),
        (r"\i\c*", ""),
        (r"\w", ""),
        (r"\bx", ""),
        ("[a-z-[aeiou]]", ""),
        (r"[\S]", ""),
        ("(", ""),
        ("a", "q"),
    ],
)
def test_what_python_cannot_say_is_refused(pattern: str, flags: str) -> None:
    with pytest.raises(RegexError):
        compile_regex(pattern, flags)
