"""The XML of a sheet, looked through before it is read.

Tells what the reader of workbooks does not: how far the cells reach, which rows are hidden,
which cells hold an error, and which a formula without its value. In: blocks of bytes. Out: a
:class:`SheetFacts` for each sheet. Memory does not grow with the sheet, nor does a far cell cost
anything. Office Open XML (ECMA-376, part 1, 18.3) and OpenDocument (1.3, part 3, 9.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from coopgraph.errors import InputError
from coopgraph.tables.reading.heading import Merge
from coopgraph.tables.reading.limits import MOST_CELLS, check_cells, check_columns

_MOST_FAULTS = 100_000
_LAST_MERGE = 1_000  # merged cells below no header can be are of no interest
_YES = {"1", "true", "on"}


@dataclass(slots=True)
class SheetFacts:
    """What is known of a sheet before it is read; rows and columns count from 0.

    ``bottom`` and ``right`` are the last row and column with a value, -1 without any.
    """

    name: str = ""
    is_shown: bool = True
    cells: int = 0
    top: int = 1 << 30
    left: int = 1 << 30
    bottom: int = -1
    right: int = -1
    hidden: list[int] = field(default_factory=list)
    errors: set[tuple[int, int]] = field(default_factory=set)
    unvalued: set[tuple[int, int]] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)

    def hold(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Take note of a cell with a value, repeated over so many rows and columns."""
        self.cells += rows * columns
        self.top = min(self.top, row)
        self.left = min(self.left, column)
        self.bottom = max(self.bottom, row + rows - 1)
        self.right = max(self.right, column + columns - 1)

    def check(self, source: str) -> None:
        """Raises InputError where the sheet is larger than what is read."""
        if self.cells:
            check_columns(self.right + 1, source)
            check_cells(self.bottom - self.top + 1, self.right - self.left + 1, source)


class Scan:
    """Looks through one part; give it to :meth:`Archive.repack`, then call :meth:`finish`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._handlers: dict[str, Callable[[dict[str, str]], None] | None] = {}

    def __call__(self, block: bytes) -> None:
        try:
            self._parser.Parse(block, False)
        except expat.ExpatError as error:
            raise self._damaged() from error
        self._check()

    def finish(self) -> None:
        """The part has ended. Raises InputError where it is not whole."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._damaged() from error
        self._check()

    def _check(self) -> None:
        """Raises InputError as soon as a limit is passed."""

    def _handler(self, local: str) -> Callable[[dict[str, str]], None] | None:
        """What to do at an element, by its name without prefix."""
        raise NotImplementedError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        try:
            handle = self._handlers[name]
        except KeyError:
            handle = self._handlers[name] = self._handler(name.rpartition(":")[2])
        if handle is not None:
            handle(attributes)

    def _refuse(self, *_: object) -> None:
        raise InputError(
            "the workbook declares a document type, which no spreadsheet program writes; it is "
            "not opened.",
            source=self._source,
        )

    def _damaged(self) -> InputError:
        return InputError(
            "the workbook is damaged; open and save it with a spreadsheet program.",
            source=self._source,
        )

    def _check_faults(self, facts: SheetFacts) -> None:
        if len(facts.unvalued) >= _MOST_FAULTS:
            raise InputError(
                "its formulas have no values; open and save it with a spreadsheet program.",
                source=self._source,
            )


class SharedStringsScan(Scan):
    """Counts the texts that the sheets of an Office Open XML workbook share."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._count = 0

    def _handler(self, local: str) -> Callable[[dict[str, str]], None] | None:
        return self._item if local == "si" else None

    def _item(self, attributes: dict[str, str]) -> None:
        self._count += 1

    def _check(self) -> None:
        check_cells(self._count, 1, self._source)


class OfficeOpenScan(Scan):
    """Looks through one sheet of an Office Open XML workbook."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.facts = SheetFacts()
        self._row = self._column = -1
        self._is_hidden = self._is_formula = self._is_unvalued = False
        self._type = ""
        self._columns: dict[str, int] = {}

    def _handler(self, local: str) -> Callable[[dict[str, str]], None] | None:
        return {
            "row": self._at_row,
            "c": self._at_cell,
            "f": self._at_formula,
            "v": self._at_value,
            "is": self._at_value,
            "mergeCell": self._at_merge,
        }.get(local)

    def finish(self) -> None:
        super().finish()
        self._end_cell()

    def _check(self) -> None:
        self.facts.check(self._source)
        self._check_faults(self.facts)

    def _at_row(self, attributes: dict[str, str]) -> None:
        self._end_cell()
        number = attributes.get("r", "")
        self._row = int(number) - 1 if number.isdecimal() else self._row + 1
        self._column = -1
        self._is_hidden = attributes.get("hidden") in _YES

    def _at_cell(self, attributes: dict[str, str]) -> None:
        if self._is_formula:
            self._end_cell()
        reference = attributes.get("r")
        if reference:
            self._row, self._column = self._place(reference)
        else:
            self._column += 1
        self._type = attributes.get("t", "")

    def _place(self, reference: str) -> tuple[int, int]:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column(letters)
        row = reference[len(letters) :]
        if column < 0 or not row or len(row) > 7:
            raise self._damaged()
        return int(row) - 1, column

    def _at_formula(self, attributes: dict[str, str]) -> None:
        self._is_formula = self._is_unvalued = True

    def _at_value(self, attributes: dict[str, str]) -> None:
        facts = self.facts
        facts.hold(self._row, self._column)
        if self._is_hidden:
            facts.hidden.append(self._row)
            self._is_hidden = False
        if self._type == "e" and len(facts.errors) < _MOST_FAULTS:
            facts.errors.add((self._row, self._column))
        if self._is_formula:
            self._is_unvalued = self._type != "str"
            self._parser.CharacterDataHandler = self._at_text

    def _at_text(self, text: str) -> None:
        self._is_unvalued = False
        self._parser.CharacterDataHandler = None

    def _end_cell(self) -> None:
        if self._is_unvalued:
            self.facts.hold(self._row, self._column)
            self.facts.unvalued.add((self._row, self._column))
        self._is_formula = self._is_unvalued = False
        self._parser.CharacterDataHandler = None

    def _at_merge(self, attributes: dict[str, str]) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        if last:
            (top, left), (bottom, right) = self._place(first), self._place(last)
            if top <= _LAST_MERGE:
                self.facts.merges.append(Merge(top, left, bottom, right))


class OpenDocumentScan(Scan):
    """Looks through all sheets of an OpenDocument spreadsheet, which are one part."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.sheets: list[SheetFacts] = []
        self._row = self._column = 0
        self._rows = self._columns = 1  # so often the row and the cell are repeated
        self._is_hidden = self._is_counted = False

    def _handler(self, local: str) -> Callable[[dict[str, str]], None] | None:
        return {
            "table": self._at_sheet,
            "table-row": self._at_row,
            "table-cell": self._at_cell,
            "covered-table-cell": self._at_cell,
            "p": self._at_text,
        }.get(local)

    def _check(self) -> None:
        if self.sheets:
            self.sheets[-1].check(self._source)
            self._check_faults(self.sheets[-1])

    def _at_sheet(self, attributes: dict[str, str]) -> None:
        self.sheets.append(SheetFacts(attributes.get("table:name", "")))
        self._row, self._rows = 0, 0

    def _at_row(self, attributes: dict[str, str]) -> None:
        self._row += self._rows
        self._rows = self._repeated(attributes, "table:number-rows-repeated")
        self._column, self._columns = 0, 0
        self._is_hidden = attributes.get("table:visibility") in {"collapse", "filter"}

    def _at_cell(self, attributes: dict[str, str]) -> None:
        if not self.sheets:
            return
        self._column += self._columns
        self._columns = self._repeated(attributes, "table:number-columns-repeated")
        self._is_counted = False
        facts, place = self.sheets[-1], (self._row, self._column)
        kind = attributes.get("office:value-type")
        if attributes.get("calcext:value-type") == "error":
            if len(facts.errors) < _MOST_FAULTS:
                facts.errors.add(place)
        elif "table:formula" in attributes and kind is None:
            facts.unvalued.add(place)
            kind = "formula"
        if kind is not None:
            self._hold(facts)
        wide, high = "table:number-columns-spanned", "table:number-rows-spanned"
        if (wide in attributes or high in attributes) and self._row <= _LAST_MERGE:
            bottom = self._row + self._repeated(attributes, high) - 1
            right = self._column + self._repeated(attributes, wide) - 1
            facts.merges.append(Merge(self._row, self._column, bottom, right))

    def _at_text(self, attributes: dict[str, str]) -> None:
        if self.sheets and self._rows and self._columns and not self._is_counted:
            self._hold(self.sheets[-1])

    def _hold(self, facts: SheetFacts) -> None:
        self._is_counted = True
        facts.hold(self._row, self._column, self._rows, self._columns)
        if self._is_hidden and facts.cells <= MOST_CELLS:
            facts.hidden.extend(range(self._row, self._row + self._rows))
            self._is_hidden = False

    def _repeated(self, attributes: dict[str, str], name: str) -> int:
        text = attributes.get(name, "1")
        if not text.isdecimal() or len(text) > 8:
            raise self._damaged()
        return max(1, int(text))


def _column(letters: str) -> int:
    """The place of a column, counted from 0; -1 for none: “AA” is 26."""
    place = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return -1
        place = 26 * place + ord(letter) - 64
    return place - 1
