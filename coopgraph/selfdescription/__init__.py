"""What the graph says about itself: counts (VoID), the endpoint, and queries to try.

In: a store, and what is known of the service. Out: triples for the graph of descriptions. Made at
publish; the service description is made by the web, too. Nothing here writes.
"""

from coopgraph.selfdescription.census import (
    Census,
    Question,
    count,
    count_triples,
    held_lines,
    lines_of,
    names_with_class,
)
from coopgraph.selfdescription.examples import Example, example_triples
from coopgraph.selfdescription.linksets import LINKING, Other, between, outside
from coopgraph.selfdescription.names import document, merge, void
from coopgraph.selfdescription.partitions import Described, number
from coopgraph.selfdescription.portions import Counting, Portion, Whole
from coopgraph.selfdescription.service import FUNCTIONS, Service

__all__ = [
    "FUNCTIONS",
    "LINKING",
    "Census",
    "Counting",
    "Described",
    "Example",
    "Other",
    "Portion",
    "Question",
    "Service",
    "Whole",
    "between",
    "count",
    "count_triples",
    "document",
    "example_triples",
    "held_lines",
    "lines_of",
    "merge",
    "names_with_class",
    "number",
    "outside",
    "void",
]
