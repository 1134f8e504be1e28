"""One state folder into which the public registers are loaded once for all tests here.

The registers are read from the folder that ``COOPGRAPH_REGISTERS`` names; loading takes minutes,
so the loads are done in one go, and tests look at what each of them reported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Store

from coopgraph import resources
from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, LoadReport, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import read_descriptor


@dataclass(frozen=True)
class Loaded:
    """What the loads reported, and what they left."""

    home: Path
    reports: Mapping[str, LoadReport]
    ids_2016: Mapping[str, str]  # key of each organisation of the 2016 edition → its id

    @property
    def store(self) -> Store:
        return Snapshots(self.home).current().store

    def journal(self) -> Journal:
        return Journal.open(Layout(self.home).journal)

    def organization(self, dataset: str, key: str) -> str:
        journal = self.journal()
        found = journal.organization_of(dataset, key)
        journal.close()
        assert found is not None, f"{dataset}/{key}"
        return found


@pytest.fixture(scope="session")
def registers(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> Loaded:
    source = Path(os.environ["COOPGRAPH_REGISTERS"])
    home = tmp_path_factory.mktemp("registers")
    publisher = Publisher(Settings(home=home), standard)
    reports = {}
    ids: dict[str, str] = {}
    steps = {
        "ncua": ("ncua", None),
        "ncua again": ("ncua", None),
        "coops-uk 2016": ("coops-uk", "2016"),
        "coops-uk 2017": ("coops-uk", None),
        "coops-uk again": ("coops-uk", None),
        "susy": ("susy", None),
        "swiss-housing": ("swiss-housing", None),
        "germany-worker": ("germany-worker", None),
    }
    for step, (name, edition) in steps.items():
        descriptor = read_descriptor(resources.DATA / name, standard)
        reports[step] = publisher.load(descriptor, source / name, LoadOptions(edition=edition))
        if step == "coops-uk 2016":
            journal = Journal.open(Layout(home).journal)
            for head in journal.heads("coops-uk"):
                if head.table == "organisations":
                    ids[head.key] = journal.organization_of("coops-uk", head.key) or ""
            journal.close()
    return Loaded(home, reports, ids)
