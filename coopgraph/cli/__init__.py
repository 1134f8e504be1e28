"""The command line: thin commands over the rooms below.

Exit codes: 0 done (rows may be quarantined; the counts say so), 1 does not conform, 2 used
wrongly, 3 failed.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from coopgraph import __version__
from coopgraph.errors import CoopgraphError
from coopgraph.settings import from_environment

# Command → its module. A module is imported when its command is asked for: a load does not wait
# for what only the server needs.
_MODULES = {
    "load": "publishing",
    "merge": "publishing",
    "split": "publishing",
    "rebuild": "publishing",
    "backup": "upkeep",
    "restore": "upkeep",
    "doctor": "upkeep",
    "serve": "serving",
    "describe": "looking",
    "query": "looking",
    "datasets": "looking",
    "quarantine": "looking",
    "status": "looking",
    "history": "history",
    "validate": "validate",
    "check": "check",
    "template": "template",
    "standard": "standard",
}


class _Group(click.Group):
    """Finds the commands, and turns our errors into one clear line and their exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, by name."""
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, from its module."""
        if cmd_name not in _MODULES:
            return None
        found = getattr(import_module(f"coopgraph.cli.{_MODULES[cmd_name]}"), cmd_name)
        assert isinstance(found, click.Command)
        return found

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
