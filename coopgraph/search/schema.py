"""How an index is laid out, and what it says of itself.

An index is a folder: tantivy's segment files, which never change once written; ``meta.json``, which
names them; and ``stamp.json``, written last, which says of what the index is made. Words are
folded before they come here (``words``), so tantivy splits at white space alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import orjson
import tantivy

from coopgraph.errors import StoreError
from coopgraph.search.entries import Entry, Role
from coopgraph.search.words import key, terms

FORMAT = 1  # of the index; another is not read but built anew
STAMP_NAME = "stamp.json"
ID = "id"
SHOWN = "shown"

_OFTEN = 200  # characters; what is longer is hardly said of two organisations


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of what an index is made: the last commit, the digest of the standard."""

    sequence: int
    standard: str
    form: int = FORMAT

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> Stamp:
        """The stamp that gave these bytes. Raises StoreError."""
        try:
            return cls(**orjson.loads(data))
        except (ValueError, TypeError) as error:
            raise StoreError(f"This is no stamp of a text index: {error}") from error


@dataclass(frozen=True, slots=True)
class Shown:
    """What an index gives back of an organisation: names and places are keys (``words.key``)."""

    iri: str
    names: tuple[str, ...]
    places: str

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return "\n".join((self.iri, self.places, *self.names)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Shown:
        """What gave these bytes."""
        iri, places, *names = data.decode().split("\n")
        return cls(iri, tuple(names), places)


def schema() -> tantivy.Schema:
    """The fields of an index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    for role in Role:
        builder.add_text_field(role.value, tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field(SHOWN, stored=True)
    return builder.build()


def _indexed(text: str) -> str:
    return " ".join(terms(text))


# Labels of codes and names of towns, which many organisations share.
_often = lru_cache(maxsize=20_000)(_indexed)
_often_key = lru_cache(maxsize=20_000)(key)


def document(entry: Entry) -> tantivy.Document:
    """An entry as it goes into an index."""
    made = tantivy.Document()
    made.add_text(ID, entry.iri.value)
    made.add_text(Role.NAME.value, " ".join(map(_indexed, entry.names)))
    for role, values in ((Role.PLACE, entry.places), (Role.ABOUT, entry.about)):
        indexed = (_often(value) if len(value) <= _OFTEN else _indexed(value) for value in values)
        made.add_text(role.value, " ".join(indexed))
    names = tuple(dict.fromkeys(filter(None, map(key, entry.names))))
    places = " ".join(dict.fromkeys(" ".join(map(_often_key, entry.places)).split()))
    made.add_bytes(SHOWN, Shown(entry.iri.value, names, places).to_bytes())
    return made
