"""When an organisation was last listed, and what a dataset's commits did in numbers."""

from __future__ import annotations

import pytest

from coopgraph.errors import UnknownThing
from coopgraph.history import LastListed, dataset_history, dataset_json, last_listed
from coopgraph.history import datasets as module
from coopgraph.namespaces import STANDARD
from tests.history.conftest import Book, said, site


def when(book: Book, organization: str, at: int = 99) -> LastListed | None:
    return book.ask(lambda lookups: last_listed(lookups, organization, at))


def test_it_was_last_listed_by_the_commit_before_the_one_that_removed_it(book: Book) -> None:
    book.load({"1": said("Aster"), "2": said("Birch")}, edition="2022")
    book.load({"2": said("Birch 2")}, edition="2023")
    book.load({"1": said("Other")}, dataset="b")
    book.load({"1": None}, {("s", "2"): site("Shop", "s")}, edition="2024")
    found = when(book, book.id("1"))
    assert found is not None
    assert found.name == "Aster"
    [departure] = found.departures
    assert (departure.dataset, departure.key) == ("a", "1")
    assert (departure.listed.sequence, departure.listed.edition) == (2, "2023")
    assert (departure.gone.sequence, departure.gone.edition) == (4, "2024")


def test_a_part_lists_only_what_it_names(book: Book) -> None:
    book.load({"1": said("Aster"), "2": said("Birch")}, edition="2024")
    book.load({"2": said("Birch 2")}, edition="2025", action="update")
    book.load({"1": said("Aster 2")}, edition="2026", action="update")
    book.load({"2": said("Birch 3")}, edition="2027", action="update")
    book.load({"1": None, "2": None}, edition="2028")
    last = {key: when(book, book.id(key)) for key in ("1", "2")}
    editions = {
        key: [departure.listed.edition for departure in found.departures]
        for key, found in last.items()
        if found is not None
    }
    assert editions == {"1": ["2026"], "2": ["2027"]}


def test_a_whole_load_lists_what_it_leaves_as_it_is(book: Book) -> None:
    book.load({"1": said("Aster"), "2": said("Birch")}, edition="2024")
    book.load({"2": said("Birch 2")}, edition="2025")
    book.load({"2": said("Birch 3")}, edition="2026", action="update")
    book.load({"1": None}, edition="2027")
    found = when(book, book.id("1"))
    assert found is not None
    assert [departure.listed.edition for departure in found.departures] == ["2025"]


def test_what_is_listed_or_never_was_has_no_last_time(book: Book) -> None:
    book.load({"1": said("Aster")})
    book.load({"1": None})
    assert when(book, book.id("1"), at=1) is None
    assert when(book, "0000000001-01") is None
    book.load({"1": said("Aster")})
    assert when(book, book.id("1")) is None


def test_every_source_that_listed_it_is_named_the_latest_first(book: Book) -> None:
    book.load({"1": said("Aster")})
    aster = book.id("1")
    book.load({"9": said("Aster B")}, dataset="b")
    book.merge(book.id("9", "b"), aster)
    book.load({"1": None})
    assert when(book, aster) is None
    book.load({"9": None}, dataset="b")
    found = when(book, aster)
    assert found is not None
    assert [(d.dataset, d.gone.sequence) for d in found.departures] == [("b", 5), ("a", 4)]
    assert found.name == "Aster B"


def test_a_hidden_dataset_neither_lists_nor_names_it(book: Book) -> None:
    def last(organization: str) -> LastListed | None:
        return book.ask(lambda lookups: last_listed(lookups, organization, 99, ["b"]))

    book.load({"1": said("Aster")})
    book.load({"9": said("Secret"), "8": said("Hidden")}, dataset="b")
    aster, alone = book.id("1"), book.id("8", "b")
    book.merge(book.id("9", "b"), aster)
    assert last(aster) is None
    book.load({"1": None})
    assert when(book, aster) is None
    for _ in range(2):
        found = last(aster)
        assert found is not None
        assert (found.name, [d.dataset for d in found.departures]) == ("Aster", ["a"])
        assert last(alone) is None
        book.load({"9": None, "8": None}, dataset="b")
    assert when(book, alone) is not None


def test_a_dataset_tells_its_commits_in_numbers(book: Book) -> None:
    book.load({"1": said("Aster")}, edition="2023")
    book.load({"1": said("Other")}, dataset="b")
    book.load({"2": said("Birch")}, edition="2024")
    found = book.ask(lambda lookups: dataset_history(lookups, "a", 99))
    assert [(c.commit.sequence, c.commit.edition) for c in found.commits] == [
        (3, "2024"),
        (1, "2023"),
    ]
    assert (found.commits[0].total("added"), found.commits[0].total("gone")) == (1, 1)
    assert not found.has_more
    content = dataset_json(found, STANDARD)
    assert content["dataset"] == f"{STANDARD}id/dataset/a"
    assert content["commits"][0]["tables"]["main"]["changed"] == 2
    assert "somebody" not in str(content)


def test_a_dataset_with_many_commits_comes_in_pages(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMITS_ON_PAGE", 2)
    for number in range(5):
        book.load({"1": said(f"Aster {number}")})

    def page(number: int) -> tuple[list[int], bool]:
        found = book.ask(lambda lookups: dataset_history(lookups, "a", 4, number))
        return [item.commit.sequence for item in found.commits], found.has_more

    assert [page(1), page(2)] == [([4, 3], True), ([2, 1], False)]
    with pytest.raises(UnknownThing, match="no page 3"):
        page(3)


def test_an_unknown_dataset_is_said_to_be_unknown(book: Book) -> None:
    book.load({"1": said("Aster")})
    with pytest.raises(UnknownThing, match="“c”"):
        book.ask(lambda lookups: dataset_history(lookups, "c", 99))
