"""What the service holds: datasets, licences, counts, and lists to browse.

In: a snapshot. Out: plain objects. Nothing here knows HTTP.
"""

from coopgraph.catalogue.datasets import Dataset, read_datasets
from coopgraph.catalogue.listing import Filters, Listing, list_organizations, sort_key
from coopgraph.catalogue.statistics import Statistics, read_statistics

__all__ = [
    "Dataset",
    "Filters",
    "Listing",
    "Statistics",
    "list_organizations",
    "read_datasets",
    "read_statistics",
    "sort_key",
]
