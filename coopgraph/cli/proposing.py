"""``coopgraph propose``: how a file that does not follow the template may be mapped.

In: a file. Out: a dataset descriptor to look at, correct and load, to the terminal or into a file.
"""

from __future__ import annotations

from pathlib import Path

import click

from coopgraph.errors import UsageError
from coopgraph.settings import Settings
from coopgraph.standard.folders import standard_of
from coopgraph.tables.proposals import open_source
from coopgraph.tables.proposals import propose as proposal_of
from coopgraph.tables.reading import Layout
from coopgraph.tables.values import is_language_tag


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sheet", default="", help="The sheet of a workbook, or the list of a JSON file.")
@click.option(
    "--language",
    default="und",
    show_default=True,
    metavar="TAG",
    help="Of the file's texts, as a BCP 47 tag like en or pt-BR.",
)
@click.option(
    "--write-mapping",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, like dataset.yaml; by default standard output.",
)
@click.pass_obj
def propose(settings: Settings, file: Path, sheet: str, language: str, target: Path | None) -> None:
    """Propose how the columns of FILE may be mapped, each with its reason.

    What comes out is a dataset descriptor, to be corrected: save it as dataset.yaml beside the
    file and load that folder.
    """
    if not is_language_tag(language):
        raise UsageError(f"“{language}” is no BCP 47 tag; write one like en or pt-BR.")
    if target is not None and target.exists():
        raise UsageError(f"{target} is there already; name another file, or move it away.")
    found = proposal_of(open_source(file, Layout(sheet)), standard_of(settings), language)
    if target is None:
        click.echo(found.text, nl=False)
        return
    target.write_text(found.text, encoding="utf-8")
    click.echo(
        f"{target}: {len(found.feeds):,} columns are mapped, {len(found.unmapped):,} are not. "
        "Look at each line before you load it."
    )
