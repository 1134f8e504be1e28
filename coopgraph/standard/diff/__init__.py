"""Compare two versions of the standard: every change, how much it matters, and to whom."""

from coopgraph.standard.diff.change import Breaks, Change, Level, Statement
from coopgraph.standard.diff.compare import diff

__all__ = ["Breaks", "Change", "Level", "Statement", "diff"]
