"""``describe``, ``query``, ``datasets``, ``status`` and ``validate``: what only looks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from coopgraph import resources
from coopgraph.cli import shared
from coopgraph.errors import UnknownThing
from coopgraph.query import run_text
from coopgraph.settings import Settings
from coopgraph.standard.folders import standard_of
from coopgraph.store import Layout, Snapshots, current_sequence
from coopgraph.validation import Violation
from coopgraph.validation.checking import check_file
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
    click.echo(render(settings, Snapshots(settings.home).current(), thing, extension), nl=False)


@click.command()
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
    text = sys.stdin.read() if source == "-" else _query_text(source)
    values = dict(item.split("=", 1) for item in parameters if "=" in item)
    snapshot = Snapshots(settings.home).current()
    sys.stdout.buffer.write(run_text(snapshot, text, extension, settings, values))


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


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shared.as_json
@click.pass_obj
def validate(settings: Settings, file: Path, as_json: bool) -> None:
    """Check an RDF file against the shapes; nothing is inferred or stored."""
    violations = check_file(file, standard_of(settings))
    if as_json:
        click.echo(json.dumps([_as_dict(v) for v in violations], indent=1))
    else:
        for item in map(_as_dict, violations):
            click.echo(f"{item['focus']} {item['path']}: {item['message']} ({item['value']})")
        click.echo(f"{len(violations):,} violations.")
    sys.exit(1 if violations else 0)


def _as_dict(violation: Violation) -> dict[str, str]:
    """A violation for JSON or a line."""
    return {
        "focus": str(violation.focus),
        "path": violation.path or "",
        "value": "" if violation.value is None else str(violation.value),
        "message": violation.message,
        "shape": str(violation.shape),
    }


def _query_text(source: str) -> str:
    path = Path(source)
    if not path.is_file():
        path = resources.QUERIES / f"{source}.rq"
    if not path.is_file():
        raise UnknownThing(f"There is no stored query or file “{source}”.")
    return path.read_text(encoding="utf-8")
