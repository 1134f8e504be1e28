"""The journal: commits, record states, identities; one SQLite file, the truth."""

from coopgraph.journal.commit import Commit
from coopgraph.journal.copying import copy_by_reading, copy_journal
from coopgraph.journal.entries import CommitInfo, Head, HeldRecord, PackedRecord, QuarantinedRow
from coopgraph.journal.journal import Journal
from coopgraph.journal.looking import look
from coopgraph.journal.lookups import Family, Lookups, StateInfo
from coopgraph.journal.moving import files_of, replacing
from coopgraph.journal.reading import ask
from coopgraph.journal.states import State, build_dictionary, digest_of
from coopgraph.journal.verification import told

__all__ = [
    "Commit",
    "CommitInfo",
    "Family",
    "Head",
    "HeldRecord",
    "Journal",
    "Lookups",
    "PackedRecord",
    "QuarantinedRow",
    "State",
    "StateInfo",
    "ask",
    "build_dictionary",
    "copy_by_reading",
    "copy_journal",
    "digest_of",
    "files_of",
    "look",
    "replacing",
    "told",
]
