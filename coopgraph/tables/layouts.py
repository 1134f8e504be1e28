"""Where in a file a table stands and how the file is written, as descriptors say it.

In: a table of a descriptor. Out: a :class:`Layout`; and the other way round, what a descriptor
would say of a layout. ``docs/descriptors.md`` documents the keys.
"""

from __future__ import annotations

from typing import Any

from coopgraph.tables.reading import Dialect, Layout, find_encoding
from coopgraph.tables.sections import Section

_LAST_HEADER = 1_000
_MOST_NAMES = 16_384
_LONGEST_COMMENT = 20  # characters


def parse_layout(table: Section) -> Layout:
    """What a table says of its place. Raises DescriptorError."""
    layout = Layout(
        table.text("sheet", ""), _header_row(table), _dialect(table), table.texts("names")
    )
    if layout.names and layout.header:
        raise table.error("either a row names the columns, or “names” does", "names")
    if len(set(layout.names)) < len(layout.names) or len(layout.names) > _MOST_NAMES:
        raise table.error("each column needs a name of its own", "names")
    return layout


def write_layout(layout: Layout) -> dict[str, Any]:
    """What a descriptor says of a layout, as short as can be."""
    said: dict[str, Any] = {}
    if layout.sheet:
        said["sheet"] = layout.sheet
    if layout.header is not None:
        said["header"] = layout.header
    if layout.names:
        said["names"] = list(layout.names)
    usual, dialect = Dialect(), layout.dialect
    names = {"spaced": "is_spaced", **{key: key for key in _TEXTS}}
    changed = {
        key: getattr(dialect, name)
        for key, name in names.items()
        if getattr(dialect, name) != getattr(usual, name)
    }
    if "encoding" in changed:  # Python's name of UTF-8 that may begin with a mark
        changed["encoding"] = changed["encoding"].removesuffix("-sig")
    return {**said, "dialect": changed} if changed else said


_TEXTS = ("encoding", "delimiter", "quote", "escape", "comment")


def _header_row(table: Section) -> int | None:
    row = table.take("header")
    if row is None:
        return None
    if isinstance(row, bool) or not isinstance(row, int) or not 1 <= row <= _LAST_HEADER:
        raise table.error(f"this is the number of a row, from 1 to {_LAST_HEADER}", "header")
    return row


def _dialect(table: Section) -> Dialect:
    if table.take("dialect") is None:
        return Dialect()
    section = table.below("dialect")
    dialect = parse_dialect(section, {key: key for key in (*_TEXTS, "spaced")})
    section.finish()
    return dialect


def parse_dialect(section: Section, keys: dict[str, str]) -> Dialect:
    """What a mapping says of how a file is written. ``keys`` are its words for ours.

    Raises DescriptorError.
    """
    usual = Dialect()

    def sign(key: str, default: str) -> str:
        text = section.exact(keys[key], default) if key in keys else default
        if len(text) > 1 or text in ("\r", "\n", "\0"):
            raise section.error("this must be one character", keys[key])
        return text

    dialect = Dialect(
        encoding=_encoding(section, keys.get("encoding", "")),
        delimiter=sign("delimiter", usual.delimiter),
        quote=sign("quote", usual.quote),
        escape=sign("escape", usual.escape),
        comment=section.exact(keys["comment"]) if "comment" in keys else "",
        is_spaced=section.flag(keys["spaced"], default=False) if "spaced" in keys else False,
    )
    signs = [x for x in (dialect.delimiter, dialect.quote, dialect.escape) if x]
    if len(set(signs)) < len(signs):
        raise section.error("delimiter, quotation mark and escape must differ")
    if len(dialect.comment) > _LONGEST_COMMENT:
        raise section.error("this must be a few characters", keys["comment"])
    return dialect


def _encoding(section: Section, key: str) -> str:
    name = section.text(key, "") if key else ""
    found = find_encoding(name) if name else ""
    if name and not found:
        raise section.error(
            f"“{name}” is no encoding of texts that is read; most are utf-8, utf-16, "
            "windows-1252 or iso-8859-1",
            key,
        )
    return found
