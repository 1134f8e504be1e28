"""A small published snapshot of fictional organisations, and clients for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

import coopgraph
from coopgraph.iris import mint
from coopgraph.namespaces import (
    CODE,
    ONTOLOGY_GRAPH,
    SHAPES_GRAPH,
    STANDARD,
    dataset_graph,
    iri,
    organization_iri,
)
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.search import Reader, Stamp, building
from coopgraph.settings import PREFIX, Settings
from coopgraph.standard import Standard
from coopgraph.store.layout import Layout
from coopgraph.store.snapshots import Manifest, Snapshot, Snapshots, make_snapshot
from coopgraph.web import create_app
from tests.web.past import write_past

SAMPLE = Path(__file__).with_name("sample.trig")
FEDERATION = "4vkgmgbt4t-tw"
TABLEFLIP = "zx73q7nn6v-sm"
CROWD = 130
StartBroker = Callable[[Settings], AbstractContextManager[BrokerProcess]]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> Path:
    """A state folder with one published snapshot."""
    folder = tmp_path_factory.mktemp("home")
    quads = [*read_sample(SAMPLE), *crowd()]
    index_quads(folder, quads, standard, sequence=7)
    publish_quads(folder, [*quads, *standard_quads(standard)], sequence=7)
    write_past(folder, quads)
    return folder


@pytest.fixture
def publish() -> Callable[..., None]:
    """``publish(folder, quads, sequence)`` makes the quads the current snapshot of a folder."""
    return publish_quads


@pytest.fixture(scope="session")
def snapshot(home: Path) -> Snapshot:
    """The published snapshot."""
    return Snapshots(home).current()


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """Settings of a service at an address of its own."""
    return Settings(
        home=home,
        url="https://coops.example",
        title="Teigwaren co-ops",
        query_workers=2,
        query_budget_seconds=0,
        query_errors=0,
        query_log="-",
    )


@pytest.fixture(scope="session")
def broker(settings: Settings, start_broker: StartBroker) -> Iterator[Path]:
    """Where a real query broker listens, over the same snapshot."""
    with start_broker(settings) as process:
        yield process.path


@pytest.fixture(scope="session")
def app(settings: Settings, broker: Path) -> Flask:
    """The web application over the snapshot."""
    return create_app(settings, broker)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A client of the application."""
    with app.test_client() as client:
        yield client


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[str]:
    """The address of a real server over the snapshot, in processes of its own."""
    with running_server(home) as (url, _):
        yield url


@pytest.fixture(scope="session")
def start_server() -> Callable[..., AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]:
    """``with start_server(home, NAME=value) as (url, process)`` runs another one."""
    return running_server


@contextmanager
def running_server(home: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server on a free port; it answers before the block begins and is gone after it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
        "PYTHONPATH": str(Path(coopgraph.__file__).parents[1]),
        f"{PREFIX}HOME": str(home),
        f"{PREFIX}PORT": str(port),
        f"{PREFIX}QUERY_BUDGET_SECONDS": "0",
        f"{PREFIX}QUERY_ERRORS": "0",
        f"{PREFIX}QUERY_LOG": "-",
        **{f"{PREFIX}{name}": value for name, value in environment.items()},
    }
    process = subprocess.Popen([sys.executable, "-m", "coopgraph.web"], env=variables, cwd="/")
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(url, process)
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except HTTPError as error:
            if json.load(error)["status"] == "nothing published":
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


class Page(HTMLParser):
    """What a page holds: links, ids, headings, texts by element; unclosed elements fail."""

    VOID = frozenset(("meta", "link", "img", "br", "input", "hr"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.texts: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(html)
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.attributes.append((tag, found))
        if "id" in found:
            assert found["id"] not in self.ids, f"twice: {found['id']}"
            self.ids.add(found["id"])
        if tag in ("a", "link") and "href" in found:
            self.links.append(found["href"])
        if tag not in self.VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"closed and never opened: {tag}"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def text(self, tag: str) -> str:
        """The text of the first element of that name, blanks evened out."""
        return " ".join(self.texts.get(tag, [""])[0].split())


@pytest.fixture(scope="session")
def parse_page() -> Callable[[str], Page]:
    """``parse_page(html)`` → the parsed page."""
    return Page


@pytest.fixture
def page(client: FlaskClient) -> Callable[[str], Page]:
    """``page(path)`` → the parsed page of a path, which must be there."""

    def get(path: str) -> Page:
        response = client.get(path, headers={"Accept": BROWSER})
        assert response.status_code == 200, (path, response.status)
        assert response.mimetype == "text/html", path
        return Page(response.text)

    return get


@pytest.fixture
def triples(client: FlaskClient) -> Callable[..., set[Triple]]:
    """``triples(path, accept)`` → the triples of a document in Turtle or what is asked for."""

    def get(path: str, accept: str = "text/turtle") -> set[Triple]:
        response = client.get(path, headers={"Accept": accept})
        assert response.status_code == 200, (path, response.status)
        media_type = RdfFormat.from_media_type(response.mimetype)
        assert media_type is not None, response.mimetype
        return {quad.triple for quad in parse(response.data, format=media_type)}

    return get


def read_sample(path: Path) -> list[Quad]:
    """The quads of a TriG file."""
    return list(parse(path=str(path), format=RdfFormat.TRIG))


def crowd() -> list[Quad]:
    """Many small members of the federation, to fill lists and meet caps."""
    graph = dataset_graph(STANDARD, "movement-directory")
    quads = []
    for number in range(1, CROWD + 1):
        subject = organization_iri(STANDARD, mint("movement-directory", f"crumb-{number}"))
        membership = NamedNode(f"{subject.value}#membership-{FEDERATION}")
        federation = organization_iri(STANDARD, FEDERATION)
        text = f'"Crumb Society No. {number}"@en'
        inferred = f"{federation} {iri('org:hasMember')} {subject} ."
        quads.extend(parse(inferred.encode(), format=RdfFormat.TURTLE))
        source = (
            f"{subject} a {iri('coop:Organization')} ; {iri('skos:prefLabel')} {text} ; "
            f"{iri('coop:kind')} <{CODE}organisation-kind/food-cooperative> ; "
            f"{iri('coop:country')} <{CODE}country/CA> ; {iri('org:hasMembership')} {membership} . "
            f"{membership} a {iri('org:Membership')} ; {iri('org:organization')} {federation} ."
        )
        quads.extend(
            Quad(*quad.triple, graph) for quad in parse(source.encode(), format=RdfFormat.TURTLE)
        )
    return quads


def standard_quads(standard: Standard) -> list[Quad]:
    """Ontology, shapes and code lists in their graphs."""
    quads = [Quad(*triple, ONTOLOGY_GRAPH) for triple in standard.ontology]
    quads += [Quad(*triple, SHAPES_GRAPH) for triple in standard.shapes]
    for scheme, triples in (*standard.codes.items(), *standard.mappings.items()):
        quads += [Quad(*triple, scheme) for triple in triples]
    return quads


def index_quads(folder: Path, quads: list[Quad], standard: Standard, sequence: int) -> None:
    """Make a text index of the organisations among the quads."""
    lines = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            lines[quad.subject.value.partition("#")[0]].append(f"{quad.triple} .")
    names = [NamedNode(name) for name in sorted(lines) if "/id/org/" in name]
    reader = Reader(standard)
    with building(Layout(folder).search, Stamp(sequence, standard.digest)) as add:
        for entry in filter(None, (reader.entry(name, lines[name.value]) for name in names)):
            add(entry)


def publish_quads(folder: Path, quads: list[Quad], sequence: int, base: str = STANDARD) -> None:
    """Make a snapshot of the quads, with the merge in the default graph."""
    layout = Layout(folder)
    layout.create()
    store = Store(str(folder / f"store-{sequence}"))
    store.bulk_extend(quads)
    store.bulk_extend(Quad(*quad.triple) for quad in quads)
    published = f"2026-11-20T06:00:{sequence:02d}+00:00"
    described = Manifest(sequence, published, base, "0.1.0", "0" * 16, {})
    make_snapshot(layout, store, described, layout.search if layout.search.exists() else None)
