"""A small published snapshot of fictional organisations, and clients for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from coopgraph import resources
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
from coopgraph.settings import Settings
from coopgraph.standard import Standard, read_standard
from coopgraph.store.layout import Layout
from coopgraph.store.snapshots import Manifest, Snapshot, Snapshots, make_snapshot
from coopgraph.web import create_app

SAMPLE = Path(__file__).with_name("sample.trig")
FEDERATION = "4vkgmgbt4t-tw"
TABLEFLIP = "zx73q7nn6v-sm"
CROWD = 130


@pytest.fixture(scope="session")
def standard() -> Standard:
    """The standard of this checkout."""
    return read_standard(resources.ONTOLOGY, resources.SHAPES)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> Path:
    """A state folder with one published snapshot."""
    folder = tmp_path_factory.mktemp("home")
    publish(folder, [*read_sample(SAMPLE), *crowd(), *standard_quads(standard)], sequence=7)
    return folder


@pytest.fixture(scope="session")
def snapshot(home: Path) -> Snapshot:
    """The published snapshot."""
    return Snapshots(home).current()


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """Settings of a service at an address of its own."""
    return Settings(home=home, url="https://coops.example", title="Teigwaren co-ops")


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The web application over the snapshot."""
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A client of the application."""
    with app.test_client() as client:
        yield client


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
    for scheme, triples in standard.codes.items():
        quads += [Quad(*triple, scheme) for triple in triples]
    return quads


def publish(folder: Path, quads: list[Quad], sequence: int, base: str = STANDARD) -> None:
    """Make a snapshot of the quads, with the merge in the default graph."""
    layout = Layout(folder)
    layout.create()
    store = Store(str(folder / f"store-{sequence}"))
    store.bulk_extend(quads)
    store.bulk_extend(Quad(*quad.triple) for quad in quads)
    published = f"2026-11-20T06:00:{sequence:02d}+00:00"
    make_snapshot(layout, store, Manifest(sequence, published, base, "0.1.0", "0" * 16, {}))
