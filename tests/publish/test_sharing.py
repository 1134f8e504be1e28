"""A load that is shared out to processes publishes what one process does, and counts it alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coopgraph.checking import checker
from coopgraph.namespaces import STANDARD, description_graph
from coopgraph.publish import LoadOptions, LoadReport, Publisher, derive
from coopgraph.publish.counting import Counts
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import read_descriptor
from tests.publish.conftest import Dataset, Published

ROWS = [
    "fed,The federation,federation,,https://fed.example/,",
    *(
        f"{n},Baker {n},mutual,fed,https://{n}.example/,{n} Mill Lane"
        for n in range(1, 40)
        if n != 7
    ),
    "7,,mutual,fed,,",
    "8,Baker 8,mutual,fed,https://8.example/,8 Mill Lane",
    "90,Astray,mutual,7,,",
]
SHOPS = [f"s{n},{n},Shop {n}" for n in range(1, 20)]
FIGURES = [f"{n},{year},{10 * n}" for n in range(1, 20) for year in (2020, 2021)]


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Batches are small, so that there are many; whether each census was added up."""
    for module, name, value in (
        (checker, "_BATCH", 4),
        (checker, "_ALONE", 1),
        (derive, "_BATCH", 12),
        (derive, "LARGE_COMMIT", 0),
    ):
        monkeypatch.setattr(module, name, value)
    added_up: list[bool] = []
    census = Counts.census

    def note(self: Counts, *arguments: object) -> object:
        found = census(self, *arguments)  # type: ignore[arg-type]
        added_up.append(found is not None)
        return found

    monkeypatch.setattr(Counts, "census", note)
    return added_up


def publish(home: Path, standard: Standard, folder: Path, processes: int) -> LoadReport:
    settings = Settings(home=home, load_processes=processes)
    descriptor = read_descriptor(folder, standard)
    report = Publisher(settings, standard).load(descriptor, folder, LoadOptions())
    return replace(report, seconds=0.0)


def told(home: Path) -> set[str]:
    """What is published, but for times; what is counted is among it."""
    quads = Published(home).quads()
    assert any(quad.graph_name == description_graph(STANDARD) for quad in quads)
    return {str(quad) for quad in quads if "dateTime" not in str(quad)}


def test_processes_publish_what_one_does(
    standard: Standard, dataset: Dataset, shared: list[bool], tmp_path: Path
) -> None:
    folder = dataset("list", ROWS, shops=SHOPS, figures=FIGURES)
    homes = [tmp_path / "one", tmp_path / "two"]
    one, two = (publish(home, standard, folder, n) for n, home in enumerate(homes, 1))
    assert one == two
    counts = one.tables["organisations"]
    assert (counts.read, counts.published, counts.duplicate, counts.quarantined) == (42, 39, 1, 2)
    assert told(homes[0]) == told(homes[1])
    assert shared == [True] * 4


def test_what_is_added_up_is_what_the_store_says(
    standard: Standard,
    dataset: Dataset,
    shared: list[bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    publish(home, standard, dataset("list", ROWS, shops=SHOPS, figures=FIGURES), 1)
    added_up = told(home)
    assert shared == [True, True]
    monkeypatch.setattr(Counts, "census", lambda *_: None)
    Publisher(Settings(home=home, load_processes=1), standard).rebuild()
    assert told(home) == added_up
