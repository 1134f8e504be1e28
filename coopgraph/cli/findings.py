"""Groups of findings, for a person at a terminal. In: groups, the worst first. Out: lines."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.text import Text

from coopgraph.checking import Group
from coopgraph.checking.groups import Place

_HEADS = {
    "error": ("Errors: a row that has one is not published", "bold red"),
    "warning": ("Warnings: a row that has one is published, and flagged", "bold yellow"),
    "hint": ("Hints: worth a look", "bold cyan"),
}
_LONGEST = 60  # characters of a value


def print_groups(console: Console, groups: Iterable[Group], most: int = 20) -> None:
    """Print at most ``most`` groups of each severity, with examples and mends."""
    for severity, found in groupby(groups, key=lambda group: group.severity):
        same = list(found)
        head, style = _HEADS[severity]
        console.print(Text(head, style))
        for group in same[:most]:
            console.print(Text(f"  {heading(group)}"), soft_wrap=True)
            for line in _examples(group):
                console.print(Text(f"      {line}", "dim"), soft_wrap=True)
        if len(same) > most:
            console.print(f"  and {len(same) - most:,} more kinds", markup=False)


def heading(group: Group) -> str:
    """What a group says, with its number of rows: “212 rows, postal_code: …”."""
    rows = "1 row" if group.rows == 1 else f"{group.rows:,} rows"
    place = f"{group.table}, {group.column}" if group.column else group.table
    return f"{rows} · {place}: {group.title}"


def _examples(group: Group) -> list[str]:
    numbers = ", ".join(f"{row:,}" for row in group.first_rows)
    rows = f"row {numbers}" if group.rows == 1 else f"rows {numbers}"
    lines = [rows + (" …" if group.rows > len(group.first_rows) else "")]
    told = set()
    for place in group.examples[: 1 if group.severity == "hint" else 3]:
        shown = _example(place, group, is_told=place.message in told)
        told.add(place.message)
        if shown:
            lines.append(f"e.g. row {place.row:,}: {shown}")
    if group.mendable and group.mendable == group.cells:
        lines.append("Each of them can be mended as shown.")
    return lines


def _example(place: Place, group: Group, *, is_told: bool) -> str:
    """A value with its mend; else the sentence about it, where it says more than the heading."""
    value = f"“{_cut(place.value)}”" if place.value else ""
    if place.mend and place.mend != place.value:
        return f"{value} → “{_cut(place.mend)}”"
    if place.message == group.title or is_told:
        return value
    return _cut(place.message, 3 * _LONGEST) if "“" in place.message else value


def _cut(text: str, longest: int = _LONGEST) -> str:
    line = text.replace("\r\n", "\n").replace("\n", " ⏎ ")
    return line if len(line) <= longest else f"{line[:longest]}…"
