"""``serve``: have something to show, then show it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import NoReturn

import click

from coopgraph import __version__, resources
from coopgraph.cli import shared
from coopgraph.errors import JournalError, Locked, StoreError
from coopgraph.publish import LoadOptions
from coopgraph.publish.trouble import translated
from coopgraph.settings import Settings, checked, child_environment
from coopgraph.store import Layout, current_sequence
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.web.serve import check_address

# Published by the first `serve`, in this order.
BUNDLED = ("world-directory", "us-directory")
_BUNDLED_MESSAGE = "first start: bundled data"
_FIRST_WAIT_S = 600.0


@click.command()
@click.option("--host", help="Address to listen on (COOPGRAPH_HOST).")
@click.option("--port", type=int, help="Port to listen on (COOPGRAPH_PORT).")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the graph; publish the bundled data first if there is none."""
    settings = checked(
        replace(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
        )
    )
    check_address(settings)
    prepare(settings)
    click.echo(f"coopgraph {__version__} serves {settings.home} — open {settings.public_url}/")
    _become_server(settings)


def prepare(settings: Settings) -> None:
    """Have something to serve: mend what a crash left, or publish the bundled data.

    Where that cannot be mended now, on a full disk or with a damaged journal, the last snapshot is
    served, and standard error says why. Raises ShapeError where the standard is broken: better no
    answer than a wrong one.
    """
    standard = shared.sound_standard(settings)
    served = current_sequence(Layout(settings.home))
    with shared.publisher(settings, standard, wait_s=0 if served else _FIRST_WAIT_S) as publisher:
        try:
            publisher.recover()
            with translated(settings.home):
                missing = _bundled_to_publish(settings)
        except Locked:
            if not served:
                raise
            click.echo(f"A load is under way; serving commit {served} meanwhile.")
            return
        except (StoreError, JournalError) as error:
            if not served:
                raise
            click.echo(f"coopgraph: {error}\nServing commit {served} as it is.", err=True)
            return
        if missing:
            click.echo(f"Publishing the bundled data into {settings.home}.")
        for name in missing:
            descriptor = read_descriptor(resources.DATA / name, standard)
            options = LoadOptions(message=_BUNDLED_MESSAGE)
            report = publisher.load(descriptor, descriptor.folder, options)
            click.echo(f"  {report.dataset}: {report.total('published'):,} organisations")


def _become_server(settings: Settings) -> NoReturn:
    """Go on as the bare server, which has what it needs and nothing else.

    The store has threads of its own in whoever has opened it, which its forks would miss at their
    end; and what publishing took of memory is given back.
    """
    sys.stdout.flush()
    environment = child_environment(settings, os.environ)
    os.execve(sys.executable, [sys.executable, "-m", "coopgraph.web"], environment)


def _bundled_to_publish(settings: Settings) -> list[str]:
    """All of the bundled data for an empty state folder, the rest where that was cut short."""
    if not Layout(settings.home).journal.exists():
        return list(BUNDLED)
    journal = shared.journal(settings)
    commits, held = journal.commits(), journal.datasets()
    journal.close()
    if any(commit.message != _BUNDLED_MESSAGE for commit in commits):
        return []
    return [name for name in BUNDLED if name not in held]
