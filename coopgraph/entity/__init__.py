"""Describe one thing: everything the graph says about it, and which source says what.

In: a snapshot and an IRI. Out: a :class:`Description`, and documents made from it. Describing
is a handful of index look-ups, never a query, so its cost is bounded by the thing's own size.
"""

from coopgraph.entity.description import (
    Description,
    Names,
    best_text,
    describe,
    describe_graph,
    exists,
    label,
    members,
    near_organizations,
    successor,
)
from coopgraph.entity.documents import serialize

__all__ = [
    "Description",
    "Names",
    "best_text",
    "describe",
    "describe_graph",
    "exists",
    "label",
    "members",
    "near_organizations",
    "serialize",
    "successor",
]
