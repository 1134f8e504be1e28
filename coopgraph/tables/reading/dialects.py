"""How a text file is written, where somebody says it: its encoding, delimiter and quoting.

In: what a descriptor or a file's metadata says. Out: a :class:`Dialect`, and what the csv module
needs of it. What nobody says is looked for (``text``), or is as in RFC 4180.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from typing import Any, Final

QUOTE: Final = '"'
_ENCODINGS = """
    ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9
    iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    cp437 cp850 cp852 cp866 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    koi8-r koi8-u mac-roman big5 gb2312 gbk gb18030 euc_jp shift_jis cp932 euc_kr cp949
""".split()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written; “” for what is to be looked for.

    ``encoding`` is a name of Python's. ``quote`` is “” where nothing is quoted. ``escape`` stands
    before a quotation mark or a delimiter that is text, where they are not doubled. Rows that
    begin with ``comment`` are passed over. ``is_spaced``: blanks follow the delimiters.
    """

    encoding: str = ""
    delimiter: str = ""
    quote: str = QUOTE
    escape: str = ""
    comment: str = ""
    is_spaced: bool = False

    def options(self) -> dict[str, Any]:
        """What the csv module's reader is told."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "escapechar": self.escape or None,
            "doublequote": not self.escape,
            "skipinitialspace": self.is_spaced,
        }


def find_encoding(name: str) -> str:
    """Python's name of an encoding of texts, “” of one that is not read.

    UTF-8 may begin with a byte order mark, whether it is said or not.

    >>> find_encoding("UTF-8"), find_encoding("latin1"), find_encoding("rot13")
    ('utf-8-sig', 'iso8859-1', '')
    """
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):  # the latter: hostile names
        return ""
    if found == "utf-8":
        return "utf-8-sig"
    return found if found in _KNOWN else ""


_KNOWN = frozenset(codecs.lookup(name).name for name in _ENCODINGS)
