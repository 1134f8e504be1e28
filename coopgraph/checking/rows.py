"""A row with all that was found in it, as whoever gathers, shows or stores it sees it."""

from __future__ import annotations

from dataclasses import dataclass

from coopgraph.tables.records import Finding


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row as a record, and what is wrong with it.

    ``key``, ``parent`` and ``references`` are those of the record (``tables.records``), ``lines``
    and ``digest`` of its triples.
    """

    table: str
    number: int
    key: str
    parent: str
    cells: tuple[str, ...]
    references: tuple[str, ...]
    findings: tuple[Finding, ...]
    lines: str
    digest: bytes
    is_duplicate: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether no finding forbids its publication."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def is_flagged(self) -> bool:
        """Whether it has a warning."""
        return any(finding.severity == "warning" for finding in self.findings)
