"""Regular expressions of XPath as Python writes them (section 4.4.3; XPath F&O section 5.6).

What both languages spell alike is left alone. ``$``, ``\\s`` and ``\\S`` are spelt anew, as
Python's mean more. What Python cannot say (``\\p{L}``, ``\\i``, ``\\c``, ``\\w``, subtraction
of classes) is refused: better no shape than one that means something else. ``\\w``, which nearly
means the same, is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.RegexFlag(0)}
_REFUSED_ESCAPES = frozenset("pPiIcCbBAZ")
_NEAR_ESCAPES = frozenset("wW")
_SPACE = r" \t\n\r"
_TOKEN = re.compile(r"\\.|\[\^?|\]|-\[|\$|.|\n", re.DOTALL)


class RegexError(ValueError):
    """A pattern or flag that is wrong, or that Python cannot express."""


class NearRegexError(RegexError):
    """A pattern with what means nearly the same in Python."""


def compile_regex(pattern: str, flags: str = "") -> re.Pattern[str]:
    """Compile an XPath regular expression for ``search``; ``RegexError`` if that cannot be.

    >>> bool(compile_regex("^b", "i").search("Bread"))
    True
    """
    unknown = set(flags) - set(_FLAGS)
    if unknown:
        raise RegexError(f"unknown regular expression flag {min(unknown)!r}")
    python_flags = re.RegexFlag(0)
    for flag in flags:
        python_flags |= _FLAGS[flag]
    translated = "".join(_translate(pattern, flags))
    try:
        return re.compile(translated, python_flags)
    except re.error as error:
        raise RegexError(f"bad regular expression {pattern!r}: {error}") from error


def _translate(pattern: str, flags: str) -> Iterator[str]:
    in_class = False
    for token in _TOKEN.findall(pattern):
        if token[0] == "\\" and len(token) == 2:
            yield _escape(token, in_class)
            continue
        if in_class and "[" in token:
            raise RegexError(f"{pattern!r} nests classes, which Python's expressions cannot")
        if not in_class and "x" in flags and token in " \t\n\r":
            continue
        # Python's own $ would also match before a line break at the end.
        is_end = token == "$" and not in_class and "m" not in flags
        yield r"\Z" if is_end else token
        in_class = "[" in token or (in_class and token != "]")


def _escape(token: str, in_class: bool) -> str:
    if token[1] in _REFUSED_ESCAPES:
        raise RegexError(f"{token} means another thing in Python; write out the characters")
    if token[1] in _NEAR_ESCAPES:
        raise NearRegexError(f"{token} in a pattern, which Python reads in a slightly other way")
    if token[1] == "s":
        return _SPACE if in_class else f"[{_SPACE}]"
    if token[1] == "S":
        if in_class:
            raise RegexError("\\S inside a class has no counterpart in Python")
        return f"[^{_SPACE}]"
    return token
