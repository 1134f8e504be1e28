"""``backup``, ``restore`` and ``doctor``: what keeps a state folder well."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from coopgraph.cli import shared
from coopgraph.errors import CoopgraphError
from coopgraph.settings import Settings
from coopgraph.upkeep import Doctor, Examination, Restoring, back_up, backup_name


@click.command()
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of a FILE that is there.")
@shared.as_json
@click.pass_obj
def backup(settings: Settings, target: Path, replace: bool, as_json: bool) -> None:
    """Copy the journal to FILE, or into FOLDER under the name of the moment.

    The copy is one file, verified; all else is made from it. Others may serve and publish
    meanwhile. “restore” takes it back.
    """
    if target.is_dir():
        target /= backup_name(datetime.now(UTC))
    made = back_up(settings.home, target, may_replace=replace)
    if as_json:
        content = {
            "file": str(made.file),
            "commits": made.commits,
            "bytes": made.size_bytes,
            "sha256": made.sha256,
        }
        click.echo(json.dumps(content, indent=1))
        return
    click.echo(f"Backed up to {made.file}")
    click.echo(f"commits  {made.commits:,}\nbytes    {made.size_bytes:,}\nSHA-256  {made.sha256}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Put it in the place of a journal, which is kept beside."
)
@shared.wait
@shared.as_json
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool, wait_s: float, as_json: bool) -> None:
    """Take the backup FILE for the journal, and publish it; it is verified first.

    A server goes on with what it shows until that is done.
    """
    restoring = Restoring(settings.home, settings.base, datetime.now(UTC), replace, shared.warn)
    with shared.publisher(settings, shared.sound_standard(settings), wait_s) as publisher:
        restored = restoring.run(file, publisher)
    if as_json:
        kept = str(restored.kept) if restored.kept else None
        click.echo(json.dumps({"sequence": restored.sequence, "kept": kept}, indent=1))
        return
    click.echo(f"Restored; commit {restored.sequence} is served.")


@click.command()
@click.option("--quick", is_flag=True, help="Leave out what reads everything: hashes and quads.")
@shared.as_json
@click.pass_context
def doctor(ctx: click.Context, quick: bool, as_json: bool) -> None:
    """Say what is wrong with the state folder, and the command that mends it.

    Nothing is changed, and nobody is kept from serving or publishing.

    Exit codes: 0 all is well, 1 something is wrong, 2 used wrongly, 3 not everything could be
    looked at.
    """
    settings: Settings = ctx.obj
    standard = shared.sound_standard(settings)
    with shared.progress(is_quiet=as_json, unit="quads") as progress:
        found = Doctor(
            settings.home, settings.base, standard, is_quick=quick, progress=progress
        ).examine()
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(found)
    if found.findings or found.not_looked_at:
        ctx.exit(1 if found.findings else CoopgraphError.exit_code)


def _print(found: Examination) -> None:
    """What a doctor found, for a person."""
    for finding in found.findings:
        click.echo(f"{finding.about}: {finding.message}")
        if finding.command:
            click.echo(f"    {finding.command}")
    for text in found.not_looked_at:
        click.echo(f"not looked at: {text}")
    click.echo(f"looked at: {', '.join(found.looked_at)}")
    if found.findings:
        click.echo(f"{len(found.findings)} wrong in {found.home}.")
    elif not found.not_looked_at:
        click.echo(f"All is well in {found.home}; commit {found.sequence} is served.")
