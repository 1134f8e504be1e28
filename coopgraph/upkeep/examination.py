"""What a doctor finds: each finding with the command that mends it."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: with what, in a sentence, and the command to run; "" where there is none."""

    about: str
    message: str
    command: str


@dataclass
class Examination:
    """What was looked at in a state folder, and what is wrong.

    ``sequence``: the last commit, ``publisher``: the number of the process that holds the lock.
    ``not_looked_at``: sentences, each with the reason.
    """

    home: Path
    is_quick: bool
    sequence: int = 0
    publisher: str | None = None
    looked_at: list[str] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    quads: int | None = None
    free_bytes: int = 0
    needed_bytes: int = 0

    def find(self, about: str, message: str, command: str = "rebuild") -> None:
        """Note a finding; ``command`` is what follows “coopgraph”, "" for none."""
        whole = f"coopgraph --home {shlex.quote(str(self.home))} {command}" if command else ""
        self.findings.append(Finding(about, message, whole))

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong with what was looked at."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """For ``doctor --json``."""
        return {
            "home": str(self.home),
            "well": self.is_well and not self.not_looked_at,
            "quick": self.is_quick,
            "sequence": self.sequence,
            "publisher": self.publisher,
            "lookedAt": self.looked_at,
            "notLookedAt": self.not_looked_at,
            "quads": self.quads,
            "freeBytes": self.free_bytes,
            "neededBytes": self.needed_bytes,
            "findings": [asdict(finding) for finding in self.findings],
        }
