"""Where the header of a sheet stands, and what its columns are called.

In: the first rows of a sheet, and which columns a mapping uses. Out: a :class:`Heading`. Titles
and blank rows may stand above the header, a row of HXL hashtags below it, and merged cells over
it that group columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coopgraph.errors import InputError
from coopgraph.tables.hashtags import is_hashtags
from coopgraph.tables.reading.limits import check_columns
from coopgraph.tables.reading.table import Uses

SEARCHED_ROWS = 25  # as far as HXL looks for its hashtags

Rows = Sequence[Sequence[str]]


class Merge(NamedTuple):
    """A merged cell: its first and last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


class Heading(NamedTuple):
    """What the columns are called. ``row`` and ``first_row`` (of the data) count from 1."""

    names: tuple[str, ...]
    row: int
    first_row: int
    hashtags: tuple[str, ...]
    notes: tuple[str, ...]


def find_heading(
    rows: Rows,
    source: str,
    *,
    row: int | None = None,
    uses: Uses | None = None,
    merges: Sequence[Merge] = (),
) -> Heading:
    """The heading among the first rows of a sheet: row ``row``, or else the likeliest.

    Raises InputError where there is none, or a column that is used stands twice.
    """
    place = _asked_for(rows, row, source) if row else _likeliest(rows, uses, merges)
    if place is None:
        raise InputError(
            "the file is empty; its first row must name the columns.", source=source, row=row
        )
    names = names_at(rows, place, merges)
    if not row and not any(character.isalpha() for name in names for character in name):
        raise InputError(
            f"“{next(filter(None, names))}” and what stands beside it are no names of columns; a "
            "row above the data must name the columns.",
            source=source,
            row=place + 1,
        )
    check_columns(len(names), source)
    below = place + 1
    tags: tuple[str, ...] = ()
    if is_hashtags(rows[place]):
        tags = tuple(names)
    elif below < len(rows) and is_hashtags(rows[below]):
        tags = tuple(cell.strip() for cell in rows[below][: len(names)])
        tags += ("",) * (len(names) - len(tags))
        below += 1
    distinct, notes = _distinct(names, source, place + 1, uses)
    return Heading(distinct, place + 1, below + 1, tags, notes)


def _asked_for(rows: Rows, row: int, source: str) -> int:
    if row > len(rows) or not any(cell.strip() for cell in rows[row - 1]):
        raise InputError(
            "is blank, and the dataset's “header”, or the file's metadata, says that it names the "
            "columns; correct that.",
            source=source,
            row=row,
        )
    return row - 1


def _likeliest(rows: Rows, uses: Uses | None, merges: Sequence[Merge]) -> int | None:
    """The row with most of the columns that are used; else the one above the hashtags; else the
    first that names more than one column; else the first that is not blank.
    """
    filled = [place for place in range(min(len(rows), SEARCHED_ROWS)) if _count(rows[place])]
    if uses is not None and filled:
        scores = {place: used_names(names_at(rows, place, merges), uses) for place in filled}
        best = max(filled, key=lambda place: scores[place])
        if scores[best]:
            return best
    for above, place in zip([None, *filled], filled, strict=False):
        if _count(rows[place]) > 1 and is_hashtags(rows[place]):
            if above is None:
                return place
            if not any(cell.strip().startswith("#") for cell in rows[above]):
                return above
    for place in filled:
        if _count(rows[place]) > 1 and any(map(_has_letter, rows[place])):
            return place + 1 if _groups(place, merges) and place + 1 in filled else place
    return filled[0] if filled else None


def used_names(names: Iterable[str], uses: Uses) -> int:
    """How many columns are used by a mapping."""
    return sum(1 for name in set(names) if name and uses(name))


def _count(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _groups(row: int, merges: Sequence[Merge]) -> bool:
    """Whether cells of a row are merged over columns below."""
    return any(m.top == row and m.bottom == row and m.right > m.left for m in merges)


def names_at(rows: Rows, place: int, merges: Sequence[Merge]) -> list[str]:
    """The names in a row. A cell merged from above names its column; a name that stands twice
    takes that of the group merged above it before it: “Group / Column”.
    """
    names = [" ".join(cell.split()) for cell in rows[place]]
    for merge in merges:
        if merge.top < place <= merge.bottom and merge.left < len(names):
            names[merge.left] = names[merge.left] or _text(rows, merge)
    seen = {name for name in names if names.count(name) > 1} if merges else set()
    for column, name in enumerate(names):
        if name in seen and name:
            group = _group(rows, place, column, merges)
            names[column] = f"{group} / {name}" if group else name
    return names


def _group(rows: Rows, place: int, column: int, merges: Sequence[Merge]) -> str:
    above = [
        merge
        for merge in merges
        if merge.bottom < place and merge.left <= column <= merge.right > merge.left
    ]
    return _text(rows, max(above)) if above else ""


def _text(rows: Rows, merge: Merge) -> str:
    cells = rows[merge.top] if merge.top < len(rows) else ()
    return " ".join(cells[merge.left].split()) if merge.left < len(cells) else ""


def _distinct(
    names: Sequence[str], source: str, row: int, uses: Uses | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of which none stands twice, and a note where they had to be numbered."""
    taken, found, again = set(names), list[str](), list[str]()
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            if uses is None or uses(name):
                raise InputError(
                    "stands twice in the header; rename one.", source=source, row=row, column=name
                )
            again.append(name)
            number = 2
            while f"{name}_{number}" in taken:
                number += 1
            name = f"{name}_{number}"
            taken.add(name)
        seen.add(name)
        found.append(name)
    if not again:
        return tuple(found), ()
    listed = ", ".join(f"“{name}”" for name in sorted(set(again))[:5])
    note = f"{source}: {listed} stand more than once in the header; the later ones were numbered."
    return tuple(found), (note,)
