"""Where in its row each triple of a record comes from.

In: the nodes that a row describes, with their values. Out: the column that feeds a property of a
node, so that what is wrong with it is told at its very cell.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from coopgraph.standard import Field
from coopgraph.tables.plans import Leaf, Plan

Value = tuple[Leaf, NamedNode | Literal]


class Node(NamedTuple):
    """One node that a row describes, before it is named."""

    plan: Plan
    values: list[Value]
    children: list[tuple[Field, Node]]


class Origins:
    """The columns of one record; made by ``Mapper.origins``.

    ``filled`` are its cells that are not blank, by column.
    """

    def __init__(
        self, written: Sequence[tuple[NamedNode, Node]], filled: Mapping[str, str]
    ) -> None:
        self._written = written
        self._filled = filled

    def cell(self, column: str) -> str:
        """What stands in a column, "" where it is blank or there is none."""
        return self._filled.get(column, "")

    def column_of(self, value: object) -> str:
        """The column that a value comes from, "" where none does."""
        for _, node in self._written:
            for leaf, term in node.values:
                if term == value and leaf.columns:
                    return feeding_column(leaf, self._filled)
        return ""

    def column(self, focus: object, path: str, value: object = None) -> str:
        """The column that feeds the property ``path`` of a node, "" where none does.

        ``value`` is the value in question, if it is one. Where the property has no column, it is
        that of what stands beside it in an inner node.
        """
        nodes = [node for subject, node in self._written if subject == focus]
        for node in nodes:
            for leaf, term in node.values:
                if term == value and leaf.path.value == path and leaf.columns:
                    return feeding_column(leaf, self._filled)
        inner = [node for subject, node in self._written if subject == value]
        leaves = [
            *(leaf for node in nodes for leaf in _leaves_at(node.plan, path)),
            *(leaf for node in inner for leaf in _leaves(node.plan)),
        ]
        if not leaves:
            apart = [node.plan for node in nodes if node.plan.entity.fragment]
            leaves = [leaf for plan in apart for leaf in (*plan.deciding, *_leaves(plan))]
        columns = [feeding_column(leaf, self._filled) for leaf in leaves if leaf.columns]
        return next((name for name in columns if name in self._filled), next(iter(columns), ""))


def feeding_column(leaf: Leaf, filled: Container[str]) -> str:
    """The column that a leaf is fed from: the first of its own that is not blank, else the
    first.
    """
    found = (name for name in leaf.columns if name in filled)
    return next(found, leaf.columns[0] if leaf.columns else "")


def _leaves_at(plan: Plan, path: str) -> list[Leaf]:
    """The leaves of a property, or those of the inner nodes that it leads to."""
    own = [leaf for leaf in plan.leaves if leaf.path.value == path]
    below = [child for field, child in plan.children if field.path.value == path]
    return own + [leaf for child in below for leaf in _leaves(child)]


def _leaves(plan: Plan) -> list[Leaf]:
    return [*plan.leaves, *(leaf for _, child in plan.children for leaf in _leaves(child))]
