"""What the metadata of a file says, whichever standard it is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from coopgraph.standard import Kind
from coopgraph.tables.describing import Facts
from coopgraph.tables.reading import Layout
from coopgraph.tables.values import POINT

ISO_TIMES = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")  # XML Schema's dateTime


@dataclass(frozen=True, slots=True)
class MetadataColumn:
    """What is said of one column.

    ``where`` is the dotted path to it. ``name`` and ``titles`` are what the header may call it.
    ``property_iri`` is the property that its cells are values of, ``says`` the words that say so.
    ``language`` is “” where nobody says it. ``is_point``: its cells are “longitude, latitude”.
    """

    where: str
    name: str
    titles: tuple[str, ...] = ()
    property_iri: str = ""
    says: str = ""
    language: str = ""
    blank: tuple[str, ...] = ()
    default: str = ""
    separator: str = ""
    dates: tuple[str, ...] = ()
    decimal: str = POINT
    grouping: str = ""
    is_required: bool = False
    is_point: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What the header may call it, the likelier first."""
        return (*self.titles, self.name) if self.name else self.titles

    @property
    def called(self) -> str:
        """Its name, for messages."""
        return self.name or self.titles[0]

    def changes(self, kind: Kind) -> dict[str, Any]:
        """What a mapping of the column needs, in the words of a descriptor, for a field of that
        kind.
        """
        found: dict[str, Any] = {}
        blank = [text for text in self.blank if text]
        if blank:
            found["blank"] = blank
        if self.default:
            found["default"] = self.default
        if self.separator:
            found["split"] = self.separator
        if self.dates and kind is Kind.DATE:
            found["date"] = self.dates[0] if len(self.dates) == 1 else list(self.dates)
        if kind is Kind.NUMBER:
            if self.decimal != POINT:
                found["decimal"] = self.decimal
            if self.grouping not in ("", ".", ","):  # those two are known from the decimal mark
                found["remove"] = " " if self.grouping.isspace() else re.escape(self.grouping)
        return found


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: the columns that hold keys of ``resource``, “” for the table itself."""

    columns: tuple[str, ...]
    resource: str
    where: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What one file of metadata says of one table.

    ``source`` is the name of that file. ``key`` are the names of the columns that name a row.
    ``facts`` are what it says of the dataset, “” where it says nothing. ``may_lack``: the file
    need not have all of the columns. ``notes`` are sentences on what was passed over.
    """

    source: str
    columns: tuple[MetadataColumn, ...] = ()
    layout: Layout = field(default_factory=Layout)
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    facts: Facts = field(default_factory=lambda: Facts(""))
    may_lack: bool = False
    notes: tuple[str, ...] = ()

    def uses(self, name: str) -> bool:
        """Whether a column of that name is described; for finding the header."""
        return any(name in map(evened, column.names) for column in self.columns)


def evened(name: str) -> str:
    """A name as the header of a table has it, with single blanks."""
    return " ".join(name.split())
