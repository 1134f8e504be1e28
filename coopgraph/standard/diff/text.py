"""Changes as lines for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coopgraph.namespaces import curie
from coopgraph.standard.diff.change import Breaks, Change, Level
from coopgraph.standard.diff.slot import cut

_MOST = 40


def change_lines(changes: Sequence[Change], most: int = _MOST) -> Iterator[str]:
    """A heading for each level and a line for each change; at most so many of one level."""
    for level in reversed(Level):
        found = [change for change in changes if change.level is level]
        if not found:
            continue
        yield f"{level.label.capitalize()} ({len(found):,})"
        for change in found[:most]:
            yield f"  {change_line(change)}"
        if len(found) > most:
            yield f"  … and {len(found) - most:,} more; --json lists them all"
        yield ""


def change_line(change: Change) -> str:
    """One change in one line: what, of which subject, and whom it breaks."""
    about = cut(curie(change.subject))
    if change.path:
        about = f"{about} → {change.path}"
    whom = f" [breaks {change.breaks.value}]" if change.breaks is not Breaks.NOBODY else ""
    return f"{about}: {change.kind}: {change.what}{whom}"
