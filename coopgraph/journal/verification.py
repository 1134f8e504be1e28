"""What is wrong with a journal: its file, its hashes, and what follows from them.

In: an open journal's database. Out: sentences. No hash covers heads and identities; the former
follow from states, and the latter have check characters and must be there.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator

from coopgraph.iris import is_organization_id
from coopgraph.journal.asking import states_hash
from coopgraph.journal.chain import GENESIS, chain
from coopgraph.journal.states import Packed, verify
from coopgraph.journal.tallies import wrong_tallies


def problems(
    db: sqlite3.Connection,
    dictionary: Callable[[int], bytes],
) -> list[str]:
    """Everything that is wrong. ``dictionary`` gives the words of a number."""
    try:
        found = db.execute("PRAGMA quick_check(20)").fetchall()
        broken = [message for (message,) in found if message != "ok"]
        return broken or [
            *_wrong_heads(db),
            *_wrong_identities(db),
            *_broken_chain(db),
            *_broken_states(db, dictionary),
            *_broken_versions(db),
        ]
    except sqlite3.DatabaseError as error:
        return [str(error)]


def told(problems: list[str]) -> str:
    """Problems in half a sentence: the first, and how many more."""
    return problems[0] + (f" and {len(problems) - 1:,} more" if len(problems) > 1 else "")


def _wrong_heads(db: sqlite3.Connection) -> Iterator[str]:
    rows = db.execute(
        "SELECT dataset, key FROM (SELECT dataset, key, digest, id, max(sequence) FROM states "
        "WHERE sequence <= (SELECT max(sequence) FROM commits) GROUP BY dataset, key) s "
        "LEFT JOIN heads h USING (dataset, key) "
        "WHERE s.digest IS NOT h.digest OR (h.state IS NOT NULL AND h.state <> s.id)"
    )
    for dataset, key in rows:
        yield f"{dataset}/{key} is not published as it was last committed"
    for dataset in wrong_tallies(db):
        yield f"the records of {dataset} are not as many as are counted"


def _wrong_identities(db: sqlite3.Connection) -> Iterator[str]:
    rows = db.execute(
        "SELECT dataset, key FROM heads h WHERE parent = '' AND NOT EXISTS (SELECT 1 FROM "
        "identities i WHERE i.dataset = h.dataset AND i.key = h.key "
        "AND i.sequence <= (SELECT max(sequence) FROM commits))"
    )
    for dataset, key in rows:
        yield f"{dataset}/{key} is about no organisation"
    for (organization,) in db.execute("SELECT DISTINCT organization FROM identities"):
        if not is_organization_id(organization):
            yield f"“{organization}” is no id of an organisation"


def _broken_chain(db: sqlite3.Connection) -> Iterator[str]:
    expected = GENESIS
    for row in db.execute("SELECT * FROM commits ORDER BY sequence").fetchall():
        hashes = states_hash(db, row[0])
        expected = chain(expected, row[:8], hashes)
        if row[8] != hashes or row[9] != expected:
            yield f"commit {row[0]} does not agree with its hash"


def _broken_states(db: sqlite3.Connection, dictionary: Callable[[int], bytes]) -> Iterator[str]:
    rows = db.execute(
        "SELECT sequence, dataset, key, tbl, parent, dictionary, digest, salt, hash, content "
        "FROM states WHERE content IS NOT NULL"
    )
    for sequence, dataset, key, table, parent, words, *packed in rows:
        if not verify(Packed(*packed), dataset, key, table, parent, dictionary(words)):
            yield f"{dataset}/{key} at {sequence} does not agree with its hash"


def _broken_versions(db: sqlite3.Connection) -> Iterator[str]:
    """Standards, and descriptions of datasets, that cannot be unpacked: SQLite and zlib notice what
    changed in them, and no hash covers them.
    """
    for digest, content in db.execute("SELECT digest, content FROM standards"):
        if not _can_be_unpacked(content):
            yield f"the standard {digest} is damaged"
    kept = "(SELECT digest FROM standards)"
    rows = db.execute(f"SELECT DISTINCT standard FROM in_force WHERE standard NOT IN {kept}")
    for (digest,) in rows:
        yield f"the standard {digest} is missing"
    rows = db.execute("SELECT dataset, sequence, content FROM catalogued")
    for dataset, sequence, content in rows:
        if not _can_be_unpacked(content):
            yield f"how {dataset} was described at {sequence} is damaged"


def _can_be_unpacked(content: bytes) -> bool:
    try:
        zlib.decompress(content)
    except zlib.error:
        return False
    return True
