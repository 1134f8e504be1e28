"""``standard``: the vocabulary, its shapes, and what is derived from them."""

from __future__ import annotations

import sys

import click

from coopgraph.cli.versions import standard_diff, standard_release
from coopgraph.settings import Settings
from coopgraph.standard import read_standard
from coopgraph.standard.derived import leftover_files, stale_files, write_derived_files
from coopgraph.standard.folders import folders_of
from coopgraph.standard.problems import problems
from coopgraph.standard.releases import FOLDER as RELEASES
from coopgraph.standard.versioning import problems_with


@click.group()
def standard() -> None:
    """The vocabulary, its shapes, and what is derived from them."""


@standard.command("check")
@click.pass_obj
def standard_check(settings: Settings) -> None:
    """See that the standard is sound, and that what is derived from it is up to date."""
    folders = folders_of(settings)
    found = problems(folders)
    for problem in found:
        click.echo(str(problem))
    if found:
        sys.exit(1)
    read = read_standard(folders.ontology, folders.shapes)
    stale = stale_files(read, folders.ontology)
    for path in stale:
        click.echo(f"{path.name} is not what the standard gives; run “coopgraph standard build”.")
    leftover = leftover_files(read, folders.ontology)
    for path in leftover:
        click.echo(f"{path.name} is left over: the standard gives no such file; remove it.")
    releases = problems_with(read, folders.ontology / RELEASES)
    for text in releases:
        click.echo(f"releases: {text}.")
    if stale or leftover or releases:
        sys.exit(1)
    rules = len(list(folders.rules.glob("*.rq")))
    click.echo(f"The standard {read.version} is clean: {rules} rules, no offender.")


@standard.command("build")
@click.pass_obj
def standard_build(settings: Settings) -> None:
    """Write the files that are derived from the standard; none is removed."""
    folders = folders_of(settings)
    read = read_standard(folders.ontology, folders.shapes)
    for path in write_derived_files(read, folders.ontology):
        click.echo(f"wrote {path.relative_to(folders.ontology)}")
    for path in leftover_files(read, folders.ontology):
        click.echo(f"{path.name} is left over: the standard gives no such file; remove it.")


standard.add_command(standard_diff)
standard.add_command(standard_release)
