"""Which file of a folder holds a table: patterns and editions.

A pattern names one ``*``, which stands for the edition: ``organisations-*.csv`` finds
``organisations-2017.csv`` (edition 2017), ``foicu*.csv`` finds ``foicu-2025q4.csv`` and not
``foicu-fields.csv``. Editions compare by their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from coopgraph.errors import UsageError

_EDITION = re.compile(r"(\d{4})(?:[-_]?[qQ]?(\d{1,2}))?(?:[-_]?(\d{2}))?")

Order = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EditionFile:
    """A file that matches a table's pattern; ``edition`` is "" where its name has none."""

    path: Path
    edition: str
    order: Order


def edition_order(edition: str) -> Order | None:
    """The numbers of an edition: ``2019q1`` → (2019, 1); None where it is none.

    >>> edition_order("2019q1"), edition_order("fields")
    ((2019, 1), None)
    """
    match = _EDITION.fullmatch(edition)
    return tuple(int(part) for part in match.groups() if part) if match else None


def find_files(folder: Path, pattern: str) -> list[EditionFile]:
    """The files of a folder that match, oldest edition first; of names that differ in case alone,
    the one that is written so.
    """
    if "*" not in pattern and (folder / pattern).is_file():
        return [EditionFile(folder / pattern, "", ())]
    before, _, after = pattern.partition("*")
    shape = re.compile(f"{re.escape(before)}(.*){re.escape(after)}", re.IGNORECASE)
    found = []
    for path in sorted(folder.iterdir()):
        match = shape.fullmatch(path.name) if "*" in pattern else None
        if "*" not in pattern and path.name.lower() == pattern.lower():
            found.append(EditionFile(path, "", ()))
        elif match is not None:
            edition = match[1].strip("-_ ")
            order = edition_order(edition) if edition else ()
            if order is not None:
                found.append(EditionFile(path, edition, order))
    return sorted(found, key=lambda item: (item.order, item.path.name))


def choose_file(folder: Path, pattern: str, wanted: str | None) -> EditionFile | None:
    """The newest file that is not after the edition ``wanted`` (the newest of all if None)."""
    limit = edition_order(wanted) if wanted else None
    if wanted and limit is None:
        raise UsageError(f"“{wanted}” is no edition; editions look like 2017, 2025q4 or 2024-06.")
    files = find_files(folder, pattern)
    if limit is not None:
        files = [item for item in files if item.order[: len(limit)] <= limit]
    return files[-1] if files else None
