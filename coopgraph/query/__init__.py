"""Answer SPARQL queries from a snapshot: the scan before, the run, the stored queries.

In: query text, protocol parameters, a snapshot. Out: whole answers in every result and graph
format. Updates and federated queries are refused.
"""

from coopgraph.query.run import Query, Table, Triples, Verdict, fits_xml, prepare, run
from coopgraph.query.stored import Parameter, StoredQuery, read_queries, read_query
from coopgraph.query.text import run_text

__all__ = [
    "Parameter",
    "Query",
    "StoredQuery",
    "Table",
    "Triples",
    "Verdict",
    "fits_xml",
    "prepare",
    "read_queries",
    "read_query",
    "run",
    "run_text",
]
