"""``coopgraph history``: what changed when, of an organisation, a record or a dataset."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any
from urllib.parse import quote

import click
from pyoxigraph import NamedNode
from rich.console import Console
from rich.table import Table

from coopgraph.cli import shared
from coopgraph.entity import label
from coopgraph.errors import StoreError, UnknownThing, UsageError
from coopgraph.history import (
    DatasetHistory,
    Entry,
    FieldChange,
    Historian,
    History,
    RecordChange,
    Said,
    Told,
    dataset_history,
    dataset_json,
    history_json,
)
from coopgraph.history.telling import NameOf
from coopgraph.journal import CommitInfo, Lookups, ask
from coopgraph.namespaces import dataset_iri
from coopgraph.settings import Settings
from coopgraph.standard.folders import standard_of
from coopgraph.store import Snapshots

_EVERYTHING = sys.maxsize  # more than any commit's number
_NUMBER = click.IntRange(1, 9_999_999)  # of a page or a commit; more is a slip of typing


@click.command()
@click.argument("thing", metavar="IRI|ID|DATASET/KEY|DATASET")
@click.option("--page", default=1, show_default=True, type=_NUMBER)
@click.option(
    "--commit",
    metavar="NUMBER",
    type=_NUMBER,
    help="All that one commit did with an organisation.",
)
@shared.as_json
@click.pass_obj
def history(settings: Settings, thing: str, page: int, commit: int | None, as_json: bool) -> None:
    """Tell what changed when: field by field for an organisation or a record, newest first, and
    in numbers for a dataset.

    Everything committed is told, served or not.
    """
    if not _is_utf8(thing):
        raise UsageError("What to tell the history of is not UTF-8.")
    path = shared.journal_path(settings)
    found = ask(path, partial(_answer, settings, thing, page, commit or 0), settings.base)
    if as_json:
        written = _written(found, settings.base)
        click.echo(json.dumps(written, ensure_ascii=False, indent=1))
    elif isinstance(found, DatasetHistory):
        _show_dataset(found)
    else:
        _show(found, thing)


def _answer(
    settings: Settings, thing: str, page: int, commit: int, lookups: Lookups
) -> History | DatasetHistory:
    base = settings.base
    slug = thing.removeprefix(dataset_iri(base, "").value)
    if lookups.is_dataset(slug, _EVERYTHING):
        _refuse_commit(commit, "a dataset")
        return dataset_history(lookups, slug, _EVERYTHING, page)
    standard = standard_of(settings)
    historian = Historian(lookups, standard, base, _EVERYTHING, _names(settings))
    if _is_record(thing):
        _refuse_commit(commit, "a record")
        dataset, key = shared.record_of(thing)
        return historian.record(dataset, _known_key(lookups, dataset, key), page)
    try:
        return historian.organization(shared.organization_of(thing), page, commit)
    except UnknownThing as error:
        hint = f" Did you mean {error.suggestion}?" if error.suggestion else ""
        raise UnknownThing(f"{error}{hint}", suggestion=error.suggestion) from None


def _is_utf8(text: str) -> bool:
    """Whether an argument was; bytes that are none come as lone surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _is_record(thing: str) -> bool:
    """Whether it is the IRI or page address of a record, or DATASET/KEY."""
    dataset, slash, _ = thing.partition("/")
    return "/record/" in thing or (slash == "/" and ":" not in dataset)


def _refuse_commit(commit: int, what: str) -> None:
    if commit:
        raise UsageError(
            f"--commit tells all that one commit did with an organisation; this is {what}. Leave "
            "it out."
        )


def _known_key(lookups: Lookups, dataset: str, key: str) -> str:
    """The key as it was typed or as IRIs have it, whichever the journal knows; keys of parts hold
    colons and commas as they are.
    """
    for candidate in (key, shared.quoted_key(key), quote(key, safe=":,%")):
        if lookups.states(dataset, candidate, _EVERYTHING, 1):
            return candidate
    return key


def _names(settings: Settings) -> NameOf:
    """How codes and organisations are called: by the snapshot where there is one."""
    try:
        return partial(label, Snapshots(settings.home).current())
    except StoreError:
        return _last_part


def _last_part(name: NamedNode) -> str:
    return name.value.rpartition("/")[2]


def _written(found: History | DatasetHistory, base: str) -> dict[str, Any]:
    """The history as JSON, and who made each commit."""
    if isinstance(found, DatasetHistory):
        content, entries = dataset_json(found, base), "commits"
        commits = [item.commit for item in found.commits]
    else:
        content, entries = history_json(found, base), "entries"
        commits = [entry.commit for entry in found.entries]
    for entry, commit in zip(content[entries], commits, strict=True):
        entry["who"] = commit.who
    return content


# For a person -------------------------------------------------------------------------------


def _show_dataset(found: DatasetHistory) -> None:
    columns = ("commit", "made", "by", "what", "edition", "table", "added", "changed", "gone")
    table = Table(*columns)
    for item in found.commits:
        commit = item.commit
        first = [str(commit.sequence), commit.at, commit.who, commit.action, commit.edition]
        for name, counts in item.tables.items():
            numbers = [f"{counts[count]:,}" for count in columns[-3:]]
            table.add_row(*map(_plain, (*first, name, *numbers)))
            first = [""] * len(first)
    shared.console().print(table)
    if found.has_more:
        click.echo(f"Older commits: --page {found.page + 1}")


def _show(found: History, thing: str) -> None:
    console = shared.console()
    name = f"{found.name}  {found.organization}" if found.organization else f"{thing}  {found.name}"
    _say(console, name, style="bold")
    if found.heir:
        _say(console, f"Merged into {found.heir}.")
    elif not found.is_listed:
        _say(console, "No source lists it any more.")
    for entry in found.entries:
        _show_entry(console, entry)
    if found.pages > 1:
        more = f"; more with --page {found.page + 1}" if found.page < found.pages else ""
        _say(console, f"\nPage {found.page} of {found.pages}{more}.")
    if found.since:
        _say(console, f"What commits before {found.since} did is left out: there is too much.")


def _show_entry(console: Console, entry: Entry) -> None:
    counts = ", ".join(f"{count:,} {kind.value}" for kind, count in entry.counts.items())
    _say(console, f"\n{_headline(entry.commit)}", style="bold")
    if entry.commit.message:
        _say(console, entry.commit.message, indent=2, style="italic")
    if sum(entry.counts.values()) > 1:
        _say(console, f"records: {counts}", indent=2)
    for old, new in dict.fromkeys((move.old, move.new) for move in entry.moves):
        _say(console, f"records went from {old} to {new}", indent=2)
    for record in entry.records:
        _show_record(console, record)
    if entry.omitted:
        more = f"{entry.omitted:,} more records are not shown; --commit {entry.commit.sequence}"
        _say(console, f"{more} shows them page by page", indent=2)


def _headline(commit: CommitInfo) -> str:
    of = f" of {commit.dataset}" if commit.dataset else ""
    edition = f", edition {commit.edition}" if commit.edition else ""
    return f"Commit {commit.sequence}, {commit.at}: {commit.action}{of}{edition}, by {commit.who}"


def _show_record(console: Console, record: RecordChange) -> None:
    change = record.change
    other = {"joined": " from ", "left": " to "}.get(change.kind.value, "")
    name = f"{change.dataset}/{change.key}"
    _say(console, f"{name} {change.kind.value}{other}{change.other if other else ''}", indent=2)
    if change.moved:
        old, new = (key or "nothing" for key in change.moved)
        _say(console, f"part of: {old} → {new}", indent=4)
    for node in record.nodes:
        _show_node(console, node)


def _show_node(console: Console, node: Told) -> None:
    """A node that is new or gone in one line, what differs in one that stays field by field."""
    if node.node and node.kind != "changed":
        texts = (f"{field.label} {_texts(field.added or field.removed)}" for field in node.fields)
        sign = "+" if node.kind == "added" else "−"
        _say(console, f"{node.node}: {sign} {'; '.join(texts)}", indent=4)
        return
    if node.node:
        _say(console, f"{node.node}, {node.which}:" if node.which else f"{node.node}:", indent=4)
    for field in node.fields:
        _say(console, _line(field), indent=6 if node.node else 4)


def _line(field: FieldChange) -> str:
    """A field as it is told: ``Street: A → B``, ``Kind: + C``, ``Homepage: − D``."""
    removed, added = _texts(field.removed), _texts(field.added)
    if removed and added:
        return f"{field.label}: {removed} → {added}"
    return f"{field.label}: + {added}" if added else f"{field.label}: − {removed}"


def _texts(values: tuple[Said, ...]) -> str:
    return ", ".join(said.text for said in values)


def _say(console: Console, text: str, *, indent: int = 0, style: str = "") -> None:
    """A line of text that may come from anywhere: no markup, nothing that steers the terminal."""
    start = "\n" if text.startswith("\n") else ""
    console.print(
        f"{start}{' ' * indent}{_plain(text)}", style=style, markup=False, highlight=False,
        soft_wrap=True,
    )  # fmt: skip


def _plain(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in one_line)
