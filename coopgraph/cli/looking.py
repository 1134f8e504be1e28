"""Commands that only look: at things, datasets and their quarantines, and queries."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
from rich.table import Table

from coopgraph import resources
from coopgraph.cli import shared
from coopgraph.errors import JournalUnavailable, UnknownThing, UsageError
from coopgraph.folding import one_line
from coopgraph.history import LastListed, last_listed
from coopgraph.iris import is_organization_id
from coopgraph.journal import QuarantinedRow, ask
from coopgraph.namespaces import organization_iri
from coopgraph.query import Parameter, read_queries, run_text
from coopgraph.settings import Settings
from coopgraph.store import Layout, Snapshot, Snapshots, current_sequence
from coopgraph.web.documents import render


@click.command()
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
    snapshot = Snapshots(settings.home).current()
    try:
        text = render(settings, snapshot, thing, extension)
    except UnknownThing as error:
        raise _unlisted(settings, snapshot, thing) or error from None
    click.echo(text, nl=False)


def _unlisted(settings: Settings, snapshot: Snapshot, thing: str) -> UnknownThing | None:
    """What to say of an organisation that no source lists any more; None where it is none, or the
    journal cannot tell.
    """
    name = shared.organization_of(thing)
    if not is_organization_id(name):  # of what is none, no IRI may be possible
        return None
    if thing not in (name, organization_iri(snapshot.base, name).value):
        return None
    hidden = [slug for slug, is_in in snapshot.manifest.merged.items() if not is_in]
    try:
        found = ask(
            Layout(settings.home).journal,
            lambda lookups: last_listed(lookups, name, snapshot.sequence, hidden),
            settings.base,
        )
    except JournalUnavailable:
        return None
    return UnknownThing(_last_words(found)) if found and found.departures else None


def _last_words(found: LastListed) -> str:
    """When it was last listed and by whom, in a line for each record."""
    lines = [f"No source lists {found.name or 'it'} ({found.organization}) any more."]
    lines += [
        f"{left.dataset} listed it as {unquote(left.key)} until commit {left.listed.sequence}, "
        f"{left.listed.at}, and no more in commit {left.gone.sequence}, {left.gone.at}."
        for left in found.departures
    ]
    lines.append(f"What changed: coopgraph history {found.organization}")
    return "\n".join(map(one_line, lines))


@click.command()
@click.argument("source", metavar="[NAME|FILE|-]", default="")
@click.option(
    "--format",
    "extension",
    default="csv",
    show_default=True,
    help="csv, tsv, json, xml, geojson; for graphs ttl, nt, jsonld, rdf.",
)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for a parameter of the query; may be given several times.",
)
@click.pass_obj
def query(settings: Settings, source: str, extension: str, parameters: tuple[str, ...]) -> None:
    """Run a stored query, a file, or a query from standard input.

    Without any of them, list the stored queries with their parameters.
    """
    if not source:
        click.echo(_listed(), nl=False)
        return
    text = sys.stdin.read() if source == "-" else _query_text(source)
    values = dict(map(_value, parameters))
    snapshot = Snapshots(settings.home).current()
    name = "given" if source == "-" else Path(source).stem
    sys.stdout.buffer.write(run_text(snapshot, text, extension, settings, values, name))


def _value(text: str) -> tuple[str, str]:
    """The name and the value of a ``--param``. Raises UsageError."""
    name, mark, value = text.partition("=")
    if not (name and mark):
        raise UsageError(f"--param takes NAME=VALUE, such as region=US-MA, not “{text}”.")
    return name, value


def _listed() -> str:
    """Every stored query by subject: its name, its question, its parameters."""
    known = sorted(read_queries(resources.QUERIES).values(), key=lambda item: item.subject)
    lines = []
    for subject, queries in groupby(known, key=lambda item: item.subject):
        lines.append(f"{subject.capitalize()}\n")
        for found in queries:
            lines.append(f"  {found.name}\n    {found.question}\n")
            lines += [f"    --param {_asked(parameter)}\n" for parameter in found.parameters]
    return "".join(lines)


def _asked(parameter: Parameter) -> str:
    """A parameter as it is given, with brackets where it need not be."""
    given = f"{parameter.name}={parameter.default or parameter.example}"
    return given if parameter.is_required else f"[{given}]"


@click.command()
@shared.as_json
@click.pass_obj
def datasets(settings: Settings, as_json: bool) -> None:
    """List what is published."""
    journal = shared.journal(settings)
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
    shared.console().print(table)


@click.command()
@click.argument("dataset")
@shared.as_json
@click.pass_obj
def quarantine(settings: Settings, dataset: str, as_json: bool) -> None:
    """List the rows of DATASET that its last load did not publish, with what is wrong.

    They are published by the next load in which they are mended.
    """
    with closing(shared.journal(settings)) as journal:
        if dataset not in journal.datasets():
            raise UnknownThing(f"No dataset “{dataset}” is published.")
        rows = journal.quarantined(dataset)
    if as_json:
        click.echo(json.dumps([_quarantined(row) for row in rows], ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row.table}, row {row.row:,}, key {unquote(row.key)}")
        for found in row.findings:
            place = f"{found['column']}: " if found["column"] else ""
            click.echo(f"    {found['severity']}: {place}{found['message']}")
    click.echo(f"{dataset}: {len(rows):,} rows are not published.")


def _quarantined(row: QuarantinedRow) -> dict[str, Any]:
    cells = dict(zip(row.columns, row.cells, strict=False))
    return {
        "table": row.table,
        "row": row.row,
        "key": unquote(row.key),
        "cells": {name: cell for name, cell in cells.items() if name and cell},
        "findings": list(row.findings),
    }


@click.command()
@shared.as_json
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say which commit is the last, and which is served."""
    journal = shared.journal(settings)
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


def _query_text(source: str) -> str:
    path = Path(source)
    if path.is_file():
        return path.read_text(encoding="utf-8")
    known = {found.stem: found for found in resources.QUERIES.glob("*.rq")}
    if source not in known:
        near = get_close_matches(source, known, 3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownThing(f"There is no stored query or file “{source}”.{hint}")
    return known[source].read_text(encoding="utf-8")
