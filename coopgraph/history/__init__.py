"""How things came to be as they are: the history of organisations, records and datasets.

In: look-ups in the journal, and the sequence up to which to look. Out: what changed when, newest
first, page by page, in the words of the standard. Nothing here writes, and nothing knows HTTP.
"""

from coopgraph.history.datasets import COUNTED, DatasetCommit, DatasetHistory, dataset_history
from coopgraph.history.differences import Difference, difference
from coopgraph.history.history import Entry, Historian, History, RecordChange, organization_commits
from coopgraph.history.listing import Departure, LastListed, last_listed
from coopgraph.history.standards import Standards, Then
from coopgraph.history.telling import FieldChange, Said, Told
from coopgraph.history.timelines import Change, Kind, Move
from coopgraph.history.versions import (
    Version,
    dataset_version,
    organization_version,
    standard_version,
)
from coopgraph.history.writing import commit_json, dataset_json, history_json, last_listed_json

__all__ = [
    "COUNTED",
    "Change",
    "DatasetCommit",
    "DatasetHistory",
    "Departure",
    "Difference",
    "Entry",
    "FieldChange",
    "Historian",
    "History",
    "Kind",
    "LastListed",
    "Move",
    "RecordChange",
    "Said",
    "Standards",
    "Then",
    "Told",
    "Version",
    "commit_json",
    "dataset_history",
    "dataset_json",
    "dataset_version",
    "difference",
    "history_json",
    "last_listed",
    "last_listed_json",
    "organization_commits",
    "organization_version",
    "standard_version",
]
