"""Full text: names, places and what organisations do, found by words however they are spelt.

Derived from the records at publish, one index for each snapshot. Nothing here reads a store or a
journal: entries come in, IRIs come out.
"""

from coopgraph.search.building import building, stamp_of, update
from coopgraph.search.entries import Entry, Reader
from coopgraph.search.finding import Index, open_index
from coopgraph.search.schema import Stamp

__all__ = [
    "Entry",
    "Index",
    "Reader",
    "Stamp",
    "building",
    "open_index",
    "stamp_of",
    "update",
]
