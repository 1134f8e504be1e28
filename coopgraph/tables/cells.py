"""Column specifications compiled to functions that pick and clean the texts of a row."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from coopgraph.errors import InputError
from coopgraph.tables.capitals import title_case
from coopgraph.tables.descriptor import ColumnSpec
from coopgraph.tables.values import BadValue, check_characters

Cells = Sequence[str]
Picker = Callable[[Cells], "list[str]"]
Cross = Callable[[str], str]  # a code of another scheme → ours

# Given by a picker where the descriptor translates a value to nothing on purpose.
LEFT_OUT: Final[list[str]] = []

_BLANKS = re.compile(r"[^\S\n]+")
_UNTIDY = re.compile(r"[^\S ]|  ")
_UNTIDY_ROW = re.compile(r"[^\S ]| [ \0]|\0 ")  # of cells with a zero byte between


def clean(text: str) -> str:
    """Trimmed, NFC, with single spaces; line breaks stay, each line trimmed.

    >>> clean(" a  b \\r\\n c ")
    'a b\\nc'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not _UNTIDY.search(text):
        return text.strip()
    text = _BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "\n" in text:
        lines = (line.strip() for line in text.split("\n"))
        return "\n".join(line for line in lines if line)
    return text.strip()


def clean_row(cells: Cells) -> tuple[str, ...]:
    """Each cell of a row as ``clean`` gives it; most rows are clean already."""
    text = "\0".join(("", *cells, ""))
    if text.isascii() and not _UNTIDY_ROW.search(text):
        return tuple(cells)
    return tuple(map(clean, cells))


def positions(
    names: Sequence[str], header: Sequence[str], source: str, header_row: int | None = 1
) -> list[int]:
    """Where columns stand in a header. Raises InputError for one that is missing."""
    found = []
    for name in names:
        if name not in header:
            near = difflib.get_close_matches(name, header, 1)
            hint = f" (there is “{near[0]}”)" if near else f"; it has {', '.join(header)}"
            raise InputError(
                f"the column “{name}” is missing{hint}. Add it, or correct the dataset's mapping.",
                source=source,
                row=header_row,
            )
        found.append(header.index(name))
    return found


def picker(
    spec: ColumnSpec,
    header: Sequence[str],
    source: str,
    cross: Cross | None = None,
    *,
    is_aligned: bool = False,
    header_row: int | None = 1,
) -> Picker:
    """What gives the texts of one column of the standard for a row of clean cells.

    ``cross`` takes a code of another scheme to ours. ``is_aligned`` says that the values of a cell
    stand beside those of other columns, so that none may be blank. The picker may raise BadValue.
    """
    if spec.constant is not None:
        constants = [spec.constant]
        return lambda cells: constants
    places = positions(spec.columns, header, source, header_row)

    # Most columns need nothing done, and every row pays for what is done here.
    usual = ColumnSpec(
        columns=spec.columns,
        join=spec.join,
        dates=spec.dates,
        decimal=spec.decimal,
        default=spec.default,
    )
    read = _plain if spec == usual else partial(_read, spec, cross, is_aligned)

    def pick_all(cells: Cells) -> list[str]:
        filled = [cells[place] for place in places if cells[place]]
        told = [cell for cell in filled if cell.casefold() not in spec.blank]
        text = spec.join.join(told) or spec.default
        return read(text) if text else []

    def pick(cells: Cells) -> list[str]:
        for place in places:
            if cells[place]:
                return read(cells[place])
        return read(spec.default) if spec.default else []

    return pick_all if spec.join else pick


def _plain(text: str) -> list[str]:
    return [text if text.isprintable() else check_characters(text)]


def _read(spec: ColumnSpec, cross: Cross | None, is_aligned: bool, text: str) -> list[str]:
    if spec.blank and text.casefold() in spec.blank:
        return []
    if not text.isprintable():
        check_characters(text)
    mended = _mended(spec, text)
    parts = [part.strip() for part in (mended.split(spec.split) if spec.split else [mended])]
    if is_aligned and len(parts) > 1 and not all(parts):
        raise BadValue(
            f"has nothing before or after a “{spec.split}”; give a value for each place, so that "
            "it is clear which belongs to which",
            "list-gap",
        )
    return _translated(spec, cross, [part for part in parts if part])


def _mended(spec: ColumnSpec, text: str) -> str:
    if spec.pattern is not None:
        match = spec.pattern.search(text)
        if match is None:
            return ""
        text = (match[1] or "") if match.groups() else match[0]
    if spec.remove is not None:
        text = spec.remove.sub("", text).strip(" ,;\n")
    return title_case(text) if spec.case else text


def _translated(spec: ColumnSpec, cross: Cross | None, texts: list[str]) -> list[str]:
    if spec.values is None and cross is None:
        return texts
    found = []
    for text in texts:
        if spec.values is not None and text.casefold() in spec.values:
            value = spec.values[text.casefold()]
        else:
            value = _unnamed(spec, cross, text)
        if value is not None:
            found.append(value)
    return LEFT_OUT if texts and not found else found


def _unnamed(spec: ColumnSpec, cross: Cross | None, text: str) -> str:
    """What a text becomes that ``values`` does not name. Raises BadValue where nothing says."""
    if cross is not None:
        try:
            return cross(text)
        except BadValue:
            if spec.otherwise is None:
                raise
    if spec.otherwise is None:
        raise BadValue(
            f"the mapping does not say what “{text}” means; add it to “values”", "unmapped-value"
        )
    return spec.otherwise
