"""The two services that the cases are sent to: the public one, and one that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Quad, Store

from coopgraph.query.broker.process import BrokerProcess
from coopgraph.settings import Settings
from coopgraph.store.layout import Layout
from coopgraph.store.snapshots import Manifest, make_snapshot
from coopgraph.web import create_app
from tests.web.suites.writable import writable_app

ROOT = "http://coops.example"


class Public:
    """The public application over a state folder, with a real broker."""

    def __init__(self, home: Path, app: Flask) -> None:
        self._home = home
        self._app = app
        self._shown: set[Quad] = set()
        self._sequence = 1

    def showing(self, quads: Iterable[Quad]) -> FlaskClient:
        """A client of the application once its snapshot holds exactly these quads."""
        wanted = set(quads)
        if wanted != self._shown:
            self._sequence += 1
            publish(self._home, wanted, self._sequence)
            self._shown = wanted
        return self._app.test_client()


def publish(home: Path, quads: Iterable[Quad], sequence: int) -> None:
    """Make a snapshot of quads as they are: the default graph is not made from the others."""
    layout = Layout(home)
    layout.create()
    store = Store(str(home / f"store-{sequence}"))
    store.bulk_extend(quads)
    published = f"2026-11-20T06:{sequence // 60:02d}:{sequence % 60:02d}+00:00"
    make_snapshot(layout, store, Manifest(sequence, published, f"{ROOT}/", "0.1.0", "0" * 16, {}))


@pytest.fixture(scope="session")
def public(
    tmp_path_factory: pytest.TempPathFactory,
    start_broker: Callable[[Settings], AbstractContextManager[BrokerProcess]],
) -> Iterator[Public]:
    """The public service."""
    settings = Settings(
        home=tmp_path_factory.mktemp("suites"),
        url=ROOT,
        base=f"{ROOT}/",
        query_workers=2,
        query_budget_seconds=0,
        query_errors=0,
        query_log="-",
    )
    publish(settings.home, (), 1)
    with start_broker(settings) as process:
        yield Public(settings.home, create_app(settings, process.path))


@pytest.fixture
def writable() -> FlaskClient:
    """A service that writes, with nothing in its store."""
    return writable_app(Store(), ROOT).test_client()
