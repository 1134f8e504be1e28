"""Virtuoso, where it is installed: what the merge holds, loaded into a server of its own.

In: a copy of the snapshot's store. Out: a running server over one graph of the same triples. Its
own system graphs are kept out by naming that graph in each query. Only ``virtuoso-t`` and
``isql-vt`` on the path are used (Debian: virtuoso-opensource-7).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from clients import Door
from pyoxigraph import DefaultGraph, RdfFormat, Store
from serving import Server, free_port, running, wait_for

GRAPH = "urn:bench:merge"
_BUFFERS = 170_000  # of 8 KiB each: what its manual advises for 2 GB
_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
TransactionFile = {folder}/virtuoso.trx
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
ServerThreads = 20
DirsAllowed = {folder}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
KeepAliveTimeout = 60
MaxKeepAlives = 20
[SPARQL]
ResultSetMaxRows = 1000000
"""


def is_installed() -> bool:
    """Whether both of its programs are on the path."""
    return all(shutil.which(program) for program in ("virtuoso-t", "isql-vt"))


@contextmanager
def virtuoso(store: Path, folder: Path) -> Iterator[Server]:
    """The server, in a new folder, with the triples loaded. It takes minutes."""
    folder.mkdir()
    port, sql_port = free_port(), free_port()
    path = f"/sparql?default-graph-uri={quote(GRAPH, safe='')}&"
    dump = [sys.executable, __file__, str(store), str(folder / "merge.nt")]
    subprocess.run(dump, check=True)
    settings = folder / "virtuoso.ini"
    settings.write_text(
        _INI.format(
            folder=folder, port=port, sql_port=sql_port, buffers=_BUFFERS, dirty=_BUFFERS * 3 // 4
        )
    )
    with running(["virtuoso-t", "+configfile", str(settings), "+foreground"], {}) as pid:
        server = wait_for(Server("virtuoso", Door(port, path), pid))
        _load(folder, sql_port)
        yield server


def _load(folder: Path, sql_port: int) -> None:
    commands = (
        f"ld_dir('{folder}', 'merge.nt', '{GRAPH}');",
        "rdf_loader_run();",
        "checkpoint;",
    )
    started = time.monotonic()
    connection = ["isql-vt", f"127.0.0.1:{sql_port}", "dba", "dba"]
    for command in commands:
        subprocess.run(
            [*connection, f"exec={command}"], check=True, stdout=subprocess.DEVNULL, timeout=7_200
        )
    print(f"virtuoso: loaded in {time.monotonic() - started:.0f} s", file=sys.stderr)


def dump(store: Path, target: Path) -> None:
    """Write the default graph of a store as N-Triples."""
    Store.read_only(str(store)).dump(
        str(target), format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()
    )


if __name__ == "__main__":
    dump(Path(sys.argv[1]), Path(sys.argv[2]))
