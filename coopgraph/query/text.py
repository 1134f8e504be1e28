"""Run a query given as text and write its answer, as the command line does."""

from __future__ import annotations

from collections.abc import Mapping

from coopgraph.errors import UsageError
from coopgraph.formats import RESULT_FORMATS, graph_format
from coopgraph.query.run import Triples, prepare, run
from coopgraph.query.stored import read_query
from coopgraph.settings import Settings
from coopgraph.store.snapshots import Snapshot


def run_text(
    snapshot: Snapshot,
    text: str,
    extension: str,
    settings: Settings,
    values: Mapping[str, str] | None = None,
) -> bytes:
    """The whole answer to a query, in the format of a file extension.

    A text with the ``#+`` lines of a stored query takes ``values`` for its parameters. Raises
    QueryRefused, or UsageError where the format does not suit the answer.
    """
    if values or "#+ parameters:" in text:
        text = read_query("given", text).bound(values or {}, snapshot.base)
    answer = run(prepare(text, settings), snapshot, settings)
    if isinstance(answer, Triples):
        chosen = graph_format(extension)
        if chosen is None:
            raise UsageError(f"The answer is a graph, which “{extension}” cannot hold.")
        return answer.write(chosen)
    table_format = next((f for f in RESULT_FORMATS if f.extension == extension), None)
    if table_format is None:
        raise UsageError(f"The answer is a table, which “{extension}” cannot hold.")
    return answer.write(table_format)
