"""Stored queries → examples for the graph's self-description.

In: the files of ``queries/``. Out: queries that run as they stand, with example values where they
need some, and without the header that the description says in words of its own.
"""

from __future__ import annotations

from coopgraph import resources
from coopgraph.query import StoredQuery, prepare, read_queries
from coopgraph.selfdescription import Example
from coopgraph.settings import Settings


def stored_examples(base: str) -> tuple[Example, ...]:
    """Every stored query as an example; ``base`` is what names of things begin with."""
    return tuple(_example(query, base) for query in read_queries(resources.QUERIES).values())


def _example(query: StoredQuery, base: str) -> Example:
    lines = query.bound(query.examples(), base).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#+")).strip()
    form = prepare(text, Settings()).form
    return Example(query.name, query.summary, query.question, form, text, query.keywords)
