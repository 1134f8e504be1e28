"""``standard``: the vocabulary, its shapes, and what is derived from them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from coopgraph.cli.versions import standard_diff, standard_release
from coopgraph.errors import ShapeError
from coopgraph.settings import Settings
from coopgraph.standard import read_standard
from coopgraph.standard.derived import leftover_files, stale_files, write_derived_files
from coopgraph.standard.folders import Folders, folders_of
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
    try:
        found = [str(problem) for problem in problems(folders)] or _not_up_to_date(folders)
    except ShapeError as error:  # a rule or a list of releases that cannot be read
        found = [str(error)]
    for text in found:
        click.echo(text)
    if found:
        sys.exit(1)
    version = read_standard(folders.ontology, folders.shapes).version
    rules = len(list(folders.rules.glob("*.rq")))
    click.echo(f"The standard {version} is clean: {rules} rules, no offender.")


def _not_up_to_date(folders: Folders) -> list[str]:
    """What is derived or released, and is not as the standard would have it."""
    read = read_standard(folders.ontology, folders.shapes)
    stale = stale_files(read, folders.ontology)
    leftover = leftover_files(read, folders.ontology)
    return [
        *(
            f"{p.name} is not what the standard gives; run “coopgraph standard build”."
            for p in stale
        ),
        *(_leftover(path) for path in leftover),
        *(f"releases: {text}." for text in problems_with(read, folders.ontology / RELEASES)),
    ]


def _leftover(path: Path) -> str:
    return f"{path.name} is left over: the standard gives no such file; remove it."


@standard.command("build")
@click.pass_obj
def standard_build(settings: Settings) -> None:
    """Write the files that are derived from the standard; none is removed."""
    folders = folders_of(settings)
    read = read_standard(folders.ontology, folders.shapes)
    for path in write_derived_files(read, folders.ontology):
        click.echo(f"wrote {path.relative_to(folders.ontology)}")
    for path in leftover_files(read, folders.ontology):
        click.echo(_leftover(path))


standard.add_command(standard_diff)
standard.add_command(standard_release)
