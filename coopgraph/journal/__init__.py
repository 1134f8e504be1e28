"""The journal: commits, record states, identities; one SQLite file, the truth."""

from coopgraph.journal.journal import (
    Commit,
    CommitInfo,
    HeldRecord,
    Journal,
    PackedRecord,
    QuarantinedRow,
)
from coopgraph.journal.states import State, build_dictionary, digest_of

__all__ = [
    "Commit",
    "CommitInfo",
    "HeldRecord",
    "Journal",
    "PackedRecord",
    "QuarantinedRow",
    "State",
    "build_dictionary",
    "digest_of",
]
