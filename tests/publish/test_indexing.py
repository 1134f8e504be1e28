"""The text index of each snapshot: what a rebuild would make, edit by edit, and mended alike."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coopgraph.journal import Journal
from coopgraph.publish import Publisher, derive
from coopgraph.publish.indexing import TextIndex
from coopgraph.search import open_index, stamp_of
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import EmbeddedStore, Layout, Snapshots
from tests.publish.test_recovery import Died, dying

TEXTS = (
    "bakery boulangerie tableflip flipside aurore union credit federation coop exampleton lumiere"
    " sourdough france states zenith pancake housing savings tablflip foods worker primary"
).split()
Found = dict[str, list[str]]


def found(home: Path) -> Found:
    """What the current snapshot's index finds for each text, in order."""
    index = open_index(Snapshots(home).current().search_folder)
    assert index is not None
    return {text: [node.value for node in index.search(text, 1_000)] for text in TEXTS}


@pytest.fixture
def afresh(tmp_path: Path, light: Standard) -> Callable[[Path], Found]:
    """``afresh(home)`` → what an index finds that is built from a state folder's journal."""

    def rebuild(home: Path) -> Found:
        other = tmp_path / "afresh"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        for path in home.glob("journal.sqlite*"):
            shutil.copy(path, other)
        Publisher(Settings(home=other), light).rebuild()
        return found(other)

    return rebuild


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Notes each index that is built whole."""
    noted: list[int] = []
    fresh = TextIndex.fresh

    def note(self: TextIndex) -> object:
        noted.append(1)
        return fresh(self)

    monkeypatch.setattr(TextIndex, "fresh", note)
    return noted


def test_edits_and_merges_end_as_a_rebuild(
    sample_home, sample, load, publisher, published, afresh, built
) -> None:
    before = found(sample_home)
    assert before["bakery"] != []
    built.clear()
    load(sample / "flipside", edition="2024")
    publisher().merge(published.id("northlight", "N4"), published.id("flipside", "F02"))
    load(sample / "northlight", edition="2024")
    load(sample / "flipside", edition="2023", may_remove=True)
    assert built == [], "a small commit built the index whole"
    after = found(sample_home)
    assert after == afresh(sample_home)
    assert after != before


def test_moves_removals_and_returns_end_as_a_rebuild(dataset, load, afresh, settings) -> None:
    steps = [
        (["1,Aurore Bakery,credit-union,2", "2,Union,federation", "3,Coop,mutual"], ["s,1,Zenith"]),
        (["1,Aurore Foods,mutual,2", "2,Union,federation", "3,Coop,mutual"], ["s,2,Zenith"]),
        (["2,Union Credit,federation", "3,Coop,mutual,2"], ["s,3,Pancake"]),
        (["1,Aurore Bakery,credit-union", "2,Union,federation", "3,Coop,mutual"], []),
    ]
    seen = []
    for rows, shops in steps:
        load(dataset("list", rows, shops=shops), may_remove=True)
        seen.append(found(settings.home))
        assert seen[-1] == afresh(settings.home)
    assert [len(each["bakery"]) for each in seen] == [1, 0, 0, 1]
    assert [each["zenith"] == each["aurore"] for each in seen[:2]] == [True, False]


def test_an_edit_is_found_at_once_and_not_in_the_snapshot_before(
    dataset, load, settings, published
) -> None:
    load(dataset("list", ["1,Sunny Side,mutual", "2,Shady Side,mutual"]))
    old = Snapshots(settings.home).current()
    load(dataset("list", ["1,Rainy Side,mutual", "2,Shady Side,mutual"]))
    new = Snapshots(settings.home).current()
    indexes = [open_index(snapshot.search_folder) for snapshot in (old, new)]
    hits = [[index.search(text, 9) for index in indexes if index] for text in ("sunny", "rainy")]
    me = published.iri("list", "1")
    assert hits == [[[me], []], [[], [me]]]


def test_segments_are_linked_from_one_snapshot_to_the_next(sample_home, sample, load) -> None:
    load(sample / "flipside", edition="2024")
    old = Snapshots(sample_home).current()
    load(sample / "northlight", edition="2024")
    new = Snapshots(sample_home).current()
    kept = old.manifest.search.keys() & new.manifest.search.keys() - {"meta.json", "stamp.json"}
    assert any(name.endswith(".term") for name in kept)
    for name in kept:
        assert (old.search_folder / name).samefile(new.search_folder / name)
        assert (old.search_folder / name).samefile(Layout(sample_home).search / name)
        assert old.manifest.search[name] == new.manifest.search[name]
    assert not (new.search_folder / "meta.json").samefile(Layout(sample_home).search / "meta.json")


def test_what_is_not_merged_is_not_found(dataset, load, settings, published) -> None:
    load(dataset("open", ["1,Open Bakery,mutual"]))
    load(dataset("closed", ["1,Closed Bakery,mutual"], extra="merge: false\n"))
    assert found(settings.home)["bakery"] == [published.iri("open", "1").value]
    load(dataset("closed", ["1,Closed Bakery,mutual"], extra="merge: true\n"))
    assert len(found(settings.home)["bakery"]) == 2


def test_a_changed_standard_is_indexed_anew(sample_home, publisher, light, built) -> None:
    publisher(standard=replace(light, digest="another")).recover()
    assert built != []
    assert stamp_of(Snapshots(sample_home).current().search_folder).standard == "another"


# What is lost, damaged, or behind -------------------------------------------------------------


def remove(layout: Layout) -> None:
    shutil.rmtree(layout.search)


def spoil_meta(layout: Layout) -> None:
    (layout.search / "meta.json").write_text("{")


def lose_segments(layout: Layout) -> None:
    for path in layout.search.glob("*.store"):
        path.unlink()


def lose_stamp(layout: Layout) -> None:
    (layout.search / "stamp.json").unlink()


def run_ahead(layout: Layout) -> None:
    restamp(layout, sequence=99)


def other_form(layout: Layout) -> None:
    restamp(layout, form=0)


def restamp(layout: Layout, **values: int) -> None:
    path = layout.search / "stamp.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


DAMAGES = [remove, spoil_meta, lose_segments, lose_stamp, run_ahead, other_form]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_the_next_load_mends_a_damaged_index(damage, sample_home, sample, load, afresh) -> None:
    damage(Layout(sample_home))
    load(sample / "flipside", edition="2024")
    assert found(sample_home) == afresh(sample_home)


def test_an_index_that_is_behind_catches_up(
    sample_home, sample, load, afresh, built, tmp_path
) -> None:
    layout = Layout(sample_home)
    shutil.copytree(layout.search, tmp_path / "behind")
    load(sample / "flipside", edition="2024")
    shutil.rmtree(layout.search)
    shutil.copytree(tmp_path / "behind", layout.search)
    built.clear()
    load(sample / "northlight", edition="2024")
    assert built == []
    assert found(sample_home) == afresh(sample_home)


def test_a_large_commit_builds_the_index_anew(
    sample_home, sample, load, afresh, built, monkeypatch
) -> None:
    monkeypatch.setattr(derive, "LARGE_COMMIT", 0)
    load(sample / "flipside", edition="2024")
    assert len(built) == 1
    assert found(sample_home) == afresh(sample_home)


def test_a_snapshot_of_before_there_were_indexes_is_served_and_gets_one(
    sample_home, publisher, published
) -> None:
    layout = Layout(sample_home)
    wanted, quads = found(sample_home), published.quads()
    shutil.rmtree(layout.search)
    shutil.rmtree(layout.current / "search")
    manifest = json.loads((layout.current / "manifest.json").read_text())
    del manifest["search"]
    (layout.current / "manifest.json").write_text(json.dumps(manifest))
    old = Snapshots(sample_home).current()
    assert open_index(old.search_folder) is None
    assert set(old.store) == quads
    assert publisher().recover() == 2
    assert found(sample_home) == wanted
    assert published.quads() == quads


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (TextIndex, "bring_up"),
        (TextIndex, "entry"),
        (EmbeddedStore, "sequence"),
    ],
)
def test_a_load_that_dies_before_the_index_is_mended(
    owner, name, sample_home, sample, load, publisher, afresh, monkeypatch
) -> None:
    before = found(sample_home)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying(getattr(owner, name), 1 if name == "sequence" else 0))
        with pytest.raises(Died):
            load(sample / "flipside", edition="2024")
    assert found(sample_home) == before, "half a commit is visible"
    publisher().recover()
    assert found(sample_home) == afresh(sample_home)
    journal = Journal.open(Layout(sample_home).journal)
    assert all(commit.published_at for commit in journal.commits())
    journal.close()
