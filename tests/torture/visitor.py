"""A real server over a state folder, and a visitor who asks it all along."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from coopgraph.namespaces import catalogue_graph, iri
from coopgraph.settings import Settings, child_environment

_PAUSE_S = 0.05
_START_S = 60.0


@dataclass
class Visits:
    """What the visitor got: the number of answers, the commits that they showed, in order, and
    what was wrong with an answer.
    """

    answers: int = 0
    shown: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def note(self, sequence: int) -> None:
        """One good answer more."""
        self.answers += 1
        if not self.shown or self.shown[-1] != sequence:
            self.shown.append(sequence)


@contextmanager
def visited(home: Path) -> Iterator[Visits]:
    """Serve a state folder, with one visitor who never rests, while the block runs."""
    port = _free_port()
    settings = Settings(
        home=home.absolute(), port=port, processes=1, threads=4, query_workers=2,
        query_budget_seconds=0, query_errors=0, query_log="-", check_processes=0,
    )  # fmt: skip
    environment = child_environment(settings, os.environ)
    server = subprocess.Popen([sys.executable, "-m", "coopgraph.web"], env=environment)
    visits, stop = Visits(), threading.Event()
    visitor = threading.Thread(target=_visit, args=(settings, visits, stop))
    try:
        _wait_until_ready(settings)
        visitor.start()
        yield visits
    finally:
        stop.set()
        if visitor.ident is not None:
            visitor.join()
        server.terminate()
        server.wait()


def _visit(settings: Settings, visits: Visits, stop: threading.Event) -> None:
    """Ask for the number of the commit that is shown: by SPARQL, and by a page."""
    node, path = catalogue_graph(settings.base), iri("coop:sequence")
    query = urlencode({"query": f"SELECT ?n {{ {node} {path} ?n }}"})
    accept = {"Accept": "application/sparql-results+json"}
    while not stop.is_set():
        try:
            status, body = _get(settings, f"/sparql?{query}", accept)
            rows = json.loads(body)["results"]["bindings"] if status == 200 else []
            if len(rows) == 1:
                visits.note(int(rows[0]["n"]["value"]))
            else:
                visits.faults.append(f"/sparql: {status} {body[:300]!r}")
            status, body = _get(settings, "/organisations", {"Accept": "text/html"})
            if status == 200:
                visits.answers += 1
            else:
                visits.faults.append(f"/organisations: {status} {body[:300]!r}")
        except (OSError, HTTPException) as error:
            visits.faults.append(repr(error))
        stop.wait(_PAUSE_S)


def _get(settings: Settings, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = HTTPConnection(settings.host, settings.port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _wait_until_ready(settings: Settings) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            if _get(settings, "/health", {})[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
