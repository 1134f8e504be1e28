"""Bring what others made into the repository, from npm: ``python deploy/vendor.py``.

In: the versions written here, fetched by ``npm pack`` from whatever registry npm is set to use.
Out: each package's own folder under ``coopgraph/web/static/vendor/`` (or ``tests/third_party/``,
for what only tests need): files whole and unmodified, their licences, and a ``SOURCE.md`` with the
version, the licence and the hash of each file, which a test compares. The base map and the
extents of countries are derived (``outlines.py``, ``extents.py``). To take a newer version, change
its number here and run this again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from extents import dumped, extents
from outlines import outlines, read_topology

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "coopgraph" / "web" / "static" / "vendor"
PLACES = ROOT / "coopgraph" / "checking" / "places"
TESTED_WITH = ROOT / "tests" / "third_party"


@dataclass(frozen=True)
class Package:
    """A package of npm, the files that are taken from it, and where they go.

    ``files`` are paths inside the package; ``licences`` likewise, or ``package:path`` for the
    licence text of something else that is inside those files.
    """

    name: str
    version: str
    licence: str
    what: str
    folder: Path
    files: tuple[str, ...]
    licences: tuple[str, ...]


PACKAGES = (
    Package(
        "@zazuko/yasqe",
        "4.6.2",
        "MIT; with CodeMirror 5 and others inside, see LICENSE-*",
        "The SPARQL editor on /sparql.",
        VENDOR / "yasqe",
        ("build/yasqe.min.js", "build/yasqe.min.css"),
        (
            "@triply/yasqe@4.2.28:LICENSE.txt",
            "codemirror@5.65.21:LICENSE",
            "dompurify@3.4.13:LICENSE",
            "lodash-es@4.18.1:LICENSE",
            "store@2.0.12:LICENSE",
            "events@3.3.0:LICENSE",
            "query-string@6.14.1:license",
            "decode-uri-component@0.2.2:license",
            "filter-obj@1.1.0:license",
            "split-on-first@1.1.0:license",
            "strict-uri-encode@2.0.0:license",
        ),
    ),
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        "Maps.",
        VENDOR / "leaflet",
        (
            "dist/leaflet.js",
            "dist/leaflet.css",
            "dist/images/layers.png",
            "dist/images/layers-2x.png",
            "dist/images/marker-icon.png",
            "dist/images/marker-icon-2x.png",
            "dist/images/marker-shadow.png",
        ),
        ("LICENSE",),
    ),
    Package(
        "leaflet.markercluster",
        "1.5.3",
        "MIT",
        "Many points on a map, gathered while they are close to each other.",
        VENDOR / "markercluster",
        ("dist/leaflet.markercluster.js", "dist/MarkerCluster.css"),
        ("MIT-LICENCE.txt",),
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "Checks of accessibility, in browser tests only.",
        TESTED_WITH / "axe-core",
        ("axe.min.js",),
        ("LICENSE", "LICENSE-3RD-PARTY.txt"),
    ),
)
WORLD = ("world-atlas", "2.0.2", "countries-50m.json")
STATES = ("us-atlas", "3.0.1", "states-10m.json")
_BASE_MAP = """\
# outlines.json

Derived by `deploy/outlines.py` from two packages of npm: land, borders, and names with their
places, simplified, in hundredths of a degree, cut at the antimeridian, as TopoJSON.

| from | version | file | data |
|---|---|---|---|
| world-atlas | {world} | {world_file} | Natural Earth 4.1, 1:50m: public domain |
| us-atlas | {states} | {states_file} | US Census Bureau boundaries 2017: public domain |

The packages themselves are under the ISC licence: LICENSE-world-atlas, LICENSE-us-atlas.

| file | SHA-256 |
|---|---|
"""
DETAILED_WORLD = ("world-atlas", "2.0.2", "countries-10m.json")
_EXTENTS = """\
# extents.json

Derived by `deploy/extents.py`: the cells of a grid of a tenth of a degree that a country and its
territories touch, widened by two cells.

| from | version | file | data |
|---|---|---|---|
| world-atlas | {version} | {file} | Natural Earth 4.1, 1:10m: public domain |

The package itself is under the ISC licence: LICENSE-world-atlas.

| file | SHA-256 |
|---|---|
"""
_PACKAGE = """\
# {name} {version}

{what}

Files of the npm package `{name}`, version {version}, whole and unmodified. Licence: {licence}.

| file | SHA-256 |
|---|---|
"""


def main() -> None:
    """Fetch everything and write it where it belongs."""
    with TemporaryDirectory() as folder:
        for package in PACKAGES:
            take(package, Path(folder))
        make_base_map(VENDOR / "outlines", Path(folder))
        make_extents(PLACES, Path(folder))


def take(package: Package, scratch: Path) -> None:
    """Put the files of a package into its folder, with licences and ``SOURCE.md``."""
    source = fetched(package.name, package.version, scratch)
    package.folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in package.files:
        # What a style sheet names by a relative address stays where it looks for it.
        target = package.folder / path.removeprefix("dist/").removeprefix("build/")
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((source / path).read_bytes())
        written.append(target)
    for licence in package.licences:
        other, _, path = licence.rpartition(":")
        name, _, version = other.rpartition("@")
        text = (fetched(name, version, scratch) if other else source) / path
        target = package.folder / (f"LICENSE-{name.split('/')[-1]}" if other else path)
        target.write_bytes(text.read_bytes())
        written.append(target)
    head = _PACKAGE.format(**vars(package))
    (package.folder / "SOURCE.md").write_text(head + _hashes(package.folder, written))


def make_base_map(folder: Path, scratch: Path) -> None:
    """Derive the base map, and say from what."""
    world, states = fetched(*WORLD[:2], scratch), fetched(*STATES[:2], scratch)
    topology = outlines(read_topology(world / WORLD[2]), read_topology(states / STATES[2]))
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(topology, ensure_ascii=False, separators=(",", ":")) + "\n"
    written = [folder / "outlines.json"]
    written[0].write_text(text, encoding="utf-8")
    for source, name in ((world, WORLD[0]), (states, STATES[0])):
        written.append(folder / f"LICENSE-{name}")
        written[-1].write_bytes((source / "LICENSE").read_bytes())
    head = _BASE_MAP.format(
        world=WORLD[1], world_file=WORLD[2], states=STATES[1], states_file=STATES[2]
    )
    (folder / "SOURCE.md").write_text(head + _hashes(folder, written))


def make_extents(folder: Path, scratch: Path) -> None:
    """Derive the extents of countries, and say from what."""
    name, version, file = DETAILED_WORLD
    world = fetched(name, version, scratch)
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "extents.json", folder / f"LICENSE-{name}"]
    written[0].write_text(dumped(extents(read_topology(world / file, least_bend=0))), "utf-8")
    written[1].write_bytes((world / "LICENSE").read_bytes())
    head = _EXTENTS.format(version=version, file=file)
    (folder / "SOURCE.md").write_text(head + _hashes(folder, written))


def fetched(name: str, version: str, scratch: Path) -> Path:
    """The unpacked package of a name and version."""
    folder = scratch / f"{name.replace('/', '-')}-{version}"
    if not folder.is_dir():
        folder.mkdir()
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [archive] = folder.glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    [unpacked] = [path for path in folder.iterdir() if path.is_dir()]
    return unpacked


def _hashes(folder: Path, files: Iterable[Path]) -> str:
    return "".join(
        f"| {path.relative_to(folder).as_posix()} | "
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} |\n"
        for path in sorted(files)
    )


if __name__ == "__main__":
    main()
