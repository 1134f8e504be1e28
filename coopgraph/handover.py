"""What passes between the web server and the process that checks a file for it.

The server never imports what checks; it makes a private folder with the file and a :class:`Task`,
and starts ``python -m coopgraph.checking`` on it. The process leaves the outcome in the folder,
and says in a :class:`Reply`, over a pipe, how it went.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

TASK: Final = "task.json"
GIVEN: Final = "given"  # the folder that holds the file alone
MAPPING: Final = "file"  # the folder that holds the mapping alone, and names its dataset
OUTCOME: Final = "outcome"  # with the form's extension after it

_LONGEST_NAME = 80  # characters
_LONGEST_SUFFIX = 10
_LONGEST_REASON = 4_000


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be made of the file called ``name``.

    ``form`` is the extension of what is wanted: ``json`` (the report; ``is_brief`` no more of it
    than a page shows), ``html`` (as a page to keep), ``xlsx``, ``ttl``, ``jsonld``, ``yaml`` (the
    mapping). ``chosen`` are pairs of a column
    of the file and what it feeds, "" for nothing. JSON-LD refers to the context at
    ``context_url``, or has it inside where that is empty.
    """

    name: str
    form: str
    sheet: str = ""
    language: str = ""
    entity: str = ""
    is_mapped: bool = False
    chosen: tuple[tuple[str, str], ...] = ()
    context_url: str = ""
    is_brief: bool = False

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Task:
        """The task that gave these bytes."""
        content: dict[str, Any] = orjson.loads(data)
        content["chosen"] = tuple((column, target) for column, target in content["chosen"])
        return cls(**content)


class Ending(StrEnum):
    """How a task ended."""

    DONE = "done"
    UNREADABLE = "unreadable"  # the file is at fault
    MISUSED = "misused"  # what was asked makes no sense
    ROWS = "rows"
    MEMORY = "memory"
    SIZE = "size"
    FAILED = "failed"  # this program is at fault


@dataclass(frozen=True, slots=True)
class Reply:
    """How a task ended, and why; ``row`` and ``column`` are of the file.

    ``reason`` never holds more of a file than its messages to a person do.
    """

    ending: Ending
    reason: str = ""
    source: str = ""
    row: int | None = None
    column: str | None = None

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return orjson.dumps(
            {
                "ending": self.ending,
                "reason": self.reason[:_LONGEST_REASON],
                "source": self.source,
                "row": self.row,
                "column": self.column and self.column[:_LONGEST_REASON],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Reply:
        """The reply that gave these bytes. Raises ValueError for anything else."""
        try:
            content = orjson.loads(data)
            return cls(Ending(content.pop("ending")), **content)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"This is no reply: {error}") from error


def safe_name(name: str) -> str:
    """A file's name as it may stand in a folder of ours, as like the given one as possible.

    >>> safe_name("C:\\\\lists\\\\Membres & amis.csv"), safe_name("../.bashrc"), safe_name("\\0")
    ('Membres & amis.csv', 'bashrc', 'file')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable()).lstrip(". ").rstrip()
    kept = kept.encode(errors="ignore").decode()
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        return _cut(kept) or "file"
    return f"{_cut(stem) or 'file'}.{suffix}"


def _cut(text: str) -> str:
    """As much of a text as fits, which has at most four bytes for each character (a name may
    have 255).
    """
    return text[: _LONGEST_NAME if text.isascii() else _LONGEST_NAME // 2].strip()
