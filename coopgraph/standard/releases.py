"""Released versions of the standard: one file each, written once and never changed.

In: a standard, or the folder ``ontology/releases``. Out: ``1.0.0.trig``, which holds the standard
in named graphs (ontology, shapes, one for each code list and crosswalk), its blank nodes named
canonically (RDFC-1.0, https://www.w3.org/TR/rdf-canon/), its quads sorted; and ``SHA256SUMS``,
the hashes of all such files. A release that is read again is a
:class:`~coopgraph.standard.model.Standard` like any other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from coopgraph.errors import NotConforming, ShapeError, UsageError
from coopgraph.namespaces import CODE, CROSSWALK, ONTOLOGY_GRAPH, PREFIXES, SHAPES_GRAPH
from coopgraph.standard.model import Standard
from coopgraph.standard.reading import make_standard, read_standard

FOLDER = "releases"  # inside ontology/
WORKING = ("working", ".")
_SUMS = "SHA256SUMS"
_NUMBER = re.compile(r"\d+\.\d+\.\d+")

Graphs = dict[NamedNode, tuple[Triple, ...]]


def graphs(standard: Standard) -> Graphs:
    """The standard as named graphs: ontology, shapes, each code list and each crosswalk."""
    return {
        ONTOLOGY_GRAPH: standard.ontology,
        SHAPES_GRAPH: standard.shapes,
        **standard.codes,
        **standard.mappings,
    }


def canonical_quads(standard: Standard) -> list[Quad]:
    """Every quad, sorted, with blank nodes that are named alike wherever they mean the same."""
    dataset = Dataset(
        Quad(triple.subject, triple.predicate, triple.object, name)
        for name, triples in graphs(standard).items()
        for triple in triples
    )
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(dataset, key=lambda quad: (str(quad.graph_name), str(quad)))


def release_text(standard: Standard) -> bytes:
    """The bytes of a release file."""
    below = {
        name.value.removeprefix(stem): f"{name.value}{end}"
        for stem, end in ((CODE, "/"), (CROSSWALK, "#"))
        for name in graphs(standard)
        if name.value.startswith(stem)
    }
    written = serialize(
        canonical_quads(standard), format=RdfFormat.TRIG, prefixes={**PREFIXES, **below}
    )
    assert written is not None
    return written


def versions(folder: Path) -> list[str]:
    """The numbers of the versions released in a folder, oldest first."""
    names = [path.stem for path in folder.glob("*.trig") if _NUMBER.fullmatch(path.stem)]
    return sorted(names, key=lambda name: tuple(map(int, name.split("."))))


def release_path(version: str, folder: Path) -> Path:
    """The file of a version, released or not."""
    return folder / f"{version}.trig"


def read_release(path: Path) -> Standard:
    """The standard in a release file. Raises ShapeError where it holds no standard."""
    try:
        content = path.read_bytes()
        quads = list(parse(content, format=RdfFormat.TRIG))
    except (OSError, SyntaxError) as error:
        raise ShapeError(f"cannot be read: {error}", shape=path.name) from error
    found: dict[NamedNode, list[Triple]] = {}
    for quad in quads:
        if not isinstance(quad.graph_name, NamedNode):
            raise ShapeError("says something outside its named graphs", shape=path.name)
        found.setdefault(quad.graph_name, []).append(quad.triple)
    terms, shapes = found.pop(ONTOLOGY_GRAPH, []), found.pop(SHAPES_GRAPH, [])
    codes, mappings = (
        {name: tuple(triples) for name, triples in found.items() if name.value.startswith(stem)}
        for stem in (CODE, CROSSWALK)
    )
    if not (terms and shapes and codes) or len(codes) + len(mappings) < len(found):
        raise ShapeError(
            "holds no standard: that has graphs of the ontology, of the shapes, of code lists and "
            "of crosswalks, and no others",
            shape=path.name,
        )
    digest = hashlib.sha256(content).hexdigest()[:16]
    return make_standard(terms, shapes, codes, digest, mappings)


def read_version(name: str, ontology: Path, shapes: Path) -> Standard:
    """A version of the standard by what people call it.

    ``working`` or ``.`` is the standard in the two folders; a number a version released in
    ``ontology/releases``; else the path of a release file, or of a folder that holds
    ``ontology/`` and ``shapes/``. Raises UsageError where there is none, ShapeError where it is
    broken.
    """
    if name in WORKING:
        return read_standard(ontology, shapes)
    folder = ontology / FOLDER
    if name in versions(folder):
        return read_release(release_path(name, folder))
    path = Path(name)
    if path.is_file():
        return read_release(path)
    if (path / "ontology").is_dir() and (path / "shapes").is_dir():
        return read_standard(path / "ontology", path / "shapes")
    known = ", ".join([*versions(folder), WORKING[0]])
    raise UsageError(
        f"There is no version “{name}” of the standard; there are {known}. A release file, or a "
        "folder with ontology/ and shapes/ in it, may be named by its path."
    )


def write_release(standard: Standard, folder: Path) -> Path | None:
    """Write the file of a version and its hash; None where it is released already, just so.

    Raises NotConforming where that version was released with other content.
    """
    path = release_path(standard.version, folder)
    if path.exists():
        if canonical_quads(read_release(path)) == canonical_quads(standard):
            return None
        raise NotConforming(
            f"Version {standard.version} is released, and the standard has changed since; a "
            "released version stays as it is. Raise owl:versionInfo and owl:versionIRI."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(release_text(standard))
    sums = {**_read_sums(folder), path.name: _hash(path)}
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (folder / _SUMS).write_text("".join(lines), encoding="utf-8")
    return path


def altered_files(folder: Path) -> list[str]:
    """What is wrong with the files of a folder of releases, in sentences; nothing if none is."""
    sums = _read_sums(folder)
    held = {path.name for path in folder.glob("*.trig")}
    problems = [
        f"{name} is missing; take it back from an earlier commit" for name in sums.keys() - held
    ]
    problems += [
        f"{name} is not in {_SUMS}; only “standard release” adds versions"
        for name in held - sums.keys()
    ]
    problems += [
        f"{name} is not as it was released; take it back from an earlier commit"
        for name in held & sums.keys()
        if _hash(folder / name) != sums[name]
    ]
    return sorted(problems)


def _read_sums(folder: Path) -> dict[str, str]:
    path = folder / _SUMS
    lines: Iterable[str] = path.read_text("utf-8").splitlines() if path.exists() else ()
    pairs = [line.split() for line in lines]
    if any(len(pair) != 2 for pair in pairs):
        raise ShapeError("each line holds a hash and the name of a file", shape=_SUMS)
    return {name: digest for digest, name in pairs}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
