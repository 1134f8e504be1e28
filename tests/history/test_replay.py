"""Whatever happens to records and organisations, their changes lead to what the journal holds."""

from __future__ import annotations

import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from coopgraph.errors import CoopgraphError
from coopgraph.history.history import past_of
from coopgraph.history.timelines import Kind, Owners
from coopgraph.journal import Journal, Lookups
from coopgraph.standard import Standard
from tests.history.conftest import Book, said, site

KEYS = "123"
OWN = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([None, "Aster", "Birch"]), min_size=1)
PARTS = st.dictionaries(
    st.sampled_from("st"), st.tuples(st.sampled_from(KEYS), st.sampled_from([None, "Shop", "Quay"]))
)
LOADS = st.tuples(st.just("load"), OWN, PARTS)
MERGES = st.tuples(st.just("merge"), st.sampled_from(KEYS), st.sampled_from(KEYS))
SPLITS = st.tuples(st.just("split"), st.sampled_from(KEYS), st.sampled_from(KEYS))
STEPS = st.lists(st.one_of(LOADS, LOADS, MERGES, SPLITS), max_size=8)


def take(book: Book, step: tuple) -> None:  # type: ignore[type-arg]
    """Take a step, if it makes sense."""
    kind, first, second = step
    if kind == "load":
        with closing(Journal.open(book.path)) as journal:
            held = {head.key for head in journal.heads("a")}
        records = {
            key: said(name) if name else None for key, name in first.items() if name or key in held
        }
        parts = {
            (key, parent): site(name, key) if name else None
            for key, (parent, name) in second.items()
            if name or key in held
        }
        book.load(records, parts)
        return
    try:
        if kind == "merge":
            book.merge(book.id(first), book.id(second))
        else:
            book.split(book.id(first), ("a", second))
    except CoopgraphError:  # into itself, all of its records, and the like
        return


@settings(max_examples=60)
@given(STEPS)
def test_changes_lead_to_the_records_of_each_organisation(
    standard: Standard,
    steps: list[tuple],  # type: ignore[type-arg]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Book(Path(folder) / "journal.sqlite", standard)
        book.load({key: said(f"First {key}") for key in KEYS})
        for step in steps:
            take(book, step)
        with closing(Journal.open(book.path)) as journal:
            last = journal.last_sequence()
            known = {
                journal.organization_of("a", key, at) for key in KEYS for at in range(last + 1)
            }
            for organization in filter(None, known):
                for at in range(1, last + 1):
                    expected = {r.key: r.lines for r in journal.records_of(organization, at)}
                    assert book.ask(partial(replayed, organization, at)) == expected


def replayed(organization: str, at: int, lookups: Lookups) -> dict[str, str]:
    """The lines of the records that an organisation has after all its changes."""
    held: dict[str, int] = {}
    changes = past_of(lookups, Owners(lookups, at), organization, at).changes
    for change in sorted(changes, key=lambda change: change.sequence):
        assert held.pop(change.key, None) == change.before
        if change.after:
            held[change.key] = change.after
        assert (change.after is None) == (change.kind in (Kind.GONE, Kind.LEFT))
        assert bool(change.other) == (change.kind in (Kind.JOINED, Kind.LEFT))
    return {key: lookups.lines(state) for key, state in held.items()}
