"""``coopgraph check``: what is wrong with a file or a dataset, without publishing anything.

In: a file or a dataset, and how its columns are read. Out: a summary or JSON on standard output;
a page, a workbook, and the mapping that was proposed, where they are asked for.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from coopgraph.checking.check import CheckReport, run_check
from coopgraph.checking.document import report_json
from coopgraph.checking.page import page
from coopgraph.checking.subject import (
    Subject,
    of_dataset,
    of_file,
    of_mapped_file,
    of_plain_file,
    of_proposed_file,
)
from coopgraph.checking.workbook import MOST_ROWS, write_workbook
from coopgraph.cli import shared
from coopgraph.cli.findings import print_groups
from coopgraph.cli.proposed import print_proposal
from coopgraph.cli.publishing import dataset_folder
from coopgraph.errors import UsageError
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.folders import standard_of
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor
from coopgraph.tables.metadata import is_metadata
from coopgraph.tables.values import is_language_tag

_File = click.Path(path_type=Path, dir_okay=False)
_COUNTS = ("read", "published", "duplicate", "quarantined", "flagged")


@click.command()
@click.argument("what", metavar="FILE|DATASET")
@click.option(
    "--entity",
    default="",
    metavar="NAME",
    help="What a row of a FILE is, like site, where its columns are those of a template.",
)
@click.option("--sheet", default="", help="Sheet of a FILE that has several, without a mapping.")
@click.option(
    "--language",
    default="",
    metavar="TAG",
    help="Of the texts of a FILE without a mapping, like en or pt-BR.",
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the columns of a FILE hold: a table as in dataset.yaml, a dataset.yaml, or metadata "
    "(datapackage.json, Table Schema, CSVW).",
)
@click.option(
    "--write-mapping",
    "mapping_target",
    type=_File,
    metavar="FILE",
    help="Write the mapping that is proposed for a FILE without one, to correct it.",
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that holds the files of a DATASET; by default its own.",
)
@click.option("--edition", help="Of a DATASET: for each table the newest file not after this.")
@click.option("--html", type=_File, metavar="FILE", help="Write the report as a page.")
@click.option(
    "--workbook",
    type=_File,
    metavar="FILE",
    help=f"Write the rows back with the cells coloured and commented (to {MOST_ROWS:,} rows).",
)
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@shared.as_json
@click.pass_obj
def check(
    settings: Settings,
    what: str,
    entity: str,
    sheet: str,
    language: str,
    mapping: Path | None,
    mapping_target: Path | None,
    folder: Path | None,
    edition: str | None,
    html: Path | None,
    workbook: Path | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Check a file or a dataset; nothing is published or stored.

    For a file that does not follow the template, and has no --mapping, one is proposed: by the
    metadata that it comes with (datapackage.json, FILE-metadata.json …), headings and values.

    Exit codes: 0 every row may be published, 1 some may not, 2 used wrongly.
    """
    standard = standard_of(settings)
    path = Path(what)
    if path.name != FILE_NAME and path.is_file():
        if folder is not None or edition is not None:
            raise UsageError("--from and --edition are for datasets, and this is one file.")
        reading = _Reading(entity, sheet, language, mapping, is_proposed=mapping_target is not None)
        subject = reading.of(path, standard)
    else:
        if mapping is not None or mapping_target is not None:
            raise UsageError(f"There is no file “{what}”, and mappings are for one.")
        subject = _dataset(path, folder, edition, standard)
    _keep_files(subject, html, workbook, mapping_target)
    with shared.progress(is_quiet=as_json) as progress:
        report = run_check(
            subject,
            standard,
            progress=progress,
            marked_rows=MOST_ROWS if workbook is not None else 0,
        )
    if html is not None:
        html.write_text(page(report), encoding="utf-8")
    if workbook is not None:
        write_workbook(report, standard, workbook)
    if mapping_target is not None and subject.proposal is not None:
        mapping_target.write_text(subject.proposal.text, encoding="utf-8")
    if as_json:
        click.echo(orjson.dumps(report_json(report, is_strict=strict), option=orjson.OPT_INDENT_2))
    else:
        written = [path for path in (html, workbook, mapping_target) if path is not None]
        _print(report, written)
    sys.exit(0 if report.conforms(is_strict=strict) else 1)


@dataclass(frozen=True)
class _Reading:
    """How the columns of one file are to be read, as the options say."""

    entity: str
    sheet: str
    language: str
    mapping: Path | None
    is_proposed: bool

    def of(self, path: Path, standard: Standard) -> Subject:
        """The file, read so. Raises UsageError where options are at odds."""
        if self.mapping is not None:
            if self.sheet or self.language or self.entity:
                raise UsageError(
                    "Say sheet, entity and language in the mapping, like “sheet: Members”."
                )
            if self.is_proposed and not is_metadata(self.mapping):
                raise UsageError("With --mapping nothing is proposed; leave out --write-mapping.")
            return of_mapped_file(path, self.mapping, standard, is_proposed=self.is_proposed)
        if self.entity:
            if self.is_proposed:
                raise UsageError("With --entity nothing is proposed; leave out --write-mapping.")
            return of_plain_file(path, self.entity, standard, self.sheet)
        if self.language and not is_language_tag(self.language):
            raise UsageError(f"“{self.language}” is no BCP 47 tag; write one like en or pt-BR.")
        find = of_proposed_file if self.is_proposed else of_file
        return find(path, standard, self.sheet, self.language or "und")


def _dataset(path: Path, folder: Path | None, edition: str | None, standard: Standard) -> Subject:
    if path.name == FILE_NAME and path.is_file():
        path = path.parent
    if path.suffix and not path.is_dir():
        raise UsageError(f"There is no file “{path}”.")
    descriptor = read_descriptor(dataset_folder(str(path)), standard)
    return of_dataset(descriptor, folder or descriptor.folder, edition)


def _keep_files(
    subject: Subject, html: Path | None, workbook: Path | None, mapping: Path | None
) -> None:
    """Raises UsageError where an outcome would take the place of what is checked, or of a mapping
    that somebody may have corrected.
    """
    sources = {path.resolve() for _, path in subject.files}
    for path in (html, workbook, mapping):
        if path is not None and path.resolve() in sources:
            raise UsageError(f"{path} is the file that is checked; name another.")
    if mapping is not None and mapping.exists():
        raise UsageError(f"{mapping} is there already; name another file, or move it away.")


def _print(report: CheckReport, written: list[Path]) -> None:
    console = shared.console()
    if report.proposal is not None:
        print_proposal(console, report.proposal)
    table = Table("table", *_COUNTS, box=box.SIMPLE, padding=(0, 1))
    for column in table.columns[1:]:
        column.justify = "right"
    for file in report.files:
        counts = file.counts
        sheet = f", sheet “{counts.sheet}”" if counts.sheet else ""
        console.print(f"{file.table.name}: {counts.file}{sheet}", markup=False, highlight=False)
        table.add_row(file.table.name, *(f"{getattr(counts, name):,}" for name in _COUNTS))
    console.print(table)
    for note in report.notes:
        console.print(note, markup=False, highlight=False)
    print_groups(console, report.groups)
    _print_conclusion(console, report)
    for path in written:
        console.print(f"Written: {path}", markup=False, highlight=False)


def _print_conclusion(console: Console, report: CheckReport) -> None:
    read, refused = report.total("read"), report.total("quarantined")
    if refused:
        said = f"{refused:,} of {read:,} rows would not be published."
    elif report.total("flagged"):
        said = f"All {read:,} rows would be published, {report.total('flagged'):,} with warnings."
    else:
        said = f"All {read:,} rows would be published."
    console.print(f"{report.name}: {said}", markup=False, highlight=False)
