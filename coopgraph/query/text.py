"""Run a query given as text in this process and write its answer, as the command line does."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryFile

from coopgraph.query.run import prepare, run
from coopgraph.query.stored import read_query
from coopgraph.query.writing import Language, write
from coopgraph.search import open_index
from coopgraph.settings import Settings
from coopgraph.standard.folders import standard_of
from coopgraph.store.snapshots import Snapshot


def run_text(
    snapshot: Snapshot,
    text: str,
    extension: str,
    settings: Settings,
    values: Mapping[str, str] | None = None,
    name: str = "given",
) -> bytes:
    """The whole answer to a query, in the format of a file extension.

    A text with the ``#+`` lines of a stored query takes ``values`` for its parameters; errors call
    it by its ``name``. JSON-LD has its context inside. Nothing limits its time or memory. Raises
    QueryRefused, or UnfitForm where the format does not suit the answer.
    """
    if values or "#+ parameters:" in text:
        lists = standard_of(settings).code_lists if values else {}
        datasets = snapshot.manifest.merged
        text = read_query(name, text).bound(values or {}, snapshot.base, lists, datasets)
    index = open_index(snapshot.search_folder)
    found = run(prepare(text, settings), snapshot.store, settings.merge_triples, index)
    with TemporaryFile() as output:
        write(found, extension, output, lambda: Language.of(standard_of(settings)))
        output.seek(0)
        return output.read()
