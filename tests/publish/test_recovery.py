"""A load that dies anywhere, a store that is lost: the next start mends what the journal knows."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Quad

from coopgraph.errors import JournalError, Locked, NotPublished, UsageError
from coopgraph.journal import Commit, Journal
from coopgraph.namespaces import iri
from coopgraph.publish import LoadOptions, Publisher, compiled, derive
from coopgraph.publish.lock import publishing_lock
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import EmbeddedStore, Layout, Loading, Snapshots, snapshots
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation import Validator

SAMPLE = Path(__file__).parents[1] / "sample"


@pytest.fixture(scope="module")
def after(
    published_sample: Path, light: Standard, validator: Validator,
    tmp_path_factory: pytest.TempPathFactory,
) -> set[Quad]:  # fmt: skip
    """What is published when the 2024 edition of flipside was loaded and nothing went wrong."""
    home = tmp_path_factory.mktemp("after") / "home"
    shutil.copytree(published_sample, home, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "standard_validator", lambda standard: validator)
        descriptor = read_descriptor(SAMPLE / "flipside", light)
        Publisher(Settings(home=home), light).load(descriptor, descriptor.folder, LoadOptions())
        Publisher(Settings(home=home), light).rebuild()
    return timeless(set(Snapshots(home).current().store))


def timeless(quads: set[Quad]) -> set[Quad]:
    """The quads without the times of commits."""
    return {quad for quad in quads if quad.predicate != iri("dcterms:modified")}


class Died(BaseException):
    """Where a process would have been killed; nothing in coopgraph catches it."""


def dying(call: Callable[..., object], after: int = 0) -> Callable[..., object]:
    """A function that dies at its call number ``after``, counted from 0."""
    calls = 0

    def step(*values: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Died
        return call(*values, **named)

    return step


# Where a load can die: (owner, name, calls that succeed before, whether it is committed by then).
PLACES = {
    "while states are written": (Commit, "write", 1, False),
    "before identities": (Commit, "identify", 0, False),
    "before the quarantine": (Commit, "quarantine", 0, False),
    "before the commit": (Commit, "finish", 0, False),
    "after the commit": (derive.Derivation, "bring_up", 0, True),
    "before the first edit": (EmbeddedStore, "apply", 0, True),
    "between two edits": (EmbeddedStore, "apply", 1, True),
    "before the catalogue": (derive.Derivation, "_replace_catalogue", 0, True),
    "before the sequence": (EmbeddedStore, "set_sequence", 0, True),
    "after the edits": (derive.Derivation, "snapshot", 0, True),
    "while files are hashed": (snapshots, "_hashed", 0, True),
    "before the swap": (snapshots, "swap_current", 0, True),
    "after the swap": (Journal, "mark_published", 0, True),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_load_that_dies_is_whole_or_nothing(
    place, sample_home, sample, load, publisher, published, after, monkeypatch
) -> None:
    before = published.quads()
    owner, name, calls, is_committed = PLACES[place]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying(getattr(owner, name), calls))
        with pytest.raises(Died):
            load(sample / "flipside", edition="2024")
    if place != "after the swap":
        assert published.quads() == before, "half a commit is visible"
    assert publisher().recover() == (3 if is_committed else 2)
    assert timeless(published.quads()) == (after if is_committed else timeless(before))
    assert load(sample / "flipside", edition="2024").is_new_commit != is_committed
    journal = Journal.open(Layout(sample_home).journal)
    assert journal.verify() == []
    assert all(commit.published_at for commit in journal.commits())
    journal.close()


@pytest.mark.parametrize(
    "place",
    [
        (Loading, "_load"),
        (EmbeddedStore, "set_sequence"),
        (derive, "replace_folder"),
    ],
    ids=["while lines are loaded", "before the sequence", "before the swap of folders"],
)
def test_a_fresh_store_that_dies_is_built_again(
    place, sample_home, sample, load, publisher, published, after, monkeypatch
) -> None:
    before = published.quads()
    with monkeypatch.context() as patch:
        patch.setattr(derive, "LARGE_COMMIT", 0)
        patch.setattr(*place, dying(getattr(*place)))
        with pytest.raises(Died):
            load(sample / "flipside", edition="2024")
    assert published.quads() == before
    publisher().recover()
    assert timeless(published.quads()) == after


def test_the_first_load_may_die_too(
    sample, load, publisher, published, settings, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Commit, "finish", dying(Commit.finish))
        with pytest.raises(Died):
            load(sample / "flipside")
    assert publisher().recover() == 0
    assert not Layout(settings.home).current.exists()
    assert load(sample / "flipside").sequence == 1
    assert Snapshots(settings.home).current().sequence == 1


def test_a_merge_that_dies_is_whole_or_nothing(
    sample_home, publisher, published, rebuilt, monkeypatch
) -> None:
    old, new = published.id("northlight", "N4"), published.id("flipside", "F02")
    with monkeypatch.context() as patch:
        patch.setattr(Commit, "finish", dying(Commit.finish))
        with pytest.raises(Died):
            publisher().merge(old, new)
    publisher().recover()
    assert published.id("northlight", "N4") == old
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "set_sequence", dying(EmbeddedStore.set_sequence))
        with pytest.raises(Died):
            publisher().merge(old, new)
    assert publisher().recover() == 3
    assert published.quads() == rebuilt(sample_home)


@pytest.mark.parametrize("edits", [1, 2, 3])
def test_a_merge_that_dies_between_edits_is_mended(
    edits, sample_home, publisher, published, rebuilt, monkeypatch
) -> None:
    old, new = published.id("northlight", "N1"), published.id("flipside", "F01")
    before = published.quads()
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "apply", dying(EmbeddedStore.apply, edits))
        with pytest.raises(Died):
            publisher().merge(old, new)
    assert published.quads() == before
    assert publisher().recover() == 3
    assert published.quads() == rebuilt(sample_home)


# What is lost or damaged ----------------------------------------------------------------------


def remove_store(layout: Layout) -> None:
    shutil.rmtree(layout.store)


def empty_store(layout: Layout) -> None:
    shutil.rmtree(layout.store)
    layout.store.mkdir()


def spoil_current(layout: Layout) -> None:
    (layout.store / "CURRENT").write_text("nonsense")


def spoil_manifest(layout: Layout) -> None:
    for path in layout.store.glob("MANIFEST-*"):
        path.write_bytes(b"nonsense" * 50)


def spoil_tables(layout: Layout) -> None:
    """Flips bytes all over; the snapshot's links to the same files are cut first."""
    assert list(layout.store.glob("*.sst"))
    for path in layout.store.glob("*.sst"):
        content = bytearray(path.read_bytes())
        for place in range(10, len(content), 40):
            content[place] ^= 0xFF
        path.unlink()
        path.write_bytes(content)


def go_back(layout: Layout) -> None:
    """The store as of an earlier commit, as after a lost log."""
    shutil.rmtree(layout.store)
    first = sorted(layout.snapshots.iterdir())[0]
    shutil.copytree(first / "store", layout.store)


def run_ahead(layout: Layout) -> None:
    """A store that claims a commit which the journal does not have."""
    EmbeddedStore.open(layout.store, "https://w3id.org/coopgraph/").set_sequence(99)


def lose_snapshots(layout: Layout) -> None:
    shutil.rmtree(layout.snapshots)
    layout.current.unlink()


def spoil_snapshot(layout: Layout) -> None:
    (layout.current / "manifest.json").write_text("{")


def lose_current_snapshot(layout: Layout) -> None:
    """The folder alone, as by hand; ``current`` leads nowhere."""
    shutil.rmtree(layout.current.resolve())


def lose_a_file(layout: Layout) -> None:
    sorted(layout.current.glob("store/*.sst"))[0].unlink()


def shorten_a_file(layout: Layout) -> None:
    """Cuts a file short that store and snapshot share."""
    path = sorted(layout.current.glob("store/*.sst"))[0]
    os.truncate(path, path.stat().st_size // 2)


DAMAGES = [
    remove_store, empty_store, spoil_current, spoil_manifest, spoil_tables,
    go_back, run_ahead, lose_snapshots, spoil_snapshot,
    lose_current_snapshot, lose_a_file, shorten_a_file,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_the_next_load_mends_a_damaged_store(
    damage, sample_home, sample, load, published, after
) -> None:
    damage(Layout(sample_home))
    assert load(sample / "flipside", edition="2024").sequence == 3
    assert Snapshots(sample_home).current().sequence == 3
    assert timeless(published.quads()) == after


@pytest.mark.parametrize(
    "damage",
    [lose_snapshots, spoil_snapshot, lose_current_snapshot, lose_a_file, shorten_a_file],
    ids=lambda damage: damage.__name__,
)
def test_a_start_mends_a_snapshot_that_is_not_whole(
    damage, sample_home, publisher, published
) -> None:
    before = published.quads()
    damage(Layout(sample_home))
    assert publisher().recover() == 2
    assert published.quads() == before


def test_everything_but_the_journal_can_be_made_again(
    sample_home, sample, load, publisher, published, quads
) -> None:
    publisher().merge(published.id("northlight", "N4"), published.id("flipside", "F02"))
    load(sample / "flipside", edition="2024")
    before = quads(sample_home)
    for path in sample_home.iterdir():
        if not path.name.startswith("journal.sqlite"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert publisher().recover() == 4
    assert quads(sample_home) == before


def test_rebuild_makes_the_same_snapshot_again(sample_home, publisher, quads) -> None:
    before = quads(sample_home)
    assert publisher().rebuild() == 2
    assert quads(sample_home) == before


def test_the_same_files_give_the_same_names_in_another_folder(
    sample_home, sample, load, settings, quads, tmp_path
) -> None:
    other = Settings(home=tmp_path / "other")
    for name in ("northlight", "flipside", "northlight"):  # another order; N1 refers to flipside
        load(sample / name, into=other, edition="2023")

    def names(home: Path) -> set[str]:
        return {q.subject.value for q in quads(home) if "/id/" in str(q.subject)}

    assert names(sample_home) == names(other.home)


def test_recovering_what_is_well_or_absent_does_nothing(
    sample_home, publisher, settings, tmp_path
) -> None:
    link = Layout(sample_home).current.readlink()
    assert publisher().recover() == 2
    assert Layout(sample_home).current.readlink() == link
    empty = Settings(home=tmp_path / "nowhere")
    assert publisher(empty).recover() == 0
    assert not empty.home.exists()


def test_a_changed_standard_is_projected_anew(sample_home, publisher, light, published) -> None:
    fewer = replace(light, ontology=light.ontology[:10], digest="another")
    before = published.quads()
    assert publisher(standard=fewer).recover() == 2
    assert Snapshots(sample_home).current().manifest.standard_digest == "another"
    assert len(published.quads()) < len(before)
    publisher().recover()
    assert published.quads() == before


def test_a_damaged_journal_is_an_error_and_is_left_alone(sample_home, publisher) -> None:
    path = Layout(sample_home).journal
    for log in sample_home.glob("journal.sqlite-*"):
        log.unlink()
    path.write_bytes(b"nonsense" * 1_000)
    for step in (publisher().recover, publisher().rebuild):
        with pytest.raises(JournalError):
            step()
    assert path.read_bytes().startswith(b"nonsense")


def test_a_damaged_page_is_found_before_anything_is_built_from_it(
    sample_home, publisher, quads
) -> None:
    path, before = Layout(sample_home).journal, quads(sample_home)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE states SET content = zeroblob(9) WHERE key = 'F02'")
    with pytest.raises(JournalError, match=r"damaged: flipside/F02.*backup"):
        publisher().rebuild()
    assert quads(sample_home) == before


def test_a_newer_journal_is_left_alone(sample_home, sample, publisher, load, quads) -> None:
    path, before = Layout(sample_home).journal, quads(sample_home)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    content = path.read_bytes()
    for step in (publisher().recover, publisher().rebuild, lambda: load(sample / "flipside")):
        with pytest.raises(JournalError, match="schema 99.*newer version"):
            step()
    assert path.read_bytes() == content
    assert quads(sample_home) == before


def test_a_journal_without_a_commit_has_nothing_to_rebuild(
    sample, load, publisher, settings
) -> None:
    load(sample / "flipside", is_dry_run=True)
    with pytest.raises(NotPublished):
        publisher().rebuild()
    assert not Layout(settings.home).current.exists()


def test_recovering_under_another_base_is_refused(sample_home, publisher) -> None:
    with pytest.raises(UsageError):
        publisher(Settings(home=sample_home, base="https://other.example/")).recover()


def test_recovering_leaves_a_journal_alone_that_another_process_makes(
    settings, publisher, sample, light
) -> None:
    """The first load has made the file and not yet filled it when ``serve`` starts."""
    layout = Layout(settings.home)
    layout.create()
    layout.journal.touch()
    made = layout.journal.stat().st_ino
    with publishing_lock(layout.lock, 0), pytest.raises(Locked):
        publisher().recover()
    assert layout.journal.stat().st_ino == made
