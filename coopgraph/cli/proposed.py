"""A proposed mapping, for a person at a terminal. In: a proposal. Out: a table, and what to do."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coopgraph.tables.proposals import Proposal

_LISTED = 20  # columns that are left out


def _beginning(proposal: Proposal) -> str:
    if proposal.metadata:
        return (
            f"The columns are read as {proposal.metadata} says, and where it says nothing, as is "
            "proposed; the rows are checked by it:"
        )
    return (
        "The columns are not those of the template. This mapping is proposed, and the rows are "
        "checked by it:"
    )


def print_proposal(console: Console, proposal: Proposal) -> None:
    """Print what each column is taken for, how surely, and why."""
    console.print(Text(_beginning(proposal)))
    table = Table("column", "is taken for", "sure", "because", box=box.SIMPLE, padding=(0, 1))
    table.columns[2].justify = "right"
    is_plain = len(proposal.tables) == 1
    for line in proposal.lines:
        target = line.target if is_plain else f"{line.table}: {line.target}"
        table.add_row(*map(Text, (line.source, target, line.sureness, line.reason)))
    console.print(table)
    left = [f"“{item.name}”" for item in proposal.unmapped]
    if left:
        more = f" and {len(left) - _LISTED:,} more" if len(left) > _LISTED else ""
        console.print(Text(f"Not used: {', '.join(left[:_LISTED])}{more}."))
    console.print(
        "To correct it: --write-mapping mapping.yaml, edit that file, and check again with "
        "--mapping mapping.yaml.\n",
        highlight=False,
    )
