"""A file without a ``dataset.yaml``, to be loaded: options → its descriptor.

In: what the options say, the metadata that the file comes with, and the descriptor that the dataset
was published with before, if it was. Out: a descriptor. Nothing is guessed: a file that does not
follow the template, and whose metadata does not say what its columns hold, needs a mapping that
somebody has looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from coopgraph.checking.following import filled_templates
from coopgraph.checking.subject import Subject, of_described_file, of_file
from coopgraph.errors import DescriptorError, UsageError
from coopgraph.licences import LICENCES, UNSTATED, find_licence, is_open
from coopgraph.standard import Standard
from coopgraph.tables.describing import (
    MAIN,
    Facts,
    describe,
    plain_tables,
    read_mapping,
    stated_facts,
)
from coopgraph.tables.descriptor import (
    FILE_NAME,
    SLUG,
    Descriptor,
    parse_descriptor,
    read_text,
)
from coopgraph.tables.metadata import find_metadata, is_metadata, read_metadata

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OF_THE_DATASET = ("licence", "publisher", "title", "description")

_OPTIONS = (
    click.option(
        "--dataset",
        default="",
        metavar="NAME",
        help="Of a bare FILE: its dataset; by default the name in its metadata.",
    ),
    click.option(
        "--licence",
        default="",
        help=f"Of a bare FILE: an open licence, like CC-BY-4.0, or “{UNSTATED}”.",
    ),
    click.option("--publisher", default="", help="Of a bare FILE: whose data it is."),
    click.option("--title", default="", help="Of a bare FILE; by default after its dataset."),
    click.option("--description", default="", help="Of a bare FILE; by default its title."),
    click.option(
        "--language", default="", metavar="TAG", help="Of a bare FILE's texts, like en or pt-BR."
    ),
    click.option("--sheet", default="", help="Of a bare FILE, where it has several."),
    click.option(
        "--mapping",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="What the columns of a bare FILE hold, as “coopgraph check” takes it: a mapping, or "
        "metadata.",
    ),
)


def options(command: _Command) -> _Command:
    """The options of a bare file, for ``load``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class BareFile:
    """A file and what is said of it; “” where nothing is."""

    path: Path
    dataset: str
    licence: str
    publisher: str
    title: str
    description: str
    language: str
    sheet: str
    mapping: Path | None

    def descriptor(
        self, standard: Standard, published: str | None, *, is_part: bool = False
    ) -> Descriptor:
        """The file's descriptor. ``published`` is that of the dataset's last whole load, as which a
        part is read.

        Raises UsageError where something is to be said first, DescriptorError, InputError.
        """
        if not SLUG.fullmatch(self.dataset):
            raise UsageError(
                "Name the dataset of a file with --dataset: lower-case words joined by hyphens."
            )
        if "*" in self.path.name:  # in a descriptor it stands for the edition
            raise UsageError(f"Rename {self.path.name}: without the asterisk.")
        before: Mapping[str, Any]
        before = read_mapping(published, FILE_NAME) if published is not None else {}
        if is_part and before:
            self._require_unchanged()
            before = _of_main_file(before)
        content = self._content(standard, before)
        self._require(content)
        facts = Facts(
            name=self.dataset,
            title=self.title,
            description=self.description,
            publisher=self.publisher,
            licence=_open_licence(self.licence),
            language=self.language,
        )
        return parse_descriptor(describe(self.path, facts, content), self.path.parent, standard)

    def _require_unchanged(self) -> None:
        """Raises UsageError where a part says what the dataset says of itself."""
        said = [f"--{key}" for key in _OF_THE_DATASET if getattr(self, key)]
        if said:
            raise UsageError(
                f"A part cannot change what “{self.dataset}” says of itself: leave out "
                f"{', '.join(said)}, or load the dataset whole, without --part."
            )

    def _content(self, standard: Standard, before: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.mapping is not None:
            if self.sheet:
                raise UsageError("Name the sheet in the mapping, like “sheet: Members”.")
            if is_metadata(self.mapping):
                metadata = read_metadata(self.mapping, self.path.name)
                return self._stated(of_described_file(self.path, metadata, standard))
            return read_mapping(read_text(self.mapping), self.mapping.name)
        if before and not (self.sheet or _follows_template(before)):
            self._tell_unused()
            return before
        is_whole = not self.sheet and filled_templates(self.path, standard)
        found = of_file(self.path, standard, self.sheet or ("" if is_whole else _sheet(before)))
        if found.facts is not None:
            stated = self._stated(found)
            return {**stated, **before, "tables": stated["tables"]}
        if found.proposal is not None:
            raise UsageError(f"{self.path.name} does not follow the template. {self._advice()}")
        return {**before, **plain_tables(found.descriptor.tables)}

    def _stated(self, found: Subject) -> dict[str, Any]:
        """What the file's metadata says. Raises UsageError where something would be guessed."""
        assert found.facts is not None
        for note in found.notes:
            _tell(note)
        licence = "" if self.licence else _open_licence(found.facts.licence)
        said = stated_facts(replace(found.facts, licence=licence))
        if found.proposal is None:
            return {**said, **plain_tables(found.descriptor.tables)}
        if found.proposal.guesses:
            raise UsageError(
                f"{found.proposal.metadata} does not say all that is needed of {self.path.name}: "
                f"{', '.join(found.proposal.guesses)} would be guessed. {self._advice()}"
            )
        tables = read_mapping(found.proposal.text, self.path.name)["tables"]
        return {**said, "tables": tables}

    def _tell_unused(self) -> None:
        """Say that metadata is there, and how it would be used."""
        with contextlib.suppress(DescriptorError):  # what is not used may be broken
            metadata = find_metadata(self.path).metadata
            if metadata is not None:
                _tell(
                    f"{metadata.source} was not used: {self.path.name} is read as the last file of "
                    f"{self.dataset} was. To use it: --mapping {metadata.source}."
                )

    def _advice(self) -> str:
        return (
            f"“coopgraph check {self.path.name} --write-mapping mapping.yaml” proposes what its "
            "columns hold: look at each line, and load it with --mapping mapping.yaml."
        )

    def _require(self, content: Mapping[str, Any]) -> None:
        """Raises UsageError where nothing says whose data it is, or under which licence."""
        missing = [
            f"--{key}"
            for key in ("licence", "publisher")
            if not getattr(self, key) and not content.get(key)
        ]
        if missing:
            raise UsageError(
                f"A new dataset needs {' and '.join(missing)}. Licences are {', '.join(LICENCES)}, "
                f"or the web address of one; where its publisher states none, say {UNSTATED}."
            )


def stated_dataset(path: Path, mapping: Path | None) -> str:
    """The name of the dataset that a file's metadata gives it, “” where none does."""
    if mapping is not None:
        return read_metadata(mapping, path.name).facts.name if is_metadata(mapping) else ""
    metadata = find_metadata(path).metadata
    return metadata.facts.name if metadata else ""


def _tell(note: str) -> None:
    """Say something beside the report, without what a terminal would take for an order."""
    click.echo("".join(sign for sign in note if sign.isprintable()), err=True)


def _open_licence(text: str) -> str:
    """The licence of that name, “” of none. Raises UsageError for one that is not open."""
    licence = find_licence(text)
    if licence and licence != UNSTATED and not is_open(licence):
        raise UsageError(
            f"“{text}” is no open licence that is known here. Say one of "
            f"{', '.join(LICENCES)}, the web address of one, or {UNSTATED}; another licence "
            f"can be stated in a {FILE_NAME} (docs/descriptors.md)."
        )
    return licence


def _follows_template(content: Mapping[str, Any]) -> bool:
    """Whether a descriptor maps no columns: its file may have more sheets or columns by now.
    The tables of such a file are called as the template's.
    """
    tables = content["tables"]
    is_mapped = any({"columns", "each"} & table.keys() for table in tables.values())
    return MAIN in tables and not is_mapped


def _of_main_file(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A descriptor with its main table alone, and with what is in the same file."""
    tables: dict[str, dict[str, Any]] = content["tables"]
    file = next(table["file"] for table in tables.values() if not table.get("parent"))
    return {**content, "tables": {k: v for k, v in tables.items() if v["file"] == file}}


def _sheet(content: Mapping[str, Any]) -> str:
    """The sheet of the only table of a descriptor, "" where it has none or several tables."""
    tables = list(content.get("tables", {}).values())
    return str(tables[0].get("sheet", "")) if len(tables) == 1 else ""
