"""Templates as a workbook that an office worker fills in: Office Open XML, ECMA-376.

In: the standard, which templates, and a language. Out: the bytes of an ``.xlsx`` file: a sheet to
read first, one sheet for each template with notes and drop-downs, one with examples (never in
the way of what is loaded) and one with the codes. The same input gives the same bytes: the
writer dates every part alike, and the workbook says it was made on a fixed day.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from coopgraph.standard.columns import Column, Template, holds, remarks, sheet_titles
from coopgraph.standard.model import CodeList, Kind, Standard
from coopgraph.standard.templates import descriptor_lines
from coopgraph.standard.wording import best, say

_MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # Excel knows no zones
_LAST_ROW = 20_000  # rows below have the format of their column and no drop-down
_NOTE_LENGTH = 255  # of an input message; a note may be longer
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "heading": {"bold": True, "font_size": 12},
    "prose": {"text_wrap": True, "valign": "top"},
    "code": {"font_name": "Consolas", "num_format": "@"},
    "text": {"num_format": "@"},
    "number": {"num_format": "General"},
    "optional": {"bold": True, "bg_color": "#DCE9E4", "bottom": 1, "num_format": "@"},
    "required": {"bold": True, "bg_color": "#1D6A5C", "font_color": "#FFFFFF", "num_format": "@"},
    "hashtag": {"italic": True, "font_color": "#566563", "num_format": "@"},
}


@dataclass(frozen=True, slots=True)
class _Codes:
    """Where the codes of each list stand: slug → a range for drop-downs."""

    sheet: str
    ranges: dict[str, str]


def workbook(
    standard: Standard,
    chosen: Sequence[Template],
    *,
    language: str = "en",
    hxl: bool = False,
) -> bytes:
    """The workbook of these templates, with the codes they need."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"title": "coopgraph", "subject": standard.version, "created": _MADE})
    writer = _Writer(book, standard, language)
    names = sheet_titles(chosen, language)
    writer.read_me(chosen, names)
    sheets = [book.add_worksheet(names[item.slug]) for item in chosen]
    writer.examples(chosen, names)
    codes = writer.codes(chosen)
    for sheet, item in zip(sheets, chosen, strict=True):
        writer.table(sheet, item, codes, hxl=hxl)
    book.close()
    return out.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, standard: Standard, language: str) -> None:
        self._book = book
        self._standard = standard
        self._language = language
        self._formats = {name: book.add_format(look) for name, look in _FORMATS.items()}

    def _say(self, key: str, **values: object) -> str:
        return say(key, self._language, **values)

    # The sheet to read first ----------------------------------------------------------------

    def read_me(self, chosen: Sequence[Template], names: dict[str, str]) -> None:
        """How to fill the others in, and what they are."""
        sheet = self._book.add_worksheet(self._say("readme"))
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 26)
        sheet.set_column(2, 3, 60)
        sheet.write_string(0, 0, self._say("how"), self._formats["title"])
        codes = self._say("codes")
        row = 2
        for key in ("how_rows", "how_notes", "how_blank", "how_codes", "several", "how_text"):
            sheet.merge_range(row, 0, row, 2, self._say(key, sheet=codes), self._formats["prose"])
            sheet.set_row(row, 32)
            row += 1
        sheet.merge_range(row, 0, row, 2, self._say("how_save"), self._formats["prose"])
        sheet.set_row(row, 32)
        for line in descriptor_lines(chosen):
            row += 1
            sheet.write_string(row, 0, line, self._formats["code"])
        row += 2
        for place, key in enumerate(("sheet", "file", "about", "needed")):
            sheet.write_string(row, place, self._say(key), self._formats["optional"])
        for item in chosen:
            row += 1
            needed = ", ".join(column.name for column in item.columns if column.is_required)
            cells = (
                names[item.slug],
                f"{item.slug}.csv",
                item.description(self._language),
                needed,
            )
            for place, text in enumerate(cells):
                sheet.write_string(row, place, text, self._formats["prose"])

    # The sheets to fill in ------------------------------------------------------------------

    def table(self, sheet: Any, item: Template, codes: _Codes, *, hxl: bool) -> None:
        """One template: its header, which stays in sight, and what each column takes."""
        first = 2 if hxl else 1
        sheet.freeze_panes(first, 1)
        sheet.set_comments_author("coopgraph")
        for place, column in enumerate(item.columns):
            look = self._formats["text" if column.is_text else "number"]
            sheet.set_column(place, place, _width(column), look)
            header = self._formats["required" if column.is_required else "optional"]
            sheet.write_string(0, place, column.name, header)
            note = self._note(column)
            options = {"x_scale": 2.4, "height": 18 + 16 * (note.count("\n") + len(note) // 38)}
            sheet.write_comment(0, place, note, options)
            if hxl:
                sheet.write_string(1, place, column.hxl, self._formats["hashtag"])
            rule = self._rule(column, codes)
            if rule:
                sheet.data_validation(first, place, _LAST_ROW, place, rule)

    def _note(self, column: Column) -> str:
        """All that is known about a column, a line each."""
        name = best(column.labels, self._language)
        if column.is_required:
            name += f" ({self._say('required')})"
        what = self._say("holds", what=holds(column, self._language))
        lines = [name, best(column.descriptions, self._language), what]
        lines += remarks(column, self._language)
        if column.example:
            lines.append(self._say("example", example=column.example))
        return "\n".join(filter(None, lines))

    def _rule(self, column: Column, codes: _Codes) -> dict[str, Any]:
        """The drop-down or the bounds of a column; {} where a cell is free.

        A cell that may hold several codes shows them and takes anything.
        """
        rule: dict[str, Any] = {}
        if column.code_list is not None:
            rule = {"validate": "list", "source": codes.ranges[column.code_list.slug]}
        elif column.choices and len(",".join(column.choices)) <= _NOTE_LENGTH:
            rule = {"validate": "list", "source": list(column.choices)}
        elif column.kind is Kind.NUMBER and not column.is_list:
            rule = _number_rule(column)
        if not rule:
            return {}
        hint = self._say("not_in_list", sheet=codes.sheet)
        message = hint if rule["validate"] == "list" else " ".join(remarks(column, self._language))
        return {
            **rule,
            "show_error": not column.is_list,
            "error_title": column.name[:32],
            "error_message": message[:_NOTE_LENGTH],
        }

    # Examples and codes ---------------------------------------------------------------------

    def examples(self, chosen: Sequence[Template], names: dict[str, str]) -> None:
        """A row of each template, filled in; nothing reads this sheet."""
        sheet = self._book.add_worksheet(self._say("examples"))
        row = 0
        for item in chosen:
            sheet.write_string(row, 0, names[item.slug], self._formats["heading"])
            for place, column in enumerate(item.columns):
                header = self._formats["required" if column.is_required else "optional"]
                sheet.write_string(row + 1, place, column.name, header)
                sheet.write_string(row + 2, place, column.example, self._formats["text"])
            row += 4
        widest = max(len(item.columns) for item in chosen)
        sheet.set_column(0, widest - 1, 22)

    def codes(self, chosen: Iterable[Template]) -> _Codes:
        """Every list that a column takes its values from: notations, and what they mean."""
        title = self._say("codes")
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        lists = {
            column.code_list.slug: column.code_list
            for item in chosen
            for column in item.columns
            if column.code_list is not None
        }
        ranges = {}
        for number, slug in enumerate(sorted(lists)):
            self._code_list(sheet, 2 * number, lists[slug])
            letter = _letters(2 * number)
            ranges[slug] = f"='{title}'!${letter}$2:${letter}${len(lists[slug].codes) + 1}"
        return _Codes(title, ranges)

    def _code_list(self, sheet: Any, place: int, known: CodeList) -> None:
        sheet.set_column(place, place, 20, self._formats["text"])
        sheet.set_column(place + 1, place + 1, 34, self._formats["text"])
        sheet.write_string(0, place, known.slug, self._formats["optional"])
        title = best(known.labels, self._language)
        sheet.write_string(0, place + 1, title, self._formats["optional"])
        for row, code in enumerate(known.codes, start=1):
            sheet.write_string(row, place, code.notation)
            sheet.write_string(row, place + 1, best(code.labels, self._language))


def _number_rule(column: Column) -> dict[str, Any]:
    least, most = column.limits.minimum, column.limits.maximum
    if least is None or most is None:
        return {}
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": float(least),
        "maximum": float(most),
    }


def _width(column: Column) -> int:
    return min(40, max(12, len(column.name) + 3, len(column.example) + 2))


def _letters(place: int) -> str:
    """The letters of a spreadsheet column, counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    above, rest = divmod(place, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + rest)
