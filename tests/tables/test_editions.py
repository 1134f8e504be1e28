"""Which file of a folder holds a table, and of which edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopgraph.errors import UsageError
from coopgraph.tables.editions import choose_file, edition_order, find_files


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).touch()
    return path


@pytest.mark.parametrize(
    ("edition", "order"),
    [
        ("2017", (2017,)),
        ("2019q1", (2019, 1)),
        ("2025Q4", (2025, 4)),
        ("2024-06", (2024, 6)),
        ("202406", (2024, 6)),
        ("2024-06-30", (2024, 6, 30)),
        ("20240630", (2024, 6, 30)),
        ("fields", None),
        ("17", None),
        ("2017 (1)", None),
        ("2017-copy", None),
        ("", None),
    ],
)
def test_editions_compare_by_their_numbers(edition: str, order: tuple[int, ...] | None) -> None:
    assert edition_order(edition) == order


def test_the_newest_edition_is_chosen(tmp_path: Path) -> None:
    folder(tmp_path, "o-2016.csv", "o-2017.csv", "o-2009q4.csv")
    chosen = choose_file(tmp_path, "o-*.csv", None)
    assert chosen is not None
    assert (chosen.path.name, chosen.edition) == ("o-2017.csv", "2017")


def test_only_editions_match_the_star(tmp_path: Path) -> None:
    folder(tmp_path, "foicu-2025q4.csv", "foicu-fields.csv", "foicu-2025q4.csv.bak", "x.csv")
    assert [item.path.name for item in find_files(tmp_path, "foicu*.csv")] == ["foicu-2025q4.csv"]


def test_a_name_without_an_edition_is_the_oldest(tmp_path: Path) -> None:
    folder(tmp_path, "foicu.csv", "foicu-2016.csv")
    found = find_files(tmp_path, "foicu*.csv")
    assert [(item.path.name, item.edition) for item in found] == [
        ("foicu.csv", ""),
        ("foicu-2016.csv", "2016"),
    ]


def test_capitals_do_not_matter(tmp_path: Path) -> None:
    folder(tmp_path, "FOICU-2025Q4.CSV", "LIST.csv")
    assert [item.edition for item in find_files(tmp_path, "foicu-*.csv")] == ["2025Q4"]
    assert len(find_files(tmp_path, "list.csv")) == 1


def test_points_in_a_pattern_are_points(tmp_path: Path) -> None:
    folder(tmp_path, "list-csv", "listXcsv")
    assert find_files(tmp_path, "list.csv") == []


def test_quarters_follow_each_other(tmp_path: Path) -> None:
    folder(tmp_path, *(f"f-{name}.csv" for name in ("2025q4", "2026q1", "2025q10", "2025q3")))
    orders = [item.order for item in find_files(tmp_path, "f-*.csv")]
    assert orders == [(2025, 3), (2025, 4), (2025, 10), (2026, 1)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("2016", "o-2016q4.csv"),
        ("2016q4", "o-2016q4.csv"),
        ("2016q3", "o-2016q1.csv"),
        ("2017", "o-2017.csv"),
        ("2017q1", "o-2017.csv"),
        ("2030", "o-2019q1.csv"),
        ("2015", None),
    ],
)
def test_an_edition_is_the_newest_file_not_after_it(
    tmp_path: Path, wanted: str, expected: str | None
) -> None:
    folder(tmp_path, "o-2016q1.csv", "o-2016q4.csv", "o-2017.csv", "o-2019q1.csv")
    chosen = choose_file(tmp_path, "o-*.csv", wanted)
    assert (chosen.path.name if chosen else None) == expected


def test_what_is_no_edition_is_refused_with_examples(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2025q4"):
        choose_file(tmp_path, "o-*.csv", "last year")


def test_of_names_that_differ_in_case_alone_the_one_as_written_is_found(tmp_path: Path) -> None:
    found = find_files(folder(tmp_path, "Members.csv", "members.csv"), "Members.csv")
    assert [item.path.name for item in found] == ["Members.csv"]
    assert len(find_files(tmp_path, "MEMBERS.csv")) == 2
