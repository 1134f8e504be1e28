"""Which metadata a file comes with.

In: a file. Out: its metadata, and sentences on what was looked at. What is looked for, in this
order: ``FILE-metadata.json`` of CSV on the Web; ``STEM.resource.json``, ``datapackage.json``,
``FILE.schema.json`` and ``STEM.schema.json`` of Frictionless Data; ``csv-metadata.json``; the
``datapackage.json`` of the folder above, which often holds its data in a folder below. The order
of CSVW is that of https://www.w3.org/TR/tabular-data-model/#locating-metadata, but for what would
be asked of a server; Frictionless Data leaves it to tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coopgraph.errors import DescriptorError
from coopgraph.iris import is_web_address
from coopgraph.tables.metadata import csvw, packages
from coopgraph.tables.metadata.documents import is_there, read_document
from coopgraph.tables.metadata.model import Metadata
from coopgraph.tables.sections import Section

_PACKAGE: Final = "datapackage.json"
_CSVW: Final = "csv-metadata.json"
_JSON: Final = ".json"
_UNNAMED: Final = ("tableschema.json", "schema.json")  # nothing says for which file


@dataclass(frozen=True, slots=True)
class Found:
    """The metadata of a file, None where there is none, and what to tell of it."""

    metadata: Metadata | None
    notes: tuple[str, ...] = ()


def find_metadata(path: Path) -> Found:
    """The metadata that a file comes with. Raises DescriptorError where it is broken."""
    notes: list[str] = []
    for candidate, reads in _candidates(path):
        if is_there(candidate) and candidate.name != path.name:
            metadata = reads(read_document(candidate), candidate.parent, _from(candidate, path))
            if metadata is not None:
                return Found(_checked(metadata), tuple(notes))
            if candidate.parent == path.parent:
                why = "is no Table Schema" if reads is _schema else f"names no file {path.name}"
                notes.append(f"{candidate.name} is there, and {why}; it was not used.")
    notes += [
        f"{name} is there, and nothing says for which file; it was not used. Where it is for "
        f"{path.name}, name it with --mapping."
        for name in _UNNAMED
        if is_there(path.parent / name) and name != path.name
    ]
    return Found(None, tuple(notes))


def is_metadata(path: Path) -> bool:
    """Whether a file holds metadata that is known here. Raises DescriptorError for one that is
    called ``.json`` and is not.
    """
    try:
        document = read_document(path)
    except DescriptorError:
        if path.suffix.lower() == _JSON:
            raise
        return False
    kinds = (packages.is_package, packages.is_schema, packages.is_resource, csvw.is_csvw)
    return any(is_kind(document) for is_kind in kinds)


def read_metadata(source: Path, name: str) -> Metadata:
    """What the metadata that somebody gives for the file ``name`` says of it.

    Raises DescriptorError where it is broken, or of several files and not of this one.
    """
    document, folder = read_document(source), source.parent
    if csvw.is_csvw(document):
        tables = csvw.tables_of(document)
        table = _only([t for t in tables if csvw.names_file(t, document, name)] or tables, document)
        return _checked(csvw.read_table(table, document, folder))
    if packages.is_package(document):
        items = document.items("resources")
        named = [item for item in items if packages.names_file(item, name)]
        return _checked(packages.read_resource(_only(named or items, document), document, folder))
    if packages.is_schema(document):
        return _checked(packages.read_schema(document))
    return _checked(packages.read_resource(document, None, folder))


def _only(sections: list[Section], document: Section) -> Section:
    if len(sections) != 1:
        raise document.error(
            f"it describes {len(sections):,} tables, and none of them is called as the file is; "
            "correct its name there"
        )
    return sections[0]


def _from(candidate: Path, path: Path) -> str:
    """The path from a file of metadata to the file, as it would stand there."""
    return path.name if candidate.parent == path.parent else f"{path.parent.name}/{path.name}"


_Reads = Callable[[Section, Path, str], Metadata | None]


def _candidates(path: Path) -> Iterator[tuple[Path, _Reads]]:
    folder = path.parent
    yield folder / f"{path.name}-metadata.json", _csvw
    yield folder / f"{path.stem}.resource.json", _resource
    yield folder / _PACKAGE, _package
    yield folder / f"{path.name}.schema.json", _schema
    yield folder / f"{path.stem}.schema.json", _schema
    yield folder / _CSVW, _csvw
    above = folder.resolve().parent
    if above != folder.resolve():
        yield above / _PACKAGE, _package


def _csvw(document: Section, folder: Path, name: str) -> Metadata | None:
    for table in csvw.tables_of(document):
        if csvw.names_file(table, document, name):
            return csvw.read_table(table, document, folder)
    return None


def _package(document: Section, folder: Path, name: str) -> Metadata | None:
    resource = packages.resource_of(document, name)
    return packages.read_resource(resource, document, folder) if resource else None


def _resource(document: Section, folder: Path, name: str) -> Metadata | None:
    is_named = packages.names_file(document, name)
    return packages.read_resource(document, None, folder) if is_named else None


def _schema(document: Section, folder: Path, name: str) -> Metadata | None:
    return packages.read_schema(document) if packages.is_schema(document) else None


def _checked(metadata: Metadata) -> Metadata:
    """Metadata whose links are links; what is none is told, and left out."""
    facts, notes = metadata.facts, list(metadata.notes)
    if facts.licence and not is_web_address(facts.licence):
        notes.append(
            f"{metadata.source} names the licence “{facts.licence}”, which is not known here; "
            "give its web address."
        )
        facts = replace(facts, licence="")
    if facts.homepage and not is_web_address(facts.homepage):
        facts = replace(facts, homepage="")
    return replace(metadata, facts=facts, notes=tuple(notes))
