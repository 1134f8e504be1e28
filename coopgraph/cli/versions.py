"""``coopgraph standard release`` and ``standard diff``: versions of the standard.

In: names of versions, and for ``--data`` the journal of a state folder. Out: a release file; the
changes between two versions, the number they call for, and the published records they break.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress as Bar

from coopgraph.cli import shared
from coopgraph.journal import Journal
from coopgraph.publish.impact import Impact, impact
from coopgraph.publish.pipeline import no_progress
from coopgraph.publish.staging import Progress
from coopgraph.settings import Settings
from coopgraph.standard.folders import folders_of, standard_of
from coopgraph.standard.releases import FOLDER, read_version
from coopgraph.standard.versioning import Comparison, compare, release


@click.command("release")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where released versions are; by default releases/ in the standard's ontology/.",
)
@click.pass_obj
def standard_release(settings: Settings, folder: Path | None) -> None:
    """Freeze the standard as the version that its owl:versionInfo says it is."""
    read = standard_of(settings)
    path = release(read, folder or folders_of(settings).ontology / FOLDER)
    text = "is released already, just as it is" if path is None else f"is released as {path.name}"
    click.echo(f"The standard {read.version} {text}.")


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--data", "with_data", is_flag=True, help="Count published records that it breaks.")
@click.option("--check", "is_check", is_flag=True, help="Exit 1 if B's number is too low.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def standard_diff(
    settings: Settings, old: str, new: str, with_data: bool, is_check: bool, as_json: bool
) -> None:
    """Classify every change from version A of the standard to version B.

    A version is a released number like 1.0.0, “working” for the standard as it is now, a release
    file, or a folder that holds ontology/ and shapes/.
    """
    journal = shared.journal(settings) if with_data else None
    folders = folders_of(settings)
    before, after = (read_version(name, folders.ontology, folders.shapes) for name in (old, new))
    comparison = compare(before, after)
    found = _impact(journal, comparison, is_quiet=as_json) if journal else None
    if as_json:
        data = {"data": found.as_json()} if found else {}
        click.echo(json.dumps({**comparison.as_json(), **data}, indent=1, ensure_ascii=False))
    else:
        for line in (*comparison.lines(), *(found.lines() if found else ())):
            click.echo(line)
    if is_check and not comparison.is_high_enough:
        sys.exit(1)


def _impact(journal: Journal, comparison: Comparison, *, is_quiet: bool) -> Impact:
    """What the comparison means for the published records."""
    total = sum(sum(journal.counts(slug).values()) for slug in journal.datasets())
    old, new = comparison.old, comparison.new
    try:
        with _bar(total, is_quiet=is_quiet) as progress:
            return impact(journal, old, new, comparison.changes, progress)
    finally:
        journal.close()


@contextmanager
def _bar(total: int, *, is_quiet: bool) -> Iterator[Progress]:
    """A bar where a person watches."""
    console = Console(stderr=True)
    if is_quiet or not console.is_terminal:
        yield no_progress
        return
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("records", total=total)
        yield lambda what, rows: bar.advance(task, rows)
