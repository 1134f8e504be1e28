"""Projected organisations → the text index, whole or edit by edit.

The index follows the journal as the store does, and carries the number of the last commit it
shows. What an organisation has in it follows from its own records in the merge alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from coopgraph.errors import StoreError
from coopgraph.journal import Journal
from coopgraph.namespaces import organization_iri
from coopgraph.projection import MERGE, Graphs
from coopgraph.publish.compiled import Compiled
from coopgraph.search import Entry, Stamp, building, stamp_of, update
from coopgraph.store import Layout, replace_folder

Add = Callable[[Entry], None]


class TextIndex:
    """Keeps the text index of one state folder up with its journal."""

    def __init__(self, journal: Journal, compiled: Compiled, layout: Layout) -> None:
        self._journal = journal
        self._layout = layout
        self._compiled = compiled

    def is_shown(self) -> bool:
        """Whether the current snapshot has an index of the journal's last commit."""
        return stamp_of(self._layout.current / self._layout.search.name) == self._stamp()

    @contextmanager
    def fresh(self) -> Iterator[Add]:
        """A new index of the entries it is given, in the place of the old one when the block
        ends.
        """
        folder = self._layout.fresh_search
        shutil.rmtree(folder, ignore_errors=True)
        with building(folder, self._stamp()) as add:
            yield add
        replace_folder(folder, self._layout.search)

    def bring_up(
        self,
        now: Callable[[str], Graphs],
        everything: Callable[[], Iterable[Entry]],
        most_states: int,
    ) -> None:
        """Apply what the index does not show yet, or make it anew where that is too much.

        ``now`` gives the lines of one organisation, ``everything`` the entries of all.
        """
        try:
            is_done = self._edit(now, most_states)
        except StoreError:  # damaged
            is_done = False
        if not is_done:
            with self.fresh() as add:
                for entry in everything():
                    add(entry)

    def entry(self, organization: str, graphs: Graphs) -> Entry | None:
        """The entry of an organisation with those lines; None where it is not found by words."""
        name = organization_iri(self._journal.base, organization)
        return self._compiled.reader.entry(name, graphs.get(MERGE, ()))

    def _edit(self, now: Callable[[str], Graphs], most_states: int) -> bool:
        """Edit the index; False where it cannot be edited."""
        stamp, wanted = stamp_of(self._layout.search), self._stamp()
        if stamp == wanted:
            return True
        if stamp is None or (stamp.standard, stamp.form) != (wanted.standard, wanted.form):
            return False
        pending = range(stamp.sequence + 1, wanted.sequence + 1)
        if not pending or sum(map(self._journal.count_touched, pending)) > most_states:
            return False
        touched = {name for sequence in pending for name in self._journal.touched(sequence)}
        changed = {name: self.entry(name, now(name)) for name in sorted(touched)}
        base = self._journal.base
        update(
            self._layout.search,
            {organization_iri(base, name): entry for name, entry in changed.items()},
            wanted,
        )
        return True

    def _stamp(self) -> Stamp:
        return Stamp(self._journal.last_sequence(), self._compiled.standard.digest)
