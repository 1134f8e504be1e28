"""What the journal takes: small edits from call to visible, reloads, rebuilds, bytes.

Generated organisations are loaded by the real command and served by the real server. Then, for
each number of them:

- Edits: one process that stays open publishes rows of one organisation each, with another name
  and telephone number (``Publisher.load`` of a part); clients ask the server's SPARQL endpoint,
  the organisation's page, and its full text, without pause until the new name is there.
- The command: the same by ``coopgraph load --part``, from start to end of the process.
- A rebuild of store and snapshot, by ``coopgraph rebuild``.
- A reload of the whole file with one row in a hundred changed, beside two ways to do without a
  journal: to drop the named graph from a plain store and load it anew (which checks, infers and
  indexes nothing), and to load the file into an empty state folder.

    python bench/journal.py --organizations 10000 100000 --edits 200
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from clients import Door, Line
from generate import FILE, SLUG, write_dataset
from pyoxigraph import RdfFormat, Store
from runs import Run, header, load_average, timed
from serving import Server, coopgraph, linked

from coopgraph import resources
from coopgraph.cli.examples import stored_examples
from coopgraph.journal import Journal
from coopgraph.namespaces import COOP, STANDARD, dataset_graph, organization_iri
from coopgraph.publish import LoadOptions, Publisher
from coopgraph.settings import from_environment
from coopgraph.standard import read_standard
from coopgraph.store import Layout
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor

PLACES = ("SPARQL", "page", "search")
REACH_S = {100_000: 1.0, 1_000_000: 2.0}  # 95 of 100 edits, at most
PAUSE_S = 0.002
PATIENCE_S = 120.0

EDITS_HEAD = """\
| organisations | edits | | p50 s | p95 s | worst s |
|---:|---:|---|---:|---:|---:|"""
EDITS_FOOT = """\
From the call until the call returns, and until each place shows it. First: the first edit of a
process, which compiles the standard. Command: `coopgraph load --part`, from start to end. In bold
where 95 of 100 took longer than is to be reached."""
SIZE_HEAD = """\
| organisations | journal MB | bytes an organisation | bytes an edit | rebuild s | rebuild peak MB |
|---:|---:|---:|---:|---:|---:|"""
RELOAD_HEAD = """\
| organisations | changed | reload s | of it comparing s | drop and load s | first load s |
|---:|---:|---:|---:|---:|---:|"""
RELOAD_FOOT = """\
reload: `coopgraph load` of the whole file, from start to end. comparing: as `--dry-run` takes.
drop and load: the named graph alone, from N-Triples that are there already, in a plain store of
the same content. first load: the same file into an empty state folder."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A row that says something new, the organisation it is about, and the name to look for."""

    row: Row
    organization: str
    name: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from the call of an edit until it returned, and until each place showed it."""

    returned: float
    places: tuple[float, ...]


# Edits ------------------------------------------------------------------------------------------


class Editor:
    """Publishes edits into one state folder, as a process that stays open does."""

    def __init__(self, home: Path, dataset: Path) -> None:
        standard = read_standard(resources.ONTOLOGY, resources.SHAPES)
        settings = replace(from_environment({}), home=home)
        self._publisher = Publisher(settings, standard, queries=stored_examples(settings.base))
        self._descriptor = read_descriptor(dataset, standard)

    def publish(self, folder: Path) -> tuple[float, float]:
        """Publish the rows in a folder; when it began and ended, by the clock of all processes."""
        began = time.monotonic()
        report = self._publisher.load(self._descriptor, folder, LoadOptions(is_part=True))
        ended = time.monotonic()
        if not report.is_new_commit:
            raise ValueError(f"{folder} says nothing new")
        return began, ended


_editor: Editor | None = None


def open_editor(home: Path, dataset: Path) -> None:
    """Make this process the one that edits."""
    global _editor
    _editor = Editor(home, dataset)


def publish(folder: Path) -> tuple[float, float]:
    """Publish by this process's editor."""
    assert _editor is not None
    return _editor.publish(folder)


class Watcher(threading.Thread):
    """Asks for something until the answer holds a text; ``seen`` is when it did."""

    def __init__(self, port: int, request: bytes, text: str) -> None:
        super().__init__(daemon=True)
        self._line, self._request, self._text = Line(port, "127.0.0.1"), request, text.encode()
        self.seen = 0.0
        self.ready = threading.Event()

    def run(self) -> None:
        """Ask until it is there, or for as long as patience lasts."""
        try:
            self._watch()
        finally:  # whoever waits for it must not wait for ever
            self.ready.set()

    def _watch(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        with closing(self._line) as line:
            while time.monotonic() < deadline:
                _, body = line.ask(self._request)
                if self._text in body:
                    self.seen = time.monotonic()
                    return
                self.ready.set()
                time.sleep(PAUSE_S)


def edits(dataset: Path, home: Path, number: int) -> list[Edit]:
    """As many rows as asked for, of published organisations drawn with a seed."""
    with (dataset / FILE).open(newline="") as source:
        rows = {row["id"].strip(): row for row in csv.DictReader(source)}
    with closing(Journal.open(Layout(home).journal)) as journal:
        known = {key: journal.organization_of(SLUG, key) for key in sorted(rows)}
        held = {head.key for head in journal.heads(SLUG)}
    keys = random.Random(1).sample([key for key in known if key in held and known[key]], k=number)
    found = []
    for place, key in enumerate(keys):
        name = f"Edited{place:05d}"
        row = {**rows[key], "alternate_name": name, "telephone": f"+1 413 555 01{place % 100:02d}"}
        found.append(Edit(row, str(known[key]), name))
    return found


def write_part(folder: Path, dataset: Path, rows: Sequence[Row]) -> None:
    """A folder with some rows of a dataset."""
    folder.mkdir(exist_ok=True)
    shutil.copy(dataset / FILE_NAME, folder)
    with (folder / FILE).open("w", newline="") as output:
        writer = csv.DictWriter(output, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def watched(server: Server, edit: Edit, publish: Callable[[], tuple[float, float]]) -> Seen:
    """Publish an edit while clients look for it in each place."""
    watchers = [Watcher(server.door.port, *looked) for looked in _looks(server.door, edit)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.ready.wait()
    began, ended = publish()
    for watcher in watchers:
        watcher.join()
        if not watcher.seen:
            sys.exit(f"{edit.name} was published and is not shown after {PATIENCE_S:.0f} s")
    return Seen(ended - began, tuple(watcher.seen - began for watcher in watchers))


def _looks(door: Door, edit: Edit) -> Iterator[tuple[bytes, str]]:
    """What to ask of each place, and the text that shows the edit."""
    node = organization_iri(STANDARD, edit.organization)
    yield door.request(f"SELECT ?name {{ {node} ?path ?name }}", "table"), edit.name
    page = f"GET /org/{edit.organization} HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n"
    yield f"{page}Accept: text/html\r\n\r\n".encode(), edit.name
    found = f'PREFIX coop: <{COOP}> SELECT ?found {{ ?found coop:search "{edit.name}" }}'
    yield door.request(found, "table"), node.value


def measure_edits(dataset: Path, home: Path, scratch: Path, number: int) -> list[Seen]:
    """Publish edits one after another while the folder is served."""
    part, spawning = scratch / "part", multiprocessing.get_context("spawn")
    with (
        coopgraph(home, scratch) as server,
        ProcessPoolExecutor(1, spawning, open_editor, (home, dataset)) as pool,
    ):
        found = []
        for edit in edits(dataset, home, number):
            write_part(part, dataset, [edit.row])
            found.append(watched(server, edit, lambda: pool.submit(publish, part).result()))
        return found


def measure_commands(dataset: Path, home: Path, scratch: Path, number: int) -> list[float]:
    """Seconds of each of some edits by the command."""
    part, found = scratch / "part", []
    for edit in edits(dataset, home, number):
        write_part(part, dataset, [{**edit.row, "alternate_name": f"By command {edit.name}"}])
        found.append(load(home, part, "--part").seconds)
    return found


# Reloads ----------------------------------------------------------------------------------------


def load(home: Path, dataset: Path, *options: str) -> Run:
    """Run ``coopgraph load``."""
    return timed("-m", "coopgraph", "--home", home, "load", dataset, "--json", *options)


def write_changed(dataset: Path, target: Path) -> int:
    """The dataset with another telephone number in each hundredth row; how many those are."""
    with (dataset / FILE).open(newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows[::100]:
        row["telephone"] = "+1 413 555 0199"
    write_part(target, dataset, rows)
    return len(rows[::100])


def drop_and_load(store: Path, scratch: Path) -> float:
    """Seconds in which a plain store drops the dataset's graph and loads it anew."""
    graph, file = dataset_graph(STANDARD, SLUG), scratch / "graph.nt"
    plain = Store(str(linked(store, scratch / "plain")))
    plain.dump(str(file), format=RdfFormat.N_TRIPLES, from_graph=graph)
    began = time.monotonic()
    plain.remove_graph(graph)
    plain.bulk_load(path=str(file), format=RdfFormat.N_TRIPLES, to_graph=graph)
    plain.flush()
    return time.monotonic() - began


# The tables -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of each table for one number of organisations."""

    edits: tuple[str, ...]
    size: str
    reload: str


def measure(number: int, chosen: argparse.Namespace, scratch: Path) -> Found:
    """Everything, for one number of organisations."""
    dataset, home = scratch / f"dataset-{number}", scratch / f"home-{number}"
    write_dataset(dataset, number, seed=1)
    first = load(home, dataset)
    journal = Layout(home).journal
    loaded_bytes = journal.stat().st_size
    seen = measure_edits(dataset, home, scratch, chosen.edits + 1)
    edited_bytes = journal.stat().st_size - loaded_bytes
    commands = measure_commands(dataset, home, scratch, chosen.commands)
    rebuilt = timed("-m", "coopgraph", "--home", home, "rebuild", "--json", watched=home)
    size = (
        f"| {number:,} | {loaded_bytes / 1e6:,.0f} | {loaded_bytes / number:,.0f} "
        f"| {edited_bytes / len(seen):,.0f} | {rebuilt.seconds:,.1f} "
        f"| {rebuilt.peak_bytes / 1e6:,.0f} |"
    )
    return Found((*edit_lines(number, seen, commands),), size, reload_line(number, scratch, first))


def edit_lines(number: int, seen: list[Seen], commands: list[float]) -> Iterator[str]:
    """The rows of the edits at one number of organisations."""
    first, *rest = seen
    most = REACH_S.get(number, float("inf"))
    shown = max(first.places)
    yield f"| {number:,} | 1 | first, everywhere | {shown:.2f} | | {shown:.2f} |"
    yield _quantiles(number, "returned", [edit.returned for edit in rest], most)
    for place, name in enumerate(PLACES):
        yield _quantiles(number, name, [edit.places[place] for edit in rest], most)
    yield _quantiles(number, "command", commands, most)


def _quantiles(number: int, name: str, seconds: Sequence[float], most: float) -> str:
    *_, late = statistics.quantiles(seconds, n=20, method="inclusive")
    text = f"{late:.2f}" if late <= most else f"**{late:.2f}**"
    middle, worst = statistics.median(seconds), max(seconds)
    return f"| {number:,} | {len(seconds)} | {name} | {middle:.2f} | {text} | {worst:.2f} |"


def reload_line(number: int, scratch: Path, first: Run) -> str:
    """The row of the reload; the state folder holds what was loaded, and edits, which it undoes."""
    home = scratch / f"home-{number}"
    load(home, scratch / f"dataset-{number}")
    changed = write_changed(scratch / f"dataset-{number}", scratch / f"changed-{number}")
    compared = load(home, scratch / f"changed-{number}", "--dry-run")
    reloaded = load(home, scratch / f"changed-{number}")
    with tempfile.TemporaryDirectory(dir=scratch) as plain:
        dropped = drop_and_load(home / "current" / "store", Path(plain))
    return (
        f"| {number:,} | {changed:,} | {reloaded.seconds:,.1f} | {compared.seconds:,.1f} "
        f"| {dropped:,.1f} | {first.seconds:,.1f} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--organizations", type=int, nargs="+", default=[10_000], metavar="N")
    parser.add_argument("--edits", type=int, default=200, metavar="N")
    parser.add_argument("--commands", type=int, default=20, metavar="N")
    parser.add_argument("--scratch", type=Path, help="folder for what is made; default: a new one")
    chosen = parser.parse_args()
    print(*header("pyoxigraph", "tantivy"), load_average(), "", sep="\n", flush=True)
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder:
        found = [measure(number, chosen, Path(folder)) for number in chosen.organizations]
    print(EDITS_HEAD, *(line for each in found for line in each.edits), "", EDITS_FOOT, sep="\n")
    print("", SIZE_HEAD, *(each.size for each in found), sep="\n")
    print("", RELOAD_HEAD, *(each.reload for each in found), "", RELOAD_FOOT, sep="\n")


if __name__ == "__main__":
    main()
