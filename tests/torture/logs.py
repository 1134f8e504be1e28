"""The logs that a power cut may shorten: SQLite's, and RocksDB's.

A power cut loses what was written and not synchronised. SQLite with ``synchronous=FULL``
synchronises its write-ahead log before a commit returns, so that every frame up to the last
commit that returned is on the disk, and those behind it may be there, in part or not at all
(https://www.sqlite.org/wal.html, https://www.sqlite.org/fileformat2.html#walformat). RocksDB's
log is never synchronised by Oxigraph: all of it may be lost, back to the last flush, which writes
tables and begins another log.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER, _FRAME = 32, 24


@dataclass(frozen=True, slots=True)
class Known:
    """What of a write-ahead log is on the disk for certain: bytes of one generation of it.

    SQLite begins a log anew, with another salt, once all that it held is in the database file.
    """

    generation: int = 0
    size_bytes: int = 0


def known(journal: Path) -> Known:
    """All whole transactions in the log beside a journal, as its writer sees them now."""
    try:
        content = _log(journal).read_bytes()
    except FileNotFoundError:
        return Known()
    if len(content) < _HEADER:
        return Known()
    page_size, generation = _header(content)
    end = place = _HEADER
    while place + _FRAME + page_size <= len(content):
        pages, salt = struct.unpack_from(">4xIQ", content, place)
        if salt != generation:
            break  # left over from the generation before
        place += _FRAME + page_size
        if pages:  # the last frame of a transaction says how long the database is after it
            end = place
    return Known(generation, end)


def cut_journal(journal: Path, safe: Known, chance: random.Random) -> int:
    """Lose a random part of the log beside a journal, behind what is safe. Returns how many bytes
    that were written are lost.
    """
    path = _log(journal)
    if not path.exists():
        return 0
    path.with_name(f"{journal.name}-shm").unlink(missing_ok=True)  # shared memory
    content = path.read_bytes()
    if len(content) < _HEADER:
        return 0
    _, generation = _header(content)
    least = safe.size_bytes if generation == safe.generation else 0
    return _cut(path, content, min(least, len(content)), chance)


def cut_store(store: Path, chance: random.Random) -> int:
    """Lose a random part of the newest log of a RocksDB. Returns how many bytes."""
    files = sorted(store.glob("*.log"), key=lambda path: path.name)
    return _cut(files[-1], files[-1].read_bytes(), 0, chance) if files else 0


def _cut(path: Path, content: bytes, least: int, chance: random.Random) -> int:
    """Cut a file, or spoil what is behind the cut as sectors that never were written do."""
    place = chance.randint(least, len(content))
    kind = chance.choice(["shorter", "zeros", "noise"])
    lost = len(content) - place
    tail = {"shorter": b"", "zeros": bytes(lost), "noise": chance.randbytes(lost)}[kind]
    path.write_bytes(content[:place] + tail)
    return lost


def _log(journal: Path) -> Path:
    return journal.with_name(f"{journal.name}-wal")


def _header(content: bytes) -> tuple[int, int]:
    """Page size in bytes, and the two salts as one number."""
    page_size, generation = struct.unpack_from(">8xI4xQ", content)
    return page_size, generation
