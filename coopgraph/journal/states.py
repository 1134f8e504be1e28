"""Record states: how a record's row and triples are packed, digested and hashed.

The content of a state is the JSON array ``[cells, lines]``: the row as its source gave it
(trimmed), and its triples as sorted N-Triples lines with the subject left open. It is
compressed with a preset dictionary of the standard's own IRIs, since each state is small and
most of it is those.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

_LEVEL = 6
_DICTIONARY_BYTES = 32_768  # zlib looks back no further


@dataclass(frozen=True, slots=True)
class State:
    """A record as one commit leaves it; ``lines`` is None for a removal."""

    dataset: str
    key: str
    table: str
    parent: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    lines: str | None

    @property
    def digest(self) -> bytes | None:
        """What two states are compared by: a hash of what they say, not of the row."""
        return None if self.lines is None else digest_of(self.parent, self.lines)


@dataclass(frozen=True, slots=True)
class Packed:
    """A state as it is stored."""

    digest: bytes | None
    salt: bytes | None
    hash: bytes
    content: bytes | None


def digest_of(parent: str, lines: str) -> bytes:
    """16 bytes that differ where the triples, or whose they are, differ."""
    return hashlib.sha256(f"{parent}\n{lines}".encode()).digest()[:16]


def pack(state: State, dictionary: bytes) -> Packed:
    """Salt, hash and compress a state."""
    if state.lines is None:
        name = f"removed\0{state.dataset}\0{state.key}".encode()
        return Packed(None, None, hashlib.sha256(name).digest(), None)
    content = orjson.dumps([state.cells, state.lines])
    salt = os.urandom(16)
    compressor = zlib.compressobj(_LEVEL, zdict=dictionary)
    return Packed(
        digest=state.digest,
        salt=salt,
        hash=_hash(salt, state.dataset, state.key, state.table, state.parent, content),
        content=compressor.compress(content) + compressor.flush(),
    )


def unpack(content: bytes, dictionary: bytes) -> tuple[tuple[str, ...], str]:
    """The cells and lines of a stored state."""
    decompressor = zlib.decompressobj(zdict=dictionary)
    cells, lines = orjson.loads(decompressor.decompress(content) + decompressor.flush())
    return tuple(cells), lines


def verify(
    packed: Packed, dataset: str, key: str, table: str, parent: str, dictionary: bytes
) -> bool:
    """Whether a stored state, name and content, still has the hash it was committed with."""
    if packed.salt is None or packed.content is None:
        return False
    decompressor = zlib.decompressobj(zdict=dictionary)
    try:
        plain = decompressor.decompress(packed.content) + decompressor.flush()
    except zlib.error:
        return False
    return _hash(packed.salt, dataset, key, table, parent, plain) == packed.hash


def _hash(salt: bytes, dataset: str, key: str, table: str, parent: str, content: bytes) -> bytes:
    name = "\0".join((dataset, key, table, parent, "")).encode()
    return hashlib.sha256(salt + name + content).digest()


def build_dictionary(lines: Iterable[str]) -> bytes:
    """A preset dictionary of the N-Triples lines that states have in common, in the order in which
    they follow each other, the commonest last; as JSON writes them.
    """
    return orjson.dumps("".join(lines))[1:-1][-_DICTIONARY_BYTES:]
