"""The one pipeline: files → records → journal → store → snapshot."""

from coopgraph.publish.pipeline import LoadOptions, Publisher
from coopgraph.publish.report import LoadReport, TableCounts

__all__ = ["LoadOptions", "LoadReport", "Publisher", "TableCounts"]
