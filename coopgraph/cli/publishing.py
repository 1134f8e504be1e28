"""``load``, ``merge``, ``split`` and ``rebuild``: what changes the graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.table import Table

from coopgraph import resources
from coopgraph.cli import bare_file, shared
from coopgraph.cli.findings import print_groups
from coopgraph.errors import UsageError
from coopgraph.publish import LoadOptions, LoadReport, TableCounts
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import FILE_NAME, Descriptor, read_descriptor


@click.command()
@click.argument("datasets", nargs=-1, required=True, metavar="DATASET…|FILE")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that holds the source's files; by default the dataset's own folder.",
)
@click.option("--edition", help="For each table the newest file not after this, like 2016.")
@click.option("--dry-run", is_flag=True, help="Check and count; publish nothing.")
@click.option("--strict", is_flag=True, help="Publish nothing if any row does not conform.")
@click.option("--allow-removals", is_flag=True, help="Let more than a tenth of a dataset go.")
@click.option(
    "--part", is_flag=True, help="The files hold some records; what they do not name stays."
)
@shared.message
@bare_file.options
@shared.wait
@shared.as_json
@click.pass_obj
def load(
    settings: Settings,
    /,
    datasets: tuple[str, ...],
    folder: Path | None,
    edition: str | None,
    dry_run: bool,
    strict: bool,
    allow_removals: bool,
    part: bool,
    message: str,
    wait_s: float,
    as_json: bool,
    **about: Any,
) -> None:
    """Publish datasets, named by short name (ncua) or by folder.

    A bare FILE, without a dataset.yaml, needs --dataset, and the first time --licence and
    --publisher, unless metadata that it comes with says them (datapackage.json,
    FILE-metadata.json …); later ones of the dataset are read as it was.
    """
    standard = shared.sound_standard(settings)
    options = LoadOptions(edition, dry_run, strict, allow_removals, part, message)
    descriptors = _descriptors(settings, standard, datasets, about, is_part=part)
    if folder is not None and any(about.values()):
        raise UsageError("--from is for datasets; name the file itself.")
    reports = []
    for descriptor in descriptors:
        with shared.publisher(settings, standard, wait_s, is_quiet=as_json) as publisher:
            report = publisher.load(descriptor, folder or descriptor.folder, options)
        reports.append(report.as_json())
        if not as_json:
            print_report(report, options)
    if as_json:
        click.echo(json.dumps(reports[0] if len(reports) == 1 else reports, indent=1))


def _descriptors(
    settings: Settings,
    standard: Standard,
    datasets: tuple[str, ...],
    about: dict[str, Any],
    *,
    is_part: bool,
) -> list[Descriptor]:
    """Of the datasets that are named, or of the one file."""
    if len(datasets) == 1 and Path(datasets[0]).is_file() and not about["dataset"]:
        named = bare_file.stated_dataset(Path(datasets[0]), about["mapping"])
        about = {**about, "dataset": named}
    if not any(about.values()):
        for name in datasets:
            if Path(name).is_file():
                raise UsageError(f"{name} is a file: say with --dataset which dataset it is of.")
        return [read_descriptor(dataset_folder(name), standard) for name in datasets]
    path = Path(datasets[0])
    if len(datasets) > 1 or not path.is_file():
        raise UsageError(
            f"--{next(key for key, value in about.items() if value)} is for one file, and "
            f"“{' '.join(datasets)}” is none."
        )
    file = bare_file.BareFile(path, **about)
    published = shared.published_descriptor(settings, file.dataset)
    return [file.descriptor(standard, published, is_part=is_part)]


@click.command()
@click.argument("old")
@click.argument("new")
@shared.message
@shared.wait
@click.pass_obj
def merge(settings: Settings, old: str, new: str, message: str, wait_s: float) -> None:
    """Say that organisation OLD is NEW (ids or IRIs); OLD redirects from then on."""
    with shared.publisher(settings, shared.sound_standard(settings), wait_s) as publisher:
        names = shared.organization_of(old), shared.organization_of(new)
        sequence = publisher.merge(*names, message)
    click.echo(f"Merged as commit {sequence}.")


@click.command()
@click.argument("organization", metavar="ID")
@click.argument("records", nargs=-1, required=True, metavar="RECORD…")
@shared.message
@shared.wait
@click.pass_obj
def split(
    settings: Settings, organization: str, records: tuple[str, ...], message: str, wait_s: float
) -> None:
    """Let RECORDs (DATASET/KEY, or IRIs) leave organisation ID for one of their own.

    What was merged goes back to the id that it had; else the new organisation gets an id that
    was never used. “merge” takes a split back.
    """
    names = [(dataset, shared.quoted_key(key)) for dataset, key in map(shared.record_of, records)]
    with shared.publisher(settings, shared.sound_standard(settings), wait_s) as publisher:
        sequence, target = publisher.split(shared.organization_of(organization), names, message)
    click.echo(f"Split as commit {sequence}: the records are about {target} now.")


@click.command()
@shared.wait
@shared.as_json
@click.pass_obj
def rebuild(settings: Settings, wait_s: float, as_json: bool) -> None:
    """Make store and snapshot again from the journal."""
    shared.journal(settings).close()
    with shared.publisher(settings, shared.sound_standard(settings), wait_s) as publisher:
        sequence = publisher.rebuild()
    click.echo(
        json.dumps({"sequence": sequence}) if as_json else f"Rebuilt; commit {sequence} is served."
    )


def dataset_folder(name: str) -> Path:
    """The folder of a dataset, by short name or by path. Raises UsageError."""
    for folder in (Path(name), resources.DATA / name):
        if (folder / FILE_NAME).is_file():
            return folder
    known = sorted(path.parent.name for path in resources.DATA.glob(f"*/{FILE_NAME}"))
    raise UsageError(
        f"There is no dataset “{name}”: no {FILE_NAME} in a folder of that name. Bundled are "
        f"{', '.join(known)}."
    )


def print_report(report: LoadReport, options: LoadOptions) -> None:
    """A load's outcome for a person."""
    console = shared.console()
    names = [name for name in vars(TableCounts()) if name not in ("file", "sheet")]
    table = Table("table", *names, box=box.SIMPLE, padding=(0, 1))
    for name in names:
        table.columns[names.index(name) + 1].justify = "right"
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{getattr(counts, column):,}" for column in names))
        if counts.file:
            sheet = f", sheet “{counts.sheet}”" if counts.sheet else ""
            console.print(f"{name}: {counts.file}{sheet}", markup=False, highlight=False)
    console.print(table)
    for note in report.notes:
        console.print(note, markup=False)
    print_groups(console, (group for group in report.groups if group.severity != "hint"))
    console.print(_conclusion(report, options), markup=False)


def _conclusion(report: LoadReport, options: LoadOptions) -> str:
    if options.is_dry_run:
        return f"{report.dataset}: dry run, nothing published ({report.seconds:.1f} s)."
    if not report.is_new_commit:
        return (
            f"{report.dataset}: nothing changed since commit {report.sequence}; nothing "
            f"committed ({report.seconds:.1f} s)."
        )
    return f"{report.dataset}: published as commit {report.sequence} ({report.seconds:.1f} s)."
