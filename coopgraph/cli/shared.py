"""What the commands share: options, and what they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import click
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from coopgraph.checking.check import Progress
from coopgraph.cli.examples import stored_examples
from coopgraph.errors import NotPublished, UsageError
from coopgraph.journal import Journal
from coopgraph.publish import Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.folders import folders_of
from coopgraph.standard.problems import checked_standard
from coopgraph.store import Layout, current_digest

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
message = click.option(
    "--message",
    default="",
    help="Why. It is public: on /history and in “coopgraph history”.",
)
wait = click.option(
    "--wait",
    "wait_s",
    default=0.0,
    metavar="SECONDS",
    help="How long to wait while another process publishes.",
)


def sound_standard(settings: Settings) -> Standard:
    """The standard to publish with. Raises ShapeError where it is broken.

    One that the current snapshot was made with has been looked at before.
    """
    digest = current_digest(Layout(settings.home))
    return checked_standard(folders_of(settings), known_digest=digest)


def console() -> Console:
    """The terminal, or as wide as a line needs where the output goes elsewhere."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


def journal(settings: Settings) -> Journal:
    """The journal. Raises NotPublished where there is none yet."""
    return Journal.open(journal_path(settings))


def journal_path(settings: Settings) -> Path:
    """Where the journal is. Raises NotPublished where there is none yet."""
    path = Layout(settings.home).journal
    if not path.is_file():
        raise NotPublished(f"Nothing is published in {settings.home}; “coopgraph load” publishes.")
    return path


def published_descriptor(settings: Settings, dataset: str) -> str | None:
    """The descriptor that a dataset was last published with, None where it never was."""
    if not Layout(settings.home).journal.is_file():
        return None
    with closing(journal(settings)) as opened:
        return opened.descriptor(dataset)


def organization_of(name: str) -> str:
    """The id in an organisation's IRI or page address, also in that of a part of it."""
    return name.partition("#")[0].rstrip("/").rpartition("/")[2]


def record_of(name: str) -> tuple[str, str]:
    """The dataset and key in a record's IRI, page address or plain name. Raises UsageError."""
    dataset, _, key = name.rpartition("/record/")[2].partition("/")
    if not dataset or not key:
        raise UsageError(f"“{name}” names no record: write DATASET/KEY, or its IRI.")
    return dataset, key


def quoted_key(key: str) -> str:
    """A key as IRIs have it, where it was typed otherwise."""
    return quote(key, safe="%,")


@contextmanager
def publisher(
    settings: Settings, standard: Standard, wait_s: float, *, is_quiet: bool = False
) -> Iterator[Publisher]:
    """A publisher that shows its progress where a person watches."""
    queries = stored_examples(settings.base)
    with progress(is_quiet=is_quiet) as advance:
        yield Publisher(
            settings, standard, wait_s=wait_s, progress=advance, tell=warn, queries=queries
        )


def warn(what: str) -> None:
    """Tell the operator something that stops nothing."""
    click.echo(f"coopgraph: {what}", err=True)


@contextmanager
def progress(*, is_quiet: bool = False, unit: str = "rows") -> Iterator[Progress]:
    """What is told (what, rows done) and shows it where a person watches."""
    console = Console(stderr=True)
    if is_quiet or not console.is_terminal:
        yield lambda what, rows: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:,}} {unit}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def advance(what: str, rows: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.advance(tasks[what], rows)

        yield advance
