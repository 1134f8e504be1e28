"""Tables → checked records: what is wrong with each row, at its cell, in words.

``Checker`` opens the tables of one dataset, organisations first, and gives each row's record
with its findings; ``Groups`` gathers findings of one kind. Publishing stages a load with them,
and ``check`` runs them alone, where nothing is stored and no state folder is needed.
"""

from __future__ import annotations

from coopgraph.checking.checker import CheckedTable, Checker, Held, RowCounts
from coopgraph.checking.groups import Group, Groups
from coopgraph.checking.rows import CheckedRow

__all__ = ["CheckedRow", "CheckedTable", "Checker", "Group", "Groups", "Held", "RowCounts"]
