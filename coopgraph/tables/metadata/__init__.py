"""Metadata that a file comes with: descriptors of Frictionless Data, and CSV on the Web.

In: a file, or a file of metadata. Out: :class:`Metadata`, which the proposal of a mapping takes
for certain (``docs/proposals.md``)::

    locating → documents → packages, csvw (dates, annotations, vocabularies) → Metadata
                                                       with the file's header → matching

Nothing is fetched, and no path leaves the folder. The readers are our own: the packages
frictionless and csvw bring two dozen others, and fetch what metadata names.
"""

from __future__ import annotations

from coopgraph.tables.metadata.locating import Found, find_metadata, is_metadata, read_metadata
from coopgraph.tables.metadata.matching import Matched
from coopgraph.tables.metadata.model import Metadata, MetadataColumn, Reference
from coopgraph.tables.metadata.vocabularies import Properties

__all__ = [
    "Found",
    "Matched",
    "Metadata",
    "MetadataColumn",
    "Properties",
    "Reference",
    "find_metadata",
    "is_metadata",
    "read_metadata",
]
