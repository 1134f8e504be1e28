"""``coopgraph template``: a template of the standard, to the terminal or into a file.

In: the name of an entity type, a format, a language. Out: the bytes of that template.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from coopgraph.errors import UsageError
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.columns import find_template, templates
from coopgraph.standard.csvw import csvw_group
from coopgraph.standard.derived import json_text, template_json
from coopgraph.standard.folders import standard_of
from coopgraph.standard.table_schema import data_package
from coopgraph.standard.templates import csv_template
from coopgraph.standard.wording import LANGUAGES
from coopgraph.standard.workbook import workbook

ALL = "all"
_EXTENSIONS = {"table-schema": "schema.json", "csvw": "csv-metadata.json"}


@click.command()
@click.argument("name", default=ALL)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx", *_EXTENSIONS]),
    help="By default csv for one, xlsx for all.",
)
@click.option("--hxl", is_flag=True, help="Add a row of HXL hashtags (csv, xlsx).")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of notes."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; by default standard output.",
)
@click.pass_obj
def template(
    settings: Settings, name: str, form: str | None, hxl: bool, language: str, output: Path | None
) -> None:
    """Give a template to fill in: of NAME, like organization or site, or of all."""
    chosen = form or ("xlsx" if name == ALL else "csv")
    body = _body(standard_of(settings), name, chosen, language, hxl=hxl)
    if output is not None:
        output.write_bytes(body)
    elif chosen == "xlsx" and sys.stdout.isatty():
        raise UsageError("A workbook is no text; name a file, like -o coopgraph.xlsx.")
    else:
        sys.stdout.buffer.write(body)


def _body(standard: Standard, name: str, form: str, language: str, *, hxl: bool) -> bytes:
    known = templates(standard)
    wanted = known if name == ALL else (find_template(known, name),)
    if form == "xlsx":
        return workbook(standard, wanted, language=language, hxl=hxl)
    if name != ALL and form == "csv":
        return csv_template(wanted[0], hxl=hxl).encode()
    if name != ALL:
        return template_json(standard, wanted[0], _EXTENSIONS[form], language).encode()
    if form == "csv":
        names = ", ".join(item.slug for item in known)
        raise UsageError(f"A CSV file holds one table; name one of {names}.")
    make = data_package if form == "table-schema" else csvw_group
    return json_text(make(standard, language)).encode()
