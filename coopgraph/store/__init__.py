"""The triple store and its snapshots: what is served, derived from the journal."""

from coopgraph.store.embedded import (
    EmbeddedStore,
    Loading,
    drop_folder,
    quads_of,
    replace_folder,
    scratch_folder,
    sequence_quads,
    shown_sequence,
)
from coopgraph.store.layout import Layout, make_alike, sync_folder
from coopgraph.store.leftovers import clear_leftovers, clear_second_names, leftovers
from coopgraph.store.snapshots import (
    Manifest,
    Snapshot,
    Snapshots,
    current_digest,
    current_sequence,
    damaged_files,
    lacking_file,
    make_snapshot,
    open_snapshot,
    read_manifest,
)

__all__ = [
    "EmbeddedStore",
    "Layout",
    "Loading",
    "Manifest",
    "Snapshot",
    "Snapshots",
    "clear_leftovers",
    "clear_second_names",
    "current_digest",
    "current_sequence",
    "damaged_files",
    "drop_folder",
    "lacking_file",
    "leftovers",
    "make_alike",
    "make_snapshot",
    "open_snapshot",
    "quads_of",
    "read_manifest",
    "replace_folder",
    "scratch_folder",
    "sequence_quads",
    "shown_sequence",
    "sync_folder",
]
