"""A small journal to write by hand, and the histories it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from pyoxigraph import Literal, NamedNode

from coopgraph.history import FieldChange, Historian, History
from coopgraph.iris import value_fragment
from coopgraph.journal import Commit, Journal, Lookups, State, ask, build_dictionary
from coopgraph.namespaces import STANDARD, iri
from coopgraph.publish import identities
from coopgraph.standard import Standard

Answer = TypeVar("Answer")
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
SELF = "<open:self>"


class Book:
    """A journal at a path, written commit by commit."""

    def __init__(self, path: Path, standard: Standard) -> None:
        self.path = path
        self._standard = standard
        Journal.create(path, STANDARD, build_dictionary([iri("skos:prefLabel").value])).close()

    def load(
        self,
        records: Mapping[str, str | None],
        parts: Mapping[tuple[str, str], str | None] | None = None,
        dataset: str = "a",
        edition: str = "2024",
        action: str = "load",
    ) -> int:
        """Commit states: records by key, parts by (key, parent); None removes. The action
        ``update`` is a load of a part of the dataset.
        """
        with closing(Journal.open(self.path)) as journal:
            commit = journal.begin()
            names = {(key, ""): lines for key, lines in records.items()} | dict(parts or {})
            commit.write(
                State(dataset, key, "parts" if parent else "main", parent, ("id",), (key,), lines)
                for (key, parent), lines in names.items()
            )
            commit.identify(dataset, [key for key, lines in records.items() if lines is not None])
            commit.describe(dataset, "title: A")
            report = {"main": {"read": 9, "added": len(records), "changed": 2, "gone": 1}}
            return finish(commit, action, dataset, edition, report)

    def merge(self, old: str, new: str) -> int:
        with closing(Journal.open(self.path)) as journal:
            commit = journal.begin()
            identities.merge(journal, commit, old, new)
            return finish(commit, "merge", report={"old": old, "new": new})

    def split(self, organization: str, *records: tuple[str, str]) -> int:
        with closing(Journal.open(self.path)) as journal:
            commit = journal.begin()
            new = identities.split(journal, commit, organization, records)
            return finish(commit, "split", report={"old": organization, "new": new})

    def id(self, key: str, dataset: str = "a") -> str:
        with closing(Journal.open(self.path)) as journal:
            found = journal.organization_of(dataset, key)
        assert found is not None
        return found

    def ask(self, question: Callable[[Lookups], Answer]) -> Answer:
        return ask(self.path, question, STANDARD)

    def history(
        self, organization: str, page: int = 1, at: int = 1_000, commit: int = 0
    ) -> History:
        return self.ask(
            lambda lookups: self.historian(lookups, at).organization(organization, page, commit)
        )

    def historian(self, lookups: Lookups, at: int = 1_000) -> Historian:
        return Historian(lookups, self._standard, STANDARD, at, self.name_of)

    @staticmethod
    def name_of(name: NamedNode) -> str:
        """Codes and organisations by the last part of their names, in capitals."""
        return name.value.rpartition("/")[2].upper()


def finish(
    commit: Commit,
    action: str,
    dataset: str = "",
    edition: str = "",
    report: Mapping[str, object] | None = None,
) -> int:
    """Finish a commit, an hour after the one before it."""
    return commit.finish(
        at=NOON + timedelta(hours=commit.sequence), who="somebody", action=action,
        dataset=dataset, edition=edition, message=f"{action} it", report=report or {},
    )  # fmt: skip


def told(history: History) -> list[str]:
    """A history line by line: ``commit · record · what · node · field: old → new``."""
    return [
        " · ".join(filter(None, (
            str(entry.commit.sequence), record.change.key, record.change.kind.value,
            record.change.other, node.node, node.which, _values(field),
        )))
        for entry in history.entries
        for record in entry.records
        for node in record.nodes
        for field in node.fields
    ]  # fmt: skip


def _values(field: FieldChange) -> str:
    removed, added = (", ".join(v.text for v in side) for side in (field.removed, field.added))
    return f"{field.label}: {removed} → {added}"


def said(name: str = "", street: str = "", town: str = "", **plain: str) -> str:
    """The lines of a record: its name, its address, and further values by compact name, several
    with a bar between them; IRIs in brackets.
    """
    lines = [f"{SELF} {iri('rdf:type')} {iri('coop:Organization')} ."]
    if name:
        lines.append(f"{SELF} {iri('skos:prefLabel')} {Literal(name, language='en')} .")
    if street or town:
        values = {"locn:thoroughfare": street, "locn:postName": town}
        lines += inner("locn:address", "address", "locn:Address", values)
    for path, texts in plain.items():
        for text in texts.split("|"):
            value = NamedNode(text[1:-1]) if text.startswith("<") else Literal(text)
            lines.append(f"{SELF} {iri(path)} {value} .")
    return "\n".join(sorted(lines))


def inner(path: str, kind: str, of: str, values: Mapping[str, str], name: str = "") -> list[str]:
    """An inner node, named by its content or as is said, and the line that leads to it."""
    said = [f"{iri('rdf:type')} {iri(of)}"]
    said += [f"{iri(key)} {Literal(text)}" for key, text in values.items() if text]
    node = f"<open:self#{name or value_fragment(kind, said)}>"
    return [f"{SELF} {iri(path)} {node} .", *(f"{node} {statement} ." for statement in said)]


def site(name: str, key: str) -> str:
    """The lines of a part: a site."""
    lines = inner("org:hasSite", "site", "org:Site", {"skos:prefLabel": name}, f"site-a-{key}")
    return "\n".join(sorted(lines))


@pytest.fixture
def book(tmp_path: Path, standard: Standard) -> Book:
    """A journal without commits."""
    return Book(tmp_path / "journal.sqlite", standard)
