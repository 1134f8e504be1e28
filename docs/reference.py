"""Writes the reference pages that are derived from the code: ``make docs``.

``docs/cli.md`` comes from the commands' own help, ``docs/settings.md`` from the settings class,
``docs/fields.md`` from the shapes.
``tests/test_docs.py`` fails when a page is not what this gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from coopgraph.cli import main
from coopgraph.settings import PREFIX, Settings
from coopgraph.standard import Standard
from coopgraph.standard.columns import templates
from coopgraph.standard.folders import standard_of
from coopgraph.standard.table_schema import describe
from coopgraph.standard.wording import best

HERE = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Each derived page and its text."""
    return {
        HERE / "cli.md": cli_page(),
        HERE / "settings.md": settings_page(),
        HERE / "fields.md": fields_page(standard_of(Settings())),
    }


def cli_page() -> str:
    """The help of every command."""
    parts = [
        "# Command line\n",
        "Exit codes: 0 done (rows may be quarantined; the counts say so), 1 does not conform, "
        "2 used wrongly, 3 failed.\n",
    ]
    for name, command in sorted(_commands("coopgraph", main)):
        context = click.Context(command, info_name=name, terminal_width=90, max_content_width=90)
        parts.append(f"## {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def settings_page() -> str:
    """Every setting, its default and its sentence."""
    rows = []
    for item in fields(Settings):
        default = f"`{item.default}`" if item.default != "" else ""
        rows.append(f"| `{PREFIX}{item.name.upper()}` | {default} | {item.metadata['help']} |")
    head = "# Settings\n\nEnvironment variables, read once when a command starts.\n\n"
    return head + "| variable | default | what |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def fields_page(standard: Standard) -> str:
    """Every table that can be filled in, and its columns."""
    parts = [
        "# Fields\n",
        "The tables of the standard and their columns, as `coopgraph template` gives them; "
        "**bold** columns are required. [Templates](templates.md) says how to fill them in.\n",
    ]
    for item in templates(standard):
        keys = ", ".join(f"`{name}`" for name in item.key)
        parts.append(f"## {item.title('en')}\n")
        parts.append(
            f"{item.description('en')} File `{item.slug}.csv`; a row is named by {keys}.\n"
        )
        parts.append("| column | what | example |\n|---|---|---|")
        for column in item.columns:
            name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
            what = f"{best(column.labels, 'en')}. {describe(column, 'en')}"
            parts.append(f"| {name} | {_cell(what)} | {_cell(column.example)} |")
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner is not None
            yield from _commands(f"{name} {below}", inner)


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")
