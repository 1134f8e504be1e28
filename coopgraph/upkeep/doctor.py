"""A state folder → what is wrong with it, and the command that mends each thing.

Everything is only read, and no lock is taken. What a process that publishes is changing just now is
not judged.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pyoxigraph import Literal

from coopgraph import gazetteer
from coopgraph.errors import JournalError, Locked, NewerJournal, NotPublished, StoreError
from coopgraph.journal import Journal, told
from coopgraph.namespaces import catalogue_iri, description_graph, iri
from coopgraph.publish.compiled import Compiled
from coopgraph.publish.derive import Derivation
from coopgraph.publish.describing import Front
from coopgraph.publish.lock import holder
from coopgraph.publish.trouble import translated
from coopgraph.search import stamp_of
from coopgraph.standard import Standard
from coopgraph.store import (
    Layout,
    Manifest,
    Snapshot,
    damaged_files,
    lacking_file,
    leftovers,
    open_snapshot,
    read_manifest,
    shown_sequence,
)
from coopgraph.upkeep.comparing import compare
from coopgraph.upkeep.examination import Examination

# A rebuild makes another store beside the old one, and its tables are merged at the end.
_ROOM, _LEAST_ROOM_BYTES = 2, 64_000_000
_RESTORE = "restore --replace FILE"
_NAMED = 3  # leftovers that a finding names


def no_progress(what: str, number: int) -> None:
    """Progress that nobody watches."""


class Doctor:
    """Looks at one state folder, in which names begin with ``base``."""

    def __init__(
        self,
        home: Path,
        base: str,
        standard: Standard,
        *,
        is_quick: bool = False,
        progress: Callable[[str, int], None] = no_progress,
    ) -> None:
        self._layout = Layout(home)
        self._base = base
        self._standard = standard
        self._progress = progress
        self._found = Examination(home, is_quick)

    def examine(self) -> Examination:
        """Look at everything, once.

        Raises NotPublished where there is nothing to look at, UsageError where the base is another,
        StoreError where something may not be read, Locked where something was published meanwhile.
        """
        layout, found = self._layout, self._found
        if not layout.journal.exists() and not layout.current.is_symlink():
            raise NotPublished(f"Nothing is published in {layout.home}.")
        _require_readable(layout)
        found.publisher, before = holder(layout.lock), self._moment()
        try:
            self._look()
        except Exception:
            self._require_same(before)  # else it may be why
            raise
        self._require_same(before)
        return found

    def _look(self) -> None:
        found = self._found
        manifest = self._look_at_snapshot()
        if found.publisher is None:
            self._look_at_journal(manifest)
            self._look_for_leftovers()
        else:
            found.not_looked_at.append(
                f"journal, numbers of commits, quads and leftovers: process {found.publisher} is "
                "publishing; run it again when that is done"
            )
        self._look_at_disk(manifest)

    def _require_same(self, before: tuple[object, ...]) -> None:
        if self._found.publisher is None and self._moment() != before:
            raise Locked(
                f"Something was published into {self._layout.home} while it was looked at; look "
                "again."
            )

    def _moment(self) -> tuple[object, ...]:
        """What changes when something is published, or begins to be."""
        journal = self._layout.journal
        log = journal.with_name(f"{journal.name}-wal")
        stats = [path.stat() if path.exists() else None for path in (journal, log)]
        files = [(stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats if stat]
        current = self._layout.current
        return (holder(self._layout.lock), *files, current.is_symlink() and current.readlink())

    # The snapshot ---------------------------------------------------------------------------

    def _look_at_snapshot(self) -> Manifest | None:
        """Its manifest, where what it names is there; its files are as they were made."""
        layout, found = self._layout, self._found
        found.looked_at.append("snapshot")
        try:
            manifest = read_manifest(layout.current)
        except StoreError as error:
            found.find("snapshot", f"Nothing that is whole can be served: {error}.")
            return None
        lacking = lacking_file(layout.current, manifest)
        if lacking is not None:
            found.find("snapshot", f"{lacking} is missing or of another size.")
            return None
        self._look_at_what_it_was_made_with(manifest)
        if not found.is_quick:
            found.looked_at.append("hashes")
            damaged = damaged_files(layout.current, manifest)
            if damaged:
                names = told([str(path) for path in damaged])
                found.find("hashes", f"Not as it was made: {names}.")
                return None
        return manifest

    def _look_at_what_it_was_made_with(self, manifest: Manifest) -> None:
        found = self._found
        found.looked_at.append("standard")
        if manifest.standard_digest != self._standard.digest:
            found.find(
                "standard",
                f"What is served was made with the standard {manifest.standard_version} "
                f"({manifest.standard_digest[:8]}), and this is {self._standard.version} "
                f"({self._standard.digest[:8]}).",
            )
        if manifest.gazetteer != gazetteer.digest():
            found.find("standard", "What is served was made with another gazetteer.")

    def _tools(self) -> tuple[str, str]:
        """The digests of what quads are made with."""
        return self._standard.digest, gazetteer.digest()

    # The journal, and what is to follow from it ---------------------------------------------

    def _look_at_journal(self, manifest: Manifest | None) -> None:
        found = self._found
        found.looked_at.append("journal")
        try:
            with (
                translated(self._layout.home),
                closing(Journal.open(self._layout.journal, to_read=True)) as journal,
            ):
                journal.require_base(self._base)
                problems = [] if found.is_quick else journal.verify()
                if problems:
                    found.find("journal", f"It is damaged: {told(problems)}.", _RESTORE)
                    return
                found.sequence = journal.last_sequence()
                is_shown = self._look_at_numbers(journal, manifest)
                if manifest is not None and is_shown and not found.is_quick:
                    self._look_at_quads(journal, manifest)
        except NewerJournal as error:
            found.find("journal", str(error), "")
        except JournalError as error:
            found.find("journal", str(error), _RESTORE)

    def _look_at_numbers(self, journal: Journal, manifest: Manifest | None) -> bool:
        """Whether the snapshot shows the journal's last commit; store and text index must, too."""
        found, layout, last = self._found, self._layout, journal.last_sequence()
        found.looked_at.append("numbers")
        self._look_at_store(last)
        for folder in (layout.search, layout.current / layout.search.name):
            stamp = stamp_of(folder)
            if stamp is None or stamp.sequence != last:
                shown = f"shows commit {stamp.sequence}" if stamp else "is missing or half made"
                found.find("numbers", f"The text index {folder} {shown}; commit {last} is last.")
        if manifest is None:
            return False
        if manifest.sequence != last:
            text = f"Commit {manifest.sequence} is served, and commit {last} is the journal's last."
        elif manifest.chain != journal.chain_at(last):
            text = f"The commit {last} that is served is not that of the journal, but another."
        else:
            return True
        found.find("numbers", text)
        return False

    def _look_at_store(self, last: int) -> None:
        store = self._layout.store
        if not store.exists():
            self._found.find("numbers", f"There is no store {store}; the next publish is slow.")
            return
        try:
            sequence = shown_sequence(store, self._base)
        except StoreError as error:
            self._found.find("numbers", f"{error}.")
            return
        if sequence != last:
            self._found.find("numbers", f"The store shows commit {sequence}, and {last} is last.")

    def _look_at_quads(self, journal: Journal, manifest: Manifest) -> None:
        """What is served is the journal replayed, under the standard that it was made with."""
        found = self._found
        if (manifest.standard_digest, manifest.gazetteer) != self._tools():
            found.not_looked_at.append(
                "quads: they were made with another standard or gazetteer; rebuild first"
            )
            return
        found.looked_at.append("quads")
        try:
            snapshot = open_snapshot(self._layout.current)
            front = Front(_title(snapshot), "")
            derivation = Derivation(journal, Compiled(self._standard), self._layout, front)
            difference = compare(
                snapshot.store,
                derivation.replayed(),
                description_graph(self._base),
                lambda number: self._progress("quads", number),
            )
        except (StoreError, OSError, RuntimeError) as error:
            found.find("quads", f"What is served cannot be read: {error}.")
            return
        found.quads = difference.held
        if difference.surplus or difference.missing:
            found.find(
                "quads",
                f"Of {difference.held:,} quads that are served {difference.surplus:,} do not "
                f"follow from the journal, and {difference.missing:,} that do are missing.",
            )

    # The folder and its disk ----------------------------------------------------------------

    def _look_for_leftovers(self) -> None:
        found = self._found
        found.looked_at.append("leftovers")
        paths = [str(path.relative_to(self._layout.home)) for path in leftovers(self._layout)]
        if paths:
            more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
            found.find(
                "leftovers",
                f"A publisher that was killed left {', '.join(paths[:_NAMED])}{more}.",
            )

    def _look_at_disk(self, manifest: Manifest | None) -> None:
        found = self._found
        found.looked_at.append("disk")
        files = {**manifest.files, **manifest.search} if manifest else {}
        found.needed_bytes = _LEAST_ROOM_BYTES + _ROOM * sum(size for size, _ in files.values())
        found.free_bytes = shutil.disk_usage(self._layout.home).free
        if found.free_bytes < found.needed_bytes:
            found.find(
                "disk",
                f"{found.free_bytes:,} bytes are free, and a rebuild may need "
                f"{found.needed_bytes:,}: make room.",
                "",
            )


def _require_readable(layout: Layout) -> None:
    """Raise StoreError where this user may not read what is to be looked at."""
    for path in (layout.home, layout.journal, layout.current):
        if path.exists() and not os.access(path, os.R_OK):
            raise StoreError(f"{path} may not be read by this user; run it as the one who serves.")


def _title(snapshot: Snapshot) -> str:
    """What the operator called the service when the snapshot was made."""
    pattern = catalogue_iri(snapshot.base), iri("dcterms:title"), None, None
    titles = (quad.object for quad in snapshot.store.quads_for_pattern(*pattern))
    return next((title.value for title in titles if isinstance(title, Literal)), "")
