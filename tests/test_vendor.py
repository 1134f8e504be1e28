"""What others made and lies in the repository: whole, named, licensed; and the base map."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "coopgraph" / "web" / "static" / "vendor"
FOLDERS = sorted(
    folder
    for parent in (
        VENDOR,
        ROOT / "tests" / "third_party",
        ROOT / "coopgraph" / "checking",
        ROOT / "coopgraph" / "gazetteer",
    )
    for folder in parent.iterdir()
    if (folder / "SOURCE.md").is_file()
)
ROW = re.compile(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def outlines() -> Iterator[ModuleType]:
    """``deploy/outlines.py``."""
    sys.path.insert(0, str(ROOT / "deploy"))
    import outlines as module

    yield module
    sys.path.remove(str(ROOT / "deploy"))


@pytest.fixture(scope="module")
def extents(outlines: ModuleType) -> ModuleType:
    """``deploy/extents.py``."""
    import extents as module

    return module


@pytest.fixture(scope="module")
def base_map() -> dict[str, Any]:
    """The base map as it lies in the repository."""
    found = json.loads((VENDOR / "outlines" / "outlines.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_there_is_something_to_check() -> None:
    names = {folder.name for folder in FOLDERS}
    assert names == {"axe-core", "data", "leaflet", "markercluster", "outlines", "places", "yasqe"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_are_what_their_source_says(folder: Path) -> None:
    source = (folder / "SOURCE.md").read_text(encoding="utf-8")
    said = dict(ROW.findall(source))
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    del files["SOURCE.md"]
    assert said.keys() == files.keys()
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == said[name], name
        assert path.stat().st_size < 1_000_000, name
    assert re.search(r"\d+\.\d+\.\d+", source)
    assert any("LICEN" in name.upper() for name in files)


def test_vendored_scripts_and_sheets_name_no_other_server_to_load_from() -> None:
    sheets = list(VENDOR.rglob("*.css"))
    assert len(sheets) >= 3
    for sheet in sheets:
        addresses = re.findall(r"url\(([^)]*)\)", sheet.read_text(encoding="utf-8"))
        for address in (found.strip("\"'") for found in addresses):
            assert address.startswith("#") or (sheet.parent / address).is_file(), address


# The base map ---------------------------------------------------------------------------------


def test_no_line_of_the_base_map_crosses_the_world(base_map: dict[str, Any]) -> None:
    arcs = [list(accumulate(x for x, _ in arc)) for arc in base_map["arcs"]]
    assert len(arcs) > 1_000
    for longitudes in arcs:
        assert -18_000 <= min(longitudes) <= max(longitudes) <= 18_000
    land = [arcs[part[0][0]] for part in base_map["objects"]["land"]["arcs"]]
    assert len(land) > 500
    # Antarctica alone reaches from edge to edge.
    assert sum(max(ring) - min(ring) > 30_000 for ring in land) == 1


def test_land_is_closed_and_names_lie_where_they_belong(base_map: dict[str, Any]) -> None:
    for part in base_map["objects"]["land"]["arcs"]:
        _, *steps = base_map["arcs"][part[0][0]]
        assert [sum(values) for values in zip(*steps, strict=True)] == [0, 0]
    names = {
        shape["properties"]["name"]: [value / 100 for value in shape["coordinates"]]
        for layer in ("countryNames", "stateNames")
        for shape in base_map["objects"][layer]["geometries"]
    }
    for name, (west, south, east, north) in {
        "Fiji": (177, -19, 180, -16),
        "Russia": (60, 50, 140, 75),
        "Chile": (-76, -56, -66, -17),
        "Massachusetts": (-73.6, 41.5, -69.9, 42.9),
        "Alaska": (-168, 58, -140, 71),
    }.items():
        longitude, latitude = names[name]
        assert west <= longitude <= east, name
        assert south <= latitude <= north, name


def test_a_ring_across_the_antimeridian_becomes_two(outlines: ModuleType) -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    west, east = sorted(outlines.cut(ring), key=min)
    assert {lon for lon, _ in west} == {-180.0, -170.0}
    assert {lon for lon, _ in east} == {170.0, 180.0}


def test_a_ring_around_the_pole_is_closed_along_it(outlines: ModuleType) -> None:
    ring = [(lon, -70.0) for lon in (-180.0, -90.0, 0.0, 90.0, 180.0)]
    [whole] = outlines.cut(ring)
    assert {-90.0, -70.0} == {lat for _, lat in whole}
    assert (min(whole)[0], max(whole)[0]) == (-180.0, 180.0)


@given(
    st.lists(
        st.tuples(st.floats(-180, 180, width=32), st.floats(-90, 90, width=32)),
        min_size=2,
        max_size=40,
    )
)
def test_simplifying_keeps_ends_and_order(
    outlines: ModuleType, points: list[tuple[float, float]]
) -> None:
    found = outlines.simplified(points, 5.0)
    assert (found[0], found[-1]) == (points[0], points[-1])
    remaining = iter(points)
    assert all(point in remaining for point in found)
    assert outlines.simplified(points, 0.0) == points


def test_a_straight_line_needs_no_points_between(outlines: ModuleType) -> None:
    line = [(float(lon), 0.0) for lon in range(50)]
    assert outlines.simplified(line, 0.001) == [line[0], line[-1]]


# The extents of countries ---------------------------------------------------------------------


def test_a_ring_is_the_cells_that_it_encloses(extents: ModuleType) -> None:
    square = [(0.05, 0.05), (0.35, 0.05), (0.35, 0.25), (0.05, 0.25), (0.05, 0.05)]
    hole = [(0.1, 0.1), (0.1, 0.1), (0.1, 0.1), (0.1, 0.1)]
    rows = extents.rasterised([square, hole])
    assert rows == dict.fromkeys((900, 901, 902), 15 << 1800)


def test_cells_are_widened_around_the_world(extents: ModuleType) -> None:
    [middle] = {cells for row, cells in extents.widened({900: 1}).items() if row == 900}
    assert extents._runs(middle) == [0, 3, 3_595, 2]
    assert extents.widened({900: 1}).keys() == set(range(898, 903))
