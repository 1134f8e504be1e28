"""The journal: one SQLite file that holds every commit, and from which all else is derived.

``schema.sql`` beside this file says what each table means. Writing goes
:meth:`Journal.begin` → :meth:`Commit.write` … → :meth:`Commit.finish`; rows written before
``finish`` are invisible to every reader, and :meth:`Journal.abandon_unfinished` removes those
of a writer that died. ``synchronous=FULL`` with a write-ahead log: what ``finish`` returned
for is on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from coopgraph.errors import JournalError, Locked, NewerJournal, UsageError
from coopgraph.journal import log
from coopgraph.journal.asking import chain_at, one, organization_at
from coopgraph.journal.catalogued import catalogue, is_catalogued
from coopgraph.journal.commit import DICTIONARY, Commit
from coopgraph.journal.connecting import connect_to_read, has_log, is_passing
from coopgraph.journal.contents import Contents, keys_of
from coopgraph.journal.entries import (
    CommitInfo,
    Head,
    HeldRecord,
    PackedRecord,
    QuarantinedRow,
)
from coopgraph.journal.refusals import Refusal, quarantined, refusals
from coopgraph.journal.upgrading import (
    READABLE,
    SCHEMA_VERSION,
    schema_of,
    take_as_upgraded,
    upgrade,
)
from coopgraph.journal.verification import problems

_ADVICE = "; nothing was changed. Restore a backup: “coopgraph restore --replace FILE”."
PAGE_BYTES = 8_192  # a state takes some 900
# What is written before a commit is finished.
_WRITTEN_BEFORE = ("states", "identities", "redirects", "descriptors", "quarantine", "in_force")
_STEP_PAGES = 8_192  # copied at once; signals are heard between


class Journal:
    """An open journal. One writer at a time holds ``publish.lock``; readers need nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._contents = Contents(connection)

    # Opening ------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, base: str, words: bytes) -> Journal:
        """A new journal. ``base`` is what names of things begin with, for ever; states are
        compressed with ``words``.
        """
        connection = _connect(path)
        schema = files("coopgraph.journal").joinpath("schema.sql").read_text("utf-8")
        with connection:
            connection.executescript(f"BEGIN; {schema}")
            connection.execute("INSERT INTO dictionaries VALUES (?, ?)", (DICTIONARY, words))
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)", [("schema", SCHEMA_VERSION), ("base", base)]
            )
        return cls(connection)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        to_read: bool = False,
        is_logged: bool | None = None,
        may_upgrade: bool = False,
    ) -> Journal:
        """An existing journal. Raises JournalError where it is damaged or of another version.

        ``to_read``: nothing is written, not even what SQLite keeps beside it; raises Locked where
        that cannot be done now. Where others may write meanwhile, see ``looking``. ``is_logged``:
        whether there is a log to read it by; None has that looked up. ``may_upgrade``: one of an
        older schema is brought up, for whoever holds the lock.
        """
        if not path.is_file():
            raise JournalError(f"There is no journal at {path}; “coopgraph load” makes one.")
        try:
            if to_read:
                by_log = has_log(path) if is_logged is None else is_logged
                journal = cls(connect_to_read(path, is_logged=by_log))
            else:
                journal = cls(_connect(path))
            version = schema_of(journal._db)
        except sqlite3.DatabaseError as error:
            if to_read and is_passing(error):
                raise Locked(unreadable_now(path, error)) from error
            if getattr(error, "sqlite_errorname", "") == "SQLITE_IOERR_SHMSIZE":
                raise  # a full disk, and no damage
            raise JournalError(f"{path} cannot be read: {error}{_ADVICE}") from error
        if version in READABLE:
            (upgrade if may_upgrade else take_as_upgraded)(journal._db)
        else:
            journal.close()
            if not version:
                raise JournalError(f"{path} is damaged: it names no schema{_ADVICE}")
            is_newer = version.isdecimal() and int(version) > int(SCHEMA_VERSION)
            raise (NewerJournal if is_newer else JournalError)(
                f"{path} has schema {version}, and this version of coopgraph reads schema "
                f"{SCHEMA_VERSION}; nothing was changed. "
                + ("Use the newer version that wrote it." if is_newer else "Restore a backup.")
            )
        return journal

    @classmethod
    def open_or_create(cls, path: Path, base: str, words: bytes) -> Journal:
        """The journal at ``path``, new if need be. Raises UsageError where its base differs."""
        if not _is_complete(path):
            for ending in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            return cls.create(path, base, words)
        journal = cls.open(path, may_upgrade=True)
        journal.require_base(base)
        return journal

    def require_base(self, base: str) -> None:
        """Raise UsageError where names of things begin otherwise."""
        if self.base != base:
            raise UsageError(
                f"This state folder names things under {self.base}, not {base}; set "
                "COOPGRAPH_BASE to the former, or use another COOPGRAPH_HOME."
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # Reading ------------------------------------------------------------------------------

    @property
    def base(self) -> str:
        """What names of things begin with."""
        return self._meta("base")

    def last_time(self) -> datetime | None:
        """When the last commit was made; None before the first."""
        at = one(self._db, "SELECT at FROM commits ORDER BY sequence DESC LIMIT 1")
        return None if at is None else datetime.fromisoformat(at)

    def last_sequence(self) -> int:
        """The number of the last commit, 0 before the first."""
        return int(one(self._db, "SELECT coalesce(max(sequence), 0) FROM commits"))

    def chain_at(self, sequence: int) -> str:
        """The hash of a commit, which covers all before it; "" where there is no such commit."""
        return chain_at(self._db, sequence)

    def commits(self, dataset: str | None = None) -> list[CommitInfo]:
        """The log, oldest first."""
        return log.commits(self._db, dataset)

    def last_commit(self, dataset: str | None = None) -> CommitInfo | None:
        """The last commit, of a dataset if one is given."""
        return log.last_commit(self._db, dataset)

    def last_load(self, dataset: str) -> CommitInfo | None:
        """The last load of a dataset."""
        return log.last_commit(self._db, dataset, "load")

    def first_time(self, dataset: str) -> str | None:
        """When a dataset was first committed (RFC 3339), None where it never was."""
        return log.first_time(self._db, dataset)

    def datasets(self) -> list[str]:
        """Every dataset that was ever loaded, by name."""
        rows = self._db.execute(
            "SELECT DISTINCT dataset FROM descriptors WHERE sequence <= ? ORDER BY dataset",
            (self.last_sequence(),),
        )
        return [row[0] for row in rows]

    def descriptor(self, dataset: str) -> str | None:
        """The YAML text of a dataset's descriptor, as last used."""
        row = self._db.execute(
            "SELECT text FROM descriptors WHERE dataset = ? AND sequence <= ? "
            "ORDER BY sequence DESC LIMIT 1",
            (dataset, self.last_sequence()),
        ).fetchone()
        return row[0] if row else None

    def heads(self, dataset: str) -> Iterator[Head]:
        """The latest state of each record of a dataset."""
        rows = self._db.execute(
            "SELECT key, tbl, parent, digest FROM heads WHERE dataset = ?", (dataset,)
        )
        return (Head(*row) for row in rows)

    def head(self, dataset: str, key: str) -> Head | None:
        """The latest state of a record; None where it is not published."""
        row = self._db.execute(
            "SELECT key, tbl, parent, digest FROM heads WHERE dataset = ? AND key = ?",
            (dataset, key),
        ).fetchone()
        return Head(*row) if row else None

    def counts(self, dataset: str) -> dict[str, int]:
        """Published records of each table of a dataset."""
        rows = self._db.execute(
            "SELECT tbl, records FROM tallies WHERE dataset = ? AND records > 0", (dataset,)
        )
        return dict(rows.fetchall())

    def count_organizations(self, dataset: str) -> int:
        """Published records of organisations of a dataset."""
        query = "SELECT coalesce(sum(organizations), 0) FROM tallies WHERE dataset = ?"
        return int(one(self._db, query, dataset))

    def has_identity(self, dataset: str, key: str) -> bool:
        """Whether a record was ever published as an organisation."""
        return self.organization_of(dataset, key) is not None

    def organization_of(self, dataset: str, key: str, at: int | None = None) -> str | None:
        """The id of the organisation that a record is (or last was) about."""
        return organization_at(self._db, dataset, key, self.last_sequence() if at is None else at)

    def keys_of(self, organization: str, at: int | None = None) -> list[tuple[str, str]]:
        """The (dataset, key) of each record that makes an organisation."""
        return keys_of(self._db, organization, self.last_sequence() if at is None else at)

    def ever_of(self, organization: str) -> list[tuple[str, str]]:
        """The (dataset, key) of each record that ever made an organisation."""
        return self._db.execute(
            "SELECT DISTINCT dataset, key FROM identities WHERE organization = ? "
            "AND sequence <= ? ORDER BY 1, 2",
            (organization, self.last_sequence()),
        ).fetchall()

    def former_of(self, dataset: str, key: str) -> list[tuple[str, int]]:
        """The organisations that a record has left, oldest first, and the commits that it left
        them by.
        """
        rows = self._db.execute(
            "SELECT organization, sequence FROM identities WHERE dataset = ? AND key = ? "
            "AND sequence <= ? ORDER BY sequence",
            (dataset, key, self.last_sequence()),
        ).fetchall()
        return [(left, sequence) for (left, _), (_, sequence) in pairwise(rows)]

    def parent_of(self, dataset: str, key: str) -> str | None:
        """The key of the record that a published one is a part of, "" if it stands by itself;
        None where it is not published.
        """
        head = self.head(dataset, key)
        return head.parent if head else None

    def touched(self, sequence: int) -> list[str]:
        """The organisations whose records or identities a commit touched, before and after."""
        # A child record may have moved: the organisation that it left is touched, too.
        rows = self._db.execute(
            "SELECT dataset, CASE parent WHEN '' THEN key ELSE parent END FROM states "
            "WHERE sequence = ?1 "
            "UNION SELECT p.dataset, CASE p.parent WHEN '' THEN p.key ELSE p.parent END "
            "FROM states s JOIN states p ON p.dataset = s.dataset AND p.key = s.key "
            "WHERE s.sequence = ?1 AND p.sequence = (SELECT max(t.sequence) FROM states t "
            "WHERE t.dataset = s.dataset AND t.key = s.key AND t.sequence < ?1) "
            "UNION SELECT dataset, key FROM identities WHERE sequence = ?1",
            (sequence,),
        ).fetchall()
        names = {
            self.organization_of(dataset, key, at)
            for at in (sequence - 1, sequence)
            for dataset, key in rows
        }
        return sorted(name for name in names if name)

    def reassigned(self, sequence: int) -> list[str]:
        """The organisations that a commit took records from, as a merge does."""
        rows = self._db.execute(
            "SELECT dataset, key FROM identities i WHERE sequence = ?1 AND EXISTS (SELECT 1 FROM "
            "identities e WHERE e.dataset = i.dataset AND e.key = i.key AND e.sequence < ?1)",
            (sequence,),
        ).fetchall()
        names = (self.organization_of(dataset, key, sequence - 1) for dataset, key in rows)
        return sorted({name for name in names if name})

    def count_touched(self, sequence: int) -> int:
        """How many states a commit wrote."""
        return int(one(self._db, "SELECT count(*) FROM states WHERE sequence = ?", sequence))

    def records_of(self, organization: str, at: int) -> list[HeldRecord]:
        """The records about one organisation as of a sequence, in order of dataset and key."""
        return self._contents.records_of(organization, at)

    def all_records(self) -> Iterator[HeldRecord]:
        """Every published record, those of one organisation together."""
        return map(self.unpacked, self.all_packed())

    def unpacked(self, record: PackedRecord) -> HeldRecord:
        """A record with its content."""
        lines = self._contents.lines(record.dataset, record.key, record.dictionary, record.content)
        return HeldRecord(record.dataset, record.key, record.table, record.organization, lines)

    def all_packed(self) -> Iterator[PackedRecord]:
        """Every published record as it is stored, those of one organisation together."""
        # Sorted without their contents, which are then fetched one by one by row number.
        with self._db:
            self._db.execute("DROP TABLE IF EXISTS temp.latest")
            self._db.execute(
                "CREATE TEMP TABLE latest (dataset TEXT, key TEXT, organization TEXT, "
                "PRIMARY KEY (dataset, key)) WITHOUT ROWID"
            )
            self._db.execute(
                "INSERT INTO latest SELECT dataset, key, organization FROM (SELECT dataset, key, "
                "organization, max(sequence) FROM identities WHERE sequence <= ? "
                "GROUP BY dataset, key)",
                (self.last_sequence(),),
            )
        rows = self._db.execute(
            "SELECT i.organization, h.dataset, h.key, h.tbl, h.state FROM heads h "
            "CROSS JOIN latest i WHERE i.dataset = h.dataset "
            "AND i.key = CASE h.parent WHEN '' THEN h.key ELSE h.parent END "
            "ORDER BY i.organization, h.dataset, h.key"
        )
        contents = self._db.cursor()
        for organization, dataset, key, table, state in rows:
            dictionary, content = contents.execute(
                "SELECT dictionary, content FROM states WHERE id = ?", (state,)
            ).fetchone()
            yield PackedRecord(dataset, key, table, organization, dictionary, content)

    def quarantined(self, dataset: str) -> list[QuarantinedRow]:
        """The rows of a dataset's last load and of updates since that are not published."""
        return [quarantined(self._db, dataset, refusal) for refusal in self._refusals(dataset)]

    def refused(self, dataset: str) -> set[tuple[str, str]]:
        """The table and key of each row that is not published."""
        return {(refusal.table, refusal.key) for refusal in self._refusals(dataset)}

    def redirects(self) -> dict[str, str]:
        """Merged organisations: old id → the one that is in its place now, however many merges
        lie between. An id that has got records back redirects no more.
        """
        rows = self._db.execute(
            "SELECT old, new FROM redirects WHERE sequence <= ?1 AND NOT EXISTS ("
            "SELECT 1 FROM identities i WHERE i.organization = old AND i.sequence <= ?1 "
            "AND NOT EXISTS (SELECT 1 FROM identities l WHERE l.dataset = i.dataset "
            "AND l.key = i.key AND l.sequence > i.sequence AND l.sequence <= ?1)) "
            "ORDER BY sequence",
            (self.last_sequence(),),
        )
        found: dict[str, str] = dict(rows.fetchall())
        for old in found:  # whatever replaces another is replaced later, if at all
            while found[old] in found:
                found[old] = found[found[old]]
        return found

    def verify(self) -> list[str]:
        """What is wrong with the file, the hash chain, the states, and what is derived from them;
        nothing if all is well.
        """
        return problems(self._db, self._contents.dictionary)

    def copy(self, target: sqlite3.Connection) -> None:
        """Copy the whole file as it is at one moment; nobody is kept from writing meanwhile."""
        self._db.execute("BEGIN")
        try:
            self._meta("schema")  # the moment is that of the first look
            self._db.backup(target, pages=_STEP_PAGES, progress=lambda *_: None)
        finally:
            self._db.rollback()

    # Writing ------------------------------------------------------------------------------

    def begin(self) -> Commit:
        """Start the next commit."""
        self.abandon_unfinished()
        return Commit(self._db, self.last_sequence() + 1)

    def settle(self) -> None:
        """Have everything that can be read also be on the disk.

        A writer that was killed after it wrote a commit and before it synchronised it leaves one
        that a power cut would take away again, after others have built upon it. A checkpoint
        begins by synchronising the log (https://www.sqlite.org/wal.html#ckpt); the last to close
        the file makes one, and this is for when somebody else has it open.
        """
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def abandon_unfinished(self) -> None:
        """Remove what a writer left that did not finish its commit."""
        last = self.last_sequence()
        with self._db:
            # An organisation is founded together with its first identity.
            self._db.execute(
                "DELETE FROM organizations WHERE sequence > ?1 AND id IN "
                "(SELECT organization FROM identities WHERE sequence > ?1)",
                (last,),
            )
            for table in _WRITTEN_BEFORE:
                self._db.execute(f"DELETE FROM {table} WHERE sequence > ?", (last,))
            self._db.execute(
                "DELETE FROM standards WHERE digest NOT IN (SELECT standard FROM in_force)"
            )

    def is_catalogued(self, dataset: str, sequence: int) -> bool:
        """Whether it is kept what the catalogue says of a dataset since a commit of its."""
        return is_catalogued(self._db, dataset, sequence)

    def catalogue(
        self, dataset: str, sequence: int, lines: Iterable[str], *, is_merged: bool
    ) -> None:
        """Keep what the catalogue says of a dataset since a commit, as N-Triples lines."""
        catalogue(self._db, dataset, sequence, lines, is_merged=is_merged)

    def is_marked(self, sequence: int) -> bool:
        """Whether it is noted that a snapshot shows a commit."""
        found = one(self._db, "SELECT published_at FROM commits WHERE sequence = ?", sequence)
        return found is not None

    def mark_published(self, sequence: int, at: datetime) -> None:
        """Note that a snapshot shows every commit up to ``sequence``."""
        with self._db:
            self._db.execute(
                "UPDATE commits SET published_at = ? WHERE sequence <= ? AND published_at IS NULL",
                (at.isoformat(timespec="seconds"), sequence),
            )

    # Inside -------------------------------------------------------------------------------

    def _refusals(self, dataset: str) -> list[Refusal]:
        load = self.last_load(dataset)
        return refusals(self._db, dataset, load.sequence if load else 0, self.last_sequence())

    def _meta(self, key: str) -> str:
        return str(one(self._db, "SELECT value FROM meta WHERE key = ?", key))


def unreadable_now(path: Path, reason: object) -> str:
    """What is said where a journal that may be sound cannot be read."""
    return (
        f"{path} cannot be read now: {reason}. Try again; if that does not help, do it as the user "
        "who publishes, for a log that a publisher left has to be put in order."
    )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a file that is new
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _is_complete(path: Path) -> bool:
    """Whether a journal was made to its end (a kill while it is made leaves an empty one)."""
    if not path.is_file():
        return False
    connection = sqlite3.connect(path)
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        return True  # damaged, not new: opening it says so
    finally:
        connection.close()
    return bool(names)  # all tables are made in one transaction; others' are left alone
