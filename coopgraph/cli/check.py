"""``coopgraph check``: what is wrong with a file or a dataset, without publishing anything.

In: a file or a dataset, and how its columns are read. Out: a summary or JSON on standard output,
and a page or a workbook where they are asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from coopgraph.checking.check import CheckReport, run_check
from coopgraph.checking.document import report_json
from coopgraph.checking.page import page
from coopgraph.checking.subject import Subject, of_dataset, of_mapped_file, of_plain_file
from coopgraph.checking.workbook import MOST_ROWS, write_workbook
from coopgraph.cli import shared
from coopgraph.cli.findings import print_groups
from coopgraph.cli.publishing import dataset_folder
from coopgraph.errors import UsageError
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.folders import standard_of
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor

_File = click.Path(path_type=Path, dir_okay=False)
_COUNTS = ("read", "published", "duplicate", "quarantined", "flagged")


@click.command()
@click.argument("what", metavar="FILE|DATASET")
@click.option(
    "--entity",
    default="organization",
    show_default=True,
    help="What a row of a FILE is, where its columns are those of a template.",
)
@click.option("--sheet", default="", help="Sheet of a FILE that has several, without a mapping.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the columns of a FILE hold: a table as in dataset.yaml, or a dataset.yaml.",
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
    mapping: Path | None,
    folder: Path | None,
    edition: str | None,
    html: Path | None,
    workbook: Path | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Check a file or a dataset; nothing is published or stored.

    Exit codes: 0 every row may be published, 1 some may not, 2 used wrongly.
    """
    standard = standard_of(settings)
    subject = _subject(what, entity, sheet, mapping, folder, edition, standard)
    if workbook is not None and len(subject.files) > 1:
        raise UsageError(
            "--workbook writes one table: name its file, with --mapping and the dataset.yaml."
        )
    _keep_sources(subject, html, workbook)
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
        write_workbook(report.files[0], report, standard, workbook)
    if as_json:
        click.echo(orjson.dumps(report_json(report, is_strict=strict), option=orjson.OPT_INDENT_2))
    else:
        _print(report, [path for path in (html, workbook) if path is not None])
    sys.exit(0 if report.conforms(is_strict=strict) else 1)


def _subject(
    what: str,
    entity: str,
    sheet: str,
    mapping: Path | None,
    folder: Path | None,
    edition: str | None,
    standard: Standard,
) -> Subject:
    path = Path(what)
    if path.name == FILE_NAME and path.is_file():
        path, what = path.parent, str(path.parent)
    if path.is_file():
        if folder is not None or edition is not None:
            raise UsageError("--from and --edition are for datasets, and this is one file.")
        if mapping is not None and sheet:
            raise UsageError("Name the sheet in the mapping, like “sheet: Members”.")
        if mapping is not None:
            return of_mapped_file(path, mapping, standard)
        return of_plain_file(path, entity, standard, sheet)
    if mapping is not None:
        raise UsageError(f"There is no file “{what}”, and --mapping is for one.")
    if path.suffix and not path.is_dir():
        raise UsageError(f"There is no file “{what}”.")
    descriptor = read_descriptor(dataset_folder(what), standard)
    return of_dataset(descriptor, folder or descriptor.folder, edition)


def _keep_sources(subject: Subject, *written: Path | None) -> None:
    """Raises UsageError where an outcome would take the place of what is checked."""
    sources = {path.resolve() for _, path in subject.files}
    for path in written:
        if path is not None and path.resolve() in sources:
            raise UsageError(f"{path} is the file that is checked; name another.")


def _print(report: CheckReport, written: list[Path]) -> None:
    console = shared.console()
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
