"""Answer SPARQL queries from a snapshot: the scan before, the run, the answer, stored queries.

In: query text, protocol parameters, a snapshot. Out: whole answers in every result and graph
format. Updates and federated queries are refused. ``broker/`` runs strangers' queries in
processes of their own; ``asking`` is how a web process gets them answered there.
"""

from coopgraph.query.asking import Answer, Broker, ClientGone
from coopgraph.query.broker.clients import client_of
from coopgraph.query.job import Job
from coopgraph.query.parameters import Parameter
from coopgraph.query.run import Query, prepare, run, whole_graph
from coopgraph.query.stored import StoredQuery, read_queries, read_query
from coopgraph.query.text import run_text
from coopgraph.query.writing import MOST_ROWS, ROWS, coordinates, write

__all__ = [
    "MOST_ROWS",
    "ROWS",
    "Answer",
    "Broker",
    "ClientGone",
    "Job",
    "Parameter",
    "Query",
    "StoredQuery",
    "client_of",
    "coordinates",
    "prepare",
    "read_queries",
    "read_query",
    "run",
    "run_text",
    "whole_graph",
    "write",
]
