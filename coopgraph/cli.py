"""The command line: thin commands over ``publish``, ``store``, ``query`` and ``entity``.

Exit codes: 0 done (rows may be quarantined; the counts say so), 1 does not conform, 2 used
wrongly, 3 failed.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from coopgraph import __version__, resources
from coopgraph.errors import CoopgraphError, Locked, NotPublished, UnknownThing, UsageError
from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, LoadReport, Publisher, TableCounts, reasons
from coopgraph.settings import Settings, checked, from_environment
from coopgraph.standard import Standard, read_standard
from coopgraph.store import Layout, Snapshots, current_sequence
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor

# Published by the first `serve`, in this order.
BUNDLED = ("world-directory", "us-directory")
_BUNDLED_MESSAGE = "first start: bundled data"
_FIRST_WAIT_S = 600.0

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_wait = click.option(
    "--wait",
    "wait_s",
    default=0.0,
    metavar="SECONDS",
    help="How long to wait while another process publishes.",
)


class _Group(click.Group):
    """Turns coopgraph's errors into one clear line and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CoopgraphError as error:
            click.echo(f"coopgraph: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            raise
        except (OSError, sqlite3.Error) as error:  # a full disk, a folder that may not be written
            click.echo(f"coopgraph: {error}", err=True)
            ctx.exit(CoopgraphError.exit_code)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="coopgraph")
@click.option("--home", type=click.Path(path_type=Path), help="State folder (COOPGRAPH_HOME).")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """The open knowledge graph of the co-operative economy."""
    settings = from_environment(os.environ)
    ctx.obj = replace(settings, home=home) if home else settings


# Publishing ---------------------------------------------------------------------------------


@main.command()
@click.argument("datasets", nargs=-1, required=True, metavar="DATASET…")
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
@click.option("--message", default="", help="Why, for the log.")
@_wait
@_as_json
@click.pass_obj
def load(
    settings: Settings,
    datasets: tuple[str, ...],
    folder: Path | None,
    edition: str | None,
    dry_run: bool,
    strict: bool,
    allow_removals: bool,
    message: str,
    wait_s: float,
    as_json: bool,
) -> None:
    """Publish datasets, named by short name (ncua) or by folder."""
    standard = _standard()
    options = LoadOptions(edition, dry_run, strict, allow_removals, message)
    descriptors = [read_descriptor(dataset_folder(name), standard) for name in datasets]
    reports = []
    for descriptor in descriptors:
        with _publisher(settings, standard, wait_s, is_quiet=as_json) as publisher:
            report = publisher.load(descriptor, folder or descriptor.folder, options)
        reports.append(report.as_json())
        if not as_json:
            print_report(report, options)
    if as_json:
        click.echo(json.dumps(reports[0] if len(reports) == 1 else reports, indent=1))


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--message", default="", help="Why, for the log.")
@_wait
@click.pass_obj
def merge(settings: Settings, old: str, new: str, message: str, wait_s: float) -> None:
    """Say that organisation OLD is NEW (ids or IRIs); OLD redirects from then on."""
    with _publisher(settings, _standard(), wait_s) as publisher:
        sequence = publisher.merge(_id(old), _id(new), message)
    click.echo(f"Merged as commit {sequence}.")


@main.command()
@_wait
@click.pass_obj
def rebuild(settings: Settings, wait_s: float) -> None:
    """Make store and snapshot again from the journal."""
    _journal(settings).close()
    with _publisher(settings, _standard(), wait_s) as publisher:
        sequence = publisher.rebuild()
    click.echo(f"Rebuilt; commit {sequence} is served.")


# Serving and looking ------------------------------------------------------------------------


@main.command()
@click.option("--host", help="Address to listen on (COOPGRAPH_HOST).")
@click.option("--port", type=int, help="Port to listen on (COOPGRAPH_PORT).")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the graph; publish the bundled data first if there is none."""
    settings = checked(
        replace(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
        )
    )
    from coopgraph.web.serve import check_address
    from coopgraph.web.serve import serve as run

    check_address(settings)
    prepare(settings)
    click.echo(f"coopgraph {__version__} serves {settings.home} — open {settings.public_url}/")
    run(settings)


def prepare(settings: Settings) -> None:
    """Have something to serve: mend what a crash left, or publish the bundled data."""
    standard = _standard()
    served = current_sequence(Layout(settings.home))
    with _publisher(settings, standard, wait_s=0 if served else _FIRST_WAIT_S) as publisher:
        try:
            publisher.recover()
        except Locked:
            if not served:
                raise
            click.echo(f"A load is under way; serving commit {served} meanwhile.")
            return
        missing = _bundled_to_publish(settings)
        if missing:
            click.echo(f"Publishing the bundled data into {settings.home}.")
        for name in missing:
            descriptor = read_descriptor(resources.DATA / name, standard)
            options = LoadOptions(message=_BUNDLED_MESSAGE)
            report = publisher.load(descriptor, descriptor.folder, options)
            click.echo(f"  {report.dataset}: {report.total('published'):,} organisations")


def _bundled_to_publish(settings: Settings) -> list[str]:
    """All of the bundled data for an empty state folder, the rest where that was cut short."""
    if not Layout(settings.home).journal.exists():
        return list(BUNDLED)
    journal = _journal(settings)
    commits, held = journal.commits(), journal.datasets()
    journal.close()
    if any(commit.message != _BUNDLED_MESSAGE for commit in commits):
        return []
    return [name for name in BUNDLED if name not in held]


@main.command()
@click.argument("thing")
@click.option(
    "--format",
    "extension",
    default="ttl",
    show_default=True,
    type=click.Choice(["ttl", "jsonld", "nt", "nq", "trig", "rdf"]),
)
@click.pass_obj
def describe(settings: Settings, thing: str, extension: str) -> None:
    """Print what is known about an organisation (id or IRI) or another IRI."""
    from coopgraph.web.documents import render

    click.echo(render(settings, Snapshots(settings.home).current(), thing, extension), nl=False)


@main.command()
@click.argument("source", metavar="NAME|FILE|-")
@click.option(
    "--format",
    "extension",
    default="csv",
    show_default=True,
    help="csv, tsv, json, xml; for graphs ttl, nt, jsonld, rdf.",
)
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE")
@click.pass_obj
def query(settings: Settings, source: str, extension: str, parameters: tuple[str, ...]) -> None:
    """Run a stored query, a file, or a query from standard input."""
    from coopgraph.query import run_text

    text = sys.stdin.read() if source == "-" else _query_text(source)
    values = dict(item.split("=", 1) for item in parameters if "=" in item)
    snapshot = Snapshots(settings.home).current()
    sys.stdout.buffer.write(run_text(snapshot, text, extension, settings, values))


@main.command()
@_as_json
@click.pass_obj
def datasets(settings: Settings, as_json: bool) -> None:
    """List what is published."""
    journal = _journal(settings)
    rows: list[dict[str, Any]] = []
    for slug in journal.datasets():
        last = journal.last_load(slug)
        counts = journal.counts(slug)
        rows.append(
            {
                "dataset": slug,
                "edition": last.edition if last else "",
                "loaded": last.at if last else "",
                "records": counts,
                "quarantined": len(journal.quarantined(slug)),
            }
        )
    journal.close()
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    table = Table("dataset", "edition", "loaded", "records", "quarantined")
    for row in rows:
        records = ", ".join(f"{count:,} {name}" for name, count in row["records"].items())
        table.add_row(
            row["dataset"], row["edition"], row["loaded"], records, f"{row['quarantined']:,}"
        )
    _console().print(table)


@main.command()
@_as_json
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say which commit is the last, and which is served."""
    journal = _journal(settings)
    commits = journal.commits()
    journal.close()
    served = current_sequence(Layout(settings.home))
    last = commits[-1] if commits else None
    content = {
        "home": str(settings.home),
        "base": settings.base,
        "committed": last.sequence if last else 0,
        "served": served,
        "last": {"at": last.at, "action": last.action, "dataset": last.dataset} if last else None,
    }
    if as_json:
        click.echo(json.dumps(content, indent=1))
        return
    click.echo(f"state folder  {content['home']}")
    click.echo(f"names under   {content['base']}")
    click.echo(f"committed     {content['committed']}")
    click.echo(f"served        {content['served']}")
    if last and served < last.sequence:
        click.echo("The snapshot is behind; “coopgraph serve” or “rebuild” brings it up.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_as_json
def validate(file: Path, as_json: bool) -> None:
    """Check an RDF file against the shapes; nothing is inferred or stored."""
    from coopgraph.validation.checking import check_file

    violations = check_file(file, _standard())
    if as_json:
        click.echo(json.dumps([vars_of(v) for v in violations], indent=1))
    else:
        for item in map(vars_of, violations):
            click.echo(f"{item['focus']} {item['path']}: {item['message']} ({item['value']})")
        click.echo(f"{len(violations):,} violations.")
    sys.exit(1 if violations else 0)


@main.group()
def standard() -> None:
    """The vocabulary, its shapes, and what is derived from them."""


@standard.command("check")
def standard_check() -> None:
    """Run the hygiene rules, and see that derived files are up to date."""
    from coopgraph.standard.hygiene import offenders, stale_files

    read = _standard()
    found = offenders(read, resources.ONTOLOGY / "hygiene")
    for rule, names in found.items():
        for name in names:
            click.echo(f"{rule}: {name}")
    stale = stale_files(read, resources.ONTOLOGY)
    for path in stale:
        click.echo(f"{path.name} is not what the standard gives; run “coopgraph standard build”.")
    if stale or any(found.values()):
        sys.exit(1)
    click.echo(f"The standard {read.version} is clean: {len(found)} rules, no offender.")


@standard.command("build")
def standard_build() -> None:
    """Write the files that are derived from the standard."""
    from coopgraph.standard.hygiene import derived_files

    for path, text in derived_files(_standard(), resources.ONTOLOGY).items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path.name}")


# What the commands share --------------------------------------------------------------------


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
    console = _console()
    names = [name for name in vars(TableCounts()) if name != "file"]
    table = Table("table", *names, box=box.SIMPLE, padding=(0, 1))
    for name in names:
        table.columns[names.index(name) + 1].justify = "right"
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{getattr(counts, column):,}" for column in names))
        if counts.file:
            console.print(f"{name}: {counts.file}", markup=False, highlight=False)
    console.print(table)
    for note in report.notes:
        console.print(note, markup=False)
    for name, reason, count, row in reasons(report.quarantined)[:20]:
        rows = "1 row" if count == 1 else f"{count:,} rows"
        console.print(f"  {name}: {rows} quarantined, e.g. row {row}: {reason}", markup=False)
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


def vars_of(violation: Any) -> dict[str, str]:
    """A violation for JSON or a line."""
    return {
        "focus": str(violation.focus),
        "path": violation.path or "",
        "value": "" if violation.value is None else str(violation.value),
        "message": violation.messages[0].value if violation.messages else "",
        "shape": str(violation.shape),
    }


def _console() -> Console:
    """The terminal, or as wide as a line needs where the output goes elsewhere."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


def _standard() -> Standard:
    return read_standard(resources.ONTOLOGY, resources.SHAPES)


def _journal(settings: Settings) -> Journal:
    path = Layout(settings.home).journal
    if not path.is_file():
        raise NotPublished(f"Nothing is published in {settings.home}; “coopgraph load” publishes.")
    return Journal.open(path)


def _id(name: str) -> str:
    """The id in an organisation's IRI or page address."""
    return name.rstrip("/").rpartition("/")[2]


def _query_text(source: str) -> str:
    path = Path(source)
    if not path.is_file():
        path = resources.QUERIES / f"{source}.rq"
    if not path.is_file():
        raise UnknownThing(f"There is no stored query or file “{source}”.")
    return path.read_text(encoding="utf-8")


@contextmanager
def _publisher(
    settings: Settings, standard: Standard, wait_s: float, *, is_quiet: bool = False
) -> Iterator[Publisher]:
    """A publisher that shows its progress where a person watches."""
    console = Console(stderr=True)
    if is_quiet or not console.is_terminal:
        yield Publisher(settings, standard, wait_s=wait_s)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def advance(what: str, rows: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.advance(tasks[what], rows)

        yield Publisher(settings, standard, wait_s=wait_s, progress=advance)
