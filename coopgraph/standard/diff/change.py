"""What a comparison of two versions gives: changes, each with a level and with what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, NamedTuple


class Level(IntEnum):
    """How much a change asks of those who use the standard."""

    EDITORIAL = 1  # words for people
    COMPATIBLE = 2  # what was right before still is
    BREAKING = 3  # something that was right before no longer is

    @property
    def label(self) -> str:
        """In small letters, as documents have it."""
        return self.name.lower()


class Breaks(Enum):
    """Whom a breaking change asks to do something."""

    NOBODY = ""
    PRODUCERS = "producers"  # data that conformed may not, or a file is read otherwise
    CONSUMERS = "consumers"  # a query or a program may find less, or something else
    BOTH = "producers and consumers"


class Statement(NamedTuple):
    """A triple as text: a blank node is written out in place, so that its name takes no part."""

    graph: str
    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a difference: what it is, and how much it matters."""

    kind: str
    what: str
    level: Level
    breaks: Breaks = Breaks.NOBODY


@dataclass(frozen=True, slots=True)
class Change:
    """One change between two versions.

    ``subject`` is the IRI of the term, shape or code (of an axiom without a name its text),
    ``path`` the property of a shape inside it that has no name. ``predicate`` is the IRI of what
    is said of it otherwise, "" where it came or went as a whole. ``removed`` and ``added`` are
    the statements that the change accounts for; a change that follows from others has none.
    """

    kind: str
    subject: str
    what: str
    level: Level
    breaks: Breaks = Breaks.NOBODY
    path: str = ""
    predicate: str = ""
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    removed: frozenset[Statement] = frozenset()
    added: frozenset[Statement] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "level": self.level.label,
            "breaks": self.breaks.value,
            "kind": self.kind,
            "subject": self.subject,
            "path": self.path,
            "predicate": self.predicate,
            "what": self.what,
            "old": list(self.old),
            "new": list(self.new),
            "removed": sorted(" ".join(item[1:]) for item in self.removed),
            "added": sorted(" ".join(item[1:]) for item in self.added),
        }
