"""Records: what one row of one source says, as triples with an open subject.

A record's own organisation is written ``open:self`` and another record's organisation
``open:ref/{dataset}/{key}``; which organisations those are is for the journal's identities to
say, so a merge or a split of organisations touches no record (architecture, “Journal”).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

OPEN_SELF = NamedNode("open:self")
OPEN_REFERENCE = "open:ref/"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or worth knowing in a row.

    ``column`` is the source's own name, ``value`` what stands in its cell. ``severity``: an
    “error” keeps the row from being published, a “warning” does not, a “hint” is a question.
    ``kind`` is a short name for what is wrong, the same whatever the value; ``mend`` what the
    cell should hold, where that is certain.
    """

    message: str
    column: str = ""
    value: str = ""
    severity: str = "error"
    kind: str = "other"
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of one table, mapped.

    ``key`` names it in its dataset, percent-encoded; ``parent`` is the key of the record of the
    organisation it belongs to ("" for organisations themselves). ``references`` are the records
    its triples point at, as ``dataset/key``.
    """

    table: str
    key: str
    parent: str
    number: int
    cells: tuple[str, ...]
    triples: tuple[Triple, ...]
    references: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no finding forbids its publication."""
        return all(finding.severity != "error" for finding in self.findings)

    def lines(self) -> str:
        """Its triples as sorted N-Triples lines.

        ``<open:`` stands in them only where an IRI begins, so that projection can be a plain
        replacement of text.
        """
        lines = (f"{triple} ." for triple in self.triples)
        # Whatever is open beyond a line's subject may be text that only looks so.
        return "\n".join(sorted({_closed(x) if "<open:" in x[1:] else x for x in lines}))


def _closed(line: str) -> str:
    """The line with nothing open inside a literal (no IRI holds a quotation mark)."""
    start, quote_mark, literal = line.partition('"')
    return start + quote_mark + literal.replace("<open:", "\\u003Copen:")


def encode_key(parts: tuple[str, ...]) -> str:
    """A record key of one or more key cells, safe in the last segment of a path.

    >>> encode_key(("R000001", "2016")), encode_key(("A/B",))
    ('R000001,2016', 'A%2FB')
    """
    return ",".join(quote(part, safe="") for part in parts)


def content_key(cells: tuple[str, ...]) -> str:
    """A key for a row that has none: a hash of its trimmed cells."""
    text = "\0".join(" ".join(cell.split()) for cell in cells)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
