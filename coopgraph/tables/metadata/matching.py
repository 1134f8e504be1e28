"""Metadata × the header of its file → which column is which, and what is at odds.

In: metadata and the header of an open table. Out: the columns by their names in the file, the key,
and sentences on what the file lacks.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from coopgraph.errors import DescriptorError
from coopgraph.tables.metadata.model import Metadata, MetadataColumn, Reference, evened

_LISTED = 8  # names in a message


class Matched:
    """What metadata says of the columns that a file has. Raises DescriptorError where it cannot be
    of that file: no column, a required one, or one of a key is missing.
    """

    def __init__(self, metadata: Metadata, header: Sequence[str], name: str) -> None:
        self.metadata = metadata
        self._header = [own for own in header if own]
        self._name = name
        self.columns = self._columns()
        self._called = {item.name: own for own, item in self.columns.items() if item.name}
        if metadata.columns and not self.columns:
            raise self._error(
                f"none of the columns that it describes ({_listed(self._described())}) is in the "
                f"header of {name}, which has {_listed(self._header)}",
                metadata.columns[0].where,
            )
        self.key = self._named(metadata.key, "primaryKey")
        self.notes = tuple(self._lacking())

    def own_references(self) -> dict[str, Reference]:
        """The columns that hold keys of other rows of the file itself."""
        found = {}
        for reference in self.metadata.references:
            for own in self._named(reference.columns, reference.where):
                if not reference.resource:
                    found[own] = reference
        return found

    def _columns(self) -> dict[str, MetadataColumn]:
        exact = set(self._header)
        folded = {own.casefold(): own for own in self._header}
        found: dict[str, MetadataColumn] = {}
        for column in self.metadata.columns:
            names = list(map(evened, column.names))
            near = (folded[name.casefold()] for name in names if name.casefold() in folded)
            own = next((name for name in names if name in exact), None) or next(near, None)
            if own:
                found.setdefault(own, column)
        return found

    def _described(self) -> list[str]:
        return [column.called for column in self.metadata.columns]

    def _named(self, names: Iterable[str], where: str) -> tuple[str, ...]:
        """The file's own names of columns that a key names."""
        found = []
        for name in names:
            own = self._called.get(name) or (name if name in self._header else "")
            if not own:
                raise self._error(
                    f"a key needs the column “{name}”, which {self._name} lacks{self._near(name)}",
                    where,
                )
            found.append(own)
        return tuple(found)

    def _lacking(self) -> Iterable[str]:
        known = {id(column) for column in self.columns.values()}
        missing = [column for column in self.metadata.columns if id(column) not in known]
        for column in missing:
            name = column.called
            if column.is_required:
                raise self._error(
                    f"the column “{name}” is required, and {self._name} lacks it{self._near(name)}",
                    column.where,
                )
        if missing and not self.metadata.may_lack:
            names = [column.called for column in missing]
            hint = self._near(names[0]) if len(names) == 1 else ""
            yield (
                f"{self.metadata.source}, at {missing[0].where}: {self._name} lacks "
                f"{_listed(names)}{hint}. Where that is a slip, correct the name there."
            )

    def _near(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._header, 1)
        return f" (there is “{near[0]}”)" if near else ""

    def _error(self, message: str, where: str) -> DescriptorError:
        return DescriptorError(
            f"{message}. Correct it there, or move the metadata away",
            source=self.metadata.source,
            where=where,
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(f"“{name}”" for name in names[:_LISTED]) + more
